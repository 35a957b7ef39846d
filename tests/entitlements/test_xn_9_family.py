"""XN-9a: dibao of the whole family, state by state."""

from services.civil_affairs.events import DeadlineExtended
from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    FamilyMemberRemoved,
    GapActionRecorded,
    HouseholdMoved,
    PersonDeceased,
    ServiceDeclined,
)
from services.hrss.events import EmploymentStarted
from tests.entitlements.assistance import Assisted
from tests.entitlements.histories import CHILD, OTHER_COUNTY, PARENT, SIBLING, shown


def _family() -> Assisted:
    history = Assisted()
    history.opened("2025-02-17").certified("2025-02-18", CHILD)
    return history


def _poor() -> Assisted:
    return _family().checked("2025-03-03")


def _granted() -> Assisted:
    return _poor().applied("2025-03-05").accepted("2025-03-06").decided("2025-03-31", "2025-04")


def _covered() -> Assisted:
    """Grant dibao, and pay every month of a year and a half."""
    history = _granted()
    for at in range(4, 22):
        year, month = 2025 + (at - 1) // 12, (at - 1) % 12 + 1
        history.paid(f"{year}-{month:02}-20", f"{year}-{month:02}")
    return history


# -- before a claim


def test_e16_a_family_without_a_disabled_child_and_without_a_claim_is_not_meant() -> None:
    history = Assisted()
    history.opened("2025-02-17")

    assert shown(history.judged("E16", "2025-03-01")) == ("NOT_APPLICABLE", {}, {})


def test_e16_without_a_check_of_the_economy_it_cannot_be_told() -> None:
    verdict = _family().judged("E16", "2025-03-01")

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-18"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("HouseholdEconomyChecked", "CIV")]


def test_e16_income_at_the_standard_or_property_excludes() -> None:
    assert shown(_family().checked("2025-03-03", "560.00").judged("E16", "2025-04-30"))[0] == "NOT_ELIGIBLE"
    assert shown(_family().checked("2025-03-03", property_ok=False).judged("E16", "2025-04-30"))[0] == "NOT_ELIGIBLE"


def test_e16_the_newest_check_excludes_also_while_a_claim_waits() -> None:
    history = _poor().applied("2025-03-05").checked("2025-03-20", "700.00")

    assert shown(history.judged("E16", "2025-03-19"))[0] == "PENDING"
    assert shown(history.judged("E16", "2025-03-20")) == ("NOT_ELIGIBLE", {}, {})


def test_e16_a_poor_family_is_helped_to_apply_within_fifteen_days_of_the_check() -> None:
    history = _poor()

    verdict = history.judged("E16", "2025-03-18")
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-03-18")
    assert shown(history.judged("E16", "2025-03-19")) == ("GAP", {"G1": "2025-03-19"}, {})


def test_e16_a_countys_own_clock_moves_that_county_alone() -> None:
    history = _poor().sets("P-DIBAO-APPLY-D", "5", "2025-03-01", OTHER_COUNTY)
    assert str(history.judged("E16", "2025-03-05").due) == "2025-03-18"

    history.sets("P-DIBAO-APPLY-D", "5", "2025-03-01")
    assert str(history.judged("E16", "2025-03-05").due) == "2025-03-08"

    later = _poor().sets("P-DIBAO-APPLY-D", "5", "2025-03-04")
    assert str(later.judged("E16", "2025-03-05").due) == "2025-03-18"


def test_e16_declined_by_the_head_and_open_again_after_it() -> None:
    history = _poor()
    history.say(ServiceDeclined, "2025-03-10", PARENT, need="DIBAO", declined_by=PARENT, until="2025-05-31")

    assert shown(history.judged("E16", "2025-05-31")) == ("DECLINED", {}, {})
    verdict = history.judged("E16", "2025-06-01")
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-06-15")


def test_e16_a_new_claim_ends_a_decline() -> None:
    history = _poor()
    history.say(ServiceDeclined, "2025-03-10", PARENT, need="DIBAO", declined_by=PARENT, until="2025-05-31")
    history.applied("2025-03-20")

    assert shown(history.judged("E16", "2025-03-19"))[0] == "DECLINED"
    assert shown(history.judged("E16", "2025-03-20"))[0] == "PENDING"


