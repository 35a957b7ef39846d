"""The roster of a school 特教学生名册 (XN-8): who is enrolled, and what may have changed since the last one."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.rosters.declaring import Column, Context, Known, Outcome, Planned, Proposal, Roster, Row
from services.spreadsheets.rosters.understanding import begin, disappeared, event, is_history
from shared.errors import Fault
from shared.language.kinds import Setting, Unreadable

OF = "education."
LEAVING = range(7, 9)
"""July and August, when classes leave."""
_MODES = {
    "随读": "INCL", "随班": "INCL", "特教学校": "SPEC", "特校": "SPEC", "送教": "HOME", "附设特教班": "SPECCLASS",
    "特教班": "SPECCLASS", "普通就读": "REGULAR", "医教结合": "MEDEDU",
}  # fmt: skip
_UNSURE = {"在家": "在家可能是送教上门（HOME）、暂缓入学（DEFER）或疑似失学"}
_STATES = {"在校": "enrolled", "在籍": "enrolled", "转出": "transferred", "毕业": "completed", "辍学": "absent",
           "失学": "absent"}  # fmt: skip

_SCHOOL = "[\u4e00-\u9fff]{2,}?(?:学校|小学|中学)"
_TERM = r"(?:19|20)[0-9]{2}[^\s]{0,8}?(?:学年|[春秋]季)[^\s]{0,5}"


def _school_year(value: Any, _: Setting) -> int | None:
    """Read the year in which a school year begins: 2025-2026学年第一学期, or 2026年春季, which is 2025's."""
    found = cells.plain(value).replace(" ", "")
    if found in cells.NOTHING:
        return None
    parts = re.match(r"((?:19|20)[0-9]{2})(?![0-9])", found)
    if parts is None:
        raise Unreadable("not_a_term", "应如“2025-2026学年第一学期”。", "This must be like 2025-2026学年第一学期.")
    return int(parts[1]) - bool("春" in found and "学年" not in found)


def _plan(value: Any, setting: Setting) -> date | None:
    """Read the day of an individual plan; `有` names none."""
    found = cells.plain(value)
    if found in {"有", "无", "是", "否", "√", "×"}:
        return None
    return cells.day(re.sub(r"^有[,、( ]*|\)$", "", found) if isinstance(value, str) else value, setting)


COLUMNS = (
    Column("school_name", "学校名称", cells.text, ("学校",), needed=True, title=True, pattern=_SCHOOL),
    Column(
        "school",
        "学校标识码",
        cells.organisation,
        ("学校代码", "标识码"),
        title=True,
        pattern=r"(?<![0-9])[0-9]{10}(?![0-9])",
    ),
    Column("term", "学年学期", _school_year, ("学年", "学期"), needed=True, title=True, pattern=_TERM),
    Column("name", "姓名", cells.text, ("学生姓名",), needed=True, person=True),
    Column(
        "person", "身份证号", cells.number, ("公民身份号码", "身份证号码", "学生身份证号"), needed=True, person=True
    ),
    Column("student_no", "学籍号", cells.student_number, ("全国学籍号",), needed=True),
    Column("year", "年级", cells.text),
    Column("class", "班级", cells.text, ("班",)),
    Column("mode", "就读方式", cells.code("EDUMODE", _MODES, _UNSURE), ("安置方式", "教育方式"), needed=True),
    Column("enrolled_on", "入学日期", cells.day, ("入学时间", "注册日期"), needed=True),
    Column("category", "残疾类别", cells.text),
    Column("grade", "残疾等级", cells.text),
    Column("cert_no", "残疾人证号", cells.text),
    Column("plan_on", "个别化教育计划", _plan, ("个别化教育计划日期", "IEP", "个训计划")),
    Column("visits", "送教次数", cells.count, ("送教上门次数",)),
    Column("aid_kind", "资助项目", cells.text, ("资助种类",)),
    Column("aid", "资助金额", cells.amount),
    Column("status", "学籍状态", cells.code("STUDENTST", _STATES), ("状态",)),
)


def understand(rows: Sequence[Row], context: Context) -> Outcome:
    """Say who is newly enrolled, who was granted aid, and what a person must decide."""
    outcome, readable = begin(rows, context)
    seen = {row["person"] for row in rows if row["person"]}
    for row in readable:
        _student(outcome, row, context)
    _not_ours(outcome, readable)
    _gone(outcome, disappeared(outcome, rows, seen, context), context)
    return outcome


