"""What the pages of a family show, made of the documents of its history and of what it is owed. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from services.console.charts import Table, lanes
from services.disability_federation.registry.events import CaseTransferAccepted, FamilyCaseOpened
from services.entitlements.rules import load
from services.entitlements.verdicts import State
from services.entitlements.words import ACTS, missing_name
from services.finance.events import BenefitPaid, BenefitRecovered
from shared.language.catalogue import CATALOGUE
from shared.language.fields import Fact
from shared.language.kinds import chinese_day
from shared.language.persons import TOKEN
from shared.policy.lists import Clause, clauses, code_lists
from shared.policy.parameters import parameter

MOST = 100
"""How many events a page shows at most before it shows one year alone."""
ALL = "all"
GROUPS = (
    ("overdue", "逾期", {State.GAP, State.LAPSED}),
    ("held", "逾期，已登记暂缓", {State.HELD}),
    ("owed", "符合条件，尚未申请", {State.ELIGIBLE_NOT_APPLIED}),
    ("pending", "办理中", {State.PENDING}),
    ("unknown", "缺少事实，尚不能判断", {State.UNKNOWN}),
    ("met", "已落实", {State.MET}),
    ("other", "不适用、不符合条件、已谢绝或尚未实施", set(State)),
)
"""The verdicts about a family, the most urgent first: how a group is called, and its states."""

Entry = dict[str, Any]
Link = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a page of the timeline shows: entries by year and month, in the order in which they happened."""

    year: str
    """Which year is shown; `all` is every one."""
    years: list[tuple[str, int]]
    lanes: list[tuple[str, str, int, bool]]
    """Each department that reported: its log, its name, how many events, whether they are shown."""
    months: list[tuple[str, list[tuple[str, list[Entry]]]]]
    count: int
    picture: str


def timeline(document: Mapping[str, Any], year: str, wanted: Iterable[str], link: Link) -> Timeline:
    """Return the timeline of a history: of one year, or all, and of some departments, or all.

    `link` gives the address of the page with another `year` or `lane`.
    """
    entries: list[Entry] = sorted(document["entries"], key=lambda one: (one["happened"], one["number"]))
    reported, chosen = Counter(one["log"] for one in entries), set(wanted)
    names = {one["log"]: one["department"] for one in document["sources"]}
    here = [one for one in entries if not chosen or one["log"] in chosen]
    years = sorted(Counter(one["happened"][:4] for one in here).items())
    if not year:
        year = ALL if len(here) <= MOST or not years else years[-1][0]
    shown = [one for one in here if year in {ALL, one["happened"][:4]}]
    by_year = groupby(shown, key=lambda one: one["happened"][:4])
    return Timeline(
        year,
        years,
        [(log, name, reported[log], log in chosen) for log, name in names.items()],
        [(one, [(month, list(some)) for month, some in groupby(found, _month)]) for one, found in by_year],
        len(shown),
        _lanes(entries, names, year, link),
    )


def _month(entry: Entry) -> str:
    return str(entry["happened"][:7])


def _lanes(entries: list[Entry], names: Mapping[str, str], year: str, link: Link) -> str:
    """Return the picture of who reported when: by year, or by the months of one."""
    if year == ALL:
        columns = {one: f"{one}年" for one in sorted({one["happened"][:4] for one in entries})}
        counted = Counter((one["log"], one["happened"][:4]) for one in entries)
        links = {
            (name, head): link(year=column, lane=log) for log, name in names.items() for column, head in columns.items()
        }
    else:
        columns = {f"{year}-{month:02}": f"{month}月" for month in range(1, 13)}
        counted = Counter((one["log"], _month(one)) for one in entries)
        links = {}
    rows = [(name, [counted[log, one] or None for one in columns]) for log, name in names.items()]
    span = "全部年份" if year == ALL else f"{year}年"
    total = sum(value or 0 for _, values in rows for value in values)
    busiest, most = max(((name, sum(value or 0 for value in values)) for name, values in rows), key=lambda one: one[1])
    finding = f"{span}各部门共 {total} 条记录" + (f"，{busiest}最多，{most} 条" if most else "")
    return lanes(finding, Table(f"{span}各部门记录条数", ("部门", *columns.values()), rows), links)


