"""The pages of what families are owed, beside those of the family case."""
