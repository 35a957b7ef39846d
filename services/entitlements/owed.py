"""What a family is owed, as the JSON document of command, API and page: on any day F, as known on any day K."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.entitlements.circumstances import Family
from services.entitlements.city import City
from services.entitlements.engine import WHOLE_FAMILY, Judged, judge_family
from services.entitlements.facts import Fact
from services.entitlements.handling import escalations, handled, processes
from services.entitlements.impact import Impact
from services.entitlements.loading import Around, Loader, read
from services.entitlements.masking import owed_seen
from services.entitlements.priority import Priority
from services.entitlements.verdicts import LIST_ORDER, Gap, State, Warned
from services.entitlements.words import explain
from services.family_case.reading import Reader
from shared.language.envelope import china_now

SETTLED = {State.MET, State.NOT_APPLICABLE, State.NOT_ELIGIBLE, State.NOT_IN_FORCE}
"""States in which nobody has to do anything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: as known on one day, as effective on another, and whether settled verdicts are wanted too."""

    known: date | None = None
    effective: date | None = None
    everything: bool = False
    person: str | None = None


class Owed:
    """Answers what families are owed."""

    def __init__(
        self, loader: Loader, clock: Callable[[], datetime] = china_now, priority: Priority | None = None
    ) -> None:
        self.loader = loader
        self.priority = priority
        self.impact = Impact(loader)
        self.clock = clock

    def open(self, family: str, reader: Reader, purpose: str, asked: Asked) -> dict[str, Any]:
        """Return the verdicts about a family and its members, the most urgent first.

        `reader` opens them for a `purpose`, and sees of them what is theirs to see. Raises NoSuchFamily.
        """
        day = asked.effective or asked.known or self.clock().date()
        filed = self.loader.queries.filed(family, reader, purpose, asked.known, day)
        case, people = read(filed, asked.known)
        around = self.loader.around(asked.known)
        beside = self._beside(around, day, asked.known)
        judged_as, judged = judge_family(case, around.policy, day, beside, briefly=not asked.everything)
        wanted = [one for one in judged if asked.everything or is_open(one)]
        document = {
            "family": case.number,
            "person": asked.person,
            "known": (asked.known or self.clock().date()).isoformat(),
            "effective": day.isoformat(),
            "verdicts": [
                as_json(one, case.number, people.label) | _handled(one, judged_as)
                for one in sorted(wanted, key=_urgency)
            ],
            "processes": processes(judged_as, people.label),
            "escalations": list(escalations(judged, judged_as, people.label)),
            "retracted": self.impact.recent(filed, asked.known, day, self.clock().date()),
        }
        return owed_seen(document, reader)

    def _beside(self, around: Around, day: date, known: date | None) -> City:
        """Return what is known beside the family, with what others were granted, if somebody keeps that."""
        return self.priority.beside(around, day, known) if self.priority else around.until(day)


def is_open(one: Judged) -> bool:
    """Whether somebody has to do something, or should look: not settled, or settled with a warning."""
    return one.verdict.state not in SETTLED or bool(one.verdict.warnings)


def _handled(one: Judged, family: Family) -> dict[str, Any]:
    """Return what was done about a verdict's gaps, if anything was."""
    found = handled(one, family)
    return {"handled": found} if found else {}


def as_json(one: Judged, family: str, label: Callable[[str], str]) -> dict[str, Any]:
    """Return a verdict as JSON; `label` calls a person by their place in the family."""
    verdict, whole = one.verdict, one.subject == WHOLE_FAMILY
    found: dict[str, Any] = {
        "rule": one.rule.id,
        "label": one.rule.label,
        "clause": one.rule.clause,
        "standing": one.rule.standing,
        "subject": {"kind": one.rule.about, "id": family if whole else one.subject},
        "who": "全家" if whole else label(one.subject),
        "state": str(verdict.state),
        "gaps": [_gap(gap) for gap in verdict.gaps],
        "warnings": [_warning(warning) for warning in verdict.warnings],
        "missing": [{"type": missing.type, "department": missing.department} for missing in verdict.missing],
        "parameters": {name: _plain(value) for name, value in sorted(verdict.parameters.items())},
        "evidence": ids(verdict.evidence),
    }
    if verdict.due is not None:
        found["due"] = verdict.due.isoformat()
    if verdict.provisional:
        found["provisional"] = True
    found["says"] = explain(one, label)
    return found


def ids(facts: Iterable[Fact[Any]]) -> list[str]:
    """Return the ids of facts, and of the corrections that made them what they are."""
    return list(dict.fromkeys(id_ for one in facts for id_ in (one.id, *one.corrected)))


def _gap(gap: Gap) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": gap.type,
        "since": gap.since.isoformat(),
        "due": gap.due.isoformat() if gap.due else None,
        "department": gap.department,
        "division": gap.division,
        "evidence": ids(gap.evidence),
    }
    if gap.held_until:
        found["held_until"] = gap.held_until.isoformat()
    if gap.missing:
        found["missing"] = gap.missing
    if gap.provisional:
        found["provisional"] = True
    return found


def _warning(warning: Warned) -> dict[str, Any]:
    found = {"type": warning.type, "since": warning.since.isoformat()}
    if warning.due:
        found["due"] = warning.due.isoformat()
    return found | {"department": warning.department, "division": warning.division}


def _plain(value: Any) -> Any:
    """Return the value of a parameter as JSON."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Decimal | date) else value


def _urgency(one: Judged) -> tuple[int, date, str, str]:
    """Order a list as a case worker reads it: by the kind of gap, then by how long it has been (rules A20)."""
    signs = [(LIST_ORDER.index(gap.type), gap.since) for gap in one.verdict.gaps]
    signs += [(LIST_ORDER.index(warning.type), warning.since) for warning in one.verdict.warnings]
    first = min(signs, default=(len(LIST_ORDER), one.verdict.due or date.max))
    return *first, one.rule.id, one.subject
