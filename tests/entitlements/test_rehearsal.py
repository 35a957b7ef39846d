"""A draft parameter over the real history: who gains, who loses, what it costs; and nothing is changed by asking."""

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from services.entitlements.comparing import pairs
from services.entitlements.drafts import Draft, DraftPolicy, read
from services.entitlements.judging import Judging
from services.entitlements.policy import policy
from services.entitlements.rehearsal import GAINS, LOSES, Rehearsal, days_between, in_processes, report
from services.entitlements.text import rehearsal_lines
from services.processes import assembly
from services.processes.assembly import owed_schema
from shared.errors import Refused
from shared.language.envelope import CHINA
from shared.log.parameters import CITY
from shared.postgres.database import Database
from tests.entitlements.evaluate import logs, verdicts
from tests.family_case.conftest import Hub
from tests.world import event, story

DAY = date(2026, 3, 31)


@pytest.fixture
def judging(hub: Hub, open_database: Callable[..., Database]) -> Judging:
    """The two stories, with verdicts beside them."""
    hub.tell(*story("a"), *story("b"))
    database = open_database("family_case", schema=owed_schema(hub.database.schema))
    found = Judging(hub.queries, database, lambda: datetime(2026, 3, 31, 12, tzinfo=CHINA))
    found.catch_up()
    return found


def rehearsed(judging: Judging, *days: date, listed: bool = False, **values: Any) -> dict[str, Any]:
    """Return what a rehearsal of some values came to; `P_X` stands for P-X."""
    drafts = read({name.replace("_", "-"): value for name, value in values.items()})
    rehearsal = Rehearsal(judging, drafts, days or (DAY,))
    return report(rehearsal, rehearsal.run(rehearsal.families()), listed=listed)


def kinds(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["rule"], one["kind"]) for one in found["changes"]}


def test_a_draft_gives_what_setting_the_parameter_would_give(judging: Judging) -> None:
    found = rehearsed(judging, listed=True, **{"P-REHAB-AGE-TO": "4"})

    data = {"parameter": "P-REHAB-AGE-TO", "value": "4", "effective_from": "2000-01-01", "basis_doc": "虚构文号"}
    at = {"time": "2020-01-02T09:00:00+08:00", "recordedtime": "2020-01-02T10:00:00+08:00", "division": CITY}
    really = event("disability_federation.policy_parameter_set", data, None, id="p-1", **at)
    expected = set()
    for letter in "ab":
        before, after = (verdicts(logs(events), DAY, DAY) for events in (story(letter), [really, *story(letter)]))
        expected |= {(pair.rule.id, str(pair.after.state)) for pair in pairs(before, after) if pair.differs}

    assert expected
    assert {(one["rule"], one["after"]["state"]) for one in found["verdicts"]} == expected
    assert ("E02", LOSES) in kinds(found)


def test_asking_changes_nothing_and_names_nobody(hub: Hub, judging: Judging) -> None:
    def kept() -> list[Any]:
        database = judging.database
        return [
            database.all("SELECT t::text FROM family_case_owed.judged AS t ORDER BY 1"),
            database.all("SELECT t::text FROM family_case_owed.open AS t ORDER BY 1"),
        ]

    before, reached = kept(), hub.queries.reached()
    found = rehearsed(judging, **{"P-REHAB-AGE-TO": "4"})

    assert (kept(), hub.queries.reached()) == (before, reached)
    text = json.dumps(found)
    assert not [family for family in hub.families if family in text]
    assert "pt_" not in text


def test_who_is_not_asked_about_a_parameter_is_judged_once(judging: Judging) -> None:
    assert rehearsed(judging, date(2025, 8, 31), **{"P-FAMLIV-MONTH": "600"})["judged_twice"] == 0
    assert rehearsed(judging, **{"P-CHILD-AGE": "18"})["families_changed"] == 0


def test_a_value_for_one_county_concerns_its_families_alone(judging: Judging) -> None:
    both = rehearsed(judging, **{"P-CHILD-AGE": "3"})
    counties = {one["county"] for one in both["changes"]}
    for county in sorted(counties):
        drafts = read({"P-COMM-REHAB-M": "1"}, division=county)
        rehearsal = Rehearsal(judging, drafts, [DAY])
        found = report(rehearsal, rehearsal.run(rehearsal.families()))
        assert {one["county"] for one in found["changes"]} <= {county}
    assert counties


