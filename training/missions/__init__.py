"""Missions with their recorded faults and with healthy sensors, flown by their own pilots.

Start with `cases.py`, which flies the landings. `log.py` measures them, `summary.py` and
`sentence.py` summarise them, `results.py` writes them, and `matrix.py` flies other pilots.
"""
