"""XN-10: commercial insurance, which is only supported, state by state."""

from services.disability_federation.registry.events import ServiceDeclined
from services.medical_insurance.events import CommercialInsuranceTaken
from tests.entitlements.histories import CHILD, PARENT, SIBLING, History, feeds_only, shown


def _family() -> History:
    return History().opened("2025-02-17").certified("2025-02-20", CHILD).recognised("2025-03-01")


def _insured(history: History, person: str = CHILD) -> History:
    history.say(CommercialInsuranceTaken, "2025-04-01", person, from_date="2025-04-10", to_date="2026-04-09")
    return history


def test_e23_a_family_without_a_disabled_child_is_not_meant_and_without_recognition_not_eligible() -> None:
    assert shown(History().opened("2025-02-17").judged("E23", "2025-04-01")) == ("NOT_APPLICABLE", {}, {})
    assert shown(_family().judged("E23", "2025-02-28")) == ("NOT_ELIGIBLE", {}, {})


def test_e23_a_policy_covers_from_its_first_to_its_last_day_and_its_lack_is_no_gap() -> None:
    history = _insured(_family())

    for day, state in (
        ("2025-04-09", "ELIGIBLE_NOT_APPLIED"),
        ("2025-04-10", "MET"),
        ("2026-04-09", "MET"),
        ("2026-04-10", "ELIGIBLE_NOT_APPLIED"),
    ):
        verdict = history.judged("E23", day)
        assert shown(verdict) == (state, {}, {})
        assert verdict.due is None


def test_e23_the_policy_of_who_is_not_in_the_family_does_not_count() -> None:
    assert shown(_insured(_family(), SIBLING).judged("E23", "2025-05-01"))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(_insured(_family(), PARENT).judged("E23", "2025-05-01"))[0] == "MET"


def test_e23_declined() -> None:
    history = _family()
    history.say(ServiceDeclined, "2025-03-10", PARENT, need="INS", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E23", "2025-12-31")) == ("DECLINED", {}, {})
    assert shown(history.judged("E23", "2026-01-01"))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(_insured(history).judged("E23", "2025-05-01"))[0] == "MET"


def test_e23_who_declines_is_left_alone_also_while_an_earlier_policy_runs() -> None:
    history = _insured(_family())
    history.say(ServiceDeclined, "2025-04-10", PARENT, need="INS", declined_by=PARENT, until="2025-05-31")

    assert shown(history.judged("E23", "2025-05-31"))[0] == "DECLINED"
    assert shown(history.judged("E23", "2025-06-01"))[0] == "MET"


def test_e23_what_is_not_delivered_cannot_be_told() -> None:
    history = _family()
    feeds_only(history, "DPF", "CERT")

    verdict = history.judged("E23", "2025-06-01")

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-01"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("CommercialInsuranceTaken", "MED")]


def test_e23_a_policy_taken_ends_a_decline() -> None:
    history = _family()
    history.say(ServiceDeclined, "2025-03-10", PARENT, need="INS", declined_by=PARENT, until="2026-12-31")

    assert shown(_insured(history).judged("E23", "2026-05-01"))[0] == "ELIGIBLE_NOT_APPLIED"
