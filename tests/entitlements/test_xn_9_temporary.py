"""XN-9d: temporary aid, state by state."""

import pytest

from services.civil_affairs.events import DeadlineExtended, TempAidApplied, TempAidDecided, TempAidEmergencyGranted
from services.disability_federation.registry.events import GapActionRecorded, ServiceDeclined
from tests.entitlements.assistance import Assisted
from tests.entitlements.histories import CHILD, OTHER_COUNTY, PARENT, shown


class Hardship(Assisted):
    """A family in sudden hardship."""

    def asked(self, day: str, process: str = "TA-1") -> "Hardship":
        """Apply for temporary aid."""
        self.say(TempAidApplied, day, PARENT, process=process, applied_on=day, kind="expenditure")
        return self

    def helped(self, day: str, process: str = "TA-1") -> "Hardship":
        """Give help at once."""
        self.say(TempAidEmergencyGranted, day, PARENT, process=process, granted_on=day)
        return self

    def answered(
        self, day: str, decision: str = "approved", reason: str | None = None, process: str = "TA-1"
    ) -> "Hardship":
        """Decide on temporary aid."""
        said = {"decision": decision, "refuse_reason": reason, "amount": "3000.00" if decision == "approved" else None}
        self.say(TempAidDecided, day, PARENT, process=process, decided_on=day, **said)
        return self

    def handed(self, day: str, process: str = "TA-1", person: str = PARENT) -> "Hardship":
        """Pay temporary aid."""
        self.paid(day, "", process=process, benefit="TEMPAID", person=person)
        return self


def _family() -> Hardship:
    history = Hardship()
    history.opened("2025-02-17")
    return history


def test_e19_without_a_claim_or_a_need_it_is_not_meant() -> None:
    assert shown(_family().judged("E19", "2025-03-01")) == ("NOT_APPLICABLE", {}, {})


def test_e19_a_need_alone_has_no_clock() -> None:
    history = _family()
    history.surveyed("2025-03-03", "TEMP")

    verdict = history.judged("E19", "2026-12-31")
    assert (shown(verdict), verdict.due) == (("ELIGIBLE_NOT_APPLIED", {}, {}), None)


def test_e19_a_claim_is_decided_within_fifteen_working_days() -> None:
    history = _family().asked("2025-09-08")

    verdict = history.judged("E19", "2025-09-28")
    assert (shown(verdict)[0], str(verdict.due)) == ("PENDING", "2025-09-28")
    assert shown(history.judged("E19", "2025-09-29")) == ("GAP", {"G2": "2025-09-29"}, {})


def test_e19_after_help_given_at_once_the_earlier_due_counts() -> None:
    history = _family().asked("2026-04-08").helped("2026-04-10")

    assert str(history.judged("E19", "2026-04-09").due) == "2026-04-29"
    assert str(history.judged("E19", "2026-04-10").due) == "2026-04-24"
    assert shown(history.judged("E19", "2026-04-25"))[1] == {"G2": "2026-04-25"}
    late = _family().asked("2026-04-08").helped("2026-04-27")
    assert shown(late.judged("E19", "2026-05-06"))[1] == {"G2": "2026-04-30"}


def test_e19_help_given_at_once_needs_no_claim() -> None:
    assert str(_family().helped("2026-04-10").judged("E19", "2026-04-12").due) == "2026-04-24"


def test_e19_an_extension_moves_the_decision() -> None:
    history = _family().asked("2025-09-08")
    said = {"extended_on": "2025-09-26", "new_due": "2025-10-31"}
    history.say(DeadlineExtended, "2025-09-26", PARENT, process="TA-1", **said)

    assert str(history.judged("E19", "2025-09-28").due) == "2025-10-31"


def test_e19_what_was_approved_is_paid_within_ten_working_days() -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17")

    assert str(history.judged("E19", "2026-07-31").due) == "2026-07-31"
    assert shown(history.judged("E19", "2026-08-01")) == ("GAP", {"G3": "2026-08-01"}, {})
    history.handed("2026-08-05")
    assert shown(history.judged("E19", "2026-08-04"))[0] == "GAP"
    assert shown(history.judged("E19", "2026-08-05")) == ("MET", {}, {})


def test_e19_a_payment_without_a_process_to_another_member_counts() -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17").handed("2026-07-20", process="", person=CHILD)

    assert shown(history.judged("E19", "2026-07-20"))[0] == "MET"


def test_e19_a_paid_case_leaves_after_a_year_and_a_need_stays() -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17").handed("2026-07-20")

    assert shown(history.judged("E19", "2027-07-20"))[0] == "MET"
    assert shown(history.judged("E19", "2027-07-21"))[0] == "NOT_APPLICABLE"
    history.surveyed("2027-07-01", "TEMP")
    assert shown(history.judged("E19", "2027-07-21"))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e19_an_unpaid_approval_never_leaves() -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17")

    assert shown(history.judged("E19", "2029-07-21"))[0] == "GAP"


