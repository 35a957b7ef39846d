"""The payment run 待遇发放明细 (XN-S2): a row that was paid is a payment; what failed is reported, not recorded."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.rosters.declaring import (
    Column,
    Context,
    Known,
    Outcome,
    Planned,
    Proposal,
    Roster,
    Row,
    names,
)
from services.spreadsheets.rosters.understanding import begin, compare_total, disappeared, event
from shared.errors import Fault
from shared.language.kinds import Setting, Unreadable

PAID, RECOVERED = "finance.benefit_paid", "finance.benefit_recovered"
_BENEFITS = {
    "低保": "DIBAO", "最低生活保障金": "DIBAO", "特困": "TEKUN", "生活补贴": "LIVE_SUB",
    "残疾人生活补贴": "LIVE_SUB",
    "护理补贴": "CARE_SUB", "重残护理补贴": "CARE_SUB",
    "康复救助": "REHAB", "自费补助": "SELFPAY", "学生资助金": "EDUAID",
}  # fmt: skip
_FUNDS = {
    "中央": "central", "中央资金": "central", "省": "province", "省级资金": "province", "市": "city", "市级": "city",
    "市级资金": "city", "县": "county", "县级": "county", "县级资金": "county",
    "区级": "county", "残疾人就业保障金": "esf",
    "福彩公益金": "lottery", "医保基金": "medfund",
}  # fmt: skip
_PARTS = {"central": "中央", "province": "省级", "city": "市级", "county": "县级"}
"""Funds that have columns of their own on sheets that split an amount."""
_PAID, _FAILED = {"成功", "已发放", "发放成功", "已发"}, {"失败", "退票", "发放失败", "退回", "未发放"}
_UNSURE_FUNDS = {"市县": "市财政统筹（city）还是县级财政（county）", "财政": "中央、省、市还是县级财政"}

benefit = cells.code("BENEFIT", _BENEFITS)


def _result(value: Any, _: Setting) -> bool | None:
    """Read whether the money has left: None where nothing is said."""
    found = cells.plain(value)
    if found in cells.NOTHING:
        return None
    if found in _PAID:
        return True
    if any(found.startswith(word) for word in _FAILED):
        return False
    raise Unreadable("unknown_result", "应为成功、失败或退票。", "This must be 成功, 失败 or 退票.")


COLUMNS = (
    Column(
        "benefit",
        "待遇项目",
        benefit,
        ("项目", "待遇名称", "补贴项目", "发放项目"),
        needed=True,
        title=True,
        words=(*_BENEFITS, *names("BENEFIT")),
    ),
    Column("periods", "所属月份", cells.months, ("发放月份", "月份", "所属期"), needed=True, title=True),
    Column("paid_on", "发放日期", cells.day, ("支付日期", "发放时间"), needed=True, title=True),
    Column("name", "姓名", cells.text, ("发放对象", "对象姓名"), needed=True, person=True),
    Column("person", "身份证号", cells.number, ("公民身份号码", "身份证号码"), needed=True, person=True),
    Column("beneficiary_name", "受益人", cells.text, ("受益人姓名", "受益儿童")),
    Column("beneficiary", "受益人身份证号", cells.number, ("受益人公民身份号码", "受益儿童身份证号")),
    Column("amount", "发放金额", cells.amount, ("金额", "实发金额", "应发金额"), needed=True),
    Column(
        "fund",
        "资金来源",
        cells.code("FUND", _FUNDS, _UNSURE_FUNDS),
        needed=True,
        title=True,
        blank=True,
        instead=tuple(f"amount_{fund}" for fund in _PARTS),
    ),
    *(
        Column(f"amount_{fund}", f"{zh}资金金额", cells.amount, (zh, f"{zh}资金", f"{zh}金额", f"{zh}财政"))
        for fund, zh in _PARTS.items()
    ),
    Column("payee_name", "开户人", cells.text, ("收款人", "户名", "账户名")),
    Column("payee", "收款人身份证号", cells.number, ("开户人身份证号", "收款人公民身份号码")),
    Column("account", "银行账号", cells.tail, ("社保卡号", "账号", "银行卡号", "卡号")),
    Column("result", "发放结果", _result, ("结果", "发放状态")),
    Column("supplement", "是否补发", cells.yes_no, ("补发",)),
    Column("process", "办件编号", cells.text, ("审批编号", "业务编号")),
)


def understand(rows: Sequence[Row], context: Context) -> Outcome:
    """Say what was paid, what came back, and what was not paid."""
    outcome, readable = begin(rows, context)
    keys = Counter(key for row in readable for key in _keys(row, context))
    seen = [key for row in rows if row["person"] for key in _keys_of_month(row, context)]
    for row in readable:
        if any(keys[key] > 1 for key in _keys(row, context)):
            zh = "同一人同一待遇、月份和资金来源出现多次；为不同儿童发放的请填“受益人”列，补发请填“是否补发”。"
            en = "The same payment stands here more than once; name the child (受益人), or say that it is a supplement."
            outcome.refuse(row, Fault("paid_twice_in_file", "身份证号", zh, en))
        else:
            _row(outcome, row, context)
    amounts = (row["amount"] for row in rows if row["amount"] is not None)  # those refused too
    compare_total(outcome, context, "amount", sum(amounts, Decimal(0)))
    for known in disappeared(outcome, rows, seen, context):
        zh, en = "未见本月发放。", "The last run paid this person; this one does not."
        outcome.proposals.append(Proposal("", zh, en, None, known.place))
    return outcome


def _subject(row: Row) -> str:
    return str(row["beneficiary"] or row["person"])


def _keys(row: Row, context: Context) -> Iterator[tuple[Any, ...]]:
    """Yield by what a row's payments are known."""
    if row["supplement"] or row["result"] is False or row["amount"] <= 0:
        return
    for period in context.of(row, "periods") or (None,):
        for fund, _ in _amounts(row, context):
            yield (_subject(row), context.of(row, "benefit"), period, fund)


