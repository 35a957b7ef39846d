"""XN-S3 (注意保护残疾儿童个人隐私; 个人信息保护法31条): nothing of a child is published or shared without consent."""

from datetime import date
from typing import Any

from services.civil_affairs.events import DibaoNoticePosted
from services.disability_federation.charity.events import PairingEnded, PairingEstablished
from services.disability_federation.registry.events import ConsentRecorded, ConsentWithdrawn
from services.disability_federation.supervision.events import PublicityActivityHeld, StoryPublished, StoryTakenDown
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.consents import PAIRING, PUBLICITY, Consents, children_lacking_since
from services.entitlements.facts import Fact
from services.entitlements.rules import rule
from services.entitlements.verdicts import CITY_DPF, State, Verdict


@rule("E31", "XN-S3", "person", "残疾儿童个人隐私", alarms=10, meant=lambda child: child.is_child)
def privacy_is_kept(child: Person, chain: Chain) -> Verdict:
    """Judge whether a child of the family is published or shared without consent, or could be recognised."""
    family = child.family
    chain.cite(family.opening)
    if not child.is_child:
        return chain.state(State.NOT_APPLICABLE)
    chain.cite(child.facts(ConsentRecorded, ConsentWithdrawn))
    consents = Consents(child, PUBLICITY)
    chain.held = {}  # a breach goes on whatever somebody does about it
    for story in child.facts(StoryPublished):
        _story(child, chain, consents, story)
    for activity in family.city.facts.of(PublicityActivityHeld):
        if child.is_named(activity.event.persons):
            _activity(chain, consents, activity)
    for taken_on in family.facts.of(PairingEstablished):
        _pairing(child, chain, taken_on)
    for notice in family.facts.of(DibaoNoticePosted):
        _notice(child, chain, notice)
    return chain.verdict()


def _story(child: Person, chain: Chain, consents: Consents, story: Fact[StoryPublished]) -> None:
    """Look at a story until it is taken down: nobody may recognise a child, and consent has to be in force.

    A consent that ends when the story is no longer shown does no harm.
    """
    chain.cite(story)
    if _ended(child.facts(StoryTakenDown), story):
        return
    if story.event.identifiable and child.younger(child.param("P-CHILD-AGE", story.day), story.day):
        _breach(chain, story.day, story)
    since = consents.lacking_since(story.day, child.on)
    if since and (since == story.day or since <= (story.event.until or date.max)):
        _breach(chain, since, story, *consents.facts)


def _activity(chain: Chain, consents: Consents, activity: Fact[PublicityActivityHeld]) -> None:
    """Look at an activity that named the child: consent was in force that day, or was given since."""
    chain.cite(activity)
    if not consents.in_force(activity.day) and all(one.day <= activity.day for one in consents.given):
        _breach(chain, activity.day, activity)


def _pairing(child: Person, chain: Chain, taken_on: Fact[PairingEstablished]) -> None:
    """Look at a pairing while it lasts: some child of the family has to be under consent to it."""
    chain.cite(taken_on)
    over = child.on > (taken_on.event.to_date or date.max)
    if not over and not _ended(child.family.facts.of(PairingEnded), taken_on):
        since = children_lacking_since(child.family, PAIRING, taken_on.day, child.on)
        if since:
            _breach(chain, since, taken_on)


def _notice(child: Person, chain: Chain, notice: Fact[DibaoNoticePosted]) -> None:
    """Look at a public notice: minors are hidden in it. Only its correction ends the breach."""
    chain.cite(notice)
    member = child.family.everyone[child.token]
    there = member.since <= max(notice.day, chain.opened)
    if not notice.event.minors_hidden and there and child.younger(child.param("P-CHILD-AGE", notice.day), notice.day):
        _breach(chain, notice.day, notice)


def _breach(chain: Chain, since: date, *evidence: Fact[Any]) -> None:
    """Add a breach (G8, here a gap), which the city's federation looks into."""
    department, division = CITY_DPF
    chain.gap("G8", since, None, department, division, *evidence)


def _ended(ends: list[Fact[Any]], act: Fact[Any]) -> bool:
    """Whether one of these ends an act: in its process, on its day or later."""
    return any(one.process == act.process and one.day >= act.day for one in ends)
