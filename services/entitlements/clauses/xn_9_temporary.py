"""XN-9 (对符合临时救助条件的…家庭及个人，及时给予临时救助): temporary aid, decided and paid in time."""

from datetime import date

from services.civil_affairs.events import TempAidApplied, TempAidDecided, TempAidEmergencyGranted
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family
from services.entitlements.claims import Claim, claims
from services.entitlements.facts import Fact
from services.entitlements.payments import paid
from services.entitlements.refusals import follows
from services.entitlements.rules import declined, rule
from services.entitlements.verdicts import State, Verdict
from services.finance.events import BenefitPaid


@rule("E19", "XN-9", "family", "临时救助", need="TEMP", alarms=10)
def temporary_aid(family: Family, chain: Chain) -> Verdict:
    """Judge the newest case of temporary aid: decided, and paid; a family in need of it has no clock before it asks."""
    need = family.need("TEMP")
    chain.cite(family.opening, need.facts if need else ())
    # what ended for its form is as if it had not been asked for
    own = claims(family.facts, (TempAidApplied, TempAidEmergencyGranted), TempAidDecided)
    case = next((one for one in reversed(own) if not one.formal), None)
    payment = _payment(family, case)
    if case is not None and _over(chain, case, payment):
        case = None
    if case is not None:
        chain.cite(case.facts, case.extension)
        if case.approved and case.decision is not None:
            return _pay(chain, case.decision, case.division, payment)
    if case is None and need is None:
        return chain.state(State.NOT_APPLICABLE)
    refusal = follows(chain, case, lambda _reason, _day: True)
    if refusal is None:
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(family, "TEMP", case.ends_declines if case else ()):
        return chain.state(State.DECLINED, decline.fact)
    if case is not None and case.is_open:
        return _decide(chain, case)
    chain.because["step"] = "apply"
    return chain.verdict(otherwise=State.ELIGIBLE_NOT_APPLIED)


def _payment(family: Family, case: Claim | None) -> Fact[BenefitPaid] | None:
    """Return the first payment after the approval of a case."""
    if case is None or case.decision is None:
        return None
    since = case.decision.day
    return next((one for one in paid(family, ["TEMPAID"], case.process, family.everyone) if one.day >= since), None)


def _over(chain: Chain, case: Claim, payment: Fact[BenefitPaid] | None) -> bool:
    """Whether a case was paid or refused so long ago that it is no longer shown (P-TEMP-MET-M)."""
    end = payment if case.approved else case.decision
    return end is not None and chain.on > chain.policy.due("P-TEMP-MET-M", end.day, case.division).day


def _pay(
    chain: Chain, decision: Fact[TempAidDecided], division: str | None, payment: Fact[BenefitPaid] | None
) -> Verdict:
    """Take the payment of what was approved (G3)."""
    chain.because |= {"step": "pay", "amount": decision.event.amount}
    if payment is None:
        chain.step("G3", "P-TEMP-PAY-WD", decision.day, BenefitPaid, division, decision)
    else:
        chain.cite(payment).because["step"] = "granted"
    return chain.verdict()


def _decide(chain: Chain, case: Claim) -> Verdict:
    """Take the decision (G2): after the application, or sooner, after help that was given at once."""
    chain.because["step"] = "decide"
    for cls, parameter in ((TempAidApplied, "P-TEMP-WD"), (TempAidEmergencyGranted, "P-TEMP-MAKEUP-WD")):
        if begun := _last(case, cls):
            chain.step("G2", parameter, begun, TempAidDecided, case.division, extended=case.extended)
    return chain.verdict()


def _last(case: Claim, cls: type[object]) -> date | None:
    """Return the day of the newest fact of a class in a case."""
    return next((one.day for one in reversed(case.facts) if one.cls is cls), None)
