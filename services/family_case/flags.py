"""What only the family case can see to be odd: facts of several departments, held against each other. Pure.

A flag is worked out anew whenever a history is read, from its events as they stand: what is corrected, withdrawn, filed
late or merged changes it by itself. What was imported from before (`legacy`) raises none, and neither does what was
withdrawn. An event counts from the day that it names itself, and is judged by what stood by the end of that day.

Types stand here by the last part of their name, since the case knows no department; their payloads are read as stored.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from inspect import getdoc
from typing import Any

from services.family_case.domain import Place, is_person
from shared.language.catalogue import CATALOGUE, Corrects, Guards, Renumbers, Withdraws
from shared.language.envelope import civil_day
from shared.language.rules import age_on
from shared.log.amended import Amended
from shared.policy.parameters import parameters

EVER = "9999-12-31"
"""Later than any day."""
NO_CASE = "no_case"
"""The flag of an event about somebody who has no open case."""

_DAYS = {
    name: field
    for field, names in {
        "applied_on": "dibao_applied two_subsidies_applied",
        "cancelled_on": "disability_certificate_cancelled",
        "closed_on": "case_closed",
        "decided_on": "dibao_decided temp_aid_decided",
        "died_on": "person_deceased",
        "effective_from": "difficult_family_recognised",
        "effective_on": "disability_grade_changed",
        "effective_to": "difficult_family_ended marginal_family_ended",
        "ended_on": "care_service_ended employment_ended rehab_ended",
        "fitted_on": "assistive_device_fitted",
        "from_date": "employment_started guardian_designated member_relation_recorded",
        "frozen_on": "disability_certificate_frozen",
        "granted_on": "charity_aid_granted temp_aid_emergency_granted",
        "identified_on": "talent_identified",
        "inspected_on": "home_modification_inspected",
        "issued_on": "disability_certificate_issued disability_certificate_renewed",
        "left_on": "family_member_removed",
        "migrated_on": "disability_certificate_migrated",
        "paid_on": "benefit_paid",
        "registered_on": "parent_job_need_registered",
        "reviewed_on": "dibao_reviewed",
        "started_on": "care_service_started rehab_started",
        "unfrozen_on": "disability_certificate_unfrozen",
        "valid_from": "marginal_family_decided",
    }.items()
    for name in names.split()
}
"""The field that says from when an event counts; where there is none, it is the time of the event."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One event that stands, as flags see it: `subject` is one token for a person who has several."""

    place: Place
    order: int
    name: str
    """The last part of its type's name."""
    data: Mapping[str, Any]
    subject: str
    process: str
    """Its process; without one, its subject, so that what is about one person belongs together."""
    day: str
    legacy: bool
    type: str

    @property
    def granted(self) -> bool:
        """Whether it gives something: an approval, or what needs none."""
        return bool(self.data.get("decision", "approved") == "approved")


