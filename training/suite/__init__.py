"""The suite: named tasks on which pilots are compared, and their leaderboard.

The tasks are in ``training/suite.toml``. Landings are flown as in `training.benchmark`.
"""
