"""What a kind of value is: how it is read, stored, loaded, shown and described, in one object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.errors import Fault
from shared.policy.lists import code_lists

Label = Callable[[str], str]
"""Names a person for a reader: token to label."""
LINE_LENGTH = 200
NOTE_LENGTH = 4_000

SEALED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["sealed", "key", "value"],
    "additionalProperties": False,
    "properties": {"sealed": {"type": "string"}, "key": {"type": "string"}, "value": {"type": "string"}},
}
"""How a sealed value stands in a log: the suite, the id of the person's key, nonce and ciphertext in base64."""
TEXT_SCHEMA: dict[str, Any] = {"type": "string", "minLength": 1}


class Unreadable(Exception):
    """A value is not of its kind: `words` are a code, and one sentence each in Chinese and English.

    It never holds the value.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.words = (code, zh, en)

    def at(self, pointer: str) -> Fault:
        """Return the fault at its place."""
        code, zh, en = self.words
        return Fault(code, pointer, zh, en)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the checks depend on besides the value: two days, and which divisions are accepted beside the real ones.

    `today` is the day of receipt. `day` is the one on which the event happened, if it is known: the codes of that day
    count.
    """

    today: date
    allow_test_regions: bool
    high_tech_zone: bool = False
    day: date | None = None

    def on(self, day: date) -> "Setting":
        """Return the same for an event that happened on a day."""
        return Setting(self.today, self.allow_test_regions, self.high_tech_zone, day)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value that is stored only encrypted: there is one, and nobody here can read it. `box` is what is stored."""

    box: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """A spreadsheet's column for a kind: its number format (`@` is text) and, for a drop-down, the code list."""

    format: str = "@"
    code_list: str | None = None
    yes_no: bool = False

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What the drop-down offers: each value as it is sent, with its Chinese words."""
        if self.yes_no:
            return (("true", "是"), ("false", "否"))
        if self.code_list is None:
            return ()
        return tuple((code, entry["zh"]) for code, entry in code_lists()[self.code_list]["codes"].items())


def _same(value: Any) -> Any:
    return value


def _as_text(stored: Any, _: Label) -> str:
    return str(stored)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of value. An event's class names one for each of its fields, as its annotation.

    `python` is the type that code sees. `parse` reads what was sent and raises `Unreadable`; `store` makes JSON of a
    typed value and `load` a typed value of stored JSON; `show` writes stored JSON as an official reads it. `sent` and
    `stored` are JSON Schemas. A `sealed` kind identifies a person or is free text: it is stored encrypted, under that
    person's own key, and nowhere in clear. `numeric` kinds have an order, so they may have bounds.
    """

    name: str
    zh: str
    python: Any
    parse: Callable[[Any, Setting], Any]
    sent: Mapping[str, Any]
    example: Any
    stored: Mapping[str, Any] | None = None
    store: Callable[[Any], Any] = _same
    load: Callable[[Any], Any] = _same
    show: Callable[[Any, Label], str] = _as_text
    cell: Cell = Cell()
    sealed: bool = False
    numeric: bool = False
    code_list: str | None = None

    @property
    def stored_schema(self) -> Mapping[str, Any]:
        """The JSON Schema of a value in a log."""
        return SEALED_SCHEMA if self.sealed else self.sent if self.stored is None else self.stored

    @property
    def loads_as_stored(self) -> bool:
        """Whether code sees a value as it is stored."""
        return not self.sealed and self.load is _same

    def loaded(self, stored: Any) -> Any:
        """Return a stored value as code sees it; a sealed one stays closed."""
        return Sealed(stored) if self.sealed else self.load(stored)
