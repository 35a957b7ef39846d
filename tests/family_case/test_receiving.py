"""FamilyCases.receive, without a bus: what is filed, what waits, what is refused, whatever order it comes in."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import psycopg
import pytest

from services.family_case import domain, entries, filing, places, reading
from services.family_case.domain import NO_FAMILY, Arrival, case_number
from services.family_case.filing import Differs, FamilyCases
from services.family_case.waiting import FILING_FAILED, UNKNOWN_PERSON, UNKNOWN_TYPE
from shared.language.catalogue import CATALOGUE, Catalogue
from shared.log.record import RecordedEvent
from shared.log.recorder import InboxRecorder
from shared.postgres.database import Database, Unavailable
from tests.family_case.conftest import Hub
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened, story

STRANGER, HER_CHILD = "422399198701190420", "421299201712090159"
"""Family B's mother and son."""
_years = count()


def needs(subject: str = DAUGHTER, **attributes: Any) -> dict[str, Any]:
    data = {"surveyor": "专干", "needs": ["REHAB"]}
    return event("disability_federation.needs_surveyed", data, subject, **attributes)


def child_registered(subject: str = DAUGHTER, **attributes: Any) -> dict[str, Any]:
    """Return an event of a child, each of another school year: another fact."""
    data = {"school_year": 2000 + next(_years) % 100, "source": "match", "current_status": "未入学"}
    return event("education.school_age_child_registered", data, subject, **attributes)


def job_needed(subject: str = MOTHER, **attributes: Any) -> dict[str, Any]:
    data = {"job_kind": "FLEX", "registered_on": "2025-03-01"}
    return event("hrss.parent_job_need_registered", data, subject, **attributes)


def corrected(original: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return event(
        "disability_federation.event_corrected",
        {"target_event": original["id"], "corrected_payload": original["data"] | changes, "reason": "登记有误"},
        original["subject"],
    )


def withdrawn(original: dict[str, Any]) -> dict[str, Any]:
    return event(
        "disability_federation.event_withdrawn",
        {"target_event": original["id"], "reason": "登记有误", "approver": "县残联"},
        original["subject"],
    )


def merged(survivor: str, other: str) -> dict[str, Any]:
    return event(
        "disability_federation.duplicate_merged",
        {"merged_family": other, "survivor": survivor, "evidence": "同一户"},
        survivor,
    )


# -- once, in order


def test_events_are_filed_in_order_and_once(hub: Hub) -> None:
    told = hub.tell(family_opened(), needs(), needs())
    hub.receive(told)
    assert hub.ids() == [one.id for _, one in told]
    assert hub.rows("SELECT count(*) FROM {case}.events") == [(3,)]
    assert hub.rows("SELECT position FROM {case}.inbox ORDER BY 1") == [(1,), (2,), (3,)]
    filed = hub.rows("SELECT stream, version FROM {case}.records ORDER BY position")
    assert filed == [("disability_federation", version) for version in (1, 2, 3)]


def test_receive_says_how_far_a_log_is_received(hub: Hub) -> None:
    told = [one for _, one in hub.say(family_opened(), needs(), needs())]
    assert hub.cases.receive("disability_federation", told[:1]) == 1
    assert hub.cases.receive("disability_federation", told) == 3
    assert hub.cases.receive("disability_federation", told[:1]) == 3
    assert hub.cases.receive("education", []) == 0


def test_what_lies_behind_a_gap_is_left_out(hub: Hub) -> None:
    first, second, third = (one for _, one in hub.say(family_opened(), needs(), needs()))
    assert hub.cases.receive("disability_federation", [first, third]) == 1
    assert hub.ids() == [first.id]
    assert hub.cases.receive("disability_federation", [second, third]) == 3
    assert hub.ids() == [first.id, second.id, third.id]


def test_a_changed_event_at_a_known_place_is_refused_with_everything_beside_it(hub: Hub) -> None:
    told = [one for _, one in hub.say(family_opened(), needs(), needs())]
    hub.cases.receive("disability_federation", told[:2])
    changed = [replace(one, stored=one.data | {"surveyor": "别人"}, exact=b"") for one in told[:2]]
    with pytest.raises(Differs) as raised:
        hub.cases.receive("disability_federation", [*changed, told[2]])
    assert [arrival.event for arrival in raised.value.arrivals] == changed
    assert hub.ids() == [told[0].id, told[1].id]
    assert hub.cases.received("disability_federation") == 2


def test_what_is_told_about_who_joined_a_family_is_in_its_history_whatever_comes_first(hub: Hub) -> None:
    joined = {"person": HER_CHILD, "relation": "20", "joined_on": "2025-02-01", "coresident": True}
    early = child_registered(HER_CHILD)
    hub.tell(early, family_opened())
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    joining = event("disability_federation.family_member_added", joined, FATHER)
    hub.tell(joining)
    assert hub.waiting() == []
    assert early["id"] in hub.ids()
    assert len(hub.document()["members"]) == 5
    hub.tell(withdrawn(joining))
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    assert len(hub.document()["members"]) == 4


# -- waiting


def test_an_event_about_an_unknown_person_waits_and_joins_when_the_family_is_opened(hub: Hub) -> None:
    early = hub.tell(child_registered())
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    assert hub.families == []
    opening = hub.tell(family_opened())
    assert hub.waiting() == []
    assert set(hub.ids()) == {early[0][1].id, opening[0][1].id}


def test_what_waits_in_several_logs_joins_in_the_order_of_each_log(hub: Hub) -> None:
    early = hub.tell(job_needed(), child_registered(SON), child_registered(), job_needed(FATHER), child_registered(SON))
    hub.tell(child_registered(HER_CHILD))
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 4), ("hrss", UNKNOWN_PERSON, 2)]
    hub.tell(family_opened())
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    shown = hub.document()["entries"]
    for log in ("education", "hrss"):
        assert [entry["id"] for entry in shown if entry["log"] == log] == [one.id for name, one in early if name == log]