class Past:
    """What stands in one family's history, by the last part of the type's name."""

    def __init__(
        self,
        history: list[tuple[Place, Amended]],
        same: Callable[[str], str],
        known: Callable[[set[str]], set[str]],
    ) -> None:
        self.history = history
        self.same = same
        self._elsewhere = known
        self.types: set[str] = set()
        self.standing: dict[str, list[int]] = defaultdict(list)
        """For each name, where in the history it stands."""
        self._events: dict[str, list[Standing]] = {}
        for order, (_, one) in enumerate(history):
            if one.withdrawal is None and one.original is None:
                type_name = one.event.type
                self.types.add(type_name)
                self.standing[_name(type_name)].append(order)

    def events(self, name: str) -> list[Standing]:
        """Return what stands under one name, in the order of the history."""
        if name not in self._events:
            self._events[name] = [self._stands(order, name) for order in self.standing.get(name, ())]
        return self._events[name]

    def _stands(self, order: int, name: str) -> Standing:
        place, one = self.history[order]
        attributes = one.event.attributes
        subject = self.same(one.event.subject or "")
        day = one.data.get(_DAYS.get(name, "")) or civil_day(attributes["time"]).isoformat()
        process = attributes.get("process") or subject
        return Standing(
            place, order, name, one.data, subject, process, day, bool(attributes.get("legacy")), one.event.type
        )

    def known(self, *names: str, by: str, of: str = "", process: str = "") -> list[Standing]:
        """Return what stood of these names by the end of a day, in their order; of one subject, or in one process."""
        return sorted(
            (
                event
                for name in names
                for event in self.events(name)
                if event.day <= by and (not of or event.subject == of) and (not process or event.process == process)
            ),
            key=lambda event: (event.day, event.order),
        )

    @cached_property
    def missing(self) -> set[str]:
        """What events refer to, and nobody has on record: neither this history nor the case elsewhere."""
        referring = {_name(type_name) for type_name in self.types if _references(type_name)}
        named = {id_ for name in referring for event in self.events(name) for id_ in _referred(event)}
        named -= {one.event.id for _, one in self.history}
        return named - self._elsewhere(named) if named else named

    def persons(self, tokens: Iterable[str] | None) -> set[str]:
        """Return these persons, each by one token."""
        return set(map(self.same, tokens or ()))

    @cached_property
    def _births(self) -> dict[str, str]:
        named = (one.event.attributes.get("persons", "") for _, one in self.history)
        facts = (person.split("/") for persons in named for person in persons.split())
        return {self.same(token): born for token, born, _ in facts}

    def age(self, person: str, day: str) -> int | None:
        """Return a person's age on a day, None where the birth date is not known."""
        born = self._births.get(person)
        return age_on(date.fromisoformat(day), date.fromisoformat(born)) if born and born <= day else None

    @cached_property
    def died(self) -> dict[str, str]:
        """The day on which each of the dead died."""
        return {event.subject: event.day for event in self.events("person_deceased")}

    def died_by(self, person: str, day: str) -> bool:
        """Whether a person had died by the end of a day."""
        return self.died.get(person, EVER) <= day


Check = Callable[[Standing, Past], bool]


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its number, the type that it is about (the last part of the name, empty for any), and the check.

    Of the flags for any type, one is asked where an event of the name `given` stands in the history, or without it, of
    those events that refer to others.
    """

    number: str
    name: str
    code: str
    raised: Check
    given: str = ""

    @property
    def english(self) -> str:
        """What it says, in English."""
        return " ".join((getdoc(self.raised) or "").split("\n\n")[0].split())


FLAGS: list[Flag] = []


def _flag(number: str, name: str, code: str, given: str = "") -> Callable[[Check], Check]:
    """Raise a flag where a check holds."""

    def add(check: Check) -> Check:
        FLAGS.append(Flag(number, name, code, check, given))
        return check

    return add


def case_flags(
    history: list[tuple[Place, Amended]],
    same: Callable[[str], str],
    known: Callable[[set[str]], set[str]],
) -> dict[Place, list[str]]:
    """Return the flags that the case raises about the events of one family's history.

    `same` gives the one token of a person who has several; `known` says which of some ids name an event that is filed
    outside of this history.
    """
    past = Past(history, same, known)
    found: dict[Place, list[str]] = defaultdict(list)
    general = [one for one in _about()[""] if one.given in past.standing]
    for type_name in past.types:
        for one in (*_asked(type_name), *general):
            for event in past.events(_name(type_name)):
                if not event.legacy and one.raised(event, past) and one.code not in found[event.place]:
                    found[event.place].append(one.code)
    return found


@cache
def _asked(type_name: str) -> tuple[Flag, ...]:
    """Return the flags that events of a type can raise by themselves."""
    referring = [one for one in _about()[""] if not one.given and _references(type_name)]
    return (*_about().get(_name(type_name), ()), *referring)


@cache
def _about() -> dict[str, list[Flag]]:
    about: dict[str, list[Flag]] = defaultdict(list)
    for one in FLAGS:
        about[one.name].append(one)
    return about


@cache
def _name(type_name: str) -> str:
    """Return the last part of a type's name."""
    return type_name.rpartition(".")[2]


# -- any event


@_flag("G.9", "", NO_CASE, given="case_closed")
def _after_the_case_was_closed(event: Standing, past: Past) -> bool:
    """Flag an event about a person or family without an open case: it waits for one, or the case was closed before."""
    if event.name in {"case_closed", "case_reopened"} or not _about_the_family(event.type):
        return False
    return _is_closed(past, event.day) and not any(one.day == event.day for one in past.events("case_closed"))


