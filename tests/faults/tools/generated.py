"""Valid events of every declared type, drawn by hypothesis from the kinds of their fields; and the same ones spoiled.

A value is drawn as it is stored, so that what comes back can be compared with what was sent. Persons have made-up
numbers of regions that were never assigned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from shared.door.reading import TURNED_AWAY
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Withdraws
from shared.language.fields import Bounds, Fact
from shared.language.form import Form
from shared.language.identifiers import check_character
from shared.policy.lists import code_lists
from tests.faults.tools import hostile_values
from tests.faults.tools.proof import Proof

DAY = date(2025, 3, 1)
"""On this day the events happened."""
CANARY = "CANARY7f3a"
ITEMS = 4
_HAN = "乡镇村组虚构县一二三四五六七八九十家康复补助申请登记评估同意𠮷㐀"
_WRITTEN = st.text(f"{_HAN}ABCxyz，。（）、·—%&<>'\"\\/{{}} ", min_size=1, max_size=40)
CODES = ("12421299MB0HP00104", "52421299MJXRE0019W", "91421299MACATG026K", "2142000456", "A1", "XN.KF_01")
"""Of organisations, as a sender may write them without a name."""
_numbers = count(1)


@st.composite
def _person(draw: st.DrawFn, since: date = date(1901, 1, 1), until: date = date(2024, 12, 31)) -> str:
    region, born = draw(st.sampled_from(("421299", "422399"))), draw(st.dates(since, until))
    body = f"{region}{born:%Y%m%d}{draw(st.integers(1, 999)):03}"
    return body + check_character(body)


def _somebody_new() -> str:
    """Return somebody whom no other event is about: most facts are on record once for each person."""
    number = next(_numbers)
    body = f"421299{date(1950, 1, 1) + timedelta(number % 20_000):%Y%m%d}{100 + number // 20_000:03}"
    return body + check_character(body)


def _decimal(bounds: Bounds | None, places: int, *, fixed: bool) -> st.SearchStrategy[str]:
    unit = 10**places
    lowest, highest = _limits(bounds, unit, 10 ** (12 + places) - 1)
    written = st.integers(lowest, min(highest, max(lowest, 5_000 * unit)) if highest > lowest else highest)
    exact = (written | st.integers(lowest, highest)).map(lambda number: f"{number // unit}.{number % unit:0{places}}")
    if fixed:
        return exact
    whole = (
        st.integers(-(-lowest // unit), highest // unit).map(str) if highest // unit >= -(-lowest // unit) else exact
    )
    return exact | whole


def _limits(bounds: Bounds | None, unit: int, most: int) -> tuple[int, int]:
    lowest, highest = 0, most
    if bounds is not None:
        if bounds.over is not None:
            lowest = max(lowest, int(bounds.over * unit) + 1)
        if bounds.at_least is not None:
            lowest = max(lowest, int(bounds.at_least * unit))
        if bounds.at_most is not None:
            highest = min(highest, int(bounds.at_most * unit))
    return lowest, highest


def _whole(lowest: int, highest: int) -> Callable[[Fact], st.SearchStrategy[int]]:
    def drawn(fact: Fact) -> st.SearchStrategy[int]:
        least, most = _limits(fact.bounds, 1, highest)
        return st.integers(max(lowest, least), most)

    return drawn


def _text(written: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Draw a text as it is kept: trimmed, and not empty."""
    return written.map(str.strip).filter(bool)


def _code(fact: Fact) -> st.SearchStrategy[str]:
    """Draw a code that counts on the day, in an installation of tests."""
    codes = code_lists()[str(fact.code_list)]["codes"]
    day = DAY.isoformat()
    return st.sampled_from([
        code
        for code, entry in codes.items()
        if entry.get("valid_from", day) <= day <= entry.get("valid_to", day) and "setting" not in entry
    ])  # fmt: skip


