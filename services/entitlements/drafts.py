"""Draft parameters: values that nobody has set, read like those that somebody sets, and laid over those in force."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entitlements.policy import Policy
from shared.errors import Fault, Refused
from shared.log.parameters import CITY, Value
from shared.policy.lists import code_lists
from shared.policy.parameters import Unfit, parameters

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PARTS = {"parameter", "value", "division", "from"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A value that a parameter could have: as text, in a division (the city: in all), from a day on."""

    parameter: str
    text: str
    division: str
    since: date

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written in a file of drafts."""
        since = None if self.since == date.min else self.since.isoformat()
        return {"parameter": self.parameter, "value": self.text, "division": self.division, "from": since}


class DraftPolicy(Policy):
    """Parameters as they would be. `asked` collects for which anybody asked."""

    def __init__(self, policy: Policy, drafts: Iterable[Draft] = ()) -> None:
        values = {name: list(some) for name, some in policy.values.items()}
        for one in drafts:
            # what is set for the same place from that day on gives way: the draft is what counts from then
            others = [
                value
                for value in values.get(one.parameter, [])
                if (value.division or CITY) != one.division or value.since < one.since
            ]
            values[one.parameter] = [*others, Value(one.text, one.since, one.division, sys.maxsize)]
        super().__init__(values)
        self.asked: set[str] = set()

    def value(self, name: str, division: str | None, on: date) -> Any:
        """Return the value of a parameter, and note that it was asked for."""
        self.asked.add(name)
        return super().value(name, division, on)


def read(said: Any, division: str = "", since: str = "") -> list[Draft]:
    """Return the drafts of a file's JSON: a list of objects, or one object of values by parameter.

    `division` and `since` count where a draft says none. Raises Refused with every fault at once.
    """
    if isinstance(said, Mapping):
        said = [{"parameter": name, "value": value} for name, value in said.items()]
    if not isinstance(said, list) or not said:
        raise Refused([_fault("", "not_a_draft", "应为参数草案的列表。", "This must be a list of drafts.")], 400)
    found, faults = [], list[Fault]()
    for n, one in enumerate(said):
        at = f"/{n}"
        if not isinstance(one, Mapping) or not {"parameter", "value"} <= set(one) <= _PARTS:
            zh, en = "应有 parameter、value，可有 division、from。", "It has parameter, value, perhaps division, from."
            faults.append(_fault(at, "not_a_draft", zh, en))
            continue
        draft = Draft(
            str(one["parameter"]),
            one["value"] if isinstance(one["value"], str) else json.dumps(one["value"], ensure_ascii=False),
            str(one.get("division") or division or CITY),
            _day(str(one.get("from") or since), at, faults),
        )
        faults += _check(draft, at)
        found.append(draft)
    if faults:
        raise Refused(faults, 400)
    return found


def _check(draft: Draft, at: str) -> Iterable[Fault]:
    known = parameters().get(draft.parameter)
    if known is None:
        yield _fault(f"{at}/parameter", "unknown_parameter", "没有这一参数。", "There is no such parameter.")
        return
    try:
        known.read(draft.text)
    except Unfit as unfit:
        yield _fault(f"{at}/value", "unknown_parameter", f"{known.id} {unfit.zh}", f"{known.id}: {unfit.en}")
    if draft.division not in code_lists()["DIV"]["codes"]:
        yield _fault(f"{at}/division", "unknown_code", "应为区划代码，如 421221。", "A code of a division, as 421221.")
    elif draft.division != CITY and not known.by_county:
        zh, en = f"{known.id} 全市统一，不分县市。", f"{known.id} is the same for the whole city."
        yield _fault(f"{at}/division", "unknown_parameter", zh, en)


def _day(text: str, at: str, faults: list[Fault]) -> date:
    if not text:
        return date.min
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        zh, en = "应为日期，如 2026-01-01。", "This must be a date, like 2026-01-01."
        faults.append(_fault(f"{at}/from", "not_a_date", zh, en))
        return date.min


def _fault(pointer: str, code: str, zh: str, en: str) -> Fault:
    return Fault(code, pointer, zh, en)
