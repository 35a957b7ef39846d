"""Sends what a roster says to the door, and says of each row what came of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.spreadsheets import results
from services.spreadsheets.results import ALREADY, FLAGGED, RECORDED, REFUSED, UNSENT
from services.spreadsheets.rosters.declaring import Outcome, Place, Planned, Proposal
from shared.errors import Fault
from shared.policy.lists import flags

PROPOSED = "proposed"
WORDS = results.WORDS | {PROPOSED: "待确认"}
WOULD = results.WOULD | {PROPOSED: "待确认"}
TAKEN = "natural_key_taken"
_RANK = (RECORDED, ALREADY, FLAGGED, PROPOSED, UNSENT, REFUSED)
_AGAIN = 200
_UNAVAILABLE = 503
_REFUSED = 300
Send = Callable[[Sequence[dict[str, Any]]], Iterator[tuple[int, Mapping[str, Any]]]]
"""Sends events in order; yields the HTTP status and the receipt or problem of each, until a door does not answer."""


@dataclass
class Sent:
    """What came of each row. With `dry_run`, what would come of it."""

    dry_run: bool = False
    verdicts: dict[Place, str] = field(default_factory=dict)
    reasons: dict[Place, list[Fault]] = field(default_factory=dict)
    corrections: list[tuple[Planned, dict[str, Any]]] = field(default_factory=list)
    """What is on record with other content, with the correction that would put it right."""

    @property
    def counts(self) -> Counter[str]:
        """How many rows have each verdict."""
        return Counter(self.verdicts.values())

    @property
    def words(self) -> dict[str, str]:
        """What each verdict is called."""
        return WOULD if self.dry_run else WORDS

    @property
    def settled(self) -> frozenset[Place]:
        """The rows that are on record now, or for whose difference only a person's decision is missing."""
        differ = {place for planned, _ in self.corrections for place in (planned.place, *planned.others)}
        fine = {RECORDED, ALREADY, FLAGGED, PROPOSED}
        return frozenset(place for place, verdict in self.verdicts.items() if verdict in fine) - differ

    def note(self, planned: Planned, verdict: str, *why: Fault) -> None:
        """Note what came of an event, for every row that it was made of; the worst of several counts."""
        for place in (planned.place, *planned.others):
            before = self.verdicts.get(place)
            if before in {None, UNSENT} or _RANK.index(verdict) > _RANK.index(before or RECORDED):
                self.verdicts[place] = verdict
            self.reasons.setdefault(place, []).extend(why)

    def said(self, place: Place) -> str:
        """Return the words for a row of the office's file."""
        verdict = self.verdicts.get(place)
        if verdict is None:
            return ""
        head = self.words[verdict]
        why = " ".join(dict.fromkeys(f"{one.pointer} {one.zh}".strip() for one in self.reasons.get(place, ())))
        return f"{head}：{why}" if why else head


def send(outcome: Outcome, door: Send, *, dry_run: bool, correct: bool) -> Sent:
    """Send the events of an outcome; with `correct`, also what puts right a record of other content."""
    sent = _begun(outcome, dry_run=dry_run)
    for planned, (status, answer) in zip(outcome.events, door([one.event for one in outcome.events]), strict=False):
        _take(sent, planned, status, answer, outcome)
    if correct and sent.corrections:
        wanted, sent.corrections = sent.corrections, []
        for (planned, _), (status, answer) in zip(wanted, door([one for _, one in wanted]), strict=False):
            for place in (planned.place, *planned.others):
                sent.verdicts[place] = UNSENT
                sent.reasons[place] = []
            _take(sent, planned, status, answer, outcome)
    return sent


def _begun(outcome: Outcome, *, dry_run: bool) -> Sent:
    """Return what is known of the rows before anything is sent."""
    sent = Sent(dry_run, dict.fromkeys(outcome.unchanged, ALREADY))
    for proposal in outcome.proposals:
        if proposal.place is not None:
            sent.verdicts.setdefault(proposal.place, PROPOSED)
            sent.reasons.setdefault(proposal.place, []).append(Fault(proposal.type, "", proposal.zh, proposal.en))
    for remark in outcome.warnings:
        if remark.place is not None:
            said = Fault(remark.code, "", f"请核对：{remark.zh}", remark.en)
            sent.reasons.setdefault(remark.place, []).append(said)
    for planned in outcome.events:
        sent.verdicts |= dict.fromkeys((planned.place, *planned.others), UNSENT)
    for place, why in outcome.faults.items():
        sent.verdicts[place] = REFUSED
        sent.reasons[place] = [*why, *sent.reasons.get(place, ())]
    return sent


def _take(sent: Sent, planned: Planned, status: int, answer: Mapping[str, Any], outcome: Outcome) -> None:
    """Take in a door's answer: a receipt or a problem."""
    if status == _UNAVAILABLE:
        return
    if status >= _REFUSED:
        faults = [Fault.from_dict(one) for one in answer["errors"]]
        correction = _correction(planned, faults)
        if correction is None:
            sent.note(planned, REFUSED, *faults)
            return
        sent.corrections.append((planned, correction))
        zh, en = (
            "与已有记录不同；确认后用 --apply-corrections 更正。",
            "This differs from the record: confirm it.",
        )
        sent.note(planned, PROPOSED, Fault(TAKEN, "", zh, en))
        outcome.proposals.append(Proposal(correction["type"], zh, en, planned.place, None, correction, ()))
    elif status == _AGAIN or "already_recorded" in answer.get("remarks", ()):
        sent.note(planned, ALREADY)
    elif flagged := answer.get("flags", []):
        known = flags()
        said = [(code, known.get(code, {})) for code in flagged]
        sent.note(planned, FLAGGED, *(Fault(code, "", one.get("zh", code), one.get("en", code)) for code, one in said))
    else:
        sent.note(planned, RECORDED)


def _correction(planned: Planned, faults: Sequence[Fault]) -> dict[str, Any] | None:
    """Return the correction of the record that the door names, where that is all it objects to."""
    if [one.code for one in faults] != [TAKEN]:
        return None
    named = faults[0].record
    if named is None:
        return None
    event = planned.event
    kept = {name: event[name] for name in event if name not in {"id", "type", "data", "legacy", "process"}}
    return kept | {
        "id": f"{event['id']}.correction",
        "type": f"{event['type'].partition('.')[0]}.event_corrected",
        "data": {
            "target_event": named.id,
            "corrected_payload": event["data"],
            "reason": "名册更正",
        },
    }
