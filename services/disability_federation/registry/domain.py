"""What an event about a family's case may not contain, and which may follow which."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.disability_federation.in_force import age, certificate, guardians
from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    CaseTransferred,
    ConsentRecorded,
    DifficultFamilyRecognised,
    DuplicateMerged,
    FamilyCaseOpened,
    FileImported,
    GapActionRecorded,
    GuardianDesignated,
    HouseholdMoved,
    NeedsSurveyed,
    PolicyParameterSet,
    ReferralAnswered,
    ReferralMade,
)
from services.disability_federation.rehabilitation.events import DiagnosisReported
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import ADULT, EVENT_DAY, Past, flag, newest
from shared.policy.parameters import Unfit, parameters

SEVERAL = 2
"""How many disabled members 一户多残 means at the least."""
CONSENT_AGE = 14
"""Below this age a guardian consents (个人信息保护法 art. 31)."""
HOLD = timedelta(days=180)
"""How long a gap may be put off at most."""
DIAGNOSIS_AGE, DIAGNOSIS_LEVEL = 7, "3A"
"""Below which age, and from which hospital, a diagnosis stands in for a certificate."""
ENTITLEMENT = re.compile(r"E(0[1-9]|[12][0-9]|3[0-4])")

for about_a_case in (HouseholdMoved, CaseTransferred, NeedsSurveyed, DifficultFamilyRecognised, GapActionRecorded):
    RULES.after(about_a_case, FamilyCaseOpened, same="family", fault="no_case")
# Two numbers may turn out to be one person before a case is opened under either.
RULES.after(DuplicateMerged, FamilyCaseOpened, same="family", effect="flag", fault="no_case")
RULES.after(CaseTransferred, HouseholdMoved, same="family", effect="flag", fault="transfer_without_move")
RULES.after(CaseTransferAccepted, CaseTransferred, same="family")
RULES.after(ReferralAnswered, ReferralMade, same="process")

RULES.distinct(FamilyCaseOpened, "members", code="person_named_twice")
RULES.distinct(HouseholdMoved, "persons")
RULES.distinct(NeedsSurveyed, "needs", code="code_named_twice")
RULES.distinct(DifficultFamilyRecognised, "disabled_members")
RULES.distinct(DifficultFamilyRecognised, "child_members")
RULES.not_before(ConsentRecorded, "valid_to", EVENT_DAY)
RULES.not_before(GapActionRecorded, "hold_until", EVENT_DAY)


@RULES.invariant(FamilyCaseOpened)
def the_head_is_a_member(event: FamilyCaseOpened) -> Iterator[Fault]:
    """Refuse a family that lacks its head."""
    if event.head not in event.members:
        zh, en = "户主须列入家庭成员。", "The head of the family must be one of its members."
        yield Fault("head_not_a_member", "/data/head", zh, en)


@RULES.invariant(FamilyCaseOpened)
def nobody_belongs_to_two_families(event: FamilyCaseOpened, past: Past) -> Iterator[Fault]:
    """Refuse a family with a member of another one: who is known under another number is joined by a merge."""
    for member in event.members:
        for other in past.events(FamilyCaseOpened, same="family", of=member):
            yield Fault(
                "member_of_another_family",
                "/data/members",
                f"有家庭成员已在另一案卷中（建档事件 {other.id}）；确属同一家庭的，请报送“重复合并”。",
                f"A member belongs to another case (opened by the event {other.id}); "
                "if both are one family, send duplicate_merged.",
            )
            return


@RULES.invariant(GuardianDesignated)
def nobody_guards_themselves(event: GuardianDesignated, past: Past) -> Iterator[Fault]:
    """Refuse a guardian who is the ward."""
    if event.guardian == past.subject:
        zh, en = "监护人与被监护人不能是同一人。", "Guardian and ward must be different persons."
        yield Fault("guardian_of_oneself", "/data/guardian", zh, en)


@RULES.flag(GuardianDesignated)
def an_adult_is_guarded_by_a_document(event: GuardianDesignated, past: Past) -> Iterator[Fault]:
    """Flag the guardian of an adult without the document that says so."""
    years = age(past, event.from_date)
    if event.basis_doc is None and years is not None and years >= ADULT:
        yield flag("guardianship_not_evidenced", "/data/basis_doc")


@RULES.invariant(HouseholdMoved)
def moving_the_registration_changes_the_county(event: HouseholdMoved) -> Iterator[Fault]:
    """Refuse a hukou move within one county: a new address in the same county is a change of residence."""
    if event.move_kind == "hukou" and event.from_division == event.to_division:
        zh = "户籍迁移的迁出地与迁入地不能相同。"
        en = "A move of the household registration must go to another county."
        yield Fault("same_division", "/data/to_division", zh, en)


@RULES.invariant(HouseholdMoved)
def only_members_move(event: HouseholdMoved, past: Past) -> Iterator[Fault]:
    """Refuse a move of somebody who does not belong to the family."""
    yield from _not_members("persons", event.persons or (), past)


@RULES.invariant(DifficultFamilyRecognised)
def only_members_are_recognised(event: DifficultFamilyRecognised, past: Past) -> Iterator[Fault]:
    """Refuse a recognition that counts somebody who does not belong to the family."""
    yield from _not_members("disabled_members", event.disabled_members, past)
    yield from _not_members("child_members", event.child_members, past)


@RULES.invariant(CaseTransferred)
def a_case_goes_elsewhere(event: CaseTransferred, past: Past) -> Iterator[Fault]:
    """Refuse to send a case to the county that holds it."""
    if event.to_division == _holder(past):
        zh, en = "接收地已持有该案卷。", "This county holds the case already; name another one."
        yield Fault("same_division", "/data/to_division", zh, en)


@RULES.flag(CaseTransferred)
def the_holder_sends_a_case(_: CaseTransferred, past: Past) -> Iterator[Fault]:
    """Flag a transfer that another county reports than the one that holds the case."""
    if past.division is not None and _holder(past) not in {None, past.division}:
        yield flag("not_the_holder", "/division")


@RULES.invariant(CaseTransferAccepted)
def a_case_is_accepted_where_it_was_sent(event: CaseTransferAccepted, past: Past) -> Iterator[Fault]:
    """Refuse to accept a case that is not on its way to this county."""
    last: Any = newest(past, CaseTransferred, CaseTransferAccepted, same="family")
    on_its_way = isinstance(last, CaseTransferred) and last.to_division == event.accepted_division
    if last and not on_its_way:
        yield Fault(
            "not_the_receiver",
            "/data/accepted_division",
            "没有移交至该地且尚未接收的案卷；请核对接收地，或先报送案卷移交。",
            "No case is on its way to this county; check the county, or have the transfer recorded first.",
        )


@RULES.invariant(CaseTransferAccepted)
def a_county_accepts_for_itself(event: CaseTransferAccepted, past: Past) -> Iterator[Fault]:
    """Refuse to accept a case for another county than the one that reports it."""
    if past.division is not None and past.division != event.accepted_division:
        zh, en = "报送地须与接收地一致。", "The event's division must be the county that accepts the case."
        yield Fault("not_the_receiver", "/division", zh, en)


@RULES.invariant(ConsentRecorded)
def a_guardian_consents_for_a_child(event: ConsentRecorded, past: Past) -> Iterator[Fault]:
    """Refuse consent for a child by somebody who is none of the guardians on record."""
    known = guardians(past, past.happened)
    if _is_below(CONSENT_AGE, past) and known and event.consent_by not in known:
        yield Fault(
            "not_the_guardian",
            "/data/consent_by",
            "同意人不是已登记的监护人；监护人有变更的，请先登记监护人。",
            "Who consents is no guardian on record; if the guardian changed, have that recorded first.",
        )


@RULES.flag(ConsentRecorded)
def a_guardian_is_taken_on_trust(_: ConsentRecorded, past: Past) -> Iterator[Fault]:
    """Flag consent for a child of whom no guardian is on record."""
    if _is_below(CONSENT_AGE, past) and not guardians(past, past.happened):
        yield flag("guardian_unknown", "/data/consent_by")


@RULES.invariant(DifficultFamilyRecognised)
def several_disabled_members_are_several(event: DifficultFamilyRecognised) -> Iterator[Fault]:
    """Refuse 一户多残 as the basis when fewer than two disabled members are named."""
    if event.basis in {"multi", "both"} and len(set(event.disabled_members)) < SEVERAL:
        yield Fault(
            "basis_without_members",
            "/data/disabled_members",
            "以一户多残认定的，须列明至少两名残疾成员。",
            "Recognition for several disabled members must name at least two of them.",
        )


@RULES.invariant(DifficultFamilyRecognised)
def the_children_are_disabled(event: DifficultFamilyRecognised) -> Iterator[Fault]:
    """Refuse a child member who is not listed among the disabled members."""
    if not set(event.child_members) <= set(event.disabled_members):
        zh, en = "儿童成员须同时列入残疾成员。", "Every child member must be one of the disabled members."
        yield Fault("child_not_disabled", "/data/child_members", zh, en)


@RULES.flag(DifficultFamilyRecognised)
def a_disability_is_evidenced(event: DifficultFamilyRecognised, past: Past) -> Iterator[Fault]:
    """Flag a disabled member with neither a valid certificate nor a diagnosis that stands in for it."""
    if not all(_is_evidenced(member, event, past) for member in event.disabled_members):
        yield flag("disability_not_evidenced", "/data/disabled_members")


@RULES.invariant(ReferralAnswered)
def a_referral_is_answered_once(_: ReferralAnswered, past: Past) -> Iterator[Fault]:
    """Refuse a second answer; one that returned the referral leaves it open."""
    steps = past.events(ReferralMade, ReferralAnswered, same="process", before=True)
    answers = [one.event for one in steps if getattr(one.event, "decision", "") != "returned"]
    if answers and isinstance(answers[-1], ReferralAnswered):
        zh, en = (
            "该转介已有答复；原答复有误的，请报送更正。",
            "This referral is answered; if wrongly, send a correction.",
        )
        yield Fault("already_answered", "/process", zh, en)


@RULES.invariant(GapActionRecorded)
def a_gap_is_put_off_for_half_a_year(event: GapActionRecorded, past: Past) -> Iterator[Fault]:
    """Refuse to put a gap off for longer than 180 days."""
    if event.hold_until is not None and event.hold_until - past.happened > HOLD:
        zh = f"暂缓期限最长为事件日期后 {HOLD.days} 天。"
        en = f"A gap may be put off for {HOLD.days} days after the day of the event at most."
        yield Fault("hold_too_long", "/data/hold_until", zh, en)


@RULES.invariant(GapActionRecorded)
def an_entitlement_is_one_of_the_policy(event: GapActionRecorded) -> Iterator[Fault]:
    """Refuse a number that is none of the policy's 34 entitlements."""
    if not ENTITLEMENT.fullmatch(event.entitlement):
        zh, en = "事项编号须为 E01 至 E34。", "The entitlement must be one of E01 to E34."
        yield Fault("unknown_entitlement", "/data/entitlement", zh, en)


