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
from tests.departments.past import flags_of, refusals_of

refusals = partial(refusals_of, RULES, happened=date(2025, 3, 31))
flags = partial(flags_of, RULES)


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
CHECK = HouseholdEconomyChecked(
    checked_on=date(2025, 5, 14),
    per_capita_income_month=Decimal("700.00"),
    standard_month=Decimal("560.00"),
    property_ok=True,
)
SUBSIDIES_APPLIED_FOR = TwoSubsidiesApplied(benefits=("LIVE_SUB", "CARE_SUB"), applied_on=date(2025, 7, 15))
APPLIED = (APPLICATION, "process")
DECIDED = (DECISION, "process")
ASKED_FOR_SUBSIDIES = (SUBSIDIES_APPLIED_FOR, "process")


def test_what_opens_a_process_needs_nothing_before_it() -> None:
    assert refusals(APPLICATION) == []
    assert refusals(TempAidApplied(kind="emergency", cause="务工受伤", applied_on=date(2026, 4, 8))) == []
    assert refusals(TwoSubsidiesApplied(benefits=("LIVE_SUB",), applied_on=date(2025, 7, 15))) == []
    assert refusals(CHECK) == []


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
    assert refusals(SUBSIDIES, ASKED_FOR_SUBSIDIES) == []


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
    assert refusals(replace(DECISION, persons=("p-son", "p-son")), APPLIED) == ["person_named_twice /data/persons"]


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
    assert (
        refusals(replace(MARGINAL, decision="refused", refuse_reason="economy", valid_from=None, valid_to=None)) == []
    )


def test_the_two_subsidies_are_those_two() -> None:
    wrong = ["not_one_of_the_two_subsidies /data/benefits"]
    assert refusals(TwoSubsidiesApplied(benefits=("DIBAO",), applied_on=date(2025, 7, 15))) == wrong
    other = replace(SUBSIDIES, benefits=("LIVE_SUB", "TEKUN"))
    assert refusals(other, ASKED_FOR_SUBSIDIES) == [*wrong, "above_application /data/benefits"]
    twice = TwoSubsidiesApplied(benefits=("LIVE_SUB", "LIVE_SUB"), applied_on=date(2025, 7, 15))
    assert refusals(twice) == wrong
    stop = TwoSubsidiesStopped(benefits=("REHAB",), reason="grade", effective_to="2027-06")
    assert refusals(stop, (TwoSubsidiesDecided, "person")) == wrong


def test_a_single_adult_is_of_age_or_it_is_flagged() -> None:
    single = replace(APPLICATION, dibao_type="single_adult", persons=("p-son",))
    assert flags(single, births={"p-son": date(2007, 2, 27)}) == ["outside_age"]
    assert flags(single, births={"p-son": date(2007, 2, 26)}) == []
    assert flags(single) == []
    assert flags(replace(single, dibao_type="single_marginal"), births={"p-son": date(2017, 9, 3)}) == []


def test_an_application_that_is_returned_says_what_is_missing() -> None:
    returned = DibaoAcceptanceDecided(decision="returned", accepted_on=date(2025, 2, 28))
    assert refusals(returned, APPLIED) == ["missing_not_said /data/missing"]
    assert refusals(replace(returned, missing="收入证明"), APPLIED) == []


def test_an_approval_says_how_much_and_from_when() -> None:
    bare = replace(DECISION, amount_month=None, pay_from=None)
    assert refusals(bare, APPLIED) == ["amount_missing /data/amount_month", "amount_missing /data/pay_from"]
    assert refusals(replace(bare, decision="refused", refuse_reason="economy"), APPLIED) == []
    aid = (TempAidApplied, "process")
    assert refusals(replace(TEMPORARY_AID, amount=None), aid) == ["amount_missing /data/amount"]
    bare_subsidies = replace(SUBSIDIES, pay_from=None, monthly_total=None)
    assert refusals(bare_subsidies, ASKED_FOR_SUBSIDIES) == [
        "amount_missing /data/pay_from",
        "amount_missing /data/monthly_total",
    ]
    missing = ["period_missing /data/per_capita_income_month", "period_missing /data/valid_to"]
    assert refusals(replace(MARGINAL, per_capita_income_month=None, valid_to=None)) == missing


