"""EXT-2SUB: the living subsidy and the nursing subsidy, state by state."""

from typing import Any

import pytest

from services.civil_affairs.events import (
    DeadlineExtended,
    TekunApplied,
    TekunDecided,
    TekunTerminated,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from services.disability_federation.certificates.events import (
    DisabilityCertificateFrozen,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
)
from services.disability_federation.registry.events import GapActionRecorded, ServiceDeclined
from tests.entitlements.assistance import Assisted
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, shown

LIVING, NURSING = "LIVE_SUB", "CARE_SUB"
BOTH = (LIVING, NURSING)


class Subsidised(Assisted):
    """A family with a disabled child."""

    def asked(self, day: str, *benefits: str, process: str = "TS-1") -> "Subsidised":
        """Apply for subsidies, both unless it says otherwise."""
        self.say(TwoSubsidiesApplied, day, CHILD, process=process, applied_on=day, benefits=list(benefits or BOTH))
        return self

    def answered(
        self, day: str, pay_from: str | None, *benefits: str, process: str = "TS-1", **said: Any
    ) -> "Subsidised":
        """Grant subsidies from a month, or refuse them."""
        at = str(said.pop("at", COUNTY))
        granted = {"decision": "approved", "pay_from": pay_from, "benefits": list(benefits or BOTH), **said}
        granted["monthly_total"] = "220.00" if pay_from else None
        self.say(TwoSubsidiesDecided, day, CHILD, process=process, at=at, **granted)
        return self

    def stopped(
        self, day: str, last: str, *benefits: str, reason: str = "grade", process: str = "TS-1"
    ) -> "Subsidised":
        """Stop subsidies after a month."""
        said = {"benefits": list(benefits or BOTH), "effective_to": last, "reason": reason}
        self.say(TwoSubsidiesStopped, day, CHILD, process=process, **said)
        return self

    def regraded(self, day: str, grade: str, old: str = "1") -> "Subsidised":
        """Change the certificate's grade."""
        said = {"category": "4", "grade": grade, "old_category": "4", "old_grade": old, "effective_on": day}
        self.say(DisabilityGradeChanged, day, CHILD, cert_no=f"{CHILD}4{grade}", **said)
        return self

    def handed(self, day: str, *months: str, benefits: tuple[str, ...] = BOTH) -> "Subsidised":
        """Pay months of subsidies, each of them."""
        for benefit in benefits:
            self.paid(day, *months, process="TS-1", benefit=benefit, person=CHILD)
        return self


def _family(grade: str = "1") -> Subsidised:
    history = Subsidised()
    history.opened("2025-02-17").certified("2025-02-26", CHILD, grade=grade)
    return history


def _poor(grade: str = "1") -> Subsidised:
    history = _family(grade)
    history.applied("2025-03-05").decided("2025-03-31", "2025-04")
    return history


def _granted() -> Subsidised:
    """Grant both subsidies from July 2025."""
    return _poor().asked("2025-07-15").answered("2025-08-05", "2025-07")


def test_e26_who_never_had_a_certificate_is_not_meant() -> None:
    assert shown(_family().judged("E26", "2025-03-01", PARENT)) == ("NOT_APPLICABLE", {}, {})
    assert shown(_family().judged("E26", "2025-02-25", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e26_a_light_grade_without_dibao_is_entitled_to_neither() -> None:
    assert shown(_family("3").judged("E26", "2025-06-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e26_a_severe_grade_is_told_of_the_nursing_subsidy_within_thirty_days() -> None:
    verdict = _family().judged("E26", "2025-03-28", CHILD)

    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-03-28")
    assert shown(_family().judged("E26", "2025-03-29", CHILD)) == ("GAP", {"G1": "2025-03-29"}, {})


def test_e26_dibao_that_names_the_person_opens_the_living_subsidy() -> None:
    verdict = _poor("4").judged("E26", "2025-03-31", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-04-30")

    other = _family("4").decided("2025-03-31", "2025-04", kind="single_marginal", person=PARENT)
    assert shown(other.judged("E26", "2025-04-01", CHILD))[0] == "NOT_ELIGIBLE"
    own = _family("4").decided("2025-03-31", "2025-04", kind="single_marginal", person=CHILD)
    assert shown(own.judged("E26", "2025-04-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e26_each_subsidy_has_a_clock_of_its_own_and_the_worst_shows() -> None:
    assert shown(_poor().judged("E26", "2025-03-31", CHILD)) == ("GAP", {"G1": "2025-03-29"}, {})
    living_alone = _poor().asked("2025-03-20", NURSING).judged("E26", "2025-04-20", CHILD)
    assert (shown(living_alone)[0], str(living_alone.due)) == ("PENDING", "2025-04-30")
    assert shown(_poor().asked("2025-03-20", NURSING).judged("E26", "2025-05-01", CHILD))[1] == {"G1": "2025-05-01"}


def test_e26_where_dibao_is_not_delivered_it_cannot_be_told() -> None:
    feeds = '[{"division": "*", "department": "FIN", "group": "FIN", "from": "2025-01-01", "stock": true}]'
    history = _family("3").sets("P-FEEDS", feeds, "2025-01-01", None)

    verdict = history.judged("E26", "2025-06-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-26"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("DibaoDecided", "CIV")]


def test_e26_where_earlier_claims_were_not_delivered_nobody_can_say_that_none_was_made() -> None:
    feeds = '[{"division": "*", "department": "CIV", "group": "CIV", "from": "2025-04-01", "stock": false}]'
    history = _family().sets("P-FEEDS", feeds, "2025-01-01", None)

    verdict = history.judged("E26", "2025-06-01", CHILD)
    assert shown(verdict)[0] == "UNKNOWN"
    assert "TwoSubsidiesApplied" in [one.type for one in verdict.missing]


def test_e26_a_claim_is_decided_within_thirty_working_days() -> None:
    history = _poor().asked("2025-07-15")

    assert str(history.judged("E26", "2025-08-26", CHILD).due) == "2025-08-26"
    assert shown(history.judged("E26", "2025-08-26", CHILD))[0] == "PENDING"
    assert shown(history.judged("E26", "2025-08-27", CHILD)) == ("GAP", {"G2": "2025-08-27"}, {})
    said = {"extended_on": "2025-08-20", "new_due": "2025-09-30"}
    history.say(DeadlineExtended, "2025-08-20", CHILD, process="TS-1", **said)
    assert str(history.judged("E26", "2025-08-27", CHILD).due) == "2025-09-30"


def test_e26_months_are_paid_by_subsidy() -> None:
    verdict = _granted().judged("E26", "2025-09-04", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-09-04")
    assert shown(_granted().judged("E26", "2025-09-05", CHILD)) == ("GAP", {"G3": "2025-09-05"}, {})

    one = _granted().handed("2025-08-20", "2025-07", benefits=(LIVING,))
    assert shown(one.judged("E26", "2025-09-04", CHILD))[0] == "PENDING"
    assert shown(one.judged("E26", "2025-09-05", CHILD))[0] == "GAP"
    both = _granted().handed("2025-08-20", "2025-07")
    verdict = both.judged("E26", "2025-09-05", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("MET", "2025-09-10")


def test_e26_a_grade_that_fell_is_warned_of_from_the_next_month_until_it_is_stopped() -> None:
    months = [f"2025-{month:02}" for month in range(7, 13)]
    history = _granted().handed("2025-12-20", *months).regraded("2025-10-15", "3")

    assert shown(history.judged("E26", "2025-12-20", CHILD)) == ("MET", {}, {"G8": "2025-11-01"})
    assert shown(history.judged("E26", "2025-10-31", CHILD, known="2025-10-31"))[2] == {}
    history.stopped("2025-11-20", "2025-11", NURSING)
    assert shown(history.judged("E26", "2025-11-30", CHILD))[2] == {"G8": "2025-11-01"}
    assert shown(history.judged("E26", "2025-12-20", CHILD)) == ("MET", {}, {})


def test_e26_a_local_list_of_grades_keeps_the_nursing_subsidy() -> None:
    history = _granted().handed("2025-12-20", "2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12")
    history.regraded("2025-10-15", "3").sets("P-2SUB-GRADES", "1,2,3:4", "2025-01-01", OTHER_COUNTY)
    assert shown(history.judged("E26", "2025-12-20", CHILD))[2] == {"G8": "2025-11-01"}
    history.sets("P-2SUB-GRADES", "1,2,3:4", "2025-01-01")
    assert shown(history.judged("E26", "2025-12-20", CHILD))[2] == {}


def test_e26_dibao_that_ended_is_warned_of_from_the_month_after_its_last() -> None:
    history = _granted().handed("2025-12-20", "2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12")
    history.terminated("2025-10-20", "income", "2025-10")

    assert shown(history.judged("E26", "2025-10-31", CHILD))[2] == {}
    verdict = history.judged("E26", "2025-12-20", CHILD)
    assert shown(verdict) == ("MET", {}, {"G8": "2025-11-01"})
    assert "DibaoTerminated" in [one.name for one in verdict.evidence]


def test_e26_stopped_although_its_condition_holds_is_warned_of_and_offered_again() -> None:
    history = _granted().handed("2025-10-20", "2025-07", "2025-08", "2025-09", "2025-10")
    history.stopped("2025-09-20", "2025-09", NURSING)

    verdict = history.judged("E26", "2025-10-20", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-10-01"})
    assert str(verdict.due) == "2025-10-31"


def test_e26_stopped_while_the_certificate_was_frozen_is_not_warned_of() -> None:
    history = _granted().handed("2025-10-20", "2025-07", "2025-08", "2025-09", "2025-10")
    history.say(DisabilityCertificateFrozen, "2025-09-08", CHILD, frozen_on="2025-09-08")
    history.stopped("2025-09-20", "2025-09", reason="lost_cert")
    history.say(DisabilityCertificateUnfrozen, "2025-11-03", CHILD, unfrozen_on="2025-11-03")

    assert shown(history.judged("E26", "2025-10-20", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    verdict = history.judged("E26", "2025-11-03", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-12-03")


def test_e26_months_unpaid_before_a_stop_stay_owed() -> None:
    history = _granted().regraded("2025-07-20", "3").stopped("2025-08-20", "2025-07")
    history.terminated("2025-07-28", "income", "2025-07")

    assert shown(history.judged("E26", "2025-09-04", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert shown(history.judged("E26", "2025-09-05", CHILD)) == ("GAP", {"G3": "2025-09-05"}, {})


def test_e26_tekun_excludes_from_its_first_month() -> None:
    history = _family()
    history.say(TekunApplied, "2025-03-03", CHILD, process="TK-1", applied_on="2025-03-03")
    said = {"decision": "approved", "pay_from": "2025-05", "care_level": "partial"}
    history.say(TekunDecided, "2025-04-10", CHILD, process="TK-1", **said)

    assert shown(history.judged("E26", "2025-04-30", CHILD))[0] == "GAP"
    assert shown(history.judged("E26", "2025-05-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e26_refusals_by_subsidy() -> None:
    refused = {"decision": "refused", "refuse_reason": "economy"}
    without_dibao = _family().asked("2025-03-10").answered("2025-04-08", None, **refused)
    verdict = without_dibao.judged("E26", "2025-04-10", CHILD)
    # the economy is no condition of the nursing subsidy
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-04-08"}), "2025-05-08")

    light = (
        _poor("3")
        .asked("2025-04-10", NURSING)
        .answered("2025-05-08", None, decision="refused", refuse_reason="category")
    )
    assert shown(light.judged("E26", "2025-05-10", CHILD)) == ("GAP", {"G1": "2025-05-01"}, {})

    formal = _family().asked("2025-03-10").answered("2025-04-08", None, decision="returned")
    assert shown(formal.judged("E26", "2025-04-10", CHILD)) == ("GAP", {"G1": "2025-03-29"}, {})

    away = (
        _family()
        .asked("2025-03-10")
        .answered("2025-04-08", None, decision="refused", refuse_reason="hukou", at=OTHER_COUNTY)
    )
    assert shown(away.judged("E26", "2025-04-10", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e26_an_approval_that_leaves_one_out_is_warned_of_if_its_condition_held() -> None:
    history = (
        _poor().asked("2025-07-15").answered("2025-08-05", "2025-07", LIVING).handed("2025-08-20", "2025-07", "2025-08")
    )

    verdict = history.judged("E26", "2025-08-20", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-08-05"}), "2025-09-04")


def test_e26_declined() -> None:
    history = _family()
    history.say(ServiceDeclined, "2025-03-10", CHILD, need="SUBSIDY", declined_by=PARENT, until="2025-06-30")

    assert shown(history.judged("E26", "2025-06-30", CHILD)) == ("DECLINED", {}, {})
    assert shown(history.judged("E26", "2025-07-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    granted = _granted()
    granted.say(ServiceDeclined, "2025-08-10", CHILD, need="SUBSIDY", declined_by=PARENT)
    assert shown(granted.judged("E26", "2025-08-20", CHILD))[0] == "PENDING"


def test_e26_a_held_gap() -> None:
    history = _family()
    said = {"entitlement": "E26", "gap_type": "G1", "hold_until": "2025-05-31", "person": CHILD}
    history.say(GapActionRecorded, "2025-04-20", PARENT, **said)

    assert shown(history.judged("E26", "2025-05-31", CHILD))[0] == "HELD"


@pytest.mark.parametrize(
    ("parameter", "value", "day", "due"),
    [("P-2SUB-APPLY-D", "10", "2025-02-27", "2025-03-08"), ("P-2SUB-WD", "10", "2025-07-15", "2025-07-29")],
)
def test_e26_a_countys_own_clock_moves_that_county_alone(parameter: str, value: str, day: str, due: str) -> None:
    history = _family().asked("2025-07-15", NURSING).sets(parameter, value, "2025-01-01", OTHER_COUNTY)

    before = str(history.judged("E26", day, CHILD).due)
    assert before in {"2025-03-28", "2025-08-26"}
    assert str(history.sets(parameter, value, "2025-01-01").judged("E26", day, CHILD).due) == due


def test_e26_a_grant_without_its_conditions_is_warned_of_from_its_decision() -> None:
    history = _family("4").asked("2025-03-10", NURSING).answered("2025-04-15", "2025-03", NURSING)

    assert shown(history.judged("E26", "2025-05-02", CHILD))[2] == {"G8": "2025-04-15"}


def test_e26_what_stopped_an_earlier_grant_does_not_stop_the_next() -> None:
    history = _family().asked("2025-03-10", NURSING).answered("2025-04-15", "2025-03", NURSING)
    history.asked("2025-06-02", NURSING, process="TS-2").answered("2025-06-16", "2025-07", NURSING, process="TS-2")
    history.stopped("2025-06-30", "2025-06", NURSING, process="TS-1")

    assert shown(history.judged("E26", "2025-08-11", CHILD))[1] == {"G3": "2025-05-16"}
    assert str(history.judged("E26", "2025-08-11", CHILD).due) == "2025-09-10"


def test_e26_the_clock_begins_when_support_that_excluded_it_has_ended() -> None:
    history = _family()
    history.say(TekunApplied, "2025-03-03", CHILD, process="TK-1", applied_on="2025-03-03")
    history.say(TekunDecided, "2025-03-20", CHILD, process="TK-1", decision="approved", pay_from="2025-04")
    said = {"reason": "other", "effective_to": "2025-06"}
    history.say(TekunTerminated, "2025-06-20", CHILD, process="TK-1", **said)

    assert shown(history.judged("E26", "2025-06-30", CHILD))[0] == "NOT_ELIGIBLE"
    verdict = history.judged("E26", "2025-07-02", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-07-31")