def _is_closed(past: Past, day: str) -> bool:
    """Whether the case is closed on a day; of cases that were merged, one that is open will do."""
    closed = past.known("case_closed", by=day)
    return bool(closed) and len(closed) >= len(past.known("family_case_opened", "case_reopened", by=day))


@_flag("G.10", "", "after_death", given="person_deceased")
def _after_the_death(event: Standing, past: Past) -> bool:
    """Flag what happened to a person after the person's death, unless it pays, recovers, settles or ends something."""
    died = past.died.get(event.subject)
    return died is not None and died < event.day and _about_a_person(event.type) and not _ends(event.name)


@_flag("G.11", "", "reference_unknown")
def _refers_to_nothing_on_record(event: Standing, past: Past) -> bool:
    """Flag a reference to an event that neither the department nor the case has on record."""
    return not past.missing.isdisjoint(_referred(event))


_ENDINGS = {
    *("paid", "recovered", "settled", "returned"),
    *("cancelled", "closed", "deceased", "down", "ended", "finished", "removed", "stopped", "terminated", "withdrawn"),
}
"""The last words of the types that pay, recover, settle or end something: these also come after a death."""


def _ends(name: str) -> bool:
    return name.rpartition("_")[2] in _ENDINGS


@cache
def _about_a_person(type_name: str) -> bool:
    declaration = CATALOGUE.get(type_name)
    return declaration is not None and declaration.scope == "person"


@cache
def _about_the_family(type_name: str) -> bool:
    """Whether a type is about a person or a family, and says nothing itself of who belongs to one."""
    declaration = CATALOGUE.get(type_name)
    if declaration is None or declaration.scope not in {"person", "family"}:
        return False
    return declaration.effect is None or isinstance(declaration.effect, Guards | Renumbers)


@cache
def _references(type_name: str) -> tuple[str, ...]:
    """Return the fields in which a type names another event that it does not amend."""
    declaration = CATALOGUE.get(type_name)
    if declaration is None or isinstance(declaration.effect, Corrects | Withdraws):
        return ()
    return tuple(name for name, fact in declaration.facts.items() if fact.kind.name == "event" and not fact.sealed)


def _referred(event: Standing) -> Iterator[str]:
    """Yield the ids of the events that one about a person names."""
    if is_person(event.subject) and not event.legacy:
        for value in (event.data.get(name) for name in _references(event.type)):
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                yield from value


# -- recognition, and the end of a case


@_flag("REG-13.6", "difficult_family_recognised", "basis_not_evidenced")
def _recognised_without_dibao(event: Standing, past: Past) -> bool:
    """Flag a recognition because of dibao when no dibao decision of the family is in force."""
    return event.data.get("basis") in {"dibao", "both"} and not _running(DIBAO, past, event.day)


@_flag("REG-14.3", "difficult_family_ended", "basis_still_holds")
def _ended_while_the_basis_holds(event: Standing, past: Past) -> bool:
    """Flag the end of a recognition when the family, with a child left in it, still has dibao or several disabled."""
    if _is_closed(past, event.day):
        return False
    recognised = past.known("difficult_family_recognised", by=event.day)
    children = {child for one in recognised for child in past.persons(one.data.get("child_members"))}
    if not any(_is_member(child, past, event.day) and _is_child(child, past, event.day) for child in children):
        return False
    holders = {one.subject for one in past.known(*_HOLDING, by=event.day)}
    disabled = [one for one in holders if _certified(one, past, event.day) and _is_member(one, past, event.day)]
    return len(disabled) >= int(_standard("P-MULTI-MIN")) or _running(DIBAO, past, event.day)


@_flag("REG-20.2", "case_closed", "open_items")
def _closed_while_something_runs(event: Standing, past: Past) -> bool:
    """Flag the closing of a case while a benefit of the family runs or is to be paid, or a service is given."""
    return any(_running(grant, past, event.day) for grant in GRANTS if grant.runs) or any(
        _undelivered(one, closers, past, event.day)
        for name, closers in _DELIVERED.items()
        for one in past.known(name, by=event.day)
        if one.granted
    )


# -- dibao and the two subsidies


