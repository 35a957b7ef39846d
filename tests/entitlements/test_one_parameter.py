"""A parameter changed alone, for one county, moves only that county's verdicts, and none before its day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.entitlements.drafts import Draft, DraftPolicy
from services.entitlements.engine import Case, judge
from services.entitlements.judging import _said
from services.entitlements.policy import Policy
from shared.log.parameters import CITY
from shared.policy.parameters import Parameter, Unfit, parameters
from tests.entitlements.made_up_city import MadeUp, made_up
from tests.faults.tools.proof import Proof

SINCE = date(2026, 1, 1)
BEFORE = SINCE - timedelta(1)
AFTER = date(2026, 12, 31)


def other_values(one: Parameter) -> Iterator[str]:
    """Yield values that a parameter could have instead of its default, as text."""
    default = one.default or ""
    number = default.lstrip("-").replace(".", "", 1).isdigit()
    tried = [str(int(float(default) * 2) + 1), str(max(int(float(default) / 2), 0))] if number else []
    tried += [*map(str, one.grammar.get("codes", ())), *map(str, one.grammar.get("values", ()))]
    tried += [text for text in default.split(",")[:-1] if text]
    tried += ["true", "false", "0", "1", "3", "0.5", "2026-09-30", "03-31", "09-30", "null"]
    for text in tried:
        try:
            differs = one.read(text) != one.standard
        except Unfit:
            continue
        if differs:
            yield text


def counties(case: Case) -> set[str]:
    """Return the counties of which something is told in a family."""
    return {one.division for one in case.facts.all if one.division and one.division != CITY}


def judged(city: MadeUp, case: Case, policy: Policy, day: date) -> str:
    return _said(judge(case, policy, day, city.city.until(day)))


def test_a_parameter_of_a_county_moves_only_its_verdicts_and_from_its_day(proof: Proof) -> None:
    city = made_up(range(proof.of(6, 60)), proof.random.randrange(10**6))
    before = [judged(city, case, city.policy, BEFORE) for case in city.families]
    after = [judged(city, case, city.policy, AFTER) for case in city.families]
    alone: list[Any] = [next(iter(counties(case))) for case in city.families if len(counties(case)) == 1]
    county = max(set(alone), key=alone.count)
    every = sorted(parameters().values(), key=lambda one: one.id)
    moved, unchanged = set(), set()
    for one in every if proof.full else proof.random.sample(every, 40):
        text = next(other_values(one), None)
        if text is None:
            unchanged.add(one.id)
            continue
        policy = DraftPolicy(city.policy, [Draft(one.id, text, county if one.by_county else CITY, SINCE)])
        for case, then, now in zip(city.families, before, after, strict=True):
            assert judged(city, case, policy, BEFORE) == then, one.id
            later = judged(city, case, policy, AFTER)
            if one.by_county and county not in counties(case):
                assert later == now, one.id
            elif later != now:
                moved.add(one.id)
    proof.note(parameters=len(every), moved=len(moved), no_other_value=len(unchanged))
    assert moved
