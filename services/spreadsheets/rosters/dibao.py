"""The monthly dibao roster 低保花名册: one household is one decision (XN-9).

It says who is entitled, not what was paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.rosters.declaring import Column, Context, Known, Outcome, Planned, Proposal, Roster, Row
from services.spreadsheets.rosters.understanding import begin, compare_total, disappeared, event, is_history
from shared.errors import Fault
from shared.language.kinds import Unreadable

DECIDED = "civil_affairs.dibao_decided"
REVIEWED = "civil_affairs.dibao_reviewed"
TERMINATED = "civil_affairs.dibao_terminated"
HEADERS = {"amount": "户月保障金额", "decided_on": "审批日期", "pay_from": "起保月份", "kind": "保障类别"}
"""What is the household's, so that its rows must agree."""
_TYPES = {
    "整户": "family", "整户保": "family", "户保": "family",
    "单人户": "single", "单人保": "single",
    "低保边缘重残": "single_marginal", "重残单人户": "single_marginal", "单人户(低保边缘重残)": "single_marginal",
    "成年无业重残": "single_adult", "单人户(成年无业重残)": "single_adult",
}  # fmt: skip
_PLACES = ("城市", "农村", "城镇", "城", "农", "低保", "最低生活保障", "-", "/", "·", "、")


def _kind(value: Any, _: Any) -> str | None:
    """Read the kind of dibao; whether it is the town's or the country's is the family's matter, not the decision's.

    `单人户` alone does not say which of two kinds it is: that is asked once for the file.
    """
    found = cells.plain(value).replace(" ", "")
    if found in cells.NOTHING:
        return None
    if found in _TYPES:
        return _TYPES[found]
    if found in {"family", "single_marginal", "single_adult"}:
        return found
    bare = found
    for word in _PLACES:
        bare = bare.replace(word, "")
    if bare == "":
        return "by_size"
    if bare in _TYPES:
        return _TYPES[bare]
    zh = "应为整户或单人户（低保边缘重残、成年无业重残）。"
    raise Unreadable("unknown_code", zh, "This must be a whole household or a single person's dibao.")


COLUMNS = (
    Column("month", "保障月份", cells.month, ("月份", "所属月份"), needed=True, title=True),
    Column("household", "低保证号", cells.text, ("保障编号", "低保证编号", "低保编号"), needed=True),
    Column("head_name", "户主姓名", cells.text, ("户主",), needed=True),
    Column("head", "户主身份证号", cells.number, ("户主公民身份号码", "户主身份证号码"), needed=True),
    Column("name", "保障对象姓名", cells.text, ("姓名", "保障人员姓名", "成员姓名"), needed=True, person=True),
    Column(
        "person",
        "身份证号",
        cells.number,
        ("公民身份号码", "身份证号码", "保障对象身份证号"),
        needed=True,
        person=True,
    ),
    Column("relation", "与户主关系", cells.text, ("关系",)),
    Column("kind", "保障类别", _kind, ("低保类别", "保障类型", "低保类型"), needed=True),
    Column("size", "户保障人数", cells.count, ("保障人数", "户保障人口")),
    Column("amount", "户月保障金额", cells.amount, ("户月保障金", "月保障金额", "户保障金额"), needed=True, blank=True),
    Column("own_amount", "本人月保障金额", cells.amount, ("人均保障金额",)),
    Column("pay_from", "起保月份", cells.month, ("起始月份", "起保时间"), needed=True, blank=True),
    Column("decided_on", "审批日期", cells.day, ("审核确认日期", "批准日期", "确认日期"), needed=True, blank=True),
    Column("next_due", "下次复核日期", cells.day, ("下次复核期限", "复核期限")),
    Column("reviewed_on", "复核日期", cells.day, ("本次复核日期",)),
)


