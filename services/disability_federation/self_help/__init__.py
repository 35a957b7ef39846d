"""Self-help rehabilitation: bases and those who teach there, cohorts, and the persons who take part (clauses SH-*)."""
