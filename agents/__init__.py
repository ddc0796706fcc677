"""Pilots: classical guidance on a navigation filter, and learned policies in plain NumPy.

Start with `make_pilot` and `list_pilots`; the protocol of pilots is in `base.py`. A pilot sees only
the observation: nothing here imports physics, sensors or the simulation.
"""

from .base import Pilot
from .card import PolicyCard
from .learned import LearnedPilot, load_policy, save_policy
from .registry import list_pilots, make_pilot

__all__ = [
    "LearnedPilot",
    "Pilot",
    "PolicyCard",
    "list_pilots",
    "load_policy",
    "make_pilot",
    "save_policy",
]
