"""XN-9e: support for destitute disabled children, state by state."""

import pytest

from services.civil_affairs.events import DeadlineExtended, TekunApplied, TekunDecided, TekunTerminated
from services.disability_federation.certificates.events import DisabilityGradeChanged
from services.disability_federation.registry.events import (
    GapActionRecorded,
    GuardianDesignated,
    PersonDeceased,
    ServiceDeclined,
)
from tests.entitlements.assistance import Assisted
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, number, shown, token

TEEN = number("2009-03-10", 31)


class Destitute(Assisted):
    """A family with a child that nobody may be able to support."""

    def asked(self, day: str, child: str = CHILD, process: str = "TK-1") -> "Destitute":
        """Apply for support."""
        self.say(TekunApplied, day, child, process=process, applied_on=day)
        return self

    def answered(
        self, day: str, pay_from: str | None = None, child: str = CHILD, process: str = "TK-1", **said: object
    ) -> "Destitute":
        """Decide on support."""
        at = str(said.pop("at", COUNTY))
        granted = {"decision": "approved", "pay_from": pay_from, "care_level": "partial" if pay_from else None, **said}
        self.say(TekunDecided, day, child, process=process, at=at, **granted)
        return self

    def ended(self, day: str, last: str, child: str = CHILD, process: str = "TK-1") -> "Destitute":
        """End support after a month."""
        self.say(TekunTerminated, day, child, process=process, reason="aged_out", effective_to=last)
        return self


def _family() -> Destitute:
    history = Destitute()
    history.opened("2025-02-17", PARENT, CHILD, TEEN)
    history.certified("2025-02-18", CHILD, category="4", grade="3").certified(
        "2025-02-18", TEEN, category="4", grade="3"
    )
    return history


def _alone() -> Destitute:
    history = _family()
    history.checked("2025-03-31", able_supporter=False)
    return history


def _granted() -> Destitute:
    return _alone().asked("2025-04-17").answered("2025-05-13", "2025-06")


