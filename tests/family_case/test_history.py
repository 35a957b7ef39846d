"""A family's history: what it shows as known on one day and as effective on another, and in which order."""

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.departments import BY_NAME
from services.family_case.domain import Arrival
from services.family_case.history import People, as_json, effective_by, history
from shared.json import canonical
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from tests.family_case.conftest import Hub
from tests.world import DAUGHTER, event, records, story

NOW = datetime(2027, 12, 1, tzinfo=UTC)
NAMES = {name: department.zh for name, department in BY_NAME.items()}
IMPLANTED, CORRECTED = "a-026", "a-027"


def recorded(*events: dict[str, Any]) -> list[Arrival]:
    """Return events as the departments' logs would hold them, without a database, in the order given."""
    by_log: dict[str, list[dict[str, Any]]] = {}
    for one in events:
        by_log.setdefault(one["type"].partition(".")[0], []).append(one)
    logs = {log: iter(records(log, own, NOW)) for log, own in by_log.items()}
    found = [(one["type"].partition(".")[0], next(logs[one["type"].partition(".")[0]])) for one in events]
    return [Arrival(log, record, leaf_hash(record.encode())) for log, record in found]


def shown(arrivals: list[Arrival], known: date | None = None, effective: date | None = None) -> list[dict[str, Any]]:
    """Return a history as JSON entries."""
    entries = history(arrivals, known)
    people = People(entries)
    return [as_json(one, n, people, NAMES) for n, one in enumerate(effective_by(entries, effective), 1)]


def by_id(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in entries}


def amend(letter: str, target: str, day: str, **payload: Any) -> dict[str, Any]:
    data = {"target_event": target, "corrected_payload": payload, "reason": f"第{letter}次更正"}
    times = {"time": f"{day}T10:00:00+08:00", "recordedtime": f"{day}T10:00:00+08:00"}
    return event("disability_federation.event_corrected", data, DAUGHTER, id=f"correction-{letter}", **times)


def withdraw(target: str, day: str) -> dict[str, Any]:
    data = {"target_event": target, "reason": "误报", "approver": "县残联理事长"}
    times = {"time": f"{day}T10:00:00+08:00", "recordedtime": f"{day}T10:00:00+08:00"}
    return event("disability_federation.event_withdrawn", data, DAUGHTER, id=f"withdrawal-of-{target}", **times)


def implanted(side: str) -> dict[str, Any]:
    [original] = [one["data"] for one in story("a") if one["id"] == IMPLANTED]
    return original | {"side": side}


# -- the two stories


@pytest.mark.parametrize(("letter", "number"), [("a", 45), ("b", 51)])
def test_a_story_is_a_history_of_all_its_events_in_the_order_of_the_file(letter: str, number: int) -> None:
    entries = shown(recorded(*story(letter)))
    assert [entry["number"] for entry in entries] == list(range(1, number + 1))
    for log in NAMES:
        reported = [one["id"] for one in story(letter) if one["type"].startswith(f"{log}.")]
        assert [entry["id"] for entry in entries if entry["log"] == log] == reported
    assert [entry["asserted"] for entry in entries] == sorted(entry["asserted"] for entry in entries)


def test_the_day_before_the_correction_differs_in_the_side_and_the_correction_alone() -> None:
    arrivals = recorded(*story("a"))
    before, after = (by_id(shown(arrivals, known=date(2025, 6, day))) for day in (24, 25))
    assert after.keys() - before.keys() == {CORRECTED}
    assert before.keys() < after.keys()
    assert {key for key in before if before[key] != after[key]} == {IMPLANTED}
    was, now = before[IMPLANTED], after[IMPLANTED]
    assert {name for name in now if now[name] != was.get(name)} == {"data", "sentence", "corrected"}
    assert (was["data"] | {"side": "right"}, was["data"]["side"]) == (now["data"], "left")
    assert now["corrected"]["before"] == was["data"]
    assert [change["field"] for change in now["corrected"]["changes"]] == ["side"]
    assert now["corrected"]["who"] == "嘉鱼县残联"
    assert (now["corrected"]["when"], now["corrected"]["id"]) == ("2025-06-25", CORRECTED)
    assert now["corrected"]["why"]
    original = {"id": IMPLANTED, "log": "disability_federation", "position": after[IMPLANTED]["position"]}
    assert after[CORRECTED]["amends"] == original


@pytest.mark.parametrize(("day", "there"), [(16, set()), (17, {IMPLANTED, CORRECTED}), (18, {IMPLANTED, CORRECTED})])
def test_a_correction_counts_from_the_day_on_which_the_original_happened(day: int, there: set[str]) -> None:
    entries = by_id(shown(recorded(*story("a")), effective=date(2025, 6, day)))
    assert entries.keys() & {IMPLANTED, CORRECTED} == there
    if there:
        assert entries[IMPLANTED]["data"]["side"] == "right"
    assert "a-025" in entries
    assert "a-028" not in entries