def test_an_event_that_waits_for_its_person_is_on_record_in_the_case_log_once(hub: Hub) -> None:
    hub.tell(child_registered())
    assert hub.rows("SELECT id FROM {case}.records") == [("education/1",)]
    hub.tell(family_opened())
    assert hub.rows("SELECT id FROM {case}.records ORDER BY position") == [
        ("education/1",),
        ("disability_federation/1",),
    ]


def test_what_amends_an_event_of_an_unknown_type_waits_with_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    opening, child = family_opened(), child_registered()
    told = hub.say(opening, child, withdrawn(opening))
    older = Catalogue()
    for declaration in CATALOGUE:
        if declaration.type != opening["type"]:
            older.add(declaration)
    monkeypatch.setattr(domain, "CATALOGUE", older)
    hub.receive(told)
    assert hub.waiting() == [("disability_federation", UNKNOWN_TYPE, 2), ("education", UNKNOWN_PERSON, 1)]
    monkeypatch.undo()
    assert hub.cases.file_unknown_types() == 2
    assert len(hub.ids()) == 2
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]


def test_an_event_of_an_unknown_type_waits_until_the_program_knows_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = hub.say(family_opened(), child_registered(), child_registered())
    older = Catalogue()
    for declaration in CATALOGUE:
        if declaration.type != "education.school_age_child_registered":
            older.add(declaration)
    monkeypatch.setattr(domain, "CATALOGUE", older)
    hub.receive(told)
    assert hub.waiting() == [("education", UNKNOWN_TYPE, 2)]
    assert hub.cases.file_unknown_types() == 0
    assert hub.waiting() == [("education", UNKNOWN_TYPE, 2)]
    monkeypatch.undo()
    assert hub.cases.file_unknown_types() == 2
    assert hub.waiting() == []
    assert set(hub.ids()) == {one.id for _, one in told}


