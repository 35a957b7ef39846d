"""Claims: what was applied for and decided in one process, and what a refusal means for the rule (rules A4, A10)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.civil_affairs.events import DeadlineExtended
from services.entitlements.facts import Fact, Facts

FORMAL = {"document", "institution"}
"""Reasons about the form of a claim: such a claim is as if it had not been made."""
NO_REASON = {"fund", "other"}
"""Reasons that are never a condition of an entitlement."""


@dataclass(slots=True)
class Claim:
    """One claim as it stands: the newest application in its process, and the newest decision after it.

    `division` is that of the process's last event; `extension` is what put its decision off, known by now (rules A6).
    """

    process: str
    subject: str
    applied: Fact[Any] | None
    decision: Fact[Any] | None
    division: str | None
    facts: list[Fact[Any]]
    extension: Fact[DeadlineExtended] | None = None

    @property
    def extended(self) -> date | None:
        """Until when its decision was put off."""
        return self.extension.event.new_due if self.extension else None

    @property
    def outcome(self) -> str:
        """What was decided; empty while it is open."""
        return str(self.decision.event.decision) if self.decision else ""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.decision is None

    @property
    def approved(self) -> bool:
        """Whether it was granted."""
        return self.outcome == "approved"

    @property
    def ends_declines(self) -> list[Fact[Any]]:
        """What ends a decline of what is claimed: asking for it, or getting it; a refusal does not (rules A11)."""
        return [one for one in self.facts if getattr(one.event, "decision", "approved") == "approved"]

    @property
    def formal(self) -> bool:
        """Whether it ended for its form alone: it is as if it had not been made."""
        return self.outcome in {"returned", "not_accepted"} or (self.outcome == "refused" and self.reason in FORMAL)

    @property
    def reason(self) -> str:
        """Why it was refused."""
        return str(getattr(self.decision.event, "refuse_reason", None) or "") if self.decision else ""


def claims(
    facts: Facts,
    applied: type[Any] | tuple[type[Any], ...],
    decided: type[Any] | tuple[type[Any], ...],
    subject: str | None = None,
    where: Callable[[Fact[Any]], bool] = lambda _: True,
) -> list[Claim]:
    """Return the claims of a person, or of the whole family, in the order of their first facts.

    `where` says which applications and decisions are of the kind in question. What names no process belongs to its
    subject's newest claim.
    """
    first, last = (one if isinstance(one, tuple) else (one,) for one in (applied, decided))
    there = facts.of(*first, *last, subject=subject)
    if not there:
        return []
    found: dict[tuple[str, str], list[Fact[Any]]] = {}
    for one in there:
        if where(one):
            key = (
                (one.process, "")
                if one.process
                else next(
                    (key for key, some in reversed(found.items()) if some[-1].subject == one.subject), ("", one.subject)
                )
            )
            found.setdefault(key, []).append(one)
    return [_claim(facts, some, first) for some in found.values()]


def newest_of(own: Sequence[Claim]) -> Claim | None:
    """Return the newest claim; one that ended for its form is as if not made, where an earlier one stands (A10)."""
    standing = [one for one in own if not one.formal] or own
    return standing[-1] if standing else None


def following(facts: Facts, claim: Claim, *classes: type[Any]) -> list[Fact[Any]]:
    """Return the facts of a claim: those in its process; of those in none, its subject's since it began."""
    begin = claim.facts[0].day
    return [
        one
        for one in facts.of(*classes)
        if (
            one.process == claim.process
            if one.process and claim.process
            else one.subject == claim.subject and one.day >= begin
        )
    ]


def division_of(facts: Facts, process: str, otherwise: str | None) -> str | None:
    """Return the division of a process's last event; where there is no process, another (rules A14)."""
    every = facts.of_process(process) if process else []
    return (every[-1].division if every else None) or otherwise


def _claim(facts: Facts, some: list[Fact[Any]], first: Iterable[type[Any]]) -> Claim:
    applications = [one for one in some if isinstance(one.event, tuple(first))]
    application = applications[-1] if applications else None
    decisions = [one for one in some if one not in applications and (not application or _follows(one, application))]
    process = some[0].process
    every = facts.of_process(process) if process else some
    extensions = [
        one
        for one in (facts.known.of(DeadlineExtended, process=process) if process else ())
        if application is None or one.day >= application.day
    ]
    return Claim(
        process,
        some[0].subject,
        application,
        decisions[-1] if decisions else None,
        every[-1].division or some[-1].division,
        some,
        extensions[-1] if extensions else None,
    )


def _follows(decision: Fact[Any], application: Fact[Any]) -> bool:
    """Whether a decision answers an application: made on its day or later."""
    return decision.day >= application.day


def refused(claim: Claim, conform: Callable[[str, Fact[Any]], bool], on: date | None = None) -> str:
    """Return what a refusal means: `excluded`, `as_if_not_made`, or `contradicted` (rules A10).

    `conform` says whether the facts on the day of the decision bear out its reason. `on`: a reason that they no longer
    bear out on this day does not exclude any more.
    """
    decision = claim.decision
    if decision is None or claim.approved:
        raise ValueError
    if claim.outcome in {"returned", "not_accepted"}:
        return "as_if_not_made"
    if claim.reason in NO_REASON or not conform(claim.reason, decision):
        return "contradicted"
    if claim.reason in FORMAL or (on is not None and not conform(claim.reason, decision.dated(on))):
        return "as_if_not_made"
    return "excluded"
