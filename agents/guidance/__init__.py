"""Guidance laws, one per file, each with its source.

`velocity_profile.py` and `hoverslam.py` bring the lander to the last metres, which both fly by
`terminal.py`; `blind.py` says which height they are given while nobody knows it.
"""

from agents.guidance.hoverslam import HoverslamLaw
from agents.guidance.types import GuidanceLaw, Situation
from agents.guidance.velocity_profile import VelocityProfileLaw

__all__ = ["GuidanceLaw", "HoverslamLaw", "Situation", "VelocityProfileLaw"]
