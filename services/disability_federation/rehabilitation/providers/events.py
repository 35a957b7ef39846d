"""Who provides rehabilitation, from designation to its end, and what families get at community stations."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, sensitive
from shared.language.kinds import (
    Count, Day, Division, Document, EvaluationResult, Flag, InstitutionKind, Line, Org, RehabCategory, ServedPerson,
    StationService, Uscc,
)

_STATION = {"code": "JY.SQ01", "name": "虚构镇社区康复站"}


@event("定点机构确定(协议)", about="organisation", clause="XN-2 XN-7", key="uscc kind valid_from",
       says="确定{org_name}（统一社会信用代码{uscc}）为{division}的{kind}[，康复类别：{categories}]，"
            "有效期自{valid_from}至{valid_to}[，可接收{places}人]")
class InstitutionDesignated:
    """Recorded when the agreement with an institution has made it one where aid can be used."""
    org_name: Line = public("单位名称", "虚构服务中心")
    uscc: Uscc = public("统一社会信用代码")
    kind: InstitutionKind = public("机构类型", "REHAB")
    division: Division = public("所属地区", "421221")
    categories: tuple[RehabCategory, ...] | None = public("康复类别", ["HEA", "SPE"])
    valid_from: Day = public("有效期起", "2025-01-01")
    valid_to: Day = public("有效期至", "2027-12-31")
    places: Count | None = public("可接收名额", 60)


@event("定点资格终止", about="organisation", clause="XN-2 XN-7", key="uscc ended_on",
       says="机构（统一社会信用代码{uscc}）的定点资格于{ended_on}终止，原因：{reason}")
class InstitutionDesignationEnded:
    """Recorded when an institution's agreement ends before its time."""
    uscc: Uscc = public("统一社会信用代码")
    reason: Line = public("终止原因", "机构主动退出")
    ended_on: Day = public("结束日期", "2026-06-30")


@event("定点机构评估", about="organisation", clause="XN-0 XN-2", key="uscc evaluated_on",
       says="{evaluated_on}完成对定点机构（统一社会信用代码{uscc}）的评估，结论：{result}[，可接收{places}人]"
            "[，等候{waiting}人][，专业人员{staff}人]")
class InstitutionEvaluated:
    """Recorded when it has been judged how well a designated institution works, and how many it can take."""
    uscc: Uscc = public("统一社会信用代码")
    evaluated_on: Day = public("评估日期", "2025-11-20")
    result: EvaluationResult = public("评估结论", "good")
    places: Count | None = public("可接收名额", 60)
    waiting: Count | None = public("等候人数", 4)
    staff: Count | None = public("专业人员数", 18)
    report_doc: Document | None = internal("评估报告")


@event("社区康复站设立", about="organisation", clause="XN-7", key="station opened_on", found_by="station",
       says="{opened_on}在{division}设立{station}，服务项目：{services}[，指导机构：{guided_by}]")
class CommunityStationOpened:
    """Recorded when a station for rehabilitation near home begins to serve."""
    station: Org = public("社区康复站", _STATION)
    division: Division = public("所属地区", "421221")
    opened_on: Day = public("设立日期", "2025-01-10")
    services: tuple[StationService, ...] = public("服务项目", ["train", "rental"])
    guided_by: Org | None = public("指导机构")


@event("社区康复站撤销", about="organisation", clause="XN-7", key="station closed_on", found_by="station",
       says="{station}于{closed_on}撤销，原因：{reason}")
class CommunityStationClosed:
    """Recorded when a station serves no longer."""
    station: Org = public("社区康复站", _STATION)
    closed_on: Day = public("撤销日期", "2026-12-31")
    reason: Line = public("撤销原因", "并入虚构乡社区康复站")


@event("社区康复站服务", about="person", clause="XN-7", key="subject station service served_on",
       says="{station}于{served_on}为{subject}提供社区康复服务：{service}[，指导机构：{guided_by}]")
class CommunityRehabProvided:
    """Recorded when a station has guided or served a person."""
    station: Org = internal("社区康复站", _STATION)
    service: Line = personal("服务内容", "家庭训练指导")
    guided_by: Org | None = internal("指导机构")
    served_on: Day = personal("服务日期", "2025-03-01")


@event("心理服务", about="person", clause="XN-7", key="subject provider served_on for_whom",
       says="{provider}于{served_on}为{subject}一户提供心理服务，服务对象：{for_whom}[，服务形式：{mode}]"
            "[，{risk_flag:有风险提示|无风险提示}][，应于{follow_up_due}前回访]")
class PsychologicalSupportProvided:
    """Recorded when a child or its family had psychological support: that it took place, never what was said."""
    provider: Org = internal("服务机构")
    served_on: Day = sensitive("服务日期", "2025-03-01")
    mode: Line | None = sensitive("服务形式", "个别咨询")
    for_whom: ServedPerson = sensitive("服务对象", "parent")
    risk_flag: Flag | None = sensitive("存在风险")
    follow_up_due: Day | None = sensitive("应回访日期", "2025-04-01")