@dataclass(frozen=True, slots=True)
class Household:
    """The rows of one household, and what they say together; None where they say nothing."""

    number: str
    rows: tuple[Row, ...]

    def all_of(self, name: str) -> list[Any]:
        """Return the different values of a column."""
        return list(dict.fromkeys(row[name] for row in self.rows if row[name] is not None))

    def one(self, name: str) -> Any:
        """Return the value of a column that is the household's: what its rows agree on."""
        found = self.all_of(name)
        return found[0] if found else None

    @property
    def persons(self) -> list[str]:
        """Who is covered."""
        return self.all_of("person")


def understand(rows: Sequence[Row], context: Context) -> Outcome:
    """Say what the roster's households mean, against those of the last month."""
    outcome, _ = begin(rows, context)
    seen = {str(row["household"]) for row in rows if row["household"]}
    amounts = [one.one("amount") for one in _households(rows)]
    compare_total(outcome, context, "amount", sum((one for one in amounts if one), Decimal(0)))
    for household in _households(rows):
        if any(row.faults for row in household.rows):
            _hold_back(outcome, household)
        elif faults := _faults(household, outcome, context):
            outcome.refuse(household.rows[0], *faults)
        else:
            _household(outcome, household, context)
    for known in disappeared(outcome, rows, seen, context):
        outcome.proposals.append(_ended(known))
    return outcome


def _households(rows: Sequence[Row]) -> list[Household]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if row["household"]:
            grouped.setdefault(row["household"], []).append(row)
    return [Household(number, tuple(found)) for number, found in grouped.items()]


def _hold_back(outcome: Outcome, household: Household) -> None:
    """Refuse the other rows of a household of which one cannot be read: its decision would name too few persons."""
    zh, en = "同户有一行没有读懂，整户暂不导入。", "A row of this household could not be read; the whole one waits."
    for row in household.rows:
        if not row.faults:
            outcome.refuse(row, Fault("household_incomplete", "", zh, en))


def _faults(household: Household, outcome: Outcome, context: Context) -> list[Fault]:
    found = []
    if len(household.all_of("head")) > 1:
        zh = "同一低保证号下有两个户主；请核对是否两户误用一个编号。"
        found.append(Fault("two_households", "低保证号", zh, "Two heads under one number: are these two households?"))
    for name, header in HEADERS.items():
        different = household.all_of(name)
        if not different:
            found.append(Fault("required", header, f"缺少{header}。", f"{header} is missing."))
        if len(different) > 1:
            zh, en = f"同一户各行的{header}不同。", f"The rows of the household differ in {header}."
            found.append(Fault("rows_differ", header, zh, en))
    decided, from_ = household.one("decided_on"), household.one("pay_from")
    if decided and from_ and from_ < f"{decided:%Y-%m}":
        zh = "起保月份早于审批日期；低保金自审批的次月起发放，请核对两者。"
        en = "Dibao begins before it was decided; it is paid from the month after the decision."
        found.append(Fault("pay_from_before_decision", "起保月份", zh, en))
    size = household.one("size")
    if size is not None and size != len(household.persons):
        zh = f"户保障人数写的是 {size}，名册上有 {len(household.persons)} 人。"
        outcome.warn("size_differs", zh, f"The size says {size}, the roster has {len(household.persons)}.",
                     household.rows[0].place)  # fmt: skip
    own = [row["own_amount"] for row in household.rows if row["own_amount"] is not None]
    amount = household.one("amount")
    if own and len(own) == len(household.rows) and amount is not None and sum(own, Decimal(0)) != amount:
        zh, en = "本人金额之和不等于户月保障金额。", "The members' amounts do not add up to the household's."
        outcome.warn("amounts_differ", zh, en, household.rows[0].place)
    if _type(household, outcome, context) not in {"family", None} and len(household.persons) > 1:
        zh, en = "单人户只能有一名保障对象。", "A single person's dibao covers one person."
        found.append(Fault("single_dibao_for_several", "保障类别", zh, en))
    return found


def _type(household: Household, outcome: Outcome, context: Context) -> str | None:
    kind = household.one("kind")
    if kind == "by_size":  # only 城 or 农 was written: a household is whole unless something says otherwise
        return "family"
    if kind != "single":
        return str(kind) if kind else None
    zh = "名册写“单人户”，没有写是低保边缘重残还是成年无业重残。按哪一种？"
    en = "The roster says a single person's dibao without its kind. Which is it?"
    answer = outcome.ask(context, "single_kind", zh, en, ("single_marginal", "single_adult"))
    return answer or "single"


