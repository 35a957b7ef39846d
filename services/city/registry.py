"""Registry: how a case begins, who belongs to it, what is agreed and found out, recognition, moves, and its end."""

from datetime import date, timedelta

from services.city import calibration
from services.city.life import Life
from services.city.places import centre, short
from services.city.story import Story

SCOPES = {
    "rehab": "康复",
    "education": "教育",
    "assistance": "救助",
    "culture": "文化活动",
    "pairing": "结对",
    "publicity": "宣传",
}


def opening(life: Life) -> None:
    """A family is found: case, members, guardian, consent, needs."""
    story, family, on = life.story, life.family, life.opened
    source = story.rng.choice(("survey", "survey", "match", "apply", "referral", "hotline"))
    story.tell(
        "family_case_opened", on, family.head,
        hukou_type=life.hukou,
        address_text=f"{short(life.county)}虚构{story.rng.choice('镇乡')}{life.number % 19 + 1}组",
        division=life.county, members=family.members, head=family.head, source=source,
        hukou_division=life.county if story.chance(0.5) else None,
        contact_phone=f"0715-82{life.number % 100000:05}" if story.chance(0.4) else None,
    )
    for member in family.members:
        relation = "02" if member is family.head else "10" if member in family.adults else "50"
        relation = "20" if member in family.children else relation
        children = [child for child in family.children if member in family.adults]
        story.tell(
            "member_relation_recorded", on, member,
            name=member.name, relation=relation, coresident=story.chance(0.95), parent_of=children or None,
            from_date=member.born if member in family.children else on - timedelta(days=1),
        )
    adult_at = life.child.birthday(18)
    if adult_at > on:
        relation = "50" if family.adults else "60"
        story.tell(
            "guardian_designated", on, life.child, guardian=family.parent, relation=relation, from_date=life.child.born
        )
    _consent(life)
    surveyed = life.soon(3, 25)
    needs = ["REHAB", "EDU"] if life.child.age(on) >= 3 else ["REHAB"]
    needs += [need for need in ("DIBAO", "DEV", "HOME", "JOB", "PSY", "CULT", "CERT") if story.chance(0.3)]
    story.tell("needs_surveyed", surveyed, family.head, surveyor="虚构村残联专干", needs=needs, visit_mode="入户")
    if story.chance(0.35):
        story.tell(
            "rights_informed", surveyed, life.child,
            need="SUBSIDY" if "CERT" not in needs else "CERT", informed_on=surveyed, mode="home",
            informed_person=family.parent, by_department="DPF", answer="will_apply",
        )


def _consent(life: Life) -> None:
    story = life.story
    scopes = ["rehab", "education", "assistance"]
    scopes += [
        scope for scope, share in (("culture", 0.5), ("pairing", 0.6), ("publicity", 0.15)) if story.chance(share)
    ]
    given = story.tell(
        "consent_recorded", life.opened, life.child,
        consent_by=life.family.parent, scope="、".join(SCOPES[scope] for scope in scopes), scopes=scopes,
        form_doc=life.document("同意书"),
    )
    life.consents, life.consented = [given], "pairing" in scopes
    if "publicity" in scopes:
        _story_published(life, given)
    if story.chance(0.02) and "culture" in scopes:
        on = life.soon(120, 260)
        story.tell(
            "consent_withdrawn", on, life.child,
            scope="文化活动", scopes=["culture"], effect="不再通知文化活动。",
        )


def _story_published(life: Life, consent: str) -> None:
    story = life.story
    on = life.soon(60, 200)
    process = life.process("PUB")
    medium = story.rng.choice(("press", "radio", "tv", "web", "social", "exhibit"))
    story.tell(
        "story_published", on, life.child, process,
        consent=consent, medium=medium, title="虚构故事：一步一步走出来", published_on=on, identifiable=False,
    )
    if story.chance(0.25):
        down = story.after(on, 30, 90)
        story.tell("story_taken_down", down, life.child, process, taken_down_on=down, reason="家长要求撤下")


def recognition(life: Life, grounds: date) -> None:
    """The family is recognised as difficult once its grounds are there."""
    if life.basis is None:
        return
    story, family = life.story, life.family
    on = story.after(grounds, 3, 15)
    if life.child.age(on) >= 18:
        return
    disabled = (
        [life.child] if life.basis == "dibao" or not family.disabled_adult else [family.disabled_adult, life.child]
    )
    story.tell(
        "difficult_family_recognised", on, family.head,
        basis=life.basis, disabled_members=disabled, child_members=[life.child], effective_from=on,
        decided_by=f"{calibration.COUNTIES[life.county][0]}残联",
    )
    if life.within(on):
        life.recognised = on


