"""An institution's training month 机构月度训练表 (XN-2): a row is what a child was given in a month, and who pays."""

import calendar
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.rosters.declaring import Column, Context, Known, Outcome, Planned, Proposal, Roster, Row
from services.spreadsheets.rosters.understanding import begin, compare_total, disappeared, event
from shared.errors import Fault

OF = "disability_federation.rehab_"
LESSON = ("45", "60")
"""How many minutes a lesson has; an hour has sixty."""
PARTS = ("fee_aided", "fee_self", "fee_insurance", "fee_upper", "fee_institution")
NEEDED_PARTS = {"fee_aided": "救助资金", "fee_self": "自费"}
_DAYS = tuple(f"day_{number}" for number in range(1, 32))
_CATEGORIES = {
    "脑瘫": "PHY",
    "自闭症": "AUT",
    "肢体残疾": "PHY",
    "听力残疾": "HEA",
    "视力残疾": "VIS",
    "智力残疾": "INT",
}
COLUMNS = (
    Column(
        "institution_name",
        "机构名称",
        cells.text,
        ("康复机构", "机构", "单位名称"),
        needed=True,
        title=True,
        pattern="[\u4e00-\u9fff]{2,}?(?:中心|医院|学校|幼儿园|服务站)",
    ),
    Column(
        "institution",
        "统一社会信用代码",
        cells.organisation,
        ("信用代码", "机构代码", "社会信用代码"),
        needed=True,
        title=True,
    ),
    Column("month", "月份", cells.month, ("训练月份", "所属月份"), needed=True, title=True),
    Column("name", "儿童姓名", cells.text, ("姓名", "学员姓名"), needed=True, title=True, person=True),
    Column(
        "person",
        "身份证号",
        cells.number,
        ("公民身份号码", "身份证号码", "儿童身份证号"),
        needed=True,
        title=True,
        person=True,
    ),
    Column("process", "办件编号", cells.text, ("审批编号", "救助编号")),
    Column("category", "康复类别", cells.code("REHABCAT", _CATEGORIES), ("类别", "残疾类别")),
    Column("mode", "训练方式", cells.code("TRAINMODE", {"全日": "FULL", "半日制": "PART", "居家": "HOME"}), ("方式",)),
    Column("sessions", "训练次数", cells.count, ("次数", "训练次", "出勤次数"), needed=True, blank=True, instead=_DAYS),
    Column(
        "hours",
        "训练小时",
        cells.quantity,
        ("小时", "训练小时数", "训练时长"),
        needed=True,
        blank=True,
        instead=("lessons",),
    ),
    Column("lessons", "课时", cells.quantity, ("课时数", "训练课时"), spare=True),
    Column("absent_days", "缺勤天数", cells.count, ("缺勤", "缺课天数")),
    Column("fee_total", "费用合计", cells.amount, ("合计", "总费用", "费用总计"), needed=True, blank=True),
    Column("fee_aided", "救助资金", cells.amount, ("救助金额", "救助"), needed=True, blank=True),
    Column("fee_insurance", "医保报销", cells.amount, ("医保", "医保报销金额")),
    Column("fee_upper", "上级项目", cells.amount, ("上级项目资金",)),
    Column("fee_institution", "机构减免", cells.amount, ("减免",)),
    Column("fee_self", "自费", cells.amount, ("自费金额", "家庭自费", "个人自付"), needed=True, blank=True),
    Column("note", "备注", cells.text, ("说明",), spare=True),
    *(
        Column(name, f"{number}日", cells.yes_no, (str(number), f"{number}号"), spare=True)
        for number, name in enumerate(_DAYS, 1)
    ),
)


def understand(rows: Sequence[Row], context: Context) -> Outcome:
    """Say what children were given in the month, and whose training may have stopped."""
    outcome, readable = begin(rows, context)
    seen = {row["person"] for row in rows if row["person"]}
    for row in readable:
        _row(outcome, row, context)
    if any(row["person"] is None for row in rows) and context.record.rows:
        places = "、".join(f"第 {known.place.row} 行" for known in context.record.rows.values())
        zh = f"有的行没有身份证号；上一份月报中的在训儿童见其{places}，请据此补填。"
        en = "Some rows name no number; the children in training stand in those rows of the last report."
        outcome.warn("children_in_training", zh, en)
    totals = (row["fee_total"] for row in readable if row["fee_total"] is not None)
    compare_total(outcome, context, "fee_total", sum(totals, Decimal(0)))
    month = next((row["month"] for row in readable if row["month"]), "")
    for known in disappeared(outcome, rows, seen, context):
        outcome.proposals.append(_gone(known, month))
    return outcome


def _row(outcome: Outcome, row: Row, context: Context) -> None:
    process, known = row["process"], context.record.known(row["person"])
    if process is None and known is not None:
        process = known.facts["process"]
    hours = _hours(outcome, row, context)
    fees, faults = _fees(outcome, row)
    faults += _faults(row, process, context)
    if faults:
        outcome.refuse(row, *faults)
        return
    if hours is None and row["lessons"] is not None:  # how long a lesson is has been asked
        return
    sessions = _sessions(row)
    data = {
        "month": row["month"], "sessions": sessions, "hours": hours, "absent_days": row["absent_days"], **fees,
        "institution": {"code": row["institution"], "name": row["institution_name"]},
    }  # fmt: skip
    if known is None and not context.is_first(row):
        outcome.proposals.append(_started(row, process, context))
    if sessions == 0 and row["absent_days"]:
        outcome.proposals.append(_interrupted(row, process, context))
    else:
        sent = event(context, row, f"{OF}month_reported", _last_day(row["month"]), row["person"], data, process=process)
        outcome.events.append(Planned(sent, row.place))
    outcome.remember[row["person"]] = Known(row.place, {"process": process, "month": row["month"]})


