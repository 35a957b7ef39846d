"""Which event about a certificate may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.disability_federation.certificates.events import (
    DisabilityAssessed,
    DisabilityCertificateApplied,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
    TwoSubsidiesReviewed,
)
from services.disability_federation.in_force import Held, age, certificate, guardians, is_frozen
from services.disability_federation.registry.events import HouseholdMoved
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import ADULT, Past, flag, newest, years_later

MULTIPLE = "7"
"""多重残疾: more than one category."""
PARTS = 2
"""How many categories a multiple disability has at least."""
CERTIFICATE_YEARS = 10
OF_A_HOLDER = {"renew", "reissue", "migrate"}
"""What only somebody asks for who has a certificate."""
SPOKEN_FOR = {"5", "6"}
"""Intellectual and psychiatric disability: somebody else may have to speak."""
HELD = (DisabilityCertificateIssued, DisabilityGradeChanged, DisabilityCertificateMigrated)
"""What shows that a person holds a certificate."""

RULES.after(DisabilityAssessed, DisabilityCertificateApplied, same="process")
RULES.after(DisabilityCertificateIssued, DisabilityAssessed, same="process")
RULES.after(DisabilityGradeChanged, *HELD, same="person")
RULES.after(DisabilityCertificateFrozen, *HELD, same="person")
RULES.after(DisabilityCertificateUnfrozen, DisabilityCertificateFrozen, same="person")
RULES.after(DisabilityCertificateMigrated, HouseholdMoved, same="family", effect="flag", fault="migrated_without_move")
RULES.differ(DisabilityCertificateMigrated, "from_division", "to_division", code="same_division")


@RULES.flag(DisabilityCertificateApplied)
def a_certificate_is_renewed_once_it_is_there(event: DisabilityCertificateApplied, past: Past) -> Iterator[Fault]:
    """Flag an application of a holder who is not known as one."""
    if event.apply_kind in OF_A_HOLDER and not past.events(*HELD, same="person"):
        yield flag("certificate_not_on_record", "/subject")


@RULES.flag(DisabilityCertificateApplied)
def a_guardian_applies(event: DisabilityCertificateApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for a child, or for somebody who may not speak for themselves, by another than a guardian."""
    years = age(past, past.happened)
    young = years is not None and years < ADULT
    known = guardians(past, past.happened)
    if (young or event.claimed_category in SPOKEN_FOR) and known and event.applied_by not in known:
        yield flag("not_the_guardian", "/data/applied_by")


@RULES.invariant(DisabilityAssessed)
def a_multiple_disability_is_as_severe_as_its_worst_part(event: DisabilityAssessed) -> Iterator[Fault]:
    """Refuse 多重 without at least two parts, or with another grade than the most severe of them (GB/T 26341)."""
    if event.category != MULTIPLE:
        return
    parts = event.components or ()
    if len({part["category"] for part in parts}) < PARTS:
        zh = "多重残疾须写明至少两个组成类别和等级。"
        en = "A multiple disability must name at least two categories and grades it is made of."
        yield Fault("components_missing", "/data/components", zh, en)
    elif event.grade != min(part["grade"] for part in parts):
        zh = "多重残疾的等级须为各组成中最重的等级。"
        en = "The grade of a multiple disability is that of its most severe part."
        yield Fault("grade_not_the_most_severe", "/data/grade", zh, en)


@RULES.invariant(DisabilityCertificateIssued, DisabilityGradeChanged)
def a_certificate_carries_its_holders_number(
    event: DisabilityCertificateIssued | DisabilityGradeChanged, past: Past
) -> Iterator[Fault]:
    """Refuse a certificate number that holds another person's identity number."""
    if not past.certificate_is_of_subject(str(event.cert_no)):
        zh = "残疾人证号前 18 位不是所涉人员的公民身份号码；请核对人员与证号。"
        en = "The first 18 characters of the certificate number are not the subject's number; check both."
        yield Fault("certificate_of_another", "/data/cert_no", zh, en)


