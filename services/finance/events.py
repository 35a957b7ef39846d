"""What has been paid (clause XN-S2, and the clauses of the benefits)."""

from datetime import date
from decimal import Decimal

from shared.language.catalogue import event
from shared.language.fields import ACCOUNT_TAIL, CODE, DAY, MONEY, MONTH, PARTY, D, I, S, fact


@event(
    "待遇/补助发放",
    clauses="XN-2 XN-3 XN-6 XN-9 XN-10 XN-S2",
    scope="person",
    sentence="{paid_on}为{subject}发放{benefit}{amount},所属月份:{period},资金来源:{fund}",
)
class BenefitPaid:
    """Recorded when money has left the account of the payer."""

    benefit: str = fact(CODE, D, "待遇项目", code_list="BENEFIT")
    amount: Decimal = fact(MONEY, D, "金额")
    period: str | None = fact(MONTH, D, "所属月份", required=False)
    payee: str = fact(PARTY, S, "收款方")
    account_tail: str | None = fact(ACCOUNT_TAIL, S, "账号后四位", required=False)
    fund: str = fact(CODE, I, "资金来源", code_list="FUND")
    paid_on: date = fact(DAY, D, "发放日期")
