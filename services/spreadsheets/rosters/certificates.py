"""The export of disability certificates 残疾人证导出表 (EXT-CERT): what changed since the last one, and how."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.rosters.declaring import Column, Context, Known, Outcome, Planned, Proposal, Roster, Row
from services.spreadsheets.rosters.understanding import begin, disappeared, event
from shared.errors import Fault
from shared.language.kinds import Setting, Unreadable
from shared.language.rules import years_later
from shared.policy.lists import code_lists

OF = "disability_federation.disability_certificate_"
GRADE_CHANGED = "disability_federation.disability_grade_changed"
GUARDIAN = "disability_federation.guardian_designated"
YEARS = 10
CODES, REISSUE = slice(18, 20), slice(20, None)
"""Where a certificate's number has category and grade, and where it counts the reissues."""
_CATEGORIES = {"精神": "6", "孤独症": "6", "自闭症": "6", "盲": "1", "聋": "2", "视力残疾": "1", "听力残疾": "2",
               "言语残疾": "3", "肢体残疾": "4", "智力残疾": "5", "精神残疾": "6", "多重残疾": "7"}  # fmt: skip
_GRADES = (
    {f"{digit}级": digit for digit in "1234"}
    | {
        roman + ending: digit
        for roman, digit in (("I", "1"), ("II", "2"), ("III", "3"), ("IV", "4"))
        for ending in ("", "级")
    }
    | {"一": "1", "二": "2", "三": "3", "四": "4"}
)
_STATES = {"正常": "valid", "在用": "valid", "有效期内": "valid", "已过期": "expired", "到期": "expired",
           "已冻结": "frozen", "已注销": "cancelled"}  # fmt: skip
_PART = re.compile(r"(.+?)(?:残疾)?[-:]?([一二三四1-4]|I{1,3}|IV)级?")

category, grade = cells.code("DISCAT", _CATEGORIES), cells.code("DISGRADE", _GRADES)


def _status(value: Any, setting: Setting) -> str | None:
    """Read how a certificate stands; `已迁出` is a move, and no state of a certificate."""
    found = cells.plain(value)
    if found in {"已迁出", "迁出", "已迁移"}:
        return "moved"
    known: str | None = cells.code("CERTSTAT", _STATES)(value, setting)
    return known


def _valid_to(value: Any, setting: Setting) -> date | None:
    if cells.plain(value) in {"长期", "长期有效", "永久"}:
        zh = "残疾人证有效期为十年，没有“长期”；请填写截止日期。"
        raise Unreadable("validity_not_ten_years", zh, "A certificate is valid for ten years; write the last day.")
    return cells.day(value, setting)


def parts(value: Any, setting: Setting) -> tuple[dict[str, str], ...] | None:
    """Read what a multiple disability is made of: `肢体一级、智力二级` or `4-1;5-2`."""
    found = []
    for piece in re.split(r"[、,;；，\s]+", cells.plain(value)):
        if piece in cells.NOTHING:
            continue
        known = _PART.fullmatch(piece)
        if known is None:
            zh, en = "多重残疾明细应如“肢体一级、智力二级”。", "Write the parts like 肢体一级、智力二级 or 4-1;5-2."
            raise Unreadable("not_a_component", zh, en)
        found.append({"category": category(known[1], setting), "grade": grade(known[2], setting)})
    return tuple(found) or None


