"""The benchmark: pilots on paired landings over missions and scenarios, and its report.

`plan.py` says what is flown, `folder.py` where it is kept, `jobs.py` and `pool.py` fly it in parts,
`run.py` puts it together, and the rest makes the report.
"""
