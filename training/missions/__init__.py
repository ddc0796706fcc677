"""Every mission as it was flown: its own pilot on the day that it had, and on a healthy one.

Start with `cases.py`, which flies; `log.py` measures, `figures.py` and `tables.py` say what came
of it, `matrix.py` puts other pilots on the same landers.
"""
