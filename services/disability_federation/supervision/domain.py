"""Which event in leading, inspecting and publicising the work may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.disability_federation.consents import consents
from services.disability_federation.in_force import age
from services.disability_federation.rules import RULES
from services.disability_federation.supervision.events import (
    IndicatorsPublished,
    InspectionHeld,
    InspectionReportSubmitted,
    ProgressMeetingHeld,
    PublicityActivityHeld,
    RectificationDone,
    RectificationOrdered,
    StoryPublished,
    StoryTakenDown,
)
from shared.errors import Fault
from shared.language.rules import ADULT, Past, flag

PUBLICITY = "publicity"
"""The scope of a consent to appear in public."""

RULES.after(RectificationOrdered, InspectionHeld, same="process", number="SUP-04.a")
RULES.after(RectificationDone, RectificationOrdered, same="process", number="SUP-05.a")
RULES.after(StoryTakenDown, StoryPublished, same="process", number="SUP-10.a")

RULES.distinct(ProgressMeetingHeld, "departments", code="code_named_twice", number="SUP-02.1")
RULES.distinct(InspectionHeld, "departments", code="code_named_twice", number="SUP-03.1")
RULES.declared(PublicityActivityHeld, "persons", "consents", number="SUP-07.1")
RULES.declared(IndicatorsPublished, "part", "parts", number="SUP-11.1")
RULES.not_before(IndicatorsPublished, "known_on", "effective_on", number="SUP-11.2")
RULES.not_before(StoryPublished, "until", "published_on", number="SUP-09.3")
RULES.not_before(StoryTakenDown, "taken_down_on", "published_on", of=StoryPublished, number="SUP-10.1")


@RULES.flag(RectificationOrdered, number="SUP-04.1")
def time_is_left_to_put_things_right(event: RectificationOrdered, past: Past) -> Iterator[Fault]:
    """Flag an order whose term had passed when it was given."""
    if event.due_on < past.happened:
        yield flag("period_reversed_flag", "/data/due_on")


@RULES.flag(InspectionReportSubmitted, number="SUP-06.a")
def a_report_is_on_inspections_of_its_year(event: InspectionReportSubmitted, past: Past) -> Iterator[Fault]:
    """Flag a report on a year in which no inspection is on record."""
    held = past.events(InspectionHeld, same="anywhere")
    if all(one.event.held_on.year != event.year for one in held):
        yield flag("report_without_inspection", "/data/year")


@RULES.flag(PublicityActivityHeld, number="SUP-07.2")
def who_appears_in_public_has_consented(event: PublicityActivityHeld, past: Past) -> Iterator[Fault]:
    """Flag a person without consent to publicity in force on the day, and a consent named that is none of those."""
    given = {person: consents(past, event.held_on, PUBLICITY, of=person) for person in event.persons or ()}
    if not all(given.values()):
        yield flag("consent_missing", "/data/persons")
    if not {one.id for found in given.values() for one in found}.issuperset(event.consents or ()):
        yield flag("consent_missing", "/data/consents")


@RULES.invariant(StoryPublished, number="SUP-09.1")
def no_child_can_be_recognised(event: StoryPublished, past: Past) -> Iterator[Fault]:
    """Refuse a story in which a child can be recognised, by name, face or number, whoever consents."""
    years = age(past, event.published_on)
    if event.identifiable and years is not None and years < ADULT:
        zh = "未成年人不得以可识别本人的方式宣传；请改为不可识别后发布。"
        en = "A child must not be recognisable in publicity; publish the story so that it is not."
        yield Fault("minors_published", "/data/identifiable", zh, en)


@RULES.invariant(StoryPublished, number="SUP-09.2")
def a_story_rests_on_a_consent(event: StoryPublished, past: Past) -> Iterator[Fault]:
    """Refuse a story whose consent is none of the person's to publicity that are in force on the day."""
    if event.consent not in {one.id for one in consents(past, event.published_on, PUBLICITY)}:
        yield Fault(
            "consent_missing",
            "/data/consent",
            "所写事件不是该人员在公布日期有效的宣传报道同意；请核对事件编号，或先登记同意。",
            "This is no consent of the person to publicity that is in force on that day; "
            "check the id, or have the consent recorded first.",
        )
