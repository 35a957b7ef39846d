"""What has happened to a family's case, from its opening to its transfer, and to the platform that keeps it."""

from typing import Any

from shared.language.catalogue import (
    Closes, Dies, Distinguishes, Guards, Joins, Leaves, Merges, Opens, Renumbers, Reopens,
    Sets, event,
)
from shared.language.fields import internal, personal, public, refusal_reason, sensitive
from shared.language.form import Before
from shared.language.kinds import (
    Address, ConsentScope, ContactMode, Count, Day, Decision, DepartmentCode, DifficultBasis, Digest, DisputeOutcome,
    Division, Document, EndReason, EventId, Flag, GapType, HukouType, IdentityField, InformedAnswer, Line, MoveKind,
    Name, Need, Note, Officer, Org, ParameterValue, Party, Person, Phone, Refuse, Relation, RemovalReason, RosterKind,
    Source,
)
from shared.policy.lists import code_lists


@event("家庭建档", about="family", clause="XN-0", key="head members",
       effect=Opens("members", "head", division="division"),
       says="为{head}一户建档；家庭成员：{members}；户口类型：{hukou_type}，所在地：{division}"
            "[，户籍所在地：{hukou_division}]，信息来源：{source}")
class FamilyCaseOpened:
    """Recorded when a family with a disabled child is first written down."""
    hukou_type: HukouType = personal("户口类型", "rural")
    address_text: Address = sensitive("住址")
    division: Division = internal("所在地", "421221")
    members: tuple[Person, ...] = sensitive("家庭成员", ["421299198803150132", "42129920210512020X"])
    head: Person = personal("户主", "421299198803150132")
    source: Source = internal("信息来源", "survey")
    contact_phone: Phone | None = sensitive("联系电话")
    hukou_division: Division | None = personal("户籍所在地", "421221")


@event("增加家庭成员", about="family", clause="XN-0", effect=Joins("person", "joined_on"),
       key="subject person joined_on",
       says="{person}自{joined_on}起加入本户，与户主关系：{relation}，{coresident:共同生活|不共同生活}")
class FamilyMemberAdded:
    """Recorded when somebody has become a member of a family that has a case: by birth, marriage or otherwise."""
    person: Person = personal("人员", "422399199007080242")
    relation: Relation = personal("与户主关系", "10")
    joined_on: Day = personal("加入日期", "2025-02-10")
    coresident: Flag = personal("共同生活", True)


@event("减少家庭成员", about="family", clause="XN-0", effect=Leaves("person", "left_on", "reason"),
       key="subject person left_on",
       says="{person}自{left_on}起不再列为本户成员，原因：{reason}")
class FamilyMemberRemoved:
    """Recorded when somebody is a member of a family no longer, or never was."""
    person: Person = personal("人员", "422399199007080242")
    reason: RemovalReason = personal("减员原因", "separate")
    left_on: Day = personal("离开日期", "2025-02-20")


@event("家庭成员关系登记", about="person", clause="XN-0 XN-5", key="subject from_date",
       says="自{from_date}起登记{subject}与户主关系：{relation}，{coresident:共同生活|不共同生活}"
            "[，户籍所在地：{hukou_division}][，居住证所在地：{residence_permit_division}][；为{parent_of}的父亲或母亲]")
class MemberRelationRecorded:
    """Recorded when it is known how a member belongs to the family: with whom, whose parent, registered where."""
    name: Name | None = personal("姓名")
    relation: Relation = personal("与户主关系", "02")
    coresident: Flag = personal("共同生活", True)
    hukou_division: Division | None = personal("户籍所在地", "421221")
    residence_permit_division: Division | None = personal("居住证所在地", "421202")
    parent_of: tuple[Person, ...] | None = personal("系下列人员的父母", ["421299201709030139"])
    from_date: Day = personal("起始日期", "2025-02-10")


@event("监护人登记", about="person", clause="XN-0", key="subject guardian from_date",
       effect=Guards("guardian", since="from_date"),
       says="自{from_date}起{subject}的监护人为{guardian}，关系：{relation}")