@_flag("CIV-01.4", "dibao_applied", "conditions_not_evidenced")
def _no_marginal_family(event: Standing, past: Past) -> bool:
    """Flag an application as 低保边缘单人户 when no recognition of the family as a marginal one is in force."""
    return event.data.get("dibao_type") == "single_marginal" and not any(
        one.granted
        and one.data.get("valid_to", EVER) >= event.day
        and not any(one.day <= end.day < event.day for end in past.known("marginal_family_ended", by=event.day))
        for one in past.known("marginal_family_decided", by=event.day)
    )


@_flag("CIV-01.5", "dibao_applied", "conditions_not_evidenced")
def _excluded_from_single_dibao(event: Standing, past: Past) -> bool:
    """Flag an application as 单人户 when the age, the certificate or a job of the person excludes it."""
    kind, day = event.data.get("dibao_type"), event.day
    return kind in {"single_adult", "single_marginal"} and any(
        (kind == "single_adult" and ((past.age(one, day) or 99) < _standard("P-ADULT-AGE") or _works(one, past, day)))
        or _milder_than(kind, one, past, day)
        for one in past.persons(event.data.get("persons"))
    )


@_flag("CIV-20.a", "two_subsidies_reviewed", "decision_without_application")
def _reviewed_without_application(event: Standing, past: Past) -> bool:
    """Flag a review of the two subsidies without an application in the same process."""
    return not past.known("two_subsidies_applied", by=event.day, process=event.process)


@_flag("CIV-21.5", "two_subsidies_decided", "review_missing")
def _decided_without_review(event: Standing, past: Past) -> bool:
    """Flag a decision on the two subsidies without a review, and an approval after a review that was none."""
    reviews = past.known("two_subsidies_reviewed", by=event.day, process=event.process)
    return not reviews or (event.granted and not reviews[-1].granted)


# -- parents, talents


@_flag("HRS-01.2", "parent_job_need_registered", "not_difficult")
def _job_need_of_no_parent(event: Standing, past: Past) -> bool:
    """Flag a need of a parent who is no parent or guardian of a child in a recognised family."""
    return not _is_parent(event.subject, past, event.day)


@_flag("HRS-06.2", "startup_support_decided", "not_difficult")
def _support_of_no_parent(event: Standing, past: Past) -> bool:
    """Flag support as a parent for somebody who is no parent or guardian of a child in a recognised family."""
    return event.data.get("as_parent") is True and not _is_parent(event.subject, past, event.day)


@_flag("CUL-01.1", "talent_identified", "consent_missing")
def _talent_without_consent(event: Standing, past: Past) -> bool:
    """Flag a talent whose consent to culture and sport is not in force."""
    consents: list[Standing] = []
    for one in past.known("consent_recorded", "consent_withdrawn", by=event.day, of=event.subject):
        if "culture" in one.data.get("scopes", ()):
            consents = [*consents, one] if one.name == "consent_recorded" else []
    return all(one.data.get("valid_to", EVER) < event.day for one in consents)


# -- payments


@_flag("FIN-03.4", "benefit_paid", "no_decision_on_record")
def _paid_without_decision(event: Standing, past: Past) -> bool:
    """Flag a payment when no approved decision on the benefit covers the person, or the family, and the period."""
    benefit, period = str(event.data.get("benefit")), event.data.get("period")
    grants = [grant for grant in GRANTS if benefit in grant.benefits]
    return bool(grants) and not any(
        _gives(one, benefit)
        and not (period and _before(period, one.data.get(grant.since, period)))
        and not (period and _ended(grant, one, past, benefit, period))
        for grant in grants
        for one in past.known(grant.decided, by=event.day, of="" if grant.of_family else event.subject)
    )


@_flag("FIN-03.5", "benefit_paid", "after_death")
def _paid_for_a_month_after_death(event: Standing, past: Past) -> bool:
    """Flag a payment for a month that began after the person had died."""
    return past.died.get(event.subject, EVER)[:7] < str(event.data.get("period", ""))


# -- what the flags ask


@dataclass(frozen=True, slots=True)
class Grant:
    """A benefit as it is granted: by which decision, in which of its fields it begins and ends, and what ends it.

    `ends` names types of the same process with the field of the last day or month. A benefit that `runs` is paid until
    it is ended.
    """

    decided: str
    benefits: frozenset[str]
    since: str = ""
    until: str = ""
    ends: tuple[tuple[str, str], ...] = ()
    of_family: bool = False
    runs: bool = False