def fails_on(monkeypatch: pytest.MonkeyPatch, event_id: str, error: type[BaseException] = RecursionError) -> None:
    """Let the filing of one event fail."""
    filed_record = filing.filed_record

    def failing(arrival: Arrival, version: int, now: str) -> RecordedEvent:
        if arrival.event.id == event_id:
            raise error
        return filed_record(arrival, version, now)

    monkeypatch.setattr(filing, "filed_record", failing)


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError, KeyError])
def test_an_event_whose_filing_fails_is_set_aside_and_the_others_go_on(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    opening, poison, good = hub.say(family_opened(), needs(), needs())
    fails_on(monkeypatch, poison[1].id, error)
    assert hub.cases.receive("disability_federation", [opening[1], poison[1], good[1]]) == 3
    assert hub.ids() == [opening[1].id, good[1].id]
    assert hub.waiting() == [("disability_federation", FILING_FAILED, 1)]
    assert hub.cases.file_unknown_types() == 0, "it still fails"
    assert hub.waiting() == [("disability_federation", FILING_FAILED, 1)]
    monkeypatch.undo()
    assert hub.cases.file_unknown_types() == 1
    assert hub.ids() == [opening[1].id, poison[1].id, good[1].id]


@pytest.mark.parametrize(
    "nonsense", [{"subject": {"a": 1}}, {"subject": "\0"}, {"subject": 7}, {"target": "seven"}, {"correlationid": {}}]
)
def test_nonsense_that_a_department_signed_is_set_aside(hub: Hub, nonsense: dict[str, Any]) -> None:
    opening, broken, good = (one for _, one in hub.say(family_opened(), needs(), needs()))
    broken = replace(broken, attributes=broken.attributes | nonsense, exact=b"")
    assert hub.cases.receive("disability_federation", [opening, broken, good]) == 3
    assert hub.waiting() == [("disability_federation", FILING_FAILED, 1)]
    assert hub.ids() == [opening.id, good.id]


def test_an_opening_with_a_name_longer_than_an_index_takes_is_set_aside(hub: Hub) -> None:
    opening, broken, good = (one for _, one in hub.say(family_opened(), family_opened([STRANGER]), needs()))
    name = random.Random(1).randbytes(9_000).hex()  # noqa: S311 - long, not secret
    broken = replace(broken, stored=broken.data | {"members": [name]}, exact=b"")
    assert hub.cases.receive("disability_federation", [opening, broken, good]) == 3
    assert hub.waiting() == [("disability_federation", FILING_FAILED, 1)]
    assert hub.ids() == [opening.id, good.id]


def test_a_failing_event_leaves_its_exception_message_out_of_the_log(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opening, poison = hub.say(family_opened(), needs())
    fails_on(monkeypatch, poison[1].id, ValueError)
    hub.receive([opening, poison])
    assert [record.getMessage() for record in caplog.records] == ["event set aside: disability_federation/2"]


# -- few statements


def test_a_batch_takes_five_statements_and_with_openings_three_more_whatever_its_size(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, asked = psycopg.Connection.execute, []

    def counted(self: psycopg.Connection[Any], *arguments: Any, **options: Any) -> Any:
        asked.append(arguments[0])
        return execute(self, *arguments, **options)

    told = [one for _, one in hub.say(family_opened(), family_opened([STRANGER]), *(needs() for _ in range(8)))]
    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    numbers = []
    for batch in (told[:3], told[3:4], told[4:]):
        asked.clear()
        hub.cases.receive("disability_federation", batch)
        numbers.append(len(asked))
    assert numbers == [8, 5, 5]


# -- one transaction


def test_inbox_case_and_read_models_stand_or_fall_together(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    told = hub.say(family_opened(), needs())
    append = InboxRecorder.append

    def lost(recorder: InboxRecorder, *arguments: Any) -> Any:
        append(recorder, *arguments)
        raise Unavailable

    monkeypatch.setattr(InboxRecorder, "append", lost)
    with pytest.raises(Unavailable):
        hub.receive(told)
    for table in ("{case}.inbox", "{case}.events", "{views}.entries", "{views}.places"):
        assert hub.rows(f"SELECT count(*) FROM {table}") == [(0,)], table  # noqa: S608
    assert hub.families == []
    monkeypatch.undo()
    hub.receive(told)
    assert len(hub.ids()) == 2


def test_a_connection_that_dies_after_the_append_leaves_nothing(
    hub: Hub, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = hub.say(family_opened())
    note = entries.Entries.note

    def cut(models: entries.Entries, tx: Any, filed: list[tuple[Arrival, str, int]]) -> None:
        note(models, tx, filed)
        with psycopg.connect(database_url) as owner:
            owner.execute("SELECT pg_terminate_backend(%s)", (tx.info.backend_pid,))

    monkeypatch.setattr(entries.Entries, "note", cut)
    with pytest.raises(Unavailable):
        hub.receive(told)
    assert hub.rows("SELECT (SELECT count(*) FROM {case}.inbox) + (SELECT count(*) FROM {case}.events)") == [(0,)]
    monkeypatch.undo()
    hub.receive(told)
    assert len(hub.ids()) == 1


def test_two_family_case_processes_file_each_event_once(
    hub: Hub, stories: list[tuple[str, Any]], open_database: Callable[..., Database]
) -> None:
    logs = {log for log, _ in stories}
    both = [FamilyCases(open_database("family_case")) for _ in range(2)]

    def file_all(cases: FamilyCases) -> None:
        for log in sorted(logs):
            events = [one for name, one in stories if name == log]
            for start in range(0, len(events), 3):
                cases.receive(log, events[start : start + 3])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(file_all, both))
    assert hub.rows("SELECT count(*), count(DISTINCT name) FROM {case}.events") == [(96, 96)]
    assert hub.rows("SELECT count(*) FROM {case}.inbox") == [(96,)]
    assert sorted(len(hub.ids(family)) for family in hub.families) == [45, 51]


# -- organisations


_files = count(1)


def imported(**attributes: Any) -> dict[str, Any]:
    data = {"file_name": "摸底.xlsx", "sha256": f"{next(_files):064}", "encoding": "xlsx"}
    data |= {"rows_total": 1, "rows_accepted": 1, "rows_rejected": 0}
    return event("disability_federation.file_imported", data, None, **attributes)


@pytest.mark.parametrize("first", [True, False], ids=["told before", "told after"])
def test_an_organisations_event_shows_in_the_history_that_refers_to_it(hub: Hub, first: bool) -> None:
    by_correlation = imported(correlationid="IMP-7")
    by_cause = imported()
    apart = imported(correlationid="IMP-8")
    opening = family_opened()
    referring = [needs(correlationid="IMP-7"), needs(causationid=by_cause["id"])]
    told = [opening, by_correlation, by_cause, apart, *referring]
    hub.tell(*(told if first else [opening, *referring, by_correlation, by_cause, apart]))
    assert hub.rows("SELECT count(*) FROM {views}.entries WHERE about = %s", NO_FAMILY) == [(3,)]
    shown = hub.ids()
    assert {by_correlation["id"], by_cause["id"]} < set(shown)
    assert apart["id"] not in shown
    assert len(shown) == 5


# -- families


def test_a_merge_makes_one_history_of_two_families_and_its_withdrawal_two_again(hub: Hub) -> None:
    ours, theirs = family_opened(), family_opened([STRANGER, HER_CHILD])
    hub.tell(ours, needs(), theirs, child_registered(HER_CHILD))
    family, other = (case_number(one) for _, one in hub.say(ours, theirs))
    before = {name: hub.ids(name) for name in (family, other)}
    merge = merged(FATHER, other)
    hub.tell(merge)
    together = hub.ids(family)
    assert set(together) == {*before[family], *before[other], merge["id"]}
    assert hub.ids(other) == together
    assert hub.queries.family_of(other) == family
    late = child_registered(HER_CHILD)
    hub.tell(late)
    assert late["id"] in hub.ids(family)
    undo = withdrawn(merge)
    hub.tell(undo)
    assert hub.ids(other) == [*before[other], late["id"]] or set(hub.ids(other)) == {*before[other], late["id"]}
    assert set(hub.ids(family)) == {*before[family], merge["id"], undo["id"]}


def test_a_corrected_merge_merges_the_other_family(hub: Hub) -> None:
    ours, theirs, third = family_opened(), family_opened([STRANGER]), family_opened([HER_CHILD])
    hub.tell(ours, theirs, third)
    family, wrong, right = (case_number(one) for _, one in hub.say(ours, theirs, third))
    merge = merged(FATHER, wrong)
    correction = corrected(merge, merged_family=right)
    hub.tell(merge, correction)
    assert [hub.queries.family_of(name) for name in (family, wrong, right)] == [family, wrong, family]
    hub.tell(withdrawn(correction))
    assert [hub.queries.family_of(name) for name in (family, wrong, right)] == [family, family, right]


def test_a_corrected_opening_changes_the_members(hub: Hub) -> None:
    opening = family_opened([FATHER, SON])
    hub.tell(opening, child_registered(SON), child_registered(DAUGHTER), job_needed())
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1), ("hrss", UNKNOWN_PERSON, 1)]
    hub.tell(corrected(opening, members=[FATHER, MOTHER, DAUGHTER]))
    document = hub.document()
    subjects = {(entry["log"], entry["subject"]) for entry in document["entries"]}
    assert len(document["members"]) == 3
    assert {log for log, _ in subjects} == {"disability_federation", "education", "hrss"}
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)], "the son's event waits for his family"
    assert len([entry for entry in document["entries"] if entry["log"] == "education"]) == 1


