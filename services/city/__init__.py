"""A made-up city: families, offices and bases whose stories can be recorded, to try the program on.

Everybody in it is invented. Their numbers begin with 421299 or 422399, regions that were never assigned; names, places
and organisations begin with 虚构 or one of its like. `city.py` puts the stories in order, `story.py` is how one is told,
each of the other files is one theme; `calibration.py` has the numbers, with where they come from.
"""
