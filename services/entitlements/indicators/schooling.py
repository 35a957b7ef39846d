"""Enrolment by placement mode: how disabled children of school age are schooled; the parts add up to those checked.

Checked is whom E14 applies to and the education bureau says something of. Of whom E14 cannot tell stands apart.
Source: rules D7.
"""

from collections.abc import Iterable

from services.entitlements.circumstances import Family
from services.entitlements.engine import Judged
from services.entitlements.indicators.tables import COUNTY, NOWHERE_KNOWN, Counts, Layout, Table, share
from services.entitlements.schooling import EVERYTHING, Schooling
from services.entitlements.verdicts import State

PLACED_AT_SCHOOL = "E14"
MODES = {
    "SPEC": "special",
    "SPECCLASS": "special",
    "INCL": "inclusive",
    "INCLKG": "inclusive",
    "REGULAR": "inclusive",
    "HOME": "home",
    "MEDEDU": "medical",
    "DEFER": "deferred",
}
"""In which column a child placed in a mode is counted; in any other mode, or none, it is not placed."""
_ENROLLED = ("special", "inclusive", "home", "medical")

ENROLMENT = Layout(
    "enrolment",
    "残疾儿童少年教育安置",
    (COUNTY,),
    {
        "checked": "核查人数",
        "enrolled": "已安置入学",
        "special": "特殊教育学校和特教班",
        "inclusive": "随班就读",
        "home": "送教上门",
        "medical": "医教结合",
        "deferred": "暂缓入学",
        "not_placed": "未安置",
        "share_enrolled": "入学率",
        "unknown": "尚不能判断（不在核查人数内）",
        "no_record": "教育部门尚无记录（不在核查人数内）",
    },
    ("checked", "enrolled", *_ENROLLED, "deferred", "not_placed", "unknown", "no_record"),
    {"enrolled": _ENROLLED, "checked": ("enrolled", "deferred", "not_placed")},
    {"share_enrolled": ("checked", "enrolled")},
)


class Enrolment:
    """Counts children by how they are schooled."""

    def __init__(self) -> None:
        self._counts = Counts()

    def add(self, family: Family, judged: Iterable[Judged]) -> None:
        """Count a family's children of school age."""
        for one in judged:
            if one.rule.id == PLACED_AT_SCHOOL and one.verdict.state is not State.NOT_APPLICABLE:
                schooling = Schooling(family.person(one.subject))
                self._counts.add((schooling.division or NOWHERE_KNOWN,), _column(schooling, one.verdict.state))

    def tables(self) -> list[Table]:
        """Return the table."""
        rows = self._counts.rows(ENROLMENT)
        for row in rows.values():
            row["share_enrolled"] = share(row["enrolled"], row["checked"])
        return [Table(ENROLMENT, rows)]


def _column(schooling: Schooling, state: State) -> str:
    if state is State.UNKNOWN:
        return "unknown"
    if not schooling.child.facts(*EVERYTHING):
        return "no_record"
    return MODES.get(schooling.placed.mode, "not_placed") if schooling.placed else "not_placed"