def test_dibao_is_paid_from_the_month_after_the_decision() -> None:
    wrong = ["pay_from_not_next_month /data/pay_from"]
    assert refusals(replace(DECISION, pay_from="2025-03"), APPLIED) == wrong
    assert refusals(replace(DECISION, pay_from="2025-05"), APPLIED) == wrong
    december = replace(DECISION, decided_on=date(2025, 12, 3), pay_from="2026-01")
    assert refusals(december, APPLIED, happened=date(2025, 12, 3)) == []
    assert refusals(replace(DECISION, pay_from="2025-05"), APPLIED, legacy=True) == []


def test_dibao_is_decided_between_the_application_and_the_day_of_the_event() -> None:
    reversed_ = ["period_reversed /data/decided_on"]
    early = replace(DECISION, decided_on=date(2025, 2, 25), pay_from="2025-03")
    assert refusals(early, APPLIED) == reversed_
    assert refusals(replace(early, decided_on=date(2025, 2, 26)), APPLIED) == []
    assert refusals(DECISION, APPLIED, happened=date(2025, 3, 30)) == reversed_


def test_a_decision_on_another_kind_of_dibao_than_was_applied_for_is_flagged() -> None:
    assert flags(DECISION, APPLIED) == []
    single = replace(DECISION, dibao_type="single_marginal", persons=("p-son",))
    assert flags(single, APPLIED) == ["differs_from_application"]


def test_only_dibao_in_force_is_reviewed() -> None:
    wrong = ["no_approval_in_force /data/reviewed_on"]
    refused = (replace(DECISION, decision="refused"), "process")
    assert refusals(REVIEW, DECIDED, refused) == wrong
    assert refusals(REVIEW, refused, DECIDED) == []
    assert refusals(REVIEW, DECIDED, (replace(END, effective_to="2027-02"), "process")) == wrong
    assert refusals(REVIEW, DECIDED, (replace(END, effective_to="2027-03"), "process")) == []


def test_a_review_that_changes_the_amount_says_how_much_and_from_when() -> None:
    for result in ("increase", "decrease"):
        changed = replace(REVIEW, result=result, amount_month=None)
        assert refusals(changed, DECIDED) == [
            "amount_missing /data/amount_month",
            "amount_missing /data/effective_from",
        ]
        assert refusals(replace(changed, amount_month=Decimal(700), effective_from="2027-04"), DECIDED) == []


def test_dibao_ends_once() -> None:
    assert refusals(END, DECIDED, (END, "process")) == ["already_ended /process"]


def test_a_marginal_family_without_a_check_of_its_economy_is_flagged() -> None:
    assert flags(MARGINAL) == ["economy_check_missing"]
    assert flags(MARGINAL, (CHECK, "family")) == []


def test_a_marginal_income_lies_from_the_standard_to_below_its_multiple() -> None:
    wrong = ["income_outside /data/per_capita_income_month"]
    for income, expected in (("559.99", wrong), ("560.00", []), ("839.99", []), ("840.00", wrong)):
        decided = replace(MARGINAL, per_capita_income_month=Decimal(income))
        assert refusals(decided, (CHECK, "family")) == expected
        assert refusals(replace(decided, decision="refused", refuse_reason="economy"), (CHECK, "family")) == []


def test_the_two_subsidies_are_paid_from_the_month_of_application() -> None:
    wrong = ["pay_from_not_application_month /data/pay_from"]
    assert refusals(replace(SUBSIDIES, pay_from="2025-08"), ASKED_FOR_SUBSIDIES) == wrong
    assert refusals(replace(SUBSIDIES, pay_from="2025-06"), ASKED_FOR_SUBSIDIES) == wrong
    refused = replace(SUBSIDIES, decision="refused", refuse_reason="economy", pay_from="2025-08")
    assert refusals(refused, ASKED_FOR_SUBSIDIES) == []


def test_no_subsidy_is_granted_that_nobody_asked_for() -> None:
    one = (replace(SUBSIDIES_APPLIED_FOR, benefits=("LIVE_SUB",)), "process")
    assert refusals(SUBSIDIES, one) == ["above_application /data/benefits"]
    assert refusals(replace(SUBSIDIES, benefits=("LIVE_SUB",)), one) == []
