"""A base of the self-help programme on the day F: its agreements and its team, from the facts known on K."""

from datetime import date
from functools import cached_property
from typing import Any

from services.disability_federation.self_help.events import (
    BaseEnded,
    BaseEstablished,
    BaseManagerAppointed,
    TrainerAssigned,
    TrainerQualified,
    TrainerRemoved,
)
from services.entitlements.facts import Fact, Facts
from services.entitlements.policy import Policy

PEERS = {"PEER", "KIN"}
"""The roles of trainers who are disabled themselves, or kin of somebody who is."""
MANAGER = "MANAGER"


class Base:
    """A base by the code of its host."""

    def __init__(self, code: str, facts: Facts, policy: Policy, on: date) -> None:
        self.code = code
        self.on = on
        self.policy = policy
        self._facts = Facts(one for one in facts.all if code_of(one) == code)
        self._qualified = facts.of(TrainerQualified)

    def facts(self, *classes: type[Any]) -> list[Fact[Any]]:
        """Return the facts of these classes about this base."""
        return self._facts.of(*classes)

    @cached_property
    def agreements(self) -> list[Fact[BaseEstablished]]:
        """What established it, for one category each."""
        return self._facts.of(BaseEstablished)

    def in_force(self, agreement: Fact[BaseEstablished], day: date) -> bool:
        """Whether an agreement is in force on a day: the base has not ended, and the agreement is not over."""
        ended = any(one.day <= day and one.order > agreement.order for one in self._facts.of(BaseEnded))
        return agreement.day <= day and not ended and day <= (agreement.event.valid_to or date.max)

    @cached_property
    def team_facts(self) -> list[Fact[Any]]:
        """Who was assigned, removed or appointed, and who of them qualified, wherever that was."""
        own = self._facts.of(TrainerAssigned, TrainerRemoved, BaseManagerAppointed)
        trainers = {one.event.trainer for one in own if isinstance(one.event, TrainerAssigned)}
        qualified = [one for one in self._qualified if one.event.trainer in trainers]
        return sorted([*own, *qualified], key=lambda one: one.order)

    def roles(self, day: date) -> dict[str, str]:
        """Return the trainers on a day, whoever may lead or not, by person with their roles."""
        roles: dict[str, str] = {}
        for one in self.team_facts:
            match one.event:
                case TrainerAssigned() if one.day <= day:
                    roles[one.event.trainer] = one.event.role
                case TrainerRemoved() if one.day <= day:
                    roles.pop(one.event.trainer, None)
        return {person: role for person, role in roles.items() if role != MANAGER}

    def is_complete(self, day: date) -> bool:
        """Whether the team is what the programme asks for: trainers, trained peers or kin among them, a manager."""
        trainers, known = self.roles(day), [one for one in self.team_facts if one.day <= day]
        qualified = [one.event for one in known if isinstance(one.event, TrainerQualified)]
        can_lead = {one.trainer for one in qualified if one.can_lead}
        manager = any(isinstance(one.event, BaseManagerAppointed) for one in known)
        peers = [one for one, role in trainers.items() if role in PEERS and one in can_lead]
        enough = len(trainers) >= self.policy.value("P-SH-TRAINERS", None, day)
        return manager and enough and len(peers) >= self.policy.value("P-SH-PEERS", None, day)


def code_of(one: Fact[Any]) -> str:
    """Return the code of the base that a fact is about; empty for one that names none."""
    base = getattr(one.event, "base", None)
    named = getattr(base, "code", base) or getattr(one.event, "uscc", None) or ""
    return str(named)


def codes(facts: Facts) -> list[str]:
    """Return the codes of all bases that facts establish or name."""
    return sorted({code for one in facts.all if (code := code_of(one)) and "self_help" in one.cls.__module__})
