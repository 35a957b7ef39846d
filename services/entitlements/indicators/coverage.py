"""Coverage 应救尽救: of all to whom a rule applies, how many have what it says; families in the group; recognition.

Everybody to whom a rule applies is in the denominator: who declined and of whom nothing can be told as well, so that
neither makes coverage look better. Rules are never added up. Source: rules D1 to D3, decision 88 of the policy's.
"""

from collections.abc import Iterable

from services.entitlements.circumstances import Family
from services.entitlements.clauses.xn_12 import ADVISORY
from services.entitlements.engine import Judged
from services.entitlements.indicators.tables import COUNTY, NOWHERE_KNOWN, Counts, Layout, Table, share
from services.entitlements.verdicts import State

PAIRING = "E24"
RECOGNITION = "E01"
EVERYBODY = {
    *(RECOGNITION, "E02", "E05", "E26", "E27", "E31", "E34"),
    *("E14", "E15", "E16", "E17", "E18", "E19", "E20", "E21", "E22", "E23"),
}
"""Rules whose subjects are all on record. Those of the others are in families of the group (D1)."""
OUTSIDE = {State.NOT_APPLICABLE, State.NOT_ELIGIBLE, State.NOT_IN_FORCE}
"""States of those to whom a rule does not apply."""
_COLUMN = {
    State.MET: "met",
    State.PENDING: "in_time",
    State.ELIGIBLE_NOT_APPLIED: "in_time",
    State.GAP: "gap",
    State.LAPSED: "lapsed",
    State.HELD: "held",
    State.DECLINED: "declined",
    State.UNKNOWN: "unknown",
}
_PARTS = ("in_time", "gap", "lapsed", "held", "declined", "unknown")
_SHARES = ("met", *_PARTS)
OPEN = {"G1", "G2", "G3", "G4", "G9"}
"""Gaps that keep a family from being reached (D2)."""


def _layout(name: str, zh: str) -> Layout:
    words = {
        "met": "已落实",
        "in_time": "期限内办理",
        "gap": "逾期未落实",
        "lapsed": "曾落实现中断",
        "held": "已登记暂缓",
        "declined": "已谢绝",
        "unknown": "尚不能判断",
    }
    columns = {"all": "应落实", "met": "已落实", "rest": "其余"} | words
    return Layout(
        name,
        zh,
        ("clause", "rule", COUNTY),
        columns | {f"share_{column}": f"{words[column]}占比" for column in _SHARES},
        ("all", "met", "rest", *_PARTS),
        {"rest": _PARTS, "all": ("met", *_PARTS)},
        {f"share_{column}": ("all", column) for column in _SHARES} | {"share_met": ("all", "met", "rest")},
    )


COVERAGE = _layout("coverage", "应救尽救（政策事项）")
LINKED = _layout("linked", "关联政策事项（不计入应救尽救）")
ADVISED = _layout("advisory", "倡导事项（不计入应救尽救）")
FAMILIES = Layout(
    "families",
    "困难残疾儿童家庭落实情况",
    (COUNTY,),
    {"families": "认定家庭", "reached": "各项均无逾期", "open": "有逾期事项", "share_reached": "无逾期占比"},
    ("families", "reached", "open"),
    {"families": ("reached", "open")},
    {"share_reached": ("families", "reached", "open")},
)
RECOGNISED = Layout(
    "recognition",
    "认定情况",
    (COUNTY,),
    {
        "found": "应认定",
        "recognised": "已认定",
        "missed": "未认定",
        "share_recognised": "已认定占比",
        "without_ground": "已认定但事由不再成立",
        "with_ground": "已认定且事由成立",
        "share_without_ground": "事由不再成立占比",
    },
    ("found", "recognised", "missed", "without_ground", "with_ground"),
    {"recognised": ("without_ground", "with_ground"), "found": ("recognised", "missed")},
    {"share_recognised": ("found", "recognised"), "share_without_ground": ("recognised", "without_ground")},
)


class Coverage:
    """Counts the verdicts of families into the tables of coverage."""

    def __init__(self) -> None:
        self._by_rule = {layout.name: Counts() for layout in (COVERAGE, LINKED, ADVISED)}
        self._families = Counts()
        self._recognised = Counts()
        self.in_group = 0
        self.reached = 0

    def add(self, family: Family, judged: Iterable[Judged]) -> None:
        """Count a family."""
        county, difficult, is_open = family.county or NOWHERE_KNOWN, family.difficult is not None, False
        for one in judged:
            standing, state = standing_of(one, family), one.verdict.state
            if one.rule.id == RECOGNITION:
                self._recognition(county, one, difficult=difficult)
            if standing == COVERAGE.name:
                is_open |= any(gap.type in OPEN for gap in one.verdict.gaps)
            if state not in OUTSIDE and (difficult or one.rule.id in EVERYBODY):
                self._by_rule[standing].add((one.rule.clause, one.rule.id, county), _COLUMN[state])
        if difficult:
            self._families.add((county,), "open" if is_open else "reached")
            self.in_group += 1
            self.reached += not is_open

    def _recognition(self, county: str, one: Judged, *, difficult: bool) -> None:
        if difficult:
            over = any(warning.type == "G6" for warning in one.verdict.warnings)
            self._recognised.add((county,), "without_ground" if over else "with_ground")
        elif one.verdict.state in {State.GAP, State.ELIGIBLE_NOT_APPLIED}:
            self._recognised.add((county,), "missed")

    def tables(self) -> list[Table]:
        """Return the tables."""
        found = [_covered(layout, self._by_rule[layout.name]) for layout in (COVERAGE, LINKED, ADVISED)]
        families, recognised = self._families.rows(FAMILIES), self._recognised.rows(RECOGNISED)
        for row in families.values():
            row["share_reached"] = share(row["reached"], row["families"])
        for row in recognised.values():
            row["share_recognised"] = share(row["recognised"], row["found"])
            row["share_without_ground"] = share(row["without_ground"], row["recognised"])
        return [*found, Table(FAMILIES, families), Table(RECOGNISED, recognised)]


def standing_of(one: Judged, family: Family) -> str:
    """Return the table that a rule belongs to: a county may promise a pairing or bind itself to it (P-PAIR-BINDING)."""
    if one.rule.id == PAIRING and family.param("P-PAIR-BINDING") != ADVISORY:
        return COVERAGE.name
    return COVERAGE.name if one.rule.standing == "policy" else one.rule.standing


def _covered(layout: Layout, counts: Counts) -> Table:
    rows = counts.rows(layout)
    for row in rows.values():
        row |= {f"share_{column}": share(row[column], row["all"]) for column in _SHARES}
    return Table(layout, rows)
