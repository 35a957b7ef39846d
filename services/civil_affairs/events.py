"""What has happened in social assistance (XN-9), the two subsidies (EXT-2SUB), and charity (XN-11, XN-12).

Dibao first, then marginal families, tekun people, temporary aid, the two subsidies, and what serves all of them.
"""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, refusal_reason, sensitive
from shared.language.kinds import (
    Benefit, Count, Day, Decision, DeliveryMode, DibaoType, Document, DonorKind, EndReason, EventId, Flag, Fund,
    HardshipCause, Hours, Line, LocalNumber, Money, Month, Note, Officer, Org, Person, Rate, Refuse, ReviewResult,
    SelfCareAbility, TempAidKind,
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


@event("低保受理", about="family", clause="XN-9",
       says="{accepted_on}低保申请受理结果：{decision}[；不予同意原因：{refuse_reason}]")
class DibaoAcceptanceDecided:
    """Recorded when an application is accepted for decision, returned for missing papers, or not accepted."""
    decision: Decision = internal("受理结果", "returned")
    accepted_on: Day = internal("受理日期", "2025-02-28")
    missing: Note | None = internal("需补正材料", "缺收入证明")
    refuse_reason: Refuse | None = refusal_reason(added=True)


@event("家庭经济状况核对", about="family", clause="XN-9", key="subject process checked_on",
       says="{checked_on}核对家庭经济状况：月人均收入{per_capita_income_month}，低保月标准{standard_month}，"
            "财产状况{property_ok:符合|不符合}规定[，收入{income_stable:稳定|不稳定}]"
            "[，{labour_capacity:有|无}劳动能力][，{able_supporter:有|没有}有履行能力的赡养抚养人]")
class HouseholdEconomyChecked:
    """Recorded when a household's income and property have been checked against the records and at home."""
    checked_on: Day = sensitive("核对日期", "2025-03-12")
    per_capita_income_month: Money = sensitive("月人均收入", "402.00")
    standard_month: Money = public("低保月标准", "560.00")
    property_ok: Flag = sensitive("财产符合规定")
    method: Line | None = internal("核对方式", "信息比对和入户调查")
    income_stable: Flag | None = sensitive("收入稳定")
    labour_capacity: Flag | None = sensitive("有劳动能力")
    able_supporter: Flag | None = sensitive("有履行能力的赡养抚养人", False)


@event("民主评议", about="family", clause="XN-9", says="{held_on}对低保申请进行民主评议，评议结果：{result}")
class DemocraticAppraisalHeld:
    """Recorded when neighbours and village officials have said what they know of a household that applied."""
    held_on: Day = internal("评议日期", "2025-03-18")
    result: Line = internal("评议结果", "一致同意")


@event("公示", about="family", clause="XN-9", key="process from_date",
       says="低保审核意见于{from_date}至{to_date}在{place}公示，未成年人信息{minors_hidden:已隐去|未隐去}")
class DibaoNoticePosted:
    """Recorded when the intended decision has been put up for the neighbours to see."""
    from_date: Day = internal("公示起始日期", "2025-03-21")
    to_date: Day = internal("公示截止日期", "2025-03-28")
    place: Line = internal("公示地点", "虚构村村务公开栏")
    minors_hidden: Flag = internal("已隐去未成年人信息")


@event("公示异议", about="family", clause="XN-9", key="process filed_on", says="{filed_on}收到对低保公示的异议")
class DibaoNoticeObjected:
    """Recorded when somebody has objected to what a notice says; it must then be looked into again."""
    filed_on: Day = internal("提出日期", "2025-03-25")
    claim: Note = personal("异议内容")


@event("低保审核确认", about="family", clause="XN-9", key="process decided_on",
       says="{decided_on}低保审核确认（{dibao_type}）：{decision}；保障人员：{persons}[；月保障金额：{amount_month}]"
            "[，起发月份：{pay_from}][，资金来源：{fund}][；不予同意原因：{refuse_reason}]")
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
    fund: Fund | None = internal("资金来源", "county")
    basis_doc: Document | None = internal("超出规定的依据")


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
            "[，有效期自{valid_from}至{valid_to}][；不予同意原因：{refuse_reason}]")
class MarginalFamilyDecided:
    """Recorded when the bureau decides whether a household lives just above the dibao standard."""
    decision: Decision = internal("决定", "approved")
    per_capita_income_month: Money | None = sensitive("月人均收入", "780.00")
    multiple: Rate = public("收入上限与低保标准之比", "1.5")
    valid_from: Day | None = internal("有效期起", "2025-04-01")
    valid_to: Day | None = internal("有效期止", "2026-03-31")
    refuse_reason: Refuse | None = refusal_reason(added=True)


