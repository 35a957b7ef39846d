"""What offices get wrong: a table of events that must be refused, or recorded with a flag.

A spoiled event is a copy of one of the story's, with an id of its own. One that is to be refused stands just before its
original, or after it if it is wrong because the original is on record: it leaves no trace, so the story goes on as it
would have. One that is to be flagged is an entry more, on which nothing else rests.
"""

from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, BinaryIO

from services.city.people import OFFICIALS, person
from services.city.places import NON_PROFIT, SOLE_TRADER, Organisation, uscc
from services.city.story import FEDERATION, Story, Told, written
from shared import json

Event = dict[str, Any]
Change = Callable[[Event], None]
When = Callable[[Event], bool]

STRANGER = person(0, 79_000, OFFICIALS[-1], "1", "虚构甲").number
"""Somebody who belongs to no family of the city."""
ELSEWHERE = written(Organisation(uscc(NON_PROFIT, "MJCE", 98), "虚构外地康复中心"))
COMPANY = written(Organisation(uscc(SOLE_TRADER, "MJCE", 97), "虚构个体康复工作室"))
"""One that is registered as what it cannot be."""
LONG_AGO = "2015-01-01"
NOWHERE = "NONE-0001"
"""A file that nobody opened."""
EVERY = 40
"""A common event is spoiled in one way in one of so many stories; one that is seldom told, always."""
_COMMON = """
assistive_device_fitted benefit_paid community_rehab_provided consent_recorded
decision_delivered diagnosis_reported dibao_acceptance_decided dibao_applied dibao_decided
dibao_notice_posted dibao_reviewed difficult_family_recognised disability_assessed
disability_certificate_issued education_placement_decided education_plan_made family_case_opened
guardian_designated job_recommended ltc_premium_assisted marginal_family_decided member_relation_recorded
needs_surveyed pairing_established pairing_visited parent_job_need_registered referral_answered
rehab_aid_applied rehab_aid_decided rehab_ended rehab_fees_settled rehab_month_reported rehab_started
rights_informed school_age_child_registered self_paid_subsidy_applied self_paid_subsidy_decided
two_subsidies_applied two_subsidies_decided two_subsidies_reviewed
"""
COMMON = frozenset(_COMMON.split())
"""What is told in most of the stories."""


@dataclass(frozen=True, slots=True)
class Spoil:
    """A way to spoil an event of a type: what must come back, and how it is done."""

    number: int
    type: str
    code: str
    at: str
    change: Change
    after: bool = False
    flagged: bool = False
    when: When = lambda _: True


def data(**fields: Any) -> Change:
    """Return a change that sets fields of the payload; None takes one away."""

    def change(event: Event) -> None:
        for name, value in fields.items():
            event["data"][name] = value(event) if callable(value) else value
            if event["data"][name] is None:
                del event["data"][name]

    return change


def envelope(**attributes: Any) -> Change:
    """Return a change that sets attributes of the envelope."""

    def change(event: Event) -> None:
        for name, value in attributes.items():
            event[name] = value(event) if callable(value) else value
            if event[name] is None:
                del event[name]

    return change


def both(*changes: Change) -> Change:
    """Return a change that makes several."""

    def change(event: Event) -> None:
        for one in changes:
            one(event)

    return change


def field(name: str) -> Callable[[Event], Any]:
    """Return what a field of the payload says."""
    return lambda event: event["data"][name]


def twice(name: str) -> Callable[[Event], Any]:
    """Return the list in a field with its first value once more."""
    return lambda event: [*event["data"][name], event["data"][name][0]]


def subject(event: Event) -> Any:
    """Return whom the event is about."""
    return event["subject"]


def division(event: Event) -> Any:
    """Return the county of the event."""
    return event["division"]


def shifted(name: str, days: int) -> Callable[[Event], str]:
    """Return a day so many days from the one in a field."""
    return lambda event: (date.fromisoformat(event["data"][name]) + timedelta(days=days)).isoformat()


def stranger(event: Event) -> str:
    """Return the number of somebody whom nobody else names."""
    number = int("".join(filter(str.isdigit, event["id"]))) % 60_000
    return person(0, number, OFFICIALS[-1], "2", "虚构乙").number


def approved(event: Event) -> bool:
    """Whether the decision is a grant."""
    return bool(event["data"].get("decision") == "approved")


def _born(event: Event) -> int:
    return int(event["subject"][6:10])


