"""What must hold of kept verdicts, whatever happens: held against a naive evaluator. `make prove` tries far more."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from services.entitlements.engine import judge, judge_family
from services.entitlements.judging import _said
from services.processes.assembly import owed_schema
from shared.log.record import RecordedEvent
from shared.policy.calendar import last_of, month_of, months_between
from tests.emptying import empty_database
from tests.entitlements.desk import Desk, city, deliver
from tests.entitlements.made_up_city import made_up
from tests.entitlements.upheavals import upheaved
from tests.family_case.conftest import Hub, Told
from tests.faults.tools.proof import Proof
from tests.world import event, story

TODAY = date(2027, 6, 1)
MONTHS = [last_of(month) for month in months_between("2025-03", month_of(TODAY))]


@pytest.fixture
def desk(hub: Hub, open_database: Callable[..., Any]) -> Desk:
    """Kept verdicts of a day on which most stories are told."""
    return Desk(hub.queries, open_database("family_case", schema=owed_schema(hub.database.schema)), TODAY)


def test_verdicts_kept_while_events_and_days_go_by_are_those_of_judging_from_nothing(
    hub: Hub, desk: Desk, proof: Proof
) -> None:
    families = proof.of(30, 2_000)
    judged = 0
    logs = upheaved(families, proof.random)
    parts = list(deliver(hub.cases, logs, proof.random, proof.of(6, 40)))
    days = sorted(proof.random.sample(range(400), 3))
    for ago in reversed(days):
        desk.today = TODAY - timedelta(ago)
        judged += desk.catch_up()
        assert desk.said() == desk.naively(desk.today), desk.today
    proof.note(families=families, events=sum(parts), judged=judged)
    assert any(desk.said().values())


def test_the_order_of_arrival_repetition_and_lateness_change_no_verdict(hub: Hub, desk: Desk, proof: Proof) -> None:
    logs = city(proof.of(4, 20), proof.random.randrange(10**6))
    found: list[Any] = []
    for _ in range(proof.of(2, 40)):
        for _ in deliver(hub.cases, logs, proof.random, 8):
            if proof.random.random() < 0.3:
                desk.judging.step()
        desk.catch_up()
        found.append(desk.rows())
        empty_database(hub.settings.database_url)
    assert found[0][0]
    assert all(one == found[0] for one in found)
    proof.note(orders=len(found))


def test_what_was_known_on_a_day_gives_the_same_verdicts_ever_after(hub: Hub, desk: Desk, proof: Proof) -> None:
    logs = city(proof.of(5, 60), proof.random.randrange(10**6))
    days = MONTHS if proof.full else sorted(proof.random.sample(MONTHS, 4))
    then: dict[tuple[str, date, date], Any] = {}
    filed = dict.fromkeys(logs, 0)
    for known in days:
        for log, some in logs.items():
            end = filed[log] + sum(1 for one in some[filed[log] :] if _written(one) <= known)
            hub.cases.receive(log, some[filed[log] : end])
            filed[log] = end
        for on in {known, *proof.random.sample(MONTHS, proof.of(1, 6))}:
            then |= {(family, known, on): said for family, said in desk.naively(on).items()}
    for log, some in logs.items():
        hub.cases.receive(log, some[filed[log] :])
    for known in days:
        for on in sorted({on for _, about, on in then if about == known}):
            later = {one.case.number: orjson.loads(_said(one.judged)) for one in _answers(desk, on, known)}
            assert later == {family: said for (family, about, day), said in then.items() if (about, day) == (known, on)}
    proof.note(views=len(then))


def test_a_clock_wakes_a_family_by_the_day_on_which_its_verdicts_change(hub: Hub, desk: Desk, proof: Proof) -> None:
    hub.tell(*story("a"), *story("b"))
    [*families] = hub.families
    changes = 0
    for begin in proof.random.sample(MONTHS, proof.of(2, len(MONTHS))):
        for family in families:
            answer = next(iter(desk.judging.answers([family], begin, briefly=True)))
            for on in (begin + timedelta(days) for days in range(1, 45)):
                if answer.wake <= on:
                    answer = next(iter(desk.judging.answers([family], on, briefly=True)))
                    changes += 1
                assert orjson.loads(_said(answer.judged)) == _alone(desk, family, on), (begin, on)
    proof.note(woken=changes)


def test_whoever_a_rule_is_not_meant_for_gets_nothing_from_it_if_it_is_asked(proof: Proof) -> None:
    city = made_up(range(proof.of(15, 300)), proof.random.randrange(10**6))
    spared = 0
    for case in city.families:
        for day in (date(2025, 5, 31), date(2026, 4, 30), date(2027, 10, 31)):
            beside = city.city.until(day)
            _, asked = judge_family(case, city.policy, day, beside, briefly=True)
            told = {(one.rule.id, one.subject) for one in asked}
            for one in judge(case, city.policy, day, beside):
                if (one.rule.id, one.subject) not in told:
                    spared += 1
                    assert one.verdict.state == "NOT_APPLICABLE", one.rule.id
                    assert not one.verdict.gaps + one.verdict.warnings, one.rule.id
    proof.note(spared=spared)
    assert spared


def test_any_event_withdrawn_leaves_what_judging_from_nothing_gives(hub: Hub, desk: Desk, proof: Proof) -> None:
    told = hub.tell(*story("a"), *story("b"))
    desk.today = date(2027, 8, 1)
    desk.catch_up()
    targets = [one for one in told if _can_be_withdrawn(one)]
    withdrawn = 0
    for log, original in targets if proof.full else proof.random.sample(targets, 4):
        if _withdraw(hub, log, original):
            withdrawn += 1
            desk.catch_up()
            assert desk.said() == desk.naively(desk.today), original.type
    proof.note(withdrawn=withdrawn)
    assert withdrawn


def _written(one: RecordedEvent) -> date:
    return date.fromisoformat(one.attributes["recordedtime"][:10])


def _answers(desk: Desk, on: date, known: date) -> Any:
    return desk.judging.answers([one["family"] for one in desk.judging.queries.families()], on, known)


def _alone(desk: Desk, family: str, on: date) -> Any:
    return desk.naively(on, families=[family])[family]


def _can_be_withdrawn(told: Told) -> bool:
    _, one = told
    return one.target is None and one.subject is not None and not one.type.endswith("family_case_opened")


def _withdraw(hub: Hub, log: str, original: RecordedEvent) -> bool:
    """Withdraw an event; say whether its department took that."""
    said = {"target_event": original.id, "reason": "误登", "approver": "虚构甲"}
    moments = {"time": "2027-07-30T09:00:00+08:00", "recordedtime": "2027-07-30T10:00:00+08:00"}
    taken = event(f"{log}.event_withdrawn", said, original.subject, source=original.source, **moments)
    answer = hub.made[log].receive_all([taken])[0]
    if answer.receipt is None:
        return False
    hub.receive([(log, hub.made[log].recorder.at([answer.receipt["position"]])[0])])
    return True
