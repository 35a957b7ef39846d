"""What has been paid: each payment under the clause of its benefit (XN-S2 and the benefits' own clauses)."""

from shared.language.catalogue import event, key, of
from shared.language.fields import internal, personal, sensitive
from shared.language.kinds import AccountTail, Benefit, Day, Flag, Fund, Money, Month, Party


@event("待遇/补助发放", about="person", clause=of("benefit"),
       key=key("subject benefit period fund", given="period", unless="supplement",
               otherwise="subject benefit process fund paid_on"),
       says="{paid_on}为{subject}发放{benefit}{amount}[，所属月份：{period}]，资金来源：{fund}")
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
