"""By what else than process and person rules find what is on record: an organisation, or anywhere."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.disability_federation.rehabilitation.events import CochlearReportIssued
from shared.door.department import Department
from shared.door.memory import Memory
from shared.door.past import LogPast
from shared.door.reading import Event
from shared.language.catalogue import ANYWHERE, CATALOGUE
from shared.language.envelope import china_now
from shared.log import lookups
from tests.world import DAUGHTER, SON, event

FEDERATION = "disability_federation"
HOSPITAL, OTHER = "12421299MB0HP00104", "52421299MJXRE0019W"


@pytest.fixture
def federation(department: Callable[[str], Department]) -> Iterator[Department]:
    _found_by("hospital", ANYWHERE)
    yield department(FEDERATION)
    _found_by()


def _found_by(*fields: str) -> None:
    object.__setattr__(CATALOGUE.of(CochlearReportIssued), "found_by", fields)
    lookups.fields_of.cache_clear()
    lookups._where.cache_clear()


def report(hospital: Any, subject: str = DAUGHTER) -> dict[str, Any]:
    data = CATALOGUE.of(CochlearReportIssued).example() | {"hospital": hospital}
    return event(f"{FEDERATION}.cochlear_report_issued", data, subject)


def corrected(original: dict[str, Any], **changes: Any) -> dict[str, Any]:
    data = {"target_event": original["id"], "corrected_payload": original["data"] | changes, "reason": "录入错误"}
    return event(f"{FEDERATION}.event_corrected", data, None)


def past(department: Department) -> LogPast:
    [read] = department.reader.read([report(HOSPITAL, SON)], china_now())
    assert isinstance(read, Event), read
    return LogPast(Memory(department.recorder, [], [read]), department.reader.link, read)


def test_an_organisation_is_found_by_its_code_whoever_the_event_is_about(federation: Department) -> None:
    first, second = report(HOSPITAL), report({"code": OTHER, "name": "虚构服务中心"}, SON)
    for one in (first, second):
        federation.receive(one)

    def found(code: str) -> list[str]:
        return [one.id for one in past(federation).events(CochlearReportIssued, same="organisation", of=code)]

    assert (found(HOSPITAL), found(OTHER)) == ([first["id"]], [second["id"]])
    federation.receive(corrected(first, hospital=OTHER))
    assert (found(HOSPITAL), found(OTHER)) == ([], [first["id"], second["id"]])


def test_what_is_found_anywhere_is_found_as_it_stands(federation: Department) -> None:
    one, other = report(HOSPITAL), report(OTHER, SON)
    for submission in (one, other, corrected(one, hospital=OTHER)):
        federation.receive(submission)
    found = past(federation).events(CochlearReportIssued, same="anywhere")
    assert [(known.id, known.event.hospital.code) for known in found] == [(one["id"], OTHER), (other["id"], OTHER)]
    assert found[0].subject != found[1].subject


def test_what_nobody_declares_as_found_anywhere_has_no_key_for_it(federation: Department) -> None:
    _found_by()
    federation.receive(report(HOSPITAL))
    assert federation.database.all("SELECT * FROM disability_federation.lookups") == []
    with pytest.raises(AssertionError):
        past(federation).events(CochlearReportIssued, same="anywhere")
