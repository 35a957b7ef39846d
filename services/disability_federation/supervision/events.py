"""What has happened in leading, inspecting and publicising the work (clauses XN-S1, XN-S3, SH-S4, EXT-PIPL)."""

from shared.language.catalogue import event
from shared.language.fields import internal, public, sensitive
from shared.language.kinds import (
    Count, Day, DepartmentCode, Division, Document, EventId, Flag, Line, Medium, Month, Note, Person, Year,
)


@event("列入年度重点工作", about="organisation", clause="XN-S1", key="year by_department division doc_no",
       says="困难残疾儿童家庭保障工作列入{year}年度重点工作，文号：{doc_no}[，实施部门：{by_department}][，年度目标：{targets}]")
class AnnualPlanAdopted:
    """Recorded when a county or a department has made this work one of its priorities of a year."""
    year: Year = public("年度", 2025)
    doc_no: Line = public("文号", "虚残发〔2025〕3号")
    targets: Line | None = public("年度目标", "困难残疾儿童家庭应助尽助")
    by_department: DepartmentCode | None = public("实施部门", "DPF")


@event("工作调度", about="organisation", clause="XN-S1", key="division held_on",
       says="{held_on}召开工作调度会，参加部门：{departments}")
class ProgressMeetingHeld:
    """Recorded when the departments have met about how far the work has come."""
    held_on: Day = internal("调度日期", "2025-06-20")
    departments: tuple[DepartmentCode, ...] = internal("参加部门", ["DPF", "EDU", "CIV"])
    minutes_doc: Document | None = internal("会议纪要")


@event("督导检查", about="organisation", clause="XN-S1", key="division held_on", found_by="anywhere",
       says="{held_on}对{division}开展督导检查，参加部门：{departments}，抽查{cases_sampled}户")
class InspectionHeld:
    """Recorded when the work of a county has been inspected, with a sample of its families."""
    held_on: Day = internal("检查日期", "2025-09-16")
    division: Division = internal("被检查地区", "421221")
    departments: tuple[DepartmentCode, ...] = internal("参加部门", ["DPF", "CIV"])
    cases_sampled: Count = internal("抽查户数", 20)
    findings: Note | None = internal("检查发现", "三户的康复救助申请超过办理时限")


@event("整改通知", about="organisation", clause="XN-S1", key="process responsible_dept due_on",
       says="向{responsible_dept}下达督导检查整改通知，整改期限：{due_on}")
class RectificationOrdered:
    """Recorded when a department is told to put right what an inspection has found."""
    issue: Note = internal("整改问题", "康复救助申请超过办理时限")
    due_on: Day = internal("整改期限", "2025-10-31")
    responsible_dept: DepartmentCode = internal("责任部门", "DPF")


@event("整改完成", about="organisation", clause="XN-S1", says="督导检查发现的问题于{done_on}整改完成")
class RectificationDone:
    """Recorded when what an inspection has found has been put right."""
    done_on: Day = internal("整改完成日期", "2025-10-24")
    evidence: Note = internal("佐证说明", "三户均已办结")


@event("检查情况报市委市政府", about="organisation", clause="XN-S1", key="year doc_no",
       says="{submitted_on}向市委、市政府报送{year}年度督导检查情况，文号：{doc_no}")
class InspectionReportSubmitted:
    """Recorded when the city's leaders have been told what the inspections of a year have found."""
    year: Year = internal("检查年度", 2025)
    submitted_on: Day = internal("报送日期", "2025-12-15")
    doc_no: Line = internal("文号", "虚残报〔2025〕8号")


@event("政策宣传活动", about="organisation", clause="XN-S3 SH-S4",
       says="{held_on}开展政策宣传活动，主题：{topic}，渠道：{channel}，{personal_data_used:使用|未使用}个人信息"
            "[，实施部门：{by_department}]")
