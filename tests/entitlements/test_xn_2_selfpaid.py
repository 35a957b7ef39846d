"""XN-2②: what families paid themselves for rehabilitation, state by state."""

import pytest

from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    DifficultFamilyEnded,
    GapActionRecorded,
    ServiceDeclined,
)
from services.disability_federation.rehabilitation.devices.events import AssistiveDeviceFitted
from services.disability_federation.rehabilitation.events import (
    RehabAidApplied,
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabMonthReported,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from services.disability_federation.rehabilitation.providers.events import InstitutionDesignated
from services.finance.events import BenefitPaid
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, SIBLING, History, parameter, shown

HERE, THERE = "52421299MJXREH015B", "52421299MJXREH0311"


def _recognised() -> History:
    return History().opened("2025-01-08", PARENT, CHILD, SIBLING).certified("2025-01-10").recognised("2025-02-21")


def _trained(history: History | None = None, where: str = HERE) -> History:
    history = history or _recognised()
    history.say(RehabAidApplied, "2025-03-03", CHILD, process="RA-1", aid_year=2025)
    said = {"decision": "approved", "aid_from": "2025-03-10", "aid_to": "2025-12-31"}
    history.say(RehabAidDecided, "2025-03-10", CHILD, process="RA-1", **said)
    history.say(RehabStarted, "2025-03-12", CHILD, process="RA-1", started_on="2025-03-12", institution=where)
    return history


def _month(history: History, month: str, fee: str = "820.00", day: str = "28", where: str | None = None) -> History:
    said = {"month": month, "fee_self": fee, "institution": where}
    history.say(RehabMonthReported, f"{month}-{day}", CHILD, process="RA-1", **said)
    return history


def _device(history: History, day: str, person: str = CHILD, fee: str = "400.00", **fields: bool) -> History:
    said = {"device_name": "助行器", "device_class": "12", "fitted_on": day, "self_paid": fee, **fields}
    history.say(AssistiveDeviceFitted, day, person, process=f"AD-{day}", **said)
    return history


def _claimed(history: History, day: str, first: str, last: str, process: str = "SP-1") -> History:
    said = {"period_from": first, "period_to": last, "self_paid": "820.00", "includes_device": False}
    history.say(SelfPaidSubsidyApplied, day, CHILD, process=process, **said)
    return history


def _granted(history: History, day: str, process: str = "SP-1", **fields: str) -> History:
    said = {"decision": "approved", "eligible_self_paid": "820.00", "rate": "0.5", "amount": "410.00", **fields}
    history.say(SelfPaidSubsidyDecided, day, CHILD, process=process, **said)
    return history


def _refused(history: History, day: str, reason: str, decision: str = "refused", process: str = "SP-1") -> History:
    history.say(SelfPaidSubsidyDecided, day, CHILD, process=process, decision=decision, refuse_reason=reason)
    return history


def _paid(history: History, day: str, process: str = "SP-1") -> History:
    said = {"benefit": "SELFPAY", "amount": "410.00", "paid_on": day, "fund": "county"}
    history.say(BenefitPaid, day, CHILD, process=process, **said)
    return history


def _august() -> History:
    return _month(_trained(), "2025-08")


def _claimed_in_january() -> History:
    return _claimed(_august(), "2026-01-15", "2025-08-01", "2025-12-31")


# -- what was paid


def test_e04_without_a_cost_there_is_nothing_to_pay_back() -> None:
    history = _month(_trained(), "2025-08", "0.00")

    assert shown(history.judged("E04", "2025-09-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e04_devices_of_others_or_for_other_uses_do_not_count() -> None:
    history = _device(_device(_trained(), "2025-06-20", SIBLING), "2025-06-21", for_rehab=False)

    assert shown(history.judged("E04", "2025-07-01", CHILD)) == ("NOT_APPLICABLE", {}, {})
    assert shown(history.judged("E04", "2025-07-01", SIBLING)) == ("NOT_APPLICABLE", {}, {})


def test_e04_the_childs_own_device_counts_from_its_fitting() -> None:
    verdict = _device(_trained(), "2025-06-20").judged("E04", "2025-06-20", CHILD)

    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-09-28")


def test_e04_a_cost_is_to_be_claimed_within_ninety_days_after_its_quarter() -> None:
    history = _august()

    verdict = history.judged("E04", "2025-12-29", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-12-29")
    verdict = history.judged("E04", "2025-12-30", CHILD)
    assert shown(verdict) == ("GAP", {"G1": "2025-12-30"}, {})
    assert [(one.department, one.division) for one in verdict.gaps] == [("DPF", COUNTY)]


def test_e04_a_cost_that_is_reported_late_is_claimed_by_the_same_day() -> None:
    history = _trained()
    history.say(RehabMonthReported, "2025-10-06", CHILD, process="RA-1", month="2025-09", fee_self="820.00")

    assert str(history.judged("E04", "2025-11-20", CHILD).due) == "2025-12-29"


def test_e04_a_quarter_that_nobody_claimed_leaves_the_list_after_a_year() -> None:
    history = _august()

    assert shown(history.judged("E04", "2026-09-30", CHILD)) == ("GAP", {"G1": "2025-12-30"}, {})
    assert shown(history.judged("E04", "2026-10-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e04_a_claimed_quarter_stays_and_each_quarter_is_claimed_for_itself() -> None:
    history = _paid(_granted(_claimed(_august(), "2025-10-10", "2025-07-01", "2025-09-30"), "2025-10-20"), "2025-11-20")
    assert shown(history.judged("E04", "2027-01-01", CHILD)) == ("MET", {}, {})

    _month(history, "2025-10")
    verdict = history.judged("E04", "2025-12-01", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2026-03-31")
    assert shown(history.judged("E04", "2026-04-01", CHILD)) == ("GAP", {"G1": "2026-04-01"}, {})


# -- who is meant


def test_e04_a_family_that_was_not_difficult_at_the_end_of_the_month_is_not_meant() -> None:
    history = _month(_trained(), "2025-06")
    history.say(DifficultFamilyEnded, "2025-06-29", PARENT, effective_to="2025-06-29", reason="voluntary")
    assert shown(history.judged("E04", "2025-07-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e04_a_family_that_is_difficult_no_more_keeps_what_it_paid_while_it_was() -> None:
    history = _august()
    history.say(DifficultFamilyEnded, "2025-09-15", PARENT, effective_to="2025-09-15", reason="voluntary")

    assert shown(history.judged("E04", "2025-10-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e04_an_institution_known_to_lie_elsewhere_is_not_meant_unless_that_does_not_matter() -> None:
    history = _month(_trained(where=THERE), "2025-08")
    assert shown(history.judged("E04", "2025-09-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"

    away = {"uscc": THERE, "kind": "REHAB", "division": "422399", "valid_from": "2025-01-01", "valid_to": "2027-12-31"}
    history.say(InstitutionDesignated, "2025-01-02", None, **away)
    assert shown(history.judged("E04", "2025-09-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    parameter(history, "P-LOCAL-INST-SCOPE", "none")
    assert shown(history.judged("E04", "2025-09-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e04_the_institution_is_that_of_the_month() -> None:
    history = _month(_month(_trained(where=THERE), "2025-04"), "2025-08")
    moved = {"old_institution": THERE, "new_institution": HERE, "cross_county": True, "from_date": "2025-07-01"}
    history.say(RehabInstitutionChanged, "2025-07-01", CHILD, process="RA-1", **moved)
    away = {"uscc": THERE, "kind": "REHAB", "division": "422399", "valid_from": "2025-01-01", "valid_to": "2027-12-31"}
    history.say(InstitutionDesignated, "2025-01-02", None, **away)

    assert shown(history.judged("E04", "2025-05-01", CHILD))[0] == "NOT_ELIGIBLE"
    verdict = history.judged("E04", "2025-09-01", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2025-12-29")


def test_e04_a_month_may_name_its_own_institution() -> None:
    history = _month(_trained(), "2025-08", where=THERE)
    away = {"uscc": THERE, "kind": "REHAB", "division": "422399", "valid_from": "2025-01-01", "valid_to": "2027-12-31"}
    history.say(InstitutionDesignated, "2025-01-02", None, **away)

    assert shown(history.judged("E04", "2025-09-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


# -- decided and paid


def test_e04_from_claim_to_payment() -> None:
    history = _claimed_in_january()
    assert str(history.judged("E04", "2026-01-15", CHILD).due) == "2026-02-12"
    assert shown(history.judged("E04", "2026-02-13", CHILD)) == ("GAP", {"G2": "2026-02-13"}, {})

    _granted(history, "2026-02-06")
    verdict = history.judged("E04", "2026-04-07", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-04-07")
    verdict = history.judged("E04", "2026-04-08", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2026-04-08"}, {})
    assert [one.department for one in verdict.gaps] == ["FIN"]

    assert shown(_paid(history, "2026-05-04").judged("E04", "2026-05-04", CHILD)) == ("MET", {}, {})


def test_e04_a_grant_from_before_whose_application_is_not_on_record_is_paid_and_checked() -> None:
    history = _granted(_august(), "2025-10-20", amount="411.00")

    assert shown(history.judged("E04", "2025-10-20", CHILD)) == ("PENDING", {}, {"G8": "2025-10-20"})
    assert shown(history.judged("E04", "2025-12-20", CHILD))[1] == {"G3": "2025-12-20"}


def test_e04_an_unpaid_subsidy_can_be_held() -> None:
    history = _granted(_claimed_in_january(), "2026-02-06")
    said = {"entitlement": "E04", "gap_type": "G3", "hold_until": "2026-06-30", "person": CHILD}
    history.say(GapActionRecorded, "2026-05-01", PARENT, **said)

    assert shown(history.judged("E04", "2026-06-30", CHILD)) == ("HELD", {"G3": "2026-04-08"}, {})


def test_e04_a_payment_of_another_claim_is_none_of_this() -> None:
    history = _paid(_granted(_claimed_in_january(), "2026-02-06"), "2026-03-01", "SP-9")

    assert shown(history.judged("E04", "2026-03-01", CHILD))[0] == "PENDING"


def test_e04_after_a_move_the_month_stays_with_the_county_of_its_aid() -> None:
    history = _august()
    history.say(CaseTransferAccepted, "2025-10-01", PARENT, at=OTHER_COUNTY, accepted_division=OTHER_COUNTY)

    assert [one.division for one in history.judged("E04", "2026-01-01", CHILD).gaps] == [COUNTY]


@pytest.mark.parametrize(("fields", "warned"), [({"amount": "410.01"}, True), ({"amount": "410.00"}, False)])
def test_e04_a_subsidy_above_the_share_is_warned_of(fields: dict[str, str], *, warned: bool) -> None:
    history = _granted(_claimed_in_january(), "2026-02-06", **fields)

    assert shown(history.judged("E04", "2026-02-06", CHILD))[2] == ({"G8": "2026-02-06"} if warned else {})


def test_e04_a_document_explains_a_higher_subsidy() -> None:
    history = _granted(_claimed_in_january(), "2026-02-06", amount="800.00", basis_doc="文书A")

    assert shown(history.judged("E04", "2026-02-06", CHILD))[2] == {}


def test_e04_the_limit_is_that_of_the_year_of_the_costs() -> None:
    history = _month(_month(_trained(), "2025-04", "9000.00"), "2025-08", "9000.00")
    large = {"eligible_self_paid": "9000.00", "amount": "4500.00"}
    _granted(_claimed(history, "2025-07-10", "2025-04-01", "2025-06-30"), "2025-07-20", **large)
    _granted(_claimed(history, "2026-01-10", "2025-07-01", "2025-09-30", "SP-2"), "2026-01-20", "SP-2", **large)

    assert shown(history.judged("E04", "2026-01-19", CHILD))[2] == {}
    assert shown(history.judged("E04", "2026-01-20", CHILD))[2] == {"G8": "2026-01-20"}
    parameter(history, "P-SELFPAY-CAP", "9000.00")
    assert shown(history.judged("E04", "2026-01-20", CHILD))[2] == {}


# -- refused, declined


@pytest.mark.parametrize(("reason", "decision"), [("document", "refused"), ("document", "returned")])
def test_e04_a_formal_refusal_leaves_the_quarter_as_it_was(reason: str, decision: str) -> None:
    history = _refused(_claimed(_august(), "2025-10-10", "2025-08-01", "2025-08-31"), "2025-10-20", reason, decision)

    verdict = history.judged("E04", "2025-10-20", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-12-29")


@pytest.mark.parametrize("reason", ["fund", "institution", "economy", "category", "age", "hukou", "duplicate", "level"])
def test_e04_a_refusal_that_the_facts_contradict_is_warned_of_and_begins_the_clock_anew(reason: str) -> None:
    history = _refused(_claimed(_august(), "2025-10-10", "2025-08-01", "2025-08-31"), "2025-10-20", reason)

    verdict = history.judged("E04", "2025-10-20", CHILD)
    assert (shown(verdict), str(verdict.due)) == (
        ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-10-20"}),
        "2026-01-18",
    )
    _claimed(history, "2025-11-01", "2025-08-01", "2025-08-31", "SP-2")
    assert shown(history.judged("E04", "2025-11-01", CHILD)) == ("PENDING", {}, {})


@pytest.mark.parametrize("reason", ["duplicate", "document", "fund"])
def test_e04_a_second_claim_for_what_was_granted_changes_nothing(reason: str) -> None:
    history = _granted(_claimed(_august(), "2025-10-10", "2025-08-01", "2025-08-31"), "2025-10-20")
    _claimed(_paid(history, "2025-11-01"), "2025-11-10", "2025-08-01", "2025-08-31", "SP-2")
    _refused(history, "2025-11-20", reason, process="SP-2")

    assert shown(history.judged("E04", "2025-11-20", CHILD)) == ("MET", {}, {})


def test_e04_a_refusal_of_a_family_that_was_not_difficult_then_holds() -> None:
    history = _month(_trained(), "2025-08")
    history.say(DifficultFamilyEnded, "2025-08-15", PARENT, effective_to="2025-08-15", reason="voluntary")
    _refused(_claimed(history, "2025-10-10", "2025-08-01", "2025-08-31"), "2025-10-20", "economy")

    assert shown(history.judged("E04", "2025-10-20", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e04_a_decline_of_rehabilitation_stops_the_offer_but_not_a_payment() -> None:
    history = _august()
    history.say(ServiceDeclined, "2025-09-01", CHILD, need="REHAB", declined_by=PARENT, until="2025-11-30")
    assert shown(history.judged("E04", "2025-11-30", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E04", "2025-12-01", CHILD).due) == "2026-02-28"

    paying = _month(_granted(_claimed_in_january(), "2026-02-06"), "2026-02")
    paying.say(ServiceDeclined, "2026-03-01", CHILD, need="REHAB", declined_by=PARENT)
    assert shown(paying.judged("E04", "2026-03-02", CHILD))[0] == "PENDING"
    assert shown(_paid(paying, "2026-03-10").judged("E04", "2026-03-10", CHILD)) == ("DECLINED", {}, {})


def test_e04_where_months_are_not_delivered_it_cannot_be_told() -> None:
    history = _trained()
    feeds = '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'
    parameter(history, "P-FEEDS", feeds, "421200")

    verdict = history.judged("E04", "2025-09-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-12"}, {})
    assert [one.type for one in verdict.missing] == ["RehabMonthReported"]


@pytest.mark.parametrize(
    ("name", "value", "day", "before", "after"),
    [
        ("P-SELFPAY-WINDOW-D", "10", "2025-10-11", "ELIGIBLE_NOT_APPLIED", "GAP"),
        ("P-SELFPAY-CLAIM-M", "1", "2025-12-01", "ELIGIBLE_NOT_APPLIED", "NOT_APPLICABLE"),
        ("P-SELFPAY-DECIDE-WD", "2", "2026-01-30", "PENDING", "GAP"),
        ("P-SELFPAY-PAY-D", "10", "2026-03-01", "PENDING", "GAP"),
    ],
)
def test_e04_a_countys_own_value_moves_that_county_alone(
    name: str, value: str, day: str, before: str, after: str
) -> None:
    history = _granted(_claimed_in_january(), "2026-02-06")

    parameter(history, name, value, OTHER_COUNTY)
    assert shown(history.judged("E04", day, CHILD))[0] == before
    parameter(history, name, value, recorded="2033-01-03")
    assert shown(history.judged("E04", day, CHILD))[0] == after
    assert shown(history.judged("E04", day, CHILD, known="2033-01-02"))[0] == before


def test_e04_a_county_with_a_lower_share_is_warned_of_more() -> None:
    history = _granted(_claimed_in_january(), "2026-02-06")

    parameter(history, "P-SELFPAY-RATE", "0.4", OTHER_COUNTY)
    assert shown(history.judged("E04", "2026-02-06", CHILD))[2] == {}
    parameter(history, "P-SELFPAY-RATE", "0.4")
    assert shown(history.judged("E04", "2026-02-06", CHILD))[2] == {"G8": "2026-02-06"}
