"""The benchmark: pilots in missions and scenarios on the same episodes, and its report.

`plan.py` defines what is flown and `folder.py` the files; `jobs.py` and `pool.py` fly the landings
in parts, `run.py` combines them, and the other modules make the report.
"""
