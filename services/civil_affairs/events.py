"""What has happened in social assistance: dibao, marginal families, temporary aid (XN-9), two subsidies (EXT-2SUB)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, refusal_reason, sensitive
from shared.language.kinds import (
    Benefit, Day, Decision, DibaoType, Document, EndReason, Flag, Line, LocalNumber, Money, Month, Note, Officer,
    Person, Rate, Refuse, ReviewResult, TempAidKind,
)


@event("低保申请", about="family", clause="XN-9", key="process",
       says="{applicant}于{applied_on}申请低保（{dibao_type}），申请保障人员：{persons}")
class DibaoApplied:
    """Recorded when a household, or one person of it, asks for the minimum living allowance."""
    dibao_type: DibaoType = personal("低保类型", "family")
    applicant: Person = personal("申请人", "421299198803150132")
    persons: tuple[Person, ...] = sensitive("申请保障人员", ["421299198803150132", "42129920210512020X"])
    authorisation_doc: Document = sensitive("核对授权书")
    applied_on: Day = personal("申请日期", "2025-02-26")
    assisted_by: Officer | None = internal("协助人")


@event("低保受理", about="family", clause="XN-9", says="{accepted_on}低保申请受理结果：{decision}")
class DibaoAcceptanceDecided:
    """Recorded when an application is accepted for decision, returned for missing papers, or not accepted."""
    decision: Decision = internal("受理结果", "returned")
    accepted_on: Day = internal("受理日期", "2025-02-28")
    missing: Note | None = internal("需补正材料", "缺收入证明")


@event("家庭经济状况核对", about="family", clause="XN-9", key="subject process checked_on",
       says="{checked_on}核对家庭经济状况：月人均收入{per_capita_income_month}，低保月标准{standard_month}，"
            "财产状况{property_ok:符合|不符合}规定")
class HouseholdEconomyChecked:
    """Recorded when a household's income and property have been checked against the records and at home."""
    checked_on: Day = sensitive("核对日期", "2025-03-12")
    per_capita_income_month: Money = sensitive("月人均收入", "402.00")
    standard_month: Money = public("低保月标准", "560.00")
    property_ok: Flag = sensitive("财产符合规定")
    method: Line | None = internal("核对方式", "信息比对和入户调查")


@event("公示", about="family", clause="XN-9", key="process from_date",
       says="低保审核意见于{from_date}至{to_date}在{place}公示，未成年人信息{minors_hidden:已隐去|未隐去}")
class DibaoNoticePosted:
    """Recorded when the intended decision has been put up for the neighbours to see."""
    from_date: Day = internal("公示起始日期", "2025-03-21")
    to_date: Day = internal("公示截止日期", "2025-03-28")
    place: Line = internal("公示地点", "虚构村村务公开栏")
    minors_hidden: Flag = internal("已隐去未成年人信息")


@event("低保审核确认", about="family", clause="XN-9", key="process decided_on",
       says="{decided_on}低保审核确认（{dibao_type}）：{decision}；保障人员：{persons}[；月保障金额：{amount_month}]"
            "[，起发月份：{pay_from}][；不予同意原因：{refuse_reason}]")
