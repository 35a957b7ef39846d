import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg import sql

from services.departments import load_catalogue
from services.processes import assembly
from shared.door.department import Department
from shared.errors import Broken, IdTaken, Refused
from shared.keys.ring import is_sealed
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import CHINA, moment, stamp
from shared.language.identifiers import check_character
from shared.language.persons import Person
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from shared.log.rows import Row
from shared.settings import Settings
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened, story

load_catalogue()
Make = Callable[[str], Department]
STORIES = {submission["id"]: submission for letter in "ab" for submission in story(letter)}
FEDERATION = "disability_federation"
CERTIFICATE = DAUGHTER + "21"
ENDS_000 = next(f"{body}0" for day in range(10, 29) if check_character(body := f"421299201501{day}100") == "0")

_numbers = count(1)


def sample(name: str, **changes: Any) -> dict[str, Any]:
    """Return a sample event under an id of its own."""
    return STORIES[name] | {"id": f"again-{next(_numbers)}"} | changes


def guardian(**changes: Any) -> dict[str, Any]:
    """Return a guardian's designation, each from another day: another fact."""
    found = sample("a-002")
    day = date(2021, 5, 12) + timedelta(days=next(_numbers))
    return found | {"data": found["data"] | {"from_date": day.isoformat()}} | changes


def checked() -> dict[str, Any]:
    """Return a check of one household's means, each on another day."""
    found = sample("a-012", process="DB-1")
    day = date(2024, 1, 1) + timedelta(days=next(_numbers) % 360)
    return found | {"data": found["data"] | {"checked_on": day.isoformat()}}


def correction(of: str, payload: Any, **attributes: Any) -> dict[str, Any]:
    data = {"target_event": of, "corrected_payload": payload, "reason": "录入错误"}
    return event(f"{FEDERATION}.event_corrected", data, **{"subject": None} | attributes)


def withdrawal(of: str, **attributes: Any) -> dict[str, Any]:
    data = {"target_event": of, "reason": "误报", "approver": "县残联"}
    return event(f"{FEDERATION}.event_withdrawn", data, **{"subject": None} | attributes)


def refusal(department: Department, submission: Any) -> list[tuple[str, str]]:
    """Return pointer and code of every reason why an event is refused (422); nothing is recorded then."""
    before = department.recorder.max_notification_id()
    with pytest.raises(Refused) as refused:
        department.receive(submission)
    assert department.recorder.max_notification_id() == before
    assert refused.value.status == 422
    return sorted((fault.pointer, fault.code) for fault in refused.value.faults)


def last(department: Department) -> RecordedEvent:
    return department.recorder.at([department.recorder.max_notification_id() or 1])[0]


def rows(department: Department) -> list[Row]:
    return list(department.recorder.rows())


@pytest.fixture
def federation(department: Make) -> Department:
    return department(FEDERATION)


@pytest.fixture
def civil_affairs(department: Make) -> Department:
    return department("civil_affairs")


def test_the_first_time_gives_a_signed_receipt_of_the_record(federation: Department) -> None:
    submission = guardian()
    receipt, new = federation.receive(submission)
    (row,) = rows(federation)
    assert new
    assert federation.signer.verifier.receipt(receipt)
    assert receipt["log"] == "yihu/disability_federation"
    assert (receipt["verdict"], receipt["position"], receipt["suite"]) == ("recorded", 1, "intl")
    assert (receipt["id"], receipt["source"], receipt["type"]) == (
        submission["id"],
        submission["source"],
        submission["type"],
    )
    assert receipt["leaf"] == leaf_hash(row.body).hex() == row.leaf.hex()
    assert "remarks" not in receipt


def test_the_same_id_and_content_again_gives_the_identical_receipt(federation: Department) -> None:
    submission = guardian()
    first, _ = federation.receive(submission)
    federation.receive(guardian())
    for again in (
        submission,
        dict(reversed(submission.items())),
        submission | {"data": dict(reversed(submission["data"].items()))},
    ):
        assert federation.receive(again) == (first, False)
    assert [row.position for row in rows(federation)] == [1, 2]


