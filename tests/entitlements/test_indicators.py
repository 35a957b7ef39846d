"""Tables of indicators: who is counted where, that parts add up, and that money is cash."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.disability_federation.registry.events import ConsentRecorded, GapActionRecorded
from services.education.events import EducationPlacementDecided, StudentEnrolled
from services.entitlements.engine import judge_family
from services.entitlements.indicators.fold import Fold
from services.entitlements.indicators.tables import Table, median, share
from services.finance.events import BenefitPaid, BenefitRecovered, FundAppropriated, FundSpent
from tests.entitlements.evaluate import known, logs
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, feeds_only, parameter
from tests.entitlements.made_up_city import made_up

END_OF_MARCH = "2026-03-31"
CHECKED = {"SPEC": 9, "SPECCLASS": 3, "INCL": 60, "REGULAR": 20, "HOME": 24, "MEDEDU": 4, "DEFER": 2}
"""How the children of one year's check were placed: 120 of 122 at school, 2 put off."""


def tables(*histories: History, on: str = END_OF_MARCH) -> dict[str, Table]:
    """Return the tables of families by name, as known at the end."""
    day = date.fromisoformat(on)
    parts = [known(logs(one.events), date(2034, 12, 31)) for one in histories]
    fold = Fold(day, parts[0][2])
    for case_, city, policy in parts:
        fold.add(*judge_family(case_, policy, day, city.until(day)))
    return {one.layout.name: one for one in fold.tables(parts[0][1].until(day))}


def row(found: dict[str, Table], name: str, *key: str) -> dict[str, Any]:
    return found[name].rows[key]


def family(division: str = COUNTY) -> History:
    """A family with a disabled child since February 2025."""
    return History().opened("2025-02-03", division=division).certified("2025-02-10")


def pupil(mode: str) -> History:
    """A disabled child of school age who was placed in a mode, and enrolled unless that was put off."""
    history = History().opened("2025-02-03").certified("2025-02-10")
    history.say(
        EducationPlacementDecided, "2025-08-20", CHILD, mode=mode, from_date="2025-09-01",
        defer_until="2026-08-31" if mode == "DEFER" else None,
    )  # fmt: skip
    if mode != "DEFER":
        history.say(StudentEnrolled, "2025-09-01", CHILD, mode=mode, enrolled_on="2025-09-01")
    return history


def test_of_122_checked_120_are_enrolled_and_2_put_off() -> None:
    found = tables(*[pupil(mode) for mode, count in CHECKED.items() for _ in range(count)], on="2025-12-31")

    whole = row(found, "enrolment", "*")
    assert (whole["checked"], whole["enrolled"], whole["deferred"], whole["not_placed"]) == (122, 120, 2, 0)
    assert [whole[part] for part in ("special", "inclusive", "home", "medical")] == [12, 80, 24, 4]
    assert whole["share_enrolled"] == share(120, 122) == Decimal("0.9836")


def test_a_child_of_whom_nothing_can_be_told_is_not_among_those_checked() -> None:
    unheard = family()
    feeds_only(unheard, "SYS", "REG")
    whole = row(tables(pupil("SPEC"), unheard, on="2025-12-31"), "enrolment", "*")

    assert (whole["checked"], whole["unknown"]) == (1, 1)


def test_in_every_table_parts_add_up_to_their_totals_and_counties_to_the_city() -> None:
    city, on = made_up(range(1, 41), 2025), date(2026, 3, 31)
    beside = city.city.until(on)
    fold = Fold(on, city.policy)
    for one in city.families:
        fold.add(*judge_family(one, city.policy, on, beside))
    for table in fold.tables(beside):
        layout, at = table.layout, table.layout.county_at
        for key, cells in table.rows.items():
            for total, parts in layout.sums.items():
                assert cells[total] == sum(cells[part] for part in parts), (layout.name, key)
            if at is not None and key[at] == "*":
                counties = [
                    other
                    for place, other in table.rows.items()
                    if place[at] != "*" and without(place, at) == without(key, at)
                ]
                for column in layout.people:
                    assert cells[column] == sum(other[column] for other in counties), (layout.name, key, column)


def without(key: tuple[str, ...], at: int) -> tuple[str, ...]:
    return (*key[:at], *key[at + 1 :])


def test_what_needs_the_group_counts_families_in_the_group_and_what_is_everybodys_counts_all() -> None:
    outside, inside = family(), family().recognised("2025-03-01")
    found = tables(outside, inside)

    assert row(found, "coverage", "XN-2", "E02", "*")["all"] == 2
    assert row(found, "coverage", "XN-4", "E07", "*")["all"] == 1


def test_who_declined_and_of_whom_nothing_is_known_stay_in_the_denominator() -> None:
    history = family().recognised("2025-03-01")
    feeds_only(history, "SYS", "REG")
    found = tables(history)

    school = row(found, "coverage", "XN-8", "E14", "*")
    assert (school["all"], school["met"], school["unknown"], school["share_unknown"]) == (1, 0, 1, Decimal("1.0000"))


def test_linked_and_advisory_rules_stand_in_tables_of_their_own() -> None:
    found = tables(family().recognised("2025-03-01"))

    assert {key[1] for key in found["linked"].rows} <= {"E05", "E26", "E27"}
    assert {key[1] for key in found["advisory"].rows} == {"E23", "E25"}
    assert not {key[1] for key in found["coverage"].rows} & {"E05", "E23", "E24", "E25", "E26", "E27"}