def test_a_draft_counts_from_its_day_and_takes_the_place_of_what_is_set_from_then_on() -> None:
    drafts = [Draft("P-RECOG-WD", "7", CITY, date(2026, 1, 1))]
    set_ = policy([])
    drafted = DraftPolicy(set_, drafts)

    assert drafted.value("P-RECOG-WD", "421221", date(2025, 12, 31)) == set_.value("P-RECOG-WD", "421221", DAY)
    assert drafted.value("P-RECOG-WD", "421221", date(2026, 1, 1)) == 7
    always = DraftPolicy(drafted, [Draft("P-RECOG-WD", "9", CITY, date.min)])
    assert always.value("P-RECOG-WD", "421221", date(2026, 2, 1)) == 9
    one_county = DraftPolicy(drafted, [Draft("P-RECOG-WD", "9", "421202", date.min)])
    assert one_county.value("P-RECOG-WD", "421221", date(2026, 2, 1)) == 7


def test_what_a_benefit_would_cost_follows_its_months(judging: Judging) -> None:
    found = rehearsed(judging, date(2025, 8, 31), **{"P-FAMLIV-MONTH": "600"})

    [cost] = [one for one in found["costs"] if one["benefit"] == "家庭生活补贴"]
    trained = sum(
        one["type"].endswith("rehab_month_reported") and one["data"]["month"] == "2025-08"
        for letter in "ab"
        for one in story(letter)
    )
    assert trained > 0
    assert (cost["month"], cost["difference"]) == ("2025-08", f"{100 * trained}.00")
    assert found["changes"] == []


@pytest.mark.parametrize(
    "values",
    [
        {"P-REHAB-ANNUAL": "20000"},
        {"P-DIBAO-STD": [{"division": "*", "urban": "800.00", "rural": "700.00"}]},
        {"P-SELFPAY-RATE": "0.8", "P-SELFPAY-CAP": "100"},
        {"P-COCHLEAR-AMOUNT": "20000"},
        {"P-LTC-PREMIUM-SHARE": "0.5"},
    ],
    ids=",".join,
)
def test_every_amount_has_a_cost_in_the_months_of_the_stories_and_says_how_it_is_estimated(
    judging: Judging, values: dict[str, Any]
) -> None:
    found = rehearsed(judging, *days_between("2025-01", "2027-06"), **values)

    assert [one for one in found["costs"] if one["now"] != one["draft"]], found["estimates"]
    assert all(one["how"] for one in found["estimates"])


def test_months_are_looked_at_on_their_last_days(judging: Judging) -> None:
    days = days_between("2025-11", "2026-02")

    assert days == [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]
    found = rehearsed(judging, *days, **{"P-REHAB-AGE-TO": "4"})
    assert len({one["day"] for one in found["changes"]}) > 1


def test_two_processes_come_to_the_same(hub: Hub, judging: Judging) -> None:
    drafts = read({"P-REHAB-AGE-TO": "4", "P-REHAB-ANNUAL": "20000"})
    here = Rehearsal(judging, drafts, [DAY])
    make = partial(assembly.rehearsal, hub.settings, drafts, [DAY])

    assert report(here, in_processes(make, here.families(), 2)) == report(here, here.run(here.families()))


def test_a_report_reads_as_chinese_sentences(judging: Judging) -> None:
    found = rehearsed(judging, **{"P-REHAB-AGE-TO": "4", "P-REHAB-ANNUAL": "20000"})
    text = "\n".join(rehearsal_lines(found))

    assert "失去资格" in text
    assert "估算方法：康复救助" in text
    assert "None" not in text
    assert GAINS not in text


def test_every_fault_of_a_draft_is_named_at_once_and_no_value_is_repeated() -> None:
    with pytest.raises(Refused) as refused:
        read(
            [
                {"parameter": "P-NOTHING", "value": "1"},
                {"parameter": "P-REHAB-AGE-TO", "value": "eighteen"},
                {"parameter": "P-CERT-YEARS", "value": "10", "division": "421221"},
                {"parameter": "P-RECOG-WD", "value": "5", "division": "42", "from": "soon"},
                {"value": "5"},
            ]
        )

    assert [(one.pointer, one.code) for one in refused.value.faults] == [
        ("/0/parameter", "unknown_parameter"),
        ("/1/value", "unknown_parameter"),
        ("/2/division", "unknown_parameter"),
        ("/3/from", "not_a_date"),
        ("/3/division", "unknown_code"),
        ("/4", "not_a_draft"),
    ]
    assert not [one for one in refused.value.faults if "eighteen" in one.zh + one.en or "soon" in one.zh + one.en]
