"""The desk: what stands in no history is listed with its age and reasons, tried again, set aside and taken up again."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from services.commands import unmatched
from services.family_case import consumer as consuming
from services.family_case.consumer import Consumer
from services.family_case.desk import Desk
from services.processes import assembly
from services.processes.installation import Installation
from shared.bus.broker import Delivery
from shared.errors import Refused
from shared.keys.files import Keys
from shared.keys.signing import message_digest
from shared.language.envelope import china_now
from tests.family_case.conftest import Hub
from tests.family_case.test_merges import UNBORN, same_person
from tests.family_case.test_receiving import HER_CHILD, child_registered, withdrawn
from tests.world import DAUGHTER, FATHER, family_opened

WHY = "外市儿童，已转告原户籍地"


def later(days: int) -> datetime:
    return china_now() + timedelta(days=days)


def items(hub: Hub) -> list[str]:
    return [one["item"] for one in hub.queries.desk.unmatched()]


def test_what_waits_shows_department_division_age_and_reason(hub: Hub) -> None:
    [(_, event)] = hub.tell(child_registered(division="421221"))
    desk = Desk(hub.database, clock=lambda: later(9))
    [shown] = desk.unmatched()
    assert (shown["item"], shown["log"], shown["division"], shown["days"]) == ("education/1", "education", "421221", 9)
    assert [reason["code"] for reason in shown["reasons"]] == ["unknown_person"]
    assert shown["person"] == event.subject
    assert shown["set_aside"] is None


def test_the_oldest_are_listed_first(hub: Hub) -> None:
    hub.tell(child_registered(HER_CHILD), child_registered(DAUGHTER))
    assert items(hub) == ["education/1", "education/2"]


def test_what_waits_joins_when_a_case_is_opened_or_its_person_is_linked_to_a_member(hub: Hub) -> None:
    hub.tell(child_registered(DAUGHTER), child_registered(UNBORN))
    hub.tell(family_opened([FATHER, DAUGHTER]))
    assert items(hub) == ["education/2"]
    link = same_person(DAUGHTER, UNBORN)
    hub.tell(link)
    assert items(hub) == []
    hub.tell(withdrawn(link))
    assert items(hub) == ["education/2"]


def test_what_is_set_aside_says_why_by_whom_and_when_and_can_be_taken_up_again(hub: Hub) -> None:
    hub.tell(child_registered())
    desk = hub.queries.desk
    desk.decide("education/1", "set_aside", WHY, "acc-7")
    [shown] = desk.unmatched()
    assert (shown["set_aside"]["reason"], shown["set_aside"]["who"]) == (WHY, "acc-7")
    desk.decide("education/1", "taken_up", "该户已迁入本市", "acc-8")
    assert desk.unmatched()[0]["set_aside"] is None
    assert hub.rows("SELECT decided FROM {case}.desk_decisions ORDER BY number") == [("set_aside",), ("taken_up",)]


def test_what_was_set_aside_joins_its_family_all_the_same(hub: Hub) -> None:
    [(_, event)] = hub.tell(child_registered())
    hub.queries.desk.decide("education/1", "set_aside", WHY, "acc-7")
    hub.tell(family_opened())
    assert items(hub) == []
    assert event.id in hub.ids()


@pytest.mark.parametrize("item", ["education/2", "education/x", "/1", "", "12345678", "disability_federation/1"])
def test_what_is_not_at_the_desk_is_not_decided(hub: Hub, item: str) -> None:
    hub.tell(child_registered(), family_opened([FATHER]))
    with pytest.raises(Refused) as refused:
        hub.queries.desk.decide(item, "set_aside", WHY, "acc-7")
    assert [fault.code for fault in refused.value.faults] == ["no_such_item"]


def test_a_reason_with_a_personal_number_is_refused_and_kept_nowhere(hub: Hub) -> None:
    hub.tell(child_registered())
    with pytest.raises(Refused) as refused:
        hub.queries.desk.decide("education/1", "set_aside", f"见{HER_CHILD}", "acc-7")
    assert [fault.pointer for fault in refused.value.faults] == ["/reason"]
    assert hub.rows("SELECT count(*) FROM {case}.desk_decisions") == [(0,)]


def test_only_what_is_set_aside_is_taken_up(hub: Hub) -> None:
    hub.tell(child_registered())
    with pytest.raises(Refused) as refused:
        hub.queries.desk.decide("education/1", "taken_up", WHY, "acc-7")
    assert [fault.code for fault in refused.value.faults] == ["not_set_aside"]


# -- quarantine


@pytest.fixture
def consumer(hub: Hub) -> Consumer:
    """Return a consumer without a bus, which files into the hub."""
    found = assembly.consumer(hub.settings)
    found.cases, found.desk = hub.cases, Desk(hub.database)
    return found


def deliver(hub: Hub, consumer: Consumer, body: bytes, *, signed: bool = True) -> None:
    signer = Keys(hub.settings.keys).signer("education")
    signature = signer.sign(message_digest(signer.name, body)) if signed else b""
    consumer.handle([Delivery(signer.name, signature, body)])


def test_a_quarantined_message_shows_reason_size_and_age_and_never_what_is_in_it(hub: Hub, consumer: Consumer) -> None:
    deliver(hub, consumer, b"[garbage of a child", signed=True)
    deliver(hub, consumer, b"nobody's", signed=False)
    shown = Desk(hub.database, clock=lambda: later(3)).messages()
    assert {(one["reasons"][0]["code"], one["bytes"], one["days"], one["retry"]) for one in shown} == {
        ("not_readable", 19, 3, True), ("not_signed_by_the_log", 8, 3, False),
    }  # fmt: skip
    assert "garbage" not in str(shown)


def test_a_later_version_reads_what_an_earlier_one_could_not(
    hub: Hub, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(_, event)] = hub.say(child_registered())
    body = b"a form of messages that comes later"
    deliver(hub, consumer, body)
    assert consumer.read_again() == 0
    assert len(consumer.desk.messages()) == 1
    monkeypatch.setattr(consuming, "decode_batch", lambda read: [event] if read == body else [])
    assert consumer.read_again() == 1
    assert items(hub) == ["education/1"]
    assert consumer.desk.messages() == []
    assert consumer.read_again() == 0
    assert hub.rows("SELECT count(*) FROM {case}.quarantine") == [(1,)], "nothing disappears"


def test_a_message_is_set_aside_by_the_beginning_of_its_name(hub: Hub, consumer: Consumer) -> None:
    deliver(hub, consumer, b"nobody's", signed=False)
    [shown] = consumer.desk.messages()
    consumer.desk.decide(shown["item"][:12], "set_aside", "演练产生的消息", "acc-7")
    [shown] = consumer.desk.messages()
    assert shown["set_aside"]["reason"] == "演练产生的消息"


# -- the command


@pytest.fixture
def told(hub: Hub, consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Return a case with an event that waits, where the command finds it."""
    hub.tell(child_registered(division="421221"))
    monkeypatch.setattr(Installation, "settings", lambda _: hub.settings)
    monkeypatch.setattr(assembly, "queries", lambda _: hub.queries)
    monkeypatch.setattr(assembly, "consumer", lambda _: consumer)
    return hub


