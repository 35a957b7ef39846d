"""What training costs and who pays: fees settled with institutions, and the subsidy to what a family paid itself."""

from collections.abc import Iterator
from decimal import Decimal

from services.disability_federation.registry.events import DifficultFamilyRecognised
from services.disability_federation.rehabilitation.devices.events import AssistiveDeviceFitted
from services.disability_federation.rehabilitation.events import (
    RehabFeesSettled,
    RehabMonthReported,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from services.disability_federation.rehabilitation.in_force import approved_aid
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import OnRecord, Past, flag, newest

CENT = Decimal("0.01")
NOTHING = Decimal(0)

RULES.after(RehabFeesSettled, RehabMonthReported, same="process", number="REH-11.a")
RULES.after(
    SelfPaidSubsidyApplied,
    DifficultFamilyRecognised,
    same="family",
    effect="flag",
    fault="not_difficult",
    number="REH-12.a",
)
RULES.after(SelfPaidSubsidyDecided, SelfPaidSubsidyApplied, same="process", number="REH-13.a")

RULES.not_before(RehabFeesSettled, "period_to", "period_from", number="REH-11.1")
RULES.not_before(SelfPaidSubsidyApplied, "period_to", "period_from", number="REH-12.1")
RULES.given(
    SelfPaidSubsidyDecided,
    "eligible_self_paid",
    "rate",
    "amount",
    when=("decision", "approved"),
    code="amount_missing",
    number="REH-13.1",
)


@RULES.invariant(RehabFeesSettled, number="REH-11.2")
def no_more_is_settled_than_was_reported(event: RehabFeesSettled, past: Past) -> Iterator[Fault]:
    """Refuse a settlement above the aided fees of its months; those of another institution do not count."""
    months = [one.event for one in past.events(RehabMonthReported, same="process")]
    reported = sum(
        one.fee_aided
        for one in months
        if event.period_from <= one.month <= event.period_to and one.institution in {None, event.institution}
    )
    if months and event.amount > reported:
        zh = "结算金额超过结算期内该机构已登记的救助金额之和；请核对，或先登记月度训练记录。"
        en = "More is settled than the aided fees reported for these months; check, or have the months recorded first."
        yield Fault("settled_above_reported", "/data/amount", zh, en)


@RULES.invariant(RehabFeesSettled, number="REH-11.3")
def a_month_is_settled_once(event: RehabFeesSettled, past: Past) -> Iterator[Fault]:
    """Refuse a period in which a month of the institution was settled before."""
    for one in past.events(RehabFeesSettled, same="process"):
        known = one.event
        if known.institution == event.institution and not (
            event.period_to < known.period_from or known.period_to < event.period_from
        ):
            zh = f"结算期与本办件已有的结算重叠（事件 {one.id}）；请核对结算期。"
            en = f"The period overlaps one that is settled (event {one.id}); check it."
            yield Fault("period_overlaps", "/data/period_from", zh, en)
            return


@RULES.flag(RehabFeesSettled, number="REH-11.4")
def no_more_is_settled_than_the_limit(event: RehabFeesSettled, past: Past) -> Iterator[Fault]:
    """Flag a settlement with which those of the process, which is one aid year, exceed the annual limit."""
    aid = approved_aid(past)
    total = sum((one.event.amount for one in past.events(RehabFeesSettled, same="process")), event.amount)
    if aid and aid.annual_limit is not None and total > aid.annual_limit:
        yield flag("above_annual_limit", "/data/amount")


@RULES.flag(SelfPaidSubsidyApplied, number="REH-12.2")
def no_more_is_claimed_than_was_paid(event: SelfPaidSubsidyApplied, past: Past) -> Iterator[Fault]:
    """Flag a claim above what the family paid for the months of its period and for devices fitted in it."""
    months = (one.event for one in past.events(RehabMonthReported, same="person"))
    first, last = str(event.period_from)[:7], str(event.period_to)[:7]
    trained = sum((one.fee_self for one in months if first <= one.month <= last), NOTHING)
    fitted = (one.event for one in past.events(AssistiveDeviceFitted, same="person"))
    devices = (one.self_paid or NOTHING for one in fitted if event.period_from <= one.fitted_on <= event.period_to)
    if event.self_paid > trained + sum(devices, NOTHING):
        yield flag("above_reported_cost", "/data/self_paid")


@RULES.invariant(SelfPaidSubsidyDecided, number="REH-13.2")
def a_subsidy_is_a_share_of_the_cost(event: SelfPaidSubsidyDecided) -> Iterator[Fault]:
    """Refuse more than the rate gives; the last cent may be rounded either way."""
    if event.amount is None or event.eligible_self_paid is None or event.rate is None:
        return
    if event.amount - event.eligible_self_paid * event.rate >= CENT:
        zh = "补助金额不得超过可补助的自费金额与补助比例之积。"
        en = "The subsidy must not exceed the eligible cost times the rate."
        yield Fault("amount_above_rate", "/data/amount", zh, en)


@RULES.invariant(SelfPaidSubsidyDecided, number="REH-13.3")
def no_more_is_eligible_than_was_claimed(event: SelfPaidSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Refuse a higher eligible cost than was applied for."""
    applied = newest(past, SelfPaidSubsidyApplied, same="process")
    if applied and event.eligible_self_paid is not None and event.eligible_self_paid > applied.self_paid:
        zh = "可补助的自费金额不得超过申请的自费金额。"
        en = "The eligible cost must not exceed the cost that was applied for."
        yield Fault("above_application", "/data/eligible_self_paid", zh, en)


@RULES.invariant(SelfPaidSubsidyDecided, number="REH-13.4")
def the_subsidies_of_a_year_are_within_the_parameter(event: SelfPaidSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Refuse an approval with which those for costs of one year exceed the parameter, without a document."""
    if event.basis_doc is None and _year_above_cap(event, past):
        zh = "该人员本年度自费部分补助累计超过现行政策规定；确有依据的，须填写超出规定的依据。"
        en = "The subsidies of the year are above the policy parameter; if that is justified, name the document."
        yield Fault("above_parameter", "/data/amount", zh, en)


@RULES.flag(SelfPaidSubsidyDecided, number="REH-13.5")
def higher_subsidies_are_shown(event: SelfPaidSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Flag such an approval for which a document is named."""
    if event.basis_doc is not None and _year_above_cap(event, past):
        yield flag("departs_from_parameter", "/data/amount")


@RULES.flag(SelfPaidSubsidyDecided, number="REH-13.6")
def another_rate_is_shown(event: SelfPaidSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Flag another rate than the parameter, which is a usual one."""
    if event.rate is not None and event.rate != past.parameter("P-SELFPAY-RATE"):
        yield flag("departs_from_parameter", "/data/rate")


def _year_above_cap(event: SelfPaidSubsidyDecided, past: Past) -> bool:
    """Whether an approval and those before it, for costs whose period ends in one year, exceed the parameter."""
    years = {one.process: one.event.period_to.year for one in past.events(SelfPaidSubsidyApplied, same="person")}
    year = years.get(past.process)
    if event.decision != "approved" or event.amount is None or year is None:
        return False

    def counts(one: OnRecord[SelfPaidSubsidyDecided]) -> bool:
        return one.event.decision == "approved" and years.get(one.process) == year

    decided = past.events(SelfPaidSubsidyDecided, same="person")
    total = sum((one.event.amount or NOTHING for one in decided if counts(one)), event.amount)
    return bool(total > past.parameter("P-SELFPAY-CAP"))