def referrals(life: Life) -> None:
    """Needs are referred to others, services declined, gaps held, records disputed."""
    story, family, child = life.story, life.family, life.child
    if story.chance(0.3):
        on, process = life.soon(20, 120), life.process("RF")
        need, dept = story.rng.choice(
            (("EDU", "EDU"), ("DIBAO", "CIV"), ("JOB", "HRS"), ("REHAB", "DPF"), ("LTC", "MED"))
        )
        made = story.tell(
            "referral_made", on, child, process,
            to_dept=dept, need=need, to_org=centre(life.county) if need == "REHAB" else None,
            summary="入户时提出的需求。",
        )
        answered = story.after(on, 2, 20)
        refused = story.chance(0.1)
        story.tell(
            "referral_answered", answered, child, process,
            decision="refused" if refused else "approved", refuse_reason="document" if refused else None, _cause=made,
        )
    if story.chance(0.06):
        on = life.soon(30, 200)
        story.tell(
            "service_declined", on, child,
            need=story.rng.choice(("CARE", "HOME", "CULT", "PSY")), declined_by=family.parent,
            reason="目前家中有人照顾。",
            until=on + timedelta(days=180),
        )
    if story.chance(0.08):
        on = life.soon(60, 220)
        story.tell(
            "gap_action_recorded", on, family.head,
            entitlement="E02", gap_type="G3", action="等待手术后开训", hold_until=on + timedelta(days=90),
            responsible=f"{calibration.COUNTIES[life.county][0]}残联康复专干", person=child,
        )
    if story.chance(0.02):
        on, process = life.soon(30, 200), life.process("RD")
        disputed = story.tell(
            "record_disputed", on, child, process,
            target_event=life.consents[0], disputed_by=f"{family.parent.name}（监护人）",
            claim="同意范围与签字不一致。",
            target_dept="DPF",
        )
        story.tell("record_dispute_resolved", story.after(on, 3, 15), child, process, outcome="upheld", _cause=disputed)
    if story.chance(0.015):
        on = life.soon(40, 200)
        story.tell(
            "person_identity_corrected", on, family.parent,
            field="name", new_value=family.parent.name, new_name=family.parent.name,
            evidence_doc=life.document("户口簿"),
        )
    if child.birthday(18) <= life.end and child.birthday(18) > life.opened:
        on = story.after(child.birthday(18) - timedelta(days=80), 0, 30)
        story.tell(
            "transition_planned", max(on, life.opened), child,
            trigger="aged_out", trigger_on=child.birthday(18), next_services=["JOB", "CARE"],
            plan_doc=life.document("转衔计划"),
        )


def duplicate(life: Life) -> None:
    """The same family was entered twice: what was entered under another person is merged."""
    story, family = life.story, life.family
    others = [member for member in family.members if member is not family.head and member is not life.child]
    if others and story.chance(calibration.DUPLICATES):
        on = life.soon(40, 160)
        story.tell(
            "duplicate_merged", on, family.head,
            merged_person=family.born_later[0], survivor=family.head, evidence="姓名、出生日期、监护人一致",
        )
        family.born_later.clear()
    elif others and others[0].sex == life.child.sex and life.child.born.day == 1:  # some, without another throw
        story.tell("duplicate_dismissed", life.soon(40, 160), life.child, other=others[0], grounds="出生医学证明不同")


def joining_and_leaving(life: Life) -> None:
    """A child is born, a grandparent comes, somebody leaves or dies."""
    story, family = life.story, life.family
    newborn = next(iter(family.born_later), None)
    if newborn and newborn.born > life.opened and family.mother and story.chance(0.2):
        on = story.after(newborn.born, 15, 60)
        story.tell(
            "family_member_added",
            on,
            family.head,
            person=newborn,
            relation="20",
            joined_on=newborn.born,
            coresident=True,
        )
    if family.elders and len(family.adults) and story.chance(0.05):
        elder, on = family.elders[0], life.soon(90, 330)
        if story.chance(0.5):
            died = on - timedelta(days=story.rng.randint(2, 9))
            story.tell("person_deceased", on, elder, died_on=died, evidence_doc=life.document("死亡证明"))
        else:
            story.tell(
                "family_member_removed", on, family.head,
                person=elder, reason=story.rng.choice(("separate", "moved")), left_on=on,
            )


def moving(life: Life) -> None:
    """A move that was to come: household, case, certificate."""
    if life.move is None:
        return
    story, family = life.story, life.family
    kind, on, to = life.move
    old = life.county
    story.tell(
        "household_moved", on, family.head, _division=old,
        move_kind=kind, from_division=old, to_division=to, new_address_text=f"{short(to)}虚构街道", moved_on=on,
        persons=None if kind == "hukou" else [life.child],
    )
    if kind == "residence":
        return
    handed = story.after(on, 5, 12)
    taken = story.after(handed, 4, 14)
    story.tell(
        "case_transferred",
        handed,
        family.head,
        _division=old,
        to_division=to,
        reason="户籍迁移",
        open_items="康复在训。",
    )
    story.tell("case_transfer_accepted", taken, family.head, _division=to, accepted_division=to)
    if life.certified and life.certified < on:
        migrated = story.after(taken, 5, 40)
        story.tell(
            "disability_certificate_migrated", migrated, life.child, _division=to,
            from_division=old, to_division=to, migrated_on=migrated,
        )


def ending(life: Life) -> None:
    """The recognition ends, the case is closed, and perhaps opened again."""
    story, head = life.story, life.family.head
    if life.recognised and story.chance(0.05):
        on = max(life.soon(240, 420), story.after(life.recognised, 120, 200))
        story.tell("difficult_family_ended", on, head, reason="income", effective_to=on)
        if life.within(on, 30) and story.chance(0.5):
            closed = story.after(on, 10, 30)
            story.tell("case_closed", closed, head, reason="income", closed_on=closed)
            if story.chance(0.4):
                again = story.after(closed, 20, 60)
                story.tell("case_reopened", again, head, reason="孩子康复需求仍在，家长申请恢复。")
    elif life.recognised is None and life.basis is None and story.chance(0.2):
        closed = life.soon(200, 330)
        story.tell("case_closed", closed, head, reason="voluntary", closed_on=closed)


def plan_of_moves(story: Story, opened: date) -> tuple[str, date, str] | None:
    """Return the move that a family is going to make, if it is."""
    if not story.chance(calibration.MOVES):
        return None
    to = story.rng.choice([one for one in calibration.COUNTIES if one != story.division])
    return ("hukou" if story.chance(0.5) else "residence"), story.after(opened, 120, 300), to
