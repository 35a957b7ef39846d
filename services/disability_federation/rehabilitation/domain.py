"""Which event in a child's rehabilitation may follow which, and what none of them may contain."""

from collections.abc import Iterator
from decimal import Decimal

from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearMapped,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    RehabAidApplied,
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabMonthReported,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault

CENT = Decimal("0.01")

RULES.after(RehabAidDecided, RehabAidApplied, same="process")
RULES.after(RehabStarted, RehabAidDecided, same="process")
RULES.after(RehabMonthReported, RehabStarted, same="process")
RULES.after(RehabInstitutionChanged, RehabStarted, same="process")
RULES.after(SelfPaidSubsidyDecided, SelfPaidSubsidyApplied, same="process")
RULES.after(CochlearSubsidyApplied, CochlearReportIssued, same="person")
RULES.after(CochlearSubsidyDecided, CochlearSubsidyApplied, same="process")
RULES.after(CochlearImplanted, CochlearSubsidyDecided, same="process")
RULES.after(CochlearMapped, CochlearImplanted, same="process")


@RULES.invariant(RehabAidDecided)
def aid_ends_after_it_starts(said: RehabAidDecided) -> Iterator[Fault]:
    """Refuse aid that ends before it starts."""
    if said.aid_from is not None and said.aid_to is not None and said.aid_to < said.aid_from:
        yield Fault(
            "period_reversed",
            "/data/aid_to",
            "救助期止不得早于救助期起。",
            "The aid cannot end before it starts.",
        )


@RULES.invariant(RehabMonthReported)
def the_fees_add_up(said: RehabMonthReported) -> Iterator[Fault]:
    """Refuse a month whose cost is not what the aid and the family pay together."""
    if said.fee_total != said.fee_aided + said.fee_self:
        yield Fault(
            "fees_do_not_add_up",
            "/data/fee_total",
            "费用合计须等于救助金额与自费金额之和。",
            "The aided and the self-paid fees must add up to the total.",
        )


@RULES.invariant(RehabInstitutionChanged)
def a_change_goes_elsewhere(said: RehabInstitutionChanged) -> Iterator[Fault]:
    """Refuse a change to the same institution."""
    if said.old_institution == said.new_institution:
        yield Fault(
            "nothing_changed",
            "/data/new_institution",
            "原康复机构与新康复机构不能相同。",
            "The new institution must be another one.",
        )


@RULES.invariant(SelfPaidSubsidyApplied)
def a_period_ends_after_it_starts(said: SelfPaidSubsidyApplied) -> Iterator[Fault]:
    """Refuse a period of costs that ends before it starts."""
    if said.period_to < said.period_from:
        yield Fault(
            "period_reversed",
            "/data/period_to",
            "费用期止不得早于费用期起。",
            "The period of the costs cannot end before it starts.",
        )


@RULES.invariant(SelfPaidSubsidyDecided)
def a_subsidy_is_a_share_of_the_cost(said: SelfPaidSubsidyDecided) -> Iterator[Fault]:
    """Refuse more than the rate gives; the last cent may be rounded either way."""
    if said.amount is None or said.eligible_self_paid is None or said.rate is None:
        return
    if said.amount - said.eligible_self_paid * said.rate >= CENT:
        yield Fault(
            "amount_above_rate",
            "/data/amount",
            "补助金额不得超过可补助的自费金额与补助比例之积。",
            "The subsidy must not exceed the eligible cost times the rate.",
        )


@RULES.invariant(CochlearMapped)
def mappings_are_counted_from_one(said: CochlearMapped) -> Iterator[Fault]:
    """Refuse a mapping before the first, which is the switch-on."""
    if said.mapping_no < 1:
        yield Fault(
            "mapping_not_counted_from_one",
            "/data/mapping_no",
            "开机为第 1 次,次数从 1 起计。",
            "Switching on is mapping 1; mappings are counted from one.",
        )