def test_both_days_together_show_what_was_believed_then_about_then() -> None:
    arrivals = recorded(*story("a"))
    entries = by_id(shown(arrivals, known=date(2025, 6, 24), effective=date(2025, 6, 17)))
    assert entries[IMPLANTED]["data"]["side"] == "left"
    assert CORRECTED not in entries
    assert IMPLANTED not in by_id(shown(arrivals, known=date(2025, 6, 17))), "happened, but not yet written down"
    assert "a-004" in by_id(shown(arrivals, known=date(2025, 2, 20), effective=date(2019, 6, 18)))


# -- amendments


def test_a_correction_of_a_correction_replaces_it() -> None:
    told = recorded(
        *story("a"), amend("二", CORRECTED, "2027-04-01", **implanted("both")), amend("三", IMPLANTED, "2027-04-02",
        **implanted("left")),
    )  # fmt: skip
    second, third = (by_id(shown(told, known=date(2027, 4, day))) for day in (1, 2))
    assert second[IMPLANTED]["data"]["side"] == "both"
    assert second[IMPLANTED]["corrected"]["before"]["side"] == "left"
    assert second[IMPLANTED]["corrected"]["id"] == "correction-二"
    assert third[IMPLANTED]["data"]["side"] == "left"
    assert third[IMPLANTED]["corrected"]["changes"] == []


def test_a_withdrawn_correction_brings_back_what_it_replaced() -> None:
    told = recorded(
        *story("a"),
        amend("二", IMPLANTED, "2027-04-01", **implanted("both")),
        withdraw("correction-二", "2027-04-02"),
        withdraw(CORRECTED, "2027-04-03"),
    )
    sides = [by_id(shown(told, known=date(2027, 4, day)))[IMPLANTED] for day in (1, 2, 3)]
    assert [entry["data"]["side"] for entry in sides] == ["both", "right", "left"]
    assert sides[1]["corrected"]["id"] == CORRECTED
    assert "corrected" not in sides[2]
    entries = by_id(shown(told))
    assert entries["correction-二"]["withdrawn"]["id"] == "withdrawal-of-correction-二"
    assert "withdrawn" not in entries[IMPLANTED]


def test_a_withdrawn_event_stays_and_says_who_withdrew_it_when_and_why() -> None:
    told = recorded(*story("a"), withdraw("a-028", "2027-04-01"))
    entry = by_id(shown(told))["a-028"]
    assert entry["withdrawn"] == {
        "id": "withdrawal-of-a-028",
        "who": "残联",
        "source": "urn:yihu:disability_federation:desk",
        "when": "2027-04-01",
        "why": "误报",
    }
    assert entry["data"] == by_id(shown(told, known=date(2027, 3, 31)))["a-028"]["data"]
    assert "withdrawn" not in by_id(shown(told, known=date(2027, 3, 31)))["a-028"]
    assert by_id(shown(told))["withdrawal-of-a-028"]["amends"]["id"] == "a-028"


# -- order


def test_a_source_keeps_its_order_even_when_it_dates_back() -> None:
    late = event("education.school_age_child_registered", {"school_year": 2025, "source": "match",
        "current_status": "未入学"}, id="late", recordedtime="2025-09-01T00:00:00+08:00")  # fmt: skip
    earlier = {"recordedtime": "2025-03-02T00:00:00+08:00", "data": late["data"] | {"school_year": 2026}}
    dated_back = late | {"id": "dated-back"} | earlier
    entries = [entry["id"] for entry in shown(recorded(*story("a"), late, dated_back))]
    assert entries.index("late") + 1 == entries.index("dated-back")
    assert entries.index("a-031") < entries.index("late") < entries.index("a-032")


FEDERATION, EDUCATION = "disability_federation", "education"


def written(log: str, *rows: tuple[str, str, str]) -> list[Arrival]:
    """Return events of a log: id, when its source wrote it down, when it was recorded."""
    type_name = {FEDERATION: f"{FEDERATION}.needs_surveyed", EDUCATION: f"{EDUCATION}.school_age_child_registered"}[log]
    events = [
        RecordedEvent("s", at, {"id": id_, "source": "urn:x", "type": type_name, "time": f"{asserted}T09:00:00+08:00",
            "recordedtime": f"{asserted}T09:00:00+08:00", "loggedtime": f"{recorded_on}T09:00:00+08:00"}, {}, at)
        for at, (id_, asserted, recorded_on) in enumerate(rows, 1)
    ]  # fmt: skip
    return [Arrival(log, one, leaf_hash(one.encode())) for one in events]


