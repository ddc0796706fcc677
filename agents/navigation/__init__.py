"""Navigation filters: from late ranges and dead reckoning to height and vertical velocity.

A filter sees only the observation. `naive.py` takes the newest range for the height now,
`delay_aware.py` refers every range to the instant at which it was measured.
"""

from agents.navigation.delay_aware import DelayAwareFilter
from agents.navigation.naive import NaiveFilter
from agents.navigation.types import Estimate, NavigationFilter

__all__ = ["DelayAwareFilter", "Estimate", "NaiveFilter", "NavigationFilter"]
