"""A batch is one way in: each event gets its own answer, knows what came before it, and takes no other along."""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from services.departments import load_catalogue
from shared.door.department import Answer, Department
from shared.keys.ring import is_sealed
from shared.language.rules import Rules
from shared.log.record import RecordedEvent
from shared.postgres.database import Database, Unavailable
from tests.world import DAUGHTER, FATHER, event, family_opened

load_catalogue()
Make = Callable[[str], Department]
CIVIL = "civil_affairs"
FEDERATION = "disability_federation"
_numbers = count(1)


def applied(process: str, **attributes: Any) -> dict[str, Any]:
    data = {
        "dibao_type": "family",
        "applicant": FATHER,
        "persons": [FATHER, DAUGHTER],
        "authorisation_doc": "授权书1号",
        "applied_on": "2025-02-20",
    }
    return event(f"{CIVIL}.dibao_applied", data, FATHER, process=process, **attributes)


def accepted(process: str, **attributes: Any) -> dict[str, Any]:
    data = {"decision": "approved", "accepted_on": "2025-02-25"}
    return event(f"{CIVIL}.dibao_acceptance_decided", data, FATHER, process=process, **attributes)


def amended(kind: str, of: str, **data: Any) -> dict[str, Any]:
    return event(f"{CIVIL}.event_{kind}", {"target_event": of, "reason": "录入错误"} | data, None)


def codes(answers: list[Answer]) -> list[str]:
    """Return for each answer: new, again, or the codes of the refusal."""
    return [
        " ".join(fault.code for fault in answer.refused.faults) if answer.refused else "new" if answer.new else "again"
        for answer in answers
    ]


def positions(department: Department) -> list[int]:
    return [row.position for row in department.recorder.rows()]


@pytest.fixture
def civil(department: Make) -> Department:
    return department(CIVIL)


@pytest.fixture
def federation(department: Make) -> Department:
    return department(FEDERATION)


def test_each_event_of_a_batch_gets_its_own_answer_in_order_and_refused_ones_leave_no_gap(civil: Department) -> None:
    batch = [applied("P-1"), applied("P-2") | {"data": {}}, None, accepted("P-9"), applied("P-3")]
    found = codes(civil.receive_all(batch))
    assert [found[0], found[4]] == ["new", "new"]
    assert found[3] == "out_of_order"
    assert "required" in found[1]
    assert found[2] == "not_an_object"
    assert positions(civil) == [1, 2]


def test_a_batch_that_is_only_judged_gets_the_same_answers_and_leaves_no_trace(civil: Department) -> None:
    civil.receive_all([applied("P-0")])
    batch = [applied("P-1"), accepted("P-1"), applied("P-2") | {"data": {}}, accepted("P-9"), applied("P-3")]
    batch += [copy.deepcopy(batch[0])]
    judged = civil.receive_all(batch, judge_only=True)
    assert positions(civil) == [1]
    assert codes(judged) == codes(civil.receive_all(batch))
    assert [one.receipt and one.receipt["verdict"] for one in judged][:3] == ["would_be_recorded"] * 2 + [None]
    again = civil.receive_all(batch, judge_only=True)[0].receipt
    assert again is not None
    assert again["position"] == 2


def test_the_same_event_twice_in_one_batch_is_a_duplicate_of_itself(civil: Department) -> None:
    one = applied("P-1")
    answers = civil.receive_all([one, one, copy.deepcopy(one) | {"time": "2025-03-01T01:00:00Z"}])
    assert codes(answers) == ["new", "again", "again"]
    assert answers[0].receipt == answers[1].receipt == answers[2].receipt
    assert civil.receive(one) == (answers[0].receipt, False)


def test_one_name_for_two_contents_in_one_batch_is_a_conflict_of_the_second(civil: Department) -> None:
    one = applied("P-1")
    other = one | {"process": "P-2"}
    assert codes(civil.receive_all([one, other, one])) == ["new", "id_used_for_other_content", "again"]
    assert positions(civil) == [1]