@event("低保边缘终止", about="family", clause="XN-9", key="subject effective_to",
       says="低保边缘家庭资格终止，原因：{reason}，终止日期：{effective_to}")
class MarginalFamilyEnded:
    """Recorded when a household no longer counts as living just above the dibao standard."""
    reason: EndReason = personal("终止原因", "income")
    effective_to: Day = internal("终止日期", "2026-01-31")


@event("特困供养申请", about="person", clause="XN-9", key="process", says="{subject}于{applied_on}申请特困人员救助供养")
class TekunApplied:
    """Recorded when support is asked for a person who has neither income nor anybody able to support them."""
    applied_on: Day = personal("申请日期", "2025-03-03")
    assisted_by: Officer | None = internal("协助人")


@event("生活自理能力评估", about="person", clause="XN-9", key="subject process assessed_on",
       says="{assessed_on}评估{subject}的生活自理能力：{result}，六项指标中{unmet_items}项不能自主完成")
class SelfCareAssessed:
    """Recorded when it was tested which of the six everyday tasks a person can do alone."""
    unmet_items: Count = sensitive("不能自理项数", 2)
    result: SelfCareAbility = sensitive("自理能力", "partial")
    assessed_on: Day = sensitive("评估日期", "2025-03-12")


@event("特困人员认定", about="person", clause="XN-9",
       says="{subject}的特困人员认定：{decision}[；自理能力：{care_level}][；供养方式：{support_place}]"
            "[；每月供养金：{amount_month}][，起发月份：{pay_from}][，资金来源：{fund}]"
            "[；不予同意原因：{refuse_reason}]")
class TekunDecided:
    """Recorded when the bureau grants or refuses the support of a tekun person."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    care_level: SelfCareAbility | None = sensitive("自理能力", "partial")
    support_place: Line | None = personal("供养方式", "分散供养")
    pay_from: Month | None = internal("起发月份", "2025-04")
    amount_month: Money | None = personal("每月供养金", "1180.00")
    fund: Fund | None = internal("资金来源", "county")
    basis_doc: Document | None = internal("超出规定的依据")


@event("特困供养终止", about="person", clause="XN-9", key="process",
       says="{subject}的特困人员救助供养终止，原因：{reason}，供养至{effective_to}")
class TekunTerminated:
    """Recorded when the support of a tekun person ends."""
    reason: EndReason = personal("终止原因", "aged_out")
    effective_to: Month = internal("供养至", "2026-03")


@event("临时救助申请", about="family", clause="XN-9", key="process",
       says="{subject}一户于{applied_on}申请{kind}临时救助[，困难原因：{cause_kind}]"
            "[，{proactive:由工作人员主动发现|由家庭自行提出}]")
class TempAidApplied:
    """Recorded when a household in sudden or costly hardship asks for help, or is found."""
    kind: TempAidKind = personal("救助类型", "expenditure")
    cause: Note = sensitive("困难原因", "医疗费用支出过大")
    applied_on: Day = personal("申请日期")
    proactive: Flag | None = internal("主动发现")
    cause_kind: HardshipCause | None = sensitive("困难原因类别", "illness")


@event("先行救助（紧急程序）", about="family", clause="XN-9", key="process granted_on",
       says="{by_org}于{granted_on}先行救助{amount}")
class TempAidEmergencyGranted:
    """Recorded when help is given at once and the formalities follow."""
    amount: Money = personal("救助金额", "2000.00", over=0)
    granted_on: Day = personal("救助日期")
    by_org: Line = internal("救助实施单位", "虚构镇人民政府")


@event("临时救助决定", about="family", clause="XN-9", key="process decided_on",
       says="{decided_on}临时救助决定：{decision}[，金额：{amount}][，资金来源：{fund}][{special:，属特殊情形|}]"
            "[，不予同意原因：{refuse_reason}]")
class TempAidDecided:
    """Recorded when temporary aid is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    amount: Money | None = personal("救助金额", "3000.00")
    decided_on: Day = internal("决定日期")
    special: Flag | None = internal("特殊情形", False)
    fund: Fund | None = internal("资金来源", "county")
    basis_doc: Document | None = internal("超出规定的依据")


@event("残疾人两项补贴申请", about="person", clause="EXT-2SUB", key="process",
       says="{subject}于{applied_on}申请残疾人两项补贴：{benefits}")
class TwoSubsidiesApplied:
    """Recorded when a disabled person asks for the living or the nursing subsidy, at any counter or online."""
    benefits: tuple[Benefit, ...] = personal("申请项目", ["LIVE_SUB", "CARE_SUB"])
    applied_on: Day = personal("申请日期")
    channel: Line | None = internal("申请渠道", "跨省通办窗口")


