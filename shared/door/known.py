"""What a department's log said to the batches before: kept for the next one, so that the log is asked only what is new.

A log only grows. What was once asked is known for ever, if every record that came since is taken in: ours as they are
accepted, those of another process when the next batch begins. It is used inside the transaction that holds the log's
lock, so nothing else is recorded meanwhile.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from shared.language.catalogue import CATALOGUE, Corrects, Withdraws
from shared.language.envelope import civil_day
from shared.language.rules import OnRecord
from shared.log.amended import Amended, as_amended, restatement
from shared.log.lookups import keys_of
from shared.log.record import RecordedEvent, decode
from shared.log.recorder import PAGE, By, LogRecorder

MOST = 20_000
"""How many records, and how many keys that were asked for, are kept before all is forgotten: some 180 MB."""


class Known:
    """Records of one log, by what they are found by, and what the log was asked."""

    def __init__(self, log: LogRecorder) -> None:
        self.log = log
        self.records: dict[int, RecordedEvent] = {}
        self.by_id: dict[str, list[int]] = defaultdict(list)
        self.born: dict[str, str] = {}
        """The birth dates of persons, by token, that the records say."""
        self.last = log.max_notification_id() or 0
        """The position of the log's last record."""
        self._newest = log.bodies_after(self.last - 1, 1) if self.last else []
        self._amendments: dict[int, set[int]] = defaultdict(set)
        self._found: dict[tuple[By, str], dict[str, list[int]]] = {}
        """Where the records of a process, subject or lookup key are, by type."""
        self._facts: dict[int, list[int]] = {}
        """Where the records of each natural key are, by the hash of it without its sealed fields."""
        self._amended: dict[int, Amended] = {}
        self._on_record: dict[int, OnRecord[Any]] = {}
        self._asked: dict[str, set[str]] = defaultdict(set)
        """The processes and the subjects, and for each type the lookup keys, that the log was asked for."""
        self._related: set[str] = set()
        """Persons whom records name beside their subject: who asks about one asks about the others next."""
        self._usual: dict[bool, set[str]] = {True: set(), False: set()}
        """The types that are asked for by lookup keys, persons' and others: the next question asks for all of them."""

    def follows(self) -> bool:
        """Take in what another process has recorded meanwhile; return whether this is still what the log says.

        It is not when there is too much, or when the log has another record where we saw its last one.
        """
        if max(len(self.records), *map(len, self._asked.values()), 0) > MOST:
            return False
        newer = self.log.bodies_after(max(self.last - 1, 0), PAGE)
        if newer[:1] != self._newest or len(newer) == PAGE:
            return False
        events = [decode(body, position) for position, body in newer[1:]]
        self.load_originals([one.target for one in events if one.target])
        for event in events:
            self.keep(event)
            self.last = event.position
        self._newest = newer[-1:]
        return True

    def load_named(self, ids: Sequence[str]) -> None:
        """Load the records with these ids, what they amend, and every amendment of that."""
        named = self.log.named(ids) if ids else []
        first = self.log.at([record.target for record in named if record.target]) if named else []
        self._load_with_amendments([*named, *first])

    def load_originals(self, positions: Sequence[int]) -> None:
        """Load the records at these positions, if they are not known, and every amendment of them."""
        unknown = [position for position in positions if position not in self.records]
        self._load_with_amendments(self.log.at(unknown) if unknown else [])

    def _load_with_amendments(self, roots: list[RecordedEvent]) -> None:
        amendments = self.log.amendments([record.position for record in roots]) if roots else []
        for record in sorted((*roots, *amendments), key=lambda record: record.position):
            self.keep(record)

    def ask(self, by: By, keys: Collection[str], types: Sequence[str], besides: Mapping[By, set[str]]) -> None:
        """Ask the log, unless it was asked before, for the records with one of these keys.

        Together with them for the other keys of the batch, `besides`, and for what else is usually asked: by process
        and subject for every type, by lookup key for the types that were ever asked for with keys like these.
        """
        if by != "key":
            if not self._asked[by].issuperset(keys):
                wanted = besides[by].union(keys, self._related if by == "subject" else ())
                self._ask(by, wanted - self._asked[by], _own_types(self.log.schema))
            return
        if all(self._asked[name].issuperset(keys) for name in types):
            return
        for key in keys:
            self._usual[_is_person(key)].update(types)
        for persons, names in self._usual.items():
            some = {key for key in besides[by].union(keys) if _is_person(key) is persons}
            new = {key for key in some if any(key not in self._asked[name] for name in names)}
            self._ask(by, new, sorted(names))

    def _ask(self, by: By, new: set[str], types: Sequence[str]) -> None:
        for record in self.log.past(by, sorted(new), types) if new else ():
            self.keep(record)
        for name in types if by == "key" else (by,):
            self._asked[name] |= new
        if by == "subject":
            self._related -= self._asked[by]

    def keep(self, record: RecordedEvent) -> None:
        """Take in a record."""
        position, type_name = record.position, record.type
        if position in self.records:
            return
        self.records[position] = record
        self.by_id[record.id].append(position)
        for fact in record.attributes.get("persons", "").split():
            token, born, _ = fact.split("/")
            self.born[token] = born
        named = keys_of(record)
        self._related.update(key for key in named if _is_person(key) and key not in self._asked["subject"])
        for key in dict.fromkeys(named):
            self._keep("key", key, type_name, position)
        if record.process:
            self._keep("process", record.process, type_name, position)
        if record.subject:
            self._keep("subject", record.subject, type_name, position)
        declaration = CATALOGUE.get(type_name)
        if declaration is not None and declaration.key is not None:
            self._note_fact(declaration.key_in(record.attributes, record.data)[0], position)
        if record.target is not None:
            self._amendments[record.target].add(position)
            self._changed(record.target)
            self._keep_restated(record, record.target)

    def _keep_restated(self, record: RecordedEvent, target: int) -> None:
        """Let an event be found under whom a correction of it names, too."""
        original = self.records.get(target)
        if original is None:
            return
        for key in keys_of(record):
            self._keep("key", key, original.type, target)
        declaration, effect = CATALOGUE.get(original.type), CATALOGUE.effect_of(record.type)
        if declaration is not None and declaration.key is not None and isinstance(effect, Corrects):
            self._note_fact(declaration.key_in(original.attributes, restatement(record, original.type))[0], target)

    def _keep(self, by: By, key: str, type_name: str, position: int) -> None:
        self._found.setdefault((by, key), {}).setdefault(type_name, []).append(position)

    def _note_fact(self, key: str, position: int) -> None:
        self._facts.setdefault(hash(key), []).append(position)

    def _changed(self, position: int) -> None:
        """Forget how an event stands, and what it amends."""
        at: int | None = position
        while at is not None:
            self._amended.pop(at, None)
            self._on_record.pop(at, None)
            record = self.records.get(at)
            at = None if record is None else record.target

    def settle(self, records: Iterable[RecordedEvent]) -> None:
        """Put records, as they were appended, in the place of what was kept of them while they were decided."""
        for record in records:
            self.records[record.position] = record
            self._changed(record.position)
            self._newest = [(record.position, record.encode())]

    def found(self, by: By, keys: Iterable[str], types: Iterable[str]) -> set[int]:
        """Return where the records of these types are that have one of these keys, of those that are known."""
        here = [found for key in keys if (found := self._found.get((by, key)))]
        return set().union(*(found[name] for found in here for name in types if name in found))

    def with_fact(self, key: str) -> set[int]:
        """Return where the records are that have a natural key, or had it before a correction; others may be there."""
        return set(self._facts.get(hash(key), ()))

    def standing(self, positions: Iterable[int]) -> Iterator[Amended]:
        """Yield these records as they stand, withdrawn ones not, in order."""
        for position in sorted(positions):
            one = self._amended.get(position)
            if one is None:
                one = self._amended[position] = self.around(position)[position]
            if one.stands:
                yield one

    def around(self, *positions: int) -> dict[int, Amended]:
        """Return records and what amends them as they stand, by position."""
        found = set(positions)
        for at in positions:
            for amendment in self._amendments.get(at, ()):
                found |= {amendment} | self._amendments.get(amendment, set())
        return {one.event.position: one for one in as_amended(self.records[at] for at in found)}

    def on_record(self, one: Amended) -> OnRecord[Any]:
        """Return an event as rules see it; made once for each time it is amended."""
        found = self._on_record.get(one.event.position)
        if found is None:
            found = self._on_record[one.event.position] = _on_record(one)
        return found


def _is_person(key: str) -> bool:
    return key.startswith("p-")


@cache
def _own_types(department: str) -> list[str]:
    """Return the types of a department, corrections and withdrawals aside: those come with what they amend."""
    own = [one for one in CATALOGUE if one.department == department]
    return [one.type for one in own if not isinstance(one.effect, Corrects | Withdraws)]


def _on_record(one: Amended) -> OnRecord[Any]:
    event = one.event
    declaration = CATALOGUE.get(event.type)
    assert declaration is not None  # noqa: S101 - it was asked for by its class
    return OnRecord(
        declaration.load(one.data),
        event.id,
        civil_day(event.attributes["time"]),
        event.subject,
        event.process,
        event.attributes.get("division"),
    )