# -- a claim


def test_e16_a_claim_is_decided_thirty_working_days_after_its_acceptance() -> None:
    history = _poor().applied("2025-02-26")
    assert str(history.judged("E16", "2025-03-10").due) == "2025-04-10"

    history.accepted("2025-02-28")
    assert str(history.judged("E16", "2025-03-10").due) == "2025-04-14"
    assert shown(history.judged("E16", "2025-04-14"))[0] == "PENDING"
    assert shown(history.judged("E16", "2025-04-15")) == ("GAP", {"G2": "2025-04-15"}, {})


def test_e16_a_family_without_a_disabled_child_is_followed_once_it_claims() -> None:
    history = Assisted()
    history.opened("2025-02-17")
    history.applied("2025-02-26")

    assert shown(history.judged("E16", "2025-03-10"))[0] == "PENDING"


def test_e16_an_extension_moves_the_decision_at_most_to_forty_five_working_days() -> None:
    history = _poor().applied("2025-02-26").accepted("2025-02-28")
    said = {"extended_on": "2025-04-11", "process": "DB-1"}
    history.say(DeadlineExtended, "2025-04-11", PARENT, new_due="2025-04-25", **said)
    assert str(history.judged("E16", "2025-04-14").due) == "2025-04-25"

    longer = _poor().applied("2025-02-26").accepted("2025-02-28")
    longer.say(DeadlineExtended, "2025-04-11", PARENT, new_due="2025-12-31", **said)
    assert str(longer.judged("E16", "2025-04-14").due) == "2025-05-07"


def test_e16_how_far_a_decision_can_be_put_off_is_the_countys() -> None:
    history = _poor().applied("2025-02-26").accepted("2025-02-28")
    said = {"extended_on": "2025-04-11", "process": "DB-1", "new_due": "2025-12-31"}
    history.say(DeadlineExtended, "2025-04-11", PARENT, **said)

    history.sets("P-DIBAO-EXT-WD", "35", "2025-01-01", OTHER_COUNTY)
    assert str(history.judged("E16", "2025-04-14").due) == "2025-05-07"
    history.sets("P-DIBAO-EXT-WD", "35", "2025-01-01")
    assert str(history.judged("E16", "2025-04-14").due) == "2025-04-21"


def test_e16_an_extension_counts_on_every_day_once_it_is_known() -> None:
    history = _poor().applied("2025-02-26").accepted("2025-02-28")
    said = {"extended_on": "2025-04-16", "process": "DB-1", "new_due": "2025-04-25"}
    history.say(DeadlineExtended, "2025-04-16", PARENT, **said)

    assert shown(history.judged("E16", "2025-04-15", known="2025-04-15")) == ("GAP", {"G2": "2025-04-15"}, {})
    assert shown(history.judged("E16", "2025-04-15", known="2025-04-16"))[0] == "PENDING"


def test_e16_what_was_returned_for_papers_is_as_if_not_made() -> None:
    history = _poor().applied("2025-03-05").accepted("2025-03-07", decision="returned", missing="缺收入证明")

    verdict = history.judged("E16", "2025-03-10")
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-03-18")


def test_e16_what_is_accepted_after_papers_came_is_decided_from_then() -> None:
    history = _poor().applied("2025-03-05").accepted("2025-03-07", decision="returned", missing="缺收入证明")
    history.accepted("2025-03-12")

    assert shown(history.judged("E16", "2025-03-11"))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E16", "2025-03-12"))[0] == "PENDING"


# -- refusals


def test_e16_refused_for_an_income_that_the_check_shows_excludes_until_a_new_check() -> None:
    history = _family().checked("2025-03-03", "700.00").applied("2025-03-05").refused("2025-03-31", "economy")
    history.checked("2025-06-10")

    assert shown(history.judged("E16", "2025-06-09")) == ("NOT_ELIGIBLE", {}, {})
    verdict = history.judged("E16", "2025-06-10")
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-06-25")