def _wrong_check(event: Event) -> str:
    number = event["subject"]
    return str(number[:17]) + ("0" if number[17] != "0" else "1")


def _swapped_date(event: Event) -> str:
    number = event["subject"]
    return f"{number[:10]}13{number[12:]}"


def _outside_age(event: Event) -> str:
    return f"{_born(event) + 17}-12-28"


NEVER_STARTED = "out_of_order /process"
_F, _C, _E, _H, _M, _T, _P = (
    f"{FEDERATION}.",
    "civil_affairs.",
    "education.",
    "hrss.",
    "medical_insurance.",
    "culture_tourism.",
    "finance.",
)

REFUSED: tuple[tuple[Any, ...], ...] = (
    # identity numbers: 2 % bad, 1 % with swapped dates in what offices hand in
    (_F + "needs_surveyed", "resident_id_checksum /subject", envelope(subject=_wrong_check)),
    (_F + "consent_recorded", "resident_id_date /subject", envelope(subject=_swapped_date)),
    (_F + "rehab_aid_applied", "resident_id_shape /subject", envelope(subject=lambda e: e["subject"][:17])),
    (
        _F + "diagnosis_reported",
        "resident_id_fifteen_digits /subject",
        envelope(subject=lambda e: e["subject"][:6] + e["subject"][8:17]),
    ),
    (_F + "member_relation_recorded", "required /subject", envelope(subject=None)),
    (_F + "needs_surveyed", "unknown_code /data/needs/0", data(needs=["NOTHING"])),
    (_P + "benefit_paid", "required /data/amount", data(amount=None)),
    (_P + "benefit_paid", "dated_in_the_future /time", envelope(time="2030-01-01T00:00:00+08:00")),
    # registry
    (_F + "family_case_opened", "person_named_twice /data/members", data(members=twice("members"))),
    (_F + "family_case_opened", "head_not_a_member /data/head", data(head=STRANGER)),
    (
        _F + "family_case_opened",
        "member_of_another_family /data/members",
        both(data(members=lambda e: [*e["data"]["members"], STRANGER], head=STRANGER), envelope(subject=STRANGER)),
        "after",
    ),
    (_F + "family_member_added", "before_birth /data/joined_on", data(joined_on=LONG_AGO)),
    (_F + "family_member_removed", "not_a_member /data/person", data(person=STRANGER)),
    (_F + "guardian_designated", "guardian_of_oneself /data/guardian", data(guardian=subject)),
    (
        _F + "household_moved",
        "same_division /data/to_division",
        data(move_kind="hukou", to_division=field("from_division")),
    ),
    (_F + "household_moved", "not_a_member /data/persons", data(persons=[STRANGER])),
    (_F + "household_moved", "no_case /subject", both(envelope(subject=STRANGER), data(persons=None))),
    (_F + "case_transferred", "same_division /data/to_division", data(to_division=division)),
    (_F + "case_transfer_accepted", "not_the_receiver /data/accepted_division", data(accepted_division="421200")),
    (
        _F + "consent_recorded",
        "not_the_guardian /data/consent_by",
        data(consent_by=STRANGER),
        lambda e: _born(e) > 2012,
    ),
    (_F + "consent_recorded", "period_reversed /data/valid_to", data(valid_to=LONG_AGO)),
    (_F + "consent_withdrawn", "consent_not_given /data/scopes", data(scopes=["research"])),
    (_F + "person_identity_corrected", "name_missing /data/new_name", data(new_name=None)),
    (_F + "person_deceased", "dated_in_the_future /data/died_on", data(died_on="2030-01-01")),
    (_F + "person_deceased", "before_birth /data/died_on", data(died_on="1930-01-01")),
    (_F + "needs_surveyed", "code_named_twice /data/needs", data(needs=twice("needs"))),
    (_F + "needs_surveyed", "not_a_member /data/for_person", data(for_person=STRANGER)),
    (
        _F + "difficult_family_recognised",
        "basis_without_members /data/disabled_members",
        data(basis="multi", disabled_members=field("child_members")),
    ),
    (
        _F + "difficult_family_recognised",
        "child_not_disabled /data/child_members",
        data(child_members=lambda e: [e["data"]["child_members"][0], STRANGER]),
    ),
    (
        _F + "difficult_family_recognised",
        "no_child /data/child_members",
        data(child_members=[STRANGER], disabled_members=[STRANGER], basis="dibao"),
    ),
    (
        _F + "difficult_family_recognised",
        "not_a_member /data/disabled_members",
        data(disabled_members=lambda e: [*e["data"]["disabled_members"], STRANGER]),
    ),
    (_F + "difficult_family_ended", "period_reversed /data/effective_to", data(effective_to=LONG_AGO)),
    (_F + "difficult_family_ended", "nothing_to_end /subject", data(effective_to=shifted("effective_to", 1)), "after"),
    (_F + "referral_answered", "already_answered /process", data(decision="approved", refuse_reason=None), "after"),
    (_F + "referral_answered", NEVER_STARTED, envelope(process=NOWHERE)),
    (_F + "transition_planned", "code_named_twice /data/next_services", data(next_services=twice("next_services"))),
    (_F + "service_declined", "cannot_be_declined /data/need", data(need="EDU")),
    (_F + "service_declined", "period_reversed /data/until", data(until=LONG_AGO)),
    (_F + "gap_action_recorded", "hold_too_long /data/hold_until", data(hold_until=shifted("hold_until", 200))),
    (_F + "gap_action_recorded", "unknown_entitlement /data/entitlement", data(entitlement="E99")),
    (_F + "case_closed", "already_closed /subject", data(closed_on=shifted("closed_on", 1)), "after"),
    (_F + "case_reopened", "not_closed /subject", data(), "after"),
    (_F + "duplicate_merged", "nothing_merged /data/merged_family", data(merged_person=None)),
    (_F + "duplicate_merged", "merged_into_itself /data/survivor", data(survivor=field("merged_person"))),
    (_F + "record_dispute_resolved", "already_answered /process", data(), "after"),
    (_F + "record_dispute_resolved", "correction_missing /data/correction_event", data(outcome="corrected")),
    (_F + "file_imported", "rows_do_not_add_up /data/rows_total", data(rows_total=3)),
    (_F + "data_share_answered", NEVER_STARTED, envelope(process=NOWHERE)),
    (_F + "policy_parameter_set", "unknown_parameter /data/parameter", data(parameter="P-NOTHING")),
    (_F + "member_relation_recorded", "parent_of_oneself /data/parent_of", data(parent_of=lambda e: [e["subject"]])),
    # certificates
    (_F + "disability_assessed", "components_missing /data/components", data(category="7", components=None)),
    (
        _F + "disability_assessed",
        "grade_not_the_most_severe /data/grade",
        data(category="7", grade="4", components=[{"category": "4", "grade": "2"}, {"category": "5", "grade": "3"}]),
    ),
    (_F + "disability_assessed", NEVER_STARTED, envelope(process=NOWHERE)),
    (_F + "disability_assessment_disputed", "city_first /data/level", data(level="province")),
    (
        _F + "disability_certificate_issued",
        "certificate_of_another /data/cert_no",
        data(cert_no=lambda e: STRANGER + e["data"]["cert_no"][18:]),
    ),
    (
        _F + "disability_certificate_issued",
        "certificate_number_differs /data/cert_no",
        data(cert_no=lambda e: e["data"]["cert_no"][:19] + ("1" if e["data"]["grade"] != "1" else "2")),
    ),
    (
        _F + "disability_certificate_issued",
        "validity_not_ten_years /data/valid_to",
        data(valid_to=shifted("valid_to", 30)),
    ),
    (
        _F + "disability_certificate_reissued",
        "reissue_out_of_sequence /data/reissue_seq",
        data(reissue_seq=3, cert_no=lambda e: e["data"]["cert_no"][:-1] + "3"),
    ),
    (
        _F + "disability_certificate_renewed",
        "validity_not_ten_years /data/valid_to",
        data(valid_to=shifted("valid_to", 1)),
    ),
    (
        _F + "disability_grade_changed",
        "nothing_changed /data/grade",
        data(old_grade=field("grade"), old_category=field("category")),
    ),
    (
        _F + "disability_certificate_frozen",
        "not_in_force /data/frozen_on",
        data(frozen_on=shifted("frozen_on", 1)),
        "after",
    ),
    (
        _F + "disability_certificate_unfrozen",
        "not_frozen /data/unfrozen_on",
        data(unfrozen_on=shifted("unfrozen_on", 1)),
        "after",
    ),
    (
        _F + "disability_certificate_cancelled",
        "already_ended /subject",
        data(cancelled_on=shifted("cancelled_on", -1)),
        "after",
    ),
    (
        _F + "disability_certificate_migrated",
        "same_division /data/to_division",
        data(from_division=field("to_division")),
    ),
    # rehabilitation
    (_F + "rehab_aid_applied", "code_named_twice /data/items", data(items=twice("items"))),
    (_F + "rehab_aid_decided", "period_reversed /data/aid_to", data(aid_to=LONG_AGO), approved),
    (_F + "rehab_aid_decided", "period_missing /data/aid_to", data(aid_to=None), approved),
    (_F + "rehab_aid_decided", "above_parameter /data/annual_limit", data(annual_limit="99000.00"), approved),
    (
        _F + "rehab_aid_decided",
        "outside_age /data/aid_from",
        data(aid_from=_outside_age, aid_to="2045-12-31"),
        approved,
    ),
    (_F + "rehab_aid_decided", NEVER_STARTED, envelope(process=NOWHERE)),
    (_F + "rehab_started", "already_in_training /data/started_on", data(started_on=shifted("started_on", 0)), "after"),
    (_F + "rehab_started", "no_approval_in_force /data/started_on", data(started_on="2040-01-01")),
    (_F + "rehab_month_reported", "fees_do_not_add_up /data/fee_total", data(fee_total="9.00")),
    (_F + "rehab_month_reported", "month_outside_aid /data/month", data(month="2031-01")),
    (_F + "rehab_month_reported", "month_before_start /data/month", data(month="2024-01")),
    (
        _F + "rehab_month_reported",
        "natural_key_taken /subject",
        data(sessions=lambda e: e["data"]["sessions"] + 7),
        "after",
    ),
    (_F + "rehab_interrupted", "already_interrupted /data/from_date", data(from_date=shifted("from_date", 1)), "after"),
    (_F + "rehab_interrupted", "period_reversed /data/expected_resume", data(expected_resume=LONG_AGO)),
    (_F + "rehab_resumed", "not_interrupted /data/resumed_on", data(resumed_on=shifted("resumed_on", 1)), "after"),
    (
        _F + "rehab_institution_changed",
        "nothing_changed /data/new_institution",
        data(new_institution=field("old_institution")),
    ),
    (_F + "rehab_ended", "period_reversed /data/ended_on", data(ended_on=LONG_AGO)),
    (_F + "rehab_fees_settled", "settled_above_reported /data/amount", data(amount="999999.00")),
    (
        _F + "rehab_fees_settled",
        "period_overlaps /data/period_from",
        data(period_from=field("period_to"), amount="1.00"),
        "after",
    ),
    (_F + "self_paid_subsidy_applied", "period_reversed /data/period_to", data(period_to=LONG_AGO)),
    (_F + "self_paid_subsidy_decided", "amount_missing /data/amount", data(amount=None), approved),
    (_F + "self_paid_subsidy_decided", "amount_above_rate /data/amount", data(amount="5999.00", rate="0.1"), approved),
    (
        _F + "self_paid_subsidy_decided",
        "above_application /data/eligible_self_paid",
        data(eligible_self_paid="90000.00"),
        approved,
    ),
    (_F + "cochlear_subsidy_applied", "reference_unknown /data/report_event", data(report_event="nothing-here")),
    (_F + "cochlear_subsidy_decided", "amount_missing /data/amount", data(amount=None), approved),
    (_F + "cochlear_subsidy_decided", "above_parameter /data/amount", data(amount="50000.00"), approved),
    (_F + "cochlear_mapped", "mapping_not_counted_from_one /data/mapping_no", data(mapping_no=0)),
    (_F + "assistive_device_fitted", "self_paid_above_price /data/self_paid", data(self_paid="99999.00")),
    (
        _F + "assistive_device_returned",
        "natural_key_taken /subject",
        data(returned_on=shifted("returned_on", 1)),
        "after",
    ),
    (_F + "assistive_device_rented", "period_reversed /data/due_back", data(due_back=LONG_AGO)),
    (_F + "psychological_support_provided", "period_reversed /data/follow_up_due", data(follow_up_due=LONG_AGO)),
    (_F + "institution_designated", "period_reversed /data/valid_to", data(valid_to=LONG_AGO)),
    (_F + "institution_designation_ended", "nothing_to_end /data/ended_on", data(ended_on=LONG_AGO)),
    (_F + "community_station_opened", "already_open /data/station", data(opened_on=shifted("opened_on", 1)), "after"),
    (
        _F + "community_station_closed",
        "nothing_to_end /data/closed_on",
        data(closed_on=shifted("closed_on", 1)),
        "after",
    ),
    # home, care
    (_F + "home_modification_applied", "code_named_twice /data/items_wanted", data(items_wanted=twice("items_wanted"))),
    (_F + "home_modification_decided", "amount_missing /data/amount", data(amount=None), approved),
    (_F + "home_modification_completed", NEVER_STARTED, envelope(process=NOWHERE)),
    (_F + "home_modification_inspected", "period_reversed /data/inspected_on", data(inspected_on=LONG_AGO)),
    (_F + "home_modification_inspected", "defects_missing /data/defects", data(passed=False, defects=None)),
    (_F + "care_service_applied", "code_named_twice /data/contents", data(contents=twice("contents"))),
    (_F + "care_service_decided", "setting_missing /data/setting", data(setting=None), approved),
    (_F + "care_service_started", "already_started /process", data(started_on=shifted("started_on", 1)), "after"),
    (_F + "care_service_reported", "too_many_days /data/days", data(days=32)),
    (_F + "care_service_reported", "month_outside_service /data/month", data(month="2024-01")),
    (_F + "care_service_ended", "already_ended /process", data(ended_on=shifted("ended_on", 1)), "after"),
    # supervision, charity
    (_F + "progress_meeting_held", "code_named_twice /data/departments", data(departments=twice("departments"))),
    (_F + "publicity_activity_held", "consent_missing_in_publicity /data/persons", data(personal_data_used=True)),
    (_F + "story_published", "minors_published /data/identifiable", data(identifiable=True), lambda e: _born(e) > 2008),
    (_F + "story_published", "consent_missing /data/consent", data(consent="nothing-here")),
    (_F + "story_taken_down", "period_reversed /data/taken_down_on", data(taken_down_on=LONG_AGO)),
    (
        _F + "pairing_established",
        "already_paired /data/from_date",
        both(envelope(process=lambda e: e["process"] + "-2"), data(unit=ELSEWHERE)),
        "after",
    ),
    (_F + "pairing_established", "period_reversed /data/to_date", data(to_date=LONG_AGO)),
    (_F + "pairing_visited", NEVER_STARTED, envelope(process=NOWHERE)),
    (_F + "pairing_ended", "already_ended /process", data(ended_on=shifted("ended_on", 1)), "after"),
    # self-help
    (_F + "baseline_surveyed", "more_than_counted /data/trained_before", data(trained_before=9999)),
    (
        _F + "base_applicant_assessed",
        "condition_missing /data/conditions_met",
        data(conditions_met=lambda e: e["data"]["conditions_met"][:6]),
    ),
    (
        _F + "base_applicant_assessed",
        "condition_not_met /data/passed",
        data(passed=True, conditions_met=lambda e: [one | {"met": False} for one in e["data"]["conditions_met"]]),
    ),
    (_F + "base_applicant_assessed", "capacity_too_small /data/capacity", data(capacity=12, passed=True)),
    (
        _F + "base_established",
        "assessment_not_passed /data/uscc",
        data(category="SH5"),
        lambda e: e["data"]["category"] == "SH1",
    ),
    (_F + "base_manager_appointed", "base_missing /data/base", data(base=None)),
    (
        _F + "trainer_assigned",
        "not_qualified /data/trainer",
        data(trainer=STRANGER),
        lambda e: e["data"]["role"] == "PEER",
    ),
    (_F + "trainer_assigned", "already_assigned /data/trainer", data(from_date=shifted("from_date", 1)), "after"),
    (_F + "trainer_removed", "nothing_to_end /data/trainer", data(trainer=STRANGER)),
    (_F + "cohort_opened", "period_reversed /data/ends_on", data(ends_on=LONG_AGO)),
    (_F + "cohort_opened", "seats_above_capacity /data/seats", data(seats=999)),
    (
        _F + "cohort_opened",
        "category_differs /data/category",
        data(category=lambda e: "SH1" if e["data"]["category"] != "SH1" else "SH5"),
    ),
    (_F + "cohort_opened", "below_base_minimum /data/base", data(starts_on="2025-04-01")),
    (_F + "participant_enrolled", "not_willing /data/willing", data(willing=False)),
    (
        _F + "participant_enrolled",
        "category_differs /data/category",
        data(category=lambda e: "SH1" if e["data"]["category"] != "SH1" else "SH5"),
    ),
    (_F + "training_session_held", "nothing_taught /data/trainers", data(trainers=0)),
    (_F + "participant_finished", "period_reversed /data/finished_on", data(finished_on=LONG_AGO)),
    (_F + "follow_up_done", "period_reversed /data/done_on", data(done_on=LONG_AGO)),
    (
        _F + "participant_referral_answered",
        "already_answered /process",
        data(answered_on=field("answered_on")),
        "after",
    ),
    (_F + "base_ended", "already_ended /data/base", data(ended_on=shifted("ended_on", 1)), "after"),
    (_F + "safety_incident_closed", "period_reversed /data/closed_on", data(closed_on=LONG_AGO)),
    # education
    (
        _E + "education_placement_decided",
        "deferral_without_end /data/defer_until",
        data(mode="DEFER", reason="病情未稳定。"),
    ),
    (
        _E + "education_placement_decided",
        "deferral_without_reason /data/reason",
        data(mode="DEFER", defer_until="2027-08-31", reason=None),
    ),
    (_E + "education_placement_decided", "exemption_not_allowed /data/mode", data(mode="EXEMPT")),
    (_E + "education_placement_decided", "school_missing /data/school", data(mode="HOME", school=None)),
    (_E + "education_placement_reviewed", "new_mode_missing /data/new_mode", data(new_mode=None)),
    (_E + "education_placement_reviewed", "period_reversed /data/reviewed_on", data(reviewed_on=LONG_AGO)),
    (_E + "home_teaching_delivered", "nothing_taught /data/teachers", data(teachers=0)),
    (_E + "home_teaching_delivered", "placement_not_home /data/taught_on", data(taught_on=LONG_AGO)),
    (_E + "centre_teaching_delivered", "placement_not_mededu /data/taught_on", data(taught_on=LONG_AGO)),
    (_E + "student_transferred", "nothing_changed /data/to_school", data(to_school=field("from_school"))),
    (_E + "student_absence_reported", "nothing_absent /data/days_absent", data(days_absent=0)),
    (
        _E + "student_absence_resolved",
        "nothing_to_end /data/resolved_on",
        data(resolved_on=shifted("resolved_on", 1)),
        "after",
    ),
    (_E + "education_plan_made", "period_reversed /data/review_due", data(review_due=LONG_AGO)),
    (_E + "school_term_announced", "period_overlaps /data/starts_on", data(term="autumn", school_year=2030), "after"),
    (_E + "school_term_announced", "period_reversed /data/ends_on", data(ends_on=LONG_AGO)),
    # civil affairs
    (
        _C + "dibao_applied",
        "single_dibao_for_several /data/persons",
        data(dibao_type="single_adult"),
        lambda e: len(e["data"]["persons"]) > 1,
    ),
    (_C + "dibao_applied", "person_named_twice /data/persons", data(persons=twice("persons"), dibao_type="family")),
    (_C + "dibao_applied", "not_a_list /data/persons", data(persons=[], dibao_type="family")),
    (_C + "dibao_acceptance_decided", "missing_not_said /data/missing", data(decision="returned", missing=None)),
    (_C + "dibao_notice_posted", "notice_too_short /data/to_date", data(to_date=shifted("from_date", 3))),
    (_C + "dibao_notice_posted", "minors_published /data/minors_hidden", data(minors_hidden=False)),
    (_C + "dibao_decided", "amount_missing /data/amount_month", data(amount_month=None)),
    (_C + "dibao_decided", "pay_from_not_next_month /data/pay_from", data(pay_from="2031-01")),
    (_C + "dibao_decided", "period_reversed /data/decided_on", data(decided_on=LONG_AGO, pay_from="2015-02")),
    (_C + "dibao_decided", NEVER_STARTED, envelope(process=NOWHERE)),
    (_C + "dibao_reviewed", "amount_missing /data/amount_month", data(result="decrease", amount_month=None)),
    (_C + "dibao_reviewed", "period_reversed /data/next_due", data(next_due=LONG_AGO)),
    (_C + "dibao_terminated", "period_reversed /data/fade_out_to", data(fade_out_to="2020-01")),
    (_C + "marginal_family_decided", "period_reversed /data/valid_to", data(valid_to=LONG_AGO)),
    (_C + "marginal_family_decided", "period_missing /data/valid_to", data(valid_to=None)),
    (
        _C + "marginal_family_decided",
        "income_outside /data/per_capita_income_month",
        data(per_capita_income_month="9000.00"),
    ),
    (_C + "self_care_assessed", "result_differs /data/result", data(result="full")),
    (_C + "tekun_decided", "period_missing /data/pay_from", data(pay_from=None), approved),
    (_C + "temp_aid_decided", "amount_missing /data/amount", data(amount=None), approved),
    (_C + "two_subsidies_applied", "not_one_of_the_two_subsidies /data/benefits", data(benefits=["DIBAO"])),
    (_C + "two_subsidies_decided", "pay_from_not_application_month /data/pay_from", data(pay_from="2031-01")),
    (_C + "two_subsidies_decided", "amount_missing /data/monthly_total", data(monthly_total=None)),
    (
        _C + "two_subsidies_decided",
        "above_application /data/benefits",
        data(benefits=["LIVE_SUB", "CARE_SUB"]),
        lambda e: len(e["data"]["benefits"]) == 1,
    ),
    (_C + "deadline_extended", "period_reversed /data/new_due", data(new_due=LONG_AGO)),
    (
        _C + "deadline_extended",
        "already_ended /process",
        both(data(new_due=shifted("new_due", 9)), data(extended_on=shifted("extended_on", 0))),
        "after",
    ),
    # employment, insurance, culture, finance
    (_H + "parent_job_need_registered", "outside_age /subject", data(registered_on=lambda e: f"{_born(e) + 9}-01-01")),
    (_H + "employment_started", "outside_age /subject", data(from_date=lambda e: f"{_born(e) + 9}-01-01")),
    (_H + "employment_ended", "nothing_to_end /data/ended_on", data(ended_on=shifted("ended_on", 1)), "after"),
    (_H + "training_provided", "nothing_taught /data/hours", data(hours="0")),
    (_M + "ltc_premium_assisted", "not_enrolled /data/year", data(year=2019)),
    (_M + "ltc_premium_assisted", "above_premium /data/amount", data(amount="900.00")),
    (_M + "ltc_assessment_applied", "period_reversed /data/disabled_since", data(disabled_since="2031-01-01")),
    (_M + "ltc_assessed", "conclusion_holds_too_long /data/valid_to", data(valid_to="2039-01-01")),
    (_M + "ltc_assessed", "period_reversed /data/concluded_on", data(concluded_on=LONG_AGO, valid_to="2016-01-01")),
    (_M + "ltc_benefit_decided", "differs_from_assessment_level /data/level", data(level="0")),
    (_M + "ltc_benefit_decided", "from_month_too_early /data/from_month", data(from_month="2020-01"), approved),
    (_M + "commercial_insurance_taken", "period_reversed /data/to_date", data(to_date=LONG_AGO)),
    (_M + "commercial_claim_paid", "not_insured /data/kind", data(kind="PEN")),
    (_T + "talent_trained", "nothing_taught /data/hours", data(hours="0")),
    (_P + "benefit_paid", "dated_in_the_future /data/paid_on", data(paid_on="2030-01-01")),
    (_P + "benefit_paid", "natural_key_taken /subject", data(amount="7.00"), "after", lambda e: "period" in e["data"]),
    (_P + "benefit_recovered", "recovered_above_paid /data/amount", data(amount="999999.00")),
    (_P + "fund_appropriated", "above_budget /data/amount", data(amount="999999999.00")),
)
"""How each kind of event is spoiled so that it is refused: type, code and pointer of the fault, the change."""