def test_a_pairing_is_policy_where_the_county_binds_itself_to_it() -> None:
    history = family().recognised("2025-03-01")
    history.say(ConsentRecorded, "2025-03-02", CHILD, scopes=["pairing"], valid_to=None)
    assert ("XN-12", "E24", "*") in tables(history)["advisory"].rows

    parameter(history, "P-PAIR-BINDING", "binding")
    assert ("XN-12", "E24", "*") in tables(history)["coverage"].rows


def test_a_family_is_reached_when_no_gap_of_a_policy_rule_is_open_whoever_holds_it() -> None:
    found = row(tables(family().recognised("2025-03-01")), "families", "*")
    assert (found["families"], found["reached"], found["open"]) == (1, 0, 1)


def test_a_recognition_whose_grounds_are_gone_is_over_inclusion() -> None:
    history = family().recognised("2025-03-01", members=(CHILD,))
    found = row(tables(history), "recognition", COUNTY)

    assert (found["found"], found["recognised"], found["without_ground"]) == (1, 1, 1)
    assert found["share_without_ground"] == Decimal("1.0000")


def test_overdue_days_are_counted_to_the_day_of_the_table_and_held_ones_apart() -> None:
    open_, held = family(), family()
    held.say(GapActionRecorded, "2026-03-20", PARENT, entitlement="E02", gap_type="G1", hold_until="2026-04-15")
    since = open_.judged("E02", END_OF_MARCH, CHILD).gaps[0].since
    found = row(tables(open_, held), "overdue", "DPF", COUNTY, "E02", "G1")

    days = (date.fromisoformat(END_OF_MARCH) - since).days
    assert (found["open"], found["median_days"], found["oldest_days"], found["held"]) == (1, Decimal(days), days, 1)


def test_money_is_what_left_the_account_less_what_came_back_in_the_month_it_did() -> None:
    history = family()
    said = {"benefit": "DIBAO", "amount": "632.00", "fund": "county"}
    history.say(BenefitPaid, "2026-03-10", PARENT, **said, period="2026-02", paid_on="2026-03-10")
    history.say(BenefitPaid, "2026-02-10", PARENT, **said, period="2026-01", paid_on="2026-02-10")
    back = {"benefit": "DIBAO", "amount": "132.00", "period": "2026-02", "recovered_on": "2026-03-20"}
    history.say(BenefitRecovered, "2026-03-20", PARENT, **back)
    found = row(tables(history), "paid", "county", "DIBAO", COUNTY, "2026-03")

    assert (found["persons"], found["paid"], found["recovered"], found["net"]) == (
        1, Decimal("632.00"), Decimal("132.00"), Decimal("500.00"),
    )  # fmt: skip


def test_what_was_appropriated_is_never_added_to_what_was_paid() -> None:
    history = family()
    history.say(
        FundAppropriated,
        "2026-03-05",
        None,
        fund="county",
        purpose="DIBAO",
        amount="300000.00",
        year=2026,
        to_division=COUNTY,
    )
    found = tables(history)

    assert found["paid"].rows == {}
    assert row(found, "promised", "county", "DIBAO", "2026")["appropriated"] == Decimal("300000.00")


def test_a_month_that_two_funds_paid_is_paid_twice_unless_one_of_them_is_a_supplement() -> None:
    for supplement, twice in ((None, 1), (True, 0)):
        history = family()
        said = {"benefit": "CARE_SUB", "amount": "120.00", "period": "2026-02", "paid_on": "2026-03-10"}
        history.say(BenefitPaid, "2026-03-10", CHILD, **said, fund="county")
        history.say(
            BenefitPaid, "2026-03-11", CHILD, **said | {"paid_on": "2026-03-11"}, fund="city", supplement=supplement
        )

        assert len(tables(history)["twice"].rows) == 2 * twice


def test_the_levy_is_shown_by_purpose_with_the_share_for_families_of_the_group() -> None:
    history = family()
    said = {"year": 2026, "fund": "esf", "purpose": "HOMEMOD", "doc_no": "虚构财决〔2026〕3号"}
    history.say(FundSpent, "2026-03-01", None, **said, amount="75000.00", for_difficult=True)
    history.say(
        FundSpent,
        "2026-03-02",
        None,
        **said | {"doc_no": "虚构财决〔2026〕4号"},
        amount="25000.00",
        for_difficult=False,
    )

    assert row(tables(history), "levy", "HOMEMOD", "2026")["share"] == Decimal("0.7500")


def test_a_family_is_counted_in_the_county_that_holds_its_case() -> None:
    found = tables(family(), family(OTHER_COUNTY))

    assert row(found, "coverage", "XN-2", "E02", COUNTY)["all"] == 1
    assert row(found, "coverage", "XN-2", "E02", OTHER_COUNTY)["all"] == 1
    assert [key for key in found["coverage"].of(OTHER_COUNTY).rows if key[2] != OTHER_COUNTY] == []


def test_a_median_lies_in_the_middle_and_a_share_of_nothing_is_none() -> None:
    assert (median([9, 1, 4]), median([1, 4]), median([])) == (Decimal(4), Decimal("2.5"), None)
    assert (share(2, 3), share(0, 0)) == (Decimal("0.6667"), None)
