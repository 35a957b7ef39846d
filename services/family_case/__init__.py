"""The family case: files every department's events into one history for each family, and answers from it.

It knows no department. What an event means for a family's membership, and what it corrects, stands in the event's
declaration; only `flags`, which holds facts of several departments against each other, and `base_status` know types by
name.

Reading order: `domain` (an arrival, a case's record), `consumer` (bus to case), `filing` (the one transaction),
`membership` (who belongs to which family, pure), `places` and `entries` (its answers and what is filed, as tables),
`case_file` (all of one family as known on a day), `waiting` and `desk` (what is in no
history, why, and what is decided about it), `history` (a family's events folded and ordered, pure),
`flags` (what is odd in one, pure), `reading` (the one exit), `bases`, `base_status` (which events are about a base of
the self-help programme, and how it stands, pure), `base_reading` (a base's one exit), `duplicates` (who may be one
person under two numbers, pure), `duplicate_reading`, `web/` (pages and API), `audit` (replay and verification).
"""
