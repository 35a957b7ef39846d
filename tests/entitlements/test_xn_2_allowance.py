"""XN-2 (linked): the allowance beside the training of small children, state by state."""

import pytest

from services.disability_federation.registry.events import CaseTransferAccepted, GapActionRecorded, ServiceDeclined
from services.disability_federation.rehabilitation.events import (
    RehabAidApplied,
    RehabAidDecided,
    RehabMonthReported,
    RehabStarted,
)
from services.finance.events import BenefitPaid, BenefitRecovered
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, number, parameter, shown


def _aided(child: str = CHILD, opened: str = "2025-01-08", first: str = "2025-03-10") -> History:
    history = History().opened(opened, PARENT, child)
    history.say(RehabAidApplied, first, child, process="RA-1", aid_year=2025)
    said = {"decision": "approved", "aid_from": first, "aid_to": "2025-12-31"}
    history.say(RehabAidDecided, first, child, process="RA-1", **said)
    history.say(RehabStarted, first, child, process="RA-1", started_on=first)
    return history


def _month(history: History, month: str, child: str = CHILD, sessions: int = 18) -> History:
    history.say(RehabMonthReported, f"{month}-28", child, process="RA-1", month=month, sessions=sessions)
    return history


def _paid(history: History, day: str, month: str) -> History:
    said = {"benefit": "FAMLIV", "amount": "500.00", "period": month, "paid_on": day, "fund": "province"}
    history.say(BenefitPaid, day, CHILD, **said)
    return history


def test_e05_without_a_month_of_training_nothing_is_owed() -> None:
    assert shown(_aided().judged("E05", "2025-05-12", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e05_a_month_without_a_session_or_outside_any_aid_is_none() -> None:
    history = _month(_month(_aided(), "2025-08", sessions=0), "2026-01")

    assert shown(history.judged("E05", "2026-02-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e05_a_month_is_paid_within_sixty_days_after_its_end() -> None:
    history = _month(_aided(), "2025-07")

    verdict = history.judged("E05", "2025-09-29", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-09-29")
    verdict = history.judged("E05", "2025-09-30", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2025-09-30"}, {})
    assert [(one.department, one.division) for one in verdict.gaps] == [("FIN", COUNTY)]
    assert shown(_paid(history, "2025-10-15", "2025-07").judged("E05", "2025-10-15", CHILD)) == ("MET", {}, {})


def test_e05_every_month_has_to_be_paid_and_never_leaves_the_list() -> None:
    history = _paid(_month(_month(_aided(), "2025-07"), "2025-08"), "2025-09-15", "2025-08")

    assert shown(history.judged("E05", "2025-09-29", CHILD))[0] == "PENDING"
    assert shown(history.judged("E05", "2028-01-01", CHILD)) == ("GAP", {"G3": "2025-09-30"}, {})


def test_e05_what_was_recovered_was_not_paid() -> None:
    history = _paid(_month(_aided(), "2025-07"), "2025-08-20", "2025-07")
    back = {"benefit": "FAMLIV", "amount": "500.00", "period": "2025-07", "recovered_on": "2025-09-01"}
    history.say(BenefitRecovered, "2025-09-01", CHILD, **back)

    assert shown(history.judged("E05", "2025-09-30", CHILD)) == ("GAP", {"G3": "2025-09-30"}, {})


def test_e05_the_seventh_birthday_ends_it_with_the_next_month() -> None:
    child = number("2018-08-15", 4)
    history = _month(_month(_aided(child), "2025-08", child), "2025-09", child)
    assert [str(one.due) for one in history.judged("E05", "2026-01-01", child).gaps] == ["2025-10-30"]

    born_on_the_first = number("2018-08-01", 4)
    history = _month(_aided(born_on_the_first), "2025-08", born_on_the_first)
    assert shown(history.judged("E05", "2026-01-01", born_on_the_first)) == ("NOT_APPLICABLE", {}, {})


def test_e05_months_due_before_the_case_was_opened_are_not_tested() -> None:
    history = _month(_aided(opened="2025-12-01"), "2025-07")

    assert shown(history.judged("E05", "2025-12-01", CHILD)) == ("MET", {}, {})


def test_e05_it_cannot_be_declined_but_its_gap_can_be_held() -> None:
    history = _month(_aided(), "2025-07")
    history.say(ServiceDeclined, "2025-08-01", CHILD, need="REHAB", declined_by=PARENT)
    assert shown(history.judged("E05", "2025-10-01", CHILD))[0] == "GAP"

    said = {"entitlement": "E05", "gap_type": "G3", "hold_until": "2025-11-30", "person": CHILD}
    history.say(GapActionRecorded, "2025-10-02", PARENT, **said)
    assert shown(history.judged("E05", "2025-10-02", CHILD)) == ("HELD", {"G3": "2025-09-30"}, {})


def test_e05_after_a_move_the_month_stays_with_the_county_of_its_aid() -> None:
    history = _month(_aided(), "2025-07")
    history.say(CaseTransferAccepted, "2025-10-01", PARENT, at=OTHER_COUNTY, accepted_division=OTHER_COUNTY)

    assert [one.division for one in history.judged("E05", "2025-12-01", CHILD).gaps] == [COUNTY]


@pytest.mark.parametrize(
    ("feeds", "missing", "since"),
    [
        (
            '{"division": "*", "department": "FIN", "group": "FIN", "from": "2025-01-01", "stock": false}',
            "RehabMonthReported",
            "2025-03-10",
        ),
        (
            '{"division": "*", "department": "DPF", "group": "REH", "from": "2025-01-01", "stock": true}',
            "BenefitPaid",
            "2025-07-31",
        ),
        (
            '{"division": "*", "department": "FIN", "group": "FIN", "from": "2025-08-15", "stock": false}',
            "BenefitPaid",
            "2025-07-31",
        ),
    ],
)
def test_e05_where_months_or_payments_are_not_delivered_it_cannot_be_told(feeds: str, missing: str, since: str) -> None:
    history = _aided() if missing == "RehabMonthReported" else _month(_aided(), "2025-07")
    parameter(history, "P-FEEDS", f"[{feeds}]", "421200")

    verdict = history.judged("E05", "2025-10-10", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": since}, {})
    assert [one.type for one in verdict.missing] == [missing]


@pytest.mark.parametrize(
    ("name", "value", "after"), [("P-FAMLIV-PAY-D", "10", "GAP"), ("P-FAMLIV-AGE-TO", "6", "NOT_APPLICABLE")]
)
def test_e05_a_countys_own_value_moves_that_county_alone(name: str, value: str, after: str) -> None:
    history = _month(_aided(), "2025-07")

    parameter(history, name, value, OTHER_COUNTY)
    assert shown(history.judged("E05", "2025-08-20", CHILD))[0] == "PENDING"
    parameter(history, name, value, recorded="2033-01-03")
    assert shown(history.judged("E05", "2025-08-20", CHILD))[0] == after
    assert shown(history.judged("E05", "2025-08-20", CHILD, known="2033-01-02"))[0] == "PENDING"
