"""The family case's web: a query API and one plain page for a family."""
