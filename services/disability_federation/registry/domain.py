"""What an event about a family's case may not contain, and which may follow which."""

from collections.abc import Iterator

from services.disability_federation.registry.events import (
    DifficultFamilyRecognised,
    DuplicateMerged,
    FamilyCaseOpened,
    FileImported,
    HouseholdMoved,
    ReferralAnswered,
    ReferralMade,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault

SEVERAL = 2
"""How many disabled members 一户多残 means at the least."""

RULES.after(ReferralAnswered, ReferralMade, same="process")


@RULES.invariant(FamilyCaseOpened)
def the_members_are_distinct_and_include_the_head(said: FamilyCaseOpened) -> Iterator[Fault]:
    """Refuse a family that lists a member twice, or lacks its head."""
    if len(set(said.members)) < len(said.members):
        yield Fault(
            "person_named_twice",
            "/data/members",
            "同一人员不得重复列入家庭成员。",
            "The same person is named twice among the members.",
        )
    if said.head not in said.members:
        yield Fault(
            "head_not_a_member",
            "/data/head",
            "户主须列入家庭成员。",
            "The head of the family must be one of its members.",
        )


@RULES.invariant(HouseholdMoved)
def moving_the_registration_changes_the_county(said: HouseholdMoved) -> Iterator[Fault]:
    """Refuse a hukou move within one county: a new address in the same county is a change of residence."""
    if said.move_kind == "hukou" and said.from_division == said.to_division:
        yield Fault(
            "same_division",
            "/data/to_division",
            "户籍迁移的迁出地与迁入地不能相同。",
            "A move of the household registration must go to another county.",
        )


@RULES.invariant(DifficultFamilyRecognised)
def several_disabled_members_are_several(said: DifficultFamilyRecognised) -> Iterator[Fault]:
    """Refuse 一户多残 as the basis when fewer than two disabled members are named."""
    if said.basis in {"multi", "both"} and len(set(said.disabled_members)) < SEVERAL:
        yield Fault(
            "basis_without_members",
            "/data/disabled_members",
            "以一户多残认定的,须列明至少两名残疾成员。",
            "Recognition for several disabled members must name at least two of them.",
        )


@RULES.invariant(DuplicateMerged)
def a_merge_names_two_sides(said: DuplicateMerged) -> Iterator[Fault]:
    """Refuse a merge of nothing, and of something into itself."""
    merged = {said.merged_family, said.merged_person} - {None}
    if not merged:
        yield Fault(
            "nothing_merged",
            "/data/merged_family",
            "须写明被合并的家庭或人员。",
            "A merge must name the family or the person that is merged.",
        )
    if said.survivor in merged:
        yield Fault(
            "merged_into_itself",
            "/data/survivor",
            "被合并方与保留方不能相同。",
            "A family or person cannot be merged into itself.",
        )


@RULES.invariant(FileImported)
def the_rows_add_up(said: FileImported) -> Iterator[Fault]:
    """Refuse an import in which a row was neither taken nor sent back, or both."""
    if said.rows_total != said.rows_accepted + said.rows_rejected:
        yield Fault(
            "rows_do_not_add_up",
            "/data/rows_total",
            "总行数须等于接收行数与退回行数之和。",
            "The rows accepted and rejected must add up to the total.",
        )
