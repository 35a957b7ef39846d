"""What a rule answers: a state, gaps and warnings, what is missing, and what all of that rests on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from services.entitlements.facts import Fact


class State(StrEnum):
    """The eleven states of a rule for one subject on one day (rules A4)."""

    NOT_IN_FORCE = "NOT_IN_FORCE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    ELIGIBLE_NOT_APPLIED = "ELIGIBLE_NOT_APPLIED"
    PENDING = "PENDING"
    MET = "MET"
    GAP = "GAP"
    LAPSED = "LAPSED"
    HELD = "HELD"


OVERDUE = ("G3", "G2", "G9", "G1", "G8")
"""Gaps that make a state GAP while nobody holds them; G4 makes it LAPSED. G8 is a gap of E31 and E33 alone."""
LIST_ORDER = ("G3", "G4", "G2", "G9", "G1", "G6", "G5", "G8", "G7")
"""The order of a family's list (rules A20)."""
CITY_DPF = ("DPF", "421200")
"""Who supervises: the city's federation."""


@dataclass(slots=True)
class Gap:
    """Something overdue or missing: since when, what was due when, which department of which division acts."""

    type: str
    since: date
    due: date | None
    department: str
    division: str | None
    evidence: list[Fact[Any]] = field(default_factory=list)
    missing: str | None = None
    held_until: date | None = None
    provisional: bool = False


@dataclass(slots=True)
class Warned:
    """Something that will be lost, went against a priority, or does not fit together."""

    type: str
    since: date
    due: date | None = None
    department: str = "DPF"
    division: str | None = "421200"
    evidence: list[Fact[Any]] = field(default_factory=list)


@dataclass(slots=True)
class Missing:
    """A fact that is needed and not there, and the department that has it."""

    type: str
    department: str


@dataclass(slots=True)
class Verdict:
    """The answer of one rule about one subject, as known on one day and effective on another.

    `due` is what the running clock runs to, or the earliest day still open. `evidence` are the facts that led to it.
    """

    state: State
    due: date | None = None
    gaps: list[Gap] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    evidence: list[Fact[Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    provisional: bool = False
    because: dict[str, Any] = field(default_factory=dict)
    """What the sentence that explains it says: values by name."""


def add_to(evidence: list[Fact[Any]], facts: Iterable["Fact[Any] | Iterable[Fact[Any]] | None"]) -> None:
    """Add facts to what something rests on, each once."""
    for one in facts:
        some = [one] if isinstance(one, Fact) else one or ()
        evidence += [each for each in some if each not in evidence]