FLAGGED: tuple[tuple[Any, ...], ...] = (
    (
        _F + "psychological_support_provided",
        "follow_up_missing",
        data(risk_flag=True, follow_up_due=None, for_whom="sibling"),
    ),
    (_F + "community_rehab_provided", "station_unknown", data(station=ELSEWHERE)),
    (
        _F + "assistive_device_rented",
        "station_unknown",
        both(envelope(process=lambda e: e["process"] + "-2"), data(station=ELSEWHERE)),
    ),
    (_F + "rights_informed", "no_case", envelope(subject=stranger)),
    (
        _F + "institution_designated",
        "uscc_implausible",
        both(
            envelope(subject=COMPANY["code"]),
            data(kind="CARE", uscc=COMPANY["code"], org_name=COMPANY["name"], valid_from="2024-12-31"),
        ),
        lambda e: e["data"]["kind"] == "CARE",
    ),
    (
        _F + "institution_designated",
        "outside_city",
        data(division="422399", valid_from="2024-12-30"),
        lambda e: e["data"]["kind"] == "CARE",
    ),
    (
        _F + "rehab_aid_applied",
        "second_category",
        both(
            envelope(process=lambda e: e["process"] + "-2"),
            data(category=lambda e: "AUT" if e["data"]["category"] != "AUT" else "INT"),
        ),
        "after",
    ),
    (_F + "service_declined", "not_the_guardian", data(declined_by=STRANGER), lambda e: _born(e) > 2010),
    (
        _F + "two_subsidies_reviewed",
        "differs_from_certificate",
        both(envelope(process=lambda e: e["process"] + "-2"), data(grade="4")),
        lambda e: e["data"]["grade"] != "4",
    ),
    (
        _F + "diagnosis_reported",
        "hospital_level_differs",
        data(hospital_level="3S", category=lambda e: "SPE" if e["data"]["category"] != "SPE" else "HEA"),
        "after",
    ),
    (_F + "rectification_ordered", "period_reversed_flag", data(due_on=LONG_AGO)),
    (
        _F + "policy_parameter_set",
        "effective_in_the_past",
        data(parameter="P-PAIR-D", value="60", effective_from="2024-01-01"),
    ),
    (_F + "institution_evaluated", "institution_not_designated", data(uscc=ELSEWHERE["code"])),
    (_F + "social_org_evaluated", "not_engaged", data(uscc=ELSEWHERE["code"])),
    (_E + "school_age_child_registered", "outside_age", data(school_year=lambda e: e["data"]["school_year"] + 20)),
    (_C + "charity_aid_granted", "reference_unknown", data(donation="nothing-here", kind="助医")),
    (_C + "charity_aid_granted", "uscc_implausible", data(organisation=COMPANY)),
    (_C + "decision_delivered", "reference_unknown", data(decision_event="nothing-here")),
    (_H + "job_recommended", "need_not_registered", envelope(subject=stranger)),
    (_H + "startup_support_decided", "decision_without_application", envelope(process=NOWHERE)),
    (_T + "cultural_activity_joined", "reference_unknown", data(activity="nothing-here", name="虚构手工课")),
    (_P + "benefit_paid", "paid_twice", data(fund="donation"), "after", lambda e: "period" in e["data"]),
    (_P + "fund_spent", "above_budget", data(amount="999999999.00", doc_no="虚构财决外1号")),
    (_P + "fund_spent", "no_budget_on_record", data(purpose="OTHER", doc_no="虚构财决外2号")),
)
"""The same for what is recorded with a flag; nothing of the story rests on it."""


