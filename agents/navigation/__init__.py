"""Navigation filters: from late ranges and dead reckoning to height, position and velocity.

A filter sees only the observation. `naive.py` uses the newest range as the present height,
`apollo.py` is the rule that flew on Apollo, `kalman.py` refers every measurement to the time at
which it was taken; `latched` is that with a gate that never opens again. `oracle.py` reads the true
state, `informed.py` the drawn parameters: for bounds only. `belief.py` adds the estimate of a
filter to the observations of a learner.
"""

from .apollo import ApolloFilter
from .gains import KalmanGains
from .informed import InformedFilter
from .kalman import KalmanFilter, latched_filter
from .naive import NaiveFilter
from .oracle import OracleFilter
from .types import Estimate, NavigationFilter

__all__ = [
    "ApolloFilter",
    "Estimate",
    "InformedFilter",
    "KalmanFilter",
    "KalmanGains",
    "NaiveFilter",
    "NavigationFilter",
    "OracleFilter",
    "latched_filter",
]
