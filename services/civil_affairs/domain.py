"""Which event of the Civil Affairs Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.civil_affairs.events import (
    DibaoAcceptanceDecided,
    DibaoApplied,
    DibaoDecided,
    DibaoNoticePosted,
    DibaoReviewed,
    DibaoTerminated,
    MarginalFamilyDecided,
    TempAidApplied,
    TempAidDecided,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from shared.errors import Fault
from shared.language.rules import Rules

NOTICE_DAYS = 7
"""How long a notice hangs at least; the day it is posted is not counted (民法典 art. 201)."""
TWO_SUBSIDIES = {"LIVE_SUB", "CARE_SUB"}

RULES = Rules()
RULES.after(DibaoAcceptanceDecided, DibaoApplied, same="process")
RULES.after(DibaoNoticePosted, DibaoApplied, same="process")
RULES.after(DibaoDecided, DibaoApplied, same="process")
RULES.after(DibaoReviewed, DibaoDecided, same="process")
RULES.after(DibaoTerminated, DibaoDecided, same="process")
RULES.after(TempAidDecided, TempAidApplied, same="process")
RULES.after(TwoSubsidiesDecided, TwoSubsidiesApplied, same="process")
RULES.after(TwoSubsidiesStopped, TwoSubsidiesDecided, same="person")


@RULES.invariant(DibaoApplied)
@RULES.invariant(DibaoDecided)
def single_person_dibao_is_for_one_person(said: DibaoApplied | DibaoDecided) -> Iterator[Fault]:
    """Refuse a 单人户 dibao for several persons, and a household's dibao that names a person twice."""
    if said.dibao_type.startswith("single_") and len(said.persons) != 1:
        yield Fault(
            "single_dibao_for_several",
            "/data/persons",
            "单人户低保只能有一名保障人员。",
            "Dibao for a single person must name exactly one person.",
        )
    elif len(set(said.persons)) < len(said.persons):
        yield Fault(
            "person_named_twice",
            "/data/persons",
            "同一人员不得重复列入。",
            "The same person is named twice.",
        )


@RULES.invariant(DibaoNoticePosted)
def a_notice_hangs_long_enough(said: DibaoNoticePosted) -> Iterator[Fault]:
    """Refuse a notice that hangs less than seven days: nobody had the time to object."""
    if (said.to_date - said.from_date).days < NOTICE_DAYS:
        yield Fault(
            "notice_too_short",
            "/data/to_date",
            f"公示期不得少于 {NOTICE_DAYS} 天(张贴当日不计)。",
            f"A notice must be up for at least {NOTICE_DAYS} days, not counting the day it is posted.",
        )


@RULES.invariant(DibaoNoticePosted)
def a_notice_hides_minors(said: DibaoNoticePosted) -> Iterator[Fault]:
    """Refuse a notice that shows a child's name, number or disability to the public."""
    if not said.minors_hidden:
        yield Fault(
            "minors_published",
            "/data/minors_hidden",
            "公示不得公开未成年人信息。",
            "A public notice must not show minors.",
        )


@RULES.invariant(DibaoReviewed)
def the_next_review_comes_later(said: DibaoReviewed) -> Iterator[Fault]:
    """Refuse a review that is to be followed by an earlier one."""
    if said.next_due <= said.reviewed_on:
        yield Fault(
            "period_reversed",
            "/data/next_due",
            "下次复核期限须晚于本次复核日期。",
            "The next review must be due after this one.",
        )


@RULES.invariant(DibaoTerminated)
def fading_out_follows_the_end(said: DibaoTerminated) -> Iterator[Fault]:
    """Refuse a 渐退期 that ends before the last regular month."""
    if said.fade_out_to is not None and said.fade_out_to < said.effective_to:
        yield Fault(
            "period_reversed",
            "/data/fade_out_to",
            "渐退期不得早于保障截止月份结束。",
            "Fading out cannot end before the last month of dibao.",
        )


@RULES.invariant(MarginalFamilyDecided)
def a_recognition_ends_after_it_starts(said: MarginalFamilyDecided) -> Iterator[Fault]:
    """Refuse a recognition that ends before it starts."""
    if said.valid_from is not None and said.valid_to is not None and said.valid_to < said.valid_from:
        yield Fault(
            "period_reversed",
            "/data/valid_to",
            "有效期止不得早于有效期起。",
            "A recognition cannot end before it starts.",
        )


@RULES.invariant(TwoSubsidiesApplied)
@RULES.invariant(TwoSubsidiesDecided)
@RULES.invariant(TwoSubsidiesStopped)
def only_the_two_subsidies(said: TwoSubsidiesApplied | TwoSubsidiesDecided | TwoSubsidiesStopped) -> Iterator[Fault]:
    """Refuse any benefit but the living and the nursing subsidy."""
    if not TWO_SUBSIDIES.issuperset(said.benefits):
        yield Fault(
            "not_one_of_the_two_subsidies",
            "/data/benefits",
            "两项补贴只包括困难残疾人生活补贴和重度残疾人护理补贴。",
            "The two subsidies are the living subsidy and the nursing subsidy only.",
        )
