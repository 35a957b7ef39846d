"""Rules say beforehand how often they raise a gap or a warning in a month; on the made-up city they keep to it."""

from datetime import date

from services.entitlements.engine import judge_family
from services.entitlements.indicators.fold import Fold
from services.entitlements.indicators.overdue import THOUSAND
from services.entitlements.rules import load
from tests.entitlements.made_up_city import made_up

FAMILIES, SEED = 100, 2025
MONTHS = [
    date(2025, 7, 31),
    date(2025, 9, 30),
    date(2025, 11, 30),
    date(2026, 1, 31),
    date(2026, 3, 31),
    date(2026, 6, 30),
]


def alarms() -> dict[str, float]:
    """Return for each rule how many gaps and warnings are new in a month, for 1,000 families."""
    city = made_up(range(1, FAMILIES + 1), SEED)
    found: dict[str, int] = dict.fromkeys(load(), 0)
    for on in MONTHS:
        beside = city.city.until(on)
        fold = Fold(on, city.policy)
        for one in city.families:
            fold.add(*judge_family(one, city.policy, on, beside))
        [table] = [one for one in fold.tables(beside) if one.layout.name == "alarms"]
        for (rule,), row in table.rows.items():
            found[rule] += row["gaps"] + row["warnings"]
    return {rule: count * THOUSAND / FAMILIES / len(MONTHS) for rule, count in found.items()}


def test_no_rule_raises_more_than_it_said_beforehand() -> None:
    declared = {rule.id: rule.alarms for rule in load().values()}
    assert {rule: count for rule, count in alarms().items() if count > declared[rule]} == {}


def test_every_rule_says_how_often_it_may_raise_something() -> None:
    assert [rule.id for rule in load().values() if not rule.alarms] == []