def county(document: Mapping[str, Any]) -> str | None:
    """Return the county that holds the case: that in which it was opened, or the last one that took it over."""
    fields_ = {
        CATALOGUE.of(FamilyCaseOpened).type: "division",
        CATALOGUE.of(CaseTransferAccepted).type: "accepted_division",
    }
    said = [one for one in document["entries"] if one["type"] in fields_ and "withdrawn" not in one]
    found = [one["data"].get(fields_[one["type"]]) for one in sorted(said, key=lambda one: str(one["happened"]))]
    return next((str(one) for one in reversed(found) if one), None)


def event(document: Mapping[str, Any], log: str, position: int) -> Entry | None:
    """Return the entry at a place of a log, if it stands in this history."""
    return next((one for one in document["entries"] if (one["log"], one["position"]) == (log, position)), None)


def fields(entry: Entry, who: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return what an event says, field by field, as an official reads it; what is sealed says only that it is."""
    declaration = CATALOGUE.get(entry["type"])
    if declaration is None:
        return [(name, str(value)) for name, value in entry["data"].items()]
    found = []
    for name, fact in declaration.facts.items():
        value = entry["data"].get(name)
        if value is not None:
            found.append((fact.label, value if _is_label(fact, value) else fact.show(value, who)))
    return found


def _is_label(fact: Fact, value: Any) -> bool:
    """Whether a mask has put the label of a person in the place of the token."""
    return fact.kind.name in {"person", "party"} and isinstance(value, str) and not TOKEN.fullmatch(value)


def followed(document: Mapping[str, Any], entry: Entry) -> list[tuple[str, Entry]]:
    """Return the entries that name this one: what it caused, what amends it, what belongs to the same process."""
    found = []
    for one in document["entries"]:
        if one is entry:
            continue
        if one.get("causationid") == entry["id"]:
            found.append(("由此引起", one))
        elif _amends(one, entry):
            found.append(("更正或撤销了它", one))
        elif _amends(entry, one):
            found.append(("它所更正或撤销的", one))
        elif entry.get("process") and one.get("process") == entry["process"]:
            found.append(("同一办件", one))
    return found


def _amends(one: Entry, other: Entry) -> bool:
    named = one.get("amends", {})
    return (named.get("log"), named.get("position")) == (other["log"], other["position"])


def rests_on(owed: Mapping[str, Any], entry: Entry) -> list[dict[str, Any]]:
    """Return the verdicts that rest on an event."""
    return [one for one in owed["verdicts"] if entry["id"] in one["evidence"]]


@dataclass(frozen=True, slots=True)
class Explained:
    """A verdict with its reasons: the clause, each condition with ✓, ✗ or 缺, the parameters, and what comes next."""

    verdict: dict[str, Any]
    clause: Clause
    conditions: list[tuple[str, str, Entry | None]]
    parameters: list[tuple[str, str, str]]
    next: list[str]
    need: str | None
    """The need that it meets, for passing it on."""


Source = Callable[[str], str]


def groups(
    owed: Mapping[str, Any], history: Mapping[str, Any], source: Source
) -> list[tuple[str, str, list[Explained]]]:
    """Return the verdicts by group, each explained; `source` says who set a parameter and in which document."""
    by_id = {one["id"]: one for one in history["entries"]}
    found: dict[str, list[Explained]] = defaultdict(list)
    for one in owed["verdicts"]:
        group = next(name for name, _, states in GROUPS if one["state"] in states)
        found[group].append(explained(one, by_id, owed["effective"], source))
    return [(name, zh, found[name]) for name, zh, _ in GROUPS if found[name]]


def explained(verdict: dict[str, Any], by_id: Mapping[str, Entry], day: str, source: Source) -> Explained:
    """Return a verdict with its reasons. `day` is the day on which it is judged."""
    conditions: list[tuple[str, str, Entry | None]] = []
    for id_ in verdict["evidence"]:
        entry = by_id.get(id_)
        label = f"{chinese_day(entry['happened'])}{entry['label']}" if entry else f"全市事项的记录 {id_}"
        conditions.append(("✓", label, entry))
    for gap in verdict["gaps"]:
        if gap["type"] != "G5":
            due = f"，应于{chinese_day(gap['due'])}前办结" if gap["due"] else ""
            conditions.append(("✗", f"{_zh('GAPTYPE', gap['type'])}{due}", None))
    conditions += [("缺", missing_name(one["type"]), None) for one in verdict["missing"]]
    return Explained(
        verdict,
        clauses()[verdict["clause"]],
        conditions,
        [(parameter(name).zh, _value(name, value), source(name)) for name, value in verdict["parameters"].items()],
        list(_next(verdict, day)),
        load()[verdict["rule"]].need,
    )


def _next(verdict: Mapping[str, Any], day: str) -> Iterable[str]:
    """Yield what is to be done next, by whom and by when."""
    for gap in verdict["gaps"]:
        who, since = who_acts(gap), f"自{chinese_day(gap['since'])}起"
        if gap["type"] == "G5":
            yield f"请向{who}核实“{missing_name(gap.get('missing', ''))}”"
        else:
            held = f"；已暂缓至{chinese_day(gap['held_until'])}" if gap.get("held_until") else ""
            yield f"应由{who}{ACTS.get(gap['type'], '核查处理')}，{since}{_zh('GAPTYPE', gap['type'])}{held}"
    for one in verdict["warnings"]:
        due = f"，期限{chinese_day(one['due'])}" if one.get("due") else ""
        yield f"请{who_acts(one)}留意：{_zh('GAPTYPE', one['type'])}{due}"
    if verdict["state"] in {State.PENDING, State.ELIGIBLE_NOT_APPLIED}:
        doing = "等待办理" if verdict["state"] == State.PENDING else "告知并协助申请"
        yield f"{doing}，{clock(verdict['due'], day)}" if verdict.get("due") else doing
    elif not verdict["gaps"] and not verdict["warnings"]:
        yield "现在无须办理" + (f"；下次办理期限{chinese_day(verdict['due'])}" if verdict.get("due") else "")


def clock(due: str, day: str) -> str:
    """Return how much time is left until a day, as of another."""
    left = (date.fromisoformat(due) - date.fromisoformat(day)).days
    return f"期限{chinese_day(due)}，还有 {left} 天" if left >= 0 else f"期限{chinese_day(due)}，已过 {-left} 天"


def who_acts(gap: Mapping[str, Any]) -> str:
    """Return the department and county that are to act."""
    return _zh("DIV", gap["division"]) + _zh("DEPT", gap["department"])


def _value(name: str, value: Any) -> str:
    text = "是" if value is True else "否" if value is False else str(value)
    return f"{text}{parameter(name).unit}" if not isinstance(value, dict | list) else "见参数表"


def _zh(list_: str, code: str | None) -> str:
    zh: str = code_lists()[list_]["codes"].get(code, {}).get("zh", code or "")
    return zh


@dataclass(slots=True)
class Fund:
    """What came from one source of money: yuan that were paid out, and came back."""

    fund: str
    paid: Decimal = Decimal(0)
    recovered: Decimal = Decimal(0)
    count: int = 0

    @property
    def net(self) -> Decimal:
        """What was paid less what came back."""
        return self.paid - self.recovered


def cash(document: Mapping[str, Any]) -> list[Fund]:
    """Return what was really paid, by source. A promise is never added to it; what was withdrawn does not count.

    What came back names no source: it is that of the payments of the benefit, if they have one alone.
    """
    paid, recovered = CATALOGUE.of(BenefitPaid).type, CATALOGUE.of(BenefitRecovered).type
    standing = [one for one in document["entries"] if "withdrawn" not in one]
    funds: dict[str, set[str]] = defaultdict(set)
    found: dict[str, Fund] = {}
    for one in standing:
        data = one["data"]
        if one["type"] == paid and isinstance(data.get("amount"), str):
            fund = _zh("FUND", data.get("fund")) or "来源未注明"
            funds[data.get("benefit", "")].add(fund)
            source = found.setdefault(fund, Fund(fund))
            source.paid += Decimal(data["amount"])
            source.count += 1
    for one in standing:
        data = one["data"]
        if one["type"] == recovered and isinstance(data.get("amount"), str):
            known = funds[data.get("benefit", "")]
            fund = next(iter(known)) if len(known) == 1 else "来源未注明"
            found.setdefault(fund, Fund(fund)).recovered += Decimal(data["amount"])
    return sorted(found.values(), key=lambda one: one.fund)


def promised(document: Mapping[str, Any]) -> list[tuple[Entry, str, str]]:
    """Return what was decided, billed or reported of money and is no payment: the entry, its source, its amounts."""
    moved = {CATALOGUE.of(cls).type for cls in (BenefitPaid, BenefitRecovered)}
    found = []
    for one in document["entries"]:
        declaration = CATALOGUE.get(one["type"])
        if declaration is None or one["type"] in moved or "withdrawn" in one:
            continue
        amounts = [
            f"{fact.label} {fact.show(one['data'][name], str)}"
            for name, fact in declaration.facts.items()
            if fact.kind.name == "money" and isinstance(one["data"].get(name), str)
        ]
        if amounts:
            found.append((one, _zh("FUND", one["data"].get("fund")), "、".join(amounts)))
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """How two views of a family differ: events that stand in one alone or read differently, and verdicts."""

    events: list[tuple[str, Entry]]
    verdicts: list[tuple[str, str, str, str]]


def compare(
    before: tuple[Mapping[str, Any], Mapping[str, Any]],
    after: tuple[Mapping[str, Any], Mapping[str, Any]],
    states: Mapping[State, str],
) -> Difference:
    """Return how two views differ, each the documents of a history and of what is owed."""
    first, second = ({(one["log"], one["position"]): one for one in view[0]["entries"]} for view in (before, after))
    events = [("后一时点才有", one) for place, one in second.items() if place not in first]
    events += [("前一时点才有", one) for place, one in first.items() if place not in second]
    events += [
        ("内容有变", one)
        for place, one in second.items()
        if place in first and (one["sentence"], "withdrawn" in one) != _read(first[place])
    ]
    said, now = ({(one["rule"], one["subject"]["id"]): one for one in view[1]["verdicts"]} for view in (before, after))
    verdicts = []
    for key in dict.fromkeys([*now, *said]):
        was, one = said.get(key), now.get(key)
        before_, after_ = _stands(was, states), _stands(one, states)
        if before_ != after_:
            known = one or was or {}
            verdicts.append((str(known["label"]), str(known["who"]), before_, after_))
    return Difference(sorted(events, key=lambda each: (each[1]["happened"], each[1]["number"])), verdicts)


def _read(entry: Entry) -> tuple[str, bool]:
    return entry["sentence"], "withdrawn" in entry


def _stands(verdict: Mapping[str, Any] | None, states: Mapping[State, str]) -> str:
    if verdict is None:
        return "没有判定"
    gaps = [f"{_zh('GAPTYPE', gap['type'])}自{chinese_day(gap['since'])}起" for gap in verdict["gaps"]]
    due = [f"期限{chinese_day(verdict['due'])}"] if verdict.get("due") else []
    return "，".join([states[State(verdict["state"])], *gaps, *due])