def _student(outcome: Outcome, row: Row, context: Context) -> None:
    code = row["school"] or _school_asked(outcome, context)
    if code is None:
        return
    school = {"code": code, "name": row["school_name"]}
    known = context.record.known(row["person"])
    mark = context.record.mask(f"{row['student_no']} {row['enrolled_on']}")
    facts = {"school": code, "name": row["school_name"], "mode": row["mode"], "print": mark}
    if known is None:
        outcome.events.append(Planned(_enrolled(outcome, row, school, context), row.place))
    elif code != known.facts["school"]:
        facts = dict(known.facts)  # what is only proposed counts once it has been decided
        outcome.proposals.append(_transfer(row, school, known, context))
    elif row["mode"] != known.facts["mode"]:
        facts = dict(known.facts)
        outcome.proposals.append(_placement(row, school, known, context))
    elif mark != known.facts["print"]:
        # the door knows what is on record of the same day, and says which record it is
        outcome.events.append(Planned(_enrolled(outcome, row, school, context), row.place))
    else:
        outcome.unchanged.append(row.place)
    outcome.remember[row["person"]] = Known(row.place, facts)
    outcome.proposals += _by_state(row, known, context)
    _aid(outcome, row, context)


def _school_asked(outcome: Outcome, context: Context) -> Any:
    known = tuple(dict.fromkeys(str(one.facts["school"]) for one in context.record.rows.values()))
    zh = "名册没有学校标识码。是哪一个？"
    return outcome.ask(context, "school", zh, "The roster names no school code. Which is it?", known)


def _enrolled(outcome: Outcome, row: Row, school: dict[str, str], context: Context) -> dict[str, Any]:
    old = is_history(outcome, context, row["enrolled_on"])
    data = {
        "school": school, "student_no": row["student_no"], "grade_class": _class(row),
        "enrolled_on": row["enrolled_on"], "mode": row["mode"],
    }  # fmt: skip
    return event(context, row, f"{OF}student_enrolled", row["enrolled_on"], row["person"], data, legacy=old)


def _class(row: Row) -> str | None:
    """Return year and class; where the sheet says no class, its tab may."""
    tab = row.sheet if "班" in row.sheet or "年级" in row.sheet else None
    words = [row["year"], row["class"]] if row["class"] else [tab or row["year"]]
    return "".join(word for word in words if word) or None


def _draft(
    row: Row, context: Context, type_: str, data: dict[str, Any], asks: tuple[str, ...], zh: str, en: str,
    known: Known | None = None, nth: int = 1,
) -> Proposal:  # fmt: skip
    draft = event(context, row, f"{OF}{type_}", row["enrolled_on"], row["person"], data, nth=nth)
    del draft["time"]
    return Proposal(f"{OF}{type_}", zh, en, row.place, known.place if known else None, draft, asks)


def _transfer(row: Row, school: dict[str, str], known: Known, context: Context) -> Proposal:
    left = {"code": known.facts["school"], "name": known.facts["name"]}
    data = {"from_school": left, "to_school": school, "student_no": row["student_no"]}
    zh, en = "学校与上一份名册不同：转学了吗？何日？", "The school is another one: was there a transfer, and when?"
    return _draft(row, context, "student_transferred", data, ("transferred_on",), zh, en, known)


def _placement(row: Row, school: dict[str, str], known: Known, context: Context) -> Proposal:
    data = {"mode": row["mode"], "school": school}
    zh = "就读方式与上一份名册不同。安置是决定，不从名册推断；请报送安置决定。"
    en = "The mode is another one. A placement is a decision and is not inferred; send it."
    return _draft(row, context, "education_placement_decided", data, ("from_date", "plan_doc"), zh, en, known)


