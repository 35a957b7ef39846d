"""What has happened in the care of a disabled person (托养; clause XN-6)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, refusal_reason
from shared.language.kinds import (
    CareContent, CareSetting, Count, Day, Decision, Document, EndReason, Flag, Fund, Money, Month, Org, Refuse,
)


@event("托养申请", about="person", clause="XN-6", key="process",
       says="为{subject}申请托养服务，托养形式：{setting}，服务内容：{contents}")
class CareServiceApplied:
    """Recorded when care is asked for a disabled person."""
    setting: CareSetting = personal("托养形式", "DAY")
    contents: tuple[CareContent, ...] = personal("服务内容", ["NURSE", "SELF"])


@event("托养决定", about="person", clause="XN-6",
       says="{subject}的托养服务审核（{priority:列入|未列入}优先）：{decision}[；托养形式：{setting}]"
            "[；每月补助：{subsidy_per_month}][；资金来源：{fund}][；不予同意原因：{refuse_reason}]")
class CareServiceDecided:
    """Recorded when care is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    priority: Flag = internal("列入优先")
    setting: CareSetting | None = personal("托养形式", "DAY")
    subsidy_per_month: Money | None = internal("每月补助", "500.00")
    fund: Fund | None = internal("资金来源", "county")
    basis_doc: Document | None = internal("超出规定的依据")


@event("托养开始", about="person", clause="XN-6", key="process",
       says="{subject}于{started_on}开始接受{provider}的托养服务")
class CareServiceStarted:
    """Recorded when the provider has begun to care for the person."""
    provider: Org = internal("托养机构", {"code": "52421299MJXTY001X9", "name": "虚构托养服务中心"})
    agreement_doc: Document | None = personal("托养协议")
    started_on: Day = personal("开始日期", "2025-04-01")


@event("托养月报", about="person", clause="XN-6", key="process month",
       says="{subject}在{month}接受托养服务{days}天，服务内容：{contents}")
class CareServiceReported:
    """Recorded when the provider reports what it did in a month."""
    month: Month = personal("月份", "2025-05")
    days: Count = personal("天数", 21)
    contents: tuple[CareContent, ...] = personal("服务内容", ["NURSE", "SELF"])


@event("托养结束", about="person", clause="XN-6", key="process",
       says="{subject}的托养服务于{ended_on}结束，原因：{reason}")
class CareServiceEnded:
    """Recorded when the care has ended."""
    reason: EndReason = personal("结束原因", "voluntary")
    ended_on: Day = personal("结束日期", "2026-03-31")
