"""EXT-CERT: a certificate that ends, and one that has to follow a move: what is open, and what is warned of."""

from services.disability_federation.certificates.events import (
    DisabilityCertificateApplied,
    DisabilityCertificateFrozen,
    DisabilityCertificateMigrated,
    DisabilityCertificateReissued,
)
from services.disability_federation.registry.events import HouseholdMoved, ServiceDeclined
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, feeds_only, shown

THIRD_COUNTY = "421222"


def _certified(valid_to: str = "2035-03-02") -> History:
    return History().opened("2025-03-01").certified("2025-03-02", CHILD, valid_to=valid_to)


def _moved(history: History, day: str, begin: str = COUNTY, end: str = OTHER_COUNTY) -> History:
    said = {"move_kind": "hukou", "from_division": begin, "to_division": end, "moved_on": day}
    history.say(HouseholdMoved, day, PARENT, **said)
    return history


def test_e27_a_certificate_that_is_issued_after_a_move_has_not_to_follow_it() -> None:
    history = _moved(History().opened("2025-03-01"), "2025-04-01").certified("2025-05-01", CHILD)

    assert shown(history.judged("E27", "2026-01-01", CHILD)) == ("MET", {}, {})


def test_e27_of_two_moves_the_first_one_sets_the_clock() -> None:
    history = _moved(_moved(_certified(), "2026-03-02"), "2026-05-04", OTHER_COUNTY, THIRD_COUNTY)

    assert shown(history.judged("E27", "2026-09-03", CHILD)) == ("LAPSED", {"G4": "2026-09-03"}, {})

    history.say(DisabilityCertificateMigrated, "2026-09-10", CHILD, migrated_on="2026-09-10", to_division=THIRD_COUNTY)
    assert shown(history.judged("E27", "2026-09-10", CHILD)) == ("MET", {}, {})


def test_e27_who_moves_back_to_where_the_certificate_is_has_nothing_to_move() -> None:
    history = _moved(_moved(_certified(), "2026-03-02"), "2026-05-04", OTHER_COUNTY, COUNTY)

    assert shown(history.judged("E27", "2026-05-03", CHILD))[0] == "PENDING"
    assert shown(history.judged("E27", "2026-05-04", CHILD)) == ("MET", {}, {})
    _moved(history, "2026-06-01")
    assert str(history.judged("E27", "2026-06-01", CHILD).due) == "2026-12-01"


def test_e27_that_a_certificate_will_end_is_warned_of_also_while_it_is_frozen() -> None:
    history = _certified("2026-12-31")
    history.say(DisabilityCertificateFrozen, "2026-02-01", CHILD, frozen_on="2026-02-01")

    assert shown(history.judged("E27", "2026-03-01", CHILD)) == ("LAPSED", {"G4": "2026-02-01"}, {"G6": "2025-12-31"})
    assert shown(history.judged("E27", "2027-01-01", CHILD)) == ("LAPSED", {"G4": "2026-02-01"}, {})


def test_e27_a_decline_ends_when_a_new_certificate_is_applied_for() -> None:
    history = _moved(_certified(), "2026-03-02")
    history.say(ServiceDeclined, "2026-03-10", CHILD, need="CERT", declined_by=PARENT)
    assert shown(history.judged("E27", "2026-04-01", CHILD)) == ("DECLINED", {}, {})

    history.say(DisabilityCertificateApplied, "2026-04-02", CHILD, process="CT-1", apply_kind="migrate")
    assert shown(history.judged("E27", "2026-04-02", CHILD)) == ("PENDING", {}, {})


def test_e27_whether_a_certificate_has_followed_cannot_be_told_without_its_events() -> None:
    history = _moved(_certified(), "2026-03-02")
    feeds_only(history, "DPF", "REH")

    verdict = history.judged("E27", "2026-04-01", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2026-03-02"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("DisabilityCertificateMigrated", "DPF")]


def test_e27_a_lost_card_that_is_made_out_again_is_as_frozen_as_before() -> None:
    history = _certified()
    history.say(DisabilityCertificateFrozen, "2026-02-01", CHILD, frozen_on="2026-02-01")
    history.say(DisabilityCertificateReissued, "2026-03-01", CHILD, issued_on="2026-03-01", cert_no=f"{CHILD}41B1")

    assert shown(history.judged("E27", "2026-03-01", CHILD)) == ("LAPSED", {"G4": "2026-02-01"}, {})
