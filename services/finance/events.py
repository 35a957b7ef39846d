"""What has been planned, allotted, paid, recovered and accounted for, each line with its fund (XN-1, XN-S2).

A budget is a plan, an appropriation a commitment, a payment cash: none of them is ever added to another. A payment is
under the clause of its benefit.
"""

from shared.language.catalogue import event, key, of
from shared.language.fields import internal, personal, public, sensitive
from shared.language.kinds import (
    AccountTail, Benefit, Day, Division, Flag, Fund, Line, Money, Month, Note, Party, Year,
)


@event("年度预算安排", about="organisation", clause="XN-1 XN-S2", key="division year fund purpose doc_no",
       found_by="anywhere",
       says="{year}年度预算安排{purpose}{amount}，资金来源：{fund}，文号：{doc_no}")
class FundBudgeted:
    """Recorded when a division's budget of a year says how much of a fund is for one purpose."""
    year: Year = public("年度", 2025)
    fund: Fund = public("资金来源", "county")
    purpose: Benefit = public("用途项目", "REHAB")
    amount: Money = public("预算金额", "800000.00")
    doc_no: Line = public("文号", "虚构财预〔2025〕1号")


@event("资金下达", about="organisation", clause="XN-1 XN-S2", key="to_division fund purpose doc_no",
       found_by="anywhere",
       says="向{to_division}下达[{year}年度]{purpose}资金{amount}，资金来源：{fund}，文号：{doc_no}")
class FundAppropriated:
    """Recorded when budgeted money has been allotted to a division. Nothing is spent by that."""
    fund: Fund = public("资金来源", "county")
    to_division: Division = public("下达地区", "421221")
    purpose: Benefit = public("用途项目", "REHAB")
    amount: Money = public("下达金额", "300000.00")
    doc_no: Line = public("文号", "虚构财社〔2025〕8号")
    year: Year | None = public("年度", 2025)


@event("待遇/补助发放", about="person", clause=of("benefit"),
       key=key("subject benefit period fund", given="period", unless="supplement",
               otherwise="subject benefit process fund paid_on"),
       says="{paid_on}为{subject}发放{benefit}{amount}[{supplement:（补发或差额）|}]"
            "[，所属月份：{period}]，资金来源：{fund}")
class BenefitPaid:
    """Recorded when money has left the account of the payer."""
    benefit: Benefit = personal("待遇项目", "DIBAO")
    amount: Money = personal("金额", "632.00", over=0)
    period: Month | None = personal("所属月份")
    payee: Party = sensitive("收款方")
    account_tail: AccountTail | None = sensitive("账号后四位")
    fund: Fund = internal("资金来源", "county")
    paid_on: Day = personal("发放日期")
    supplement: Flag | None = personal("补发或差额", False)


@event("资金追回", about="person", clause="XN-S2", key="subject benefit period recovered_on",
       says="{recovered_on}向{subject}追回{benefit}{amount}[，所属月份：{period}]")
class BenefitRecovered:
    """Recorded when money that was paid wrongly has come back."""
    benefit: Benefit = personal("待遇项目", "DIBAO")
    amount: Money = personal("追回金额", "632.00")
    reason: Note = personal("追回原因")
    recovered_on: Day = personal("追回日期", "2025-06-10")
    period: Month | None = personal("所属月份")


@event("干部包保资金归集", about="organisation", clause="XN-S2 XN-12", key="unit pooled_on",
       says="{unit}于{pooled_on}归集干部包保资金{amount}")
class CadreSupportPooled:
    """Recorded when a unit's officials have put money together for families in difficulty; nobody is named."""
    unit: Line = internal("包保单位", "虚构机关单位")
    amount: Money = internal("归集金额", "6000.00")
    pooled_on: Day = internal("归集日期")


@event("资金使用公示", about="organisation", clause="XN-1 XN-S2", key="year doc_no",
       says="{published_on}公布{year}年度资金使用情况，文号：{doc_no}")
class FundReportPublished:
    """Recorded when the public has been told what the money of a year was used for."""
    year: Year = public("年度", 2025)
    doc_no: Line = public("文号", "虚构财公〔2026〕1号")
    published_on: Day = public("公布日期", "2026-02-10")


@event("资金使用登记", about="organisation", clause="XN-1 XN-S2",
       key="division year doc_no for_difficult fund purpose", found_by="anywhere",
       says="[{division}]{year}年度{purpose}支出{amount}，资金来源：{fund}，"
            "{for_difficult:用于困难残疾儿童家庭|用于其他对象}[，文号：{doc_no}]")
class FundSpent:
    """Recorded when it has been added up what of a fund was spent on one purpose in a year."""
    year: Year = public("年度", 2025)
    fund: Fund = public("资金来源", "esf")
    purpose: Benefit = public("用途项目", "JOBSUP")
    amount: Money = public("支出金额", "120000.00")
    for_difficult: Flag = public("用于困难残疾儿童家庭")
    division: Division | None = public("所属地区", "421221")
    doc_no: Line | None = public("文号", "虚构财决〔2025〕3号")
