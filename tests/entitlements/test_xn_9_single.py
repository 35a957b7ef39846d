"""XN-9b and XN-9c: dibao for one severely disabled person, of a marginal family or without work."""

import pytest

from services.civil_affairs.events import MarginalFamilyEnded
from services.disability_federation.certificates.events import DisabilityCertificateFrozen, DisabilityGradeChanged
from services.disability_federation.registry.events import GapActionRecorded, RightsInformed, ServiceDeclined
from services.hrss.events import EmploymentEnded, EmploymentStarted
from tests.entitlements.assistance import Assisted
from tests.entitlements.histories import CHILD, OTHER_COUNTY, PARENT, number, shown

MARGINAL, ADULT = "single_marginal", "single_adult"


def _severe(category: str = "4", grade: str = "1", person: str = CHILD, **said: object) -> Assisted:
    history = Assisted()
    history.opened("2025-03-10").certified("2025-04-10", person, category=category, grade=grade, **said)
    return history


def _marginal(category: str = "4", grade: str = "1", **said: object) -> Assisted:
    return _severe(category, grade, **said).checked("2025-05-14", "700.00").marginal("2025-05-20", "2026-05-19")


def _asked() -> Assisted:
    return _marginal().applied("2025-05-26", kind=MARGINAL).accepted("2025-05-29")


def _granted() -> Assisted:
    history = _asked().decided("2025-07-04", "2025-08", kind=MARGINAL)
    for month in ("2025-08", "2025-09", "2025-10", "2025-11", "2025-12"):
        history.paid(f"{month}-25", month, person=CHILD)
    for month in ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"):
        history.paid(f"{month}-25", month, person=CHILD)
    return history


# -- E17: of a marginal family


def test_e17_who_never_had_a_certificate_is_not_meant() -> None:
    assert shown(_severe().judged("E17", "2025-04-09", CHILD))[0] == "NOT_APPLICABLE"
    assert shown(_severe().judged("E17", "2025-06-01", PARENT))[0] == "NOT_APPLICABLE"


@pytest.mark.parametrize(
    ("category", "grade", "components", "state"),
    [
        ("3", "1", None, "ELIGIBLE_NOT_APPLIED"),
        ("2", "2", None, "ELIGIBLE_NOT_APPLIED"),
        ("5", "3", None, "ELIGIBLE_NOT_APPLIED"),
        ("6", "3", None, "ELIGIBLE_NOT_APPLIED"),
        ("4", "3", None, "NOT_ELIGIBLE"),
        ("5", "4", None, "NOT_ELIGIBLE"),
        ("7", "3", [{"category": "4", "grade": "3"}, {"category": "5", "grade": "3"}], "ELIGIBLE_NOT_APPLIED"),
        ("7", "3", [{"category": "4", "grade": "3"}, {"category": "5", "grade": "4"}], "NOT_ELIGIBLE"),
        ("7", "3", None, "UNKNOWN"),
        ("7", "4", None, "NOT_ELIGIBLE"),
    ],
)
def test_e17_grades_one_and_two_of_any_category_and_three_of_two_of_them(
    category: str, grade: str, components: list[dict[str, str]] | None, state: str
) -> None:
    history = _marginal(category, grade, components=components)

    assert shown(history.judged("E17", "2025-06-01", CHILD))[0] == state


def test_e17_a_certificate_of_several_disabilities_without_components_cannot_be_told() -> None:
    verdict = _marginal("7", "3").judged("E17", "2025-06-01", CHILD)

    assert shown(verdict)[1] == {"G5": "2025-05-20"}
    assert [(one.type, one.department) for one in verdict.missing] == [
        ("DisabilityCertificateIssued components", "DPF")
    ]


