"""What the family case answers on the bus: `family_case.history` and `family_case.owed`."""

import re
from datetime import date
from typing import Any

from services.entitlements.owed import Asked, Owed
from services.family_case.domain import case_key, is_person
from services.family_case.reading import Reader
from shared.bus.questions import Method, Said
from shared.errors import Fault, Refused

NAMES = ("family", "known", "effective", "all")
"""The arguments, in the order in which they may come without a name."""
BUS = Reader("bus", "program")
"""Who reads where a question comes by the bus: whoever may use the broker."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def methods(owed: Owed) -> dict[str, Method]:
    """Return the methods by name. Each takes the arguments of a question and raises Refused or NoSuchFamily."""
    queries = owed.loader.queries

    def history(said: Said) -> Any:
        asked = _Arguments(said, NAMES[:3])
        return queries.open(asked.family, BUS, "rpc", asked.known, asked.effective)

    def what_is_owed(said: Said) -> Any:
        asked = _Arguments(said, NAMES)
        return owed.open(asked.family, BUS, "rpc", Asked(asked.known, asked.effective, asked.everything))

    return {"history": history, "owed": what_is_owed}


class _Arguments:
    """The arguments of a question, read. Raises Refused with every fault at once, none of which repeats a value."""

    def __init__(self, said: Said, names: tuple[str, ...]) -> None:
        self._faults: list[Fault] = []
        if set(said) - set(names):
            listed = "、".join(names)
            self._fault("unknown_parameter", "", f"有未知参数；可选：{listed}。", f"The parameters are: {listed}.")
        self.family = self._family(said.get("family"))
        self.known = self._day("known", said.get("known"))
        self.effective = self._day("effective", said.get("effective"))
        self.everything = said.get("all") or False
        if not isinstance(self.everything, bool):
            self._fault("not_a_flag", "/all", "应为 true 或 false。", "This must be true or false.")
        if self._faults:
            raise Refused(self._faults, 400)

    def _family(self, said: Any) -> str:
        if isinstance(said, str) and (is_person(said) or case_key(said)):
            return said
        self._fault(
            "not_a_case",
            "/family",
            "应为案卷编号或人员代号；证件号码不得经总线查询。",
            "This must be a case number or a person's token; identity numbers are never asked on the bus.",
        )
        return ""

    def _day(self, name: str, said: Any) -> date | None:
        if said is None or said == "":
            return None
        try:
            return date.fromisoformat(said if isinstance(said, str) and _DAY.fullmatch(said) else "")
        except ValueError:
            self._fault("not_a_date", f"/{name}", "应为日期，如 2025-06-25。", "This must be a date, like 2025-06-25.")
            return None

    def _fault(self, code: str, pointer: str, zh: str, en: str) -> None:
        self._faults.append(Fault(code, pointer, zh, en))
