"""What a pilot does while it has no range: experiments, their curves, plots and page.

Read in this order: `scenarios` (what is flown), `track` (what is recorded), `bands` (curves over
many flights), `study` (the experiments), `plots` and `page`.
"""
