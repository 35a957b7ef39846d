"""How a department says which of its events may follow which, and what an event may not contain.

A department's `domain.py` holds one `Rules` object. Rules look only at the department's own history: another
department's facts never stand in the way of recording (they are gaps for the family case, not refusals).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from shared.errors import Fault
from shared.language.catalogue import CATALOGUE

Same = Literal["process", "person"]
Invariant = Callable[[Any], Iterator[Fault]]


class Past(Protocol):
    """What a rule may ask of the department's own log."""

    def has(self, type_name: str, *, same: Same) -> bool:
        """Whether an event of this type, not withdrawn, is on record for the same process or person."""


@dataclass(frozen=True, slots=True)
class _After:
    needs: tuple[type[Any], ...]
    same: Same


class Rules:
    """The order and the invariants of one department's events."""

    def __init__(self) -> None:
        self._after: dict[type[Any], list[_After]] = {}
        self._invariants: dict[type[Any], list[Invariant]] = {}

    def after(self, said: type[Any], *needs: type[Any], same: Same) -> None:
        """Require that one of `needs` is on record, in the same process or for the same person, before `said`."""
        self._after.setdefault(said, []).append(_After(needs, same))

    def invariant(self, said: type[Any]) -> Callable[[Invariant], Invariant]:
        """Decorate a function that yields the faults inside one event of this class."""

        def keep(check: Invariant) -> Invariant:
            self._invariants.setdefault(said, []).append(check)
            return check

        return keep

    def faults(self, said: Any, past: Past, *, legacy: bool) -> Iterator[Fault]:
        """Yield every reason why this event contradicts itself or the department's own history.

        `legacy` (imported history) waives the order, never the shape.
        """
        yield from _refusal_without_reason(said)
        for check in self._invariants.get(type(said), ()):
            yield from check(said)
        if legacy:
            return
        for rule in self._after.get(type(said), ()):
            if not any(past.has(CATALOGUE.of(need).type, same=rule.same) for need in rule.needs):
                yield _out_of_order(rule)


def years_later(day: date, years: int) -> date:
    """Return the same day years later; 29 February becomes 28 February in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _refusal_without_reason(said: Any) -> Iterator[Fault]:
    """Refuse a refusal without a reason: the family must be told why. It holds for every decision."""
    if getattr(said, "decision", "") == "refused" and getattr(said, "refuse_reason", "") is None:
        yield Fault(
            "refusal_without_reason",
            "/data/refuse_reason",
            "不予同意的决定须写明原因。",
            "A refusal must give its reason.",
        )


def _out_of_order(rule: _After) -> Fault:
    labels = "或".join(f"“{CATALOGUE.of(need).label}”" for need in rule.needs)
    types = " or ".join(CATALOGUE.of(need).type for need in rule.needs)
    where = {"process": ("同一办件编号", "the same process"), "person": ("同一人员", "the same person")}[rule.same]
    pointer = "/process" if rule.same == "process" else "/subject"
    return Fault(
        "out_of_order",
        pointer,
        f"顺序不符:本部门尚无{where[0]}的{labels}记录。",
        f"Out of order: this department has no {types} on record for {where[1]}.",
    )
