"""Navigation filters: from late ranges and dead reckoning to height, place and velocity.

A filter sees only the observation. `naive.py` takes the newest range for the height now,
`apollo.py` is the rule that flew on Apollo, `kalman.py` refers every sample to the instant at which
it was measured; `latched` is that with a gate that never opens again. `oracle.py` reads the truth
and is for bounds alone. `belief.py` hands what a filter believes to a learner.
"""

from .apollo import ApolloFilter
from .gains import KalmanGains
from .kalman import KalmanFilter, latched_filter
from .naive import NaiveFilter
from .oracle import OracleFilter
from .types import Estimate, NavigationFilter

__all__ = [
    "ApolloFilter",
    "Estimate",
    "KalmanFilter",
    "KalmanGains",
    "NaiveFilter",
    "NavigationFilter",
    "OracleFilter",
    "latched_filter",
]
