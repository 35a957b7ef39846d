"""What a family needs, whether it counts as a difficult one, and to whom a need is passed on."""

from collections.abc import Iterator
from datetime import timedelta

from services.disability_federation.in_force import age, certificate
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    FamilyCaseOpened,
    GapActionRecorded,
    NeedsSurveyed,
    ReferralAnswered,
    ReferralMade,
    TransitionPlanned,
)
from services.disability_federation.registry.families import not_members
from services.disability_federation.rehabilitation.events import DiagnosisReported
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import EVENT_DAY, Past, flag, newest

SEVERAL = 2
"""How many disabled members 一户多残 means at the least, whatever a parameter says."""
HOLD = timedelta(days=180)
"""How long a gap may be put off at most."""
GAPS = {
    "E01": "G1", "E02": "G1 G2 G3 G4", "E03": "G1 G2 G3", "E04": "G1 G2 G3", "E05": "G3", "E06": "G1 G2 G3",
    "E07": "G1", "E08": "G1 G2", "E09": "G1 G2", "E10": "G1 G2 G3 G4", "E11": "G1", "E12": "G1 G2 G3", "E13": "G1",
    "E14": "G1 G2 G3 G4", "E15": "G1 G4", "E16": "G1 G2 G3 G4", "E17": "G1 G2 G3 G4", "E18": "G1 G2 G3 G4",
    "E19": "G2 G3", "E20": "G1 G2 G3", "E21": "G1 G3", "E22": "G2 G3", "E23": "", "E24": "G1 G4", "E25": "",
    "E26": "G1 G2 G3", "E27": "G4", "E28": "G3", "E29": "G3", "E30": "G1 G3 G4", "E31": "", "E32": "G3", "E33": "G2",
    "E34": "G1 G3 G4",
}  # fmt: skip
"""The policy's 34 entitlements, each with the steps that can be missing in it."""
STEPS = {"G1", "G2", "G3", "G4"}
"""The gaps that belong to a step. A fact can be missing, late or contradicted under every entitlement."""

for about_a_case, code in (
    (NeedsSurveyed, "REG-12"),
    (DifficultFamilyRecognised, "REG-13"),
    (GapActionRecorded, "REG-19"),
):
    RULES.after(about_a_case, FamilyCaseOpened, same="family", fault="no_case", number=f"{code}.a")
RULES.after(DifficultFamilyEnded, DifficultFamilyRecognised, same="family", number="REG-14.a")
RULES.after(ReferralAnswered, ReferralMade, same="process", number="REG-16.a")

RULES.distinct(NeedsSurveyed, "needs", code="code_named_twice", number="REG-12.1")
RULES.distinct(TransitionPlanned, "next_services", code="code_named_twice", number="REG-17.1")
RULES.not_before(GapActionRecorded, "hold_until", EVENT_DAY, number="REG-19.2")


@RULES.invariant(NeedsSurveyed, number="REG-12.2")
def a_need_is_a_members(event: NeedsSurveyed, past: Past) -> Iterator[Fault]:
    """Refuse needs of somebody who does not belong to the family."""
    yield from not_members("for_person", _given(event.for_person), past)


@RULES.invariant(DifficultFamilyRecognised, number="REG-13.1")
def several_disabled_members_are_several(event: DifficultFamilyRecognised, past: Past) -> Iterator[Fault]:
    """Refuse 一户多残 as the basis when fewer disabled members are named than that means."""
    least = max(past.parameter("P-MULTI-MIN"), SEVERAL)
    if event.basis in {"multi", "both"} and len(set(event.disabled_members)) < least:
        yield Fault(
            "basis_without_members",
            "/data/disabled_members",
            f"以一户多残认定的，须列明至少 {least} 名残疾成员。",
            f"Recognition for several disabled members must name at least {least} of them.",
        )


@RULES.invariant(DifficultFamilyRecognised, number="REG-13.2")
def the_children_are_disabled(event: DifficultFamilyRecognised) -> Iterator[Fault]:
    """Refuse a family without a child member, and one who is not listed among the disabled members."""
    if not event.child_members or not set(event.child_members) <= set(event.disabled_members):
        zh, en = "儿童成员须同时列入残疾成员。", "Every child member must be one of the disabled members."
        yield Fault("child_not_disabled", "/data/child_members", zh, en)


@RULES.invariant(DifficultFamilyRecognised, number="REG-13.3")
def one_of_the_children_is_a_child(event: DifficultFamilyRecognised, past: Past) -> Iterator[Fault]:
    """Refuse a family none of whose child members is a child on that day."""
    limit = past.parameter("P-CHILD-AGE")
    years = [age(past, event.effective_from, child) for child in event.child_members]
    if all(one is not None and one >= limit for one in years):
        zh = f"在生效日期，儿童成员中须至少有一人未满 {limit} 周岁。"
        en = f"On the day it takes effect, one of the child members must be younger than {limit}."
        yield Fault("no_child", "/data/child_members", zh, en)


