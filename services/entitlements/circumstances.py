"""What follows for a family and each of its persons from the facts known on K, on the day F: who they are, what holds.

A `Family` stands on one day. What several rules ask is worked out once, when it is first asked. Every answer is a fact
or names the facts that led to it, so that a verdict can cite them. Source: rules A14 to A19.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

from services.civil_affairs.events import (
    DibaoDecided,
    DibaoReviewed,
    DibaoTerminated,
    HouseholdEconomyChecked,
    MarginalFamilyDecided,
    MarginalFamilyEnded,
    TekunDecided,
    TekunTerminated,
)
from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    ConsentRecorded,
    ConsentWithdrawn,
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    FamilyCaseOpened,
    FamilyMemberAdded,
    FamilyMemberRemoved,
    GuardianDesignated,
    HouseholdMoved,
    MemberRelationRecorded,
    NeedsSurveyed,
    PersonDeceased,
    RightsInformed,
    ServiceDeclined,
)
from services.disability_federation.rehabilitation.events import (
    DiagnosisReported,
    RehabAidDecided,
    RehabEnded,
    RehabStarted,
)
from services.entitlements.certificates import Certificate, Certificates
from services.entitlements.city import CITY_CODE, NOWHERE, City
from services.entitlements.facts import Fact, Facts
from services.entitlements.policy import Policy
from services.hrss.events import EmploymentEnded, EmploymentStarted
from shared.policy.calendar import add_months, birthday, first_of, last_of, month_of, next_month

T = TypeVar("T")

PARENT = "50"
"""The relation of a parent, among those of the code list REL."""
APPROVED = "approved"
FAMILY_DIBAO = "family"
_ALWAYS = date.max - timedelta(1)
"""The last day of what has none, and has a day after it."""


Span = tuple[str, date, date]
"""A person belongs to the family from a day until another, on which they no longer do."""


@dataclass(slots=True)
class Member:
    """A person of the family: since when and until when, where they are registered, and what says so."""

    person: str
    since: date
    until: date | None = None
    hukou: str | None = None
    facts: list[Fact[Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Need:
    """A need that somebody named: since when, and the surveys of the unbroken run that name it."""

    since: date
    facts: tuple[Fact[Any], ...]


@dataclass(frozen=True, slots=True)
class Decline:
    """Somebody declined a service: from a day until another, both included; on `ended` it counts no more."""

    since: date
    until: date
    ended: date
    fact: Fact[Any]


class Once:
    """What was answered about days, each worked out once, with the parameters that it read: every verdict names them.

    What is returned is kept, and must not be changed.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._kept: dict[Any, tuple[Any, dict[str, Any]]] = {}

    def __call__(self, ask: Callable[[str, date], T], about: str, day: date) -> T:
        """Return the answer to a question about somebody on a day."""
        key = ask.__name__, about, day.toordinal(), type(day) is date
        used, policy = self._policy.used, self._policy
        kept = self._kept.get(key)
        if kept is None:
            policy.used = {}
            kept = self._kept[key] = ask(about, day), policy.used
            policy.used = used
        used.update(kept[1])
        found: T = kept[0]
        return found