def run(capsys: pytest.CaptureFixture[str], *arguments: Any, **options: Any) -> str:
    unmatched.command(*arguments, data=Path("x"), **options)
    return capsys.readouterr().out


@pytest.mark.usefixtures("told")
def test_the_command_lists_sets_aside_and_takes_up(capsys: pytest.CaptureFixture[str]) -> None:
    listed = run(capsys)
    assert "education/1  嘉鱼县教育局 适龄残疾儿童入学前登记" in listed
    assert "已等候 0 天" in listed
    assert "未归入 1 条，隔离 0 条，归属有矛盾 0 条。" in listed
    assert json.loads(run(capsys, "set-aside", "education/1", reason=WHY)) == {
        "item": "education/1", "decided": "set-aside",
    }  # fmt: skip
    assert f"cli）：{WHY}" in run(capsys)
    run(capsys, "take-up", "education/1", reason="已迁入")
    assert json.loads(run(capsys, json=True))["unmatched"][0]["set_aside"] is None
    assert json.loads(run(capsys, "retry")) == {"filed": 0, "read": 0}


@pytest.mark.usefixtures("told")
def test_the_command_wants_an_item_and_a_reason() -> None:
    with pytest.raises(typer.BadParameter):
        unmatched.command("set-aside", "education/1", data=Path("x"))
    with pytest.raises(typer.BadParameter):
        unmatched.command("take-up", reason=WHY, data=Path("x"))