@RULES.invariant(DifficultFamilyRecognised, number="REG-13.4")
def only_members_are_recognised(event: DifficultFamilyRecognised, past: Past) -> Iterator[Fault]:
    """Refuse a recognition that counts somebody who does not belong to the family on that day."""
    yield from not_members("disabled_members", event.disabled_members, past, event.effective_from)
    yield from not_members("child_members", event.child_members, past, event.effective_from)


@RULES.flag(DifficultFamilyRecognised, number="REG-13.5")
def a_disability_is_evidenced(event: DifficultFamilyRecognised, past: Past) -> Iterator[Fault]:
    """Flag a disabled member with neither a valid certificate nor a diagnosis that stands in for it."""
    if not all(_is_evidenced(member, event, past) for member in event.disabled_members):
        yield flag("disability_not_evidenced", "/data/disabled_members")


@RULES.invariant(DifficultFamilyEnded, number="REG-14.1")
def a_recognition_ends_once(_: DifficultFamilyEnded, past: Past) -> Iterator[Fault]:
    """Refuse a second end of a recognition."""
    if isinstance(newest(past, DifficultFamilyRecognised, DifficultFamilyEnded, same="family"), DifficultFamilyEnded):
        zh = "认定已终止；原终止有误的，请报送更正。"
        en = "The recognition has ended already; if that is wrong, send a correction."
        yield Fault("nothing_to_end", "/subject", zh, en)


@RULES.invariant(DifficultFamilyEnded, number="REG-14.2")
def a_recognition_ends_after_its_beginning(event: DifficultFamilyEnded, past: Past) -> Iterator[Fault]:
    """Refuse an end before the day from which the family was recognised."""
    recognised = newest(past, DifficultFamilyRecognised, same="family")
    if recognised is not None and event.effective_to < recognised.effective_from:
        zh, en = "终止日期不得早于认定的生效日期。", "A recognition cannot end before the day it took effect."
        yield Fault("period_reversed", "/data/effective_to", zh, en)


@RULES.invariant(ReferralAnswered, number="REG-16.1")
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


@RULES.invariant(GapActionRecorded, number="REG-19.1")
def a_gap_is_put_off_for_half_a_year(event: GapActionRecorded, past: Past) -> Iterator[Fault]:
    """Refuse to put a gap off for longer than 180 days."""
    if event.hold_until is not None and event.hold_until - past.happened > HOLD:
        zh = f"暂缓期限最长为事件日期后 {HOLD.days} 天。"
        en = f"A gap may be put off for {HOLD.days} days after the day of the event at most."
        yield Fault("hold_too_long", "/data/hold_until", zh, en)


@RULES.invariant(GapActionRecorded, number="REG-19.3")
def an_entitlement_is_one_of_the_policy(event: GapActionRecorded) -> Iterator[Fault]:
    """Refuse a number that is none of the policy's 34 entitlements, and a step that is not in this one."""
    if event.entitlement not in GAPS:
        zh, en = "事项编号须为 E01 至 E34。", "The entitlement must be one of E01 to E34."
        yield Fault("unknown_entitlement", "/data/entitlement", zh, en)
    elif event.gap_type in STEPS.difference(GAPS[event.entitlement].split()):
        zh, en = "该事项没有这一环节的缺口；请核对。", "This entitlement has no such gap; check both."
        yield Fault("unknown_entitlement", "/data/gap_type", zh, en)


@RULES.invariant(GapActionRecorded, number="REG-19.4")
def a_gap_is_a_members(event: GapActionRecorded, past: Past) -> Iterator[Fault]:
    """Refuse a gap of somebody who does not belong to the family."""
    yield from not_members("person", _given(event.person), past)


def _given(person: str | None) -> tuple[str, ...]:
    return () if person is None else (person,)


def _is_evidenced(member: str, event: DifficultFamilyRecognised, past: Past) -> bool:
    if certificate(past, event.effective_from, of=member) is not None:
        return True
    proof, years = past.parameter("P-DISABLED-EVIDENCE"), age(past, event.effective_from, member)
    reports = past.events(DiagnosisReported, same="person", of=member)
    good = [one for one in reports if proof == "cert_or_any_diagnosis" or one.event.hospital_level == "3A"]
    young = years is not None and years < past.parameter("P-DX-AGE-TO")
    return proof != "cert_only" and bool(good) and young
