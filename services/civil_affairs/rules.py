"""The one book of rules of the Civil Affairs Bureau; each of its pages is a file of its own."""

from shared.language.rules import Rules

RULES = Rules()