def test_an_event_knows_what_was_accepted_before_it_in_the_same_batch_and_nothing_after_it(civil: Department) -> None:
    right = codes(civil.receive_all([applied("P-1"), accepted("P-1")]))
    wrong = codes(civil.receive_all([accepted("P-2"), applied("P-2")]))
    assert right == ["new", "new"]
    assert wrong == ["out_of_order", "new"]


def test_what_depends_on_a_refused_event_is_refused_with_it(civil: Department) -> None:
    broken = applied("P-1") | {"data": {"dibao_type": "family"}}
    assert codes(civil.receive_all([broken, accepted("P-1"), applied("P-2")]))[1:] == ["out_of_order", "new"]


def test_a_batch_may_correct_and_withdraw_what_it_says_itself(civil: Department) -> None:
    first, second = applied("P-1"), accepted("P-1")
    corrected = amended("corrected", first["id"], corrected_payload=first["data"] | {"applied_on": "2025-02-21"})
    withdrawn = amended("withdrawn", first["id"], approver="科长")
    again = amended("withdrawn", first["id"], approver="科长")
    late = accepted("P-1")
    answers = civil.receive_all([first, second, corrected, withdrawn, again, late])
    assert codes(answers) == ["new", "new", "new", "new", "already_withdrawn", "out_of_order"]
    records = list(civil.recorder.events())
    assert [record.target for record in records] == [None, None, 1, 1]
    assert {record.originator_id for record in records} == {"process/P-1"}
    assert [record.originator_version for record in records] == [1, 2, 3, 4]


def test_a_batch_answers_as_its_events_one_by_one_would_be_answered(department: Make, database_url: str) -> None:
    del database_url
    civil = department(CIVIL)
    batch = [
        applied("P-1"),
        accepted("P-1"),
        accepted("P-2"),
        applied("P-2"),
        amended("withdrawn", "nobody", approver="科长"),
        accepted("P-2"),
        accepted("P-1") | {"subject": "1"},
    ]
    whole = codes(civil.receive_all(batch))
    renamed = [one | {"id": f"single-{n}", "process": f"{one.get('process', '')}s"} for n, one in enumerate(batch)]
    assert [codes(civil.receive_all([one]))[0] for one in renamed] == whole


