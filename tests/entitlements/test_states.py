"""For every rule and state: the smallest history that yields it, or why none does.

A line of states.jsonl is a history from which no event can be taken without the state changing. Required fields that
it leaves out are the example's of their type.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.entitlements.city import Group, Whole
from services.entitlements.engine import Judged, judge, judge_city
from services.entitlements.rules import load
from services.entitlements.verdicts import State
from shared.language.catalogue import CATALOGUE
from tests.entitlements.evaluate import known, logs, of_the_city, verdicts
from tests.entitlements.histories import COUNTY
from tests.entitlements.made_up_city import made_up
from tests.faults.tools.proof import Proof

POINTS = [json.loads(line) for line in Path(__file__).with_name("states.jsonl").read_text("utf-8").splitlines()]
RULES = [f"E{number:02}" for number in range(1, 35)]
NOBODY_ASKS = {"E28": "the city's own duties", "E29": "the city's own duties", "E30": "the city's own target"}
NOBODY_ASKS |= {"E32": "the city's own duties", "E33": "what a base must have"}
MADE_ONCE = {f"E{number:02}" for number in (1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 19, 20, 21, 22, 23, 25, 26, 31)}
UNREACHABLE: dict[tuple[str, State], str] = {
    **{
        (rule, State.NOT_IN_FORCE): "its rule is in force from the beginning; only long-term care is not everywhere"
        for rule in RULES
        if rule not in {"E21", "E22"}
    },
    **{
        (rule, state): f"{why}: nobody applies, is refused, declines or is offered anything, and nobody holds a duty"
        for rule, why in NOBODY_ASKS.items()
        for state in (State.NOT_ELIGIBLE, State.DECLINED, State.ELIGIBLE_NOT_APPLIED, State.LAPSED, State.HELD)
    },
    **{(rule, State.NOT_APPLICABLE): "there is always a city" for rule in ("E28", "E29", "E30", "E32")},
    **{
        (rule, State.LAPSED): "it is owed once, or each time anew: what is late is overdue, nothing is interrupted"
        for rule in MADE_ONCE
    },
    **{
        (rule, State.PENDING): "no decision is waited for: it is offered, or it was done"
        for rule in ("E01", "E07", "E11", "E13", "E15", "E23", "E24", "E25")
    },
    **{
        (rule, state): "it only advises: nothing is overdue, so nothing can be held"
        for rule in ("E23", "E25")
        for state in (State.GAP, State.HELD)
    },
    **{
        ("E05", state): "it follows from training that was granted: nobody applies for it, is refused or declines it"
        for state in (State.NOT_ELIGIBLE, State.DECLINED, State.ELIGIBLE_NOT_APPLIED)
    },
    **{
        (rule, state): "school is a duty: no child is excluded from it, and nobody can decline it"
        for rule in ("E14", "E15")
        for state in (State.NOT_ELIGIBLE, State.DECLINED)
    },
    **{
        ("E27", state): "it is about a certificate that somebody has: what it lacks is that it is valid"
        for state in (State.NOT_ELIGIBLE, State.ELIGIBLE_NOT_APPLIED, State.GAP)
    },
    ("E01", State.DECLINED): "a family does not apply for recognition and cannot decline it",
    **{
        ("E31", state): "a breach is there or not: nobody applies, waits or declines, and a hold does not excuse it"
        for state in (
            *(State.NOT_ELIGIBLE, State.DECLINED, State.UNKNOWN, State.ELIGIBLE_NOT_APPLIED, State.PENDING),
            State.HELD,
        )
    },
    ("E30", State.UNKNOWN): "families are counted as they are judged",
    ("E32", State.PENDING): "its day was fixed before the policy began",
}
"""Why no history yields a state of a rule."""
BY_ALL_FAMILIES = {("E30", State.GAP)}
"""What follows from other families' verdicts, and so from no history of its own: see the test of it."""


def _name(point: dict[str, Any]) -> str:
    return f"{point['rule']}-{point['state']}"


def _events(point: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of a line, as a sender writes them."""
    for number, one in enumerate(point["events"], 1):
        declaration = CATALOGUE.get(one["type"])
        assert declaration is not None
        example, without = declaration.example(), one.get("without", ())
        data = {name: example[name] for name, fact in declaration.facts.items() if fact.required and name in example}
        yield {
            "specversion": "1.0",
            "id": one.get("id", f"s-{number:03}"),
            "source": f"urn:yihu:{declaration.department}:desk",
            "type": one["type"],
            "time": f"{one['on']}T09:00:00+08:00",
            "recordedtime": f"{one.get('recorded', one['on'])}T10:00:00+08:00",
            "division": one.get("division", COUNTY),
            **{name: one[name] for name in ("subject", "process", "legacy") if name in one},
            **one.get("also", {}),
            "data": {name: value for name, value in (data | one.get("data", {})).items() if name not in without},
        }


def _state(point: dict[str, Any], events: list[dict[str, Any]]) -> str | None:
    """Return the state of the line's rule and subject after events; None where there is no such subject."""
    days = date.fromisoformat(point["known"]), date.fromisoformat(point["effective"])
    rule, subject = point["rule"], point["subject"]
    found: list[Judged]
    if subject.startswith(("city:", "base:")):
        found = of_the_city(logs(events), *days, rule, subject)
    else:
        found = verdicts(logs(events), *days, rule)
    return next((str(one.verdict.state) for one in found if one.subject == subject), None)


@pytest.mark.parametrize("rule", RULES)
def test_the_smallest_history_yields_the_state_and_one_event_less_another(rule: str) -> None:
    for point in POINTS:
        if point["rule"] == rule:
            events = list(_events(point))
            assert _state(point, events) == point["state"], _name(point)
            for at in range(len(events)):
                assert _state(point, events[:at] + events[at + 1 :]) != point["state"], (_name(point), events[at])


def test_every_rule_and_state_has_a_history_or_a_reason_why_none_yields_it() -> None:
    told = {(point["rule"], State(point["state"])) for point in POINTS} | BY_ALL_FAMILIES

    assert sorted(load()) == RULES
    assert told.isdisjoint(UNREACHABLE)
    assert told | UNREACHABLE.keys() == {(rule, state) for rule in RULES for state in State}


def test_the_target_is_missed_as_long_as_a_family_in_the_group_has_an_open_gap() -> None:
    _, city, policy = known(logs([]), date(2034, 12, 31))
    day = policy.value("P-TARGET-DATE", "421200", date(2027, 1, 1)) + timedelta(1)
    for group, state in ((Group(3, 2), State.GAP), (Group(3, 3), State.MET)):
        [one] = judge_city(Whole(city.facts, policy, day, group), only=["E30"])
        assert one.verdict.state is state


def test_no_made_up_family_is_in_a_state_that_no_history_yields(proof: Proof) -> None:
    city = made_up(range(proof.of(12, 300)), proof.random.randrange(10**6))
    seen: set[tuple[str, State]] = set()
    for case in city.families:
        for day in (date(2025, 5, 31), date(2026, 4, 30), date(2027, 10, 31)):
            found = judge(case, city.policy, day, city.city.until(day))
            seen |= {(one.rule.id, one.verdict.state) for one in found}
    proof.note(families=len(city.families), seen=len(seen))
    assert seen
    assert seen.isdisjoint(UNREACHABLE)
