"""The ground floor: what every compiled function stands on, open to all other packages.

`compile.py` decorates and caches, `linalg.py` and `rng.py` are vectors, quaternions and random
numbers, `closed_forms.py` holds the analytic landings that guidance and tests share. Nothing here
knows of landers, sensors or Gymnasium. Imports: the standard library, NumPy, Numba.
"""
