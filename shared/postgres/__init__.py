"""PostgreSQL: the embedded server, the database door, migrations."""
