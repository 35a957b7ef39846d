"""What concerns one person: who speaks for them, what they agreed to, who they are and what they do not want."""

from collections.abc import Iterator

from services.disability_federation.consents import consents
from services.disability_federation.in_force import age, guardians
from services.disability_federation.registry.events import (
    OTHER_SCOPE,
    ConsentRecorded,
    ConsentWithdrawn,
    FamilyCaseOpened,
    GuardianDesignated,
    PersonDeceased,
    PersonIdentityCorrected,
    RightsInformed,
    ServiceDeclined,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language import identifiers
from shared.language.rules import ADULT, EVENT_DAY, Past, flag

RULES.after(ConsentWithdrawn, ConsentRecorded, same="person", number="REG-09.a")

RULES.not_before(ConsentRecorded, "valid_to", EVENT_DAY, number="REG-08.3")
RULES.given(PersonIdentityCorrected, "new_name", when=("field", "name"), code="name_missing", number="REG-10.3")
RULES.not_before(PersonDeceased, EVENT_DAY, "died_on", code="dated_in_the_future", at="died_on", number="REG-11.1")
RULES.not_before(ServiceDeclined, "until", EVENT_DAY, number="REG-18.1")


@RULES.invariant(GuardianDesignated, number="REG-04.1")
def nobody_guards_themselves(event: GuardianDesignated, past: Past) -> Iterator[Fault]:
    """Refuse a guardian who is the ward."""
    if event.guardian == past.subject:
        zh, en = "监护人与被监护人不能是同一人。", "Guardian and ward must be different persons."
        yield Fault("guardian_of_oneself", "/data/guardian", zh, en)


@RULES.flag(GuardianDesignated, number="REG-04.2")
def an_adult_is_guarded_by_a_document(event: GuardianDesignated, past: Past) -> Iterator[Fault]:
    """Flag the guardian of an adult without the document that says so."""
    years = age(past, event.from_date)
    if event.basis_doc is None and years is not None and years >= ADULT:
        yield flag("guardianship_not_evidenced", "/data/basis_doc")


@RULES.invariant(ConsentRecorded, number="REG-08.1")
def a_guardian_consents_for_a_child(event: ConsentRecorded, past: Past) -> Iterator[Fault]:
    """Refuse consent for a child by somebody who is none of the guardians on record."""
    known = guardians(past, past.happened)
    if _needs_a_guardian(past) and known and event.consent_by not in known:
        yield Fault(
            "not_the_guardian",
            "/data/consent_by",
            "同意人不是已登记的监护人；监护人有变更的，请先登记监护人。",
            "Who consents is no guardian on record; if the guardian changed, have that recorded first.",
        )


@RULES.flag(ConsentRecorded, number="REG-08.2")
def a_guardian_is_taken_on_trust(_: ConsentRecorded, past: Past) -> Iterator[Fault]:
    """Flag consent for a child of whom no guardian is on record."""
    if _needs_a_guardian(past) and not guardians(past, past.happened):
        yield flag("guardian_unknown", "/data/consent_by")


@RULES.invariant(ConsentWithdrawn, number="REG-09.1")
def what_was_agreed_to_is_withdrawn(event: ConsentWithdrawn, past: Past) -> Iterator[Fault]:
    """Refuse to withdraw consent to something that no consent in force covers."""
    if past.events(ConsentRecorded, same="person") and not all(
        consents(past, past.happened, scope) for scope in event.scopes if scope != OTHER_SCOPE
    ):
        zh = "撤回的事项中有未在有效同意范围内的；请按同意书核对。"
        en = "Not everything that is withdrawn is covered by a consent in force; check it against the form."
        yield Fault("consent_not_given", "/data/scopes", zh, en)


@RULES.invariant(PersonIdentityCorrected, number="REG-10.1")
def a_corrected_number_is_valid(event: PersonIdentityCorrected, past: Past) -> Iterator[Fault]:
    """Refuse a corrected number that is none."""
    try:
        _number(event, past)
    except identifiers.IdentifierError as error:
        yield Fault("identifier_invalid", "/data/new_value", error.zh, error.en)


@RULES.invariant(PersonIdentityCorrected, number="REG-10.2")
def a_corrected_number_is_nobody_elses(event: PersonIdentityCorrected, past: Past) -> Iterator[Fault]:
    """Refuse a corrected identity number that is another living person's."""
    try:
        number = _number(event, past)
    except identifiers.IdentifierError:
        return
    other = past.numbered(number) if event.field == "id_number" and number else past.subject
    if other != past.subject and _is_known(other, past):
        yield Fault(
            "number_in_use",
            "/data/new_value",
            "该身份证号已登记在另一人名下；确属同一人的，请报送“重复合并”。",
            "This number is another person's on record; if both are one person, send duplicate_merged.",
        )


@RULES.invariant(PersonDeceased, number="REG-11.2")
def nobody_dies_before_birth(event: PersonDeceased, past: Past) -> Iterator[Fault]:
    """Refuse a death before the day of birth."""
    born = past.born(past.subject or "")
    if born is not None and event.died_on < born:
        zh, en = "死亡日期不得早于出生日期。", "Nobody dies before the day of birth."
        yield Fault("before_birth", "/data/died_on", zh, en)


@RULES.invariant(ServiceDeclined, number="REG-18.2")
def school_is_not_declined(event: ServiceDeclined) -> Iterator[Fault]:
    """Refuse to decline compulsory education (义务教育法 art. 5)."""
    if event.need == "EDU":
        zh, en = "义务教育不能谢绝。", "Compulsory education cannot be declined."
        yield Fault("cannot_be_declined", "/data/need", zh, en)


@RULES.flag(ServiceDeclined, number="REG-18.3")
def a_guardian_declines_for_a_child(event: ServiceDeclined, past: Past) -> Iterator[Fault]:
    """Flag a service for a child that is declined by somebody who is none of the guardians on record."""
    years, known = age(past, past.happened), guardians(past, past.happened)
    if years is not None and years < ADULT and known and event.declined_by not in known:
        yield flag("not_the_guardian", "/data/declined_by")


@RULES.flag(RightsInformed, number="REG-32.1")
def who_is_informed_has_a_case(_: RightsInformed, past: Past) -> Iterator[Fault]:
    """Flag a person who is told of their rights and belongs to no case."""
    if not past.events(FamilyCaseOpened, same="family"):
        yield flag("no_case", "/subject")


def _needs_a_guardian(past: Past) -> bool:
    """Whether the subject is too young on the day of the event to consent alone (个人信息保护法 art. 31)."""
    years = age(past, past.happened)
    return years is not None and years < past.parameter("P-CONSENT-AGE")


def _number(event: PersonIdentityCorrected, past: Past) -> str:
    """Return the corrected number, empty where another item is corrected. Raises IdentifierError."""
    if event.field == "birth_certificate_number":
        return identifiers.birth_certificate_number(str(event.new_value))
    if event.field == "id_number":
        return identifiers.resident_id(str(event.new_value), today=past.happened, allow_test_regions=True).number
    return ""


def _is_known(person: str | None, past: Past) -> bool:
    """Whether a living person is on record: in a family, or with a guardian of their own."""
    if person is None or past.events(PersonDeceased, same="person", of=person):
        return False
    known = past.events(FamilyCaseOpened, same="family", of=person)
    return bool(known or past.events(GuardianDesignated, same="person", of=person))
