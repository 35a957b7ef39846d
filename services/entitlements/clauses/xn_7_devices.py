"""XN-7: assistive devices for disabled members: assessed, decided, fitted or lent (公益性康复辅具适配, 租赁)."""

from datetime import date
from typing import Any

from services.disability_federation.registry.events import NeedsSurveyed
from services.disability_federation.rehabilitation.devices.events import (
    AssistiveDeviceAssessed,
    AssistiveDeviceDecided,
    AssistiveDeviceFitted,
    AssistiveDeviceRented,
    AssistiveDeviceReturned,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Need, Person
from services.entitlements.claims import Claim, claims, following, refused
from services.entitlements.facts import Fact
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_months

DEV = "DEV"
_MONTHS_A_YEAR = 12


@rule("E12", "XN-7", "person", "辅具适配与租赁", need=DEV)
def devices(person: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled member who needs a device has it; of several devices the worst counts."""
    surveys, need, every = person.family.surveys(person.token), person.need(DEV), _claims(person)
    delivered = person.facts(AssistiveDeviceFitted, AssistiveDeviceRented)
    chain.cite(person.proof(person.on), need.facts if need else surveys[-1:], *(one.facts for one in every), delivered)
    if not person.is_disabled:
        return chain.state(State.NOT_APPLICABLE)
    for one in every:
        _warn_of_age(person, chain, one)
    waiting = [one for one in every if not _deliveries(person, one)]
    open_ = [one for one in waiting if one.is_open]
    granted = [one for one in waiting if one.approved]
    served = [*delivered, *(fact for one in every if one not in waiting for fact in one.facts)]
    meaning = _refusal(person, chain, waiting[-1]) if waiting and waiting[-1] is every[-1] else ""
    if not (open_ or granted or served or need) and meaning != "contradicted" and surveys:
        return chain.state(State.NOT_ELIGIBLE)
    begin = [] if open_ or granted else _wanted_since(every, need, served, meaning)
    if begin and meaning == "excluded":
        return chain.state(State.NOT_ELIGIBLE)
    facts = [*delivered, *(fact for one in every for fact in one.facts)]
    chain.because |= _said(every, open_, granted, begin)
    if not granted and (open_ or begin or not served) and (decline := declined(person, DEV, facts)):
        return chain.state(State.DECLINED, decline.fact)
    _steps(chain, open_, granted)
    if begin:
        ended = decline_ended(person, DEV, facts)
        chain.offer("P-DEVICE-ASSESS-D", AssistiveDeviceAssessed, *begin, person.disabled_since, *ended)
    elif not (open_ or granted or served):
        chain.cannot_tell(NeedsSurveyed, person.disabled_since, person.family.county)
    return chain.verdict()


def _claims(person: Person) -> list[Claim]:
    return claims(person.family.facts, AssistiveDeviceAssessed, AssistiveDeviceDecided, person.token)


def _deliveries(person: Person, claim: Claim) -> list[Fact[Any]]:
    """Return what was fitted or lent in a claim."""
    return following(person.family.facts, claim, AssistiveDeviceFitted, AssistiveDeviceRented)


def _wanted_since(every: list[Claim], need: Need | None, served: list[Fact[Any]], meaning: str) -> list[date]:
    """Return since when a device is wanted and nobody has assessed which: none where no need is left unanswered."""
    refused_on = [every[-1].decision.day] if meaning == "contradicted" and every[-1].decision else []
    if need and not any(one.day >= need.since for one in served):
        return [need.since, *refused_on]
    return refused_on


def _steps(chain: Chain, open_: list[Claim], granted: list[Claim]) -> None:
    """Take the clocks of decisions, and of what was granted and is to be fitted."""
    for one in open_:
        if one.applied:
            begin = one.applied.day
            chain.step("G2", "P-DEVICE-DECIDE-WD", begin, AssistiveDeviceDecided, one.division, one.applied)
    for one in granted:
        if one.decision:
            begin = one.decision.day
            chain.step("G3", "P-DEVICE-FIT-D", begin, AssistiveDeviceFitted, one.division, one.decision)


def _said(every: list[Claim], open_: list[Claim], granted: list[Claim], begin: list[date]) -> dict[str, str]:
    """Return how far it has come with the device that is furthest behind."""
    newest = [*every, *granted, *open_][-1:]
    device = next((one.applied.event.device_name for one in newest if one.applied), "")
    step = "not_assessed" if begin else "undecided" if open_ else "not_fitted" if granted else "fitted"
    return {"device": device, "step": step} if newest or begin else {}


# -- refusals, and the end of a device's life


def _refusal(person: Person, chain: Chain, claim: Claim) -> str:
    """Return what the refusal of the newest claim means; one that contradicts the facts is warned of (G8)."""
    if claim.decision is None or claim.approved:
        return ""
    meaning = refused(claim, lambda reason, decision: _conform(person, reason, claim, decision.day), person.on)
    if meaning == "contradicted":
        chain.warn("G8", claim.decision.day, None, claim.decision)
    return meaning


def _conform(person: Person, reason: str, claim: Claim, day: date) -> bool:
    """Whether the facts on a day bear out the reason of a refusal. Age, registration and income are not asked for."""
    match reason:
        case "document" | "institution":
            return True
        case "category":
            return not person.disabled_on(day)
        case "duplicate":
            return any(_in_use(person, one, claim, day) for one in _claims(person) if one.process != claim.process)
        case _:
            return False


def _in_use(person: Person, earlier: Claim, claim: Claim, day: date) -> bool:
    """Whether a device of the same class was fitted in an earlier claim, and has not reached its age on a day."""
    fitted, until = _fitted(person, earlier)
    same = fitted and claim.applied and fitted.event.device_class == claim.applied.event.device_class
    return bool(same and fitted and fitted.day <= day and (until is None or day < until))


def _fitted(person: Person, claim: Claim) -> tuple[Fact[AssistiveDeviceFitted] | None, date | None]:
    """Return the device that was fitted in a claim and not given back, and the day on which it has reached its age."""
    facts = person.family.facts
    fitted = following(facts, claim, AssistiveDeviceFitted)
    if not fitted or any(one.day >= fitted[-1].day for one in following(facts, claim, AssistiveDeviceReturned)):
        return None, None
    years = claim.decision.event.reuse_years if claim.decision and claim.approved else None
    return fitted[-1], add_months(fitted[-1].day, _MONTHS_A_YEAR * years) if years else None


def _warn_of_age(person: Person, chain: Chain, claim: Claim) -> None:
    """Warn from the day on which a device has reached its age, until one of its class is assessed anew (G6)."""
    fitted, until = _fitted(person, claim)
    if fitted is None or until is None:
        return
    anew = [one for one in person.facts(AssistiveDeviceAssessed) if one.day > fitted.day]
    if not any(one.event.device_class == fitted.event.device_class for one in anew):
        chain.warn("G6", until, None, fitted, division=person.family.county)
