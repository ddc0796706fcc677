"""Guidance laws, one per file, each with its source.

`velocity_profile.py` and `hoverslam.py` command a throttle; `e_guidance.py`, `fp2dg.py`,
`apollo.py` and `convex.py` a thrust vector. The first three of these are shapes of one family
(`polynomial.py`), flown by `flyer.py`; `lunar_module.py` is what `apollo` means on a mission with
targets of its own (`targets.py`). All end in the last metres of `terminal.py`; `blind.py` says
which height they are given while nobody knows it, `optimum.py` what a landing costs at least.
"""

from .hoverslam import HoverslamLaw
from .types import GuidanceLaw, Situation
from .velocity_profile import VelocityProfileLaw

__all__ = ["GuidanceLaw", "HoverslamLaw", "Situation", "VelocityProfileLaw"]