class GuardianDesignated:
    """Recorded when it is known who speaks for a child, or for an adult under guardianship."""
    guardian: Person = personal("监护人", "421299198803150132")
    relation: Relation = personal("关系", "50")
    basis_doc: Document | None = personal("监护依据文书")
    from_date: Day = personal("起始日期", "2021-05-12")


@event("迁移（户籍/居住地）", about="family", clause="XN-0 EXT-CERT", key="subject move_kind to_division moved_on",
       says="{moved_on}由{from_division}迁至{to_division}（{move_kind}）[，迁移人员：{persons}]")
class HouseholdMoved:
    """Recorded when a family has moved its household registration or its home."""
    move_kind: MoveKind = internal("迁移类型", "hukou")
    from_division: Division = internal("迁出地", "421221")
    to_division: Division = internal("迁入地", "421202")
    new_address_text: Address = sensitive("新住址")
    moved_on: Day = personal("迁移日期")
    persons: tuple[Person, ...] | None = personal("迁移人员", ["421299198803150132", "42129920210512020X"])


@event("案卷移交", about="family", clause="XN-S1", says="案卷移交{to_division}[，事由：{reason}]")
class CaseTransferred:
    """Recorded when the county that keeps the case sends it to another county."""
    to_division: Division = internal("接收地", "421202")
    reason: Line | None = internal("事由", "户籍迁移")
    open_items: Note | None = internal("未结事项")


@event("案卷接收", about="family", clause="XN-S1",
       says="{accepted_division}接收案卷")
class CaseTransferAccepted:
    """Recorded when the other county takes the case, and with it the duty to act."""
    accepted_division: Division = internal("接收地", "421202")


class ConsentInWords:
    """Version 1: the form's words said what was agreed to; codes beside them were optional."""
    consent_by: Person = personal("同意人", "421299198803150132")
    scope: Line = internal("同意范围", "康复、教育、救助、结对")
    form_doc: Document = internal("同意书")
    valid_to: Day | None = internal("有效期至", "2027-12-31")
    scopes: tuple[ConsentScope, ...] | None = internal("同意事项", ["rehab", "assistance", "pairing"])


class WithdrawalInWords:
    """Version 1: words said what was no longer agreed to; codes beside them were optional."""
    scope: Line = internal("同意范围", "结对")
    effect: Note = internal("撤回后的处理", "停止结对帮扶，法定职责所需的处理继续。")
    scopes: tuple[ConsentScope, ...] | None = internal("同意事项", ["pairing"])


def codes_of_words(data: dict[str, Any]) -> dict[str, Any]:
    """Return a consent or its withdrawal with the codes that its words name, where it has none of its own."""
    if "scopes" in data:
        return data
    codes = code_lists()["CONSENT"]["codes"]
    found = [code for code, entry in codes.items() if any(word in data["scope"] for word in entry["words"])]
    return data | {"scopes": found or [OTHER_SCOPE]}


OTHER_SCOPE = "other"
"""The code (CONSENT) of what no other one stands for: the words on the form say it."""


@event("监护人知情同意登记", about="person", clause="XN-S3 EXT-PIPL", before=(Before(ConsentInWords, codes_of_words),),
       says="{consent_by}同意处理{subject}的个人信息，事项：{scopes}[，同意书写明：{scope}][，有效期至：{valid_to}]")
class ConsentRecorded:
    """Recorded when a guardian has agreed what a child's data may be used for."""
    consent_by: Person = personal("同意人", "421299198803150132")
    scopes: tuple[ConsentScope, ...] = internal("同意事项", ["rehab", "assistance", "pairing"])
    scope: Line | None = internal("同意书原文", "康复、救助、结对")
    form_doc: Document = internal("同意书")
    valid_to: Day | None = internal("有效期至", "2027-12-31")


@event("撤回同意", about="person", clause="XN-S3 EXT-PIPL", before=(Before(WithdrawalInWords, codes_of_words),),
       says="撤回对处理{subject}个人信息的同意，事项：{scopes}[，原文：{scope}]")
