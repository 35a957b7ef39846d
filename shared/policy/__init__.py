"""The policy as data: clauses, code lists."""