@pytest.mark.parametrize("reason", ["economy", "category", "duplicate", "hukou"])
def test_e19_a_refusal_always_holds_and_leaves_after_a_year(reason: str) -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17", "refused", reason)

    assert shown(history.judged("E19", "2027-07-17")) == ("NOT_ELIGIBLE", {}, {})
    assert shown(history.judged("E19", "2027-07-18")) == ("NOT_APPLICABLE", {}, {})


def test_e19_refused_for_want_of_money_is_warned_of() -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17", "refused", "fund")

    assert shown(history.judged("E19", "2026-07-18")) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2026-07-17"})


@pytest.mark.parametrize(
    ("decision", "reason"), [("refused", "document"), ("returned", None), ("not_accepted", "other")]
)
def test_e19_refused_for_its_papers_is_as_if_not_asked_for(decision: str, reason: str | None) -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17", decision, reason)

    assert shown(history.judged("E19", "2026-07-18")) == ("NOT_APPLICABLE", {}, {})
    history.surveyed("2026-07-18", "TEMP")
    assert shown(history.judged("E19", "2026-07-18")) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.asked("2026-07-20", "TA-2").judged("E19", "2026-07-20"))[0] == "PENDING"


def test_e19_the_newest_case_counts() -> None:
    history = _family().asked("2025-07-01").answered("2025-07-17").handed("2025-07-20").asked("2026-03-02", "TA-2")

    assert shown(history.judged("E19", "2026-03-01"))[0] == "MET"
    assert shown(history.judged("E19", "2026-03-02"))[0] == "PENDING"


def test_e19_a_case_that_was_returned_leaves_an_earlier_one_waiting() -> None:
    history = _family().asked("2026-07-01").asked("2026-07-06", "TA-2")
    history.answered("2026-07-10", "returned", process="TA-2")

    assert shown(history.judged("E19", "2026-07-23")) == ("GAP", {"G2": "2026-07-23"}, {})


def test_e19_declined_and_asked_for_again() -> None:
    history = _family()
    history.surveyed("2025-03-03", "TEMP")
    history.say(ServiceDeclined, "2025-03-10", PARENT, need="TEMP", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E19", "2025-04-01")) == ("DECLINED", {}, {})
    assert shown(history.asked("2025-04-02").judged("E19", "2025-04-02"))[0] == "PENDING"


def test_e19_what_is_not_delivered_cannot_be_told() -> None:
    feeds = '[{"division": "*", "department": "CIV", "group": "CIV", "from": "2025-01-01", "stock": true}]'
    history = _family().asked("2026-07-01").answered("2026-07-17").sets("P-FEEDS", feeds, "2025-01-01", None)

    assert shown(history.judged("E19", "2026-07-20")) == ("UNKNOWN", {"G5": "2026-07-17"}, {})


def test_e19_a_held_gap() -> None:
    history = _family().asked("2025-09-08")
    said = {"entitlement": "E19", "gap_type": "G2", "hold_until": "2025-10-31"}
    history.say(GapActionRecorded, "2025-09-29", PARENT, **said)

    assert shown(history.judged("E19", "2025-10-31"))[:2] == ("HELD", {"G2": "2025-09-29"})


@pytest.mark.parametrize(
    ("parameter", "value", "day", "due"),
    [
        ("P-TEMP-WD", "10", "2026-04-09", "2026-04-22"),
        ("P-TEMP-MAKEUP-WD", "5", "2026-04-10", "2026-04-17"),
        ("P-TEMP-PAY-WD", "5", "2026-04-22", "2026-04-29"),
    ],
)
def test_e19_a_countys_own_clock_moves_that_county_alone(parameter: str, value: str, day: str, due: str) -> None:
    history = _family().asked("2026-04-08").helped("2026-04-10").answered("2026-04-22")

    before = str(history.judged("E19", day).due)
    history.sets(parameter, value, "2026-01-01", OTHER_COUNTY)
    assert str(history.judged("E19", day).due) == before
    history.sets(parameter, value, "2026-01-01")
    assert str(history.judged("E19", day).due) == due != before


def test_e19_how_long_a_case_is_shown_is_the_countys() -> None:
    history = _family().asked("2026-07-01").answered("2026-07-17").handed("2026-07-20")

    history.sets("P-TEMP-MET-M", "3", "2026-01-01", OTHER_COUNTY)
    assert shown(history.judged("E19", "2026-10-21"))[0] == "MET"
    history.sets("P-TEMP-MET-M", "3", "2026-01-01")
    assert shown(history.judged("E19", "2026-10-20"))[0] == "MET"
    assert shown(history.judged("E19", "2026-10-21"))[0] == "NOT_APPLICABLE"
