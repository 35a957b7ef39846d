"""What has happened to a family's case, from its opening to its transfer, and to the platform that keeps it."""

from datetime import date

from shared.language.catalogue import Merges, Opens, event
from shared.language.fields import (
    ADDRESS,
    CODE,
    COUNT,
    DAY,
    DIGEST,
    DOCUMENT,
    LINE,
    NOTE,
    OFFICER,
    ORGANISATION,
    PARTY,
    PERSON,
    PHONE,
    D,
    I,
    Organisation,
    P,
    S,
    fact,
)


@event(
    "家庭建档",
    clauses="XN-0",
    scope="family",
    sentence="为{head}一户建档:家庭成员{members};户口类型:{hukou_type},所在地:{division},信息来源:{source}",
    effect=Opens("members", "head"),
)
class FamilyCaseOpened:
    """Recorded when a family with a disabled child is first written down."""

    hukou_type: str = fact(CODE, D, "户口类型", code_list="HUKOUTYPE")
    address_text: str = fact(ADDRESS, S, "住址")
    division: str = fact(CODE, I, "所在地", code_list="DIV")
    members: tuple[str, ...] = fact(PERSON, S, "家庭成员", many=True)
    head: str = fact(PERSON, D, "户主")
    source: str = fact(CODE, I, "信息来源", code_list="SOURCE")
    contact_phone: str | None = fact(PHONE, S, "联系电话", required=False)


@event(
    "监护人登记",
    clauses="XN-0",
    scope="person",
    sentence="自{from_date}起{subject}的监护人为{guardian},关系:{relation}",
)
class GuardianDesignated:
    """Recorded when it is known who speaks for a child, or for an adult under guardianship."""

    guardian: str = fact(PERSON, D, "监护人")
    relation: str = fact(CODE, D, "关系", code_list="REL")
    basis_doc: str | None = fact(DOCUMENT, D, "监护依据文书", required=False)
    from_date: date = fact(DAY, D, "起始日期")


@event(
    "迁移(户籍/居住地)",
    clauses="XN-0 EXT-CERT",
    scope="family",
    sentence="{moved_on}由{from_division}迁至{to_division}({move_kind}),迁移人员:{persons}",
)
class HouseholdMoved:
    """Recorded when a family has moved its household registration or its home."""

    move_kind: str = fact(CODE, I, "迁移类型", code_list="HOUSEBASIS")
    from_division: str = fact(CODE, I, "迁出地", code_list="DIV")
    to_division: str = fact(CODE, I, "迁入地", code_list="DIV")
    new_address_text: str = fact(ADDRESS, S, "新住址")
    moved_on: date = fact(DAY, D, "迁移日期")
    persons: tuple[str, ...] | None = fact(PERSON, D, "迁移人员", many=True, required=False)


@event(
    "案卷移交",
    clauses="XN-S1",
    scope="family",
    sentence="案卷移交{to_division},事由:{reason}",
)
class CaseTransferred:
    """Recorded when the county that keeps the case sends it to another county."""

    to_division: str = fact(CODE, I, "接收地", code_list="DIV")
    reason: str | None = fact(LINE, I, "事由", required=False)
    open_items: str | None = fact(NOTE, I, "未结事项", required=False)


@event(
    "案卷接收",
    clauses="XN-S1",
    scope="family",
    sentence="{accepted_division}接收案卷",
)
class CaseTransferAccepted:
    """Recorded when the other county takes the case, and with it the duty to act."""

    accepted_division: str = fact(CODE, I, "接收地", code_list="DIV")


@event(
    "监护人知情同意登记",
    clauses="XN-S3 EXT-PIPL",
    scope="person",
    sentence="{consent_by}同意处理{subject}的个人信息,范围:{scope},有效期至:{valid_to}",
)
class ConsentRecorded:
    """Recorded when a guardian has agreed what a child's data may be used for."""

    consent_by: str = fact(PERSON, D, "同意人")
    scope: str = fact(LINE, I, "同意范围")
    form_doc: str = fact(DOCUMENT, I, "同意书")
    valid_to: date | None = fact(DAY, I, "有效期至", required=False)


@event(
    "需求调查",
    clauses="XN-0 XN-2 XN-7",
    scope="family",
    sentence="调查登记家庭需求:{needs},调查方式:{visit_mode}",
)
class NeedsSurveyed:
    """Recorded when somebody has asked the family what it needs."""

    surveyor: str = fact(OFFICER, I, "调查人")
    needs: tuple[str, ...] = fact(CODE, D, "需求", code_list="NEED", many=True)
    visit_mode: str | None = fact(LINE, I, "调查方式", required=False)
    note: str | None = fact(NOTE, S, "备注", required=False)


