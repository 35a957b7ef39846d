"""The clauses: one file each, to be read beside the text of the policy."""