@RULES.invariant(DisabilityCertificateIssued, DisabilityGradeChanged)
def the_number_ends_in_category_and_grade(
    event: DisabilityCertificateIssued | DisabilityGradeChanged,
) -> Iterator[Fault]:
    """Refuse a number that ends otherwise: it is the ID number (18 characters), the category and the grade."""
    if str(event.cert_no)[18:20] != event.category + event.grade:
        zh = "残疾人证号第 19、20 位须与残疾类别、等级一致。"
        en = "Characters 19 and 20 of the certificate number must be the category and the grade."
        yield Fault("certificate_number_differs", "/data/cert_no", zh, en)


@RULES.invariant(DisabilityCertificateIssued)
def a_certificate_is_valid_for_ten_years(event: DisabilityCertificateIssued) -> Iterator[Fault]:
    """Refuse a certificate that is not issued for ten years, to the day."""
    if event.valid_to != years_later(event.issued_on, CERTIFICATE_YEARS):
        zh, en = "残疾人证有效期为核发日起十年。", "A certificate is valid for ten years from the day it is issued."
        yield Fault("validity_not_ten_years", "/data/valid_to", zh, en)


@RULES.flag(DisabilityCertificateIssued)
def a_certificate_says_what_was_assessed(event: DisabilityCertificateIssued, past: Past) -> Iterator[Fault]:
    """Flag a certificate that differs from its assessment, or whose parts no assessment names."""
    assessed = newest(past, DisabilityAssessed, same="process")
    if assessed and (event.category, event.grade) != (assessed.category, assessed.grade):
        yield flag("differs_from_assessment", "/data/grade")
    if event.category == MULTIPLE and not (assessed and assessed.components):
        yield flag("components_unknown", "/data/category")


@RULES.invariant(DisabilityGradeChanged)
def a_change_changes_something(event: DisabilityGradeChanged) -> Iterator[Fault]:
    """Refuse a change after which category and grade are the same."""
    if (event.category, event.grade) == (event.old_category, event.old_grade):
        zh, en = "变更前后的类别和等级相同。", "Category and grade are the same as before."
        yield Fault("nothing_changed", "/data/grade", zh, en)


@RULES.flag(DisabilityGradeChanged)
def a_change_begins_with_the_certificate_in_force(event: DisabilityGradeChanged, past: Past) -> Iterator[Fault]:
    """Flag a change from another category or grade than the certificate in force has."""
    if _differs(event.old_category, event.old_grade, certificate(past, event.effective_on)):
        yield flag("differs_from_certificate", "/data/old_grade")


@RULES.flag(DisabilityCertificateMigrated)
def a_certificate_migrates_once_it_is_there(_: DisabilityCertificateMigrated, past: Past) -> Iterator[Fault]:
    """Flag the migration of a certificate that nobody here knows."""
    if not past.events(*HELD, same="person"):
        yield flag("certificate_not_on_record", "/subject")


@RULES.invariant(DisabilityCertificateFrozen)
def a_certificate_is_frozen_once(event: DisabilityCertificateFrozen, past: Past) -> Iterator[Fault]:
    """Refuse to freeze what is frozen on that day."""
    if is_frozen(past, event.frozen_on):
        zh = "残疾人证在冻结日期已处于冻结状态；须先解冻。"
        en = "The certificate is frozen on that day already; it must be unfrozen first."
        yield Fault("not_in_force", "/data/frozen_on", zh, en)


@RULES.invariant(DisabilityCertificateUnfrozen)
def only_a_frozen_certificate_is_unfrozen(event: DisabilityCertificateUnfrozen, past: Past) -> Iterator[Fault]:
    """Refuse to unfreeze what is not frozen on that day."""
    if not is_frozen(past, event.unfrozen_on):
        zh, en = (
            "残疾人证在解冻日期未处于冻结状态；请核对日期。",
            "The certificate is not frozen on that day; check the day.",
        )
        yield Fault("not_frozen", "/data/unfrozen_on", zh, en)


@RULES.flag(TwoSubsidiesReviewed)
def a_review_knows_the_certificate(event: TwoSubsidiesReviewed, past: Past) -> Iterator[Fault]:
    """Flag a review by another category or grade than the certificate in force has."""
    if _differs(event.category, event.grade, certificate(past, past.happened)):
        yield flag("differs_from_certificate", "/data/grade")


def _differs(category: str, grade: str, held: Held | None) -> bool:
    return held is not None and held.category is not None and (held.category, held.grade) != (category, grade)