class Family:
    """One family on the day `on`, from the facts known on K that count by then.

    `born` gives birth dates by person, `city` what is known beside the family, `spans` who belonged to it when; without
    them the family's own facts say so. `numbers` are other tokens of its persons: what is about nobody names those too.
    """

    def __init__(
        self,
        number: str,
        facts: Facts,
        policy: Policy,
        on: date,
        born: Mapping[str, date],
        city: City = NOWHERE,
        spans: Collection[Span] | None = None,
        numbers: Mapping[str, str] | None = None,
    ) -> None:
        self._spans = spans
        self.numbers = numbers or {}
        self.number = number
        self.facts = facts
        self.policy = policy
        self.on = on
        self.born = born
        self.city = city
        self._persons: dict[str, Person] = {}
        self.once = Once(policy)

    def written_by(self, day: date) -> "Family":
        """Return the family by what had been written down by a day, on that day, if it is not later than its own."""
        on = min(day, self.on)
        facts = Facts(one for one in self.facts.all if one.recorded <= day).until(on)
        return Family(self.number, facts, self.policy, on, self.born, self.city, self._spans, self.numbers)

    def let_go(self) -> None:
        """Forget all that was worked out: its persons hold the family, and it holds them. Nothing can be asked then."""
        for one in (*self._persons.values(), self):
            one.__dict__.clear()

    # -- the case

    @cached_property
    def opening(self) -> Fact[FamilyCaseOpened] | None:
        """The opening of the family's first case."""
        found = self.facts.of(FamilyCaseOpened)
        return found[0] if found else None

    @cached_property
    def opened(self) -> date:
        """The day on which the family's first case was opened."""
        return self.opening.day if self.opening else date.max

    @cached_property
    def county(self) -> str | None:
        """The county that holds the case (rules A14)."""
        return self.county_on(self.on)

    def county_on(self, day: date) -> str | None:
        """Return the county that held the case on a day."""
        found = self.opening.event.division if self.opening else None
        for one in self.facts.of(CaseTransferAccepted):
            if one.day <= day:
                found = one.event.accepted_division
        return found

    @property
    def held_by(self) -> list[Fact[Any]]:
        """What says which county holds the case: its opening, and the transfers that were accepted."""
        return [*([self.opening] if self.opening else []), *self.facts.of(CaseTransferAccepted)]

    @cached_property
    def head(self) -> str:
        """The head of the household."""
        return self.opening.event.head if self.opening else ""

    def param(self, name: str, on: date | None = None) -> Any:
        """Return a parameter's value in the county that holds the case, on this day or another."""
        return self.policy.value(name, self.county, on or self.on)

    # -- who belongs to it

    @cached_property
    def everyone(self) -> dict[str, Member]:
        """Everybody who ever belonged to it, by person."""
        found: dict[str, Member] = {}
        for one in self.facts.of(FamilyCaseOpened, FamilyMemberAdded, FamilyMemberRemoved, PersonDeceased):
            event = one.event
            match event:
                case FamilyCaseOpened():
                    for person in event.members:
                        found.setdefault(person, Member(person, one.day, facts=[one]))
                case FamilyMemberAdded():
                    found[event.person] = Member(event.person, one.day, facts=[one])
                case FamilyMemberRemoved() if event.person in found:
                    found[event.person].until = one.day
                    found[event.person].facts.append(one)
                case PersonDeceased() if one.subject in found:
                    found[one.subject].until = min(found[one.subject].until or one.day, one.day)
                    found[one.subject].facts.append(one)
        members = found if self._spans is None else self._by_spans(found, self._spans)
        for relation in self.facts.of(MemberRelationRecorded):
            if member := members.get(relation.subject):
                member.hukou = relation.event.hukou_division or member.hukou
                member.facts.append(relation)
        return members

    def _by_spans(self, found: dict[str, Member], spans: Collection[Span]) -> dict[str, Member]:
        """Return who belonged to the family by the day: whom its own facts name may belong to another one."""
        known: dict[str, Member] = {}
        for person, begins, ends in sorted(spans, key=lambda span: span[1:]):
            if begins <= self.on:
                member = found.get(person) or Member(person, max(begins, self.opened))
                member.until = None if ends == date.max else ends
                known[person] = member
        return {person: known[person] for person in (*found, *known) if person in known}

    def belongs(self, person: str, day: date) -> bool:
        """Whether a person was a living member of the family on a day. Who left that day is no longer one."""
        member = self.everyone.get(person)
        return member is not None and (member.until is None or day < member.until)

    def belonged(self, person: str, day: date) -> bool:
        """Whether a person had joined the family by a day, and not left it; its first members ever since."""
        member = self.everyone.get(person)
        return member is not None and self.belongs(person, day) and member.since <= max(day, self.opened)

    @cached_property
    def members(self) -> list["Person"]:
        """The living members."""
        return [self.person(one) for one in self.everyone if self.belongs(one, self.on)]

    def person(self, token: str) -> "Person":
        """Return a person as they stand in this family on this day."""
        if token not in self._persons:
            self._persons[token] = Person(self, token)
        return self._persons[token]

    @cached_property
    def children(self) -> list["Person"]:
        """The living members who are children (P-CHILD-AGE)."""
        return [one for one in self.members if one.is_child]

    @cached_property
    def disabled_children(self) -> list["Person"]:
        """The living members who are disabled children."""
        return [one for one in self.members if one.is_disabled_child]

    def boundary(self, day: date) -> list["Person"]:
        """Return the members who count as one household on a day (P-HOUSE-BOUNDARY)."""
        return [self.person(one) for one in self.everyone if self.in_household(one, day)]

    def in_household(self, person: str, day: date) -> bool:
        """Whether a person was a living member of the household on a day (P-HOUSE-BOUNDARY)."""
        return self.once(self._in_household, person, day)

    def _in_household(self, person: str, day: date) -> bool:
        if not self.belonged(person, day):
            return False
        if self.param("P-HOUSE-BOUNDARY", day) == "hukou":
            return self.everyone[person].hukou in {None, self.hukou_county}
        said = [coresident for since, coresident in self.coresidence.get(person, ()) if since <= day]
        return said[-1] if said else True

    @cached_property
    def coresidence(self) -> dict[str, list[tuple[date, bool]]]:
        """Since when each person lives with the others or not, as far as that was said; it may be before the case."""
        found = defaultdict[str, list[tuple[date, bool]]](list)
        for one in self.facts.of(FamilyMemberAdded, MemberRelationRecorded):
            event = one.event
            match event:
                case FamilyMemberAdded():
                    found[event.person].append((one.day, event.coresident))
                case MemberRelationRecorded():
                    found[one.subject].append((one.day, event.coresident))
        return found

    def disabled(self, day: date) -> list["Person"]:
        """Return the disabled members of the household on a day."""
        return self.once(self._disabled, "", day)

    def _disabled(self, _: str, day: date) -> list["Person"]:
        return [one for one in self.boundary(day) if one.disabled_on(day)]

    # -- where it belongs

    @cached_property
    def hukou_county(self) -> str | None:
        """The county of the household's registration."""
        event = self.opening.event if self.opening else None
        found = (event.hukou_division or event.division) if event else None
        for one in self.facts.of(HouseholdMoved):
            if one.event.move_kind == "hukou" and not one.event.persons:
                found = one.event.to_division
        return found

    # -- what holds for it

    def recognition(self, day: date | None = None) -> tuple[date, list[Fact[Any]]] | None:
        """Return since when the family is recognised as a difficult one on a day, and by what; None when it is not."""
        day = day or self.on
        since, because = None, list[Fact[Any]]()
        changes: list[tuple[date, int, Fact[Any]]] = [
            (one.event.effective_from, 1, one) for one in self.facts.of(DifficultFamilyRecognised)
        ]
        changes += [(one.day, 0, one) for one in self.facts.of(DifficultFamilyEnded)]
        for from_, begins, one in sorted(changes, key=lambda change: (*change[:2], change[2].order)):
            if from_ > day:
                continue
            if not begins:
                since, because = None, []
            else:
                since, because = since or from_, [*because, one]
        return (since, because) if since else None

    @cached_property
    def difficult(self) -> tuple[date, list[Fact[Any]]] | None:
        """Since when it is recognised as difficult, and by what (rules A16)."""
        return self.recognition()

    @property
    def recognised_by(self) -> list[Fact[Any]]:
        """What recognises the family; nothing when it is not."""
        return self.difficult[1] if self.difficult else []

    def dibao(self, day: date | None = None, types: Iterable[str] = (FAMILY_DIBAO,)) -> list[Fact[DibaoDecided]]:
        """Return the grants of dibao in force on a day, of these types (rules A17)."""
        day = day or self.on
        return [
            one
            for one in self.facts.of(DibaoDecided)
            if one.event.decision == APPROVED
            and one.event.dibao_type in types
            and one.day <= day
            and ((last := self.dibao_until(one)) is None or month_of(day) <= last)
        ]

    def dibao_until(self, grant: Fact[DibaoDecided]) -> str | None:
        """Return the last month that a grant covers, when it was ended by now."""
        end = self.dibao_end(grant)
        if end is None:
            return None
        if isinstance(end.event, DibaoTerminated):
            return end.event.effective_to
        return next_month(end.event.effective_from or month_of(end.day), -1)

    def dibao_end(self, grant: Fact[DibaoDecided]) -> Fact[Any] | None:
        """Return what ended a grant: a termination, or a review that stopped it."""
        for one in self.facts.of(DibaoTerminated, DibaoReviewed):
            stops = isinstance(one.event, DibaoTerminated) or (
                isinstance(one.event, DibaoReviewed) and one.event.result == "stop"
            )
            if stops and one.process == grant.process and one.made > grant.made:
                return one
        return None

    @cached_property
    def economy(self) -> Fact[HouseholdEconomyChecked] | None:
        """The newest check of its income and property."""
        return self.facts.last(HouseholdEconomyChecked)

    @cached_property
    def marginal(self) -> Fact[MarginalFamilyDecided] | None:
        """The recognition as a marginal family that is in force."""
        return self.marginal_on(self.on)

    def marginal_on(self, day: date) -> Fact[MarginalFamilyDecided] | None:
        """Return the recognition as a marginal family in force on a day."""
        found = None
        for one in self.facts.of(MarginalFamilyDecided):
            event = one.event
            if event.decision == APPROVED and (event.valid_from or one.day) <= day <= (event.valid_to or date.max):
                found = one
        if found is not None:
            ends = (one for one in self.facts.of(MarginalFamilyEnded) if one.order > found.order and one.day <= day)
            if any(True for _ in ends):
                return None
        return found

    @cached_property
    def marginal_over(self) -> tuple[date, list[Fact[Any]]] | None:
        """Since when no recognition as a marginal family is in force any more; None where one is, or never was."""
        approved = [one for one in self.facts.of(MarginalFamilyDecided) if one.event.decision == APPROVED]
        begun = [one for one in approved if (one.event.valid_from or one.day) <= self.on]
        if self.marginal or not begun:
            return None
        last = begun[-1]
        ends: list[tuple[date, list[Fact[Any]]]] = [
            (one.day, [last, one]) for one in self.facts.of(MarginalFamilyEnded) if one.order > last.order
        ]
        if last.event.valid_to:
            ends.append((day_after(last.event.valid_to), [last]))
        return min(ends, key=lambda one: one[0])

    # -- what it asks for and declines

    def need(self, code: str, person: str | None = None) -> Need | None:
        """Return a need of a person, or of the family, by the newest survey that reaches them (rules A19)."""
        runs = [self._run(code, reached) for reached in self._reached(person)]
        found = [one for one in runs if one is not None]
        return min(found, key=lambda one: one.since, default=None)

    def surveys(self, person: str | None = None) -> list[Fact[NeedsSurveyed]]:
        """Return the surveys that reach a person; for the family, all of them."""
        every = self.facts.of(NeedsSurveyed)
        return [one for one in every if person is None or one.event.for_person in {None, person}]

    def _reached(self, person: str | None) -> list[list[Fact[NeedsSurveyed]]]:
        if person is not None:
            return [self.surveys(person)]
        every = self.surveys()
        everyone = {one.event.for_person for one in every if one.event.for_person}
        # what was asked for one person alone says nothing of what the others need
        return [[one for one in every if not one.event.for_person], *(self.surveys(one) for one in sorted(everyone))]

    def _run(self, code: str, surveys: list[Fact[NeedsSurveyed]]) -> Need | None:
        run: list[Fact[Any]] = []
        for one in reversed(surveys):
            if code not in one.event.needs:
                break
            run.append(one)
        return Need(run[-1].day, tuple(reversed(run))) if run else None

    def declines(self, need: str, person: str | None, ended_by: Iterable[Fact[Any]] = ()) -> list[Decline]:
        """Return what was declined of a need, by who may: the person, a guardian, or for the family its head too.

        A new claim or delivery (`ended_by`), or a new survey naming the need, ends it early (rules A11).
        """
        return [
            self._until(one, one.event.until, need, person, ended_by)
            for one in self.facts.of(ServiceDeclined, subject=person)
            if one.event.need == need and self._may_decline(one, person)
        ]

    def informed(self, need: str, person: str, ended_by: Iterable[Fact[Any]] = ()) -> list[Decline]:
        """Return the answers of those who were told of a right and did not want it: they count as declines."""
        return [
            self._until(one, None, need, person, ended_by)
            for one in self.facts.of(RightsInformed, subject=person)
            if one.event.need == need and one.event.answer == "declined"
        ]

    def _until(
        self, decline: Fact[Any], said: date | None, need: str, person: str | None, ended_by: Iterable[Fact[Any]]
    ) -> Decline:
        """Return until when a decline counts, if nothing ends it early: what was said, else P-DECLINE-M."""
        until = said or add_months(decline.day, self.param("P-DECLINE-M", decline.day))
        ends = [*ended_by, *(one for one in self.surveys(person) if need in one.event.needs)]
        early = min((end.day for end in ends if end.order > decline.order and end.day <= until), default=None)
        return Decline(decline.day, early - timedelta(1) if early else until, early or until, decline)

    def _may_decline(self, decline: Fact[ServiceDeclined], person: str | None) -> bool:
        """Whether a decline counts: who said so is the person, a guardian, or for the family its head or any guardian.

        The guardians of that day count, also where others have followed them since. Where none is on record, anyone of
        the family may decline.
        """
        by = decline.event.declined_by
        if person is None:
            guardians = {one.event.guardian for one in self.facts.of(GuardianDesignated) if one.day <= decline.day}
            may = {self.head, *guardians}
        else:
            guardians = self.person(decline.subject).guardians_on(decline.day)
            may = {decline.subject, *guardians}
        return by in may or (not guardians and by in self.everyone)