def _grant(decided: str, benefits: str, ends: str = "", **more: Any) -> Grant:
    """Return a grant; an end is written `type/field`."""
    pairs = tuple((name, field) for name, _, field in (end.partition("/") for end in ends.split()))
    return Grant(decided, frozenset(benefits.split()), ends=pairs, **more)


DIBAO = _grant("dibao_decided", "DIBAO", "dibao_terminated/effective_to", since="pay_from", of_family=True, runs=True)
GRANTS = (
    DIBAO,
    _grant("tekun_decided", "TEKUN", "tekun_terminated/effective_to", since="pay_from", runs=True),
    _grant(
        "two_subsidies_decided", "LIVE_SUB CARE_SUB", "two_subsidies_stopped/effective_to", since="pay_from", runs=True
    ),
    _grant("ltc_benefit_decided", "LTCBEN", "ltc_benefit_stopped/effective_to", since="from_month", runs=True),
    _grant("rehab_aid_decided", "REHAB FAMLIV", "rehab_ended/ended_on", since="aid_from", until="aid_to"),
    _grant("care_service_decided", "CARE", "care_service_ended/ended_on"),
    _grant("self_paid_subsidy_decided", "SELFPAY"),
    _grant("cochlear_subsidy_decided", "COCHLEAR"),
    _grant("assistive_device_decided", "DEVICE"),
    _grant("home_modification_decided", "HOMEMOD", of_family=True),
    _grant("temp_aid_decided", "TEMPAID", of_family=True),
    _grant("temp_aid_emergency_granted", "TEMPAID", of_family=True),
    _grant("ltc_premium_assisted", "LTCPREM"),
    _grant("student_aid_granted", "EDUAID"),
    _grant("training_provided", "TRAINSUB"),
    _grant("startup_support_decided", "STARTUP JOBSUP TRAINSUB"),
    _grant("commercial_insurance_taken", "COMINS"),
    _grant("charity_aid_granted", "CHARITY", of_family=True),
)
"""By which decision each benefit is granted. A benefit without one (other, public works) is not asked for it."""

_DELIVERED = {
    "rehab_started": ("rehab_ended",),
    "care_service_started": ("care_service_ended",),
    "self_paid_subsidy_decided": ("benefit_paid",),
    "cochlear_subsidy_decided": ("benefit_paid",),
    "temp_aid_decided": ("benefit_paid",),
    "assistive_device_decided": ("assistive_device_fitted", "assistive_device_rented", "benefit_paid"),
    "home_modification_decided": ("home_modification_inspected", "benefit_paid"),
}
"""What is begun or approved once, and what of the same process, or which payment, shows that it is done."""

_HOLDING = (
    "disability_certificate_issued",
    "disability_certificate_renewed",
    "disability_grade_changed",
    "disability_certificate_migrated",
)
_STATES = ("disability_certificate_frozen", "disability_certificate_unfrozen", "disability_certificate_cancelled")


def _gives(decision: Standing, benefit: str) -> bool:
    """Whether a decision grants a benefit; one that names none is about its only one."""
    return decision.granted and benefit in decision.data.get("benefits", [benefit])


def _ended(grant: Grant, decision: Standing, past: Past, benefit: str, at: str) -> bool:
    """Whether a benefit had ended at a day or month, by its decision or by what ended it."""
    ends = [decision.data.get(grant.until)]
    ends += [
        one.data.get("fade_out_to") or one.data.get(field)
        for name, field in grant.ends
        for one in past.known(name, by=EVER, process=decision.process)
        if (grant.of_family or one.subject == decision.subject) and benefit in one.data.get("benefits", [benefit])
    ]
    return any(_before(end, at) for end in ends if end)


def _running(grant: Grant, past: Past, day: str) -> bool:
    """Whether a benefit of the family is granted, and not ended, on a day; it counts from the day of its decision."""
    return any(
        _gives(one, benefit) and not _ended(grant, one, past, benefit, day) and not _stopped(one, past, day)
        for benefit in grant.benefits
        for one in past.known(grant.decided, by=day)
    )


