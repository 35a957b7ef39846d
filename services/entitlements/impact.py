"""What a correction or withdrawal did: which verdicts are others since, which rested on what is no longer said.

A retraction counts on every day from when it was written down (rules A13). Its impact is what differs between what is
known on that day with it and without it: so no other event of the day is taken for its doing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import orjson

from services.disability_federation.registry.events import TransitionPlanned
from services.disability_federation.rehabilitation.events import RehabFeesSettled
from services.education.events import EducationPlanMade
from services.entitlements.comparing import pairs, said
from services.entitlements.engine import WHOLE_FAMILY, Case, Judged, judge
from services.entitlements.facts import Fact
from services.entitlements.loading import Around, Loader, read
from services.family_case.domain import Arrival, is_person
from services.family_case.history import People
from services.family_case.reading import AUDITOR, Filed, Reader, Retraction
from services.finance.events import BenefitPaid, BenefitRecovered
from shared.errors import Fault, Refused
from shared.language.catalogue import CATALOGUE, Corrects, Withdraws
from shared.log.amended import Amended, as_amended, asserted_on

PAYMENTS: tuple[type[Any], ...] = (BenefitPaid, BenefitRecovered, RehabFeesSettled)
PLANS: tuple[type[Any], ...] = (TransitionPlanned, EducationPlanMade)
RECENT = timedelta(90)
"""For how long the page of a family says that a verdict is another one because of a retraction."""
MOST = 20
"""How many retractions of a family its page looks at, the newest."""
LOT = 50
"""How many families are read at a time where one concerns everybody."""

Progress = Callable[[int, int], None]


class NoSuchRetraction(Refused):
    """There is no correction or withdrawal with this id."""

    def __init__(self) -> None:
        zh, en = "没有这一编号的更正或撤销。", "There is no correction or withdrawal with this id."
        super().__init__([Fault("no_such_retraction", "/event", zh, en)], 404)


@dataclass(frozen=True, slots=True)
class _Judgement:
    """A family judged, with what it was judged from."""

    case: Case
    people: People
    judged: list[Judged]


class Impact:
    """Answers what retractions did to families."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.queries = loader.queries

    def of(
        self, reader: Reader, purpose: str, *, event: str = "", since: date | None = None,
        effective: date | None = None, progress: Progress = lambda *_: None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return what one retraction did, or each of those written down since a day, family by family.

        Verdicts are of the day `effective`, else of the day on which it was written down. Raises NoSuchRetraction or
        AccessNotRecorded.
        """
        wanted = [
            one
            for one in self.queries.retractions()
            if (not event or one.arrival.event.id == event)
            and (since is None or asserted_on(one.arrival.event) >= since)
        ]
        if event and not wanted:
            raise NoSuchRetraction
        found = []
        for n, one in enumerate(sorted(wanted, key=_order), 1):
            progress(n, len(wanted))
            found.append(self._one(one, effective))
        families = sorted({family["family"] for one in found for family in one["families"]})
        self.queries.access.record(reader, purpose, "impact", families)
        return found

    def recent(self, filed: Filed, known: date | None, day: date, today: date) -> list[dict[str, Any]]:
        """Return which verdicts of a family are others because of the newest retractions, as known on a day.

        Only what was written down in the last RECENT days, and changed something on `day`.
        """
        last = known or today
        newest = [
            one
            for one in filed.arrivals
            if one.event.target is not None and last - RECENT <= asserted_on(one.event) <= last
        ]
        if not newest:
            return []
        now = self._judged(filed, self.loader.around(known), known, day)
        found = []
        for one in sorted(newest, key=lambda one: (asserted_on(one.event), one.place()))[-MOST:]:
            before = self._before(filed, one, known, day)
            verdicts = _verdicts(before, now, _original(filed.arrivals, one))
            if changed := [each for each in verdicts if each["changed"]]:
                found.append(_told(one, filed.arrivals) | {"verdicts": changed})
        return found

    def _one(self, one: Retraction, effective: date | None) -> dict[str, Any]:
        known = asserted_on(one.arrival.event)
        day = effective or known
        if one.family is None and is_person(one.about):
            return _told(one.arrival, []) | {"effective": day.isoformat(), "families": []}  # stands in no history yet
        if one.family is None:
            return self._everybody(one.arrival, known, day)
        filed = self.queries.filed(one.family, AUDITOR, "impact", known, day)
        families = [self._family(filed, one.arrival, known, day)]
        return _told(one.arrival, filed.arrivals) | {"effective": day.isoformat(), "families": families}

    def _family(self, filed: Filed, one: Arrival, known: date, day: date) -> dict[str, Any]:
        after = self._judged(filed, self.loader.around(known), known, day)
        before = self._before(filed, one, known, day)
        original = _original(filed.arrivals, one)
        return {
            "family": filed.number,
            "verdicts": _verdicts(before, after, original),
            "events": list(_resting(before, original, one)),
        }

    def _everybody(self, one: Arrival, known: date, day: date) -> dict[str, Any]:
        """Return what a retraction about no person did to all families: only those that it changed."""
        with_, without = self.loader.around(known), self.loader.around(known, besides=one.place())
        numbers = [family["family"] for family in self.queries.families()]
        found = []
        for at in range(0, len(numbers), LOT):
            for filed in self.queries.filed_of(numbers[at : at + LOT], day, known).values():
                before, after = (self._judged(filed, around, known, day) for around in (without, with_))
                verdicts = [each for each in _verdicts(before, after, None) if each["changed"]]
                if verdicts:
                    found.append({"family": filed.number, "verdicts": verdicts, "events": []})
        told = _told(one, self.queries.about_nobody())
        return told | {"effective": day.isoformat(), "families": found}

    def _before(self, filed: Filed, one: Arrival, known: date | None, day: date) -> _Judgement:
        """Return a family judged without one retraction.

        What says who belongs to a family changes which facts there are: then it is as known on the day before.
        """
        original = _original(filed.arrivals, one)
        if original is not None and _states(filed.arrivals, original):
            earlier = asserted_on(one.event) - timedelta(1)
            file = self.queries.case_file(filed.number, earlier)
            if file is not None and file.number == filed.number:
                return self._judged(self.queries.of_file(file, day), self.loader.around(earlier), earlier, day)
        without = replace(filed, arrivals=[other for other in filed.arrivals if other.place() != one.place()])
        return self._judged(without, self.loader.around(known), known, day)

    @staticmethod
    def _judged(filed: Filed, around: Around, known: date | None, day: date) -> _Judgement:
        case, people = read(filed, known)
        return _Judgement(case, people, judge(case, around.policy, day, around.city.until(day)))


def _order(one: Retraction) -> tuple[date, tuple[str, int]]:
    return asserted_on(one.arrival.event), one.arrival.place()


def _original(arrivals: Iterable[Arrival], one: Arrival) -> Amended | None:
    """Return the first event that a retraction amends, or amends an amendment of, if it is among these."""
    log = [other.event for other in arrivals if other.log == one.log and other.position <= one.position]
    found = next((other for other in as_amended(log) if other.event.position == one.position), None)
    while found is not None and found.original is not None:
        found = found.original
    return None if found is None or found.event.position == one.position else found


def _states(arrivals: Iterable[Arrival], original: Amended) -> bool:
    return any(one.states for one in arrivals if one.event is original.event)


def _told(one: Arrival, arrivals: Iterable[Arrival]) -> dict[str, Any]:
    """Return which event is retracted, by which, when and why."""
    effect = CATALOGUE.effect_of(one.event.type)
    reason = one.event.data.get(effect.reason) if isinstance(effect, Corrects | Withdraws) else None
    found = {
        "event": one.event.id,
        "department": one.log,
        "kind": "withdrawal" if isinstance(effect, Withdraws) else "correction",
        "recorded": asserted_on(one.event).isoformat(),
        "why": reason,
    }
    original = _original(arrivals, one)
    if original is not None:
        declaration = CATALOGUE.get(original.event.type)
        label = declaration.label if declaration else original.event.type
        recorded = asserted_on(original.event).isoformat()
        found["original"] = {"event": original.event.id, "label": label, "recorded": recorded}
    return found


def _verdicts(before: _Judgement, after: _Judgement, original: Amended | None) -> list[dict[str, Any]]:
    """Return the verdicts that differ, or that rested on what was retracted, as JSON."""
    id_ = original.event.id if original else ""
    found = []
    for pair in pairs(before.judged, after.judged):
        rested = any(fact.id == id_ for fact in pair.before.evidence)
        if not rested and not pair.differs:
            continue
        whole = pair.subject == WHOLE_FAMILY
        found.append(
            {
                "rule": pair.rule.id,
                "label": pair.rule.label,
                "subject": pair.subject,
                "who": "全家" if whole else after.people.label(pair.subject),
                "rested": rested,
                "changed": pair.differs,
                "before": said(pair.before),
                "after": said(pair.after),
            }
        )
    return found


def _resting(before: _Judgement, original: Amended | None, one: Arrival) -> Iterator[dict[str, Any]]:
    """Yield the payments and plans that rest on what was retracted, and what the department itself named as such.

    They are of its process, name it, or stand beside it under a verdict.
    """
    if original is None:
        return
    id_, process = original.event.id, original.event.attributes.get("process")
    beside = {
        fact.id
        for each in before.judged
        if any(fact.id == id_ for fact in each.verdict.evidence)
        for fact in each.verdict.evidence
    }
    named = set(orjson.loads(one.event.attributes.get("dependants") or "[]"))
    for fact in before.case.facts.all:
        if fact.id == id_ or fact.recorded < asserted_on(original.event):
            continue
        kind = "payment" if fact.cls in PAYMENTS else "plan" if fact.cls in PLANS else "other"
        of_process = bool(process) and fact.process == process
        if fact.id in named or (kind != "other" and (of_process or fact.id in beside or fact.names(id_))):
            yield _fact(fact, kind)


def _fact(fact: Fact[Any], kind: str) -> dict[str, Any]:
    label = CATALOGUE.of(fact.cls).label
    return {"event": fact.id, "kind": kind, "label": label, "day": fact.day.isoformat()}