COLUMNS = (
    Column("name", "姓名", cells.text, ("残疾人姓名",), needed=True, person=True),
    Column("sex", "性别", cells.text),
    Column("person", "身份证号", cells.number, ("公民身份号码", "身份证号码", "身份证"), needed=True, person=True),
    Column("cert_no", "残疾人证号", cells.certificate, ("残疾证号", "残疾人证号码", "证号"), needed=True, person=True),
    Column("category", "残疾类别", category, ("残疾类型", "类别"), needed=True),
    Column("grade", "残疾等级", grade, ("等级", "残疾级别"), needed=True),
    Column("components", "多重残疾明细", parts, ("多重明细", "多重残疾构成")),
    Column("first_on", "首次发证日期", cells.day, ("初次发证日期", "首次办证日期")),
    Column("issued_on", "发证日期", cells.day, ("签发日期", "核发日期", "办证日期"), needed=True),
    Column("valid_to", "有效期至", _valid_to, ("有效期", "有效期限", "到期日期"), needed=True),
    Column("status", "证件状态", _status, ("状态", "残疾人证状态"), needed=True),
    Column("division", "户籍地", cells.code("DIV"), ("发证县区", "户籍所在地", "县区"), needed=True),
    Column("guardian_name", "监护人姓名", cells.text, ("监护人",)),
    Column("guardian", "监护人身份证号", cells.number, ("监护人公民身份号码", "监护人身份证号码")),
    Column("cancelled_on", "注销日期", cells.day),
    Column("cancel_reason", "注销原因", cells.text),
    Column("frozen_on", "冻结日期", cells.day),
    Column("freeze_reason", "冻结原因", cells.text),
    Column("unfrozen_on", "解冻日期", cells.day),
)


def understand(rows: Sequence[Row], context: Context) -> Outcome:
    """Say what the certificates of the export mean, against those of the last export."""
    outcome, readable = begin(rows, context)
    seen = {row["person"] for row in rows if row["person"]}
    newest = _newest(outcome, readable)
    for row in newest:
        if faults := list(_faults(row)):
            outcome.refuse(row, *faults)
        else:
            _certificate(outcome, row, context)
    for known in disappeared(outcome, rows, seen, context):
        outcome.proposals.append(_gone(known))
    return outcome


def _newest(outcome: Outcome, rows: Sequence[Row]) -> list[Row]:
    """Return each person's newest certificate, after those that it replaced: they are history, and said so."""
    by_person: dict[str, list[Row]] = {}
    for row in rows:
        by_person.setdefault(row["person"], []).append(row)
    kept = []
    for found in by_person.values():
        *older, last = sorted(found, key=lambda row: (row["issued_on"], row["status"] != "cancelled", row.number))
        for row in older:
            zh, en = (
                "同一人还有更新的证件；本行是旧证，未导入。",
                "This person has a newer certificate; this is history.",
            )
            outcome.warn("older_certificate", zh, en, row.place)
        kept.append(last)
    return sorted(kept, key=lambda row: (row.sheet, row.number))


def _faults(row: Row) -> Any:
    number = row["cert_no"]
    if number[:18] != row["person"]:
        zh, en = "残疾人证号前 18 位不是本行的身份证号。", "The certificate's number is not this person's."
        yield Fault("certificate_of_another", "残疾人证号", zh, en)
    if number[CODES] != row["category"] + row["grade"]:
        zh, en = "残疾人证号第 19、20 位与残疾类别、等级不一致。", "Characters 19 and 20 are not category and grade."
        yield Fault("certificate_number_differs", "残疾人证号", zh, en)
    if row["valid_to"] != years_later(row["issued_on"], YEARS) and number[REISSUE] == "":
        zh, en = "有效期不是发证日期起十年。", "A certificate is valid for ten years from the day it is issued."
        yield Fault("validity_not_ten_years", "有效期至", zh, en)
    for status, name, header in (("frozen", "frozen_on", "冻结日期"), ("cancelled", "cancelled_on", "注销日期")):
        if row["status"] == status and row[name] is None:
            yield Fault("required_here", header, f"须写明{header}。", "The day of it is needed.")


def _certificate(outcome: Outcome, row: Row, context: Context) -> None:
    known = context.record.known(row["person"])
    _remember(outcome, row, known, context)
    if row["guardian"] or row["guardian_name"]:
        outcome.proposals.append(_guardian(row, context))
    if known is None:
        legacy = context.is_first(row)
        sent = [*_first(outcome, row, context, legacy=legacy), *_standing(row, None, context)]
    else:
        sent = [*_since(outcome, row, known, context), *_standing(row, known, context)]
        if not sent and not any(one.place == row.place and one.type != GUARDIAN for one in outcome.proposals):
            outcome.unchanged.append(row.place)
    outcome.events += [Planned(one, row.place) for one in sent]


