"""Which event in self-help rehabilitation may follow which, and what none of them may contain: bases, then cohorts."""

from services.disability_federation.self_help import bases, cohorts

__all__ = ["bases", "cohorts"]
