"""XN-7: assistive devices for disabled members: assessed, decided, fitted or lent (公益性康复辅具适配, 租赁)."""

from dataclasses import dataclass
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
EXCLUDED, CONTRADICTED = "excluded", "contradicted"
"""What a refusal can mean."""
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class _Devices:
    """What became of the devices of a person: each claim is an assessment and what was decided of it.

    `served` are the facts of devices that were fitted or lent; `refusal` what the refusal of the newest claim means.
    """

    every: list[Claim]
    undecided: list[Claim]
    granted: list[Claim]
    served: list[Fact[Any]]
    refusal: str

    @property
    def running(self) -> list[Claim]:
        """The claims that are on their way."""
        return [*self.undecided, *self.granted]


@rule("E12", "XN-7", "person", "辅具适配与租赁", need=DEV, alarms=50, meant=lambda person: person.is_disabled)
def devices(person: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled member who needs a device has it; of several devices the worst counts."""
    surveys, need, known = person.family.surveys(person.token), person.need(DEV), _known(person)
    facts = [*known.served, *(fact for one in known.every for fact in one.facts)]
    chain.cite(person.proof(person.on), need.facts if need else surveys[-1:], facts)
    if not person.is_disabled:
        return chain.state(State.NOT_APPLICABLE)
    _warn(person, chain, known)
    wanted = _wanted_since(known, need)
    nothing = not (need or known.running or known.served or known.refusal == CONTRADICTED)
    if (surveys and nothing) or (wanted and known.refusal == EXCLUDED):
        return chain.state(State.NOT_ELIGIBLE)
    chain.because |= _said(known, wanted)
    met = known.served and not known.running and not wanted
    asked = [*known.served, *(fact for one in known.every for fact in one.ends_declines)]
    if not known.granted and not met and (decline := declined(person, DEV, asked)):
        return chain.state(State.DECLINED, decline.fact)
    _steps(chain, known)
    if wanted:
        ended = decline_ended(person, DEV, asked)
        chain.offer("P-DEVICE-ASSESS-D", AssistiveDeviceAssessed, *wanted, person.disabled_since, *ended)
    elif nothing:
        chain.cannot_tell(NeedsSurveyed, person.disabled_since, person.family.county)
    return chain.verdict()


def _known(person: Person) -> _Devices:
    """Return what is known of the person's devices."""
    every = _claims(person)
    waiting = [one for one in every if not _deliveries(person, one)]
    served = [
        *person.facts(AssistiveDeviceFitted, AssistiveDeviceRented),
        *(fact for one in every if one not in waiting for fact in one.facts),
    ]
    return _Devices(
        every,
        [one for one in waiting if one.is_open],
        [one for one in waiting if one.approved],
        served,
        _refusal(person, every[-1]) if waiting and waiting[-1] is every[-1] else "",
    )


def _claims(person: Person) -> list[Claim]:
    return claims(person.family.facts, AssistiveDeviceAssessed, AssistiveDeviceDecided, person.token)


def _deliveries(person: Person, claim: Claim) -> list[Fact[Any]]:
    """Return what was fitted or lent in a claim."""
    return following(person.family.facts, claim, AssistiveDeviceFitted, AssistiveDeviceRented)


def _wanted_since(known: _Devices, need: Need | None) -> list[date]:
    """Return since when a device is wanted and nobody has assessed which: none where no need is left unanswered."""
    if known.running:
        return []
    begin = [need.since] if need and not any(one.day >= need.since for one in known.served) else []
    decision = known.every[-1].decision if known.every else None
    return [*begin, decision.day] if decision and known.refusal == CONTRADICTED else begin


def _steps(chain: Chain, known: _Devices) -> None:
    """Take the clocks of decisions, and of what was granted and is to be fitted."""
    for one in known.undecided:
        if one.applied:
            begin = one.applied.day
            chain.step("G2", "P-DEVICE-DECIDE-WD", begin, AssistiveDeviceDecided, one.division, one.applied)
    for one in known.granted:
        if one.decision:
            begin = one.decision.day
            chain.step("G3", "P-DEVICE-FIT-D", begin, AssistiveDeviceFitted, one.division, one.decision)


def _said(known: _Devices, wanted: list[date]) -> dict[str, str]:
    """Return how far it has come with the device that is furthest behind."""
    newest = [*known.every, *known.granted, *known.undecided][-1:]
    device = next((one.applied.event.device_name for one in newest if one.applied), "")
    behind = {"not_assessed": wanted, "undecided": known.undecided, "not_fitted": known.granted, "fitted": known.served}
    step = next((step for step, some in behind.items() if some), "")
    return {"device": device, "step": step} if step else {}


# -- refusals, and the end of a device's life


def _warn(person: Person, chain: Chain, known: _Devices) -> None:
    """Warn of devices that have reached their age (G6), and of a refusal that the facts contradict (G8)."""
    for one in known.every:
        _warn_of_age(person, chain, one)
    decision = known.every[-1].decision if known.every else None
    if decision and known.refusal == CONTRADICTED:
        chain.warn("G8", decision.day, None, decision)


def _refusal(person: Person, claim: Claim) -> str:
    """Return what a refusal means; empty for a claim that was not refused."""
    if claim.decision is None or claim.approved:
        return ""
    return refused(claim, lambda reason, decision: _conform(person, reason, claim, decision.day), person.on)


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