def test_e16_refused_for_an_income_that_the_check_does_not_show_is_warned_of() -> None:
    history = _poor().applied("2025-03-05").refused("2025-03-31", "economy")

    verdict = history.judged("E16", "2025-04-10")
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-03-31"})
    assert str(verdict.due) == "2025-04-15"


def test_e16_refused_for_want_of_money_is_warned_of_until_a_new_claim() -> None:
    history = _poor().applied("2025-03-05").refused("2025-03-31", "fund").applied("2025-05-05", "DB-2")

    assert shown(history.judged("E16", "2025-05-04")) == ("GAP", {"G1": "2025-04-16"}, {"G8": "2025-03-31"})
    assert shown(history.judged("E16", "2025-05-05")) == ("PENDING", {}, {})


def test_e16_refused_for_papers_is_as_if_not_made() -> None:
    history = _poor().applied("2025-03-05").refused("2025-03-31", "document")

    assert shown(history.judged("E16", "2025-03-31")) == ("GAP", {"G1": "2025-03-19"}, {})


def test_e16_refused_as_registered_elsewhere_excludes_only_who_is() -> None:
    at_home = _poor().applied("2025-03-05").refused("2025-03-31", "hukou")
    assert shown(at_home.judged("E16", "2025-04-01"))[2] == {"G8": "2025-03-31"}

    away = _poor().applied("2025-03-05").refused("2025-03-31", "hukou", at=OTHER_COUNTY)
    assert shown(away.judged("E16", "2025-04-01")) == ("NOT_ELIGIBLE", {}, {})


# -- months


def test_e16_the_first_month_is_due_ten_days_after_its_end() -> None:
    history = _granted()

    verdict = history.judged("E16", "2025-03-31")
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-05-10")
    assert shown(history.judged("E16", "2025-05-10"))[0] == "PENDING"
    verdict = history.judged("E16", "2025-05-11")
    assert shown(verdict) == ("GAP", {"G3": "2025-05-11"}, {})
    assert verdict.because["unpaid"] == "2025-04"


def test_e16_a_month_is_not_due_before_thirty_days_after_the_decision() -> None:
    history = _poor().applied("2025-03-05").decided("2025-04-28", "2025-04", legacy=True)

    assert shown(history.judged("E16", "2025-05-28"))[0] == "PENDING"
    assert shown(history.judged("E16", "2025-05-29"))[0] == "GAP"


def test_e16_paid_so_far_is_met_until_the_next_month_is_overdue() -> None:
    history = _granted().paid("2025-04-10", "2025-04")

    verdict = history.judged("E16", "2025-05-12")
    assert (shown(verdict)[0], str(verdict.due)) == ("MET", "2025-06-10")
    assert shown(history.judged("E16", "2025-06-11")) == ("GAP", {"G3": "2025-06-11"}, {})


def test_e16_a_month_paid_late_leaves_nothing() -> None:
    history = _granted().paid("2025-05-20", "2025-04")

    assert shown(history.judged("E16", "2025-05-19"))[1] == {"G3": "2025-05-11"}
    assert shown(history.judged("E16", "2025-05-20")) == ("MET", {}, {})


def test_e16_a_month_of_which_all_was_recovered_is_owed_again() -> None:
    history = _granted().paid("2025-04-10", "2025-04").recovered("2025-05-15", "2025-04")
    part = _granted().paid("2025-04-10", "2025-04").recovered("2025-05-15", "2025-04", "100.00")

    assert shown(history.judged("E16", "2025-05-14"))[0] == "MET"
    assert shown(history.judged("E16", "2025-05-15")) == ("GAP", {"G3": "2025-05-11"}, {})
    assert shown(part.judged("E16", "2025-05-15"))[0] == "MET"


def test_e16_payments_without_a_process_match_by_member_and_those_of_another_do_not() -> None:
    without = _granted().paid("2025-04-10", "2025-04", process="", person=CHILD)
    other = _granted().paid("2025-04-10", "2025-04", process="DB-9")

    assert shown(without.judged("E16", "2025-05-11"))[0] == "MET"
    assert shown(other.judged("E16", "2025-05-11"))[0] == "GAP"


