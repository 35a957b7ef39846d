"""How a department says which of its events may follow which, and what no event may contain.

A department's `domain.py` holds one `Rules` object. Rules look only at the event and at the department's own history as
it stands; another department's facts never stand in the way of recording (they are gaps for the family case).

A rule *refuses* (nothing is recorded, the sender gets the fault) or *flags* (the event is recorded; its receipt and its
entry in a history show the flag). Imported history (`legacy`) waives every rule that asks the log.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from inspect import signature
from typing import Any, Generic, Literal, Protocol, TypeVar

from shared.errors import Fault
from shared.language.catalogue import CATALOGUE
from shared.policy.lists import code_lists, flags

E = TypeVar("E")
Same = Literal["process", "person", "family", "organisation", "base", "merged", "event", "anywhere"]
"""In which respect an event on record is the same as a new one.

The same `process`; the same `person` (subject); the same `family`: a member of the case that the subject belongs to, or
where a department keeps no cases, the subject; the same `organisation`: its code is the subject, or in a field by which
the type is found (`uscc`, or one that it names in `found_by`); the same `base`: its code is in `base`, or in `uscc` of
what establishes it; `merged`: the family or person in question is the one that it merged into another; `event`: it
is the one whose id is asked for; `anywhere`: no matter whom it is about, for types that are `found_by="anywhere"`.
"""
Effect = Literal["refuse", "flag"]
Check = Callable[..., Iterator[Fault]]

_SAME = {
    "process": ("同一办件", "the same process", "/process"),
    "person": ("同一人员", "the same person", "/subject"),
    "family": ("同一家庭", "the same family", "/subject"),
    "organisation": ("同一单位", "the same organisation", "/subject"),
    "base": ("同一基地", "the same base", "/data/base"),
    "merged": ("同一合并对象", "the same merged case", "/subject"),
    "event": ("所指", "the event named", "/data"),
    "anywhere": ("任何", "anybody", "/type"),
}
NAMED_BY: dict[Same, tuple[str, ...]] = {"organisation": ("uscc",), "base": ("base", "uscc")}
"""In which field an event names its organisation or base, where that is not its subject."""
NUMBER = re.compile(r"[A-Z]+(-\d{2})?\.(\d+|[a-z])")
EVENT_DAY = "time"
"""Stands for the day of the event itself where a rule compares fields."""
ADULT = 18
"""From this age on a person speaks for themselves (民法典 art. 17)."""


class Waived(Exception):
    """A rule asked the log for imported history: it does not hold for that."""


@dataclass(frozen=True, slots=True)
class OnRecord(Generic[E]):
    """An event on record, as it stands after every correction: withdrawn ones are not there.

    `event` is an instance of its class, in which what is sealed cannot be read; `happened` is the day of its `time`.
    """

    event: E
    id: str
    happened: date
    subject: str | None
    process: str | None
    division: str | None


class Past(Protocol):
    """What a rule may ask beside the event itself: whom and when it is about, and what the department has on record."""

    subject: str | None
    process: str | None
    division: str | None
    happened: date
    """The day of the event's `time`, by the calendar in China."""
    legacy: bool
    """Whether the event is imported history."""

    def born(self, person: str) -> date | None:
        """Return the birth date that a person's number says, or None where only a token is known."""

    def certificate_is_of_subject(self, number: str) -> bool:
        """Whether the identity number inside a certificate number is the subject's."""

    def numbered(self, number: str) -> str:
        """Return the token of the person with this identity number."""

    def events(
        self, *classes: type[E], same: Same, of: str | None = None, before: bool = False
    ) -> Sequence[OnRecord[E]]:
        """Return the events of these classes on record for the same process, person …, in the order of the log.

        `of` asks about another person than the subject, another process, organisation or base. A new event comes
        after all of them; a correction stands where its original does, and `before` leaves out what was recorded after
        that. Raises Waived when the event is imported history.
        """

    def members(self, of: str | None = None, on: date | None = None) -> frozenset[str]:
        """Return the living members of the family that the subject, or another person, belongs to on a day.

        Without `on` it is the day of the event. It is empty where no case is on record, or where the person has left
        the family by then. Raises Waived when the event is imported history.
        """

    def parameter(self, name: str) -> Any:
        """Return the value of a policy parameter (`P-…`) in force on the event's day in its division.

        Raises KeyError for a parameter that is not listed, Waived when the event is imported history.
        """


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule about one class of events: its effect, its name, and the check that yields its faults.

    One that is written in a line has its code, a fault or a flag, and its words in Chinese and English; otherwise its
    check has them.
    """

    cls: type[Any]
    effect: Effect
    name: str
    check: Check
    asks: bool
    """Whether the check takes the past beside the event."""
    numbers: tuple[str, ...] = ()
    """By which numbers documents and tests name it: REH-06.1, an order REH-06.a."""
    code: str = ""
    words: tuple[str, str] = ("", "")
    fields: tuple[str, ...] = ()
    """The fields whose declaration holds the rule: reading an event refuses what breaks it."""

    def faults(self, event: Any, past: Past) -> Iterator[Fault]:
        """Yield what the rule has against an event, or its flags; nothing where it is waived."""
        try:
            yield from self.check(event, past) if self.asks else self.check(event)
        except Waived:
            return


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules have against an event, and what they remark on."""

    faults: tuple[Fault, ...]
    flags: tuple[str, ...]


