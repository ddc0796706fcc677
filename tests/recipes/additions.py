"""A scenario, a mission, a law, a reward term and an observed quantity to add."""

SCENARIO = """
base = "noisy"
name = "sluggish-unit"
title = "Sluggish unit"
description = "As noisy, with one more second of processing for every range."

extra_latency_s = {value = 1.0, source = "own", confidence = "assumed", note = "for a test"}
"""

MISSION = """
base = "hakuto-r-m2"
name = "second-try"
title = "Mission 2 with a lighter lander"
vehicle = "featherweight"
inclinometer = "bubble"
"""

LANDER = """
base = "series-1"
name = "featherweight"
title = "A lighter Series 1"

payload_kg = {value = 0.0, source = "own", confidence = "assumed", note = "for a test"}
"""

LAW = '''
"""Full thrust below a height."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .types import TerminalGains


@dataclass(frozen=True, slots=True)
class AllOrNothingGains:
    """Numbers of the law."""

    below_m: float = 700.0


@dataclass(frozen=True, slots=True)
class AllOrNothingLaw:
    """Fall freely, then burn in full."""

    gains: AllOrNothingGains = field(default_factory=AllOrNothingGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "all-or-nothing"

    def start(self, rows):
        return (np.zeros(rows, dtype=np.bool_),)

    def throttle(self, now, burning):
        return np.where(now.height < self.gains.below_m, 1.0, 0.0), burning
'''

LAW_NAMED = (
    '    "convex": ConvexLaw,\n',
    '    "convex": ConvexLaw,\n    "all-or-nothing": AllOrNothingLaw,\n',
)
LAW_IMPORTED = (
    "from .guidance.apollo import ApolloLaw\n",
    "from .guidance.all_or_nothing import AllOrNothingLaw\n"
    "from .guidance.apollo import ApolloLaw\n",
)
# A cost of time: its field, its default, and what it is.
REWARD = {
    "sim/fields.py": [("    shaping: float\n", "    shaping: float\n    haste: float\n")],
    "envs/settings.py": [
        ('        "gamma": 1.0,\n', '        "haste": 0.0,\n        "gamma": 1.0,\n')
    ],
    "sim/reward.py": [
        ("shaping=shaping)", "shaping=shaping, haste=haste)"),
        ("shaping=0.0)", "shaping=0.0, haste=0.0)"),
        ("    propellant = -scales", "    haste = -scales.haste * 0.2\n    propellant = -scales"),
    ],
}
FIELD = (
    '        Field("dr_v_up_m_s",',
    '        Field("dr_speed_m_s", "m/s", 50.0, 0.0, 10.0, "dead-reckoned speed"),\n'
    '        Field("dr_v_up_m_s",',
)
FIELD_VALUE = (
    "        dr_v_up_m_s=",
    "        dr_speed_m_s=math.sqrt(dot(believed.v, believed.v)),\n        dr_v_up_m_s=",
)
