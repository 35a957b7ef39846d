"""What has happened in making a family's home barrier-free (clause XN-3)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, refusal_reason
from shared.language.kinds import (
    Day, Decision, Document, Flag, Fund, HomeModificationItem, Line, Money, Note, Person, Refuse, Year,
)


@event("无障碍改造申请", about="family", clause="XN-3", key="process",
       says="{applicant}申请家庭无障碍改造，住房权属：{housing_right}，申请改造项目：{items_wanted}")
class HomeModificationApplied:
    """Recorded when a family asks for its home to be made barrier-free."""
    applicant: Person = personal("申请人", "421299198803150132")
    housing_right: Line = personal("住房权属", "自有住房")
    items_wanted: tuple[HomeModificationItem, ...] = personal("申请改造项目", ["RAMP", "BATH"])


@event("入户评估设计", about="family", clause="XN-3", key="process",
       says="入户评估并设计家庭无障碍改造方案，拟改造项目：{items}，预算：{budget}")
class HomeModificationAssessed:
    """Recorded when somebody has looked at the home, and the family has a plan of its own."""
    items: tuple[HomeModificationItem, ...] = personal("拟改造项目", ["RAMP", "BATH"])
    plan_doc: Document = personal("一户一策方案")
    budget: Money = internal("预算", "3400.00")
    dependence: Note | None = personal("依赖程度")


@event("无障碍改造决定", about="family", clause="XN-3",
       says="{batch_year}年度家庭无障碍改造审核（{priority:列入|未列入}优先）：{decision}[；补助金额：{amount}]"
            "[；资金来源：{fund}][；不予同意原因：{refuse_reason}]")
class HomeModificationDecided:
    """Recorded when the modification is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    priority: Flag = internal("列入优先")
    amount: Money | None = internal("补助金额", "3400.00")
    fund: Fund | None = internal("资金来源", "county")
    batch_year: Year = internal("批次年度", 2025)
    basis_doc: Document | None = internal("超出规定的依据")


@event("改造完工", about="family", clause="XN-3", key="process",
       says="家庭无障碍改造于{completed_on}完工[，施工单位：{contractor}]，费用：{cost}")
class HomeModificationCompleted:
    """Recorded when the builders are done."""
    completed_on: Day = internal("完工日期", "2025-08-20")
    contractor: Line | None = internal("施工单位", "虚构建筑工程队")
    cost: Money = internal("费用", "3360.00")
    photos_doc: Document | None = personal("照片资料")


@event("改造验收", about="family", clause="XN-3", key="process inspected_on",
       says="{inspected_on}家庭无障碍改造验收{passed:合格|不合格}，{family_signed:家庭已签字确认|家庭未签字}")
class HomeModificationInspected:
    """Recorded when the finished work has been looked over, and the family has signed for it or has not."""
    inspected_on: Day = internal("验收日期", "2025-08-27")
    passed: Flag = internal("合格")
    defects: Note | None = internal(
        "问题",
        when="passed=false",
        otherwise="allowed",  # small faults do not always fail a work
        words=("defects_missing", "验收不合格的，须写明问题。", "A failed inspection must say what is wrong."),
    )
    family_signed: Flag = personal("家庭已签字")
