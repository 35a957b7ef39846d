"""XN-S3: the privacy of children, act by act."""

from datetime import date

import pytest

from services.civil_affairs.events import DibaoNoticePosted
from services.disability_federation.charity.events import PairingEnded, PairingEstablished
from services.disability_federation.registry.events import (
    ConsentRecorded,
    ConsentWithdrawn,
    FamilyMemberAdded,
    GapActionRecorded,
    GuardianDesignated,
    PolicyParameterSet,
)
from services.disability_federation.supervision.events import PublicityActivityHeld, StoryPublished, StoryTakenDown
from services.entitlements.engine import judge
from tests.entitlements.evaluate import known, logs
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, SIBLING, History, number, shown, token

MET = ("MET", {}, {})


class Known(History):
    """A history of what became known of a child."""

    def consents(self, day: str, *scopes: str, by: str = PARENT, of: str = CHILD, valid_to: str = "") -> "Known":
        """Consent to some uses of a child's data."""
        said = {"consent_by": by, "scope": "见事项", "scopes": list(scopes), "valid_to": valid_to or None}
        self.say(ConsentRecorded, day, of, **said)
        return self

    def withdraws(self, day: str, *scopes: str) -> "Known":
        """Withdraw consent."""
        self.say(ConsentWithdrawn, day, CHILD, scope="见事项", scopes=list(scopes))
        return self

    def story(self, day: str, *, identifiable: bool = False, until: str = "", of: str = CHILD) -> "Known":
        """Publish a story about a child."""
        said = {"published_on": day, "identifiable": identifiable, "until": until or None, "consent": "h-001"}
        self.say(StoryPublished, day, of, process="ST-1", **said)
        return self

    def taken_down(self, day: str) -> "Known":
        """Take the story down."""
        self.say(StoryTakenDown, day, process="ST-1", taken_down_on=day)
        return self

    def paired(self, day: str, to_date: str = "") -> "Known":
        """Pair the family with an office."""
        self.say(PairingEstablished, day, PARENT, process="JD-1", from_date=day, to_date=to_date or None)
        return self

    def activity(self, day: str, *persons: str) -> "Known":
        """Hold an activity that names persons."""
        said = {"held_on": day, "personal_data_used": True, "persons": list(persons), "consents": ["h-001"]}
        self.say(PublicityActivityHeld, day, None, **said)
        return self

    def notice(self, day: str, *, hidden: bool) -> str:
        """Put up a notice; return its id."""
        said = {"from_date": day, "to_date": day[:8] + "28", "minors_hidden": hidden, "place": "虚构村"}
        return self.say(DibaoNoticePosted, day, PARENT, process="DB-1", **said)

    def corrected(self, target: str, day: str, **changes: object) -> "Known":
        """Correct an event."""
        [wrong] = [one for one in self.events if one["id"] == target]
        data = {"target_event": target, "corrected_payload": wrong["data"] | changes, "reason": "录入有误"}
        said = {"id": f"h-{len(self.events) + 1:03}", "time": f"{day}T09:00:00+08:00", "data": data}
        kind = wrong["type"].partition(".")[0] + ".event_corrected"
        self.events.append({**wrong, **said, "type": kind, "recordedtime": f"{day}T10:00:00+08:00"})
        return self


def _known(*members: str) -> Known:
    history = Known()
    history.opened("2025-02-17", PARENT, *(members or (CHILD,)))
    return history


def test_e31_without_any_act_privacy_is_kept() -> None:
    history = _known().consents("2025-02-17", "rehab")

    assert shown(history.judged("E31", "2025-05-12", CHILD)) == MET