def _table() -> dict[str, list[Spoil]]:
    found: dict[str, list[Spoil]] = defaultdict(list)
    for flagged, rows in ((False, REFUSED), (True, FLAGGED)):
        for type_name, answer, change, *more in rows:
            code, _, at = answer.partition(" ")
            when = next((one for one in more if callable(one)), lambda _: True)
            number = sum(len(ways) for ways in found.values())
            found[type_name].append(Spoil(number, type_name, code, at, change, "after" in more, flagged, when))
    return dict(found)


SPOILS = _table()
"""The ways by type of event."""


def spoil(story: Story, beside: BinaryIO | None) -> Story:
    """Add spoiled events to a story; write down beside it what must come back for each."""
    told: list[Told] = []
    taken: set[Spoil] = set()
    for one in story.told:
        spoiled = []
        for way in () if one.event.get("legacy") else SPOILS.get(one.event["type"], ()):
            if way in taken or not way.when(one.event) or not _turn(story, way):
                continue
            taken.add(way)
            spoiled.append((way, _copy(one, way, len(taken))))
            _expect(beside, way, spoiled[-1][1].event)
        told += [copy for way, copy in spoiled if not way.after]
        told.append(one)
        told += [copy for way, copy in spoiled if way.after]
    story.told = told
    return story


def _turn(story: Story, way: Spoil) -> bool:
    """Whether it is this story's turn; the offices have one story, which has all."""
    digits = "".join(filter(str.isdigit, story.name))
    return way.type.partition(".")[2] not in COMMON or not digits or (int(digits) + way.number) % EVERY == 0


def _copy(one: Told, way: Spoil, number: int) -> Told:
    made = deepcopy(one)
    made.event["id"] += f"f{number}"
    way.change(made.event)
    made.happened = made.happened if made.event["time"] == "" else date.fromisoformat(made.event["time"][:10])
    return made


def _expect(beside: BinaryIO | None, way: Spoil, event: Event) -> None:
    if beside is not None:
        answer = "flagged" if way.flagged else "refused"
        expected = {"source": event["source"], "id": event["id"], "answer": answer, "code": way.code}
        beside.write(json.canonical(expected | ({"pointer": way.at} if way.at else {})) + b"\n")
