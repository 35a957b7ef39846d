"""The self-help programme's bases, cohorts and followers-up; what there is to be had: institutions, stations, devices.

Source: rules D8 and D9.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from services.disability_federation.rehabilitation.devices.events import (
    AssistiveDeviceMaintained,
    AssistiveDeviceRented,
    AssistiveDeviceReturned,
)
from services.disability_federation.rehabilitation.providers.events import (
    CommunityStationClosed,
    CommunityStationOpened,
    InstitutionDesignated,
    InstitutionDesignationEnded,
    InstitutionEvaluated,
)
from services.disability_federation.self_help.events import (
    CohortOpened,
    FollowUpDone,
    ParticipantEnrolled,
    ParticipantFinished,
)
from services.entitlements.bases import PEERS
from services.entitlements.circumstances import Family
from services.entitlements.city import Whole
from services.entitlements.engine import Judged
from services.entitlements.facts import Fact
from services.entitlements.indicators.tables import COUNTY, NOWHERE_KNOWN, Counts, Layout, Table, share
from shared.policy.calendar import add_months

FOLLOWED, COMPLETED = "E34", "completed"

BASES = Layout(
    "bases",
    "自助互助基地与培训班",
    ("category",),
    {"bases": "有效基地", "trainers": "师资", "peers": "其中同伴或亲友", "cohorts": "已开班", "seats": "名额"},
)
PARTICIPANTS = Layout(
    "participants",
    "自助互助学员与随访",
    ("category", COUNTY),
    {
        "enrolled": "入班",
        "completed": "结业",
        "rounds_due": "应随访（轮次）",
        "rounds_done": "已随访（轮次）",
        "late": "录入或归档逾期（人）",
    },
    ("enrolled", "completed", "late"),
    {},
    {"rounds_due": ("completed",), "rounds_done": ("completed",)},
)
SUPPLY = Layout(
    "supply",
    "康复供给",
    (COUNTY,),
    {
        "institutions": "定点机构",
        "places": "可接收名额",
        "waiting": "等候",
        "in_training": "在训儿童",
        "share_used": "在训与名额之比",
        "stations": "社区康复站",
        "rented": "租出辅具",
        "returned": "归还",
        "maintained": "维修",
    },
    ("in_training", "waiting", "rented", "returned", "maintained"),
    {},
    {"share_used": ("in_training",)},
)


class Programme:
    """Counts participants and supply: of families, then of the city."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._participants, self._supply, self._bases = Counts(), Counts(), Counts()

    def add(self, family: Family, judged: Iterable[Judged]) -> None:
        """Count a family."""
        for one in family.facts.of(AssistiveDeviceRented, AssistiveDeviceReturned, AssistiveDeviceMaintained):
            self._supply.add((one.division or NOWHERE_KNOWN,), _DEVICES[one.cls])
        for person in family.members:
            if person.training:
                self._supply.add((person.training.division or NOWHERE_KNOWN,), "in_training")
        enrolments = family.facts.of(ParticipantEnrolled)
        if enrolments:
            self._trained(family, enrolments, {one.subject for one in judged if _is_late(one)})

    def _trained(self, family: Family, enrolments: list[Fact[ParticipantEnrolled]], late: set[str]) -> None:
        finishes, rounds = family.facts.of(ParticipantFinished), family.facts.of(FollowUpDone)
        for one in enrolments:
            key = (one.event.category, one.division or NOWHERE_KNOWN)
            self._participants.add(key, "enrolled")
            self._participants.add(key, "late", one.subject in late)
            late.discard(one.subject)
            finish = next((end for end in finishes if _same(end, one) and end.event.outcome == COMPLETED), None)
            if finish is None:
                continue
            self._participants.add(key, "completed")
            months = family.policy.value("P-SH-FOLLOWUP", one.division, finish.day)
            due = {month for month in months if add_months(finish.day, month) <= self._on}
            done = {each.event.round for each in rounds if _same(each, one)}
            self._participants.add(key, "rounds_due", len(due))
            self._participants.add(key, "rounds_done", len(due & done))

    def city(self, whole: Whole) -> None:
        """Count what is known beside the families."""
        for base in whole.bases:
            agreements = [one for one in base.agreements if base.in_force(one, self._on)]
            roles = base.roles(self._on)
            for one in agreements:
                key = (one.event.category,)
                self._bases.add(key, "bases")
                self._bases.add(key, "trainers", len(roles))
                self._bases.add(key, "peers", sum(role in PEERS for role in roles.values()))
        for cohort in whole.facts.of(CohortOpened):
            self._bases.add((cohort.event.category,), "cohorts")
            self._bases.add((cohort.event.category,), "seats", cohort.event.seats)
        self._institutions(whole)
        closed = {one.event.station.code: one for one in whole.facts.of(CommunityStationClosed)}
        for station in whole.facts.of(CommunityStationOpened):
            end = closed.get(station.event.station.code)
            if end is None or end.order < station.order:
                self._supply.add((station.event.division,), "stations")

    def _institutions(self, whole: Whole) -> None:
        newest: dict[str, dict[str, Any]] = defaultdict(dict)
        said: list[Fact[Any]] = whole.facts.of(InstitutionDesignated, InstitutionDesignationEnded, InstitutionEvaluated)
        for one in said:
            event, known = one.event, newest[one.event.uscc]
            match event:
                case InstitutionDesignated():
                    is_there = event.valid_from <= self._on <= event.valid_to
                    known.update(county=event.division, is_there=is_there, places=event.places)
                case InstitutionDesignationEnded():
                    known["is_there"] = False
                case InstitutionEvaluated():
                    known["waiting"] = event.waiting
                    known["places"] = known.get("places") if event.places is None else event.places
        for known in newest.values():
            if known.get("is_there"):
                key = (known["county"],)
                self._supply.add(key, "institutions")
                self._supply.add(key, "places", known.get("places") or 0)
                self._supply.add(key, "waiting", known.get("waiting") or 0)

    def tables(self) -> list[Table]:
        """Return the tables."""
        supply = self._supply.rows(SUPPLY)
        for row in supply.values():
            row["share_used"] = share(row["in_training"], row.get("places", 0))
        return [
            Table(BASES, self._bases.rows(BASES)),
            Table(PARTICIPANTS, self._participants.rows(PARTICIPANTS)),
            Table(SUPPLY, supply),
        ]


_DEVICES: dict[type[Any], str] = {
    AssistiveDeviceRented: "rented",
    AssistiveDeviceReturned: "returned",
    AssistiveDeviceMaintained: "maintained",
}


def _is_late(one: Judged) -> bool:
    """Whether a participant's record or the cohort's archive is overdue."""
    return one.rule.id == FOLLOWED and any(gap.type == "G3" for gap in one.verdict.gaps)


def _same(one: Fact[Any], enrolment: Fact[ParticipantEnrolled]) -> bool:
    """Whether a fact belongs to a participant's training: by its process, else about the person and not before."""
    if enrolment.process:
        return one.process == enrolment.process
    return one.subject == enrolment.subject and one.order > enrolment.order
