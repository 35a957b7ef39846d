"""Who belongs to a family, where its case lies, and whether it is open: what these events may not contain."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.disability_federation.registry.events import (
    CaseClosed,
    CaseReopened,
    CaseTransferAccepted,
    CaseTransferred,
    DuplicateDismissed,
    DuplicateMerged,
    FamilyCaseOpened,
    FamilyMemberAdded,
    FamilyMemberRemoved,
    HouseholdMoved,
    MemberRelationRecorded,
    PersonDeceased,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, newest

RULES.after(FamilyMemberAdded, FamilyCaseOpened, same="family", fault="no_case", number="REG-02.a")
RULES.after(FamilyMemberRemoved, FamilyCaseOpened, same="family", fault="no_case", number="REG-03.a")
RULES.after(MemberRelationRecorded, FamilyCaseOpened, same="family", fault="no_case", number="REG-31.a")
RULES.after(HouseholdMoved, FamilyCaseOpened, same="family", fault="no_case", number="REG-05.a")
RULES.after(CaseTransferred, FamilyCaseOpened, same="family", fault="no_case", number="REG-06.a")
RULES.after(
    CaseTransferred, HouseholdMoved, same="family", effect="flag", fault="transfer_without_move", number="REG-06.b"
)
RULES.after(CaseTransferAccepted, CaseTransferred, same="family", number="REG-07.a")
RULES.after(CaseClosed, FamilyCaseOpened, same="family", fault="no_case", number="REG-20.a")
RULES.after(CaseReopened, CaseClosed, same="family", number="REG-21.a")
RULES.after(DuplicateMerged, FamilyCaseOpened, same="family", fault="no_case", number="REG-24.a")

RULES.distinct(FamilyCaseOpened, "members", code="person_named_twice", number="REG-01.1")


@RULES.invariant(FamilyCaseOpened, number="REG-01.2")
def the_head_is_a_member(event: FamilyCaseOpened) -> Iterator[Fault]:
    """Refuse a family that lacks its head."""
    if event.head not in event.members:
        zh, en = "户主须列入家庭成员。", "The head of the family must be one of its members."
        yield Fault("head_not_a_member", "/data/head", zh, en)


@RULES.invariant(FamilyCaseOpened, number="REG-01.3")
def nobody_belongs_to_two_families(event: FamilyCaseOpened, past: Past) -> Iterator[Fault]:
    """Refuse a family with a member of another one: who is known under another number is joined by a merge."""
    for member in event.members:
        if member in past.members(member) and _is_open(past, member):
            yield _member_of_another_family("/data/members", past, member)
            return


@RULES.invariant(FamilyMemberAdded, number="REG-02.1")
def who_joins_a_family_has_left_the_other_one(event: FamilyMemberAdded, past: Past) -> Iterator[Fault]:
    """Refuse a new member who still belongs to another family."""
    person, day = event.person, event.joined_on
    elsewhere = person in past.members(person, day) and person not in past.members(on=day)
    if elsewhere and _is_open(past, person):
        yield _member_of_another_family("/data/person", past, person)


@RULES.invariant(FamilyMemberAdded, number="REG-02.2")
def nobody_joins_before_birth(event: FamilyMemberAdded, past: Past) -> Iterator[Fault]:
    """Refuse a member who joined before being born."""
    born = past.born(event.person)
    if born is not None and event.joined_on < born:
        zh, en = "加入日期不得早于该人员的出生日期。", "Nobody joins a family before the day of birth."
        yield Fault("before_birth", "/data/joined_on", zh, en)


@RULES.invariant(FamilyMemberRemoved, number="REG-03.1")
def only_a_member_leaves(event: FamilyMemberRemoved, past: Past) -> Iterator[Fault]:
    """Refuse to remove somebody who is no member on that day; who has died is removed as of any day since."""
    day = event.left_on
    if event.reason == "death":
        day = min([day, *(one.event.died_on for one in past.events(PersonDeceased, same="person", of=event.person))])
    yield from not_members("person", (event.person,), past, day)


@RULES.invariant(MemberRelationRecorded, number="REG-31.1")
def nobody_is_their_own_parent(event: MemberRelationRecorded, past: Past) -> Iterator[Fault]:
    """Refuse a member who is their own parent."""
    if past.subject in (event.parent_of or ()):
        zh, en = "任何人不能是自己的父母。", "Nobody is a parent of themselves."
        yield Fault("parent_of_oneself", "/data/parent_of", zh, en)


@RULES.invariant(HouseholdMoved, number="REG-05.1")
def moving_the_registration_changes_the_county(event: HouseholdMoved) -> Iterator[Fault]:
    """Refuse a hukou move within one county: a new address in the same county is a change of residence."""
    if event.move_kind == "hukou" and event.from_division == event.to_division:
        zh = "户籍迁移的迁出地与迁入地不能相同。"
        en = "A move of the household registration must go to another county."
        yield Fault("same_division", "/data/to_division", zh, en)


@RULES.invariant(HouseholdMoved, number="REG-05.2")
def only_members_move(event: HouseholdMoved, past: Past) -> Iterator[Fault]:
    """Refuse a move of somebody who does not belong to the family."""
    yield from not_members("persons", event.persons or (), past)


@RULES.invariant(CaseTransferred, number="REG-06.1")
def a_case_goes_elsewhere(event: CaseTransferred, past: Past) -> Iterator[Fault]:
    """Refuse to send a case to the county that holds it."""
    if event.to_division == _holder(past):
        zh, en = "接收地已持有该案卷。", "This county holds the case already; name another one."
        yield Fault("same_division", "/data/to_division", zh, en)


@RULES.flag(CaseTransferred, number="REG-06.2")
def the_holder_sends_a_case(_: CaseTransferred, past: Past) -> Iterator[Fault]:
    """Flag a transfer that another county reports than the one that holds the case."""
    if past.division is not None and _holder(past) not in {None, past.division}:
        yield flag("not_the_holder", "/division")


@RULES.invariant(CaseTransferAccepted, number="REG-07.1")
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


@RULES.invariant(CaseTransferAccepted, number="REG-07.2")
def a_county_accepts_for_itself(event: CaseTransferAccepted, past: Past) -> Iterator[Fault]:
    """Refuse to accept a case for another county than the one that reports it."""
    if past.division is not None and past.division != event.accepted_division:
        zh, en = "报送地须与接收地一致。", "The event's division must be the county that accepts the case."
        yield Fault("not_the_receiver", "/division", zh, en)


@RULES.invariant(CaseClosed, number="REG-20.1")
def an_open_case_is_closed(_: CaseClosed, past: Past) -> Iterator[Fault]:
    """Refuse to close a case that is closed already."""
    if isinstance(newest(past, FamilyCaseOpened, CaseClosed, CaseReopened, same="family"), CaseClosed):
        zh, en = "案卷已结案；须先重新开案。", "The case is closed already; it has to be reopened first."
        yield Fault("already_closed", "/subject", zh, en)


@RULES.invariant(CaseReopened, number="REG-21.1")
def a_closed_case_is_reopened(_: CaseReopened, past: Past) -> Iterator[Fault]:
    """Refuse to reopen a case that was reopened already."""
    if isinstance(newest(past, CaseClosed, CaseReopened, same="family"), CaseReopened):
        zh, en = "案卷未处于结案状态，无需重新开案。", "The case is not closed, so it cannot be reopened."
        yield Fault("not_closed", "/subject", zh, en)


@RULES.invariant(DuplicateMerged, number="REG-24.1")
def a_merge_names_two_sides(event: DuplicateMerged) -> Iterator[Fault]:
    """Refuse a merge of nothing."""
    if event.merged_family is None and event.merged_person is None:
        zh, en = "须写明被合并的家庭或人员。", "A merge must name the family or the person that is merged."
        yield Fault("nothing_merged", "/data/merged_family", zh, en)


@RULES.invariant(DuplicateMerged, number="REG-24.2")
def nobody_is_merged_into_themselves(event: DuplicateMerged) -> Iterator[Fault]:
    """Refuse a merge of a family or person into itself."""
    if event.survivor in {event.merged_family, event.merged_person}:
        zh, en = "被合并方与保留方不能相同。", "A family or person cannot be merged into itself."
        yield Fault("merged_into_itself", "/data/survivor", zh, en)


@RULES.invariant(DuplicateMerged, number="REG-24.3")
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


@RULES.invariant(DuplicateDismissed, number="REG-33.1")
def two_persons_are_two(event: DuplicateDismissed, past: Past) -> Iterator[Fault]:
    """Refuse to tell a person from themselves."""
    if event.other == past.subject:
        zh, en = "须写明疑似重复的另一人员。", "Name the other person, who looked like the subject."
        yield Fault("merged_into_itself", "/data/other", zh, en)


def not_members(name: str, persons: tuple[str, ...], past: Past, on: date | None = None) -> Iterator[Fault]:
    """Refuse persons outside the family, by the day of the event or another one; no case is refused elsewhere."""
    if not persons:
        return
    members = past.members(on=on)
    if not members.issuperset(persons) and (members or past.events(FamilyCaseOpened, same="family")):
        zh = "所列人员不全是本案卷的家庭成员；请核对，或先登记家庭成员。"
        en = "Somebody named here does not belong to the family; check, or have the member recorded first."
        yield Fault("not_a_member", f"/data/{name}", zh, en)


def _is_open(past: Past, person: str) -> bool:
    """Whether the case of a person is not closed."""
    return not isinstance(newest(past, CaseClosed, CaseReopened, same="family", of=person), CaseClosed)


def _member_of_another_family(pointer: str, past: Past, person: str) -> Fault:
    opened = past.events(FamilyCaseOpened, same="family", of=person)
    zh, en = (f"（建档事件 {opened[-1].id}）", f" (opened by the event {opened[-1].id})") if opened else ("", "")
    return Fault(
        "member_of_another_family",
        pointer,
        f"有家庭成员在该日已属另一案卷{zh}；确属同一家庭的，请报送“重复合并”，已离开原家庭的，请先报送“减少家庭成员”。",
        f"A member belongs to another case on that day{en}; if both are one family, "
        "send duplicate_merged, and if the person has left it, family_member_removed first.",
    )


def _holder(past: Past) -> str | None:
    """Return the county that holds the case: where it was opened, or where it was accepted last."""
    last: Any = newest(past, FamilyCaseOpened, CaseTransferAccepted, same="family")
    return last.division if isinstance(last, FamilyCaseOpened) else last and last.accepted_division