class Rules:
    """The orders and invariants of one department's events."""

    def __init__(self) -> None:
        self._orders: dict[type[Any], list[Rule]] = {}
        self._invariants: dict[type[Any], list[Rule]] = {}
        self._declared: dict[type[Any], list[Rule]] = {}

    def __iter__(self) -> Iterator[Rule]:
        """Yield every rule: orders, invariants, and those that a declaration holds by itself."""
        for book in (self._orders, self._invariants, self._declared):
            for rules in book.values():
                yield from rules

    def after(
        self,
        cls: type[Any],
        *needs: type[Any],
        same: Same,
        of: str | None = None,
        effect: Effect = "refuse",
        fault: str = "out_of_order",
        number: str = "",
    ) -> None:
        """Require that one of `needs` is on record for the same process, person … before an event of `cls`.

        `of` is a field of the event that names another process, person, organisation or base than its own; where it is
        missing, nothing is required. `fault` is the code of the refusal, or the flag.
        """
        at = f"/data/{of}" if of else place_of(cls, same)
        remark = _out_of_order(fault, needs, same, at) if effect == "refuse" else flag(fault, at)

        def check(event: Any, past: Past) -> Iterator[Fault]:
            whose = key_of(getattr(event, of)) if of else None
            if (whose or not of) and not past.events(*needs, same=same, of=whose):
                yield remark

        name = f"after {' or '.join(need.__name__ for need in needs)}"
        self._keep(self._orders, cls, effect, name, check, number, remark)

    def not_before(
        self,
        cls: type[Any],
        later: str,
        earlier: str,
        *,
        of: type[Any] | None = None,
        strictly: bool = False,
        code: str = "period_reversed",
        at: str = "",
        number: str = "",
    ) -> None:
        """Require that the day, month or year in one field is not before (`strictly`: is after) that in another one.

        Either may be EVENT_DAY, the day of the event itself. With `of`, the other field is that of the newest event of
        this class in the same process. The fault stands at the later field, or the one in `at`.
        """
        zh = f"{_label(cls, later)}{'须晚于' if strictly else '不得早于'}{_label(of or cls, earlier)}。"
        en = f"{_words(later)} must {'be after' if strictly else 'not be before'} {_words(earlier)}."
        fault = Fault(code, f"/data/{at or later}", zh, _sentence(en))

        def check(event: Any, past: Past) -> Iterator[Fault]:
            ground = event if of is None else newest(past, of, same="process")
            first = past.happened if earlier == EVENT_DAY else getattr(ground, earlier, None)
            second = past.happened if later == EVENT_DAY else getattr(event, later)
            if first is not None and second is not None and _reversed(str(first), str(second), strictly=strictly):
                yield fault

        self._keep(self._invariants, cls, "refuse", f"{later} not before {earlier}", check, number, fault)

    def given(self, cls: type[Any], *names: str, when: tuple[str, ...], code: str, number: str = "") -> None:
        """Require these fields when the first of `when`, a field, has one of the codes after it."""
        ground, *values = when

        def fault(required: Sequence[str], codes: Sequence[str]) -> Fault:
            shown = "”或“".join(_code(cls, ground, value) for value in codes)
            labels, words = "、".join(_label(cls, name) for name in required), " and ".join(map(_words, required))
            zh = f"{_label(cls, ground)}为“{shown}”时，须填写{labels}。"
            en = f"{words} {'is' if len(required) == 1 else 'are'} required when {_words(ground)} is "
            return Fault(code, f"/data/{required[0]}", zh, _sentence(f"{en}{' or '.join(codes)}."))

        def check(event: Any) -> Iterator[Fault]:
            value = getattr(event, ground)
            yield from (fault([name], [value]) for name in names if value in values and getattr(event, name) is None)

        name = f"{', '.join(names)} given when {ground} is {' or '.join(values)}"
        self._keep(self._invariants, cls, "refuse", name, check, number, fault(names, values))

    def differ(self, cls: type[Any], first: str, second: str, *, code: str, number: str = "") -> None:
        """Require that two fields differ."""
        zh = f"{_label(cls, first)}与{_label(cls, second)}不能相同。"
        en = f"{_words(first)} and {_words(second)} must differ."
        fault = Fault(code, f"/data/{second}", zh, _sentence(en))

        def check(event: Any) -> Iterator[Fault]:
            if getattr(event, first) == getattr(event, second):
                yield fault

        self._keep(self._invariants, cls, "refuse", f"{first} differs from {second}", check, number, fault)

    def distinct(self, cls: type[Any], name: str, *, code: str = "named_twice", number: str = "") -> None:
        """Require that a list names nothing twice."""
        zh, en = f"{_label(cls, name)}不得重复列入。", f"{_words(name)} must not name anything twice."
        fault = Fault(code, f"/data/{name}", zh, _sentence(en))

        def check(event: Any) -> Iterator[Fault]:
            values = getattr(event, name) or ()
            if any(value in values[:place] for place, value in enumerate(values)):
                yield fault

        self._keep(self._invariants, cls, "refuse", f"{name} distinct", check, number, fault)

    def declared(self, cls: type[Any], *fields: str, number: str) -> None:
        """Say that the declaration of these fields holds a rule: reading an event refuses what breaks it.

        There is nothing to check: it gives the rule its number, for documents and tests. Raises TypeError for a field
        that the class does not have.
        """
        unknown = [name for name in fields if name not in CATALOGUE.of(cls).facts]
        if unknown or not fields:
            raise TypeError(f"No such field: {', '.join(unknown)} ({cls.__name__})")
        self._keep(self._declared, cls, "refuse", "", lambda _: iter(()), number, fields=fields)

    def invariant(self, *classes: type[Any], number: str | Sequence[str] = "") -> Callable[[Check], Check]:
        """Decorate a generator of the faults against an event of these classes; its docstring says what it refuses.

        It takes the event, or the event and the `Past`. Of several classes each has its number, in the same order.
        """
        return self._decorator(classes, "refuse", number)

    def flag(self, *classes: type[Any], number: str | Sequence[str] = "") -> Callable[[Check], Check]:
        """Decorate a generator of the flags (`flag(code, pointer)`) that an event of these classes raises."""
        return self._decorator(classes, "flag", number)

    def judge(self, event: Any, past: Past, *, order: bool = True) -> Verdict:
        """Return every fault and flag of an event. Of a correction (not `order`), what must precede it is not asked."""
        found: dict[Effect, list[Fault]] = {"refuse": [], "flag": []}
        for rule in self._invariants.get(type(event), ()):
            found[rule.effect] += rule.faults(event, past)
        for rule in self._orders.get(type(event), ()) if order else ():
            found[rule.effect] += rule.faults(event, past)
        return Verdict(tuple(found["refuse"]), tuple(dict.fromkeys(fault.code for fault in found["flag"])))

    def out_of_order(self, event: Any, past: Past) -> bool:
        """Whether something that must come before an event is not on record."""
        orders = (rule for rule in self._orders.get(type(event), ()) if rule.effect == "refuse")
        return any(True for rule in orders for _ in rule.faults(event, past))

    def _decorator(
        self, classes: tuple[type[Any], ...], effect: Effect, number: str | Sequence[str]
    ) -> Callable[[Check], Check]:
        numbers = [number] if isinstance(number, str) else list(number)
        numbers = numbers if any(numbers) else [""] * len(classes)
        if len(numbers) != len(classes):
            raise TypeError(f"A rule has a number for each of its classes: {', '.join(filter(None, numbers))}")

        def keep(check: Check) -> Check:
            for cls, own in zip(classes, numbers, strict=True):
                self._keep(self._invariants, cls, effect, check.__name__, check, own)
            return check

        return keep

    @staticmethod
    def _keep(
        book: dict[type[Any], list[Rule]],
        cls: type[Any],
        effect: Effect,
        name: str,
        check: Check,
        number: str,
        fault: Fault | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        numbers = tuple(number.split())
        if not all(NUMBER.fullmatch(one) for one in numbers):
            raise TypeError(f"A rule's number is like REH-06.1, an order's like REH-06.a: {number}")
        asks = len(signature(check).parameters) > 1
        words = (fault.zh, fault.en) if fault else ("", "")
        rule = Rule(cls, effect, name, check, asks, numbers, fault.code if fault else "", words, fields)
        book.setdefault(cls, []).append(rule)


def flag(code: str, pointer: str) -> Fault:
    """Return a flag of the policy's list, for an event that is recorded all the same. Raises KeyError for another."""
    words = flags()[code]
    return Fault(code, pointer, words["zh"], words["en"])


def newest(past: Past, *classes: type[E], same: Same, of: str | None = None) -> E | None:
    """Return the newest event of these classes before this one, for the same process, person …; None without one."""
    found = past.events(*classes, same=same, of=of, before=True)
    return found[-1].event if found else None


def key_of(named: Any) -> str | None:
    """Return the key by which what is named is found: of an organisation its code, else the value itself."""
    key: str | None = getattr(named, "code", named)
    return key


def place_of(cls: type[Any], same: Same) -> str:
    """Return the pointer of what an event of a class names in this respect: its process, its subject, its base."""
    facts = CATALOGUE.of(cls).facts
    named = next((name for name in NAMED_BY.get(same, ()) if name in facts), None)
    return f"/data/{named}" if named else _SAME[same][2]


def months_later(day: date, months: int) -> date:
    """Return the same day months later; where that month has no such day, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_later(day: date, years: int) -> date:
    """Return the same day years later; 29 February becomes 28 February in a common year."""
    return months_later(day, 12 * years)


def age_on(day: date, born: date) -> int:
    """Return the age in full years on a day (民法典 art. 17, 1259: a year of life is full on the birthday)."""
    age = day.year - born.year
    return age if years_later(born, age) <= day else age - 1


def next_month(month: str | date) -> str:
    """Return the month (2025-04) after a month or after the month of a day."""
    year, number = (int(part) for part in str(month)[:7].split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"


def _reversed(first: str, second: str, *, strictly: bool) -> bool:
    """Whether a second day, month or year is before the first; of different lengths, the shorter one counts."""
    length = min(len(first), len(second))
    return second[:length] < first[:length] or (strictly and second[:length] == first[:length])


def _label(cls: type[Any], name: str) -> str:
    return "事件日期" if name == EVENT_DAY else CATALOGUE.of(cls).facts[name].label


def _code(cls: type[Any], name: str, value: str) -> str:
    return str(code_lists()[str(CATALOGUE.of(cls).facts[name].code_list)]["codes"][value]["zh"])


def _words(name: str) -> str:
    return "the day of the event" if name == EVENT_DAY else name.replace("_", " ")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _out_of_order(code: str, needs: Sequence[type[Any]], same: Same, pointer: str) -> Fault:
    zh, en, _ = _SAME[same]
    labels = "或".join(f"“{CATALOGUE.of(need).label}”" for need in needs)
    types = " or ".join(CATALOGUE.of(need).type for need in needs)
    return Fault(
        code,
        pointer,
        f"顺序不符：本部门尚无{zh}的{labels}记录。",
        f"Out of order: this department has no {types} on record for {en}.",
    )
