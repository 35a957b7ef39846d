"""The Culture and Tourism Bureau's events need no order and contradict nothing: its book of rules is empty."""

from shared.language.rules import Rules

RULES = Rules()