class Person:
    """A member of a family on its day."""

    def __init__(self, family: Family, token: str) -> None:
        self.family = family
        self.token = token
        self.on = family.on
        self.once = family.once
        self._own = family.facts.about(token)
        self.born: date | None = family.born.get(token)

    def facts(self, *classes: type[Any]) -> list[Fact[Any]]:
        """Return the facts of these classes that are about this person, in their order."""
        if len(classes) == 1:
            return self._own.get(classes[0], [])
        return self.family.facts.of(*classes, subject=self.token)

    def last(self, *classes: type[Any]) -> Fact[Any] | None:
        """Return the newest fact of these classes that is about this person."""
        found = self.facts(*classes)
        return found[-1] if found else None

    def told(self, *classes: type[Any]) -> bool:
        """Whether any fact of these classes is about this person."""
        return not self._own.keys().isdisjoint(classes)

    def param(self, name: str, on: date | None = None) -> Any:
        """Return a parameter's value in the county that holds the family's case."""
        return self.family.param(name, on)

    def is_named(self, tokens: Iterable[str] | None) -> bool:
        """Whether the person is among some, by whichever of their numbers."""
        return any(self.family.numbers.get(one, one) == self.token for one in tokens or ())

    # -- age

    def age(self, day: date | None = None) -> int | None:
        """Return the age in full years on a day; None where the birth date is not known."""
        day = day or self.on
        if self.born is None:
            return None
        age = day.year - self.born.year
        return age if birthday(self.born, age) <= day else age - 1

    def younger(self, limit: int, day: date | None = None) -> bool:
        """Whether the person is born and younger than a limit on a day; whose birth date is not known is not."""
        age = self.age(day)
        return age is not None and 0 <= age < limit

    @cached_property
    def is_child(self) -> bool:
        """Whether the person is a child (P-CHILD-AGE)."""
        return self.younger(self.param("P-CHILD-AGE"))

    def birthday(self, age: int) -> date | None:
        """Return the day on which the person reaches an age."""
        return birthday(self.born, age) if self.born else None

    # -- disability

    @cached_property
    def certificates(self) -> Certificates:
        """The person's certificate, day by day."""
        return Certificates(self.family.facts, self.token)

    @cached_property
    def certificate(self) -> Certificate | None:
        """The certificate as it stands on this day, valid or not."""
        return self.certificates.on(self.on)

    @property
    def certificate_facts(self) -> Sequence[Fact[Any]]:
        """What says how the certificate stands, valid or not; nothing where there is none."""
        return self.certificate.facts if self.certificate else ()

    @cached_property
    def valid_certificate(self) -> Certificate | None:
        """The certificate, if it is valid on this day."""
        found = self.certificate
        return found if found is not None and found.valid(self.on) else None

    @cached_property
    def diagnoses(self) -> list[Fact[DiagnosisReported]]:
        """The diagnoses that recommend rehabilitation, of any hospital."""
        return [one for one in self.facts(DiagnosisReported) if one.event.recommend_rehab]

    def proof(self, day: date) -> list[Fact[Any]]:
        """Return what proves a disability on a day: a valid certificate, or a young child's diagnosis."""
        return self.once(self._proof, self.token, day)

    def _proof(self, _: str, day: date) -> list[Fact[Any]]:
        found = self.certificates.on(day)
        if found is not None and found.valid(day):
            return list(found.facts)
        evidence = self.param("P-DISABLED-EVIDENCE", day)
        if evidence == "cert_only" or not self.younger(self.param("P-DX-AGE-TO", day), day):
            return []
        any_hospital = evidence == "cert_or_any_diagnosis"
        return [one for one in self.diagnoses if one.day <= day and (any_hospital or one.event.hospital_level == "3A")]

    def disabled_on(self, day: date) -> bool:
        """Whether the person was a disabled member of the household, by proof, on a day (rules A16)."""
        return bool(self.proof(day)) and self.family.in_household(self.token, day)

    @cached_property
    def is_disabled(self) -> bool:
        """Whether the person is disabled on this day."""
        return self.disabled_on(self.on)

    @cached_property
    def is_disabled_child(self) -> bool:
        """Whether the person is a disabled child on this day."""
        return self.is_child and self.is_disabled

    @cached_property
    def disabled_since(self) -> date:
        """The first day of the unbroken run of days, up to this one, on which the person was a disabled member."""
        days = {*self.certificates.breaks(), *(one.day for one in self.diagnoses)}
        days.update(day for day, _ in self.family.coresidence.get(self.token, ()))
        if member := self.family.everyone.get(self.token):
            days.add(member.since)
        if limit := self.birthday(self.param("P-DX-AGE-TO")):
            days.add(limit)
        since = None
        for day in sorted(one for one in days if one <= self.on):
            since = (since or day) if self.disabled_on(day) else None
        return since or self.on

    # -- where the person belongs

    def division_on(self, kind: str, day: date) -> str | None:
        """Return the county of registration (`hukou`) or of the home (`residence`) on a day (rules A15)."""
        event = self.family.opening.event if self.family.opening else None
        found = (event.hukou_division if kind == "hukou" else None) or event.division if event else None
        for one in self.family.facts.of(MemberRelationRecorded, HouseholdMoved):
            if one.day > day:
                break
            said = one.event
            match said:
                case HouseholdMoved() if said.move_kind == kind:
                    found = said.to_division if not said.persons or self.token in said.persons else found
                case MemberRelationRecorded() if kind == "hukou" and one.subject == self.token:
                    found = said.hukou_division or found
        return found

    def in_city(self, day: date) -> bool:
        """Whether the person's registration or home lies in the city on a day."""
        return any((self.division_on(kind, day) or "").startswith(CITY_CODE) for kind in ("hukou", "residence"))

    @cached_property
    def in_city_since(self) -> date | None:
        """The first day of the unbroken run, up to this day, in which it does; None where it does not."""
        changes = (one.day for one in self.family.facts.of(MemberRelationRecorded, HouseholdMoved))
        since = None
        for day in sorted({self.family.opened, *changes}):
            since = (since or day) if self.in_city(day) else None
        return since

    # -- family, work, benefits of their own

    @cached_property
    def guardians(self) -> set[str]:
        """The guardians in force."""
        return self.guardians_on(self.on)

    def guardians_on(self, day: date) -> set[str]:
        """Return the guardians in force on a day: those designated last."""
        found = [one for one in self.facts(GuardianDesignated) if one.day <= day]
        last = max((one.event.from_date for one in found), default=None)
        return {one.event.guardian for one in found if one.event.from_date == last}

    @cached_property
    def parents(self) -> dict[str, Fact[Any]]:
        """Who is a parent of this person, and by what: as such on record, or a guardian related as a parent."""
        found = {
            one.subject: one
            for one in self.family.facts.of(MemberRelationRecorded)
            if self.token in (one.event.parent_of or ())
        }
        for one in self.facts(GuardianDesignated):
            if one.event.relation == PARENT:
                found.setdefault(one.event.guardian, one)
        return found

    @cached_property
    def job(self) -> Fact[EmploymentStarted] | None:
        """The job that the person has on this day."""
        return self.job_on(self.on)

    def job_on(self, day: date) -> Fact[EmploymentStarted] | None:
        """Return the job that the person had on a day. The day on which it ended is no longer one of it."""
        found = None
        for one in self.facts(EmploymentStarted, EmploymentEnded):
            if one.day <= day:
                found = one if isinstance(one.event, EmploymentStarted) else None
        return found

    @cached_property
    def tekun(self) -> Fact[TekunDecided] | None:
        """The grant of support for the destitute that is in force on this day."""
        return self.tekun_on(self.on)

    def tekun_on(self, day: date) -> Fact[TekunDecided] | None:
        """Return the grant of support for the destitute in force on a day."""
        for one in reversed(self.facts(TekunDecided)):
            if one.event.decision == APPROVED and one.day <= day:
                ended = [end for end in self.facts(TekunTerminated) if end.made > one.made and end.day <= day]
                return None if ended else one
        return None

    def consent(self, scope: str) -> tuple[date, list[Fact[Any]]] | None:
        """Return since when a consent of this scope is in force on this day, and the facts; None when none is."""
        since, until, because = None, date.min, list[Fact[Any]]()
        for one in self.facts(ConsentRecorded, ConsentWithdrawn):
            if scope not in one.event.scopes:
                continue
            if isinstance(one.event, ConsentWithdrawn):
                since, until, because = None, date.min, []
                continue
            if since is None or one.day > day_after(until):
                since, until, because = one.day, date.min, []
            until = max(until, one.event.valid_to or _ALWAYS)
            because = [*because, one]
        return (since, because) if since and self.on <= until else None

    @cached_property
    def training(self) -> Fact[RehabStarted] | None:
        """The training that is in force on this day: begun, not ended, its aid not over."""
        found = (one for one in reversed(self.facts(RehabStarted)) if self.training_until(one) >= self.on)
        return next(found, None)

    def training_until(self, started: Fact[RehabStarted]) -> date:
        """Return the last day of a training, as far as it is known."""
        ended = [
            end.day - timedelta(1)
            for end in self.facts(RehabEnded)
            if end.order > started.order and end.process == started.process
        ]
        aids = [
            one.event.aid_to
            for one in self.facts(RehabAidDecided)
            if one.event.decision == APPROVED and one.event.aid_to and one.process == started.process
        ]
        return min([*ended, *aids[-1:]], default=date.max)

    @cached_property
    def died(self) -> date | None:
        """The day on which the person died."""
        found = self.last(PersonDeceased)
        return found.day if found else None

    def need(self, code: str) -> Need | None:
        """Return a need of this person."""
        return self.family.need(code, self.token)


def month_end(month: str) -> date:
    """Return the last day of a month in a payload."""
    return last_of(month)


def month_begin(month: str) -> date:
    """Return the first day of a month in a payload."""
    return first_of(month)


def day_after(day: date) -> date:
    """Return the next day."""
    return day + timedelta(1)
