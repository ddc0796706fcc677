"""What would have saved the landers that were lost: a page with a picture for each accident.

Start with `flights.py`, which says who flies. `study.py` flies them and counts, `results.py` keeps
the counts, `pictures.py` draws a flight of the own pilot and one that lands, `page.py` puts the
counts into the words of ``stories``.
"""
