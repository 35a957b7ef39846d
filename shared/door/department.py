"""A department's way in: read → resolve → decide → seal → append → receipt, each once, always for a whole batch.

A single event is a batch of one. Every department runs this same class; they differ in their event types and their
rules alone.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

import orjson
from eventsourcing.application import Application
from eventsourcing.utils import Environment

from shared.door.deciding import Accepted, Again, Decider
from shared.door.known import Known
from shared.door.memory import Memory
from shared.door.reading import CLOCK_SKEW, Event, Reader
from shared.door.sameness import Sameness, is_of_before
from shared.door.sealing import seal
from shared.errors import Internal, Refused, refusal
from shared.keys.ring import KeyRing
from shared.keys.signing import Signer
from shared.language import envelope
from shared.language.rules import Rules
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from shared.log.recorder import Infrastructure, LogRecorder
from shared.postgres.database import Database, Unavailable

TURN_S = 10.0
"""How long a batch may wait for the batches before it in the same process."""

_Decided = Accepted | Again | RecordedEvent | Refused

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one submission: a receipt, for an event recorded just now (`new`) or before, or a refusal."""

    receipt: dict[str, Any] | None = None
    new: bool = False
    refused: Refused | None = None


class Department(Application[str]):
    """The log of one department and the way into it. `recorded` is called after each commit that added records."""

    recorder: LogRecorder

    def __init__(
        self,
        database: Database,
        reader: Reader,
        rules: Rules,
        ring: KeyRing,
        signer: Signer,
        *,
        clock: Callable[[], datetime] = envelope.china_now,
        recorded: Callable[[], None] = lambda: None,
    ) -> None:
        self.database = database
        self.reader = reader
        self.rules = rules
        self.ring = ring
        self.signer = signer
        self.clock = clock
        self.recorded = recorded
        self._turn = Lock()
        self._known: Known | None = None
        super().__init__()

    def construct_factory(self, env: Environment) -> Infrastructure:
        """Build recorders on this department's database (the library's extension point)."""
        return Infrastructure(env, self.database)

    def receive(self, submission: Any) -> tuple[dict[str, Any], bool]:
        """Record one event; return its receipt, and whether it was recorded just now. Raises Refused."""
        answer = self.receive_all([submission])[0]
        if answer.refused is not None:
            raise answer.refused
        assert answer.receipt is not None  # noqa: S101 - it is the one or the other
        return answer.receipt, answer.new

    def receive_all(self, submissions: Sequence[Any], *, judge_only: bool = False) -> list[Answer]:
        """Record the events of a batch; return an answer for each, in order.

        With `judge_only` nothing is recorded, and each answer is what the batch would have got.

        The same source, id and content again give the same receipt, in the same batch too; the same name for other
        content, or whatever contradicts itself or the department's own history, is refused with every fault, and takes
        no other event along. When the database does not answer, nothing is recorded and every answer says so.
        """
        try:
            outcomes = self._receive(submissions, judge_only=judge_only)
        except Unavailable as error:
            return [Answer(refused=refusal(error, 503))] * len(submissions)
        except Exception as error:  # noqa: BLE001 - whatever one event sets off, the others are answered
            if len(submissions) > 1:  # one of them is at fault: the others are recorded without it
                middle = len(submissions) // 2
                halves = submissions[:middle], submissions[middle:]
                return [one for half in halves for one in self.receive_all(half, judge_only=judge_only)]
            _log.error("an event could not be taken in", exc_info=error)
            return [Answer(refused=Internal())]
        return outcomes

    def receipt(self, record: RecordedEvent) -> dict[str, Any]:
        """Return the signed receipt of a record."""
        return self.signer.receipt(self._facts(record))

    def _facts(self, record: RecordedEvent, *remarks: str) -> dict[str, Any]:
        """Return what a receipt states. It follows from the record alone, so it is always the same.

        Another event that states the same fact gets it too, with the remark `already_recorded`.
        """
        facts: dict[str, Any] = {
            "verdict": "recorded",
            "log": self.signer.name,
            "position": record.position,
            "id": record.id,
            "source": record.source,
            "type": record.type,
            "leaf": leaf_hash(record.encode()).hex(),
            "loggedtime": record.attributes["loggedtime"],
        }
        flags = record.attributes.get("flags")
        if "dependants" in record.attributes:
            facts["dependants"] = orjson.loads(record.attributes["dependants"])
        remarks = (*remarks, *_remarks(record.attributes))
        return facts | ({"flags": flags.split()} if flags else {}) | ({"remarks": list(remarks)} if remarks else {})

    def _receive(self, submissions: Sequence[Any], *, judge_only: bool) -> list[Answer]:
        """Answer each submission, once all that was accepted is committed."""
        now = self.clock()
        read = self.reader.read(submissions, now)
        names = [
            one.name if isinstance(one, Event) else self.reader.name(submission)
            for one, submission in zip(read, submissions, strict=True)
        ]
        decider = Decider(self.reader, self.rules, Sameness(self.reader, self.ring), now)
        before = {name: envelope.name_before(one) for name, one in zip(names, submissions, strict=True) if name}
        with self._in_turn():
            known, self._known = self._known, None  # should something fail, the next batch asks the log anew
            with self.database.transaction() as tx:
                self.recorder.lock(tx)
                if known is None or not known.follows():
                    known = Known(self.recorder)
                events = [one for one in read if isinstance(one, Event)]
                memory = Memory(self.recorder, [*before, *filter(None, before.values())], events, known)
                memory.rename(before)
                decided = [
                    decider.outcome(submission, one, name, memory)
                    for submission, one, name in zip(submissions, read, names, strict=True)
                ]
                accepted = [one for one in decided if isinstance(one, Accepted)]
                if judge_only:
                    new = {one.record.position for one in accepted}
                    return [_judged(one, new) or self._answers([one], {})[0] for one in decided]
                records = seal(accepted, self.ring)
                positions = self.recorder.append(tx, list(records.values()))
            for record, position in zip(records.values(), positions, strict=True):
                record.position = position  # the log's word, not ours
            known.settle(records.values())
            self._known = known
        if records:
            self.recorded()
        return self._answers(decided, records)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let one batch of this process at a time wait for the log's lock; the others need no connection meanwhile.

        Raises Unavailable when the one before does not end, as when the database hangs.
        """
        if not self._turn.acquire(timeout=TURN_S):
            raise Unavailable
        try:
            yield
        finally:
            self._turn.release()

    def _answers(self, decided: Sequence[_Decided], records: Mapping[int, RecordedEvent]) -> list[Answer]:
        """Return the answers of a batch whose new records have been committed."""
        facts = [self._facts(*_promised(one, records)) for one in decided if not isinstance(one, Refused)]
        receipts = iter(self.signer.receipts(facts))
        return [
            Answer(refused=one) if isinstance(one, Refused) else Answer(next(receipts), new=isinstance(one, Accepted))
            for one in decided
        ]


def _promised(decided: Accepted | Again | RecordedEvent, records: Mapping[int, RecordedEvent]) -> tuple[Any, ...]:
    """Return the record a receipt is of, as it was sealed if it is of this batch, and what is remarked on."""
    if isinstance(decided, RecordedEvent):
        return (records.get(decided.position, decided),)
    record = records.get(decided.record.position, decided.record)
    return (record, "already_recorded") if isinstance(decided, Again) else (record,)


def _judged(decided: _Decided, new: AbstractSet[int]) -> Answer | None:
    """Return the answer to what would be recorded, or is another event of the batch; None for all else."""
    if isinstance(decided, Refused):
        return None
    record = decided if isinstance(decided, RecordedEvent) else decided.record
    if record.position not in new:
        return None
    attributes = record.attributes
    facts: dict[str, Any] = {"verdict": "would_be_recorded", "id": record.id, "source": record.source}
    facts["type"] = record.type
    if "flags" in attributes:
        facts["flags"] = attributes["flags"].split()
    remarks = [*(["already_recorded"] if isinstance(decided, Again) else []), *_remarks(attributes)]
    return Answer(facts | ({"remarks": remarks} if remarks else {}), new=isinstance(decided, Accepted))


def _remarks(attributes: dict[str, Any]) -> list[str]:
    """Return what the receipts of versions before remarked on; later records keep it as flags."""
    if not is_of_before(attributes):
        return []
    logged = envelope.moment(attributes["loggedtime"]) + CLOCK_SKEW
    ahead = [name for name in ("time", "recordedtime") if envelope.moment(attributes[name]) > logged]
    return [f"{name}_in_the_future" for name in ahead]
