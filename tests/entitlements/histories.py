"""Short histories for tests of the rules: one family, told event by event with what matters and nothing else."""

from datetime import date
from typing import Any

from services.disability_federation.certificates.events import DisabilityCertificateIssued
from services.disability_federation.registry.events import (
    DifficultFamilyRecognised,
    FamilyCaseOpened,
    NeedsSurveyed,
    PolicyParameterSet,
)
from services.entitlements.engine import Judged
from services.entitlements.verdicts import Verdict
from shared.keys.persons import LinkKey
from shared.language.catalogue import CATALOGUE
from shared.language.identifiers import check_character
from shared.language.persons import Person
from tests.entitlements.evaluate import Logs, logs, verdicts

COUNTY, OTHER_COUNTY = "421221", "421202"
_LINK = LinkKey(b"\1" * 32)


def number(born: str, sequence: int = 1) -> str:
    """Return the identity number of a fabricated person (region 421299); odd sequences are male."""
    digits = f"421299{born.replace('-', '')}{sequence:03}"
    return digits + check_character(digits)


def token(number_: str) -> str:
    """Return the token that stands for a person in verdicts."""
    return _LINK.token(Person(number=number_))


PARENT, CHILD, SIBLING = number("1988-03-15", 11), number("2019-05-12", 2), number("2016-09-03", 3)


class History:
    """What departments say about one family, in order. `day` is when it happened and was written down."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._logs: tuple[int, Logs] | None = None

    def say(
        self,
        cls: type[Any],
        day: str,
        subject: str | None = CHILD,
        *,
        recorded: str = "",
        process: str = "",
        at: str = COUNTY,
        legacy: bool = False,
        **fields: Any,
    ) -> str:
        """Add an event of a class with these fields; the required ones that are not given are its example's.

        `at` is the division that sends it. Return its id.
        """
        declaration = CATALOGUE.of(cls)
        example = declaration.example()
        data = {name: example[name] for name, fact in declaration.facts.items() if fact.required and name in example}
        data |= {name: value for name, value in fields.items() if value is not None}
        event = {
            "specversion": "1.0",
            "id": f"h-{len(self.events) + 1:03}",
            "source": f"urn:yihu:{declaration.department}:desk",
            "type": declaration.type,
            "time": f"{day}T09:00:00+08:00",
            "recordedtime": f"{recorded or day}T10:00:00+08:00",
            "division": at,
            "data": data,
        }
        if subject:
            event["subject"] = subject
        if process:
            event["process"] = process
        if legacy:
            event["legacy"] = True
        self.events.append(event)
        return str(event["id"])

    def opened(self, day: str, *members: str, division: str = COUNTY, **fields: Any) -> "History":
        """Open the family's case; the first member is the head."""
        members = members or (PARENT, CHILD)
        self.say(
            FamilyCaseOpened,
            day,
            members[0],
            at=division,
            **{"members": list(members), "head": members[0], "division": division, **fields},
        )
        return self

    def certified(
        self, day: str, person: str = CHILD, *, category: str = "4", grade: str = "1", valid_to: str = "", **fields: Any
    ) -> "History":
        """Issue a disability certificate, valid for ten years unless it says otherwise."""
        until = valid_to or f"{int(day[:4]) + 10}{day[4:]}"
        said = {"category": category, "grade": grade, "issued_on": day, "valid_to": until}
        said["cert_no"] = f"{person}{category}{grade}"
        self.say(DisabilityCertificateIssued, day, person, **{**said, **fields})
        return self

    def recognised(self, day: str, *, basis: str = "multi", members: tuple[str, ...] = (PARENT, CHILD)) -> "History":
        """Recognise the family as a difficult one."""
        said = {"disabled_members": list(members), "child_members": [CHILD], "effective_from": day, "basis": basis}
        self.say(DifficultFamilyRecognised, day, PARENT, **said)
        return self

    def surveyed(self, day: str, *needs: str, person: str | None = None) -> "History":
        """Record a survey that names these needs."""
        self.say(NeedsSurveyed, day, PARENT, needs=list(needs), for_person=person)
        return self

    def judged(self, rule: str, effective: str, subject: str = "*", known: str = "2034-12-31") -> Verdict:
        """Return the verdict of a rule about a person (by number) or the family on a day."""
        who = subject if subject == "*" or ":" in subject else token(subject)
        [one] = [one for one in self.all(effective, known, rule) if one.subject == who]
        return one.verdict

    def all(self, effective: str, known: str = "2034-12-31", rule: str = "") -> list[Judged]:
        """Return every verdict, or those of one rule, on a day."""
        if self._logs is None or self._logs[0] != len(self.events):
            self._logs = len(self.events), logs(self.events)
        return verdicts(self._logs[1], date.fromisoformat(known), date.fromisoformat(effective), rule)


def shown(verdict: Verdict) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return the state, and since when each gap and each warning stands, as text."""
    gaps = {one.type: str(one.since) for one in verdict.gaps}
    return str(verdict.state), gaps, {one.type: str(one.since) for one in verdict.warnings}


def feeds_only(history: History, department: str, group: str) -> None:
    """Set that only one department's group of types is delivered."""
    row = f'{{"division": "*", "department": "{department}", "group": "{group}", "from": "2025-01-01", "stock": true}}'
    said = {"parameter": "P-FEEDS", "value": f"[{row}]", "effective_from": "2025-01-01"}
    history.say(PolicyParameterSet, "2025-01-02", None, **said)


def parameter(
    history: History,
    name: str,
    value: str,
    division: str = COUNTY,
    effective: str = "2025-01-01",
    recorded: str = "2025-02-01",
) -> None:
    """Set a parameter for one county, from a day on."""
    said = {"parameter": name, "value": value, "effective_from": effective, "division": division}
    history.say(PolicyParameterSet, recorded, None, **said)
