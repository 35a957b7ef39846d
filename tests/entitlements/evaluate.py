"""Verdicts about events as senders write them, without a database: what the tests of the rules start from."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from services.entitlements.bases import Base
from services.entitlements.city import City, Whole
from services.entitlements.engine import Case, Judged, case, judge, judge_base, judge_city
from services.entitlements.facts import Facts, fact
from services.entitlements.policy import Policy, policy
from services.entitlements.rules import load
from services.family_case.domain import is_person
from shared.language.envelope import CHINA
from shared.log.amended import Amended, as_amended
from shared.log.record import RecordedEvent
from tests.world import records

NOW = datetime(2035, 1, 1, tzinfo=CHINA)
Logs = dict[str, list[RecordedEvent]]


def logs(events: Iterable[dict[str, Any]]) -> Logs:
    """Return the departments' logs that hold these events, in the order given."""
    by_log: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        by_log[event["type"].partition(".")[0]].append(event)
    return {log: records(log, some, NOW) for log, some in by_log.items()}


def known(logs_: Logs, day: date) -> tuple[Case, City, Policy]:
    """Return what is known on a day: of the one family that these logs tell of, of the city, and the parameters."""
    facts, around, amended, born = [], [], list[Amended](), dict[str, date]()
    for log, some in logs_.items():
        for one in as_amended(some, day):
            amended.append(one)
            found = fact(log, one)
            if found:
                (facts if is_person(found.subject) else around).append(found)
            for said in one.event.attributes.get("persons", "").split():
                token, birth, _ = said.split("/")
                born[token] = date.fromisoformat(birth)
    return case("XN-F-TEST", facts, born), City(Facts(around)), policy(amended)


def of_the_city(logs_: Logs, known_on: date, effective: date, rule: str, subject: str) -> list[Judged]:
    """Return the verdict of a rule about the city or a base."""
    _, city, policy_ = known(logs_, known_on)
    whole = Whole(city.facts.until(effective), policy_, effective)
    if subject.startswith("base:"):
        return [judge_base(load()[rule], Base(subject[5:], whole.facts, policy_, effective))]
    return judge_city(whole, only=[rule])


def verdicts(logs_: Logs, known_on: date, effective: date, rule: str = "") -> list[Judged]:
    """Return the verdicts about the family, by one rule or all."""
    case_, city, policy_ = known(logs_, known_on)
    return judge(case_, policy_, effective, city.until(effective), only=[rule] if rule else ())