def _remember(outcome: Outcome, row: Row, known: Known | None, context: Context) -> None:
    facts = {
        "suffix": row["cert_no"][18:],
        "issued_on": row["issued_on"].isoformat(),
        "status": row["status"],
        "division": row["division"],
        "print": _print(row, context),
    }
    if known is not None:  # what is only proposed counts once it has been decided
        facts["division"] = known.facts["division"]
        if row["status"] == "moved":
            facts = dict(known.facts)
        if row["status"] == "valid" and known.facts["status"] == "frozen" and row["unfrozen_on"] is None:
            facts["status"] = "frozen"
    outcome.remember[row["person"]] = Known(row.place, facts)


def _print(row: Row, context: Context) -> str:
    """Return what tells whether an export says the same of a certificate as the last one."""
    said = [row[name] for name in ("category", "grade", "issued_on", "valid_to", "first_on", "components")]
    return context.record.mask(f"{row['cert_no']} {said}")


def _made(row: Row) -> dict[str, Any]:
    names = ("cert_no", "category", "grade", "issued_on", "valid_to", "components")
    return {name: row[name] for name in names}


def _first(outcome: Outcome, row: Row, context: Context, *, legacy: bool) -> list[dict[str, Any]]:
    """Return the certificate of a person nobody knows: of the first export as history, whose order is waived.

    A card that was made out again is valid as long as the one before, which was made out ten years before that day.
    """
    begun, first = row["issued_on"], row["first_on"]
    found = []
    if row["cert_no"][REISSUE]:
        begun = _years_before(row["valid_to"])
        found = _reissued(outcome, row, context, legacy=legacy)
        if not found:
            return []
    made = _made(row) | {"cert_no": row["cert_no"][:20], "issued_on": begun}
    kind = "renewed" if first is not None and first < begun else "issued"
    if kind == "issued":
        made["issuer"] = f"{_county(row)}残联"
    sent = event(context, row, f"{OF}{kind}", begun, row["person"], made, division=row["division"], legacy=legacy)
    return [sent, *found]


def _reissued(outcome: Outcome, row: Row, context: Context, *, legacy: bool = False) -> list[dict[str, Any]]:
    zh, en = "导出表没有补发原因。本表各次补发的原因按什么登记（如“遗失”）？", "Why were cards made out again (遗失)?"
    reason = outcome.ask(context, "reissue_reason", zh, en)
    if reason is None:
        return []
    number, issued = row["cert_no"], row["issued_on"]
    data = {"cert_no": number, "reissue_seq": int(number[REISSUE][1:]), "issued_on": issued, "reason": reason}
    return [
        event(
            context, row, f"{OF}reissued", issued, row["person"], data, division=row["division"], legacy=legacy, nth=4
        )
    ]


def _years_before(day: date) -> date:
    """Return the day on which a certificate that is valid until a day was made out."""
    try:
        return day.replace(year=day.year - YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year - YEARS, day=28)


def _county(row: Row) -> str:
    return str(code_lists()["DIV"]["codes"][row["division"]]["zh"])


def _since(outcome: Outcome, row: Row, known: Known, context: Context) -> list[dict[str, Any]]:
    """Return what happened to a certificate since the last export."""
    old, new = str(known.facts["suffix"]), row["cert_no"][18:]
    subject, division, issued = row["person"], row["division"], row["issued_on"]
    found = []
    if row["status"] == "valid" and known.facts["status"] == "frozen" and row["unfrozen_on"] is None:
        outcome.proposals.append(_unfrozen(row, known, context))
    if division != known.facts["division"] or row["status"] == "moved":
        outcome.proposals.append(_migration(row, known, context))
    if new[:2] != old[:2]:
        data = {
            "cert_no": row["cert_no"], "old_category": old[0], "old_grade": old[1], "category": row["category"],
            "grade": row["grade"], "effective_on": issued, "components": row["components"],
        }  # fmt: skip
        found.append(event(context, row, GRADE_CHANGED, issued, subject, data, division=division))
    elif new[2:] != old[2:] and new[2:]:
        found += _reissued(outcome, row, context)
    elif issued.isoformat() > str(known.facts["issued_on"]):
        found.append(event(context, row, f"{OF}renewed", issued, subject, _made(row), division=division))
    elif issued.isoformat() < str(known.facts["issued_on"]):
        zh, en = (
            "发证日期早于上一份导出表里的日期；未导入，请核对。",
            "This was issued before the one of the last export.",
        )
        outcome.refuse(row, Fault("older_than_record", "发证日期", zh, en))
    elif _print(row, context) != known.facts["print"] and row["status"] != "moved":
        # the door knows what is on record under the same number and day, and says which record it is
        found += _first(outcome, row, context, legacy=True)
    return found