def test_the_same_id_with_other_content_is_taken(federation: Department) -> None:
    submission = guardian()
    first, _ = federation.receive(submission)
    for other in (
        submission | {"data": submission["data"] | {"relation": "10"}},
        submission | {"time": "2025-02-17T00:00:01+08:00"},
        submission | {"type": f"{FEDERATION}.no_such_type"},
        submission | {"legacy": True},
        {key: value for key, value in submission.items() if key != "division"},
    ):
        with pytest.raises(IdTaken) as already:
            federation.receive(other)
        assert (already.value.status, already.value.code) == (409, "id_used_for_other_content")
    assert federation.receive(submission) == (first, False)
    assert len(rows(federation)) == 1


def test_an_id_belongs_to_its_source(federation: Department) -> None:
    submission = guardian()
    federation.receive(submission)
    receipt, new = federation.receive(guardian(id=submission["id"], source="urn:yihu:disability_federation:other"))
    assert (new, receipt["position"]) == (True, 2)


def test_an_id_is_the_same_however_its_characters_are_composed(federation: Department) -> None:
    submission = guardian(id=" caf\u00e9-1 ")
    first, _ = federation.receive(submission)
    assert first["id"] == "caf\u00e9-1"
    for again in ("caf\u00e9-1", "cafe\u0301-1"):
        assert federation.receive(submission | {"id": again}) == (first, False)


@pytest.mark.parametrize(
    "submission",
    [
        None,
        [],
        "event",
        {},
        {"id": "a\x00b", "source": "s"},
        {"id": "\ud800", "source": "s"},
        {"id": {"a": 1}, "source": ["s"]},
        {"id": "x" * 100_000, "source": "s"},
        {"id": "a", "source": "s", "type": "' OR 1=1 --", "data": [[]]},
    ],
)
def test_a_hostile_event_is_refused_with_reasons(submission: Any, request: pytest.FixtureRequest) -> None:
    federation: Department = request.getfixturevalue("federation")
    assert refusal(federation, submission)


