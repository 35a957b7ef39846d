"""What has happened to a person's disability certificate (残疾人证管理办法; clauses EXT-CERT, EXT-2SUB)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, refusal_reason, sensitive
from shared.language.kinds import (
    ApplyKind, Certificate, Component, Count, Day, Decision, DisabilityCategory, DisabilityGrade, Division, Flag, Line,
    ObjectionLevel, Org, Person, Refuse,
)

PARTS = [{"category": "2", "grade": "1"}, {"category": "5", "grade": "3"}]
MILDER_PARTS = [{"category": "2", "grade": "2"}, {"category": "5", "grade": "3"}]
"""What the multiple disability of the examples is made of, before and after it changed."""


@event("残疾人证申请", about="person", clause="EXT-CERT", key="process",
       says="{subject}申请残疾人证，申请类型：{apply_kind}[，代办人：{applied_by}]")
class DisabilityCertificateApplied:
    """Recorded when a person, or their guardian, asks for a certificate or for a change of one."""
    apply_kind: ApplyKind = internal("申请类型", "first")
    applied_by: Person | None = personal("代办人", "421299198803150132")
    claimed_category: DisabilityCategory | None = sensitive("申报残疾类别", "2")


@event("残疾评定", about="person", clause="EXT-CERT", key="process hospital assessed_on",
       says="{hospital}于{assessed_on}评定{subject}：{category}残疾{grade}[，构成：{components}]，"
            "{meets_standard:达到|未达到}残疾标准")
class DisabilityAssessed:
    """Recorded when the designated hospital has assessed category and grade."""
    category: DisabilityCategory = sensitive("残疾类别", "7")
    grade: DisabilityGrade = sensitive("残疾等级", "1")
    components: tuple[Component, ...] | None = sensitive("多重残疾构成", PARTS)
    hospital: Org = internal("评定医院")
    assessed_on: Day = sensitive("评定日期", "2025-03-07")
    meets_standard: Flag = sensitive("达到残疾标准")


@event("评定异议", about="person", clause="EXT-CERT",
       says="{filed_on}对{subject}的残疾评定结果提出异议，异议层级：{level}")
class DisabilityAssessmentDisputed:
    """Recorded when an assessment is objected to: with the city first, then with the province, finally."""
    level: ObjectionLevel = internal("异议层级", "city")
    filed_on: Day = internal("提出日期", "2025-03-14")


@event("残疾人证核发", about="person", clause="EXT-CERT", key="cert_no issued_on",
       says="{issuer}于{issued_on}为{subject}核发残疾人证：{category}残疾{grade}[，构成：{components}]，"
            "有效期至{valid_to}")
class DisabilityCertificateIssued:
    """Recorded when a certificate is issued, valid for ten years."""
    cert_no: Certificate = sensitive("残疾人证号", "42129920210512020X71")
    category: DisabilityCategory = sensitive("残疾类别", "7")
    grade: DisabilityGrade = sensitive("残疾等级", "1")
    issued_on: Day = personal("核发日期", "2025-03-20")
    valid_to: Day = personal("有效期至", "2035-03-20")
    issuer: Line = internal("核发机关", "虚构县残联")
    components: tuple[Component, ...] | None = sensitive("多重残疾构成", PARTS)


@event("残疾人证补发", about="person", clause="EXT-CERT", key="cert_no",
       says="{issued_on}为{subject}第{reissue_seq}次补发残疾人证，原因：{reason}")
class DisabilityCertificateReissued:
    """Recorded when a certificate is made out again; its number says how often, and it is valid as long as before."""
    cert_no: Certificate = sensitive("残疾人证号", "42129920210512020X71B1")
    reissue_seq: Count = internal("补发次数", 1)
    reason: Line = internal("补发原因", "遗失")
    issued_on: Day = personal("补发日期", "2026-06-10")


@event("期满换领", about="person", clause="EXT-CERT", key="cert_no issued_on",
       says="{issued_on}为{subject}期满换领残疾人证：{category}残疾{grade}[，构成：{components}]，有效期至{valid_to}")
class DisabilityCertificateRenewed:
    """Recorded when a certificate that has run out, or soon will, is replaced for another ten years."""
    cert_no: Certificate = sensitive("残疾人证号", "42129920210512020X71")
    category: DisabilityCategory = sensitive("残疾类别", "7")
    grade: DisabilityGrade = sensitive("残疾等级", "1")
    issued_on: Day = personal("换领日期", "2034-09-20")
    valid_to: Day = personal("有效期至", "2044-09-20")
    components: tuple[Component, ...] | None = sensitive("多重残疾构成", PARTS)


@event("类别/等级变更", about="person", clause="EXT-CERT", key="cert_no effective_on",
       says="自{effective_on}起{subject}的{old_category}残疾{old_grade}变更为{category}残疾{grade}[，构成：{components}]")
class DisabilityGradeChanged:
    """Recorded when a re-assessment gave another category or grade, and with it a new number."""
    cert_no: Certificate = sensitive("新残疾人证号", "42129920210512020X72")
    old_category: DisabilityCategory = sensitive("原残疾类别", "7")
    old_grade: DisabilityGrade = sensitive("原残疾等级", "1")
    category: DisabilityCategory = sensitive("残疾类别", "7")
    grade: DisabilityGrade = sensitive("残疾等级", "2")
    effective_on: Day = sensitive("生效日期")
    components: tuple[Component, ...] | None = sensitive("多重残疾构成", MILDER_PARTS)


@event("残疾人证迁移", about="person", clause="EXT-CERT", key="subject to_division migrated_on",
       says="{subject}的残疾人证于{migrated_on}由{from_division}迁至{to_division}")
class DisabilityCertificateMigrated:
    """Recorded when the certificate has followed the household registration to another county."""
    from_division: Division = internal("迁出地", "421221")
    to_division: Division = internal("迁入地", "421202")
    migrated_on: Day = personal("迁移日期")


@event("残疾人证冻结", about="person", clause="EXT-CERT", key="subject frozen_on",
       says="{subject}的残疾人证于{frozen_on}冻结，原因：{reason}")
class DisabilityCertificateFrozen:
    """Recorded when a certificate stops counting until something is put right."""
    reason: Line = internal("冻结原因", "户口迁移超过半年未迁证")
    frozen_on: Day = personal("冻结日期")


@event("解冻", about="person", clause="EXT-CERT", key="subject unfrozen_on",
       says="{subject}的残疾人证于{unfrozen_on}解冻")
class DisabilityCertificateUnfrozen:
    """Recorded when a frozen certificate counts again."""
    unfrozen_on: Day = personal("解冻日期")


@event("残疾人证注销", about="person", clause="EXT-CERT", key="subject cancelled_on",
       says="{subject}的残疾人证于{cancelled_on}注销，原因：{reason}")
class DisabilityCertificateCancelled:
    """Recorded when a certificate ends before its time: no disability any more, a death, or at the holder's wish."""
    reason: Line = internal("注销原因", "经重新评定不再符合残疾标准")
    cancelled_on: Day = personal("注销日期")


@event("两项补贴残联审核", about="person", clause="EXT-2SUB", key="process",
       says="核对{subject}的残疾人证（{category}残疾{grade}），两项补贴审核意见：{decision}[；不予同意原因：{refuse_reason}]")
class TwoSubsidiesReviewed:
    """Recorded when the federation has checked the certificate of somebody who asked for the two subsidies."""
    decision: Decision = internal("审核意见", "approved")
    category: DisabilityCategory = sensitive("残疾类别", "7")
    grade: DisabilityGrade = sensitive("残疾等级", "1")
    refuse_reason: Refuse | None = refusal_reason(added=True)