@event("两项补贴审定", about="person", clause="EXT-2SUB",
       says="{subject}的残疾人两项补贴审定：{decision}；项目：{benefits}[；起发月份：{pay_from}]"
            "[，每月合计：{monthly_total}][，资金来源：{fund}][；不予同意原因：{refuse_reason}]")
class TwoSubsidiesDecided:
    """Recorded when the bureau grants or refuses the subsidies."""
    decision: Decision = internal("决定", "approved")
    benefits: tuple[Benefit, ...] = personal("补贴项目", ["LIVE_SUB", "CARE_SUB"])
    pay_from: Month | None = internal("起发月份")
    monthly_total: Money | None = personal("每月合计", "190.00")
    refuse_reason: Refuse | None = refusal_reason(added=True)
    fund: Fund | None = internal("资金来源", "county")


@event("两项补贴停发", about="person", clause="EXT-2SUB", key="subject benefits effective_to",
       says="{subject}的{benefits}停发，原因：{reason}，发放至{effective_to}")
class TwoSubsidiesStopped:
    """Recorded when one or both subsidies stop."""
    benefits: tuple[Benefit, ...] = personal("停发项目", ["CARE_SUB"])
    reason: EndReason = personal("停发原因", "lost_cert")
    effective_to: Month = internal("发放至", "2026-03")


@event("决定送达", about="family", clause="XN-9 EXT-2SUB", key="process decision_event delivered_on",
       says="决定书于{delivered_on}送达，送达方式：{mode}[，签收人：{delivered_to}]")
class DecisionDelivered:
    """Recorded when those concerned have been told in writing what was decided."""
    delivered_on: Day = internal("送达日期", "2025-04-02")
    mode: DeliveryMode = internal("送达方式", "direct")
    delivered_to: Person | None = personal("签收人", "421299198803150132")
    decision_event: EventId | None = internal("所送达的决定（事件编号）")


@event("办理期限延长", about="family", clause="XN-9", key="process", says="{extended_on}决定将办理期限延长至{new_due}")
class DeadlineExtended:
    """Recorded when an application needs longer than usual, and until when it must now be decided."""
    extended_on: Day = internal("延长决定日期", "2025-04-07")
    new_due: Day = internal("延长后期限", "2025-05-07")
    reason: Note = internal("延长原因")


@event("接受捐赠", about="organisation", clause="XN-11 XN-12 XN-S2", key="organisation receipt_no",
       says="{organisation}接受{in_kind:实物捐赠，折价|货币捐赠}{amount}，捐赠方类型：{donor_kind}"
            "[，指定用途：{designated_use}]，票据号：{receipt_no}")
class DonationReceived:
    """Recorded when a charity or public body has taken in a donation and given a receipt for it."""
    donor_kind: DonorKind = internal("捐赠方类型", "org")
    donor_name: Note | None = personal("捐赠方", "虚构食品加工公司")
    in_kind: Flag = internal("实物捐赠", False)
    amount: Money = internal("捐赠金额（含实物折价）", "50000.00")
    designated_use: Line | None = internal("指定用途", "残疾儿童康复")
    receipt_no: Line = internal("票据号", "虚构票据0001")
    organisation: Org = internal("受赠单位", {"code": "51421299MJXCHA019X", "name": "虚构慈善会"})


@event("慈善帮扶", about="family", clause="XN-11",
       says="{organisation}于{granted_on}向{subject}一户提供慈善帮扶：{kind}，金额{amount}")
class CharityAidGranted:
    """Recorded when a charity has given a family money or goods."""
    organisation: Org = internal("实施组织", {"code": "51421299MJXCHA019X", "name": "虚构慈善会"})
    kind: Line = personal("帮扶种类", "康复器材")
    amount: Money = personal("金额", "2000.00")
    granted_on: Day = personal("帮扶日期")
    donation: EventId | None = internal("对应捐赠（事件编号）")


@event("志愿服务记录", about="family", clause="XN-12", key="subject organisation activity served_on",
       says="{organisation}于{served_on}组织{volunteers}名志愿者为{subject}一户开展志愿服务（{activity}），共{hours}小时")
class VolunteerServiceRecorded:
    """Recorded when volunteers have spent time with a family."""
    activity: Line = internal("活动", "上门陪伴")
    organisation: Org = internal("实施组织")
    volunteers: Count = internal("志愿者人数", 3)
    hours: Hours = internal("小时数", "6")
    served_on: Day = internal("服务日期")