def amending(log: str, at: int, target: int, day: str, kind: str = "withdrawn") -> Arrival:
    """Return what amends an event of a log."""
    attributes = {"id": f"amends-{target}", "source": "urn:x", "type": f"{log}.event_{kind}", "target": target,
        "time": f"{day}T09:00:00+08:00", "recordedtime": f"{day}T09:00:00+08:00",
        "loggedtime": f"{day}T09:00:00+08:00"}  # fmt: skip
    amendment = RecordedEvent("s", at, attributes, {"corrected_payload": {}, "reason": "x"}, at)
    return Arrival(log, amendment, leaf_hash(amendment.encode()))


def order(*arrivals: Arrival, known: date | None = None) -> list[str]:
    return [entry.arrival.event.id for entry in history(arrivals, known)]


def test_a_clock_that_runs_ahead_counts_no_later_than_its_event_was_recorded() -> None:
    federation = written(FEDERATION, ("ahead", "2036-01-01", "2025-02-20"), ("march", "2025-03-05", "2025-03-05"))
    education = written(EDUCATION, ("february", "2025-02-21", "2025-02-21"), ("may", "2025-05-05", "2025-05-05"))
    assert order(*federation, *education) == ["ahead", "february", "march", "may"]


@pytest.mark.parametrize("kind", ["withdrawn", "corrected"])
def test_a_clock_that_was_withdrawn_or_corrected_moves_no_other(kind: str) -> None:
    """Everything was brought in on one day of 2026: only the claims of the sources order it."""
    day = "2026-06-01"
    federation = written(FEDERATION, ("before", "2025-01-05", day), ("ahead", "2036-01-01", day),
        ("march", "2025-03-05", day))  # fmt: skip
    education = written(EDUCATION, ("february", "2025-02-21", day), ("may", "2025-05-05", day))
    standing = order(*federation, *education)
    assert standing == ["before", "february", "may", "ahead", "march"], "while it stands, the log's order holds it"
    amended = order(*federation, *education, amending(FEDERATION, 4, 2, day, kind))
    assert amended == ["before", "february", "ahead", "march", "may", "amends-2"]
    assert order(*federation, *education, amending(FEDERATION, 4, 2, day, kind), known=date(2025, 12, 31)) == [
        "before", "february", "march", "may",
    ]  # fmt: skip


def test_an_entry_whose_clock_is_right_stays_where_it_is_when_it_is_withdrawn() -> None:
    federation = written(FEDERATION, ("january", "2025-01-05", "2025-01-05"), ("april", "2025-04-05", "2025-04-05"),
        ("june", "2025-06-05", "2025-06-05"))  # fmt: skip
    education = written(EDUCATION, ("february", "2025-02-21", "2025-02-21"), ("may", "2025-05-05", "2025-05-05"))
    expected = ["january", "february", "april", "may", "june"]
    assert order(*federation, *education) == expected
    assert order(*federation, *education, amending(FEDERATION, 4, 2, "2025-07-01")) == [*expected, "amends-2"]