def test_e16_months_due_before_the_case_was_opened_are_not_tested() -> None:
    history = Assisted()
    history.opened("2025-06-11").certified("2025-02-18", CHILD)
    history.applied("2025-03-05").decided("2025-03-31", "2025-04")

    verdict = history.judged("E16", "2025-06-20")
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-07-10")


def test_e16_what_finance_does_not_deliver_cannot_be_told() -> None:
    feeds = '[{"division": "*", "department": "CIV", "group": "CIV", "from": "2025-01-01", "stock": true}]'
    history = _granted().sets("P-FEEDS", feeds, "2025-01-01", None)

    verdict = history.judged("E16", "2025-05-20")
    assert (shown(verdict)[0], [one.type for one in verdict.missing]) == ("UNKNOWN", ["BenefitPaid"])


def test_e16_the_days_of_payment_are_the_countys() -> None:
    for name, value in (("P-PAY-MONTH-D", "20"), ("P-PAY-FIRST-D", "50")):
        elsewhere = _granted().sets(name, value, "2025-03-01", OTHER_COUNTY)
        assert str(elsewhere.judged("E16", "2025-04-05").due) == "2025-05-10"
        assert str(elsewhere.sets(name, value, "2025-03-01").judged("E16", "2025-04-05").due) == "2025-05-20"


def test_e16_a_held_gap_stays_in_the_list() -> None:
    history = _granted()
    said = {"entitlement": "E16", "gap_type": "G3", "hold_until": "2025-06-30"}
    history.say(GapActionRecorded, "2025-05-15", PARENT, **said)

    assert shown(history.judged("E16", "2025-06-30"))[:2] == ("HELD", {"G3": "2025-05-11"})
    assert shown(history.judged("E16", "2025-07-01"))[0] == "GAP"


# -- reviews


def test_e16_a_review_is_due_a_year_after_the_decision() -> None:
    history = _covered()

    assert shown(history.judged("E16", "2026-03-31"))[0] == "MET"
    assert shown(history.judged("E16", "2026-04-01")) == ("LAPSED", {"G4": "2026-04-01"}, {})
    history.reviewed("2026-05-06", "2027-05-06")
    assert shown(history.judged("E16", "2026-05-05"))[0] == "LAPSED"
    assert shown(history.judged("E16", "2026-05-06")) == ("MET", {}, {})


def test_e16_a_review_is_due_after_half_a_year_where_income_is_unstable_and_somebody_can_work() -> None:
    history = _covered().checked("2025-03-20", income_stable=False, labour_capacity=True)
    stable = _covered().checked("2025-03-20", income_stable=False)

    assert shown(history.judged("E16", "2025-09-30"))[0] == "MET"
    assert shown(history.judged("E16", "2025-10-01")) == ("LAPSED", {"G4": "2025-10-01"}, {})
    assert shown(stable.judged("E16", "2025-10-01"))[0] == "MET"


def test_e16_the_rhythm_of_reviews_is_the_countys_on_the_day_of_the_decision() -> None:
    value = '{"stable": 9, "unstable": 3}'

    assert shown(_covered().sets("P-DIBAO-REVIEW", value, "2025-04-01").judged("E16", "2026-01-01"))[0] == "MET"
    elsewhere = _covered().sets("P-DIBAO-REVIEW", value, "2025-01-01", OTHER_COUNTY)
    assert shown(elsewhere.judged("E16", "2026-01-01"))[0] == "MET"
    here = _covered().sets("P-DIBAO-REVIEW", value, "2025-01-01")
    assert shown(here.judged("E16", "2026-01-01"))[1] == {"G4": "2026-01-01"}


