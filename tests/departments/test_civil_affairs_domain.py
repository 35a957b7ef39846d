from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from services.civil_affairs.domain import RULES
from services.civil_affairs.events import (
    DibaoAcceptanceDecided,
    DibaoApplied,
    DibaoDecided,
    DibaoNoticePosted,
    DibaoReviewed,
    DibaoTerminated,
    HouseholdEconomyChecked,
    MarginalFamilyDecided,
    TempAidApplied,
    TempAidDecided,
    TempAidEmergencyGranted,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


APPLICATION = DibaoApplied(
    dibao_type="family",
    applicant="p-father",
    persons=("p-father", "p-mother", "p-son"),
    authorisation_doc="授权A-1",
    applied_on=date(2025, 2, 26),
)
NOTICE = DibaoNoticePosted(from_date=date(2025, 3, 21), to_date=date(2025, 3, 28), place="虚构村", minors_hidden=True)
DECISION = DibaoDecided(
    decision="approved",
    dibao_type="family",
    persons=("p-father", "p-mother", "p-son"),
    amount_month=Decimal("632.00"),
    pay_from="2025-04",
    decided_on=date(2025, 3, 31),
)
REVIEW = DibaoReviewed(
    reviewed_on=date(2027, 3, 25), result="keep", amount_month=Decimal("700.00"), next_due=date(2028, 3, 25)
)
END = DibaoTerminated(reason="moved", effective_to="2026-03")
MARGINAL = MarginalFamilyDecided(
    decision="approved",
    per_capita_income_month=Decimal("700.00"),
    multiple=Decimal("1.5"),
    valid_from=date(2025, 5, 20),
    valid_to=date(2026, 5, 19),
)
TEMPORARY_AID = TempAidDecided(decision="approved", amount=Decimal("3500.00"), decided_on=date(2026, 4, 22))
SUBSIDIES = TwoSubsidiesDecided(
    decision="approved", benefits=("LIVE_SUB", "CARE_SUB"), pay_from="2025-07", monthly_total=Decimal("220.00")
)
APPLIED = (DibaoApplied, "process")
DECIDED = (DibaoDecided, "process")


def test_what_opens_a_process_needs_nothing_before_it() -> None:
    assert refusals(APPLICATION) == []
    assert refusals(TempAidApplied(kind="emergency", cause="务工受伤", applied_on=date(2026, 4, 8))) == []
    assert refusals(TwoSubsidiesApplied(benefits=("LIVE_SUB",), applied_on=date(2025, 7, 15))) == []
    check = HouseholdEconomyChecked(
        checked_on=date(2025, 5, 14),
        per_capita_income_month=Decimal("700.00"),
        standard_month=Decimal("560.00"),
        property_ok=True,
    )
    assert refusals(check) == []


def test_an_acceptance_follows_the_application_in_the_same_process() -> None:
    acceptance = DibaoAcceptanceDecided(decision="approved", accepted_on=date(2025, 2, 28))
    assert refusals(acceptance) == ["out_of_order /process"]
    assert refusals(acceptance, APPLIED) == []


def test_a_notice_follows_the_application_in_the_same_process() -> None:
    assert refusals(NOTICE) == ["out_of_order /process"]
    assert refusals(NOTICE, APPLIED) == []


def test_a_decision_follows_the_application_in_the_same_process() -> None:
    assert refusals(DECISION) == ["out_of_order /process"]
    assert refusals(DECISION, APPLIED) == []


def test_a_review_follows_the_decision_in_the_same_process() -> None:
    assert refusals(REVIEW, APPLIED) == ["out_of_order /process"]
    assert refusals(REVIEW, DECIDED) == []


def test_an_end_follows_the_decision_in_the_same_process() -> None:
    assert refusals(END, APPLIED) == ["out_of_order /process"]
    assert refusals(END, DECIDED) == []


def test_temporary_aid_is_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(TEMPORARY_AID) == ["out_of_order /process"]
    assert refusals(TEMPORARY_AID, (TempAidApplied, "process")) == []


def test_emergency_aid_needs_no_application() -> None:
    grant = TempAidEmergencyGranted(amount=Decimal("2000.00"), granted_on=date(2026, 4, 10), by_org="虚构乡人民政府")
    assert refusals(grant) == []


def test_the_two_subsidies_are_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(SUBSIDIES) == ["out_of_order /process"]
    assert refusals(SUBSIDIES, (TwoSubsidiesApplied, "process")) == []


def test_the_two_subsidies_stop_after_they_were_decided_for_the_person() -> None:
    stop = TwoSubsidiesStopped(benefits=("CARE_SUB",), reason="grade", effective_to="2027-06")
    assert refusals(stop) == ["out_of_order /subject"]
    assert refusals(stop, (TwoSubsidiesDecided, "person")) == []


def test_imported_history_may_begin_anywhere_and_still_must_make_sense() -> None:
    assert refusals(DECISION, legacy=True) == []
    assert refusals(replace(NOTICE, minors_hidden=False), legacy=True) == ["minors_published /data/minors_hidden"]


def test_dibao_for_a_single_person_is_for_one_person() -> None:
    for kind in ("single_marginal", "single_adult"):
        assert refusals(replace(APPLICATION, dibao_type=kind)) == ["single_dibao_for_several /data/persons"]
        assert refusals(replace(DECISION, dibao_type=kind), APPLIED) == ["single_dibao_for_several /data/persons"]
        assert refusals(replace(APPLICATION, dibao_type=kind, persons=("p-son",))) == []


def test_dibao_names_each_person_once() -> None:
    twice = replace(APPLICATION, persons=("p-father", "p-father"))
    assert refusals(twice) == ["person_named_twice /data/persons"]


def test_a_refused_family_is_told_why() -> None:
    refused = replace(DECISION, decision="refused", amount_month=None, pay_from=None)
    assert refusals(refused, APPLIED) == ["refusal_without_reason /data/refuse_reason"]
    assert refusals(replace(refused, refuse_reason="economy"), APPLIED) == []
    no_aid = replace(TEMPORARY_AID, decision="refused", amount=None)
    applied = (TempAidApplied, "process")
    assert refusals(no_aid, applied) == ["refusal_without_reason /data/refuse_reason"]
    assert refusals(replace(no_aid, refuse_reason="document"), applied) == []


def test_a_notice_hangs_for_seven_days_after_the_day_it_is_posted() -> None:
    assert refusals(replace(NOTICE, to_date=date(2025, 3, 27)), APPLIED) == ["notice_too_short /data/to_date"]
    assert refusals(replace(NOTICE, to_date=date(2025, 3, 20)), APPLIED) == ["notice_too_short /data/to_date"]
    assert refusals(replace(NOTICE, to_date=date(2025, 4, 2)), APPLIED) == []


def test_a_notice_never_shows_a_minor() -> None:
    assert refusals(replace(NOTICE, minors_hidden=False), APPLIED) == ["minors_published /data/minors_hidden"]


def test_the_next_review_is_due_after_this_one() -> None:
    assert refusals(replace(REVIEW, next_due=REVIEW.reviewed_on), DECIDED) == ["period_reversed /data/next_due"]


def test_fading_out_does_not_end_before_the_last_month() -> None:
    assert refusals(replace(END, fade_out_to="2026-02"), DECIDED) == ["period_reversed /data/fade_out_to"]
    assert refusals(replace(END, fade_out_to="2026-03"), DECIDED) == []
    assert refusals(replace(END, fade_out_to="2026-06"), DECIDED) == []


def test_a_marginal_family_is_recognised_for_a_time_that_runs_forward() -> None:
    assert refusals(MARGINAL) == []
    assert refusals(replace(MARGINAL, valid_to=date(2025, 5, 19))) == ["period_reversed /data/valid_to"]
    assert refusals(replace(MARGINAL, valid_to=date(2025, 5, 20))) == []
    assert refusals(replace(MARGINAL, decision="refused", valid_from=None, valid_to=None)) == []


def test_the_two_subsidies_are_those_two() -> None:
    wrong = ["not_one_of_the_two_subsidies /data/benefits"]
    assert refusals(TwoSubsidiesApplied(benefits=("DIBAO",), applied_on=date(2025, 7, 15))) == wrong
    other = replace(SUBSIDIES, benefits=("LIVE_SUB", "TEKUN"))
    assert refusals(other, (TwoSubsidiesApplied, "process")) == wrong
    stop = TwoSubsidiesStopped(benefits=("REHAB",), reason="grade", effective_to="2027-06")
    assert refusals(stop, (TwoSubsidiesDecided, "person")) == wrong
