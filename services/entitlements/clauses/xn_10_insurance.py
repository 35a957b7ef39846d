"""XN-10 (倡导): difficult families take part in commercial insurance. It is supported, and nobody's duty."""

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family
from services.entitlements.rules import declined, rule
from services.entitlements.verdicts import State, Verdict
from services.medical_insurance.events import CommercialInsuranceTaken


@rule("E23", "XN-10", "family", "商业保险支持（倡导）", need="INS", standing="advisory", alarms=10)
def commercial_insurance(family: Family, chain: Chain) -> Verdict:
    """Say whether somebody of a difficult family is insured by a commercial insurer on this day."""
    every = family.facts.of(CommercialInsuranceTaken)
    policies = [
        one
        for one in every
        if one.event.from_date <= family.on <= one.event.to_date and family.belongs(one.subject, family.on)
    ]
    chain.cite(*(child.proof(family.on) for child in family.disabled_children), family.recognised_by, policies)
    if not family.disabled_children:
        return chain.state(State.NOT_APPLICABLE)
    if not family.difficult:
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(family, "INS", every):
        return chain.state(State.DECLINED, decline.fact)
    if policies:
        return chain.verdict()
    return chain.advise(CommercialInsuranceTaken, family.difficult[0])
