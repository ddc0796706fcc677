"""The base package of all compiled functions, which every other package may import.

`compile.py` has the decorators and the cache of machine code, `linalg.py` vectors and quaternions,
`rng.py` random numbers, `closed_forms.py` the analytic landings that guidance and tests share.
Nothing here depends on landers, sensors or Gymnasium. Imports: the standard library, NumPy, Numba.
"""
