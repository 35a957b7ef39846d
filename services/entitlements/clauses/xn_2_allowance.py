"""XN-2 (关联政策, 康复儿童家庭生活补贴): the allowance to the family of a small child for each month of training."""

from services.disability_federation.rehabilitation.events import RehabAidDecided, RehabMonthReported, RehabStarted
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import division_of
from services.entitlements.clauses.xn_2_rehabilitation import Aid, aids_of
from services.entitlements.facts import Fact
from services.entitlements.payments import kept, paid
from services.entitlements.rules import rule
from services.entitlements.verdicts import State, Verdict
from services.finance.events import BenefitPaid
from shared.policy.calendar import first_of, last_of

BENEFIT = "FAMLIV"


@rule(
    "E05",
    "XN-2",
    "person",
    "康复儿童家庭生活补贴",
    need="REHAB",
    standing="linked",
    alarms=35,
    meant=lambda child: child.told(RehabAidDecided),
)
def living_allowance(child: Person, chain: Chain) -> Verdict:
    """Judge whether the allowance was paid for each month in which a small child was trained under granted aid."""
    aids = [aid for aid in aids_of(child) if aid.approved]
    months = _months(child, aids)
    chain.cite(child.family.held_by, *(aid.claim.facts for aid in aids), child.facts(RehabStarted), months)
    if not months:
        return _without_months(child, chain, aids)
    for month in months:
        _to_be_paid(child, chain, month)
    return chain.verdict()


def _months(child: Person, aids: list[Aid]) -> list[Fact[RehabMonthReported]]:
    """Return the months in which the child was trained under granted aid, young enough on the first day."""
    found = []
    for one in child.facts(RehabMonthReported):
        first, last = first_of(one.event.month), last_of(one.event.month)
        if one.event.sessions > 0 and any(aid.covers(first, last) for aid in aids) and _young(child, one):
            found.append(one)
    return found


def _young(child: Person, month: Fact[RehabMonthReported]) -> bool:
    first = first_of(month.event.month)
    limit = child.family.policy.value("P-FAMLIV-AGE-TO", _division(child, month), first)
    return child.younger(limit, first)


def _without_months(child: Person, chain: Chain, aids: list[Aid]) -> Verdict:
    """Return that there is nothing to pay for; or that this cannot be told, as months are not delivered here."""
    limit = child.param("P-FAMLIV-AGE-TO")
    for aid in aids:
        begin = max(aid.first, chain.opened)
        if child.younger(limit, aid.first) and not chain.covered(RehabMonthReported, aid.claim.division, begin):
            chain.cannot_tell(RehabMonthReported, begin, aid.claim.division)
            return chain.verdict()
    return chain.state(State.NOT_APPLICABLE)


def _to_be_paid(child: Person, chain: Chain, month: Fact[RehabMonthReported]) -> None:
    """Take the payment for one month, due some time after the end of the month."""
    division, end = _division(child, month), last_of(month.event.month)
    every = paid(child.family, [BENEFIT], "", [child.token])
    if found := kept(child.family, every, [BENEFIT], month.event.month):
        chain.cite(found)
        return
    due = chain.policy.due("P-FAMLIV-PAY-D", end, division)
    feed = chain.policy.feed(BenefitPaid, division, chain.on)
    if feed and due.day < max(chain.opened, feed.since):
        return
    if not chain.covered(BenefitPaid, division, end):
        chain.cannot_tell(BenefitPaid, end, division)
        return
    chain.because.setdefault("unpaid", month.event.month)
    chain.clock("G3", due, "FIN", division, month)


def _division(child: Person, month: Fact[RehabMonthReported]) -> str | None:
    """Return who pays: a month belongs to the process of its aid, also after the family has moved."""
    return division_of(child.family.facts, month.process, child.family.county)
