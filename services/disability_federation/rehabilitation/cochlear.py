"""Which event of a cochlear implant may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.disability_federation.in_force import is_recognised
from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearMapped,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, newest

RULES.after(CochlearSubsidyApplied, CochlearReportIssued, same="person", number="REH-15.a")
RULES.after(CochlearSubsidyDecided, CochlearSubsidyApplied, same="process", number="REH-16.a")
RULES.after(CochlearImplanted, CochlearSubsidyDecided, same="process", number="REH-17.a")
RULES.after(CochlearMapped, CochlearImplanted, same="process", number="REH-18.a")

RULES.given(
    CochlearSubsidyDecided,
    "amount",
    "fund",
    when=("decision", "approved"),
    code="amount_missing",
    number="REH-16.1",
)


@RULES.invariant(CochlearSubsidyApplied, number="REH-15.1")
def an_application_rests_on_a_report_about_the_child(event: CochlearSubsidyApplied, past: Past) -> Iterator[Fault]:
    """Refuse an application that names no report about the same person."""
    if all(one.id != event.report_event for one in past.events(CochlearReportIssued, same="person")):
        zh = "本部门没有该人员的这一评估报告；请填写该报告的事件编号。"
        en = "This department has no such report about the person; give the id of the report's event."
        yield Fault("reference_unknown", "/data/report_event", zh, en)


@RULES.invariant(CochlearSubsidyDecided, number="REH-16.2")
def the_report_fulfils_the_conditions(event: CochlearSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Refuse an approval whose report does not fulfil the policy's conditions, without a document that says why."""
    if event.basis_doc is None and _conditions_not_met(event, past):
        zh = "评估报告不符合现行政策规定的医院等级、听力残疾等级、手术条件或适应症；确有依据的，须填写超出规定的依据。"
        en = (
            "The report does not fulfil the conditions on hospital, grade, condition and indication; "
            "if the approval is justified, name the document."
        )
        yield Fault("conditions_not_met", "/data/decision", zh, en)


@RULES.flag(CochlearSubsidyDecided, number="REH-16.3")
def an_approval_beside_the_conditions_is_shown(event: CochlearSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Flag such an approval for which a document is named."""
    if event.basis_doc is not None and _conditions_not_met(event, past):
        yield flag("departs_from_parameter", "/data/decision")


@RULES.invariant(CochlearSubsidyDecided, number="REH-16.4")
def a_child_has_one_implant_an_ear(event: CochlearSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Refuse a second approval for an ear, or for one that is not told, unless parameter or document allow it."""
    if event.decision != "approved" or event.basis_doc is not None or past.parameter("P-COCHLEAR-SECOND"):
        return
    for one in past.events(CochlearSubsidyDecided, same="person"):
        if one.event.decision == "approved" and _same_ear(one.event.side, event.side):
            zh = f"该人员已有同意的人工耳蜗补助（事件 {one.id}），现行政策不补助同一侧的第二次植入；请核对侧别。"
            en = f"A subsidy was approved before (event {one.id}); none is given for a second implant. Check the side."
            yield Fault("second_implant", "/data/decision", zh, en)
            return


@RULES.invariant(CochlearSubsidyDecided, number="REH-16.5")
def an_amount_is_within_the_parameter(event: CochlearSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Refuse a higher subsidy than the parameter, without a document that says why."""
    if event.basis_doc is None and _amount_above(event, past):
        zh = "补助金额超过现行政策规定；确有依据的，须填写超出规定的依据。"
        en = "The subsidy is above the policy parameter; if that is justified, name the document."
        yield Fault("above_parameter", "/data/amount", zh, en)


@RULES.flag(CochlearSubsidyDecided, number="REH-16.6")
def a_higher_amount_is_shown(event: CochlearSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Flag a higher subsidy for which a document is named."""
    if event.basis_doc is not None and _amount_above(event, past):
        yield flag("departs_from_parameter", "/data/amount")


@RULES.flag(CochlearSubsidyDecided, number="REH-16.7")
def a_subsidy_is_for_recognised_families(_: CochlearSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision on a family that is not recognised, where the parameter keeps the subsidy to those that are."""
    if past.parameter("P-COCHLEAR-SCOPE") == "difficult_family" and not is_recognised(past, past.happened):
        yield flag("not_difficult", "/subject")


@RULES.flag(CochlearImplanted, number="REH-17.1")
def an_implant_was_approved(_: CochlearImplanted, past: Past) -> Iterator[Fault]:
    """Flag an implant whose newest decision is not an approval."""
    decided = newest(past, CochlearSubsidyDecided, same="process")
    if decided and decided.decision != "approved":
        yield flag("no_approval_in_force", "/process")


@RULES.invariant(CochlearMapped, number="REH-18.1")
def mappings_are_counted_from_one(event: CochlearMapped) -> Iterator[Fault]:
    """Refuse a mapping before the first, which is the switch-on."""
    if event.mapping_no < 1:
        zh, en = "开机为第 1 次，次数从 1 起计。", "Switching on is mapping 1; mappings are counted from one."
        yield Fault("mapping_not_counted_from_one", "/data/mapping_no", zh, en)


@RULES.flag(CochlearMapped, number="REH-18.2")
def mappings_follow_each_other(event: CochlearMapped, past: Past) -> Iterator[Fault]:
    """Flag a mapping that is not the next one."""
    last = newest(past, CochlearMapped, same="process")
    if event.mapping_no != (last.mapping_no if last else 0) + 1:
        yield flag("mapping_out_of_sequence", "/data/mapping_no")


def _conditions_not_met(event: CochlearSubsidyDecided, past: Past) -> bool:
    """Whether an approval rests on a report that the parameters do not accept; not where no report is on record."""
    applied = newest(past, CochlearSubsidyApplied, same="process")
    reports = past.events(CochlearReportIssued, same="person", before=True)
    report = next((one.event for one in reports if applied and one.id == applied.report_event), None)
    if event.decision != "approved" or report is None:
        return False
    return not (
        report.hospital_level in past.parameter("P-COCHLEAR-HOSP")
        and report.hearing_grade in past.parameter("P-COCHLEAR-GRADES")
        and report.meets_condition
        and report.indication
    )


def _same_ear(one: str | None, other: str | None) -> bool:
    """Whether two sides have an ear in common, or one of them is not told."""
    return one is None or other is None or one == other or "both" in {one, other}


def _amount_above(event: CochlearSubsidyDecided, past: Past) -> bool:
    amount = event.amount if event.decision == "approved" else None
    return amount is not None and bool(amount > past.parameter("P-COCHLEAR-AMOUNT"))
