"""XN-12, XN-13 (倡导): families are paired with who helps them, and visited; volunteers come. XN-11 gives no claim."""

from datetime import date

from services.civil_affairs.events import VolunteerServiceRecorded
from services.disability_federation.charity.events import PairingEnded, PairingEstablished, PairingVisited
from services.disability_federation.registry.events import ConsentRecorded, ConsentWithdrawn
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family, day_after
from services.entitlements.claims import division_of
from services.entitlements.facts import Fact
from services.entitlements.policy import source_of
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict

CHAR, CONSENT = "CHAR", "pairing"
ADVISORY, PROMISED, BINDING = "advisory", "promised", "binding"


@rule("E24", "XN-12", "family", "结对帮扶与慈善（倡导）", need=CHAR, standing="advisory", alarms=10)
def pairing(family: Family, chain: Chain) -> Verdict:
    """Judge whether a difficult family that agreed is paired and visited; a county may say that this binds."""
    consent = _consent(family)
    chain.cite(*(child.proof(family.on) for child in family.disabled_children), family.recognised_by)
    chain.cite(*(child.facts(ConsentRecorded, ConsentWithdrawn) for child in family.children))
    if not family.disabled_children:
        return chain.state(State.NOT_APPLICABLE)
    if not family.difficult or consent is None:
        return chain.state(State.NOT_ELIGIBLE)
    pairs = family.facts.of(PairingEstablished)
    made = family.facts.of(PairingEstablished, PairingVisited)
    if decline := declined(family, CHAR, made):
        return chain.state(State.DECLINED, decline.fact)
    binding = family.param("P-PAIR-BINDING")
    ends = {one.id: _end(family, one) for one in pairs}
    paired = next((one for one in reversed(pairs) if ends[one.id] is None), None)
    if paired:
        return _visits(family, chain, paired, binding)
    ended = [day_after(end) for end in ends.values() if end]
    conditions = [family.difficult[0], consent, *ended, *decline_ended(family, CHAR, made)]
    if binding == BINDING:
        chain.offer("P-PAIR-D", PairingEstablished, *conditions)
        return chain.verdict()
    return chain.advise(PairingEstablished, *conditions)


def _consent(family: Family) -> date | None:
    """Return since when there is consent to a pairing for a child of the family."""
    return min((found[0] for child in family.children if (found := child.consent(CONSENT))), default=None)


def _end(family: Family, paired: Fact[PairingEstablished]) -> date | None:
    """Return the day on which a pairing ended, or its last one if that is past; None while it is in force."""
    ended = [
        one.day
        for one in family.facts.of(PairingEnded)
        if (one.process == paired.process if one.process and paired.process else one.day >= paired.day)
    ]
    if paired.event.to_date and paired.event.to_date < family.on:
        ended.append(paired.event.to_date)
    return min(ended, default=None)


def _visits(family: Family, chain: Chain, paired: Fact[PairingEstablished], binding: str) -> Verdict:
    """Take the visits of a pairing, one after another: advised they can lapse, promised or binding they are owed."""
    visits = [
        one
        for one in family.facts.of(PairingVisited)
        if (one.process == paired.process if one.process and paired.process else one.day >= paired.day)
    ]
    division = division_of(family.facts, paired.process, family.county)
    begin = max([chain.begin(PairingVisited, paired.day), *(one.day for one in visits[-1:])])
    again = chain.policy.due("P-VISIT-M", begin, division)
    chain.cite(paired, visits[-1:])
    chain.because["visited"] = visits[-1].day if visits else None
    if family.on <= again.day:
        chain.upcoming += [] if binding == ADVISORY else [again]
    elif not chain.covered(PairingVisited, division, begin):
        chain.cannot_tell(PairingVisited, paired.day, division)
    elif binding == ADVISORY:
        return chain.state(State.LAPSED)
    else:
        chain.clock("G4", again, source_of(PairingVisited), division, paired, *visits[-1:])
    return chain.verdict()


# -- E25: volunteers


@rule("E25", "XN-12", "family", "志愿服务（倡导）", need=CHAR, standing="advisory", alarms=10)
def volunteers(family: Family, chain: Chain) -> Verdict:
    """Say whether volunteers have spent time with a difficult family in the last year, or as the county says."""
    last = family.facts.last(VolunteerServiceRecorded)
    chain.cite(*(child.proof(family.on) for child in family.disabled_children), family.recognised_by, last)
    if not family.disabled_children:
        return chain.state(State.NOT_APPLICABLE)
    if not family.difficult:
        return chain.state(State.NOT_ELIGIBLE)
    chain.because["last"] = last.day if last else None
    if decline := declined(family, CHAR, family.facts.of(VolunteerServiceRecorded)):
        return chain.state(State.DECLINED, decline.fact)
    if last and family.on <= chain.policy.due("P-VOL-M", last.day, family.county).day:
        return chain.verdict()
    return chain.advise(VolunteerServiceRecorded, family.difficult[0])