def test_e17_whether_the_family_is_a_marginal_one_is_asked() -> None:
    verdict = _severe().judged("E17", "2025-04-30", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-04-10"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("MarginalFamilyDecided", "CIV")]


def test_e17_a_marginal_recognition_that_is_over_is_asked_for_again() -> None:
    assert shown(_marginal().judged("E17", "2026-05-20", CHILD)) == ("UNKNOWN", {"G5": "2026-05-20"}, {})

    ended = _marginal()
    ended.say(MarginalFamilyEnded, "2025-09-30", PARENT, reason="income", effective_to="2025-09-30")
    assert shown(ended.judged("E17", "2025-09-30", CHILD))[0] == "GAP"
    assert shown(ended.judged("E17", "2025-10-01", CHILD)) == ("UNKNOWN", {"G5": "2025-10-01"}, {})


@pytest.mark.parametrize("income", ["559.99", "840.00"])
def test_e17_an_income_below_the_standard_or_of_its_multiple_excludes(income: str) -> None:
    assert shown(_severe().checked("2025-05-14", income).judged("E17", "2025-06-01", CHILD))[0] == "NOT_ELIGIBLE"


def test_e17_an_income_just_inside_and_property_that_is_not() -> None:
    inside, property_ = (
        _severe().checked("2025-05-14", "839.99"),
        _marginal().checked("2025-06-14", "700.00", property_ok=False),
    )

    assert shown(inside.judged("E17", "2025-06-01", CHILD))[0] == "UNKNOWN"
    assert shown(property_.judged("E17", "2025-06-14", CHILD))[0] == "NOT_ELIGIBLE"


def test_e17_the_multiple_is_the_countys() -> None:
    history = _severe().checked("2025-05-14", "900.00").marginal("2025-05-20", "2026-05-19")
    assert shown(history.sets("P-MARGINAL-MULT", "2.0", "2025-01-01", OTHER_COUNTY).judged("E17", "2025-06-01", CHILD))[
        0
    ] == ("NOT_ELIGIBLE")
    history.sets("P-MARGINAL-MULT", "2.0", "2025-06-01")
    assert shown(history.judged("E17", "2025-05-31", CHILD))[0] == "NOT_ELIGIBLE"
    assert shown(history.judged("E17", "2025-06-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e17_the_grades_are_a_parameter() -> None:
    history = _marginal("4", "3").sets("P-SINGLE-MARGINAL-GRADES", "1,2,3", "2025-06-01", None)

    assert shown(history.judged("E17", "2025-05-31", CHILD))[0] == "NOT_ELIGIBLE"
    assert shown(history.judged("E17", "2025-06-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e17_dibao_of_the_family_or_its_open_claim_excludes() -> None:
    waiting = _marginal().applied("2025-06-02", "DB-9")
    granted = _marginal().applied("2025-06-02", "DB-9").decided("2025-06-30", "2025-07", "DB-9")

    assert shown(waiting.judged("E17", "2025-06-02", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert shown(granted.judged("E17", "2025-07-02", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e17_a_family_refused_as_a_marginal_one_is_excluded_and_one_returned_is_asked() -> None:
    refused = {"decision": "refused", "refuse_reason": "economy", "valid_from": None, "valid_to": None}
    returned = {**refused, "decision": "returned", "refuse_reason": None}

    assert (
        shown(_severe().marginal("2025-05-20", "", **refused).judged("E17", "2025-06-01", CHILD))[0] == "NOT_ELIGIBLE"
    )
    assert shown(_severe().marginal("2025-05-20", "", **returned).judged("E17", "2025-06-01", CHILD))[0] == "UNKNOWN"


def test_e17_a_certificate_that_is_not_valid_excludes() -> None:
    history = _marginal()
    history.say(DisabilityCertificateFrozen, "2025-06-10", CHILD, frozen_on="2025-06-10")

    assert shown(history.judged("E17", "2025-06-10", CHILD))[0] == "NOT_ELIGIBLE"


def test_e17_thirty_days_to_tell_them_from_the_later_of_both_facts() -> None:
    verdict = _marginal().judged("E17", "2025-05-22", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-06-19")
    verdict = _marginal().judged("E17", "2025-06-20", CHILD)
    assert shown(verdict) == ("GAP", {"G1": "2025-06-20"}, {})

    later = _marginal("4", "3")
    said = {"category": "4", "grade": "2", "old_category": "4", "old_grade": "3", "effective_on": "2025-06-02"}
    later.say(DisabilityGradeChanged, "2025-06-02", CHILD, cert_no=f"{CHILD}42", **said)
    assert str(later.judged("E17", "2025-06-02", CHILD).due) == "2025-07-02"


def test_e17_the_clock_begins_when_a_refusal_of_the_family_or_a_new_check_opened_the_way() -> None:
    history = _marginal().applied("2025-05-26", "DB-9").refused("2025-06-30", "economy", "DB-9")
    assert shown(history.judged("E17", "2025-06-29", CHILD))[0] == "NOT_ELIGIBLE"
    verdict = history.judged("E17", "2025-06-30", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-07-30")

    checked = (
        _marginal().checked("2025-06-02", "900.00").checked("2025-07-07", "700.00").checked("2025-07-14", "700.00")
    )
    assert shown(checked.judged("E17", "2025-07-06", CHILD))[0] == "NOT_ELIGIBLE"
    assert str(checked.judged("E17", "2025-07-20", CHILD).due) == "2025-08-06"


def test_e17_a_recognition_that_was_renewed_in_time_does_not_begin_the_clock_anew() -> None:
    history = _marginal().marginal("2026-05-12", "2027-05-19", valid_from="2026-05-20")

    assert shown(history.judged("E17", "2026-06-01", CHILD)) == ("GAP", {"G1": "2025-06-20"}, {})


def test_e17_the_days_to_tell_them_are_the_countys() -> None:
    history = _marginal().sets("P-SINGLE-APPLY-D", "10", "2025-01-01", OTHER_COUNTY)
    assert str(history.judged("E17", "2025-05-22", CHILD).due) == "2025-06-19"
    assert (
        str(history.sets("P-SINGLE-APPLY-D", "10", "2025-01-01").judged("E17", "2025-05-22", CHILD).due) == "2025-05-30"
    )


def test_e17_who_was_told_and_does_not_want_it_has_declined() -> None:
    history = _marginal()
    said = {"informed_on": "2025-06-01", "answer": "declined", "need": "DIBAO"}
    history.say(RightsInformed, "2025-06-01", CHILD, **said)

    assert shown(history.judged("E17", "2025-05-31", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E17", "2025-06-01", CHILD)) == ("DECLINED", {}, {})
    assert shown(history.applied("2025-07-01", kind=MARGINAL).judged("E17", "2025-07-01", CHILD))[0] == "PENDING"


def test_e17_a_decline_of_another_person_is_not_theirs() -> None:
    history = _marginal()
    history.say(ServiceDeclined, "2025-06-01", PARENT, need="DIBAO", declined_by=PARENT)

    assert shown(history.judged("E17", "2025-06-02", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e17_a_decline_beats_what_is_missing() -> None:
    history = _severe()
    history.say(ServiceDeclined, "2025-06-01", CHILD, need="DIBAO", declined_by=PARENT)

    assert shown(history.judged("E17", "2025-06-02", CHILD)) == ("DECLINED", {}, {})


def test_e17_a_claim_is_decided_in_time_and_is_followed_before_anything_missing() -> None:
    verdict = _asked().judged("E17", "2025-06-30", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-07-11")
    assert shown(_asked().judged("E17", "2025-07-12", CHILD)) == ("GAP", {"G2": "2025-07-12"}, {})

    unclear = _severe().applied("2025-05-26", kind=MARGINAL)
    assert shown(unclear.judged("E17", "2025-05-27", CHILD))[0] == "PENDING"


def test_e17_the_clock_of_the_decision_is_the_countys() -> None:
    history = _asked().sets("P-DIBAO-WD", "20", "2025-01-01", OTHER_COUNTY)
    assert str(history.judged("E17", "2025-06-01", CHILD).due) == "2025-07-11"
    assert str(history.sets("P-DIBAO-WD", "20", "2025-01-01").judged("E17", "2025-06-01", CHILD).due) == "2025-06-27"


def test_e17_a_claim_for_another_person_is_not_theirs() -> None:
    history = _marginal().certified("2025-04-10", PARENT)
    assert isinstance(history, Assisted)
    history.applied("2025-05-26", kind=MARGINAL, person=PARENT)

    assert shown(history.judged("E17", "2025-06-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E17", "2025-06-01", PARENT))[0] == "PENDING"


def test_e17_granted_months_and_reviews_are_followed() -> None:
    history = _asked().decided("2025-07-04", "2025-08", kind=MARGINAL)

    assert shown(history.judged("E17", "2025-09-10", CHILD))[0] == "PENDING"
    assert shown(history.judged("E17", "2025-09-11", CHILD)) == ("GAP", {"G3": "2025-09-11"}, {})
    assert shown(_granted().judged("E17", "2026-05-19", CHILD)) == ("MET", {}, {})
    assert shown(_granted().judged("E17", "2026-07-05", CHILD))[:2] == ("LAPSED", {"G4": "2026-07-05"})


def test_e17_a_marginal_recognition_that_is_over_leaves_the_grant_and_is_warned_of() -> None:
    assert shown(_granted().judged("E17", "2026-05-20", CHILD)) == ("MET", {}, {"G8": "2026-05-20"})
    again = _granted().marginal("2026-05-12", "2027-05-19", valid_from="2026-05-20")
    assert shown(again.judged("E17", "2026-05-20", CHILD)) == ("MET", {}, {})


def test_e17_with_immediate_grace_a_grant_ends_with_the_recognition() -> None:
    elsewhere = _granted().sets("P-GRACE", "immediate", "2025-01-01", OTHER_COUNTY)
    assert shown(elsewhere.judged("E17", "2026-05-20", CHILD))[0] == "MET"

    history = _granted().sets("P-GRACE", "immediate", "2025-01-01")
    assert shown(history.judged("E17", "2026-05-19", CHILD))[0] == "MET"
    assert shown(history.judged("E17", "2026-05-20", CHILD))[0] == "UNKNOWN"


def test_e17_a_lower_grade_leaves_the_grant() -> None:
    history = _granted()
    said = {"category": "4", "grade": "4", "old_category": "4", "old_grade": "1", "effective_on": "2026-01-12"}
    history.say(DisabilityGradeChanged, "2026-01-12", CHILD, cert_no=f"{CHILD}44", **said)

    assert shown(history.judged("E17", "2026-01-12", CHILD))[0] == "MET"


def test_e17_refused_for_a_grade_it_has_is_warned_of_and_for_one_it_lacks_excludes() -> None:
    contradicted = _asked().refused("2025-07-04", "category", kind=MARGINAL)
    verdict = contradicted.judged("E17", "2025-07-05", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-07-04"})
    assert str(verdict.due) == "2025-08-03"

    economy = _asked().refused("2025-07-04", "economy", kind=MARGINAL)
    assert shown(economy.judged("E17", "2025-07-05", CHILD))[2] == {"G8": "2025-07-04"}


def test_e17_months_unpaid_before_an_end_stay_owed() -> None:
    history = _asked().decided("2025-07-04", "2025-08", kind=MARGINAL).terminated("2025-08-20", "grade", "2025-08")

    assert shown(history.judged("E17", "2025-09-10", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E17", "2025-09-11", CHILD))[:2] == ("GAP", {"G3": "2025-09-11"})


def test_e17_a_held_gap_is_of_that_person_alone() -> None:
    history = _asked()
    said = {"entitlement": "E17", "gap_type": "G2", "hold_until": "2025-08-31", "person": CHILD}
    history.say(GapActionRecorded, "2025-07-12", PARENT, **said)

    assert shown(history.judged("E17", "2025-08-31", CHILD))[0] == "HELD"
    assert shown(history.judged("E17", "2025-09-01", CHILD))[0] == "GAP"


# -- E18: an adult without work


def _without_work() -> Assisted:
    history = _severe("4", "2", PARENT)
    history.say(EmploymentEnded, "2025-02-28", PARENT, ended_on="2025-02-28")
    return history


def test_e18_a_child_and_who_never_had_a_certificate_are_not_meant() -> None:
    assert shown(_severe().judged("E18", "2025-06-01", CHILD))[0] == "NOT_APPLICABLE"
    assert shown(_severe().judged("E18", "2025-06-01", PARENT))[0] == "NOT_APPLICABLE"


def test_e18_whether_somebody_works_cannot_be_told_before_the_data_begin() -> None:
    verdict = _severe("4", "2", PARENT).judged("E18", "2025-05-01", PARENT)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-04-10"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("EmploymentStarted / EmploymentEnded", "HRS")]


def test_e18_where_running_jobs_were_delivered_none_on_record_means_none() -> None:
    feeds = (
        '[{"division": "*", "department": "CIV", "group": "CIV", "from": "2025-01-01", "stock": true},'
        ' {"division": "*", "department": "HRS", "group": "HRS", "from": "2025-01-01", "stock": true}]'
    )
    history = _severe("4", "2", PARENT).sets("P-FEEDS", feeds, "2025-01-01", None)

    verdict = history.judged("E18", "2025-05-01", PARENT)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-05-10")


def test_e18_who_left_a_job_after_the_data_began_is_told_within_thirty_days() -> None:
    verdict = _without_work().judged("E18", "2025-05-01", PARENT)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-05-10")
    assert shown(_without_work().judged("E18", "2025-05-11", PARENT)) == ("GAP", {"G1": "2025-05-11"}, {})

    later = _severe("4", "2", PARENT)
    later.say(EmploymentEnded, "2025-06-30", PARENT, ended_on="2025-06-30")
    assert shown(later.judged("E18", "2025-06-29", PARENT))[0] == "UNKNOWN"
    assert str(later.judged("E18", "2025-06-30", PARENT).due) == "2025-07-30"


def test_e18_a_job_excludes_until_it_ends() -> None:
    history = _without_work()
    history.say(EmploymentStarted, "2025-06-03", PARENT, from_date="2025-06-03", kind="ENT")
    history.say(EmploymentEnded, "2025-09-30", PARENT, ended_on="2025-09-30")

    assert shown(history.judged("E18", "2025-06-03", PARENT)) == ("NOT_ELIGIBLE", {}, {})
    verdict = history.judged("E18", "2025-09-30", PARENT)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-10-30")


def test_e18_other_help_for_the_family_excludes() -> None:
    marginal = _without_work().checked("2025-05-14", "700.00").marginal("2025-05-20", "2025-08-31")
    poor = _without_work().checked("2025-05-14", "402.00")
    dibao = _without_work().applied("2025-05-14").decided("2025-05-30", "2025-06")

    assert shown(marginal.judged("E18", "2025-05-20", PARENT))[0] == "NOT_ELIGIBLE"
    assert str(marginal.judged("E18", "2025-09-01", PARENT).due) == "2025-10-01"
    assert shown(poor.judged("E18", "2025-05-14", PARENT))[0] == "NOT_ELIGIBLE"
    assert shown(dibao.judged("E18", "2025-05-14", PARENT))[0] == "NOT_ELIGIBLE"
    assert shown(dibao.judged("E18", "2025-06-14", PARENT))[0] == "NOT_ELIGIBLE"


def test_e18_grade_three_excludes_until_the_list_has_it() -> None:
    history = _severe("5", "3", PARENT)
    history.say(EmploymentEnded, "2025-02-28", PARENT, ended_on="2025-02-28")

    assert shown(history.judged("E18", "2025-05-01", PARENT))[0] == "NOT_ELIGIBLE"
    history.sets("P-SINGLE-ADULT-GRADES", "1,2,3:5", "2025-05-01", None)
    assert shown(history.judged("E18", "2025-05-01", PARENT))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e18_of_age_is_a_parameter() -> None:
    teen = number("2007-12-01", 121)
    history = Assisted()
    history.opened("2025-03-10", PARENT, CHILD, teen).certified("2025-04-10", teen)
    history.say(EmploymentEnded, "2025-03-01", teen, ended_on="2025-03-01")

    assert shown(history.judged("E18", "2025-11-30", teen))[0] == "NOT_APPLICABLE"
    verdict = history.judged("E18", "2025-12-01", teen)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-12-31")
    history.sets("P-ADULT-AGE", "16", "2025-01-01", None)
    assert shown(history.judged("E18", "2025-11-30", teen))[0] == "GAP"


def test_e18_a_claim_is_followed_also_where_work_is_not_known() -> None:
    history = _severe("4", "2", PARENT).applied("2025-03-26", kind=ADULT, person=PARENT).accepted("2025-03-27")
    # the certificate on record is of April
    assert shown(history.judged("E18", "2025-04-20", PARENT))[0] == "PENDING"
    assert str(history.judged("E18", "2025-04-20", PARENT).due) == "2025-05-13"
    assert shown(history.judged("E18", "2025-05-14", PARENT))[:2] == ("GAP", {"G2": "2025-05-14"})

    history.decided("2025-04-30", "2025-05", kind=ADULT, person=PARENT).paid("2025-05-20", "2025-05")
    assert shown(history.judged("E18", "2025-06-01", PARENT)) == ("MET", {}, {})


def test_e18_a_review_that_is_overdue_and_a_gap_that_somebody_holds() -> None:
    history = _severe("4", "2", PARENT).applied("2025-04-26", kind=ADULT, person=PARENT)
    history.decided("2025-04-30", "2025-05", kind=ADULT, person=PARENT)
    for month in (*(f"2025-{one:02}" for one in range(5, 13)), "2026-01", "2026-02", "2026-03", "2026-04"):
        history.paid(f"{month}-20", month)

    assert shown(history.judged("E18", "2026-04-30", PARENT)) == ("MET", {}, {})
    assert shown(history.judged("E18", "2026-05-01", PARENT)) == ("LAPSED", {"G4": "2026-05-01"}, {})
    said = {"entitlement": "E18", "gap_type": "G4", "hold_until": "2026-05-31"}
    history.say(GapActionRecorded, "2026-05-04", PARENT, **said)
    assert shown(history.judged("E18", "2026-05-31", PARENT))[:2] == ("HELD", {"G4": "2026-05-01"})


def test_e18_a_job_leaves_the_grant_and_is_warned_of_and_without_the_grant_excludes() -> None:
    history = _severe("4", "2", PARENT).applied("2025-04-26", kind=ADULT, person=PARENT)
    granted = history.decided("2025-04-30", "2025-05", kind=ADULT, person=PARENT).paid("2025-05-20", "2025-05")
    granted.say(EmploymentStarted, "2025-05-22", PARENT, from_date="2025-05-22", kind="ENT")

    assert shown(granted.judged("E18", "2025-06-01", PARENT)) == ("MET", {}, {"G8": "2025-05-22"})
    granted.sets("P-GRACE", "immediate", "2025-01-01")
    assert shown(granted.judged("E18", "2025-06-01", PARENT)) == ("NOT_ELIGIBLE", {}, {})


def test_e18_a_decision_that_was_withdrawn_leaves_the_claim_open_unless_a_job_known_later_excludes() -> None:
    history = _severe("4", "2", PARENT).applied("2025-04-26", kind=ADULT, person=PARENT).accepted("2025-04-28")
    history.decided("2025-05-20", "2025-06", kind=ADULT, person=PARENT)
    history.withdrawn("2025-07-10")

    assert shown(history.judged("E18", "2025-06-16", PARENT, known="2025-07-09"))[0] == "PENDING"
    assert shown(history.judged("E18", "2025-06-16", PARENT)) == ("GAP", {"G2": "2025-06-14"}, {})
    history.say(EmploymentStarted, "2025-02-03", PARENT, recorded="2025-07-14", from_date="2025-02-03", kind="ENT")
    assert shown(history.judged("E18", "2025-06-16", PARENT, known="2025-07-13"))[0] == "GAP"
    assert shown(history.judged("E18", "2025-06-16", PARENT)) == ("NOT_ELIGIBLE", {}, {})


def test_e18_refused_for_age_is_contradicted_and_for_the_economy_of_a_marginal_family_is_not() -> None:
    history = _without_work().applied("2025-05-05", kind=ADULT, person=PARENT)
    history.refused("2025-05-20", "age", kind=ADULT, person=PARENT)
    assert shown(history.judged("E18", "2025-05-21", PARENT)) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-05-20"})

    marginal = _without_work().marginal("2025-05-01", "2025-08-31").applied("2025-05-05", kind=ADULT, person=PARENT)
    marginal.refused("2025-05-20", "economy", kind=ADULT, person=PARENT)
    assert shown(marginal.judged("E18", "2025-05-21", PARENT)) == ("NOT_ELIGIBLE", {}, {})
    assert shown(marginal.judged("E18", "2025-09-01", PARENT))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e18_declined() -> None:
    history = _without_work()
    history.say(ServiceDeclined, "2025-05-01", PARENT, need="DIBAO", declined_by=PARENT, until="2025-06-30")

    assert shown(history.judged("E18", "2025-06-30", PARENT)) == ("DECLINED", {}, {})
    assert str(history.judged("E18", "2025-07-01", PARENT).due) == "2025-07-30"
