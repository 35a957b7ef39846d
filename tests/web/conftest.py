"""The tests of a file share a database, and each finds it empty; who opens a page is signed in without a password."""

import pytest


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    """The owner's address of a migrated database without records."""
    return emptied_database_url