class PublicityActivityHeld:
    """Recorded when a department has told the public about the policy."""
    held_on: Day = public("活动日期", "2025-05-18")
    channel: Line = public("渠道", "社区宣传栏")
    topic: Line = public("主题", "残疾儿童康复救助政策")
    personal_data_used: Flag = internal("使用个人信息")
    by_department: DepartmentCode | None = public("实施部门", "DPF")
    persons: tuple[Person, ...] | None = sensitive(
        "涉及人员", ["421299198803150132"], when="personal_data_used=true", otherwise="allowed",
        words=("consent_missing_in_publicity", "宣传使用个人信息的，须写明涉及人员。",
               "Publicity that uses personal data must name the persons."),
    )
    consents: tuple[EventId, ...] | None = internal(
        "所依据的同意（事件编号）", when="personal_data_used=true", otherwise="allowed",
        words=("consent_missing_in_publicity", "宣传使用个人信息的，须写明所依据的同意。",
               "Publicity that uses personal data must name the consents that it rests on."),
    )


@event("个人信息安全事件", about="organisation", clause="XN-S3 EXT-PIPL",
       says="{occurred_on}发生个人信息安全事件，类别：{category}，涉及{affected_count}人")
class PrivacyIncidentReported:
    """Recorded when personal data has got lost, or to somebody who must not have it, and what was done about it."""
    occurred_on: Day = internal("发生日期", "2025-03-12")
    affected_count: Count = internal("涉及人数", 3)
    category: Line = internal("事件类别", "纸质名册遗失")
    measures: Note = internal("处置措施", "已告知三名当事人并报主管部门")


@event("典型宣传发布", about="person", clause="XN-S3 SH-S4", key="subject medium title published_on",
       says="{published_on}发布关于{subject}的典型宣传《{title}》，媒介：{medium}，{identifiable:可|不可}识别本人"
            "[，展示至{until}]")
class StoryPublished:
    """Recorded when the story of a person is made public, with the consent that it rests on."""
    consent: EventId = internal("所依据的同意（事件编号）")
    medium: Medium = public("媒介", "web")
    title: Line = public("标题", "重新听见的春天")
    published_on: Day = public("公布日期", "2025-05-18")
    identifiable: Flag = internal("可识别本人", False)
    until: Day | None = public("展示至", "2026-05-17")


@event("宣传内容撤下", about="person", clause="XN-S3 EXT-PIPL", key="process",
       says="关于{subject}的典型宣传于{taken_down_on}撤下，原因：{reason}")
class StoryTakenDown:
    """Recorded when the published story of a person has been taken down everywhere."""
    taken_down_on: Day = public("撤下日期", "2025-08-01")
    reason: Line = internal("撤下原因", "本人撤回同意")


@event("统计指标公布", about="organisation", clause="XN-S1", key="month table part known_on",
       says="公布{month}统计指标（{table}，{parts}部分之{part}），依据截至{effective_on}的事实、{known_on}所知，规则第{edition}版")
class IndicatorsPublished:
    """Recorded when a table of a month's indicators is made public; it keeps what its numbers rest on."""
    month: Month = public("统计月份", "2026-03")
    table: Line = public("统计表", "coverage")
    part: Count = public("第几部分", 1, at_least=1)
    parts: Count = public("共几部分", 1, at_least=1)
    known_on: Day = public("所知截至", "2026-04-05")
    effective_on: Day = public("事实截至", "2026-03-31")
    edition: Line = public("规则版次", "2")
    positions: tuple[Line, ...] = public("各部门日志位置", ["disability_federation 1520"])
    parameters: tuple[Line, ...] | None = public("所依据的参数记录", ["P-RECOG-WD 421221 2025-01-01 #12"])
    columns: tuple[Line, ...] = public("列名", ["clause", "rule", "county", "all", "met"])
    rows: tuple[Line, ...] = public("各行", ["XN-2|E02|421221|57|49;XN-2|E02|421222|*|*"])