def test_e20_a_child_without_a_sign_and_a_member_who_is_no_disabled_child_are_not_meant() -> None:
    assert shown(_family().judged("E20", "2025-04-01", CHILD)) == ("NOT_APPLICABLE", {}, {})
    assert shown(_alone().judged("E20", "2025-04-01", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e20_a_guardian_who_is_no_parent_is_a_sign_and_a_parent_is_none() -> None:
    parent, grandparent = _family(), _family()
    parent.say(GuardianDesignated, "2025-03-03", CHILD, guardian=PARENT, relation="50", from_date="2025-03-03")
    grandparent.say(GuardianDesignated, "2025-03-03", CHILD, guardian=PARENT, relation="60", from_date="2025-03-03")

    assert shown(parent.judged("E20", "2025-04-01", CHILD))[0] == "NOT_APPLICABLE"
    verdict = grandparent.judged("E20", "2025-04-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-03"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("HouseholdEconomyChecked", "CIV")]
    grandparent.say(GuardianDesignated, "2025-05-05", CHILD, guardian=PARENT, relation="50", from_date="2025-05-05")
    assert shown(grandparent.judged("E20", "2025-05-05", CHILD))[0] == "NOT_APPLICABLE"


def test_e20_whether_somebody_can_support_the_child_is_asked() -> None:
    history = _family()
    history.surveyed("2025-03-03", "TEKUN", person=CHILD)
    history.checked("2025-03-31")

    verdict = history.judged("E20", "2025-04-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-31"}, {})
    assert [one.type for one in verdict.missing] == ["HouseholdEconomyChecked able_supporter"]


@pytest.mark.parametrize(
    ("income", "said"),
    [("560.00", {}), ("402.00", {"property_ok": False}), ("402.00", {"able_supporter": True})],
)
def test_e20_income_property_or_an_able_supporter_excludes(income: str, said: dict[str, bool]) -> None:
    history = _family()
    history.surveyed("2025-03-03", "TEKUN", person=CHILD)
    history.checked("2025-03-31", income, **said)

    assert shown(history.judged("E20", "2025-04-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e20_from_sixteen_only_the_listed_disabilities_count_as_unable_to_work() -> None:
    assert shown(_alone().judged("E20", "2025-04-01", TEEN))[0] == "NOT_ELIGIBLE"
    assert shown(_alone().judged("E20", "2025-04-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    history = _alone().sets("P-TEKUN-LABOUR", "3:4", "2025-01-01", None)
    assert shown(history.judged("E20", "2025-04-01", TEEN))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e20_from_sixteen_the_clock_begins_with_the_grade_that_counts() -> None:
    history = _alone()
    said = {"category": "4", "grade": "2", "old_category": "4", "old_grade": "3", "effective_on": "2025-09-01"}
    history.say(DisabilityGradeChanged, "2025-09-01", TEEN, cert_no=f"{TEEN}42", **said)

    assert shown(history.judged("E20", "2025-08-31", TEEN))[0] == "NOT_ELIGIBLE"
    assert str(history.judged("E20", "2025-09-01", TEEN).due) == "2025-09-16"


def test_e20_is_helped_to_apply_within_fifteen_days_of_all_facts() -> None:
    verdict = _alone().judged("E20", "2025-04-15", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-04-15")
    assert shown(_alone().judged("E20", "2025-04-16", CHILD)) == ("GAP", {"G1": "2025-04-16"}, {})


def test_e20_a_claim_is_surveyed_and_confirmed_in_twenty_five_working_days() -> None:
    history = _alone().asked("2025-04-17")

    verdict = history.judged("E20", "2025-05-26", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-05-26")
    assert shown(history.judged("E20", "2025-05-27", CHILD)) == ("GAP", {"G2": "2025-05-27"}, {})
    said = {"extended_on": "2025-05-20", "new_due": "2025-06-30"}
    history.say(DeadlineExtended, "2025-05-20", CHILD, process="TK-1", **said)
    assert str(history.judged("E20", "2025-05-27", CHILD).due) == "2025-06-30"


def test_e20_a_claim_is_followed_also_without_a_check() -> None:
    assert shown(_family().asked("2025-04-17").judged("E20", "2025-04-20", CHILD))[0] == "PENDING"


def test_e20_granted_months_are_paid() -> None:
    history = _granted()

    verdict = history.judged("E20", "2025-05-13", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-07-10")
    assert shown(history.judged("E20", "2025-07-11", CHILD)) == ("GAP", {"G3": "2025-07-11"}, {})
    history.paid("2025-07-11", "2025-06", process="TK-1", benefit="TEKUN", person=CHILD)
    assert shown(history.judged("E20", "2025-07-11", CHILD)) == ("MET", {}, {})


def _adult_soon() -> Destitute:
    history = _family().sets("P-TEKUN-LABOUR", "3:4", "2025-01-01", None)
    history.checked("2025-03-31", able_supporter=False)
    assert isinstance(history, Destitute)
    history.asked("2026-10-08", TEEN).answered("2026-10-20", "2026-11", TEEN)
    months = [f"{2026 + at // 12}-{at % 12 + 1:02}" for at in range(10, 16)]
    for month in months:
        history.paid(f"{month}-25", month, process="TK-1", benefit="TEKUN", person=TEEN)
    return history


def test_e20_the_end_of_childhood_is_warned_of_half_a_year_before_and_the_grant_goes_on_after_it() -> None:
    history = _adult_soon()

    assert shown(history.judged("E20", "2026-10-25", TEEN))[2] == {"G6": "2026-10-20"}
    verdict = history.judged("E20", "2027-03-09", TEEN)
    assert [(str(one.since), str(one.due), one.department) for one in verdict.warnings] == [
        ("2026-10-20", "2027-03-10", "CIV")
    ]
    assert shown(history.judged("E20", "2027-03-10", TEEN)) == ("MET", {}, {})
    history.ended("2027-03-20", "2027-03", TEEN)
    assert shown(history.judged("E20", "2027-03-31", TEEN))[0] == "MET"
    assert shown(history.judged("E20", "2027-04-01", TEEN)) == ("NOT_APPLICABLE", {}, {})


def test_e20_when_the_end_of_childhood_is_warned_of_is_the_countys() -> None:
    history = _adult_soon().sets("P-TEKUN-AGE-WARN-D", "30", "2025-01-01", OTHER_COUNTY)
    assert shown(history.judged("E20", "2026-12-25", TEEN))[2] == {"G6": "2026-10-20"}
    history.sets("P-TEKUN-AGE-WARN-D", "30", "2025-01-01")
    assert shown(history.judged("E20", "2026-12-25", TEEN))[2] == {}
    assert shown(history.judged("E20", "2027-02-08", TEEN))[2] == {"G6": "2027-02-08"}


def test_e20_months_unpaid_before_an_end_stay_owed_also_of_an_adult() -> None:
    history = _family().sets("P-TEKUN-LABOUR", "3:4", "2025-01-01", None).checked("2025-03-31", able_supporter=False)
    assert isinstance(history, Destitute)
    history.asked("2026-10-08", TEEN).answered("2026-10-20", "2027-02", TEEN).ended("2027-03-20", "2027-03", TEEN)

    assert shown(history.judged("E20", "2027-04-05", TEEN)) == ("GAP", {"G3": "2027-03-11"}, {})


def test_e20_with_immediate_grace_a_grant_ends_with_its_conditions() -> None:
    history = _granted()
    history.checked("2025-06-09", able_supporter=True)

    assert shown(history.judged("E20", "2025-06-09", CHILD))[0] == "PENDING"
    history.sets("P-GRACE", "immediate", "2025-01-01", OTHER_COUNTY)
    assert shown(history.judged("E20", "2025-06-09", CHILD))[0] == "PENDING"
    history.sets("P-GRACE", "immediate", "2025-01-01")
    assert shown(history.judged("E20", "2025-06-08", CHILD))[0] == "PENDING"
    assert shown(history.judged("E20", "2025-06-09", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e20_refusals() -> None:
    refused = {"decision": "refused"}
    contradicted = _alone().asked("2025-04-17").answered("2025-05-13", refuse_reason="economy", **refused)
    verdict = contradicted.judged("E20", "2025-05-14", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-05-13"}), "2025-05-28")

    unknown = _family().asked("2025-04-17").answered("2025-05-13", refuse_reason="economy", **refused)
    assert shown(unknown.judged("E20", "2025-05-14", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    unknown.checked("2025-06-09", able_supporter=False)
    assert shown(unknown.judged("E20", "2025-06-09", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"

    formal = _alone().asked("2025-04-17").answered("2025-05-13", refuse_reason="document", **refused)
    assert shown(formal.judged("E20", "2025-05-14", CHILD)) == ("GAP", {"G1": "2025-04-16"}, {})

    elsewhere = _alone().asked("2025-04-17").answered("2025-05-13", refuse_reason="hukou", at=OTHER_COUNTY, **refused)
    assert shown(elsewhere.judged("E20", "2025-05-14", CHILD))[0] == "NOT_ELIGIBLE"


def test_e20_declined_by_a_guardian() -> None:
    history = _alone()
    history.say(ServiceDeclined, "2025-04-02", CHILD, need="TEKUN", declined_by=PARENT, until="2025-06-30")

    assert shown(history.judged("E20", "2025-06-30", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E20", "2025-07-01", CHILD).due) == "2025-07-15"


def test_e20_a_held_gap() -> None:
    history = _alone()
    said = {"entitlement": "E20", "gap_type": "G1", "hold_until": "2025-05-31", "person": CHILD}
    history.say(GapActionRecorded, "2025-04-20", PARENT, **said)

    assert shown(history.judged("E20", "2025-05-31", CHILD))[0] == "HELD"


def test_e20_who_has_died_is_not_judged() -> None:
    history = _granted()
    history.say(PersonDeceased, "2025-06-02", CHILD, died_on="2025-06-02")

    assert token(CHILD) in [one.subject for one in history.all("2025-06-01", rule="E20")]
    assert token(CHILD) not in [one.subject for one in history.all("2025-06-02", rule="E20")]


@pytest.mark.parametrize(
    ("parameter", "value", "due"),
    [("P-TEKUN-SURVEY-WD", "10", "2025-05-19"), ("P-TEKUN-CONFIRM-WD", "5", "2025-05-19")],
)
def test_e20_a_countys_own_clock_moves_that_county_alone(parameter: str, value: str, due: str) -> None:
    history = _alone().asked("2025-04-17").sets(parameter, value, "2025-01-01", OTHER_COUNTY)

    assert str(history.judged("E20", "2025-04-20", CHILD).due) == "2025-05-26"
    assert str(history.sets(parameter, value, "2025-01-01").judged("E20", "2025-04-20", CHILD).due) == due


def test_e20_the_days_to_help_are_the_countys() -> None:
    history = _alone().sets("P-TEKUN-APPLY-D", "5", "2025-01-01", OTHER_COUNTY)

    assert str(history.judged("E20", "2025-04-01", CHILD).due) == "2025-04-15"
    assert (
        str(history.sets("P-TEKUN-APPLY-D", "5", "2025-01-01").judged("E20", "2025-04-01", CHILD).due) == "2025-04-05"
    )