def meeting(department: Department, parties: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make that many threads meet after they saw that their event is not known, before any of them appends."""
    met: list[bool] = []
    barrier, read = Barrier(parties, lambda: met.append(True), timeout=20), department.reader.read

    def read_together(submissions: Any, now: datetime) -> Any:
        found = read(submissions, now)
        if not met:
            barrier.wait()
        return found

    monkeypatch.setattr(department.reader, "read", read_together)


def outcomes(department: Department, events: list[dict[str, Any]]) -> list[Any]:
    """Receive events at once; return for each the receipt and whether it is new, or the code of the refusal."""

    def receive(submission: dict[str, Any]) -> Any:
        try:
            return department.receive(submission)
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(receive, events))


def test_the_same_event_sent_twice_at_the_same_time_is_recorded_once(
    federation: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting(federation, 2, monkeypatch)
    submission = guardian()
    (first, one), (second, other) = outcomes(federation, [submission, submission])
    assert first == second
    assert sorted([one, other]) == [False, True]
    assert len(rows(federation)) == 1


@pytest.mark.parametrize("other", [{"division": "421222"}, {"subject": SON}], ids=["same stream", "another stream"])
def test_one_id_for_two_contents_at_the_same_time_is_taken(
    federation: Department, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    meeting(federation, 2, monkeypatch)
    submission = guardian()
    found = outcomes(federation, [submission, submission | other])
    assert "id_used_for_other_content" in found
    assert [outcome[1] for outcome in found if outcome != "id_used_for_other_content"] == [True]
    assert len(rows(federation)) == 1


def test_a_wrong_order_in_a_process_is_refused_with_its_reason_until_the_order_is_right(
    civil_affairs: Department,
) -> None:
    decided = sample("a-009", process="DB-1")
    with pytest.raises(Refused) as refused:
        civil_affairs.receive(decided)
    (fault,) = refused.value.faults
    assert (fault.code, fault.pointer) == ("out_of_order", "/process")
    assert "低保申请" in fault.zh
    assert "civil_affairs.dibao_applied" in fault.en
    civil_affairs.receive(sample("a-008", process="DB-2"))
    assert refusal(civil_affairs, decided) == [("/process", "out_of_order")]
    civil_affairs.receive(sample("a-008", process="DB-1"))
    assert civil_affairs.receive(decided)[1]


def test_an_event_without_its_process_is_out_of_order_too(civil_affairs: Department) -> None:
    civil_affairs.receive(sample("a-008", process="DB-1"))
    decided = {key: value for key, value in sample("a-009").items() if key != "process"}
    assert refusal(civil_affairs, decided) == [("/process", "out_of_order")]


def test_what_was_withdrawn_no_longer_comes_before_anything(federation: Department) -> None:
    applied = sample("a-010", process="CT-1")
    federation.receive(applied)
    federation.receive(withdrawal(applied["id"]))
    assert refusal(federation, sample("a-011", process="CT-1")) == [("/process", "out_of_order")]


def test_imported_history_waives_the_order_but_not_the_shape(civil_affairs: Department) -> None:
    assert civil_affairs.receive(sample("a-009", process="DB-1", legacy=True))[1]
    assert refusal(civil_affairs, sample("a-009", process="DB-1", legacy=True, data={"decision": "perhaps"})) == [
        ("/data/accepted_on", "required"),
        ("/data/decision", "unknown_code"),
    ]


def test_an_unknown_type_is_refused_with_the_nearest_one(federation: Department) -> None:
    with pytest.raises(Refused) as refused:
        federation.receive(guardian(type=f"{FEDERATION}.guardian_desginated"))
    (fault,) = refused.value.faults
    assert (fault.code, fault.pointer) == ("unknown_type", "/type")
    assert f"是否指 {FEDERATION}.guardian_designated？" in fault.zh
    assert f"Did you mean {FEDERATION}.guardian_designated?" in fault.en


@pytest.mark.holds("G.1")
def test_another_departments_type_is_not_taken_here(federation: Department) -> None:
    assert refusal(federation, guardian(type="education.student_enrolled")) == [("/type", "not_your_type")]


def test_every_reason_of_envelope_and_payload_comes_at_once(federation: Department) -> None:
    submission = guardian(
        id="", colour="blue", subject=DAUGHTER[:-1] + "1", time="2025-03-01T00:00:00+08:00", data={"relation": "99x"}
    )
    assert refusal(federation, submission) == [
        ("/colour", "unknown_attribute"),
        ("/data/from_date", "required"),
        ("/data/guardian", "required"),
        ("/data/relation", "unknown_code"),
        ("/id", "empty"),
        ("/subject", "resident_id_checksum"),
        ("/time", "dated_in_the_future"),
    ]


def test_an_event_about_a_person_names_the_person(federation: Department) -> None:
    submission = {key: value for key, value in guardian().items() if key != "subject"}
    assert refusal(federation, submission) == [("/subject", "required")]


def test_persons_of_fabricated_regions_are_refused_unless_allowed(department: Make, settings: Settings) -> None:
    strict = Settings(settings.database_url, settings.amqp_uri, settings.keys, settings.url)
    real = assembly.department(FEDERATION, strict)
    try:
        assert [pointer for pointer, _ in refusal(real, guardian())] == ["/data/guardian", "/subject"]
        assert ("/division", "unknown_code") in refusal(real, guardian(division="421299"))
    finally:
        real.database.close()
        real.ring._database.close()
    assert department(FEDERATION).receive(guardian(division="421299"))[1]


def test_persons_are_stored_as_tokens_with_only_their_birth_and_sex(federation: Department) -> None:
    federation.receive(guardian())
    found, link = last(federation), federation.reader.link
    daughter, mother = found.subject, found.data["guardian"]
    assert re.fullmatch(r"p-[a-z2-7]{32}", str(daughter))
    assert sorted(found.attributes["persons"].split()) == sorted([f"{daughter}/2021-05-12/2", f"{mother}/1990-07-08/2"])
    federation.receive(guardian(subject=CERTIFICATE))
    assert last(federation).subject == daughter, "a certificate number names the same person"
    federation.receive(guardian(subject=daughter))
    assert last(federation).subject == daughter, "so does the token"
    other = type(link)(bytes(32))
    assert daughter != other.token(federation.reader.read([guardian()], datetime.now(CHINA))[0].persons[str(daughter)])


def everything_stored(database_url: str) -> Iterator[str]:
    """Yield every row of every table of the database, binary columns also as text."""
    with psycopg.connect(database_url) as owner:
        tables = owner.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for table in tables:
            name = sql.Identifier(*table)
            for row in owner.execute(sql.SQL("SELECT * FROM {}").format(name)).fetchall():
                for value in row:
                    yield value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def test_nothing_personal_of_a_familys_whole_story_is_stored_in_clear(
    department: Make, database_url: str, scratch: Path
) -> None:
    """Not in any column or body, and not in the database's write-ahead log; yet the key ring opens all of it."""
    with psycopg.connect(database_url) as owner:
        row = owner.execute("SELECT pg_walfile_name(pg_current_wal_insert_lsn())").fetchone()
        first_wal = str(row[0]) if row else ""
    made: dict[str, Department] = {}
    given_in_clear = {FATHER, MOTHER, SON, DAUGHTER, "嘉鱼县虚构镇1组", "咸安区虚构街道"}
    sealed_count = 0
    for submission in story("a"):
        name = submission["type"].partition(".")[0]
        if name not in made:
            made[name] = department(name)
        own = made[name]
        receipt, new = own.receive(submission)
        assert new
        assert own.signer.verifier.receipt(receipt)
        stored = last(own)
        for field, fact in CATALOGUE.get(submission["type"]).facts.items():  # type: ignore[union-attr]
            value = stored.data.get(field)
            assert fact.sealed == is_sealed(value) or value is None, (submission["id"], field)
            if is_sealed(value):
                sealed_count += 1
                place = (stored.type, stored.source, stored.id, field)
                assert own.ring.unseal(value, place) == submission["data"][field]
                if fact.kind.name == "certificate":
                    given_in_clear.add(submission["data"][field])
    assert sealed_count > 10
    assert CERTIFICATE in given_in_clear
    assert sum(own.recorder.max_notification_id() or 0 for own in made.values()) == 45
    everything = "\n".join(everything_stored(database_url))
    assert "p-" in everything
    assert [clear for clear in given_in_clear if clear in everything] == []
    written = b"".join(
        path.read_bytes()
        for path in sorted((scratch / "postgres" / "data" / "pg_wal").iterdir())
        if path.is_file() and path.name >= first_wal
    )
    assert b"urn:yihu:civil_affairs:desk" in written
    assert [clear for clear in given_in_clear if clear.encode() in written] == []


def test_sealed_fields_are_sealed_for_the_person_and_the_place(federation: Department) -> None:
    federation.receive(family_opened())
    found = last(federation)
    address, ring = found.data["address_text"], federation.ring
    assert is_sealed(address)
    place = (found.type, found.source, found.id, "address_text")
    assert ring.unseal(address, place) == "虚构镇1组"
    for moved in ((*place[:3], "contact_phone"), (place[0], place[1], "other", place[3]), ("x", *place[1:])):
        with pytest.raises(Broken):
            ring.unseal(address, moved)
    assert ring.seal(str(found.subject), place, "甲")["key"] == address["key"]


def test_a_correction_replaces_the_whole_payload_of_the_original(federation: Department) -> None:
    original = family_opened()
    federation.receive(original)
    payload = original["data"] | {"address_text": "虚构镇2组", "hukou_type": "urban"}
    receipt, new = federation.receive(correction(original["id"], payload))
    first, second = federation.recorder.events()
    assert new
    assert receipt["type"] == f"{FEDERATION}.event_corrected"
    assert (second.target, second.attributes["causationid"]) == (1, original["id"])
    assert (second.subject, second.originator_id, second.originator_version) == (first.subject, first.originator_id, 2)
    corrected = second.data["corrected_payload"]
    assert corrected.keys() == original["data"].keys()
    assert (corrected["hukou_type"], corrected["members"]) == ("urban", first.data["members"])
    place = (second.type, second.source, second.id, "corrected_payload/address_text")
    assert federation.ring.unseal(corrected["address_text"], place) == "虚构镇2组"
    assert FATHER not in second.encode().decode()


@pytest.mark.holds("REG-22.2")
def test_a_correction_is_checked_as_the_type_that_it_corrects(federation: Department) -> None:
    original = family_opened()
    federation.receive(original)
    at = "/data/corrected_payload"
    assert refusal(
        federation, correction(original["id"], {"hukou_type": "noble", "colour": 1, "members": [FATHER]})
    ) == [
        (f"{at}/address_text", "required"),
        (f"{at}/colour", "unknown_field"),
        (f"{at}/division", "required"),
        (f"{at}/head", "required"),
        (f"{at}/hukou_type", "unknown_code"),
        (f"{at}/source", "required"),
    ]
    stranger = original["data"] | {"head": MOTHER, "members": [FATHER]}
    assert [code for _, code in refusal(federation, correction(original["id"], stranger))] == ["head_not_a_member"]
    assert refusal(federation, correction(original["id"], "all wrong")) == [(at, "not_an_object")]


def test_an_unknown_event_cannot_be_corrected_or_withdrawn(federation: Department, civil_affairs: Department) -> None:
    applied = sample("a-008", process="DB-1")
    civil_affairs.receive(applied)
    no_such = [("/data/target_event", "no_such_event")]
    for name in ("nobody-sent-this", applied["id"]):
        assert refusal(federation, correction(name, {})) == no_such
        assert refusal(federation, withdrawal(name)) == no_such


@pytest.mark.holds("REG-22.1")
def test_another_systems_event_of_the_department_is_named_only_where_its_id_is_clear(federation: Department) -> None:
    """One's own event comes first; an id that two other systems used says nothing."""
    one, two = "urn:yihu:disability_federation:one", "urn:yihu:disability_federation:two"
    federation.receive(guardian(id="g-1", source=one))
    federation.receive(correction("g-1", guardian()["data"]))
    assert last(federation).target == 1
    federation.receive(guardian(id="g-1", source=two))
    assert refusal(federation, correction("g-1", guardian()["data"])) == [("/data/target_event", "no_such_event")]
    federation.receive(guardian(id="g-1"))
    federation.receive(correction("g-1", guardian()["data"]))
    assert last(federation).target == 4


def test_a_correction_of_a_correction_replaces_the_original(federation: Department) -> None:
    original = guardian()
    federation.receive(original)
    first = correction(original["id"], original["data"] | {"relation": "10"})
    federation.receive(first)
    federation.receive(correction(first["id"], original["data"] | {"relation": "20"}))
    found = last(federation)
    assert (found.target, found.originator_version) == (1, 3)
    assert found.data["corrected_payload"]["relation"] == "20"


def test_a_withdrawn_event_is_neither_corrected_nor_withdrawn_again(federation: Department) -> None:
    original = guardian()
    federation.receive(original)
    first = correction(original["id"], original["data"])
    federation.receive(first)
    federation.receive(withdrawal(original["id"]))
    assert last(federation).target == 1
    withdrawn = [("/data/target_event", "already_withdrawn")]
    assert refusal(federation, withdrawal(original["id"])) == withdrawn
    assert refusal(federation, correction(original["id"], original["data"])) == withdrawn
    assert refusal(federation, correction(first["id"], original["data"])) == withdrawn


@pytest.mark.holds("REG-23.1")
def test_withdrawing_a_correction_is_about_the_correction_and_leaves_the_original(federation: Department) -> None:
    original = guardian()
    federation.receive(original)
    first = correction(original["id"], original["data"] | {"relation": "10"})
    federation.receive(first)
    assert federation.receive(withdrawal(first["id"]))[1]
    assert (last(federation).target, last(federation).originator_version) == (2, 3)
    assert refusal(federation, withdrawal(first["id"])) == [("/data/target_event", "already_withdrawn")]
    assert federation.receive(correction(original["id"], original["data"]))[1]
    assert federation.receive(withdrawal(original["id"]))[1]


def test_a_withdrawal_can_itself_not_be_amended(federation: Department) -> None:
    original = guardian()
    federation.receive(original)
    taken = withdrawal(original["id"])
    federation.receive(taken)
    assert refusal(federation, withdrawal(taken["id"])) == [("/data/target_event", "not_amendable")]
    assert refusal(federation, correction(taken["id"], {})) == [("/data/target_event", "not_amendable")]


def test_an_amendment_is_about_the_person_of_the_original(federation: Department) -> None:
    original, imported = guardian(), sample("b-040")
    federation.receive(original)
    federation.receive(imported)
    other = [("/subject", "other_subject")]
    assert refusal(federation, correction(original["id"], original["data"], subject=SON)) == other
    assert refusal(federation, withdrawal(original["id"], subject=MOTHER)) == other
    assert refusal(federation, withdrawal(imported["id"], subject=MOTHER)) == other
    assert federation.receive(correction(original["id"], original["data"], subject=CERTIFICATE))[1]
    assert federation.receive(withdrawal(imported["id"]))[1]
    assert "subject" not in last(federation).attributes


def test_two_withdrawals_at_the_same_time_are_one(federation: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    original = guardian()
    federation.receive(original)
    meeting(federation, 4, monkeypatch)
    found = outcomes(federation, [withdrawal(original["id"]) for _ in range(4)])
    assert found.count("already_withdrawn") == 3
    assert [row.target for row in rows(federation)] == [None, 1]


def test_an_event_about_an_organisation_needs_no_subject(federation: Department) -> None:
    assert federation.receive(sample("b-040"))[1]
    assert (last(federation).subject, last(federation).originator_id) == (None, "process/IMP-1")
    assert federation.receive(sample("b-043"))[1]
    assert last(federation).originator_id == "department"
    assert "persons" not in last(federation).attributes


def test_a_stream_is_the_process_or_else_the_person(federation: Department) -> None:
    federation.receive(guardian())
    federation.receive(guardian(process="G-1"))
    federation.receive(guardian(subject=SON, process="G-1"))
    events = list(federation.recorder.events())
    token = events[0].subject
    assert [(event.originator_id, event.originator_version) for event in events] == [
        (f"subject/{token}", 1),
        ("process/G-1", 1),
        ("process/G-1", 2),
    ]


def test_a_time_in_the_future_is_recorded_and_flagged_at_once(federation: Department) -> None:
    now = datetime.now(CHINA)
    soon, later = stamp(now + timedelta(minutes=4)), stamp(now + timedelta(minutes=6))
    for time, recordedtime, flags in (
        (soon, soon, None),
        (soon, later, ["asserted_in_future"]),
        (later, later, ["happened_in_future", "asserted_in_future"]),
    ):
        submission = guardian(time=time, recordedtime=recordedtime)
        receipt, _ = federation.receive(submission)
        assert receipt.get("flags") == flags
        assert federation.signer.verifier.receipt(receipt)
        assert federation.receive(submission) == (receipt, False)


def test_an_event_later_than_the_day_it_was_written_down_is_refused(federation: Department) -> None:
    morning, noon = "2025-03-03T08:00:00+08:00", "2025-03-03T12:00:00+08:00"
    assert refusal(federation, guardian(time="2025-03-04T00:00:00+08:00", recordedtime=noon)) == [
        ("/time", "dated_in_the_future")
    ]
    assert federation.receive(guardian(time=noon, recordedtime=morning))[1]  # the day counts


@pytest.mark.holds("G.2")
def test_an_event_later_than_today_is_refused_unless_it_says_when_it_was_written_down(federation: Department) -> None:
    at = datetime(2025, 3, 3, 23, 54, tzinfo=CHINA)
    federation.clock = lambda: at
    tomorrow = "2025-03-04T00:00:00+08:00"
    unsaid = {key: value for key, value in guardian(time=tomorrow).items() if key != "recordedtime"}
    assert refusal(federation, unsaid) == [("/time", "dated_in_the_future")]
    receipt, _ = federation.receive(guardian(time=tomorrow, recordedtime=tomorrow))  # ours may be the wrong clock
    assert receipt["flags"] == ["happened_in_future", "asserted_in_future"]
    federation.clock = lambda: at + timedelta(minutes=2)  # in the range in which clocks may differ
    receipt, _ = federation.receive(unsaid)
    assert "flags" not in receipt
    federation.clock = lambda: at  # what is on record keeps its receipt
    assert federation.receive(unsaid) == (receipt, False)


@pytest.mark.holds("G.5")
def test_a_list_that_names_something_twice_is_refused_persons_however_they_are_named(federation: Department) -> None:
    def moved(*persons: str) -> dict[str, Any]:
        return sample("a-035", data=STORIES["a-035"]["data"] | {"persons": list(persons)})

    twice = [("/data/persons", "named_twice")]
    assert refusal(federation, moved(DAUGHTER, MOTHER, DAUGHTER) | {"legacy": True}) == twice
    token = federation.reader.link.token(Person(DAUGHTER))
    assert refusal(federation, moved(DAUGHTER, token) | {"legacy": True}) == twice
    assert refusal(federation, moved(DAUGHTER, DAUGHTER) | {"division": "999999"}) == [
        ("/data/persons", "named_twice"),
        ("/division", "unknown_code"),
    ]
    assert federation.receive(moved(DAUGHTER, MOTHER) | {"legacy": True})[1]


def test_a_rule_of_the_type_says_more_than_that_something_is_named_twice(federation: Department) -> None:
    surveyed = event(f"{FEDERATION}.needs_surveyed", {"surveyor": "甲", "needs": ["REHAB", "REHAB"]}, legacy=True)
    assert refusal(federation, surveyed) == [("/data/needs", "code_named_twice")]


@pytest.mark.holds("G.3")
@pytest.mark.parametrize("decision", ["refused", "not_accepted"])
@pytest.mark.parametrize("kind", ["referral_answered", "two_subsidies_reviewed", "care_service_decided"])
def test_a_decision_that_turns_somebody_away_gives_its_reason(federation: Department, kind: str, decision: str) -> None:
    declaration = CATALOGUE.get(f"{FEDERATION}.{kind}")
    assert declaration is not None
    data = {name: value for name, value in declaration.example().items() if declaration.facts[name].required}
    data |= {"decision": decision}
    unexplained = event(declaration.type, data, legacy=True)
    assert refusal(federation, unexplained) == [("/data/refuse_reason", "refusal_without_reason")]
    assert federation.receive(event(declaration.type, data | {"refuse_reason": "document"}, legacy=True))[1]
    assert federation.receive(event(declaration.type, data | {"decision": "returned"}, legacy=True, process="2"))[1]


@pytest.mark.holds("G.8")
def test_a_number_that_ends_in_000_is_accepted_and_flagged(federation: Department) -> None:
    receipt, _ = federation.receive(guardian(subject=ENDS_000))
    assert receipt["flags"] == ["number_ends_000"]
    assert "flags" not in federation.receive(guardian())[0]


def test_who_recorded_and_approved_and_the_row_it_came_from_are_recorded_and_are_content(
    federation: Department,
) -> None:
    more = {
        "recordedby": "acct-17",
        "approvedby": "acct-18",
        "filedigest": "0f" * 32,
        "filesheet": "摸底表",
        "filerow": 7,
    }
    submission = guardian(**more)
    receipt, _ = federation.receive(submission)
    assert more.items() <= last(federation).attributes.items()
    assert federation.receive(submission | {"filerow": "7"}) == (receipt, False)
    for name in more:
        with pytest.raises(IdTaken):
            federation.receive({key: value for key, value in submission.items() if key != name})


@pytest.mark.holds("G.4")
def test_a_code_counts_on_the_day_of_the_event(federation: Department) -> None:
    old = {"time": "1998-12-31T23:59:59+08:00", "recordedtime": "1999-01-01T00:00:00+08:00"}
    assert refusal(federation, guardian(division="421221", **old)) == [("/division", "unknown_code")]
    assert federation.receive(guardian(division="421221", **old | {"time": "1999-01-01T00:00:00+08:00"}))[1]


def test_the_three_times_are_kept_apart(settings: Settings) -> None:
    now = datetime(2025, 3, 1, 12, 0, 0, 5_000, tzinfo=CHINA)
    federation = assembly.department(FEDERATION, settings)
    federation.clock = lambda: now
    try:
        federation.receive(guardian(time="2025-02-01T00:00:00Z", recordedtime="2025-02-02T00:00:00Z"))
        attributes = last(federation).attributes
        assert attributes["time"] == "2025-02-01T08:00:00+08:00"
        assert attributes["recordedtime"] == "2025-02-02T08:00:00+08:00"
        assert moment(attributes["loggedtime"]) == now
        unasserted = {key: value for key, value in guardian().items() if key != "recordedtime"}
        federation.receive(unasserted)
        assert last(federation).attributes["recordedtime"] == attributes["loggedtime"]
    finally:
        federation.database.close()
        federation.ring._database.close()


def test_eight_threads_saying_events_of_one_process_all_land_in_one_stream(civil_affairs: Department) -> None:
    threads, each = 8, 10
    start = Barrier(threads)

    def speak(_: int) -> list[dict[str, Any]]:
        start.wait()
        return [civil_affairs.receive(checked())[0] for _ in range(each)]

    with ThreadPoolExecutor(threads) as pool:
        receipts = [receipt for own in pool.map(speak, range(threads)) for receipt in own]
    found = list(civil_affairs.recorder.events())
    assert [(event.position, event.originator_id, event.originator_version) for event in found] == [
        (number, "process/DB-1", number) for number in range(1, threads * each + 1)
    ]
    assert {(event.position, event.id, leaf_hash(event.exact).hex()) for event in found} == {
        (receipt["position"], receipt["id"], receipt["leaf"]) for receipt in receipts
    }