_LINE = _text(_WRITTEN)
_NOTE = _text(st.lists(_WRITTEN, min_size=1, max_size=3).map("\n".join))
_IDENTIFIER = st.from_regex(r"[a-z]{1,8}(-[0-9]{1,4}){0,2}", fullmatch=True)
_ORGANISATION = st.sampled_from(CODES) | st.fixed_dictionaries({"code": st.sampled_from(CODES), "name": _LINE})
_HAN_NAME = st.text("虚构甲乙丙丁戊己庚辛𠮷㐀", min_size=2, max_size=30)
_COMPONENT = st.fixed_dictionaries({"category": st.sampled_from("1234567"), "grade": st.sampled_from("1234")})
_CONDITION = st.fixed_dictionaries(
    {"no": st.sampled_from("1234567"), "met": st.booleans(), "evidence": _LINE},
    optional={"valid_to": st.dates(date(1901, 1, 1), date(2199, 12, 31)).map(date.isoformat)},
)
KINDS: dict[str, Callable[[Fact], st.SearchStrategy[Any]]] = {
    "person": lambda _: _person(),
    "party": lambda _: _person() | _ORGANISATION | st.from_regex("XN-F-[0-9A-Z]{8}", fullmatch=True),
    "organisation": lambda _: _ORGANISATION,
    "uscc": lambda _: st.sampled_from(CODES[:3]),
    "event": lambda _: _IDENTIFIER,
    "process": lambda _: _IDENTIFIER,
    "line": lambda _: _LINE,
    "code": _code,
    "day": lambda _: st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat),
    "month": lambda _: st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(lambda day: day.isoformat()[:7]),
    "year": _whole(1900, 2199),
    "flag": lambda _: st.booleans(),
    "count": _whole(0, 10**9),
    "money": lambda fact: _decimal(fact.bounds, 2, fixed=True),
    "hours": lambda fact: _decimal(fact.bounds, 2, fixed=False),
    "rate": lambda fact: _decimal(fact.bounds, 4, fixed=False),
    "digest": lambda _: st.from_regex("[0-9a-f]{64}", fullmatch=True),
    "component": lambda _: _COMPONENT,
    "condition": lambda _: _CONDITION,
    "name": lambda _: _HAN_NAME | st.sampled_from(["OUYANG MADE-UP", "O'FAKE"]),
    "phone": lambda _: st.from_regex("1[3-9][0-9]{9}|0715[0-9]{7}", fullmatch=True),
    "certificate": lambda _: st.tuples(_person(), st.sampled_from("1234567"), st.sampled_from("1234")).map("".join),
    "student_number": lambda _: _person().map("G".__add__),
    "account_tail": lambda _: st.from_regex("[0-9]{4}", fullmatch=True),
}  # fmt: skip
"""By kind of field; the kinds that are not named hold any text and are sealed."""


def value(fact: Fact) -> st.SearchStrategy[Any]:
    """Draw a valid value of a field."""
    one = KINDS[fact.kind.name](fact) if fact.kind.name in KINDS else _NOTE
    return st.lists(one, min_size=1, max_size=ITEMS, unique_by=repr_of) if fact.many else one


def repr_of(one: Any) -> str:
    """Return by what items of a list are the same: an organisation by its code, others in whatever order they stand."""
    if not isinstance(one, dict):
        return repr(one)
    return str(one.get("code") or sorted(one.items()))


@st.composite
def payload(draw: st.DrawFn, declaration: Form) -> dict[str, Any]:
    """Draw a valid payload: what is optional may be there or not, what a condition asks for is."""
    found = {
        name: draw(value(fact))
        for name, fact in declaration.facts.items()
        if fact.required or (fact.when is None and draw(st.booleans()))
    }
    for name, fact in declaration.facts.items():
        if fact.when is None:
            continue
        met = fact.when.met(found)
        if met or (fact.when.allowed and draw(st.booleans())):
            found[name] = draw(value(fact))
    if found.get("decision") in TURNED_AWAY and "refuse_reason" in declaration.facts:
        found.setdefault("refuse_reason", draw(value(declaration.facts["refuse_reason"])))
    return found


