"""The family case of the neighbouring tests, with verdicts beside it."""

from tests.family_case.conftest import another_hub, database_url, hub, stories

__all__ = ["another_hub", "database_url", "hub", "stories"]
