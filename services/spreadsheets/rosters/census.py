"""The self-help census 自助互助康复摸底表 (SH-1): counts for each county and category; nobody's name enters the log."""

from collections.abc import Sequence
from datetime import date
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
from services.spreadsheets.rosters.understanding import begin, event
from shared.errors import Fault

SURVEYED = "disability_federation.baseline_surveyed"
REFERRED = "disability_federation.participant_referred"
_CATEGORIES = {
    "中途失明": "SH1", "后天失明": "SH1", "中途失聪": "SH2", "后天失聪": "SH2", "脊髓损伤": "SH3", "脊损": "SH3",
    "成年智力障碍": "SH4", "成年智障": "SH4", "成年智力残疾人及亲友": "SH4", "精神障碍": "SH5", "稳定期精神障碍": "SH5",
    "成年智力障碍者": "SH4", "稳定期精神障碍者": "SH5",
}  # fmt: skip
_UNSURE = {
    "视力": "视力残疾有先天和中途两种；中途失明者为 SH1", "视力残疾": "视力残疾有先天和中途两种；中途失明者为 SH1",
    "听力": "听力残疾有先天和中途两种；中途失聪者为 SH2", "听力残疾": "听力残疾有先天和中途两种；中途失聪者为 SH2",
    "肢体": "肢体残疾不都是脊髓损伤；脊髓损伤者为 SH3", "肢体残疾": "肢体残疾不都是脊髓损伤；脊髓损伤者为 SH3",
    "智力": "智力残疾须为成年人或其亲友；为 SH4", "智力残疾": "智力残疾须为成年人或其亲友；为 SH4",
    "精神": "精神残疾须处于稳定期；为 SH5", "精神残疾": "精神残疾须处于稳定期；为 SH5",
}  # fmt: skip
_NEEDS = {
    "培训": "KNOW", "康复培训": "KNOW", "心理": "PSY", "心理辅导": "PSY", "辅具": "DEV", "辅助器具": "DEV",
    "咨询服务": "CONSULT", "居家指导": "HOMEG", "独立生活": "LIFE", "社会融入": "LIFE",
}  # fmt: skip
COLUMNS = (
    Column(
        "division",
        "县(市、区)",
        cells.code("DIV"),
        ("地区", "县市区", "县", "所属地区", "县区"),
        needed=True,
        title=True,
        words=names("DIV"),
    ),
    Column(
        "category",
        "类别",
        cells.code("SHCAT", _CATEGORIES, _UNSURE),
        ("自助互助类别", "障碍类别"),
        needed=True,
        title=True,
        words=(*_CATEGORIES, *names("SHCAT")),
    ),
    Column("name", "姓名", cells.text, needed=True, person=True),
    Column("person", "身份证号", cells.number, ("公民身份号码", "身份证号码"), needed=True, person=True),
    Column("cert_no", "残疾人证号", cells.certificate, ("残疾证号",)),
    Column("needs", "需求内容", cells.codes("SHCONT", _NEEDS), ("需求", "康复需求")),
    Column("willing", "是否愿意参加", cells.yes_no, ("愿意参加", "参加意愿")),
    Column("trained", "是否已受训", cells.yes_no, ("已受训", "是否参加过培训")),
    Column("surveyed_on", "摸底日期", cells.day, ("调查日期", "填表日期"), needed=True, title=True),
)


def understand(rows: Sequence[Row], context: Context) -> Outcome:
    """Count the census's persons by county and category. A count with a row that cannot be read is not recorded."""
    outcome, readable = begin(rows, context)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in readable:
        groups.setdefault((context.of(row, "division"), context.of(row, "category")), []).append(row)
    _same_person_elsewhere(outcome, groups)
    unreadable = [row for row in rows if row.faults]
    for (division, category), found in groups.items():
        if any(_could_belong(row, division, category, context) for row in unreadable):
            zh = "本类别有的行没有读懂，人数会不准；改好后再导入，暂不记录本类别。"
            en = "A row of this category could not be read: its count waits until that is corrected."
            for row in found:
                outcome.refuse(row, Fault("count_incomplete", "", zh, en))
        else:
            _group(outcome, found, division, category, context)
    return outcome


def _could_belong(row: Row, division: str, category: str, context: Context) -> bool:
    return context.of(row, "division") in {division, None} and context.of(row, "category") in {category, None}


def _same_person_elsewhere(outcome: Outcome, groups: dict[tuple[str, str], list[Row]]) -> None:
    first: dict[str, str] = {}
    for (_, category), rows in groups.items():
        for row in rows:
            if first.setdefault(row["person"], category) != category:
                zh, en = "同一人还列在另一类别。", "This person stands under another category too."
                outcome.warn("person_in_two_categories", zh, en, row.place)


def _persons(outcome: Outcome, rows: Sequence[Row]) -> list[Row]:
    """Return one row for each person."""
    by_person: dict[str, Row] = {}
    for row in rows:
        if row["person"] in by_person:
            zh, en = "同一人在本类别出现两次，只计一次。", "This person stands here twice and is counted once."
            outcome.warn("person_twice", zh, en, row.place)
        by_person.setdefault(row["person"], row)
    return list(by_person.values())


def _group(outcome: Outcome, rows: Sequence[Row], division: str, category: str, context: Context) -> None:
    persons = _persons(outcome, rows)
    surveyed: date = max(context.of(row, "surveyed_on") for row in persons)
    needing = sum(1 for row in persons if row["willing"])
    facts = {"count": len(persons), "needing": needing}
    data: dict[str, Any] = {
        "category": category, "division": division, "count": len(persons), "surveyed_on": surveyed,
        "needing": needing if any(row["willing"] is not None for row in persons) else None,
        "trained_before": sum(1 for row in persons if row["trained"])
        if any(row["trained"] is not None for row in persons) else None,
        "needs": tuple(dict.fromkeys(need for row in persons for need in row["needs"] or ())) or None,
        "professionals": context.title.get("professionals"),
    }  # fmt: skip
    sent = event(context, rows[0], SURVEYED, surveyed, None, data, division=division)
    outcome.events.append(Planned(sent, rows[0].place, tuple(row.place for row in rows[1:])))
    key = f"{division} {category}"
    known = context.record.known(key)
    if known is not None and known.facts["count"] != len(persons):
        zh = f"上一份摸底表本类别 {known.facts['count']} 人，这一份 {len(persons)} 人。"
        en = f"The last census had {known.facts['count']} persons of this category, this one {len(persons)}."
        outcome.warn("count_changed", zh, en, rows[0].place)
    outcome.remember[key] = Known(rows[0].place, facts)
    outcome.proposals += [_referral(row, category, context) for row in persons if row["willing"]]


def _referral(row: Row, category: str, context: Context) -> Proposal:
    """Propose to refer somebody who is willing. Whether there is a case is looked up by who decides."""
    surveyed = context.of(row, "surveyed_on")
    division = context.of(row, "division")
    draft = event(context, row, REFERRED, surveyed, row["person"], {"category": category}, division=division, nth=1)
    del draft["time"]
    zh = "愿意参加。如已有户案，可推荐为学员；由人决定并报送。"
    en = "This person is willing: if there is a case, a person may refer them."
    return Proposal(REFERRED, zh, en, row.place, None, draft, ("by_org", "referred_on"))


ROSTER = Roster(
    "census",
    "disability_federation",
    "自助互助康复摸底表",
    "self-help census",
    COLUMNS,
    understand,
    beside="专业技术人员",
)
