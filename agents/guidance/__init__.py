"""Guidance laws, one per file, each with its source.

`velocity_profile.py` and `hoverslam.py` command a throttle; `e_guidance.py`, `fp2dg.py`,
`apollo.py` and `convex.py` a thrust vector. The first three of these are shapes of one family
(`polynomial.py`), flown by `flyer.py`; `lunar_module.py` is the law `apollo` of missions that have
targets (`targets.py`). All end with the last metres of `terminal.py`; `blind.py` is the descent
before the first range, `optimum.py` the minimum propellant of a landing.
"""

from .hoverslam import HoverslamLaw
from .types import GuidanceLaw, ThrottleInput
from .velocity_profile import VelocityProfileLaw

__all__ = ["GuidanceLaw", "HoverslamLaw", "ThrottleInput", "VelocityProfileLaw"]