class ConsentWithdrawn:
    """Recorded when whoever had agreed no longer agrees what a person's data may be used for."""
    scopes: tuple[ConsentScope, ...] = internal("撤回事项", ["pairing"])
    scope: Line | None = internal("撤回原文", "结对")
    effect: Note = internal("撤回后的处理", "停止结对帮扶，法定职责所需的处理继续。")


@event("身份信息更正", about="person", clause="EXT-PIPL", says="更正{subject}的身份信息，更正项目：{field}",
       effect=Renumbers("new_value", item="field", items=("id_number", "birth_certificate_number")))
class PersonIdentityCorrected:
    """Recorded when a person's number, name, birth date or sex turns out to be another one."""
    field: IdentityField = internal("更正项目", "name")
    old_value_hash: Line | None = sensitive("原值摘要（停用）")
    new_value: Note = sensitive("更正后的值", "虚构乙")
    evidence_doc: Document = internal("佐证文书")
    new_name: Name | None = personal("更正后的姓名", "虚构乙")


@event("死亡登记", about="person", clause="XN-0", effect=Dies("died_on"), key="subject",
       says="{subject}于{died_on}死亡")
class PersonDeceased:
    """Recorded when a person is known to have died."""
    died_on: Day = personal("死亡日期", "2025-02-20")
    evidence_doc: Document | None = personal("佐证文书")


@event("政策告知", about="person", clause="XN-0 XN-9", key="subject need informed_on",
       says="{informed_on}[由{by_department}]告知{subject}可申请的政策事项：{need}，告知方式：{mode}"
            "[，被告知人：{informed_person}][，答复：{answer}]")
class RightsInformed:
    """Recorded when a person, or who speaks for them, has been told what they may apply for."""
    need: Need = personal("告知的政策事项", "DIBAO")
    informed_on: Day = personal("告知日期", "2025-02-25")
    mode: ContactMode = internal("告知方式", "home")
    informed_person: Person | None = personal("被告知人", "421299198803150132")
    by_department: DepartmentCode | None = internal("实施部门", "CIV")
    answer: InformedAnswer | None = personal("本人答复", "will_apply")
    doc: Document | None = internal("告知单")


@event("需求调查", about="family", clause="XN-0 XN-2 XN-7",
       says="调查登记家庭需求：{needs}[，需求人：{for_person}][，调查方式：{visit_mode}]")
class NeedsSurveyed:
    """Recorded when somebody has asked the family what it needs."""
    surveyor: Officer = internal("调查人")
    needs: tuple[Need, ...] = personal("需求", ["REHAB", "EDU"])
    visit_mode: Line | None = internal("调查方式", "入户")
    note: Note | None = sensitive("备注")
    for_person: Person | None = personal("需求所属人员", "42129920210512020X")


@event("困难残疾儿童家庭认定", about="family", clause="XN-0", key="subject effective_from",
       says="自{effective_from}起认定为困难残疾儿童家庭，依据：{basis}；残疾成员：{disabled_members}；"
            "儿童成员：{child_members}")
class DifficultFamilyRecognised:
    """Recorded when a family is recognised as one that the policy must reach."""
    basis: DifficultBasis = personal("认定依据", "multi")
    disabled_members: tuple[Person, ...] = sensitive("残疾成员", ["421299198803150132", "42129920210512020X"])
    child_members: tuple[Person, ...] = sensitive("儿童成员", ["42129920210512020X"])
    effective_from: Day = internal("生效日期", "2025-02-21")
    decided_by: Officer = internal("认定人")
    basis_doc: Document | None = internal("认定依据文书")


@event("困难家庭认定终止", about="family", clause="XN-0", key="subject effective_to",
       says="困难残疾儿童家庭认定于{effective_to}终止，原因：{reason}")
class DifficultFamilyEnded:
    """Recorded when a family no longer counts as one that the policy must reach."""
    reason: EndReason = personal("终止原因", "lost_cert")
    effective_to: Day = internal("终止日期", "2025-12-31")


