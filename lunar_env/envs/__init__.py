"""Gymnasium environments around the simulation: one lander, or a batch in the same kernels.

`settings.py` checks what the user asked for, `simulator.py` owns the memory and calls the kernels,
`landing_env.py` and `vector_env.py` speak Gymnasium. Start with `landing_env.py`.
"""

from lunar_env.envs.landing_env import LunarLandingEnv
from lunar_env.envs.vector_env import LunarLandingVectorEnv

__all__ = ["LunarLandingEnv", "LunarLandingVectorEnv"]
