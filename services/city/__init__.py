"""A made-up city: families, offices and bases whose stories can be recorded, to try the program on.

Everybody in it is invented. Their numbers begin with 421299 or 422399, regions that were never assigned; names, places
and organisations say that they are made up (虚构). `city.py` puts the stories in order, `story.py` is how one is told,
`life.py` what the themes of one family share; each of the other files is one theme. `calibration.py` has the numbers,
with where they come from, `faulty.py` what offices get wrong.
"""