def test_a_withdrawn_correction_of_an_opening_brings_its_members_back(hub: Hub) -> None:
    opening = family_opened([FATHER, SON])
    hub.tell(opening, child_registered(SON))
    before = hub.ids()
    correction = corrected(opening, members=[FATHER, DAUGHTER])
    hub.tell(correction)
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    undo = withdrawn(correction)
    hub.tell(undo)
    assert hub.waiting() == []
    assert set(hub.ids()) == {*before, correction["id"], undo["id"]}
    assert hub.rows("SELECT count(*) FROM {case}.records WHERE id = 'education/1'") == [(1,)], "filed once"


def test_a_withdrawn_opening_lets_its_members_go_and_another_can_take_them(hub: Hub) -> None:
    mistake = family_opened([FATHER, SON])
    undo = withdrawn(mistake)
    hub.tell(mistake, child_registered(SON), needs(FATHER), undo)
    [first] = hub.families
    assert hub.ids(first) == [mistake["id"], undo["id"]]
    assert hub.document(first)["members"] == []
    opening = family_opened([MOTHER, SON])
    hub.tell(opening)
    [second] = set(hub.families) - {first}
    assert len(hub.ids(second)) == 2
    assert hub.waiting() == [("disability_federation", UNKNOWN_PERSON, 1)], "the father's survey"


