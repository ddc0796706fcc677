"""What could be landed: bounds that are the same for every pilot, and what a loss is made of.

``portfolio.py`` lists the pilots that are given the true state or the drawn parameters, ``race.py``
chooses the best on the tune domain, ``shares.py`` flies them on the episodes of a task;
``flights.py`` and ``stored.py`` keep what they land; ``explain.py`` flies losses again with one
part of the truth.
"""