@event(
    "困难残疾儿童家庭认定",
    clauses="XN-0",
    scope="family",
    sentence="自{effective_from}起认定为困难残疾儿童家庭,依据:{basis};残疾成员:{disabled_members};"
    "儿童成员:{child_members}",
)
class DifficultFamilyRecognised:
    """Recorded when a family is recognised as one that the policy must reach."""

    basis: str = fact(CODE, D, "认定依据", code_list="DIFFBASIS")
    disabled_members: tuple[str, ...] = fact(PERSON, S, "残疾成员", many=True)
    child_members: tuple[str, ...] = fact(PERSON, S, "儿童成员", many=True)
    effective_from: date = fact(DAY, I, "生效日期")
    decided_by: str = fact(OFFICER, I, "认定人")


@event(
    "转介",
    clauses="XN-7 XN-13",
    scope="person",
    sentence="{subject}的需求({need})转介至{to_dept},承接单位:{to_org}",
)
class ReferralMade:
    """Recorded when a need is passed on to a department or organisation that can meet it."""

    to_dept: str = fact(CODE, I, "转介至部门", code_list="DEPT")
    to_org: Organisation | None = fact(ORGANISATION, I, "承接单位", required=False)
    need: str = fact(CODE, D, "需求", code_list="NEED")
    summary: str | None = fact(NOTE, S, "情况摘要", required=False)


@event(
    "转介答复",
    clauses="XN-7 XN-13",
    scope="person",
    sentence="{subject}的转介答复:{decision},说明:{reason}",
)
class ReferralAnswered:
    """Recorded when whoever a need was referred to says whether they take it on."""

    decision: str = fact(CODE, I, "答复", code_list="DECISION")
    reason: str | None = fact(LINE, I, "说明", required=False)


@event(
    "缺口处置登记(督办)",
    clauses="XN-0 XN-S1",
    scope="family",
    sentence="登记缺口处置:事项{entitlement},缺口:{gap_type},暂缓至:{hold_until}",
)
class GapActionRecorded:
    """Recorded when somebody deals with a gap, or there is a reason why it has to wait."""

    entitlement: str = fact(LINE, I, "事项编号")
    gap_type: str = fact(CODE, I, "缺口", code_list="GAPTYPE")
    action: str = fact(NOTE, I, "处置措施")
    hold_until: date | None = fact(DAY, I, "暂缓至", required=False)
    responsible: str = fact(OFFICER, I, "责任人")


@event(
    "重复合并",
    clauses="EXT-GDS",
    scope="family",
    sentence="查明为重复登记,已并入本户案卷",
    effect=Merges(families=("merged_family",), persons=("merged_person",), survivor="survivor"),
)
class DuplicateMerged:
    """Recorded when two families, or two persons, turn out to be one."""

    merged_family: str | None = fact(PARTY, I, "被合并家庭", required=False)
    merged_person: str | None = fact(PARTY, D, "被合并人员", required=False)
    survivor: str = fact(PARTY, I, "保留的家庭或人员")
    evidence: str = fact(NOTE, I, "合并依据")


@event(
    "批量导入",
    clauses="EXT-GDS",
    scope="organisation",
    sentence="导入文件{file_name}:共{rows_total}行,接收{rows_accepted}行,退回{rows_rejected}行",
)
class FileImported:
    """Recorded when a file of records has been read in, with what was taken and what was not."""

    file_name: str = fact(LINE, I, "文件名")
    sha256: str = fact(DIGEST, I, "文件摘要值")
    encoding: str = fact(LINE, I, "文件编码")
    rows_total: int = fact(COUNT, I, "总行数")
    rows_accepted: int = fact(COUNT, I, "接收行数")
    rows_rejected: int = fact(COUNT, I, "退回行数")
    report_doc: str | None = fact(DOCUMENT, I, "导入报告", required=False)


@event(
    "政策参数设定",
    clauses="XN-2 XN-S2",
    scope="organisation",
    sentence="政策参数{parameter}设为{value},自{effective_from}起生效,适用地区:{division},依据:{basis_doc}",
)
class PolicyParameterSet:
    """Recorded when a number that the policy leaves open is fixed, from a day on."""

    parameter: str = fact(LINE, P, "参数")
    value: str = fact(LINE, P, "取值")
    effective_from: date = fact(DAY, P, "生效日期")
    basis_doc: str = fact(LINE, P, "依据文件")
    division: str | None = fact(CODE, P, "适用地区", code_list="DIV", required=False)
