"""Everything that can be refused: one small tree of errors, and the fault that each of them carries."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

UNKNOWN_NAMED = 10
"""How many unknown names of one object are refused one by one; a hostile object has a hundred thousand."""
_WORD = re.compile("[a-z][a-z_]{0,29}")
NAME_LENGTH = 60
"""How much of an unknown name is compared with the known ones."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason against an input.

    `code` is for machines, `pointer` says where (JSON Pointer, RFC 6901, into the event), `zh` and `en` are
    one sentence each for people. A fault never repeats the value it is about: the value may be personal.
    `record` is the record that stands in the way, where there is one.
    """

    code: str
    pointer: str
    zh: str
    en: str
    record: "Named | None" = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as a JSON object."""
        found: dict[str, Any] = {"code": self.code, "pointer": self.pointer, "zh": self.zh, "en": self.en}
        return found | ({"record": asdict(self.record)} if self.record else {})

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Fault":
        """Return the fault that an answer tells of."""
        record = Named(**found["record"]) if found.get("record") else None
        return cls(found["code"], found["pointer"], found["zh"], found["en"], record)


@dataclass(frozen=True, slots=True)
class Named:
    """A record of the department that says another thing of the same fact: what a correction names, and where it is."""

    id: str
    source: str
    position: int


class YihuError(Exception):
    """An error with a sentence for people. Its text is its code and nothing else, so it may be logged."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code = code
        self.zh = zh
        self.en = en


class Refused(YihuError):
    """An event is not accepted: `faults` holds every reason at once, `status` the HTTP status they amount to."""

    def __init__(self, faults: Iterable[Fault], status: int = 422) -> None:
        self.faults = tuple(faults)
        self.status = status
        first = self.faults[0]
        super().__init__(first.code, first.zh, first.en)


class IdTaken(Refused):
    """The same source used the same id for other content (409): an id, once used, stands for one event."""

    def __init__(self) -> None:
        fault = Fault(
            "id_used_for_other_content",
            "/id",
            "此来源已用同一编号报送过内容不同的事件；请换用新编号，更正请用更正事件。",
            "This source has already used this id for an event with other content; use a new id, "
            "or a correction event.",
        )
        super().__init__([fault], status=409)


class Internal(Refused):
    """Something failed inside (500): the process log tells what, the answer does not."""

    def __init__(self) -> None:
        zh, en = "服务内部出错，请联系运维。", "Something failed inside; tell the operator."
        super().__init__([Fault("internal", "", zh, en)], status=500)


def refusal(error: YihuError, status: int) -> Refused:
    """Return the refusal that an error amounts to: its code and sentences, at no place in the event."""
    return Refused([Fault(error.code, "", error.zh, error.en)], status)


class NoSuchFile(YihuError):
    """A file that was named cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "no_such_file",
            "找不到或无法读取该文件，请核对路径。",
            "The file does not exist or cannot be read; check the path.",
        )


class Broken(YihuError):
    """Evidence does not hold: something in a log, a checkpoint or a receipt is not what was signed."""


def place(unknown: str) -> str:
    """Return an unknown name for a pointer: itself if it is a plain word, else "?": it may be an identity number."""
    return unknown if _WORD.fullmatch(unknown) else "?"


def nearest(unknown: str, known: Iterable[str]) -> tuple[str, str]:
    """Return a hint in Chinese and in English at the known name that was probably meant, or nothing.

    The unknown name itself is the sender's text and not repeated.
    """
    near = get_close_matches(unknown[:NAME_LENGTH], list(known), 1)
    return (f"是否指 {near[0]}？", f" Did you mean {near[0]}?") if near else ("", "")