@RULES.invariant(DuplicateMerged)
def a_merge_names_two_sides(event: DuplicateMerged) -> Iterator[Fault]:
    """Refuse a merge of nothing, and of something into itself."""
    merged = {event.merged_family, event.merged_person} - {None}
    if not merged:
        zh, en = "须写明被合并的家庭或人员。", "A merge must name the family or the person that is merged."
        yield Fault("nothing_merged", "/data/merged_family", zh, en)
    if event.survivor in merged:
        zh, en = "被合并方与保留方不能相同。", "A family or person cannot be merged into itself."
        yield Fault("merged_into_itself", "/data/survivor", zh, en)


@RULES.invariant(DuplicateMerged)
def what_is_merged_away_is_merged_no_more(event: DuplicateMerged, past: Past) -> Iterator[Fault]:
    """Refuse a merge into, or of, a family or person that was merged into another one before."""
    for name in ("survivor", "merged_family"):
        party = getattr(event, name)
        known = past.events(DuplicateMerged, same="merged", of=party) if isinstance(party, str) else ()
        if known:
            yield Fault(
                "already_merged",
                f"/data/{name}",
                f"该家庭或人员已被合并（事件 {known[-1].id}）；请改写合并后保留的一方，或先撤销原合并。",
                f"This family or person was merged before (event {known[-1].id}); "
                "name the one that was kept, or have that merge withdrawn first.",
            )