def test_e16_reviews_due_before_the_case_was_opened_are_skipped() -> None:
    history = Assisted()
    history.opened("2025-02-17").certified("2025-02-18", CHILD)
    history.applied("2022-05-05").decided("2022-05-31", "2022-06")
    history.paid("2025-02-20", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")

    assert shown(history.judged("E16", "2025-05-31")) == ("MET", {}, {})
    assert shown(history.judged("E16", "2025-06-01")) == ("LAPSED", {"G4": "2025-06-01"}, {})


def test_e16_a_review_that_stops_dibao_ends_it_and_its_reviews() -> None:
    history = _covered().reviewed("2025-11-05", "2026-11-05", result="stop", effective_from="2025-12")

    assert shown(history.judged("E16", "2025-11-30"))[0] == "MET"
    verdict = history.judged("E16", "2025-12-01")
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-12-16")


# -- what contradicts a grant


def test_e16_a_job_of_a_member_is_warned_of_until_the_next_review() -> None:
    history = _covered()
    history.say(EmploymentStarted, "2025-07-01", PARENT, from_date="2025-07-01", kind="ENT")
    history.reviewed("2025-09-10", "2026-09-10")

    assert shown(history.judged("E16", "2025-07-01")) == ("MET", {}, {"G8": "2025-07-01"})
    assert shown(history.judged("E16", "2025-09-09"))[2] == {"G8": "2025-07-01"}
    assert shown(history.judged("E16", "2025-09-10")) == ("MET", {}, {})


def test_e16_a_death_and_a_marginal_recognition_that_is_over_are_warned_of_until_a_check() -> None:
    history = _covered().marginal("2025-03-04", "2025-08-31")
    history.say(PersonDeceased, "2025-10-05", PARENT, died_on="2025-10-05")
    history.checked("2025-11-11")

    assert shown(history.judged("E16", "2025-08-31"))[2] == {}
    assert shown(history.judged("E16", "2025-10-10"))[2] == {"G8": "2025-09-01"}
    assert shown(history.judged("E16", "2025-11-11"))[2] == {}


def test_e16_a_check_above_the_standard_leaves_the_grant_and_is_warned_of() -> None:
    history = _covered().checked("2025-10-05", "700.00")

    assert shown(history.judged("E16", "2025-10-05")) == ("MET", {}, {"G8": "2025-10-05"})
    history.sets("P-GRACE", "immediate", "2025-01-01", OTHER_COUNTY)
    assert shown(history.judged("E16", "2025-10-05"))[0] == "MET"
    history.sets("P-GRACE", "immediate", "2025-01-01")
    assert shown(history.judged("E16", "2025-10-04"))[0] == "MET"
    assert shown(history.judged("E16", "2025-10-05")) == ("NOT_ELIGIBLE", {}, {})


# -- the end, and the hole after a move


def test_e16_an_end_for_income_excludes_until_a_newer_check() -> None:
    history = _covered().terminated("2025-10-20", "income", "2025-10").checked("2026-01-12")

    assert shown(history.judged("E16", "2025-10-31"))[0] == "MET"
    assert shown(history.judged("E16", "2026-01-11")) == ("NOT_ELIGIBLE", {}, {})
    verdict = history.judged("E16", "2026-01-12")
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2026-01-27")


def test_e16_an_end_for_income_excludes_until_a_newer_claim() -> None:
    history = _covered().terminated("2025-10-20", "voluntary", "2025-10").applied("2025-12-01", "DB-2")

    assert shown(history.judged("E16", "2025-11-30"))[0] == "NOT_ELIGIBLE"
    assert shown(history.judged("E16", "2025-12-01"))[0] == "PENDING"


def test_e16_months_unpaid_before_an_end_stay_owed_and_later_ones_are_not() -> None:
    history = _granted().paid("2025-04-10", "2025-04").terminated("2025-05-20", "income", "2025-05")

    assert shown(history.judged("E16", "2025-06-10")) == ("NOT_ELIGIBLE", {}, {})
    assert shown(history.judged("E16", "2025-12-31")) == ("GAP", {"G3": "2025-06-11"}, {})
    history.paid("2026-01-08", "2025-05")
    assert shown(history.judged("E16", "2026-01-08")) == ("NOT_ELIGIBLE", {}, {})


def test_e16_an_end_before_the_decision_that_it_ends_still_ends_it() -> None:
    history = _granted().terminated("2025-05-12", "other", "2025-03")

    assert shown(history.judged("E16", "2025-04-10", known="2025-05-11"))[0] == "PENDING"
    assert shown(history.judged("E16", "2025-05-12")) == ("GAP", {"G1": "2025-04-17"}, {})


def _moved() -> Assisted:
    history = _covered()
    said = {"from_division": "421221", "to_division": OTHER_COUNTY, "moved_on": "2026-03-02", "move_kind": "hukou"}
    history.say(HouseholdMoved, "2026-03-02", PARENT, **said)
    return history.reviewed("2026-03-10", "2027-03-10").terminated("2026-03-31", "moved", "2026-03")


def test_e16_months_without_cover_between_two_counties_are_a_hole_until_new_cover_begins() -> None:
    history = _moved().applied("2026-04-08", "DB-2").decided("2026-05-20", "2026-06", "DB-2", at=OTHER_COUNTY)

    assert shown(history.judged("E16", "2026-03-31"))[0] == "MET"
    verdict = history.judged("E16", "2026-04-01")
    assert shown(verdict) == ("GAP", {"G9": "2026-04-01"}, {})
    [gap] = verdict.gaps
    assert (str(gap.due), gap.department, gap.division) == ("2026-03-31", "CIV", OTHER_COUNTY)
    assert shown(history.judged("E16", "2026-05-31"))[1] == {"G9": "2026-04-01"}
    assert shown(history.judged("E16", "2026-06-01")) == ("PENDING", {}, {})


def test_e16_cover_that_begins_before_its_decision_closes_the_hole_on_the_day_of_the_decision() -> None:
    history = _moved().applied("2026-04-08", "DB-2").decided("2026-05-20", "2026-04", "DB-2", at=OTHER_COUNTY)

    assert shown(history.judged("E16", "2026-05-19"))[1] == {"G9": "2026-04-01"}
    assert shown(history.judged("E16", "2026-05-20")) == ("PENDING", {}, {})


def test_e16_a_refusal_of_the_new_county_closes_the_hole_and_what_was_returned_does_not() -> None:
    returned = _moved().applied("2026-04-08", "DB-2").accepted("2026-04-15", "DB-2", "returned", missing="缺证明")
    refused = _moved().applied("2026-04-08", "DB-2").refused("2026-05-20", "document", "DB-2", at=OTHER_COUNTY)

    assert shown(returned.judged("E16", "2026-05-25")) == ("GAP", {"G9": "2026-04-01"}, {})
    assert shown(refused.judged("E16", "2026-05-19"))[1] == {"G9": "2026-04-01"}
    assert shown(refused.judged("E16", "2026-05-20")) == ("GAP", {"G1": "2026-04-17"}, {})


def test_e16_beside_a_hole_stand_unpaid_months_of_the_old_county_and_a_late_decision_of_the_new_one() -> None:
    history = _granted().paid("2025-04-10", "2025-04").terminated("2025-05-30", "moved", "2025-05")
    history.applied("2025-06-09", "DB-2")
    history.say(CaseTransferAccepted, "2025-06-05", PARENT, at=OTHER_COUNTY, accepted_division=OTHER_COUNTY)

    verdict = history.judged("E16", "2025-07-31")
    assert shown(verdict) == ("GAP", {"G3": "2025-06-11", "G2": "2025-07-22", "G9": "2025-06-01"}, {})
    assert [one.division for one in verdict.gaps if one.type == "G9"] == [OTHER_COUNTY]


def test_e16_two_grants_follow_each_other_without_a_double_month() -> None:
    history = _granted().paid("2025-04-10", "2025-04", "2025-05")
    history.applied("2025-05-06", "DB-2").decided("2025-05-28", "2025-06", "DB-2").paid(
        "2025-06-10", "2025-06", process="DB-2"
    )

    assert shown(history.judged("E16", "2025-07-20")) == ("MET", {}, {})


def test_e16_what_is_decided_for_one_person_is_no_claim_of_the_family() -> None:
    history = _poor().applied("2025-03-05").decided("2025-03-31", "2025-04", kind="single_marginal")

    assert shown(history.judged("E16", "2025-04-01")) == ("GAP", {"G1": "2025-03-19"}, {})


def test_e16_says_what_its_sentence_needs() -> None:
    because = _granted().judged("E16", "2025-05-11").because

    assert {name: str(value) for name, value in because.items()} == {
        "income": "402.00",
        "standard": "560.00",
        "step": "granted",
        "unpaid": "2025-04",
    }


def test_e16_who_left_the_family_before_dying_does_not_change_its_household() -> None:
    history = Assisted()
    history.opened("2025-02-17", PARENT, CHILD, SIBLING).certified("2025-02-18", CHILD)
    history.checked("2025-03-03").applied("2025-03-05").decided("2025-03-31", "2025-04")
    history.say(FamilyMemberRemoved, "2025-04-02", PARENT, person=SIBLING, left_on="2025-04-02")
    history.say(PersonDeceased, "2025-05-02", SIBLING, died_on="2025-05-02")

    assert shown(history.judged("E16", "2025-05-05"))[2] == {}


# -- several claims, and what comes first


def test_e16_a_claim_that_was_returned_leaves_an_earlier_one_waiting() -> None:
    history = _poor().applied("2025-03-05").accepted("2025-03-06").applied("2025-03-20", "DB-2")
    history.decided("2025-04-01", process="DB-2", decision="returned", amount_month=None)

    verdict = history.judged("E16", "2025-04-10")
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-04-18")


def test_e16_a_check_that_excludes_closes_the_hole_between_two_counties() -> None:
    history = _covered().terminated("2025-10-20", "moved", "2025-10")

    assert shown(history.judged("E16", "2025-11-10"))[1] == {"G9": "2025-11-01"}
    history.checked("2025-11-20", "900.00")
    assert shown(history.judged("E16", "2025-11-20")) == ("NOT_ELIGIBLE", {}, {})


def test_e16_a_refusal_that_the_facts_contradict_is_warned_of_also_while_declined() -> None:
    history = _poor().applied("2025-03-05").refused("2025-03-20", "economy")
    history.say(ServiceDeclined, "2025-03-25", PARENT, need="DIBAO", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E16", "2025-06-01")) == ("DECLINED", {}, {"G8": "2025-03-20"})


def test_e16_a_refusal_after_a_decline_does_not_end_it() -> None:
    history = _poor().applied("2025-03-05")
    history.say(ServiceDeclined, "2025-03-10", PARENT, need="DIBAO", declined_by=PARENT, until="2025-12-31")
    history.refused("2025-03-20", "document")

    assert shown(history.judged("E16", "2025-06-01"))[0] == "DECLINED"


def test_e16_a_new_decision_answers_what_contradicted_the_grant_before_it() -> None:
    history = _covered().applied("2025-06-02", "DB-2")
    history.say(EmploymentStarted, "2025-06-01", PARENT, from_date="2025-06-01")

    assert shown(history.judged("E16", "2025-06-10"))[2] == {"G8": "2025-06-01"}
    history.decided("2025-06-20", "2025-07", "DB-2")
    assert shown(history.judged("E16", "2025-06-20"))[2] == {}


def test_e16_an_extension_moves_the_decision_to_the_day_that_it_names() -> None:
    history = _poor().applied("2025-03-05").accepted("2025-03-06")
    history.say(DeadlineExtended, "2025-03-20", PARENT, process="DB-1", extended_on="2025-03-20", new_due="2025-04-10")

    assert str(history.judged("E16", "2025-04-10").due) == "2025-04-10"
    assert shown(history.judged("E16", "2025-04-11"))[1] == {"G2": "2025-04-11"}


def test_e16_the_last_month_of_what_has_ended_is_still_open_until_its_due_day() -> None:
    history = _granted().paid("2025-05-08", "2025-04").terminated("2025-05-20", "income", "2025-06")

    verdict = history.judged("E16", "2025-07-01")  # May is overdue, June is not yet
    assert (shown(verdict), str(verdict.due)) == (("GAP", {"G3": "2025-06-11"}, {}), "2025-07-10")