def _stopped(decision: Standing, past: Past, day: str) -> bool:
    """Whether the newest review of the same process had stopped dibao by a day."""
    reviews = past.known("dibao_reviewed", by=day, process=decision.process)
    return decision.name == DIBAO.decided and bool(reviews) and reviews[-1].data.get("result") == "stop"


def _before(first: str, second: str) -> bool:
    """Whether a day or month is before another; of a day and a month, the months count."""
    width = min(len(first), len(second))
    return first[:width] < second[:width]


def _undelivered(begun: Standing, closers: tuple[str, ...], past: Past, day: str) -> bool:
    """Whether what was begun or approved by a day is not done, and its time not over."""
    aid = past.known("rehab_aid_decided", by=day, process=begun.process) if begun.name == "rehab_started" else []
    if aid and aid[-1].data.get("aid_to", EVER) < day:
        return False
    benefits = {benefit for grant in GRANTS if grant.decided == begun.name for benefit in grant.benefits}
    return not any(
        one.data.get("benefit") in benefits and (one.process == begun.process or one.subject == begun.subject)
        if one.name == "benefit_paid"
        else one.process == begun.process and one.data.get("passed", True)
        for one in past.known(*closers, by=day)
        if one.day >= begun.day
    )


def _is_member(person: str, past: Past, day: str) -> bool:
    """Whether a person lives and was not removed from the family, on a day."""
    gone = past.known("family_member_removed", by=day)
    return not past.died_by(person, day) and all(past.same(one.data.get("person", "")) != person for one in gone)


def _is_child(person: str, past: Past, day: str) -> bool:
    """Whether a person is a child on a day, as far as the birth date is known."""
    return (past.age(person, day) or 0) < int(_standard("P-CHILD-AGE"))


def _certificate(person: str, past: Past, day: str) -> dict[str, Any] | None:
    """Return what a person's certificate says on a day, None where none is left in force."""
    held: dict[str, Any] | None = None
    frozen = False
    for one in past.known(*_HOLDING, *_STATES, by=day, of=person):
        if one.name in _HOLDING:
            held = (held or {}) | dict(one.data)
        elif one.name.endswith("cancelled"):
            held, frozen = None, False
        else:
            frozen = one.name.endswith("_frozen")
    return None if frozen or (held or {}).get("valid_to", EVER) < day else held


def _certified(person: str, past: Past, day: str) -> bool:
    return _certificate(person, past, day) is not None


def _milder_than(kind: str, person: str, past: Past, day: str) -> bool:
    """Whether a person's certificate is milder than 单人户 asks: grade 1 or 2, in a marginal family also some of 3."""
    held = _certificate(person, past, day)
    if held is None or "grade" not in held:
        return False
    parts = {held.get("category"), *(part["category"] for part in held.get("components") or ())}
    third = kind == "single_marginal" and parts & {"5", "6"}
    return bool(held["grade"] > ("3" if third else "2"))


def _works(person: str, past: Past, day: str) -> bool:
    """Whether a person has a job on a day: the newest news of one is its beginning."""
    news = past.known("employment_started", "employment_ended", by=day, of=person)
    return bool(news) and news[-1].name == "employment_started"


def _is_parent(person: str, past: Past, day: str) -> bool:
    """Whether a person is a parent or guardian of a child in a recognised family.

    As long as the record names nobody for one of its children, whoever is in the family is believed.
    """
    ends = past.known("difficult_family_ended", by=day)
    children = {
        child
        for one in past.known("difficult_family_recognised", by=day)
        if not any(one.day <= end.day < day for end in ends)
        for child in past.persons(one.data.get("child_members"))
    }
    if person in children:
        return False
    parents: dict[str, set[str]] = {child: set() for child in children}
    for one in past.known("guardian_designated", "member_relation_recorded", by=day):
        if one.name == "guardian_designated":
            parents.setdefault(one.subject, set()).add(past.same(one.data.get("guardian", "")))
        else:
            for child in past.persons(one.data.get("parent_of")):
                parents.setdefault(child, set()).add(one.subject)
    return any(person in parents[child] or not parents[child] for child in children)


@cache
def _standard(parameter: str) -> Any:
    """Return a parameter's value where nobody set one: what the federation sets stands in no family's history."""
    return parameters()[parameter].standard
