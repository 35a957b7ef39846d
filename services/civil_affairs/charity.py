"""What donations and the aid of charities are flagged for."""

from collections.abc import Iterator

from services.civil_affairs.events import (
    CharityAidGranted,
    DonationReceived,
)
from services.civil_affairs.rules import RULES
from shared.errors import Fault
from shared.language.kinds import Organisation
from shared.language.rules import Past, flag

CHARITIES = ("51", "52", "53")
"""How the codes of associations, social services and foundations begin (GB 32100)."""
PUBLIC_BODIES = "1"
USCC_LENGTH = 18


@RULES.flag(DonationReceived, number="CHA-01.1")
def donations_go_to_charities_and_public_bodies(event: DonationReceived) -> Iterator[Fault]:
    """Flag a donation to what is neither a charity nor a public body by its code."""
    if _is_other_than(event.organisation, *CHARITIES, PUBLIC_BODIES):
        yield flag("uscc_implausible", "/data/organisation")


@RULES.flag(CharityAidGranted, number="CHA-02.1")
def charity_is_given_by_charities(event: CharityAidGranted) -> Iterator[Fault]:
    """Flag aid by what is no association, social service or foundation by its code."""
    if _is_other_than(event.organisation, *CHARITIES):
        yield flag("uscc_implausible", "/data/organisation")


@RULES.flag(CharityAidGranted, number="CHA-02.2")
def aid_comes_from_a_donation_on_record(event: CharityAidGranted, past: Past) -> Iterator[Fault]:
    """Flag aid out of a donation that is not on record."""
    if event.donation is not None and not past.events(DonationReceived, same="event", of=event.donation):
        yield flag("reference_unknown", "/data/donation")


def _is_other_than(organisation: Organisation, *beginnings: str) -> bool:
    """Whether an organisation has a USCC that begins otherwise; a local code says nothing of the kind."""
    return len(organisation.code) == USCC_LENGTH and not organisation.code.startswith(beginnings)
