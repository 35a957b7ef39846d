"""Two judgements of the same family, verdict by verdict: which of them differ. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.entitlements.engine import Judged
from services.entitlements.rules import Rule
from services.entitlements.verdicts import State, Verdict

NOTHING = Verdict(State.NOT_APPLICABLE)
"""What stands where a judgement says nothing of a subject: it is no member, or not yet."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The verdicts of one rule about one subject, before and after."""

    rule: Rule
    subject: str
    before: Verdict
    after: Verdict

    @property
    def differs(self) -> bool:
        """Whether a reader would notice: another state, day, gap or warning."""
        return said(self.before) != said(self.after)


def pairs(before: Iterable[Judged], after: Iterable[Judged]) -> Iterator[Pair]:
    """Yield the verdicts of two judgements side by side, in the order of the first."""
    later = {(one.rule.id, one.subject): one for one in after}
    for one in before:
        other = later.pop((one.rule.id, one.subject), None)
        yield Pair(one.rule, one.subject, one.verdict, other.verdict if other else NOTHING)
    for one in later.values():
        yield Pair(one.rule, one.subject, NOTHING, one.verdict)


def said(verdict: Verdict) -> dict[str, Any]:
    """Return what of a verdict counts in a comparison, as JSON: not what it rests on."""
    return {
        "state": str(verdict.state),
        "due": verdict.due.isoformat() if verdict.due else None,
        "gaps": [
            {
                "type": one.type,
                "since": one.since.isoformat(),
                "due": one.due.isoformat() if one.due else None,
                "held_until": one.held_until.isoformat() if one.held_until else None,
            }
            for one in verdict.gaps
        ],
        "warnings": [{"type": one.type, "since": one.since.isoformat()} for one in verdict.warnings],
    }