def _sessions(row: Row) -> int | None:
    """Return how many sessions a row says, or how many of its days are ticked."""
    if row["sessions"] is not None:
        return int(row["sessions"])
    ticked = [row[name] for name in _DAYS if row[name] is not None]
    return sum(ticked) if ticked else None


def _hours(outcome: Outcome, row: Row, context: Context) -> Decimal | None:
    if row["hours"] is not None or row["lessons"] is None:
        found: Decimal | None = row["hours"]
        return found
    zh = "表上写的是“课时”。一课时是多少分钟？"
    minutes = outcome.ask(context, "lesson_minutes", zh, "The sheet counts lessons. How many minutes is one?", LESSON)
    return None if minutes is None else (row["lessons"] * int(minutes) / 60).quantize(Decimal("0.01"))


def _faults(row: Row, process: str | None, context: Context) -> Iterator[Fault]:
    if process is None:
        zh = "没有办件编号，此前的月报里也没有该儿童的办件编号；请填写。"
        yield Fault("process_missing", "办件编号", zh, "No process is named here, and none is known; write its number.")
    if _sessions(row) is None:
        yield Fault("required", "训练次数", "缺少训练次数。", "The number of sessions is missing.")
    if row["hours"] is None and row["lessons"] is None:
        yield Fault("required", "训练小时", "缺少训练小时。", "The hours are missing.")
    if _last_day(row["month"]) > context.setting.today:
        yield Fault("month_not_over", "月份", "该月尚未结束，月底后再导入。", "The month is not over yet.")


def _fees(outcome: Outcome, row: Row) -> tuple[dict[str, Decimal | None], list[Fault]]:
    """Return who paid what. What is missing is computed, and said so, only where the others leave no doubt."""
    fees: dict[str, Decimal | None] = {name: row[name] for name in PARTS}
    total, known = row["fee_total"], sum((fee for fee in fees.values() if fee is not None), Decimal(0))
    absent = [name for name in NEEDED_PARTS if fees[name] is None]
    if total is not None and total == known:
        fees |= dict.fromkeys(absent, Decimal("0.00"))
        absent = []
    faults = [Fault("required", NEEDED_PARTS[name], f"缺少{NEEDED_PARTS[name]}。", "It is missing.") for name in absent]
    if total is None and not absent:
        total = known
        zh, en = f"没有费用合计，按各项之和 {total} 计。", f"There is no total; the parts add up to {total}."
        outcome.warn("total_computed", zh, en, row.place)
    elif total is not None and not absent and total != known:
        zh, en = "费用合计不等于各项之和。", "The parts do not add up to the total."
        faults.append(Fault("fees_do_not_add_up", "费用合计", zh, en))
    return {"fee_total": total, **fees}, faults


def _last_day(month: str) -> date:
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def _draft(
    row: Row, context: Context, what: str, process: str | None, data: dict[str, Any], nth: int
) -> dict[str, Any]:
    found = event(context, row, f"{OF}{what}", _last_day(row["month"]), row["person"], data, process=process, nth=nth)
    del found["time"]
    return found


def _started(row: Row, process: str | None, context: Context) -> Proposal:
    institution = {"code": row["institution"], "name": row["institution_name"]}
    draft = _draft(row, context, "started", process, {"institution": institution, "mode": row["mode"]}, 1)
    zh = "该儿童首次出现在月报上。如还没有报送开训，请补报并写明开训日期。"
    en = "The child stands here for the first time: if its start is not recorded, send it with its day."
    asks = ("started_on",) if row["mode"] else ("mode", "started_on")
    return Proposal(f"{OF}started", zh, en, row.place, None, draft, asks)


def _interrupted(row: Row, process: str | None, context: Context) -> Proposal:
    draft = _draft(row, context, "interrupted", process, {}, 2)
    zh = "全月缺勤，没有训练。中断了吗？请说明原因（可参考备注）和起始日期。"
    en = "Absent all month and not trained. Was it interrupted? Why (see the remark), and since when?"
    return Proposal(f"{OF}interrupted", zh, en, row.place, None, draft, ("reason", "from_date"))


def _gone(known: Known, month: str) -> Proposal:
    draft = {"process": known.facts["process"], "data": {}}
    if month.endswith("-01"):
        zh = "新救助年度第一个月没有该儿童：新年度须重新申请，未必是中断。"
        en = "A new aid year begins: the child needs a new application, and has not necessarily stopped."
        return Proposal("", zh, en, None, known.place, draft)
    zh = "上月有、本月没有的儿童。中断还是结束？请说明原因和日期。"
    en = "A child of the last report is gone. Was its training interrupted, or has it ended? Why, and when?"
    return Proposal(f"{OF}interrupted", zh, en, None, known.place, draft, ("reason", "from_date"))


ROSTER = Roster(
    "training_month",
    "disability_federation",
    "机构月度训练表",
    "training month of an institution",
    COLUMNS,
    understand,
    scope="institution",
    every_sheet=True,
)