def test_one_unexpected_error_does_not_fail_the_other_events(
    civil: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = Rules.judge

    def judge(self: Rules, judged: Any, past: Any, *, order: bool = True) -> Any:
        if past.process == "P-7":
            raise ZeroDivisionError
        return genuine(self, judged, past, order=order)

    monkeypatch.setattr(Rules, "judge", judge)
    answers = civil.receive_all([applied(f"P-{n}") for n in range(20)])
    assert codes(answers) == ["internal" if n == 7 else "new" for n in range(20)]
    assert [answer.refused.status for answer in answers if answer.refused] == [500]
    assert positions(civil) == list(range(1, 20))


def test_without_a_database_every_event_of_a_batch_is_to_be_sent_again(
    civil: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = civil.recorder.append

    def fails(*_: Any) -> Any:
        raise Unavailable

    monkeypatch.setattr(civil.recorder, "append", fails)
    batch = [applied("P-1"), applied("P-2")]
    answers = civil.receive_all(batch)
    assert [(answer.refused.status, answer.refused.code) for answer in answers if answer.refused] == [
        (503, "database_unavailable")
    ] * 2
    monkeypatch.setattr(civil.recorder, "append", genuine)
    assert codes(civil.receive_all(batch)) == ["new", "new"]


def test_a_batch_that_hangs_keeps_no_other_waiting_for_ever(civil: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.door.department.TURN_S", 0.05)
    with civil._turn:
        [answer] = civil.receive_all([applied("P-1")])
    assert answer.refused
    assert (answer.refused.status, answer.refused.code) == (503, "database_unavailable")
    assert codes(civil.receive_all([applied("P-1")])) == ["new"]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    asked: list[str] = []
    genuine = Database.all
    monkeypatch.setattr(
        Database, "all", lambda self, query, *given: asked.append(query) or genuine(self, query, *given)
    )
    yield asked


def test_a_batch_asks_the_database_no_more_often_than_a_single_event(
    civil: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    civil.receive_all([applied("P-0")])
    with counted(monkeypatch) as asked:
        civil.receive_all([applied("P-1"), accepted("P-1")])
        few = len(asked)
        asked.clear()
        civil.receive_all([one for n in range(2, 300) for one in (applied(f"P-{n}"), accepted(f"P-{n}"))])
    assert len(asked) == few


def test_senders_whose_batches_race_on_the_same_names_and_streams_lose_and_double_nothing(civil: Department) -> None:
    batch = [one for n in range(40) for one in (applied(f"R-{n}"), accepted(f"R-{n}"))]
    orders = [batch, batch, batch[20:] + batch[:20], batch[::-1]]
    with ThreadPoolExecutor(len(orders)) as pool:
        found = list(pool.map(civil.receive_all, orders))
    receipts = {}
    for order, answers in zip(orders, found, strict=True):
        for one, answer in zip(order, answers, strict=True):
            if answer.receipt:
                receipts.setdefault(one["id"], []).append(answer.receipt)
    assert all(same == given[0] for given in receipts.values() for same in given)
    assert sorted(given[0]["position"] for given in receipts.values()) == positions(civil)
    assert sum(answer.new for answers in found for answer in answers) == len(receipts)


@pytest.mark.parametrize(
    "beside",
    [
        {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"datacontenttype": "application/json"},
        {"dataschema": "urn:yihu:civil_affairs.dibao_applied:1"},
        {"time": "2025-03-01T01:00:00Z"},
        {"time": "2025-03-01T01:00:00.000+00:00"},
        {"recordedtime": "2025-03-02T09:00:00.000+08:00"},
        {"legacy": "true"},
        {"subject": FATHER + " "},
    ],
    ids=lambda beside: next(iter(beside)),
)
def test_the_same_event_with_something_else_beside_it_gets_its_first_receipt(
    civil: Department, beside: dict[str, Any]
) -> None:
    one = applied("P-1", recordedtime="2025-03-02T09:00:00+08:00", legacy=True)
    first, _ = civil.receive(one)
    assert civil.receive(one | beside) == (first, False)
    assert civil.receive(one | {"specversion": "1.0"} | beside) == (first, False)


def test_imported_history_that_says_it_is_none_is_no_imported_history(civil: Department) -> None:
    one = applied("P-1")
    first, _ = civil.receive(one)
    assert civil.receive(one | {"legacy": False}) == (first, False)
    assert codes(civil.receive_all([one | {"legacy": True}])) == ["id_used_for_other_content"]


def test_amounts_and_numbers_written_otherwise_are_the_same(federation: Department) -> None:
    month = {
        "month": "2025-03",
        "sessions": 8,
        "hours": 12,
        "fee_total": "100.5",
        "fee_aided": "100",
        "fee_self": "0.50",
    }
    one = event(f"{FEDERATION}.rehab_month_reported", month, process="R-1", legacy=True)
    first, _ = federation.receive(one)
    written = month | {"hours": "12", "fee_total": "100.50", "fee_aided": "100.00"}
    assert federation.receive(one | {"data": written}) == (first, False)


def of_before(department: Department, record: RecordedEvent, submission: Any) -> None:
    """Make a record look like one of the version before: a digest of the bytes, and no more."""
    from shared.json import canonical  # noqa: PLC0415

    attributes = record.attributes | {"fingerprint": department.reader.link.fingerprint(canonical(submission))}
    old = RecordedEvent(record.originator_id, 1, attributes, record.data)
    with department.database.transaction() as tx:
        department.recorder.append(tx, [old])


def test_a_retry_of_what_the_version_before_recorded_gets_its_first_receipt(
    department: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation, kept = department(FEDERATION), []
    one = family_opened() | {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    with monkeypatch.context() as patch:
        patch.setattr(federation.recorder, "append", lambda _, records: kept.extend(records) or [1])
        federation.receive(one)
    assert any(is_sealed(value) for value in kept[0].data.values())
    of_before(federation, kept[0], one)
    first, new = federation.receive(one)
    assert not new
    assert federation.receive(one | {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01"}) == (
        first,
        False,
    )
    other = one["data"] | {"address_text": "虚构镇2组"}
    assert codes(federation.receive_all([one | {"data": other}])) == ["id_used_for_other_content"]
