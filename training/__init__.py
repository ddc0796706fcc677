"""Training, evaluation and reports: ``python -m training``.

A program run from a clone, not a library: it turns the environment of `lunar_env` and the pilots of
`agents` into runs, Parquet files and reports. Three files to read first: `train` (how a run goes),
`evaluate` (how landings are flown in pairs) and `lunar_env.adapters.sb3` (the vector environment as
Stable-Baselines3 wants it).
"""