@event("转介", about="person", clause="XN-7 XN-13",
       says="{subject}的需求（{need}）转介至{to_dept}[，承接单位：{to_org}]")
class ReferralMade:
    """Recorded when a need is passed on to a department or organisation that can meet it."""
    to_dept: DepartmentCode = internal("转介至部门", "EDU")
    to_org: Org | None = internal("承接单位")
    need: Need = personal("需求", "EDU")
    summary: Note | None = sensitive("情况摘要")


@event("转介答复", about="person", clause="XN-7 XN-13",
       says="{subject}的转介答复：{decision}[，说明：{reason}][，不予同意原因：{refuse_reason}]")
class ReferralAnswered:
    """Recorded when whoever a need was referred to says whether they take it on."""
    decision: Decision = internal("答复", "refused")
    reason: Line | None = internal("说明", "本院暂无该类康复项目")
    refuse_reason: Refuse | None = internal("不予同意原因", "institution")


@event("转衔安排（超龄/毕业/成年）", about="person", clause="XN-6 XN-8", key="subject trigger trigger_on",
       says="为{subject}安排转衔，原因：{trigger}，转衔日期：{trigger_on}，后续服务：{next_services}")
class TransitionPlanned:
    """Recorded when it is settled what follows for a person whose services end with an age, a school or a goal."""
    trigger: EndReason = personal("转衔原因", "aged_out")
    trigger_on: Day = personal("转衔日期", "2027-05-12")
    next_services: tuple[Need, ...] = personal("后续服务", ["EDU", "CARE"])
    plan_doc: Document | None = sensitive("方案文书")


@event("谢绝/放弃服务", about="person", clause="XN-0",
       says="{declined_by}谢绝为{subject}提供的服务：{need}[，有效至：{until}]")
class ServiceDeclined:
    """Recorded when a person, or who speaks for them, does not want a service that they could have."""
    need: Need = personal("谢绝的服务", "CARE")
    declined_by: Person = personal("谢绝人", "421299198803150132")
    reason: Note | None = personal("谢绝原因")
    until: Day | None = internal("谢绝有效至", "2026-02-28")


@event("缺口处置登记（督办）", about="family", clause="XN-0 XN-S1",
       says="登记缺口处置：事项{entitlement}，缺口：{gap_type}[，所涉人员：{person}][，需求：{need}][，暂缓至：{hold_until}]")
class GapActionRecorded:
    """Recorded when somebody deals with a gap, or there is a reason why it has to wait."""
    entitlement: Line = internal("事项编号", "E02")
    gap_type: GapType = internal("缺口", "G3")
    action: Note = internal("处置措施", "等待植入手术后开训")
    hold_until: Day | None = internal("暂缓至", "2025-08-31")
    responsible: Officer = internal("责任人")
    person: Person | None = personal("所涉人员", "42129920210512020X")
    need: Need | None = personal("需求", "REHAB")


@event("结案", about="family", clause="XN-0", key="subject closed_on", effect=Closes("closed_on"),
       says="{closed_on}结案，原因：{reason}")
class CaseClosed:
    """Recorded when nobody in the family is to be followed any longer."""
    reason: EndReason = internal("结案原因", "moved")
    closed_on: Day = internal("结案日期", "2025-02-28")


@event("重新开案", about="family", clause="XN-0", effect=Reopens(), says="已结案的案卷重新开案")
class CaseReopened:
    """Recorded when a closed case is taken up again."""
    reason: Note = internal("重新开案原因", "该家庭迁回本市。")


@event("重复合并", about="family", clause="EXT-GDS",
       effect=Merges(families=("merged_family",), persons=("merged_person",), survivor="survivor"),
       says="查明为重复登记，已并入本户案卷")
class DuplicateMerged:
    """Recorded when two families, or two persons, turn out to be one."""
    merged_family: Party | None = internal("被合并家庭", "XN-F-0A1B2C3D")
    merged_person: Party | None = personal("被合并人员", "42129920210512020X")
    survivor: Party = internal("保留的家庭或人员", "421299198803150132")
    evidence: Note = internal("合并依据")


