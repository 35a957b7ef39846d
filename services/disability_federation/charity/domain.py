"""Which event between families and who helps them may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.disability_federation.charity.events import (
    PairingEnded,
    PairingEstablished,
    PairingVisited,
    SocialOrgEngaged,
    SocialOrgEvaluated,
)
from services.disability_federation.consents import consents
from services.disability_federation.registry.events import DifficultFamilyRecognised
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag

RULES.after(
    PairingEstablished,
    DifficultFamilyRecognised,
    same="family",
    effect="flag",
    fault="not_difficult",
    number="CHA-04.a",
)
RULES.after(PairingVisited, PairingEstablished, same="process", number="CHA-05.a")
RULES.after(PairingEnded, PairingEstablished, same="process", number="CHA-06.a")
RULES.after(
    SocialOrgEvaluated, SocialOrgEngaged, same="organisation", effect="flag", fault="not_engaged", number="CHA-09.a"
)

RULES.not_before(PairingEstablished, "to_date", "from_date", number="CHA-04.2")


@RULES.invariant(PairingEstablished, number="CHA-04.1")
def a_family_has_one_partner_at_a_time(event: PairingEstablished, past: Past) -> Iterator[Fault]:
    """Refuse a pairing that begins while another one of the family is in force."""
    day = event.from_date
    ended = {one.process for one in past.events(PairingEnded, same="family") if one.event.ended_on <= day}
    for one in past.events(PairingEstablished, same="family"):
        over = one.process in ended or (one.event.to_date is not None and one.event.to_date < day)
        if one.event.from_date <= day and not over:
            yield Fault(
                "already_paired",
                "/data/from_date",
                f"该家庭在此日期已有结对（事件 {one.id}）；更换结对单位的，请先报送结对结束。",
                f"The family is paired on that day (event {one.id}); to change the partner, end that pairing first.",
            )
            return


@RULES.flag(PairingEstablished, number="CHA-04.3")
def a_family_agrees_to_a_partner(event: PairingEstablished, past: Past) -> Iterator[Fault]:
    """Flag a pairing to which no member of the family has consented in force on its first day."""
    family = past.members() or {past.subject}
    if not any(consents(past, event.from_date, "pairing", of=member) for member in family):
        yield flag("consent_missing", "/subject")


@RULES.invariant(PairingEnded, number="CHA-06.1")
def a_pairing_ends_once(_: PairingEnded, past: Past) -> Iterator[Fault]:
    """Refuse to end a pairing that has ended."""
    if past.events(PairingEnded, same="process"):
        zh = "该结对已结束；原记录有误的，请报送更正。"
        en = "This pairing has ended; if that record is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)