def times(chance: random.Random, log: str) -> list[Arrival]:
    """Return a log whose clock is often wrong, with withdrawals."""
    days = [f"{chance.choice([2024, 2025, 2025, 2025, 2036])}-{chance.randint(1, 12):02}-11" for _ in range(8)]
    logged = sorted(f"2025-{chance.randint(1, 12):02}-12" for _ in days)
    arrivals = written(log, *[(f"{log}-{n}", day, at) for n, (day, at) in enumerate(zip(days, logged, strict=True))])
    return arrivals + [amending(log, 9 + n, chance.randint(1, 8), "2026-01-01") for n in range(chance.randint(0, 2))]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_each_log_keeps_its_order_and_what_stands_keeps_its_own_whatever_the_clocks_say(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    arrivals = times(chance, FEDERATION) + times(chance, EDUCATION)
    entries = history(chance.sample(arrivals, len(arrivals)))
    for log in (FEDERATION, EDUCATION):
        places = [entry.arrival.position for entry in entries if entry.arrival.log == log]
        assert places == sorted(places)
    upto = {log: chance.randint(0, 8) for log in (FEDERATION, EDUCATION)}
    earlier = [one for one in arrivals if one.position <= upto[one.log]]
    amended = {one.event.target for one in arrivals if one.event.target}
    was = [entry.arrival.key for entry in history(earlier) if entry.arrival.position not in amended]
    if not amended:
        assert [entry.arrival.key for entry in entries if entry.arrival.key in set(was)] == was


def test_an_entry_names_who_recorded_and_approved_and_the_row_it_came_from() -> None:
    named = {
        "recordedby": "acct-17",
        "approvedby": "acct-18",
        "filedigest": "0f" * 32,
        "filesheet": "摸底表",
        "filerow": 7,
    }
    [imported] = [one for one in story("a") if one["id"] == IMPLANTED]
    [entry] = shown(recorded(imported | named))
    assert named.items() <= entry.items()
    [entry] = shown(recorded(imported))
    assert not named.keys() & entry.keys()


# -- days


def test_days_are_those_of_the_calendar_on_the_wall_also_in_years_with_summer_time() -> None:
    """1988-06-17T00:00 in Shanghai was 1988-06-16T23:00 at the offset of today."""
    [arrival] = written(FEDERATION, ("x", "2025-03-01", "2025-03-01"))
    arrival.event.attributes["time"] = "1988-06-16T23:00:00+08:00"
    [entry] = history([arrival])
    assert entry.happened == entry.effective == date(1988, 6, 17)
    assert as_json(entry, 1, People([entry]), NAMES)["happened"] == "1988-06-17"
    assert effective_by(history([arrival]), date(1988, 6, 16)) == []


BOTH = amend("二", IMPLANTED, "2027-04-02", **implanted("both"))
ARRIVALS = recorded(*story("a"), withdraw("a-028", "2027-04-01"), BOTH)
EXPECTED = {day: canonical(shown(ARRIVALS, known=day)) for day in (None, date(2025, 6, 25), date(2027, 4, 1))}


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(ARRIVALS), day=st.sampled_from([*EXPECTED]))
def test_the_history_is_the_same_in_whatever_order_its_events_came(order: list[Arrival], day: date | None) -> None:
    assert canonical(shown(order, known=day)) == EXPECTED[day]


@settings(max_examples=60, deadline=None)
@given(some=st.sets(st.sampled_from(range(len(ARRIVALS)))))
def test_what_comes_later_never_changes_the_order_of_what_was_shown(some: set[int]) -> None:
    everything = [entry.arrival.key for entry in history(ARRIVALS)]
    in_order = [one for log in NAMES for one in ARRIVALS if one.log == log]
    upto = {log: max((ARRIVALS[n].position for n in some if ARRIVALS[n].log == log), default=0) for log in NAMES}
    shown_then = [one.arrival.key for one in history([one for one in in_order if one.position <= upto[one.log]])]
    assert [key for key in everything if key in set(shown_then)] == shown_then


def test_both_stories_give_the_same_documents_in_any_interleaving_and_delivery(
    hub: Hub, stories: list[tuple[str, Any]], another_hub: Callable[[], Hub]
) -> None:
    hub.receive(stories)
    expected = hub.documents()
    assert sorted(len(hub.ids(family)) for family in hub.families) == [45, 51]
    for seed in range(10):
        other = another_hub()
        deliver(other, stories, random.Random(seed))  # noqa: S311 - a shuffle, not a secret
        assert (other.documents(), other.waiting()) == (expected, []), seed


def deliver(hub: Hub, told: list[tuple[str, Any]], rng: random.Random) -> None:
    """Deliver events as a bus may: in parts, out of order, several times; what is left out comes again."""
    ends = {log: max(one.position for name, one in told if name == log) for log, _ in told}
    while any(hub.cases.received(log) < end for log, end in ends.items()):
        log = rng.choice(sorted(ends))
        after = max(hub.cases.received(log) - 2, 0)
        some = [one for name, one in told if name == log][after : after + rng.randrange(12)]
        if rng.random() < 0.3:
            rng.shuffle(some)
        hub.cases.receive(log, some)


# -- persons


NUMBER = re.compile(rb"4(21299|22399)[0-9]{11}[0-9X]")


@pytest.mark.parametrize("letter", ["a", "b"])
def test_persons_are_never_shown_by_number_or_name(letter: str) -> None:
    text = canonical(shown(recorded(*story(letter))))
    assert not NUMBER.search(text)
    values = [value for one in story(letter) for value in strings(one["data"])]
    sealed = [value for value in values if any(word in value for word in ("虚构镇", "同意书", "父亲务工受伤"))]
    assert sealed
    assert not [value for value in sealed if value.encode() in text]
    entries = json.loads(text)
    told = " ".join(entry["sentence"] + (entry.get("subject") or "") for entry in entries)
    assert "p-" not in told
    assert "户主\uff08男\uff0c" in told
    label = re.compile(r"(户主|成员|相关人员)(\uff08(男|女)\uff0c\d{4}年生\uff09)?[甲乙丙丁]?")
    assert all(label.fullmatch(entry["subject"]) for entry in entries if entry.get("subject"))


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    return [value] if isinstance(value, str) else []