def _by_state(row: Row, known: Known | None, context: Context) -> list[Proposal]:
    found = []
    if row["status"] == "completed":
        zh, en = "学籍状态为毕业。何日完成义务教育？", "The state is completed. On which day?"
        found.append(
            _draft(row, context, "compulsory_education_completed", {}, ("completed_on",), zh, en, known, nth=2)
        )
    if row["status"] in {"suspended", "absent"}:
        zh, en = "学籍状态为休学或疑似失学。何日报告、缺课几天？", "The child is away: reported when, absent how long?"
        asks = ("reported_on", "days_absent")
        found.append(_draft(row, context, "student_absence_reported", {}, asks, zh, en, known, nth=3))
    if row["status"] == "transferred":
        zh, en = "学籍状态为转学。转入哪所学校、何日？", "The child was transferred: where, and when?"
        left = {"code": row["school"], "name": row["school_name"]} if row["school"] else None
        asks = ("to_school", "transferred_on")
        found.append(_draft(row, context, "student_transferred", {"from_school": left}, asks, zh, en, known, nth=4))
    if row["plan_on"] is not None:
        zh, en = (
            "名册写有个别化教育计划。请补充文书、家长签字和复核期限。",
            "A plan was made; its document and review are missing.",
        )
        data = {"plan_year": row["plan_on"].year}
        missing = ("goals_doc", "parent_signed", "review_due")
        found.append(_draft(row, context, "education_plan_made", data, missing, zh, en, nth=5))
    return found


def _aid(outcome: Outcome, row: Row, context: Context) -> None:
    if not row["aid"]:
        return
    if row["aid_kind"] is None:
        zh, en = "有资助金额，没有资助项目。", "There is an amount of aid and no kind."
        outcome.refuse(row, Fault("required_here", "资助项目", zh, en))
        return
    zh = "名册没有资助的资金来源。本表的资助由哪项资金出（如 county）？"
    fund = outcome.ask(context, "aid_fund", zh, "From which fund is the aid (county, province, …)?")
    zh = "名册没有资助的决定日期。本表的资助是何日决定的（如 2025-10-15）？"
    decided = outcome.ask(context, "aid_on", zh, "On which day was the aid granted?")
    if fund is None or decided is None:
        return
    try:
        on, source = cells.day(decided, context.setting), cells.code("FUND")(fund, context.setting)
    except Unreadable as error:
        outcome.refuse(row, error.at("资助金额"))
        return
    if on is not None:
        data = {"school_year": row["term"], "kind": row["aid_kind"], "amount": row["aid"], "fund": source}
        sent = event(context, row, f"{OF}student_aid_granted", on, row["person"], data, nth=6)
        outcome.events.append(Planned(sent, row.place))


def _not_ours(outcome: Outcome, rows: Sequence[Row]) -> None:
    if any(row[name] for row in rows for name in ("category", "grade", "cert_no")):
        zh, en = (
            "残疾类别、等级和证号属残联，只供核对，不记录。",
            "Disability and certificate are the federation's: not kept.",
        )
        outcome.warn("of_another_department", zh, en)
    if any(row["visits"] for row in rows):
        zh = "送教次数不转成记录：每次送教有自己的日期，请逐次报送“送教上门记录”。"
        outcome.warn("visits_not_recorded", zh, "Each visit has a day of its own: they are not made of a count.")


def _gone(outcome: Outcome, gone: Sequence[Known], context: Context) -> None:
    """Propose what may have become of children who are gone; in summer it is asked once for the whole class."""
    if not gone:
        return
    kinds = {
        "completed": ("compulsory_education_completed", ("completed_on",)),
        "transferred": ("student_transferred", ("to_school", "transferred_on")),
        "absent": ("student_absence_reported", ("reported_on", "days_absent")),
    }
    kind = None
    if context.setting.today.month in LEAVING:
        zh = f"暑期名册少了 {len(gone)} 名儿童。是毕业班离校吗？"
        en = f"{len(gone)} children are gone in summer. Has their class left?"
        kind = outcome.ask(context, "leaving_class", zh, en, tuple(kinds))
        if kind is None:
            return
    type_, asks = kinds[kind or "transferred"]
    for known in gone:
        school = {"code": known.facts["school"], "name": known.facts["name"]}
        data = {"from_school": school} if type_ == "student_transferred" else {}
        zh = "上一份名册有、这一份没有的儿童。转学、毕业还是失学？请说明日期。"
        en = "A child of the last roster is gone: a transfer, the end of schooling, or an absence? When?"
        outcome.proposals.append(Proposal(f"{OF}{type_}", zh, en, None, known.place, {"data": data}, asks))


ROSTER = Roster(
    "school", "education", "特教学生名册", "roster of a school", COLUMNS, understand, scope="school", every_sheet=True
)