@RULES.invariant(FileImported)
def the_rows_add_up(event: FileImported) -> Iterator[Fault]:
    """Refuse an import in which a row was neither taken nor sent back, or both."""
    if event.rows_total != event.rows_accepted + event.rows_rejected:
        zh, en = "总行数须等于接收行数与退回行数之和。", "The rows accepted and rejected must add up to the total."
        yield Fault("rows_do_not_add_up", "/data/rows_total", zh, en)


@RULES.invariant(PolicyParameterSet, number="REG-30.1")
def a_parameter_is_listed_and_its_value_fits(event: PolicyParameterSet) -> Iterator[Fault]:
    """Refuse a parameter that is not listed, and a value that does not fit its grammar."""
    known = parameters().get(event.parameter)
    if known is None:
        zh, en = "参数表中没有这一参数；请核对编号。", "There is no such parameter in the list; check its id."
        yield Fault("unknown_parameter", "/data/parameter", zh, en)
        return
    try:
        known.read(event.value)
    except Unfit as unfit:
        yield Fault("unknown_parameter", "/data/value", f"参数取值不合规定：{unfit.zh}", f"A wrong value. {unfit.en}")


@RULES.flag(PolicyParameterSet, number="REG-30.2")
def a_parameter_takes_effect_later(event: PolicyParameterSet, past: Past) -> Iterator[Fault]:
    """Flag a parameter that takes effect on a day already past: what was concluded for such days changes."""
    if event.effective_from < past.happened:
        yield flag("effective_in_the_past", "/data/effective_from")


