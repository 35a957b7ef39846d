"""A department's application: receives events, keeps its log, gives receipts and checkpoints.

Every department runs this same class; they differ in their event types and their rules alone.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from eventsourcing.application import Application
from eventsourcing.persistence import IntegrityError
from eventsourcing.utils import Environment

from shared.door.intake import Draft, Intake, remarks
from shared.errors import AlreadySaid, Fault, Refused
from shared.json import canonical
from shared.keys.signing import Signer
from shared.language import envelope
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Withdraws
from shared.language.rules import Rules, Same
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from shared.log.recorder import By, Infrastructure, LogRecorder
from shared.log.stream import Stream
from shared.postgres.database import Database

ATTEMPTS = 3
"""How often an event is tried when another one got into the same stream meanwhile; from the second on, alone."""


def china_now() -> datetime:
    """Return the time now, in China's zone."""
    return datetime.now(envelope.CHINA)


class Department(Application[str]):
    """The log of one department and the way into it."""

    recorder: LogRecorder

    def __init__(
        self,
        database: Database,
        intake: Intake,
        rules: Rules,
        signer: Signer,
        clock: Callable[[], datetime] = china_now,
    ) -> None:
        self.database = database
        self.intake = intake
        self.rules = rules
        self.signer = signer
        self.clock = clock
        super().__init__()

    def construct_factory(self, env: Environment) -> Infrastructure:
        """Build recorders on this department's database (the library's extension point)."""
        return Infrastructure(env, self.database)

    def receive(self, said: Any) -> tuple[dict[str, Any], bool]:
        """Record one event as a sender said it; return its receipt, and whether it was recorded just now.

        The same source, id and content again give the same receipt. Raises AlreadySaid for the same id with other
        content, Refused with every reason at once, Unavailable when the database does not answer.
        """
        for attempt in range(ATTEMPTS):
            try:
                if not attempt:
                    return self._receive(said)
                with self.database.transaction() as tx:
                    self.recorder.lock(tx)  # this time nobody comes in between
                    return self._receive(said)
            except IntegrityError:  # another event took this place in the stream, or this id, meanwhile: look again
                continue
        raise Refused(
            [Fault("busy", "", "同一对象正被频繁写入,请稍后重试。", "The stream is too busy; try again.")], status=503
        )

    def receipt(self, event: RecordedEvent) -> dict[str, Any]:
        """Return the signed receipt of a record. It follows from the record alone, so it is always the same."""
        facts: dict[str, Any] = {
            "verdict": "recorded",
            "log": self.signer.name,
            "position": event.position,
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "leaf": leaf_hash(event.encode()).hex(),
            "loggedtime": event.attributes["loggedtime"],
        }
        said = remarks(event.attributes)
        return self.signer.receipt(facts | ({"remarks": said} if said else {}))

    def _receive(self, said: Any) -> tuple[dict[str, Any], bool]:
        known = self._known(said)
        if known is not None:
            return self.receipt(known), False
        draft = self.intake.read(said, self.clock())
        return self.receipt(self._append(draft)), True

    def _known(self, said: Any) -> RecordedEvent | None:
        name = envelope.name(said)
        found = self.recorder.find(name[1], name[0]) if name else []
        if not found:
            return None
        if found[0].attributes["fingerprint"] != self.intake.link.fingerprint(canonical(said)):
            raise AlreadySaid
        return found[0]

    def _append(self, draft: Draft) -> RecordedEvent:
        stream_id = self._stream_of(draft)
        stream = Stream(stream_id, self.recorder.versions([stream_id]).get(stream_id, 0))
        if not isinstance(draft.declaration.effect, Corrects | Withdraws):
            faults = list(self.rules.faults(draft.typed(), _Past(self, draft), legacy=draft.legacy))
            if faults:
                raise Refused(faults)
        stream.record(*self.intake.stored(draft))
        recording = self.save(stream)[0]
        event: Any = recording.domain_event
        return RecordedEvent(
            event.originator_id, event.originator_version, event.attributes, event.data, recording.notification.id
        )

    def _stream_of(self, draft: Draft) -> str:
        if isinstance(draft.declaration.effect, Corrects | Withdraws):
            return self._amend(draft).originator_id
        if draft.attributes.get("process"):
            return f"process/{draft.attributes['process']}"
        return f"subject/{draft.subject}" if draft.subject else "department"

    def _amend(self, draft: Draft) -> RecordedEvent:
        """Find what a correction or withdrawal is about and check that it may be; returns the original."""
        effect = draft.declaration.effect
        named = self._named(draft, effect.target)  # type: ignore[union-attr]
        declaration = CATALOGUE.get(named.type)
        if declaration is None or isinstance(declaration.effect, Withdraws):
            raise Refused(
                [_target_fault("not_amendable", "撤销记录不能再更正或撤销。", "A withdrawal cannot be amended.")]
            )
        if self._withdrawn(named.position):
            raise Refused([_target_fault("already_withdrawn", "该记录已被撤销。", "That event is already withdrawn.")])
        if isinstance(effect, Corrects):
            if named.target is not None:
                named = self._at(named.target)
            if self._withdrawn(named.position):
                raise Refused(
                    [_target_fault("already_withdrawn", "该记录已被撤销。", "That event is already withdrawn.")]
                )
            self._check_correction(draft, named)
        draft.attributes["target"] = named.position
        draft.attributes.setdefault("causationid", named.id)
        if draft.attributes.get("subject", named.subject) != named.subject:
            raise Refused(
                [Fault("other_subject", "/subject", "所涉人员与原记录不同。", "The original is about someone else.")]
            )
        if named.subject:
            draft.attributes["subject"] = named.subject
        return named

    def _check_correction(self, draft: Draft, original: RecordedEvent) -> None:
        declaration = CATALOGUE.get(original.type)
        if declaration is None:
            raise Refused([_target_fault("not_amendable", "原记录类型已不存在。", "The original's type is unknown.")])
        payload = draft.payload[draft.declaration.effect.payload]  # type: ignore[union-attr]
        if not isinstance(payload, Draft):
            self.intake.read_corrected(draft, declaration, self.clock())
        inner: Draft = draft.payload[draft.declaration.effect.payload]  # type: ignore[union-attr]
        faults = list(self.rules.faults(inner.typed(), _Past(self, draft), legacy=True))
        if faults:
            raise Refused(faults)

    def _named(self, draft: Draft, field: str) -> RecordedEvent:
        found = self.recorder.find(draft.payload[field])
        own = [event for event in found if event.source == draft.attributes["source"]] or found
        if len(own) != 1:
            raise Refused(
                [_target_fault("no_such_event", "本部门没有这一事件。", "This department has no such event.")]
            )
        return own[0]

    def _at(self, position: int) -> RecordedEvent:
        return self.recorder.events_after(position - 1, limit=1)[0]

    def _withdrawn(self, position: int) -> bool:
        amending = self.recorder.amendments([position])
        return any(event.target == position and event.type in self.types_with(Withdraws) for event in amending)

    def types_with(self, effect: type[Any]) -> list[str]:
        """Return this department's event types that have an effect of this kind."""

        def ours(declaration: Declaration) -> bool:
            return declaration.department == self.intake.department and isinstance(declaration.effect, effect)

        return [declaration.type for declaration in CATALOGUE if ours(declaration)]


class _Past:
    """What the rules may ask of the department's own log."""

    def __init__(self, department: Department, draft: Draft) -> None:
        self.department = department
        self.key = {"process": draft.attributes.get("process"), "person": draft.subject}

    def has(self, type_name: str, *, same: Same) -> bool:
        key = self.key[same]
        if key is None:
            return False
        by: By = "process" if same == "process" else "subject"
        found = self.department.recorder.past(by, [key], [type_name])
        withdrawals = self.department.types_with(Withdraws)
        withdrawn = {event.target for event in found if event.type in withdrawals}
        return any(event.type == type_name and event.position not in withdrawn for event in found)


def _target_fault(code: str, zh: str, en: str) -> Fault:
    return Fault(code, "/data/target_event", zh, en)
