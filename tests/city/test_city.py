"""The made-up city: the same for the same seed, plausible, and recorded by every door."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from services.city import calibration, city, faulty, places
from services.city.people import ELDERS, FATHERS, LARGEST, PLACES_FOR_CHILDREN, person
from services.commands.cli import main
from services.departments import load_catalogue
from services.processes import assembly
from shared.door.department import Department
from shared.language import identifiers
from shared.language.catalogue import CATALOGUE

Event = dict[str, Any]
SEED = 2025
MANY, SOME, FEW = 600, 200, 80
BATCH = 500


@pytest.fixture(scope="module")
def large() -> list[Event]:
    """A city of 600 families."""
    return list(city.events(MANY, SEED))


@pytest.fixture(scope="module")
def families(large: list[Event]) -> dict[str, list[Event]]:
    """Its families' stories by number."""
    found: dict[str, list[Event]] = {}
    for event in large:
        name = event["id"].split("-")[2]
        if name.isdigit():
            found.setdefault(name, []).append(event)
    return found


def kinds(events: list[Event], *names: str) -> Iterator[Event]:
    return (event for event in events if event["type"].partition(".")[2] in names)


def day(event: Event) -> str:
    return str(event["time"][:10])


def test_the_same_seed_gives_the_same_city_and_another_one_another() -> None:
    assert list(city.lines(12, SEED)) == list(city.lines(12, SEED))
    assert list(city.lines(12, SEED)) != list(city.lines(12, SEED + 1))


def test_a_small_city_is_the_beginning_of_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    small = set(city.lines(30, SEED))
    assert small <= set(city.lines(120, SEED))
    monkeypatch.setattr(city, "IN_MEMORY", 7)
    assert set(city.lines(30, SEED)) == small


def test_what_is_laid_aside_comes_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "IN_MEMORY", 7)
    recorded = [event["recordedtime"] for event in city.events(30, SEED)]
    assert recorded == sorted(recorded)


def test_what_is_written_down_before_a_day_is_the_beginning_of_the_city() -> None:
    whole = list(city.lines(12, SEED))
    year = list(city.lines(12, SEED, before=date(2026, 1, 1)))
    assert 0 < len(year) < len(whole)
    assert whole[: len(year)] == year


def test_a_city_of_600_uses_every_type(large: list[Event]) -> None:
    load_catalogue()
    missing = {declaration.type for declaration in CATALOGUE} - {event["type"] for event in large}
    assert not missing


def test_events_come_as_they_were_written_down_and_their_ids_are_their_own(large: list[Event]) -> None:
    recorded = [event["recordedtime"] for event in large]
    assert recorded == sorted(recorded)
    assert all(event["time"] <= event["recordedtime"] for event in large)
    assert len({event["id"] for event in large}) == len(large)


def test_a_department_writes_nothing_before_it_joins_but_imports_what_was(large: list[Event]) -> None:
    for event in large:
        joined = calibration.JOINED[event["type"].partition(".")[0]].isoformat()
        assert event["recordedtime"][:10] >= joined
        assert day(event) >= joined or event.get("legacy") or event["recordedtime"][:10] != joined


def test_every_number_belongs_to_nobody_and_is_used_once() -> None:
    today = date(2026, 12, 31)
    people = [person(SEED, slot, FATHERS.start, "1", "虚构甲") for slot in range(2000)]
    people += [person(SEED, slot, ELDERS.start, "2", "虚构甲") for slot in range(2000)]
    assert len({one.number for one in people}) == len(people)
    for one in people:
        found = identifiers.resident_id(one.number, today=today, allow_test_regions=True)
        assert (found.born, found.sex, found.division_known) == (one.born, one.sex, "test")
        assert not found.ends_000


def test_the_largest_city_has_numbers_for_all_its_children() -> None:
    slots = (*range(5), *range(LARGEST * PLACES_FOR_CHILDREN - 5, LARGEST * PLACES_FOR_CHILDREN))
    assert len({person(SEED, slot, 2018, "1", "虚构甲").number for slot in slots}) == len(slots)


def test_organisations_have_codes_that_pass_and_names_that_say_what_they_are(large: list[Event]) -> None:
    found = set()
    for event in large:
        for value in event["data"].values():
            if isinstance(value, dict) and set(value) == {"code", "name"}:
                found.add((value["code"], value["name"]))
    assert found
    for code, name in found:
        assert name.startswith("虚构")
        assert len(code) == 10 or identifiers.uscc(code) == code  # a school has ten digits
    assert len({name for _, name in found}) == len({code for code, _ in found}) == len(found)


def test_nothing_happens_to_anybody_before_they_are_born_or_after_they_died(families: dict[str, list[Event]]) -> None:
    for told in families.values():
        died = {event["subject"]: event["data"]["died_on"] for event in kinds(told, "person_deceased")}
        for event in told:
            number = event.get("subject", "")
            born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
            assert day(event) >= born
            assert event["type"].endswith("person_deceased") or day(event) <= died.get(number, "9999")