class DibaoDecided:
    """Recorded when the bureau grants or refuses the minimum living allowance."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    dibao_type: DibaoType = personal("低保类型", "family")
    persons: tuple[Person, ...] = sensitive("保障人员", ["421299198803150132", "42129920210512020X"])
    amount_month: Money | None = personal("月保障金额", "632.00")
    pay_from: Month | None = internal("起发月份", "2025-04")
    cert_no: LocalNumber | None = personal("低保证号")
    decided_on: Day = internal("决定日期", "2025-03-31")


@event("低保动态复核", about="family", clause="XN-9", key="process reviewed_on",
       says="{reviewed_on}低保动态复核结果：{result}[，月保障金额：{amount_month}]，下次复核期限：{next_due}")
class DibaoReviewed:
    """Recorded when a household on dibao has been looked at again."""
    reviewed_on: Day = internal("复核日期", "2027-03-25")
    result: ReviewResult = internal("复核结果", "keep")
    amount_month: Money | None = personal("月保障金额", "700.00")
    effective_from: Month | None = internal("起执行月份", "2027-04")
    next_due: Day = internal("下次复核期限", "2028-03-25")


@event("低保终止", about="family", clause="XN-9", key="process",
       says="低保终止，原因：{reason}，保障至{effective_to}[，渐退期至{fade_out_to}]")
class DibaoTerminated:
    """Recorded when dibao ends for a household or person."""
    reason: EndReason = personal("终止原因", "income")
    effective_to: Month = internal("保障至", "2026-03")
    fade_out_to: Month | None = internal("渐退期至", "2026-06")


@event("低保边缘家庭认定", about="family", clause="XN-9", key="subject valid_from",
       says="低保边缘家庭认定：{decision}[；月人均收入：{per_capita_income_month}]，收入上限与低保标准之比：{multiple}"
            "[，有效期自{valid_from}至{valid_to}]")
class MarginalFamilyDecided:
    """Recorded when the bureau decides whether a household lives just above the dibao standard."""
    decision: Decision = internal("决定", "approved")
    per_capita_income_month: Money | None = sensitive("月人均收入", "780.00")
    multiple: Rate = public("收入上限与低保标准之比", "1.5")
    valid_from: Day | None = internal("有效期起", "2025-04-01")
    valid_to: Day | None = internal("有效期止", "2026-03-31")


@event("临时救助申请", about="family", clause="XN-9", key="process",
       says="{subject}一户于{applied_on}申请{kind}临时救助")
class TempAidApplied:
    """Recorded when a household in sudden or costly hardship asks for help, or is found."""
    kind: TempAidKind = personal("救助类型", "expenditure")
    cause: Note = sensitive("困难原因", "医疗费用支出过大")
    applied_on: Day = personal("申请日期")
    proactive: Flag | None = internal("主动发现")


@event("先行救助（紧急程序）", about="family", clause="XN-9", key="process granted_on",
       says="{by_org}于{granted_on}先行救助{amount}")
class TempAidEmergencyGranted:
    """Recorded when help is given at once and the formalities follow."""
    amount: Money = personal("救助金额", "2000.00", over=0)
    granted_on: Day = personal("救助日期")
    by_org: Line = internal("救助实施单位", "虚构镇人民政府")


@event("临时救助决定", about="family", clause="XN-9", key="process decided_on",
       says="{decided_on}临时救助决定：{decision}[，金额：{amount}][，不予同意原因：{refuse_reason}]")
class TempAidDecided:
    """Recorded when temporary aid is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    amount: Money | None = personal("救助金额", "3000.00")
    decided_on: Day = internal("决定日期")


@event("残疾人两项补贴申请", about="person", clause="EXT-2SUB", key="process",
       says="{subject}于{applied_on}申请残疾人两项补贴：{benefits}")
class TwoSubsidiesApplied:
    """Recorded when a disabled person asks for the living or the nursing subsidy, at any counter or online."""
    benefits: tuple[Benefit, ...] = personal("申请项目", ["LIVE_SUB", "CARE_SUB"])
    applied_on: Day = personal("申请日期")
    channel: Line | None = internal("申请渠道", "跨省通办窗口")


@event("两项补贴审定", about="person", clause="EXT-2SUB",
       says="{subject}的残疾人两项补贴审定：{decision}；项目：{benefits}[；起发月份：{pay_from}]"
            "[，每月合计：{monthly_total}]")
class TwoSubsidiesDecided:
    """Recorded when the bureau grants or refuses the subsidies."""
    decision: Decision = internal("决定", "approved")
    benefits: tuple[Benefit, ...] = personal("补贴项目", ["LIVE_SUB", "CARE_SUB"])
    pay_from: Month | None = internal("起发月份")
    monthly_total: Money | None = personal("每月合计", "190.00")


@event("两项补贴停发", about="person", clause="EXT-2SUB", key="subject benefits effective_to",
       says="{subject}的{benefits}停发，原因：{reason}，发放至{effective_to}")
class TwoSubsidiesStopped:
    """Recorded when one or both subsidies stop."""
    benefits: tuple[Benefit, ...] = personal("停发项目", ["CARE_SUB"])
    reason: EndReason = personal("停发原因", "lost_cert")
    effective_to: Month = internal("发放至", "2026-03")