@event("疑似重复排除", about="person", clause="EXT-GDS", key="subject other", effect=Distinguishes("other"),
       says="经核实，{subject}与{other}不是同一人")
class DuplicateDismissed:
    """Recorded when two persons who looked like one have been found to be two."""
    other: Person = personal("另一人员", "421299201209090119")
    grounds: Note = internal("核实依据", "两人出生医学证明不同")


@event("信息异议（校核）", about="event", clause="EXT-GDS EXT-PIPL", says="对先前记录提出异议[，由{target_dept}答复]")
class RecordDisputed:
    """Recorded when somebody says that an event on record, of any department, is wrong."""
    target_event: EventId = internal("被异议事件编号")
    disputed_by: Officer = internal("异议提出人")
    claim: Note = personal("诉求", "登记的出生日期有误，请求核对。")
    target_dept: DepartmentCode | None = internal("答复部门", "CIV")


@event("异议处理结果", about="event", clause="EXT-GDS EXT-PIPL", says="先前记录的异议处理结果：{outcome}")
class RecordDisputeResolved:
    """Recorded when it is settled whether the disputed record was wrong."""
    outcome: DisputeOutcome = internal("处理结果", "corrected")
    correction_event: EventId | None = internal("更正事件编号", "example-0002")


@event("批量导入", about="organisation", clause="EXT-GDS", key="sha256",
       says="导入文件{file_name}[（{roster}）]：共{rows_total}行，接收{rows_accepted}行，退回{rows_rejected}行")
class FileImported:
    """Recorded when a file of records has been read in, with what was taken and what was not."""
    file_name: Line = internal("文件名", "certificates-2025.xlsx")
    sha256: Digest = internal("文件摘要值")
    encoding: Line = internal("文件编码", "UTF-8")
    rows_total: Count = internal("总行数", 100)
    rows_accepted: Count = internal("接收行数", 98)
    rows_rejected: Count = internal("退回行数", 2)
    report_doc: Document | None = internal("导入报告")
    roster: RosterKind | None = internal("名册类型", "certificates")


@event("数据共享申请", about="organisation", clause="EXT-GDS",
       says="向{provider_dept}申请共享数据，法律依据：{legal_basis}")
class DataShareRequested:
    """Recorded when the federation asks another department for data that it needs."""
    provider_dept: DepartmentCode = internal("提供部门", "CIV")
    purpose: Note = internal("使用目的", "核对困难残疾儿童家庭的低保状态。")
    items: Note = internal("数据项", "低保家庭编号、保障起止月份。")
    legal_basis: Line = internal("法律依据", "政务数据共享条例")


@event("数据共享答复", about="organisation", clause="EXT-GDS",
       says="数据共享申请的答复：{decision}[，说明：{reason}][，共享有效期至：{valid_to}][，不予同意原因：{refuse_reason}]")
class DataShareAnswered:
    """Recorded when the other department says whether it shares the data, and until when."""
    decision: Decision = internal("答复", "approved")
    items: Note | None = internal("提供的数据项", "低保家庭编号、保障起止月份。")
    reason: Line | None = internal("说明", "按季度提供")
    valid_to: Day | None = internal("共享有效期至", "2027-12-31")
    refuse_reason: Refuse | None = refusal_reason()


@event("政策参数设定", about="organisation", clause="XN-2 XN-S2", key="parameter division effective_from basis_doc",
       effect=Sets(parameter="parameter", value="value", since="effective_from", division="division"),
       says="政策参数{parameter}设为{value}，自{effective_from}起生效[，适用地区：{division}]，依据：{basis_doc}")
class PolicyParameterSet:
    """Recorded when a number that the policy leaves open is fixed, from a day on."""
    parameter: Line = public("参数", "P-SELFPAY-RATE")
    value: ParameterValue = public("取值", "0.5")
    effective_from: Day = public("生效日期", "2026-01-01")
    basis_doc: Line = public("依据文件", "虚构残联发〔2025〕2号")
    division: Division | None = public("适用地区", "421221")