def _household(outcome: Outcome, household: Household, context: Context) -> None:
    row = household.rows[0]
    head = household.one("head")
    if head not in household.persons:
        zh, en = "户主本人不在保障对象中。", "The head is not covered."
        outcome.warn("head_not_covered", zh, en, row.place)
    month = context.of(row, "month")
    persons, amount = household.persons, household.one("amount")
    record = context.record
    facts = {"amount": str(amount), "persons": sorted(record.mask(one) for one in persons), "month": month}
    known = record.known(household.number)
    decided, kind = household.one("decided_on"), _type(household, outcome, context)
    same_decision = known is not None and known.facts.get("decided_on") == decided.isoformat()
    facts["decided_on"] = decided.isoformat()
    if kind == "single":  # which of the two is asked
        return
    if known is not None and same_decision and _differs(known, facts):
        outcome.proposals.append(_review(household, known, facts, context))
        outcome.remember[household.number] = Known(row.place, dict(known.facts) | {"month": month})
        return
    outcome.remember[household.number] = Known(row.place, facts)
    data = {
        "decision": "approved", "dibao_type": kind, "persons": persons, "amount_month": amount,
        "pay_from": household.one("pay_from"), "cert_no": household.number, "decided_on": decided,
    }  # fmt: skip
    old = is_history(outcome, context, decided)
    sent = event(context, row, DECIDED, decided, head, data, process=household.number, legacy=old)
    outcome.events.append(Planned(sent, row.place, tuple(other.place for other in household.rows[1:])))


def _differs(known: Known, facts: dict[str, Any]) -> bool:
    return any(known.facts.get(name) != facts[name] for name in ("amount", "persons"))


def _review(household: Household, known: Known, facts: dict[str, Any], context: Context) -> Proposal:
    """Propose a review for a household that another amount or other persons are on the roster for than last time."""
    row = household.rows[0]
    before, now = Decimal(str(known.facts["amount"])), Decimal(str(facts["amount"]))
    result = "increase" if now > before else "decrease" if now < before else "keep"
    left = set(known.facts["persons"]) - set(facts["persons"])
    joined = set(facts["persons"]) - set(known.facts["persons"])
    words = [f"月保障金额由 {before} 变为 {now}"] if now != before else []
    words += [f"少 {len(left)} 人（登记处可能要报“家庭成员退出”）"] if left else []
    words += [f"多 {len(joined)} 人"] if joined else []
    asks = tuple(name for name in ("reviewed_on", "next_due") if household.one(name) is None)
    data = {
        "result": result, "amount_month": now, "effective_from": facts["month"],
        "reviewed_on": household.one("reviewed_on"), "next_due": household.one("next_due"),
    }  # fmt: skip
    happened = household.one("reviewed_on") or household.one("decided_on")
    draft = event(context, row, REVIEWED, happened, household.one("head"), data, process=household.number)
    if household.one("reviewed_on") is None:
        del draft["time"]
    zh = f"与上一份名册不同：{'，'.join(words)}。是动态复核的结果吗？"
    if left or joined:
        zh += "人员变动另以更正或新的审核确认报送。"
    en = "This differs from the last roster. Was it reviewed? Other persons are a correction or a new decision."
    return Proposal(REVIEWED, zh, en, row.place, known.place, draft, asks)


def _ended(known: Known) -> Proposal:
    zh = f"上一份名册有、这一份没有的一户（保障至 {known.facts.get('month')}）。终止了吗？请说明原因。"
    en = f"A household of the last roster is gone (until {known.facts.get('month')}). Has it ended, and why?"
    draft = {"type": TERMINATED, "data": {"effective_to": known.facts.get("month")}}
    return Proposal(TERMINATED, zh, en, None, known.place, draft, ("reason",))


ROSTER = Roster("dibao", "civil_affairs", "低保花名册", "dibao roster of a month", COLUMNS, understand)