def test_a_second_opening_of_the_same_family_stays_when_the_first_is_withdrawn(hub: Hub) -> None:
    first, second = family_opened([FATHER, SON]), family_opened([FATHER, SON, DAUGHTER], legacy=True)
    hub.tell(first, second, child_registered(SON), withdrawn(first))
    assert len(hub.document()["members"]) == 3
    assert hub.waiting() == []
    assert len(hub.ids()) == 4


WHO_IS_WHERE = (
    "SELECT e.log, e.position, e.about, p.family FROM {views}.entries e LEFT JOIN {views}.places p ON p.key = e.about "
    "ORDER BY 1, 2"
)


def changing_families(hub: Hub) -> list[tuple[str, Any]]:
    """Return events in which families are opened, corrected, merged and taken apart again."""
    opening = family_opened([FATHER, SON])
    correction = corrected(opening, members=[FATHER, DAUGHTER, MOTHER])
    merge = merged(FATHER, "XN-F-00000000")
    return hub.say(
        child_registered(SON), opening, job_needed(), child_registered(DAUGHTER), correction, child_registered(SON),
        family_opened([STRANGER, SON]), merge, withdrawn(correction), job_needed(STRANGER), withdrawn(merge),
        family_opened([HER_CHILD]), child_registered(HER_CHILD),
    )  # fmt: skip


def test_memberships_do_not_depend_on_how_the_logs_were_interleaved(hub: Hub, another_hub: Callable[[], Hub]) -> None:
    told = changing_families(hub)
    hub.receive(told)
    logs = sorted({log for log, _ in told})
    expected = hub.documents(), hub.waiting(), hub.rows(WHO_IS_WHERE)
    for seed in range(5):
        other = another_hub()
        other.receive(interleaved(told, logs, random.Random(seed)))  # noqa: S311 - a shuffle, not a secret
        rows = other.rows(WHO_IS_WHERE)
        assert (other.documents(), other.waiting(), rows) == expected, seed


