"""What has happened with an assistive device of a disabled person."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, refusal_reason
from shared.language.kinds import Count, Day, Decision, DeviceClass, Document, Flag, Fund, Line, Money, Org, Refuse


@event("辅具评估", about="person", clause="XN-2 XN-7", key="process",
       says="{assessor_org}为{subject}作辅助器具评估，适配建议：{device_name}，主类：{device_class}")
class AssistiveDeviceAssessed:
    """Recorded when it has been assessed which device a person needs."""
    device_class: DeviceClass = personal("辅具主类", "12")
    device_name: Line = personal("辅具名称", "儿童轮椅")
    assessor_org: Org = internal("评估机构")


@event("辅具补贴决定", about="person", clause="XN-2 XN-7",
       says="{subject}的辅助器具补贴：{decision}[；辅具主类：{device_class}][；补贴金额：{amount}][，资金来源：{fund}]"
            "[；使用年限：{reuse_years}年][；不予同意原因：{refuse_reason}]")
class AssistiveDeviceDecided:
    """Recorded when the subsidy for a device is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    amount: Money | None = personal("补贴金额", "800.00")
    fund: Fund | None = internal("资金来源", "county")
    reuse_years: Count | None = public("使用年限(年)", 3)
    device_class: DeviceClass | None = personal("辅具主类", "12")
    basis_doc: Document | None = internal("超出规定的依据")


@event("辅具适配交付", about="person", clause="XN-2 XN-7", key="process fitted_on",
       says="{fitted_on}为{subject}适配并交付{device_name}，主类：{device_class}[，价格：{price}][，自费：{self_paid}]"
            "[，{training_given:已指导使用|未指导使用}][，{for_rehab:用于儿童康复|不用于儿童康复}]")
class AssistiveDeviceFitted:
    """Recorded when a device has been fitted to a person and handed over."""
    device_class: DeviceClass = personal("辅具主类", "12")
    device_name: Line = personal("辅具名称", "儿童轮椅")
    fitted_on: Day = personal("适配日期", "2025-06-20")
    price: Money | None = personal("价格", "1200.00")
    self_paid: Money | None = personal("自费金额", "400.00")
    training_given: Flag | None = personal("已指导使用")
    for_rehab: Flag | None = personal("用于儿童康复")


@event("辅具租借", about="person", clause="XN-7", key="process",
       says="{subject}从{station}租借{device_name}[，应于{due_back}前归还][，押金：{deposit}]")
class AssistiveDeviceRented:
    """Recorded when a person takes a device on loan from a community station."""
    device_name: Line = personal("辅具名称", "助行器")
    station: Org = internal("租借站点", {"code": "JY.SQ01", "name": "虚构镇社区康复站"})
    due_back: Day | None = internal("应归还日期", "2027-06-30")
    deposit: Money | None = internal("押金", "50.00")


@event("辅具归还/回收", about="person", clause="XN-7", key="process",
       says="{subject}使用的辅助器具于{returned_on}归还回收[，辅具状况：{condition}]")
class AssistiveDeviceReturned:
    """Recorded when a device comes back: one on loan, or one that was fitted and is no longer used."""
    returned_on: Day = internal("归还日期", "2026-01-15")
    condition: Line | None = internal("辅具状况", "完好")


@event("辅具维护", about="person", clause="XN-7", key="subject work done_on",
       says="{done_on}为{subject}使用的辅助器具完成维护：{work}[，费用：{cost}]")
class AssistiveDeviceMaintained:
    """Recorded when a person's device has been repaired or adjusted."""
    work: Line = internal("维护内容", "更换轮胎")
    done_on: Day = internal("完成日期", "2025-11-03")
    cost: Money | None = internal("费用", "60.00")
