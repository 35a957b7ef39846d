"""What has happened to a family's case, from its opening to its transfer, and to the platform that keeps it."""

from shared.language.catalogue import Merges, Opens, Sets, event
from shared.language.fields import internal, personal, public, sensitive
from shared.language.kinds import (
    Address, Count, Day, Decision, DepartmentCode, DifficultBasis, Digest, Division, Document, GapType, HukouType,
    Line, MoveKind, Need, Note, Officer, Org, ParameterValue, Party, Person, Phone, Relation, Source,
)


@event("家庭建档", about="family", clause="XN-0", effect=Opens("members", "head"), key="head members",
       says="为{head}一户建档；家庭成员：{members}；户口类型：{hukou_type}，所在地：{division}，信息来源：{source}")
class FamilyCaseOpened:
    """Recorded when a family with a disabled child is first written down."""
    hukou_type: HukouType = personal("户口类型", "rural")
    address_text: Address = sensitive("住址")
    division: Division = internal("所在地", "421221")
    members: tuple[Person, ...] = sensitive("家庭成员", ["421299198803150132", "42129920210512020X"])
    head: Person = personal("户主", "421299198803150132")
    source: Source = internal("信息来源", "survey")
    contact_phone: Phone | None = sensitive("联系电话")


@event("监护人登记", about="person", clause="XN-0", key="subject guardian from_date",
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


@event("案卷接收", about="family", clause="XN-S1", says="{accepted_division}接收案卷")
class CaseTransferAccepted:
    """Recorded when the other county takes the case, and with it the duty to act."""
    accepted_division: Division = internal("接收地", "421202")


@event("监护人知情同意登记", about="person", clause="XN-S3 EXT-PIPL",
       says="{consent_by}同意处理{subject}的个人信息，范围：{scope}[，有效期至：{valid_to}]")
class ConsentRecorded:
    """Recorded when a guardian has agreed what a child's data may be used for."""
    consent_by: Person = personal("同意人", "421299198803150132")
    scope: Line = internal("同意范围", "康复、教育、救助、结对")
    form_doc: Document = internal("同意书")
    valid_to: Day | None = internal("有效期至", "2027-12-31")


@event("需求调查", about="family", clause="XN-0 XN-2 XN-7", says="调查登记家庭需求：{needs}[，调查方式：{visit_mode}]")
class NeedsSurveyed:
    """Recorded when somebody has asked the family what it needs."""
    surveyor: Officer = internal("调查人")
    needs: tuple[Need, ...] = personal("需求", ["REHAB", "EDU"])
    visit_mode: Line | None = internal("调查方式", "入户")
    note: Note | None = sensitive("备注")


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


@event("转介", about="person", clause="XN-7 XN-13",
       says="{subject}的需求（{need}）转介至{to_dept}[，承接单位：{to_org}]")
class ReferralMade:
    """Recorded when a need is passed on to a department or organisation that can meet it."""
    to_dept: DepartmentCode = internal("转介至部门", "EDU")
    to_org: Org | None = internal("承接单位")
    need: Need = personal("需求", "EDU")
    summary: Note | None = sensitive("情况摘要")


@event("转介答复", about="person", clause="XN-7 XN-13", says="{subject}的转介答复：{decision}[，说明：{reason}]")
class ReferralAnswered:
    """Recorded when whoever a need was referred to says whether they take it on."""
    decision: Decision = internal("答复", "approved")
    reason: Line | None = internal("说明", "已安排评估")


@event("缺口处置登记（督办）", about="family", clause="XN-0 XN-S1",
       says="登记缺口处置：事项{entitlement}，缺口：{gap_type}[，暂缓至：{hold_until}]")
class GapActionRecorded:
    """Recorded when somebody deals with a gap, or there is a reason why it has to wait."""
    entitlement: Line = internal("事项编号", "E02")
    gap_type: GapType = internal("缺口", "G3")
    action: Note = internal("处置措施", "等待植入手术后开训")
    hold_until: Day | None = internal("暂缓至", "2025-08-31")
    responsible: Officer = internal("责任人")


@event("重复合并", about="family", clause="EXT-GDS",
       effect=Merges(families=("merged_family",), persons=("merged_person",), survivor="survivor"),
       says="查明为重复登记，已并入本户案卷")
class DuplicateMerged:
    """Recorded when two families, or two persons, turn out to be one."""
    merged_family: Party | None = internal("被合并家庭", "XN-F-0A1B2C3D")
    merged_person: Party | None = personal("被合并人员", "42129920210512020X")
    survivor: Party = internal("保留的家庭或人员", "421299198803150132")
    evidence: Note = internal("合并依据")


@event("批量导入", about="organisation", clause="EXT-GDS", key="sha256",
       says="导入文件{file_name}：共{rows_total}行，接收{rows_accepted}行，退回{rows_rejected}行")
class FileImported:
    """Recorded when a file of records has been read in, with what was taken and what was not."""
    file_name: Line = internal("文件名", "certificates-2025.xlsx")
    sha256: Digest = internal("文件摘要值")
    encoding: Line = internal("文件编码", "UTF-8")
    rows_total: Count = internal("总行数", 100)
    rows_accepted: Count = internal("接收行数", 98)
    rows_rejected: Count = internal("退回行数", 2)
    report_doc: Document | None = internal("导入报告")


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