def _keys_of_month(row: Row, context: Context) -> Iterator[str]:
    yield f"{_subject(row)} {context.of(row, 'benefit')}"


def _amounts(row: Row, context: Context) -> list[tuple[str | None, Decimal]]:
    """Return the amount of each fund: of one, or of those that have columns of their own."""
    parts = [(fund, row[f"amount_{fund}"]) for fund in _PARTS if row[f"amount_{fund}"]]
    return [*parts] or [(context.of(row, "fund"), row["amount"])]


def _row(outcome: Outcome, row: Row, context: Context) -> None:
    amounts = _amounts(row, context)
    periods: tuple[str | None, ...] = context.of(row, "periods") or (None,)
    if row["result"] is False:
        zh, en = "发放未成功，只报告，不记录。", "This was not paid: it is reported and not recorded."
        outcome.warn("not_paid", zh, en, row.place)
    elif row["amount"] < 0:
        outcome.proposals.append(_recovery(row, periods, context))
    elif faults := list(_faults(row, amounts)):
        outcome.refuse(row, *faults)
    elif len(periods) == 1 or _split(outcome, row, periods, amounts, context):
        _pay(outcome, row, periods, amounts, context)


def _faults(row: Row, amounts: list[tuple[str | None, Decimal]]) -> Iterator[Fault]:
    if row["amount"] == 0:
        yield Fault("nothing_paid", "发放金额", "发放金额为 0。", "Nothing was paid.")
    if any(fund is None for fund, _ in amounts):
        yield Fault("required", "资金来源", "缺少资金来源。", "The fund is missing.")
    if sum((amount for _, amount in amounts), Decimal(0)) != row["amount"]:
        zh, en = "各资金来源金额之和不等于发放金额。", "The amounts of the funds do not add up to what was paid."
        yield Fault("funds_do_not_add_up", "发放金额", zh, en)
    if any(amount < 0 for _, amount in amounts):
        yield Fault("not_an_amount", "发放金额", "金额不得为负。", "An amount is not negative.")
    if row["payee_name"] and row["payee"] is None and _other_name(row):
        zh, en = "收款人不是本人，须填写收款人身份证号。", "Somebody else was paid; their number is needed."
        yield Fault("payee_without_number", "收款人身份证号", zh, en)


def _other_name(row: Row) -> bool:
    blank = re.compile(r"\s")
    return bool(blank.sub("", row["payee_name"]) != blank.sub("", row["name"] or ""))


def _split(
    outcome: Outcome,
    row: Row,
    periods: Sequence[str | None],
    amounts: list[tuple[str | None, Decimal]],
    context: Context,
) -> bool:
    """Whether a row of several months is split into equal ones, which only a person can say."""
    zh = "有的行一笔发放几个月（如“1-3月”）。按月平均拆分吗？"
    en = "Some rows pay several months at once. Are they to be split into equal months?"
    answer = outcome.ask(context, "split_months", zh, en, ("equal", "no"))
    if answer == "no":
        zh, en = "一行包含几个月；请按月拆成几行。", "This row pays several months; write one row a month."
        outcome.refuse(row, Fault("several_months", "所属月份", zh, en))
    if answer != "equal":
        return False
    if any(amount * 100 % len(periods) for _, amount in amounts):
        zh, en = "金额不能按月平均到分；请按月拆成几行。", "The amount cannot be split evenly; write one row a month."
        outcome.refuse(row, Fault("not_even", "发放金额", zh, en))
        return False
    return True


def _pay(
    outcome: Outcome,
    row: Row,
    periods: Sequence[str | None],
    amounts: list[tuple[str | None, Decimal]],
    context: Context,
) -> None:
    benefit_, paid_on = context.of(row, "benefit"), context.of(row, "paid_on")
    for nth, (period, (fund, amount)) in enumerate((period, one) for period in periods for one in amounts):
        data = {
            "benefit": benefit_, "amount": amount / len(periods), "period": period,
            "payee": row["payee"] or row["person"], "account_tail": row["account"], "fund": fund, "paid_on": paid_on,
            "supplement": row["supplement"],
        }  # fmt: skip
        sent = event(context, row, PAID, paid_on, _subject(row), data, process=row["process"], nth=nth)
        outcome.events.append(Planned(sent, row.place))
    for key in _keys_of_month(row, context):
        outcome.remember[key] = Known(row.place, {"benefit": benefit_})


def _recovery(row: Row, periods: Sequence[str | None], context: Context) -> Proposal:
    data = {
        "benefit": context.of(row, "benefit"), "amount": -row["amount"],
        "period": periods[0] if len(periods) == 1 else None,
    }  # fmt: skip
    draft = event(context, row, RECOVERED, context.of(row, "paid_on"), _subject(row), data, process=row["process"])
    del draft["time"]
    zh, en = "金额为负：是追回吗？请说明原因和日期。", "The amount is negative: did money come back? Why, and when?"
    return Proposal(RECOVERED, zh, en, row.place, None, draft, ("reason", "recovered_on"))


ROSTER = Roster("payments", "finance", "待遇发放明细", "payment run", COLUMNS, understand, scope="benefit")