def _standing(row: Row, known: Known | None, context: Context) -> list[dict[str, Any]]:
    """Return the freeze, its end, or the cancellation that an export shows and the last one did not."""
    before, now = (known.facts["status"] if known else "valid"), row["status"]
    subject, division = row["person"], row["division"]
    legacy = known is None and context.is_first(row)

    def of(what: str, on: date, data: dict[str, Any]) -> dict[str, Any]:
        return event(context, row, f"{OF}{what}", on, subject, data, division=division, legacy=legacy, nth=1)

    if now == before:
        return []
    if now == "frozen":
        data = {"reason": row["freeze_reason"] or "名册未写原因", "frozen_on": row["frozen_on"]}
        return [of("frozen", row["frozen_on"], data)]
    if now == "cancelled":
        data = {"reason": row["cancel_reason"] or "名册未写原因", "cancelled_on": row["cancelled_on"]}
        return [of("cancelled", row["cancelled_on"], data)]
    if before == "frozen" and now == "valid" and row["unfrozen_on"]:
        return [of("unfrozen", row["unfrozen_on"], {"unfrozen_on": row["unfrozen_on"]})]
    return []


def _unfrozen(row: Row, known: Known, context: Context) -> Proposal:
    type_ = f"{OF}unfrozen"
    draft = event(context, row, type_, row["issued_on"], row["person"], {}, division=row["division"], nth=5)
    del draft["time"]
    zh, en = "上一份为冻结，这一份为有效。何日解冻？", "It was frozen in the last export and is valid now. Since when?"
    return Proposal(type_, zh, en, row.place, known.place, draft, ("unfrozen_on",))


def _migration(row: Row, known: Known, context: Context) -> Proposal:
    """Propose the migration that another division shows: the export does not say on which day it was."""
    type_ = f"{OF}migrated"
    to = None if row["status"] == "moved" else row["division"]
    data = {"from_division": known.facts["division"], "to_division": to}
    draft = event(context, row, type_, row["issued_on"], row["person"], data, division=row["division"], nth=2)
    del draft["time"]
    zh, en = "户籍地与上一份不同（或已迁出）。何日迁证？", "The division is another one: on which day did it migrate?"
    asks = ("migrated_on",) if to else ("to_division", "migrated_on")
    return Proposal(type_, zh, en, row.place, known.place, draft, asks)


def _guardian(row: Row, context: Context) -> Proposal:
    data = {"guardian": row["guardian"]}
    draft = event(context, row, GUARDIAN, row["issued_on"], row["person"], data, division=row["division"], nth=3)
    del draft["time"]
    asks = tuple(name for name in ("guardian", "relation", "from_date") if name not in draft["data"])
    zh = "表上写了监护人，没有写关系和起始日期；由登记处决定是否报送。"
    en = "A guardian is named without relation and first day; the registry decides."
    return Proposal(GUARDIAN, zh, en, row.place, None, draft, asks)


def _gone(known: Known) -> Proposal:
    zh = "上一份导出表有、这一份没有。迁出本市、注销，还是本人去世？请说明原因和日期。"
    en = "The last export has it and this one has not: a move out of the city, a cancellation, or a death? When?"
    return Proposal(f"{OF}cancelled", zh, en, None, known.place, {}, ("reason", "cancelled_on"))


ROSTER = Roster(
    "certificates",
    "disability_federation",
    "残疾人证导出表",
    "export of disability certificates",
    COLUMNS,
    understand,
    scope="division",
)
