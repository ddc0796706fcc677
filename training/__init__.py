"""Training, evaluation and reports: ``python -m training``.

A program that is run from a clone, not a library. With the environment of `lunar_env` and the
pilots of `agents` it produces training runs, Parquet files and reports. Read three files first:
`train` (the course of a run), `evaluate` (how pilots fly the same episodes) and
`lunar_env.adapters.sb3` (the vector environment for Stable-Baselines3).
"""
