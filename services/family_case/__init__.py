"""The family case: files every department's events into one history for each family, and answers from it.

It knows no department and no event type by name: what an event means for a family's membership, and what it corrects,
stands in the event's declaration.
"""
