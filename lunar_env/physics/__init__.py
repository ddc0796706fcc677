"""Flight dynamics as pure kernels: the six-degree-of-freedom lander above an oblate Moon.

Start with `types.py` (what a state is), then `engines.py` (from a throttle to forces),
`dynamics.py` (the equations of motion) and `integrate.py` (one tick). SI and radians throughout.
Frames: L is the landing site (origin at the target, x east, y north, z up, turning with the Moon),
B the body (origin at the centre of mass, z along the nominal thrust). Imports: math, NumPy's scalar
casts, Numba, `lunar_env.kernel`.
"""
