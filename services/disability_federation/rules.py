"""The federation's one book of rules; each room writes its own page in its `domain.py`."""

from shared.language.rules import Rules

RULES = Rules()