def test_nothing_is_paid_before_it_was_granted(families: dict[str, list[Event]]) -> None:
    grants = {
        "DIBAO": "dibao_decided", "TEKUN": "tekun_decided", "LIVE_SUB": "two_subsidies_decided",
        "CARE_SUB": "two_subsidies_decided", "SELFPAY": "self_paid_subsidy_decided", "TEMPAID": "temp_aid_decided",
        "COCHLEAR": "cochlear_subsidy_decided", "DEVICE": "assistive_device_decided", "CARE": "care_service_decided",
        "LTCBEN": "ltc_benefit_decided", "STARTUP": "startup_support_decided", "FAMLIV": "rehab_aid_decided",
    }  # fmt: skip
    paid = 0
    for told in families.values():
        granted = {
            (event["process"], event["type"].partition(".")[2]): day(event)
            for event in told
            if event["data"].get("decision") == "approved" and "process" in event
        }
        for event in kinds(told, "benefit_paid"):
            grant = grants.get(event["data"]["benefit"])
            if grant:
                paid += 1
                assert granted[event["process"], grant] <= event["data"]["paid_on"]
    assert paid


def test_a_child_is_trained_in_the_years_of_its_aid_and_not_while_it_is_interrupted(
    families: dict[str, list[Event]],
) -> None:
    for told in families.values():
        decided = {one["process"]: one["data"] for one in kinds(told, "rehab_aid_decided")}
        for month in kinds(told, "rehab_month_reported"):
            aid = decided[month["process"]]
            assert aid["aid_from"][:7] <= month["data"]["month"] <= aid["aid_to"][:7]


def test_the_city_is_as_it_was_calibrated(families: dict[str, list[Event]]) -> None:
    recognised = sum(any(kinds(told, "difficult_family_recognised")) for told in families.values())
    assert 0.75 < recognised / MANY < calibration.DIFFICULT
    modes = Counter(event["data"]["mode"] for told in families.values() for event in kinds(told, "student_enrolled"))
    schooled = sum(modes[mode] for mode in ("SPEC", "INCL", "HOME", "MEDEDU"))
    assert abs(modes["SPEC"] / schooled - 0.37) < 0.1
    moved = sum(any(kinds(told, "household_moved")) for told in families.values())
    assert 0.01 < moved / MANY < 0.08


def test_every_door_records_every_event_of_200_families(department: Callable[[str], Department]) -> None:
    refused = []
    for submissions, answers in _received(department, city.events(SOME, SEED)):
        refused += [
            (event["id"], event["type"], [fault.code for fault in answer.refused.faults])
            for event, answer in zip(submissions, answers, strict=True)
            if answer.refused
        ]
    assert not refused


def test_every_spoiled_event_meets_what_it_must_and_nothing_else_is_refused(
    department: Callable[[str], Department],
) -> None:
    beside = io.BytesIO()
    events = list(city.events(FEW, SEED, faulty=True, beside=beside))
    expected = {(one["source"], one["id"]): one for one in map(json.loads, beside.getvalue().splitlines())}
    wrong = []
    for submissions, answers in _received(department, iter(events)):
        for event, answer in zip(submissions, answers, strict=True):
            faults = [(fault.code, fault.pointer) for fault in answer.refused.faults] if answer.refused else []
            must = expected.get((event["source"], event["id"]))
            if must is None:
                met = not faults
            elif must["answer"] == "refused":
                met = (must["code"], must["pointer"]) in faults
            else:
                met = not faults and must["code"] in (answer.receipt or {}).get("flags", ())
            if not met:
                wrong.append((event["type"], must and must["code"], faults))
    assert not wrong
    assert len(expected) > 300


def test_a_city_of_600_spoils_in_every_way_there_is() -> None:
    beside = io.BytesIO()
    types = {(one["source"], one["id"]): one["type"] for one in city.events(MANY, SEED, faulty=True, beside=beside)}
    spoiled = {
        (types[one["source"], one["id"]], one["code"], one.get("pointer", ""))
        for one in map(json.loads, beside.getvalue().splitlines())
    }
    assert spoiled == {(way.type, way.code, way.at) for ways in faulty.SPOILS.values() for way in ways}


def test_places_have_their_names_from_the_counties() -> None:
    assert {places.place(code) for code in calibration.COUNTIES} == set(identifiers.COUNTIES.values())


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--families", "0"], "--families"),
        (["--families", str(LARGEST + 1)], "--families"),
        (["--seed", "-1"], "--seed"),
        (["--expected", "answers.jsonl"], "--expected"),
        (["--families", "1", "--out", "/nowhere/city.jsonl"], "--out"),
    ],
)
def test_the_command_says_in_a_line_what_is_wrong(
    arguments: list[str], option: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["yihu", "generate", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert option in capfd.readouterr().err


def test_the_command_writes_the_city_to_standard_output_or_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for out in ("-", str(tmp_path / "city.jsonl")):
        monkeypatch.setattr("sys.argv", ["yihu", "generate", "--families", "2", "--seed", "5", "--out", out])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    written = capfd.readouterr().out.encode()
    assert written == (tmp_path / "city.jsonl").read_bytes() == b"".join(line + b"\n" for line in city.lines(2, 5))


def _received(
    department: Callable[[str], Department], events: Iterator[Event]
) -> Iterator[tuple[list[Event], list[Any]]]:
    """Hand each department its events in order, in batches."""
    departments = {name: department(name) for name in assembly.NAMES}
    waiting: dict[str, list[Event]] = {name: [] for name in departments}
    while some := list(islice(events, BATCH)):
        for event in some:
            waiting[event["type"].partition(".")[0]].append(event)
        for name, submissions in waiting.items():
            if submissions:
                yield submissions, departments[name].receive_all(submissions)
                waiting[name] = []