@pytest.mark.parametrize("of", ["changing families", "stories"])
def test_histories_do_not_depend_on_how_events_were_batched(hub: Hub, another_hub: Callable[[], Hub], of: str) -> None:
    told = hub.say(*story("a"), *story("b")) if of == "stories" else changing_families(hub)
    hub.receive(told)
    logs = sorted({log for log, _ in told})
    expected = hub.documents(), hub.waiting(), hub.rows(WHO_IS_WHERE)
    for seed in range(6):
        other, rng = another_hub(), random.Random(seed)  # noqa: S311 - a shuffle, not a secret
        rest = interleaved(told, logs, rng)
        while rest:
            size = rng.randint(1, len(told) if seed % 2 else 8)
            batch, rest = rest[:size], rest[size:]
            other.cases.receive_all({log: [one for name, one in batch if name == log] for log, _ in batch})
        rows = other.rows(WHO_IS_WHERE)
        assert (other.documents(), other.waiting(), rows) == expected, seed


def test_in_a_batch_each_source_keeps_its_order_around_an_opening(hub: Hub) -> None:
    hub.tell(child_registered(), child_registered(SON), job_needed())
    told = hub.say(
        family_opened(), needs(), child_registered(), job_needed(FATHER), family_opened([STRANGER, HER_CHILD]),
        child_registered(HER_CHILD), child_registered(SON), needs(),
    )  # fmt: skip
    hub.cases.receive_all({log: [one for name, one in told if name == log] for log, _ in reversed(told)})
    assert hub.waiting() == []
    assert hub.rows("SELECT count(*) FROM {case}.events") == [(11,)]
    filed = hub.rows("SELECT log, position FROM {views}.entries ORDER BY filed")
    for log in {log for log, _ in filed}:
        own = [position for name, position in filed if name == log]
        assert own == sorted(own), log


def test_openings_whose_numbers_collide_in_one_batch_get_different_ones(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    def colliding(opening: RecordedEvent, attempt: int = 0) -> str:
        taken.append(attempt)
        return "XN-F-0000000A" if attempt == 0 else case_number(opening, attempt)

    monkeypatch.setattr(places, "case_number", colliding)
    told = hub.say(family_opened(), family_opened([STRANGER]), family_opened([HER_CHILD]), child_registered(HER_CHILD))
    hub.cases.receive_all({log: [one for name, one in told if name == log] for log, _ in told})
    assert len(hub.families) == 3
    assert "XN-F-0000000A" in hub.families
    assert sorted(len(hub.ids(family)) for family in hub.families) == [1, 1, 2]
    assert set(taken) == {0, 1}


def interleaved(told: list[tuple[str, Any]], logs: list[str], rng: random.Random) -> list[tuple[str, Any]]:
    """Return the events in another order that keeps the order of each log."""
    turns = [log for log, _ in told]
    rng.shuffle(turns)
    queues = {log: [one for name, one in told if name == log] for log in logs}
    return [(log, queues[log].pop(0)) for log in turns]


# -- case numbers


def test_a_case_number_follows_from_the_opening_alone(hub: Hub, another_hub: Callable[[], Hub]) -> None:
    told = hub.tell(*story("a")[:1], *story("b")[:1])
    other = another_hub()
    other.receive(told)
    assert hub.families == other.families == sorted(case_number(one) for _, one in told)
    assert all(len(family) == len("XN-F-") + 8 for family in hub.families)


def test_two_openings_with_the_same_number_get_two(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def crowded(_: Any, attempt: int = 0) -> str:
        return f"XN-F-0000000{attempt}"

    monkeypatch.setattr(places, "case_number", crowded)
    hub.tell(family_opened(), family_opened([STRANGER, HER_CHILD]), child_registered(HER_CHILD))
    assert hub.families == ["XN-F-00000000", "XN-F-00000001"]
    assert [len(hub.ids(family)) for family in hub.families] == [1, 2]


# -- flags


def test_what_a_department_flagged_is_shown_in_words_and_an_unknown_flag_as_its_code(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"more_than_decided": {"zh": "超过核定金额", "en": "more than was decided"}}
    monkeypatch.setattr(reading.lists, "flags", lambda: texts)
    opening, flagged = (one for _, one in hub.say(family_opened(), needs()))
    flagged = replace(flagged, attributes=flagged.attributes | {"flags": "more_than_decided odd"}, exact=b"")
    hub.cases.receive("disability_federation", [opening, flagged])
    first, second = hub.document()["entries"]
    assert "flags" not in first
    assert second["flags"] == [
        {"code": "more_than_decided", "zh": "超过核定金额", "en": "more than was decided", "raised_by": "department"},
        {"code": "odd", "zh": "odd", "en": "odd", "raised_by": "department"},
    ]