def _not_members(name: str, persons: tuple[str, ...], past: Past) -> Iterator[Fault]:
    """Refuse persons outside the family; without a case, that is refused instead."""
    members = past.members()
    if members and not members.issuperset(persons):
        zh = "所列人员不全是本案卷的家庭成员；请核对，或先登记家庭成员。"
        en = "Somebody named here does not belong to the family; check, or have the member recorded first."
        yield Fault("not_a_member", f"/data/{name}", zh, en)


def _holder(past: Past) -> str | None:
    """Return the county that holds the case: where it was opened, or where it was accepted last."""
    last: Any = newest(past, FamilyCaseOpened, CaseTransferAccepted, same="family")
    return last.division if isinstance(last, FamilyCaseOpened) else last and last.accepted_division


def _is_below(limit: int, past: Past) -> bool:
    years = age(past, past.happened)
    return years is not None and years < limit


def _is_evidenced(member: str, event: DifficultFamilyRecognised, past: Past) -> bool:
    if certificate(past, event.effective_from, of=member) is not None:
        return True
    years = age(past, event.effective_from, member)
    reports = past.events(DiagnosisReported, same="person", of=member)
    good = [one for one in reports if one.event.hospital_level == DIAGNOSIS_LEVEL]
    return bool(good) and years is not None and years < DIAGNOSIS_AGE
