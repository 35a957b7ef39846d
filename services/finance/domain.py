"""The Finance Bureau pays what others have granted: its book of rules is empty.

Whether a payment has a decision behind it is seen in the family case, where all departments' facts meet.
"""

from shared.language.rules import Rules

RULES = Rules()
