"""What each rule's own sentence says of how far it has come, from the values in a verdict's `because`. Pure.

The words follow the explanations of the rules. A rule without an entry, or a verdict without values, says nothing here:
state, gaps and facts are told for every verdict alike (`words`).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from shared.language.kinds import chinese_day
from shared.policy.lists import code_lists

Because = Mapping[str, Any]
Saying = Callable[[Because], str]


def saying(rule: str, because: Because) -> str:
    """Return what a rule says of how far it has come, or nothing."""
    made = SAYINGS.get(rule)
    return made(because) if made and because else ""


def _steps(**words: str) -> Saying:
    """Return what says a step in these words."""
    return lambda because: words.get(str(because.get("step")), "")


def _last(had: str, never: str, key: str = "last") -> Saying:
    """Return what says when something was last, or that it never was."""
    return lambda because: (f"{had}{_day(because[key])}" if because.get(key) else never) if key in because else ""


def _both(first: Saying, second: Saying) -> Saying:
    """Return what says one thing, then another."""
    return lambda because: "，".join(part for part in (first(because), second(because)) if part)


def _rehabilitation(because: Because) -> str:
    step = str(because.get("step"))
    words = {
        "apply": "尚未申请",
        "decide": "已申请，尚未决定",
        "begin": "已批准，尚未开训",
        "train": "训练中",
        "ended": "救助已结束",
    }
    without = because.get("months", 0)
    since = f"，已连续{without}个月没有训练记录" if step == "train" and without else ""
    return f"{because['year']}年度{words[step]}{since}" if step in words and "year" in because else ""


def _cochlear(because: Because) -> str:
    report = ""
    if "report" in because:
        report = f"{_day(because['report'])}的三甲报告显示{_code('DISGRADE', because['grade'])}听力障碍"
    step = _steps(
        apply="尚未申请", decide="已申请，待决定", implant="已批准，待手术", pay="已手术，待拨付", paid="已拨付"
    )(because)
    return "，".join(part for part in (report, step) if part)


def _self_paid(because: Because) -> str:
    quarter = because.get("quarter")
    when = f"{quarter.year}年第{(quarter.month + 2) // 3}季度" if isinstance(quarter, date) else ""
    paid = f"自费{because['self_paid']}元" if "self_paid" in because else ""
    step = _steps(claim="尚未申请", decide="已申请，待决定", pay="" if paid else "已批准")(because)
    return f"{when}{paid}" + (f"，{step}" if step else "") if when and (paid or step) else ""


def _schooling(because: Because) -> str:
    words = {"register": "尚未登记", "place": "已登记，待安置", "enrol": "已安置，待入学", "deferred": "暂缓入学"}
    step = str(because.get("step"))
    mode = _code("EDUMODE", because.get("mode"))
    said = f"已入学{f'，方式：{mode}' if mode else ''}" if step == "enrolled" else words.get(step, "")
    until = because.get("until")
    said += f"至{_day(until)}" if step == "deferred" and until else ""
    year = because.get("year")
    return f"{year}学年起适龄，{said}" if said and isinstance(year, int) else said


def _plans(because: Because) -> str:
    said = f"个别化计划制定于{_day(because['plan'])}" if because.get("plan") else "尚无个别化计划"
    if "month" in because:
        said += f"，{_day(because['month'])}送教{because['visits']}次（每月应不少于{because['enough']}次）"
    return said


def _money(because: Because) -> str:
    """Say what a household has, and how far it has come with dibao."""
    said = []
    if because.get("income") is not None and because.get("standard") is not None:
        below = "低于" if because["income"] < because["standard"] else "不低于"
        said.append(f"人均月收入{because['income']}元，{below}标准{because['standard']}元")
    step = _steps(apply="尚未申请", decide="已申请，待审核确认", granted="保障中")(because)
    said += [step] if step else []
    said += [f"{_day(because['unpaid'])}应发未发"] if because.get("unpaid") else []
    said += [f"{_day(because['uncovered'])}起两县之间无保障"] if because.get("uncovered") else []
    return "，".join(said)


def _single(because: Because) -> str:
    category, grade = _code("DISCAT", because.get("category")), _code("DISGRADE", because.get("grade"))
    said = [f"{category}{grade}残疾"] if category and grade else []
    step = _money({name: value for name, value in because.items() if name not in {"income", "standard"}})
    return "，".join([*said, step.replace("尚未申请", "尚未申请（须本人或监护人申请）")] if step else said)


def _premium(because: Because) -> str:
    if "year" not in because:
        return ""
    said = (
        "已参保，缴费已资助" if because["assisted"] else "已参保，缴费尚未资助" if because["enrolled"] else "尚未参保"
    )
    return f"{because['year']}年度{said}"


def _benefit(because: Because) -> str:
    level = _code("LTCLEVEL", None if because.get("level") is None else str(because["level"]))
    step = _steps(assess="已申请，待评估", decide="待核定待遇", granted="享受待遇中", below="低于起付等级")(because)
    return "，".join(part for part in (f"评估结论：{level}" if level else "", step) if part)


def _subsidies(because: Because) -> str:
    words = {"apply": "尚未申请", "decide": "已申请，待审定", "granted": "发放中", "stopped": "已停发"}
    said = []
    for benefit, one in because.items():
        name = _code("BENEFIT", benefit)
        if name and isinstance(one, Mapping) and one.get("step") in words:
            unpaid = f"，{_day(one['unpaid'])}应发未发" if one.get("unpaid") else ""
            said.append(f"{name}{words[one['step']]}{unpaid}")
    return "，".join(said)


def _parity(because: Because) -> str:
    since = f"{_day(because['since'])}就业或创业，" if because.get("since") else ""
    step = _steps(undecided="扶持待决定", granted="扶持已同意", refused="扶持被拒")(because)
    return f"{since}{step}" if step else ""


def _jobs(because: Because) -> str:
    since = f"{_day(because['since'])}提出就业需求，" if because.get("since") else ""
    words = {
        "unregistered": "尚未登记求职", "registered": "已登记，尚未推荐", "recommended": "已推荐", "employed": "已就业",
    }  # fmt: skip
    step = _steps(**words)(because)
    return f"{since}{step}" if step else ""


def _care(because: Because) -> str:
    words = {"need": "调查有托养需求", "certificate": "重度残疾", "transition": "转衔安排"}
    grounds = "、".join(words[one] for one in because.get("grounds", ()) if one in words)
    step = _steps(not_applied="尚未申请", undecided="待决定", not_started="已批准，待开始", in_service="服务中")(
        because
    )
    return "，".join(part for part in (grounds, f"托养{step}" if step else "") if part)


def _devices(because: Because) -> str:
    words = {"not_assessed": "尚未评估", "undecided": "待决定", "not_fitted": "已批准，待适配", "fitted": "已适配"}
    step = _steps(**words)(because)
    device = because.get("device")
    return f"{f'“{device}”' if device else '辅具'}{step}" if step else ""


def _home(because: Because) -> str:
    need = f"{_day(because['need'])}调查有改造需求" if because.get("need") else ""
    step = _steps(apply="尚未申请", decide="已申请，待决定", build="已批准，待施工验收", done="已验收合格")(because)
    return "，".join(part for part in (need, step) if part)


def _temporary(because: Because) -> str:
    step = _steps(apply="尚未申请", decide="已申请，待决定", pay="已批准，待发放", granted="已发放")(because)
    amount = f"（{because['amount']}元）" if because.get("amount") is not None and step else ""
    return f"{step}{amount}"


def _unpaid(because: Because) -> str:
    return f"{_day(because['unpaid'])}应发未发" if because.get("unpaid") else ""


def _day(value: Any) -> str:
    """Return a day or a month in Chinese."""
    return chinese_day(date.isoformat(value) if isinstance(value, date) else str(value))


def _code(list_: str, code: Any) -> str:
    zh: str = code_lists()[list_]["codes"].get(code, {}).get("zh", "") if code is not None else ""
    return zh


SAYINGS: dict[str, Saying] = {
    "E02": _rehabilitation,
    "E03": _cochlear,
    "E04": _self_paid,
    "E05": _unpaid,
    "E06": _home,
    "E07": _last("上次文体特艺机会在", "还没有过文体特艺机会"),
    "E08": _jobs,
    "E09": _parity,
    "E10": _care,
    "E11": _last("上次社区或机构康复指导在", "还没有过社区或机构康复指导"),
    "E12": _devices,
    "E13": _last("上次心理服务在", "还没有过心理服务"),
    "E14": _schooling,
    "E15": _plans,
    "E16": _money,
    "E17": _single,
    "E18": _single,
    "E19": _temporary,
    "E20": _both(_steps(apply="尚未协助申请", decide="待认定", granted="供养中"), _unpaid),
    "E21": _premium,
    "E22": _benefit,
    "E24": _last("上次走访在", "尚未走访", "visited"),
    "E25": _last("上次志愿服务在", "还没有过志愿服务"),
    "E26": _subsidies,
}
"""For each rule that leaves values behind: what says them."""
