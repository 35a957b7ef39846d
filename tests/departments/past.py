"""A stand-in for a department's log, for tests of its rules."""

from collections.abc import Iterable
from typing import Any

from shared.language.catalogue import CATALOGUE
from shared.language.rules import Rules


class Past:
    """A department's log that holds these types, each for the same process or the same person as the new event."""

    def __init__(self, on_record: Iterable[tuple[type[Any], str]]) -> None:
        self._on_record = {(CATALOGUE.of(said).type, same) for said, same in on_record}

    def has(self, type_name: str, *, same: str) -> bool:
        """Whether the type is on record for the same process or person."""
        return (type_name, same) in self._on_record


def refusals_of(rules: Rules, said: Any, *given: tuple[type[Any], str], legacy: bool = False) -> list[str]:
    """Return code and place of every reason against an event, when `given` is on record."""
    faults = list(rules.faults(said, Past(given), legacy=legacy))
    for fault in faults:
        assert fault.zh.endswith("。")
        assert fault.en.endswith(".")
    return [f"{fault.code} {fault.pointer}" for fault in faults]
