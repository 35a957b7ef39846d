"""What has happened to a person's disability certificate (残疾人证管理办法; clauses EXT-CERT, EXT-2SUB)."""

from datetime import date

from shared.language.catalogue import event
from shared.language.fields import (
    CERTIFICATE,
    CODE,
    COMPONENT,
    DAY,
    FLAG,
    LINE,
    ORGANISATION,
    PERSON,
    D,
    I,
    Organisation,
    S,
    fact,
)


@event(
    "残疾人证申请",
    clauses="EXT-CERT",
    scope="person",
    sentence="{subject}申请残疾人证,申请类型:{apply_kind},代办人:{applied_by}",
)
class DisabilityCertificateApplied:
    """Recorded when a person, or their guardian, asks for a certificate or for a change of one."""

    apply_kind: str = fact(CODE, I, "申请类型", code_list="APPLYKIND")
    applied_by: str | None = fact(PERSON, D, "代办人", required=False)
    claimed_category: str | None = fact(CODE, S, "申报残疾类别", code_list="DISCAT", required=False)


@event(
    "残疾评定",
    clauses="EXT-CERT",
    scope="person",
    sentence="{hospital}于{assessed_on}评定{subject}:{category}残疾{grade},构成:{components},达到残疾标准:{meets_standard}",
)
class DisabilityAssessed:
    """Recorded when the designated hospital has assessed category and grade."""

    category: str = fact(CODE, S, "残疾类别", code_list="DISCAT")
    grade: str = fact(CODE, S, "残疾等级", code_list="DISGRADE")
    components: tuple[dict[str, str], ...] | None = fact(COMPONENT, S, "多重残疾构成", required=False, many=True)
    hospital: Organisation = fact(ORGANISATION, I, "评定医院")
    assessed_on: date = fact(DAY, S, "评定日期")
    meets_standard: bool = fact(FLAG, S, "达到残疾标准")


@event(
    "残疾人证核发",
    clauses="EXT-CERT",
    scope="person",
    sentence="{issuer}于{issued_on}为{subject}核发残疾人证:{category}残疾{grade},有效期至{valid_to}",
)
class DisabilityCertificateIssued:
    """Recorded when a certificate is issued, valid for ten years."""

    cert_no: str = fact(CERTIFICATE, S, "残疾人证号")
    category: str = fact(CODE, S, "残疾类别", code_list="DISCAT")
    grade: str = fact(CODE, S, "残疾等级", code_list="DISGRADE")
    issued_on: date = fact(DAY, D, "核发日期")
    valid_to: date = fact(DAY, D, "有效期至")
    issuer: str = fact(LINE, I, "核发机关")


@event(
    "类别/等级变更",
    clauses="EXT-CERT",
    scope="person",
    sentence="自{effective_on}起{subject}的{old_category}残疾{old_grade}变更为{category}残疾{grade}",
)
class DisabilityGradeChanged:
    """Recorded when a re-assessment gave another category or grade, and with it a new number."""

    cert_no: str = fact(CERTIFICATE, S, "新残疾人证号")
    old_category: str = fact(CODE, S, "原残疾类别", code_list="DISCAT")
    old_grade: str = fact(CODE, S, "原残疾等级", code_list="DISGRADE")
    category: str = fact(CODE, S, "残疾类别", code_list="DISCAT")
    grade: str = fact(CODE, S, "残疾等级", code_list="DISGRADE")
    effective_on: date = fact(DAY, S, "生效日期")


@event(
    "残疾人证迁移",
    clauses="EXT-CERT",
    scope="person",
    sentence="{subject}的残疾人证于{migrated_on}由{from_division}迁至{to_division}",
)
class DisabilityCertificateMigrated:
    """Recorded when the certificate has followed the household registration to another county."""

    from_division: str = fact(CODE, I, "迁出地", code_list="DIV")
    to_division: str = fact(CODE, I, "迁入地", code_list="DIV")
    migrated_on: date = fact(DAY, D, "迁移日期")


@event(
    "残疾人证冻结",
    clauses="EXT-CERT",
    scope="person",
    sentence="{subject}的残疾人证于{frozen_on}冻结,原因:{reason}",
)
class DisabilityCertificateFrozen:
    """Recorded when a certificate stops counting until something is put right."""

    reason: str = fact(LINE, I, "冻结原因")
    frozen_on: date = fact(DAY, D, "冻结日期")


@event(
    "解冻",
    clauses="EXT-CERT",
    scope="person",
    sentence="{subject}的残疾人证于{unfrozen_on}解冻",
)
class DisabilityCertificateUnfrozen:
    """Recorded when a frozen certificate counts again."""

    unfrozen_on: date = fact(DAY, D, "解冻日期")


@event(
    "两项补贴残联审核",
    clauses="EXT-2SUB",
    scope="person",
    sentence="核对{subject}的残疾人证({category}残疾{grade}),两项补贴审核意见:{decision}",
)
class TwoSubsidiesReviewed:
    """Recorded when the federation has checked the certificate of somebody who asked for the two subsidies."""

    decision: str = fact(CODE, I, "审核意见", code_list="DECISION")
    category: str = fact(CODE, S, "残疾类别", code_list="DISCAT")
    grade: str = fact(CODE, S, "残疾等级", code_list="DISGRADE")