def test_e31_only_children_are_meant() -> None:
    assert shown(_known().judged("E31", "2025-05-12", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e31_a_story_without_consent_to_publicity_is_a_breach_until_it_is_taken_down() -> None:
    history = _known().consents("2025-02-17", "rehab", "pairing").story("2025-05-18", until="2025-07-01")

    assert shown(history.judged("E31", "2025-05-17", CHILD)) == MET
    verdict = history.judged("E31", "2025-09-01", CHILD)
    assert shown(verdict) == ("GAP", {"G8": "2025-05-18"}, {})
    [gap] = verdict.gaps
    assert (gap.due, gap.department, gap.division) == (None, "DPF", "421200")

    history.taken_down("2025-10-10")
    assert shown(history.judged("E31", "2025-10-10", CHILD)) == MET


def test_e31_a_consent_given_later_ends_the_breach() -> None:
    history = _known().story("2025-05-18").consents("2025-06-02", "publicity")

    assert shown(history.judged("E31", "2025-06-01", CHILD)) == ("GAP", {"G8": "2025-05-18"}, {})
    assert shown(history.judged("E31", "2025-06-02", CHILD)) == MET


def test_e31_a_story_that_stays_up_after_the_consent_is_a_breach() -> None:
    withdrawn = _known().consents("2025-02-17", "publicity").story("2025-05-18").withdraws("2025-08-11", "publicity")
    expired = _known().consents("2025-02-17", "publicity", valid_to="2025-08-10").story("2025-05-18")

    for history in (withdrawn, expired):
        assert shown(history.judged("E31", "2025-08-10", CHILD)) == MET
        assert shown(history.judged("E31", "2025-08-11", CHILD)) == ("GAP", {"G8": "2025-08-11"}, {})


def test_e31_a_withdrawal_of_another_use_changes_nothing() -> None:
    history = _known().consents("2025-02-17", "publicity").story("2025-05-18").withdraws("2025-08-11", "charity")

    assert shown(history.judged("E31", "2025-09-01", CHILD)) == MET


def test_e31_a_consent_that_ends_when_the_story_is_no_longer_shown_does_no_harm() -> None:
    history = _known().consents("2025-02-17", "publicity").story("2025-05-18", until="2025-08-10")
    history.withdraws("2025-08-11", "publicity")

    assert shown(history.judged("E31", "2025-09-01", CHILD)) == MET


def test_e31_a_story_in_which_a_child_can_be_recognised_is_a_breach_whoever_consents() -> None:
    history = _known().consents("2025-02-17", "publicity").story("2025-05-18", identifiable=True)

    assert shown(history.judged("E31", "2025-06-01", CHILD)) == ("GAP", {"G8": "2025-05-18"}, {})

    history.taken_down("2025-06-10")
    assert shown(history.judged("E31", "2025-06-10", CHILD)) == MET


def test_e31_an_activity_that_names_the_child_needs_consent_that_day() -> None:
    history = _known(CHILD, SIBLING).activity("2025-05-18", CHILD)

    assert shown(history.judged("E31", "2025-05-18", CHILD)) == ("GAP", {"G8": "2025-05-18"}, {})
    assert shown(history.judged("E31", "2025-05-18", SIBLING)) == MET

    history.consents("2025-06-02", "publicity").withdraws("2025-07-01", "publicity")
    assert shown(history.judged("E31", "2025-06-02", CHILD)) == MET
    assert shown(history.judged("E31", "2025-07-01", CHILD)) == MET


def test_e31_a_family_is_paired_with_the_consent_of_one_of_its_children() -> None:
    history = _known(CHILD, SIBLING).consents("2025-02-17", "pairing", of=SIBLING).paired("2025-04-10")

    assert shown(history.judged("E31", "2025-06-01", CHILD)) == MET


def test_e31_a_pairing_without_consent_is_a_breach_for_every_child_until_it_ends() -> None:
    history = _known(CHILD, SIBLING).consents("2025-02-17", "rehab").paired("2025-04-10")

    for child in (CHILD, SIBLING):
        assert shown(history.judged("E31", "2025-06-01", child)) == ("GAP", {"G8": "2025-04-10"}, {})

    history.say(PairingEnded, "2025-06-10", PARENT, process="JD-1", ended_on="2025-06-10")
    assert shown(history.judged("E31", "2025-06-10", CHILD)) == MET


def test_e31_a_pairing_that_goes_on_after_the_consent_is_a_breach() -> None:
    history = _known().consents("2025-02-17", "pairing").paired("2025-04-10", "2026-03-31")
    history.withdraws("2026-01-15", "pairing")

    assert shown(history.judged("E31", "2026-01-14", CHILD)) == MET
    assert shown(history.judged("E31", "2026-03-31", CHILD)) == ("GAP", {"G8": "2026-01-15"}, {})
    assert shown(history.judged("E31", "2026-04-01", CHILD)) == MET


def test_e31_a_consent_of_a_child_that_is_grown_up_is_none_of_the_familys_children() -> None:
    grown = number("2007-09-01", 6)
    history = _known(CHILD, grown).consents("2025-02-17", "pairing", of=grown).paired("2025-04-10")

    assert shown(history.judged("E31", "2025-08-31", CHILD)) == MET
    assert shown(history.judged("E31", "2025-09-01", CHILD)) == ("GAP", {"G8": "2025-09-01"}, {})


def test_e31_a_notice_that_shows_minors_is_a_breach_until_it_is_corrected() -> None:
    history = _known()
    history.notice("2025-03-10", hidden=True)
    shows = history.notice("2025-06-20", hidden=False)

    assert shown(history.judged("E31", "2025-06-19", CHILD)) == MET
    assert shown(history.judged("E31", "2025-08-01", CHILD)) == ("GAP", {"G8": "2025-06-20"}, {})
    assert shown(history.judged("E31", "2025-08-01", PARENT)) == ("NOT_APPLICABLE", {}, {})
    assert shows in {one.id for one in history.judged("E31", "2025-08-01", CHILD).evidence}


def test_e31_a_child_that_joined_the_family_later_was_in_no_notice() -> None:
    history = _known()
    history.notice("2025-06-20", hidden=False)
    history.say(FamilyMemberAdded, "2025-07-10", PARENT, person=SIBLING, joined_on="2025-07-10", coresident=True)

    assert shown(history.judged("E31", "2025-08-01", CHILD))[0] == "GAP"
    assert shown(history.judged("E31", "2025-08-01", SIBLING)) == MET


def test_e31_for_a_young_child_only_a_guardian_on_record_consents() -> None:
    other = number("1990-01-01", 5)
    history = _known().story("2025-05-18").consents("2025-05-10", "publicity", by=other)
    assert shown(history.judged("E31", "2025-05-18", CHILD)) == MET

    history.say(GuardianDesignated, "2025-05-01", CHILD, guardian=PARENT, relation="50", from_date="2019-05-12")
    assert shown(history.judged("E31", "2025-05-18", CHILD)) == ("GAP", {"G8": "2025-05-18"}, {})

    history.consents("2025-05-17", "publicity", by=PARENT)
    assert shown(history.judged("E31", "2025-05-18", CHILD)) == MET


def test_e31_a_child_of_fourteen_may_consent_itself_and_the_age_is_a_parameter() -> None:
    older = number("2011-05-10", 8)
    history = _known(older).story("2025-05-18", of=older).consents("2025-05-10", "publicity", by=older, of=older)
    history.say(GuardianDesignated, "2025-05-01", older, guardian=PARENT, relation="50", from_date="2011-05-10")
    assert shown(history.judged("E31", "2025-05-18", older)) == MET

    said = {"parameter": "P-CONSENT-AGE", "value": "16", "effective_from": "2025-01-01"}
    history.say(PolicyParameterSet, "2025-01-02", None, **said)
    assert shown(history.judged("E31", "2025-05-18", older)) == ("GAP", {"G8": "2025-05-18"}, {})


def test_e31_a_breach_that_somebody_deals_with_goes_on() -> None:
    history = _known().story("2025-05-18")
    said = {"entitlement": "E31", "gap_type": "G8", "action": "x", "responsible": "y", "hold_until": "2025-08-31"}
    history.say(GapActionRecorded, "2025-06-10", PARENT, **said)

    assert shown(history.judged("E31", "2025-06-15", CHILD)) == ("GAP", {"G8": "2025-05-18"}, {})


def test_e31_of_several_breaches_the_earliest_stands_with_all_that_shows_them() -> None:
    history = _known().story("2025-05-18").activity("2025-04-02", CHILD)

    [gap] = history.judged("E31", "2025-06-15", CHILD).gaps
    assert str(gap.since) == "2025-04-02"
    assert len(gap.evidence) == 2


@pytest.mark.parametrize("known", ["2025-07-31", "2025-08-01"])
def test_e31_a_corrected_notice_was_never_a_breach_once_that_is_known(known: str) -> None:
    history = _known()
    shows = history.notice("2025-06-20", hidden=False)
    history.corrected(shows, "2025-08-01", minors_hidden=True)

    expected = MET if known == "2025-08-01" else ("GAP", {"G8": "2025-06-20"}, {})
    assert shown(history.judged("E31", "2025-07-15", CHILD, known=known)) == expected


def test_e31_who_is_a_child_is_a_countys_own() -> None:
    said = {"parameter": "P-CHILD-AGE", "value": "6", "effective_from": "2025-07-01"}
    history = _known().story("2025-05-18")
    history.say(PolicyParameterSet, "2025-01-02", None, division=OTHER_COUNTY, **said)
    assert shown(history.judged("E31", "2025-07-01", CHILD))[0] == "GAP"

    history.say(PolicyParameterSet, "2025-01-02", None, division=COUNTY, **said)
    assert shown(history.judged("E31", "2025-06-30", CHILD))[0] == "GAP"
    assert shown(history.judged("E31", "2025-07-01", CHILD))[0] == "NOT_APPLICABLE"


def test_e31_an_activity_that_names_the_child_by_another_number_is_a_breach_too() -> None:
    other = number("2019-05-13", 4)
    history = _known().activity("2025-05-18", other)
    case, city, policy = known(logs(history.events), date(2034, 12, 31))
    case.numbers = {token(other): token(CHILD)}
    day = date(2025, 5, 18)

    [judged] = [one for one in judge(case, policy, day, city.until(day), ["E31"]) if one.subject == token(CHILD)]
    assert shown(judged.verdict) == ("GAP", {"G8": "2025-05-18"}, {})