@st.composite
def event(draw: st.DrawFn, declaration: Declaration) -> dict[str, Any]:
    """Draw a valid event of a type, with an id of its own."""
    found: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"generated-{next(_numbers)}",
        "source": f"urn:yihu:{declaration.department}:desk",
        "type": declaration.type,
        "time": f"{DAY}T{draw(st.integers(0, 23)):02}:30:00+08:00",
        "data": draw(payload(declaration)),
    }
    if declaration.scope in {"person", "family"}:
        found["subject"] = _somebody_new()
    elif declaration.effect is None and draw(st.booleans()):
        found["subject"] = draw(st.sampled_from(CODES))
    optional = {
        "process": st.just(f"office-{next(_numbers)}"),
        "division": st.sampled_from(("421221", "421281", "421299")),
        "org": st.sampled_from(CODES),
        "correlationid": _IDENTIFIER,
        "causationid": _IDENTIFIER,
        "legacy": st.just(value=True),
        "recordedby": _IDENTIFIER,
        "filesheet": _LINE,
        "filerow": st.integers(1, 10**9),
        "dataschema": st.just(declaration.dataschema),
    }
    return found | draw(st.fixed_dictionaries({}, optional=optional))


def amends(declaration: Declaration) -> bool:
    """Whether events of a type only make sense beside the event that they correct or withdraw."""
    return isinstance(declaration.effect, Corrects | Withdraws)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """An event that cannot be valid, and the pointer under which the refusal must have a fault."""

    event: dict[str, Any]
    pointer: str


@st.composite
def spoiled(draw: st.DrawFn, declaration: Declaration) -> Spoiled:
    """Draw an event of which one field or attribute can never be so, is missing, or is known to nobody."""
    made = draw(event(declaration))
    if declaration.earlier:  # what lacks a field of this version may be of an older one
        made["dataschema"] = declaration.dataschema
    how = draw(st.sampled_from(("field", "attribute", "missing", "unknown")))
    fields = [name for name, fact in declaration.facts.items() if fact.kind.name != "payload"]
    required = [name for name, fact in declaration.facts.items() if fact.required]
    data = dict(made["data"])
    if how == "field" and fields:
        name = draw(st.sampled_from(fields))
        data[name] = _never(draw, hostile_values.KINDS.get(declaration.facts[name].kind.name, hostile_values.TEXT))
        return Spoiled(made | {"data": data}, f"/data/{name}")
    if how == "missing" and required:
        name = draw(st.sampled_from(required))
        return Spoiled(made | {"data": {key: one for key, one in data.items() if key != name}}, f"/data/{name}")
    if how == "unknown":
        return Spoiled(made | {"data": data | {CANARY: draw(_ANYTHING)}}, "/data")
    person = declaration.scope in {"person", "family"}
    name = draw(st.sampled_from([name for name in hostile_values.ATTRIBUTES if person or name != "subject"]))
    found = _never(draw, [one for one in hostile_values.ATTRIBUTES[name] if one is not None])
    place = "time" if found == _BEFORE_IT_HAPPENED else name  # it is the event that lies after it
    return Spoiled(made | {name: found}, f"/{place}")


_BEFORE_IT_HAPPENED = "1999-01-01T00:00:00Z"
_LEAF = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
_ANYTHING = _LEAF | st.lists(_LEAF, max_size=3) | st.dictionaries(st.text(max_size=5), _LEAF, max_size=3)


def _never(draw: st.DrawFn, values: list[Any]) -> Any:
    return hostile_values.put(draw(st.sampled_from(values)), CANARY)


def types_of(department: str) -> list[Declaration]:
    """Return the types of a department, without what tests have declared."""
    return [one for one in CATALOGUE if one.department == department and one.cls.__module__.startswith(_OURS)]


_OURS = ("services.", "shared.")


def each(proof: Proof, strategy: st.SearchStrategy[Any], short: int, full: int, check: Callable[..., None]) -> None:
    """Check so many examples of a strategy, drawn from the seed of the run."""
    how = settings(
        max_examples=proof.of(short, full),
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    def one(drawn: Any) -> None:  # hypothesis takes no function with defaults, and no partial one
        check(drawn)

    seed(proof.seed)(how(given(strategy)(one)))()
