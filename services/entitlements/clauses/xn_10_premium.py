"""XN-10 (长期护理保险个人缴费部分按政策予以资助): disabled children are insured, and their premium is paid for them."""

from datetime import date

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.facts import Fact
from services.entitlements.insured import LongTermCare, in_force
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from services.medical_insurance.events import LtcEnrolled, LtcPremiumAssisted
from shared.policy.calendar import on_month_day

MED = "MED"


@rule(
    "E21",
    "XN-10",
    "person",
    "长护险缴费资助",
    need="LTC",
    alarms=205,
    meant=lambda child: child.is_disabled_child or not in_force(child),
)
def premium_is_assisted(child: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled child is enrolled in this year's season, and the premium is paid for it."""
    care = LongTermCare(child)
    chain.cite(child.family.opening, child.proof(child.on), child.diagnoses, care.decided_by)
    if not care.in_force:
        return chain.state(State.NOT_IN_FORCE)
    if not child.is_disabled_child:
        return chain.state(State.NOT_APPLICABLE)
    chain.cite(care.enrolment, care.assistance)
    chain.because = {"year": care.on.year, "enrolled": bool(care.enrolment), "assisted": bool(care.assistance)}
    if care.assistance:
        return chain.verdict()
    only_difficult = child.param("P-LTC-PREMIUM-SCOPE") == "difficult_family"
    if only_difficult and not child.family.difficult:
        return chain.state(State.NOT_ELIGIBLE)
    claims = [care.enrolment] if care.enrolment else []
    if decline := declined(child, "LTC", claims):
        return chain.state(State.DECLINED, decline.fact)
    conditions = [child.disabled_since, *decline_ended(child, "LTC", claims)]
    if only_difficult and child.family.difficult:
        chain.cite(child.family.recognised_by)
        conditions.append(child.family.difficult[0])
    if care.enrolment:
        _assist(chain, care.enrolment, conditions)
    else:
        _enrol(chain, care, conditions)
    return chain.verdict()


def _enrol(chain: Chain, care: LongTermCare, conditions: list[date]) -> None:
    """Take the enrolment (G1): by the end of the season, in the scheme's first year some time after its start."""
    began, division = care.began, chain.division
    if not chain.covered(LtcEnrolled, division, began):
        chain.cannot_tell(LtcEnrolled, max(began, *conditions), division)
        return
    due = on_month_day(care.on.year, chain.policy.value("P-LTC-SEASON-END", division, began))
    if care.is_first_year:
        due = max(due, chain.policy.due("P-LTC-FIRST-SEASON-D", began, division).day)
    chain.clock("G1", chain.not_before_catch_up(due, *conditions), MED, division, outreach=True)


def _assist(chain: Chain, enrolment: Fact[LtcEnrolled], conditions: list[date]) -> None:
    """Take the assistance (G3): after the enrolment, and not before there was anything to assist with."""
    begin = max(enrolment.occurred, chain.opened, *conditions)
    chain.step("G3", "P-LTC-ASSIST-D", begin, LtcPremiumAssisted, chain.division, enrolment, department=MED)
