"""What has happened between families and who helps them, and in sport (clauses XN-4, XN-12, XN-13, XN-S2)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public
from shared.language.kinds import (
    CompetitionLevel, Count, Day, Document, EvaluationResult, Line, Need, Note, Officer, Org, Uscc,
)


@event("结对帮扶建立", about="family", clause="XN-12 XN-S2", key="subject unit from_date",
       says="自{from_date}起{unit}与该家庭结对帮扶[，至{to_date}止]")
class PairingEstablished:
    """Recorded when an office or a company takes on a family, with somebody who keeps in touch with it."""
    unit: Org = internal("结对单位", {"code": "52421299MJXRE0019W", "name": "虚构县商务局"})
    contact_person: Officer = personal("联系人")
    from_date: Day = internal("起始日期", "2025-04-10")
    to_date: Day | None = internal("截止日期", "2027-12-31")


@event("结对走访", about="family", clause="XN-12", key="process visited_on", says="{visited_on}结对单位走访该家庭")
class PairingVisited:
    """Recorded when the family has been visited by who takes care of it."""
    visited_on: Day = internal("走访日期", "2025-06-01")
    help: Note | None = personal("帮扶内容", "送康复训练用品")


@event("结对结束", about="family", clause="XN-12", key="process",
       says="该家庭的结对帮扶于{ended_on}结束[，原因：{reason}]")
class PairingEnded:
    """Recorded when a pairing ends."""
    ended_on: Day = internal("结束日期", "2026-04-09")
    reason: Line | None = internal("结束原因", "帮扶期满")


@event("社会助残组织培育", about="organisation", clause="XN-13", key="uscc valid_to",
       says="将{org_name}列为社会助残组织予以培育，服务领域：{fields}，支持方式：{support}[，有效期至{valid_to}]")
class SocialOrgEngaged:
    """Recorded when a social organisation is supported or commissioned to serve disabled people."""
    org_name: Line = public("单位名称", "虚构助残服务中心")
    uscc: Uscc = public("统一社会信用代码")
    fields: tuple[Need, ...] = public("服务领域", ["REHAB", "PSY"])
    support: Line = internal("支持方式", "购买服务")
    valid_to: Day | None = public("有效期至", "2026-12-31")


@event("社会助残组织评估", about="organisation", clause="XN-13", key="uscc evaluated_on",
       says="{evaluated_on}评估社会助残组织（统一社会信用代码{uscc}），结论：{result}[，服务家庭{families_served}户]")
class SocialOrgEvaluated:
    """Recorded when it has been looked at how well a social organisation serves."""
    uscc: Uscc = public("统一社会信用代码")
    evaluated_on: Day = public("评估日期", "2025-12-10")
    result: EvaluationResult = public("评估结论", "good")
    families_served: Count | None = public("服务家庭数", 45)
    report_doc: Document | None = internal("评估报告")


@event("参加体育赛事", about="person", clause="XN-4", key="subject event_name held_on",
       says="{subject}于{held_on}参加{event_name}（{level}）[，项目：{discipline}][，奖项：{award}]")
class SportsEventJoined:
    """Recorded when a person has taken part in a competition."""
    event_name: Line = public("赛事名称", "虚构市残疾人运动会")
    level: CompetitionLevel = public("赛事级别", "city")
    held_on: Day = public("比赛日期", "2025-10-11")
    discipline: Line | None = personal("项目", "田径100米")
    award: Line | None = personal("奖项", "第三名")
