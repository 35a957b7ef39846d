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
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import years_later

MULTIPLE = "7"
"""多重残疾: more than one category."""
PARTS = 2
"""How many categories a multiple disability has at least."""
CERTIFICATE_YEARS = 10

RULES.after(DisabilityAssessed, DisabilityCertificateApplied, same="process")
RULES.after(DisabilityCertificateIssued, DisabilityAssessed, same="process")
RULES.after(DisabilityGradeChanged, DisabilityCertificateIssued, same="person")
RULES.after(DisabilityCertificateFrozen, DisabilityCertificateIssued, same="person")
RULES.after(DisabilityCertificateUnfrozen, DisabilityCertificateFrozen, same="person")


@RULES.invariant(DisabilityAssessed)
def a_multiple_disability_is_as_severe_as_its_worst_part(said: DisabilityAssessed) -> Iterator[Fault]:
    """Refuse 多重 without at least two parts, or with another grade than the most severe of them (GB/T 26341)."""
    if said.category != MULTIPLE:
        return
    parts = said.components or ()
    if len({part["category"] for part in parts}) < PARTS:
        yield Fault(
            "components_missing",
            "/data/components",
            "多重残疾须写明至少两个组成类别和等级。",
            "A multiple disability must name at least two categories and grades it is made of.",
        )
    elif said.grade != min(part["grade"] for part in parts):
        yield Fault(
            "grade_not_the_most_severe",
            "/data/grade",
            "多重残疾的等级须为各组成中最重的等级。",
            "The grade of a multiple disability is that of its most severe part.",
        )


@RULES.invariant(DisabilityCertificateIssued)
@RULES.invariant(DisabilityGradeChanged)
def the_number_ends_in_category_and_grade(
    said: DisabilityCertificateIssued | DisabilityGradeChanged,
) -> Iterator[Fault]:
    """Refuse a number that ends otherwise: it is the ID number (18 characters), the category and the grade."""
    if isinstance(said.cert_no, str) and said.cert_no[18:20] != said.category + said.grade:
        yield Fault(
            "certificate_number_differs",
            "/data/cert_no",
            "残疾人证号第 19、20 位须与残疾类别、等级一致。",
            "Characters 19 and 20 of the certificate number must be the category and the grade.",
        )


@RULES.invariant(DisabilityCertificateIssued)
def a_certificate_is_valid_for_ten_years(said: DisabilityCertificateIssued) -> Iterator[Fault]:
    """Refuse a certificate that is not issued for ten years, to the day."""
    if said.valid_to != years_later(said.issued_on, CERTIFICATE_YEARS):
        yield Fault(
            "validity_not_ten_years",
            "/data/valid_to",
            "残疾人证有效期为核发日起十年。",
            "A certificate is valid for ten years from the day it is issued.",
        )


@RULES.invariant(DisabilityGradeChanged)
def a_change_changes_something(said: DisabilityGradeChanged) -> Iterator[Fault]:
    """Refuse a change after which category and grade are the same."""
    if (said.category, said.grade) == (said.old_category, said.old_grade):
        yield Fault(
            "nothing_changed",
            "/data/grade",
            "变更前后的类别和等级相同。",
            "Category and grade are the same as before.",
        )


@RULES.invariant(DisabilityCertificateMigrated)
def a_certificate_migrates_elsewhere(said: DisabilityCertificateMigrated) -> Iterator[Fault]:
    """Refuse a migration within one county."""
    if said.from_division == said.to_division:
        yield Fault(
            "same_division",
            "/data/to_division",
            "残疾人证的迁出地与迁入地不能相同。",
            "A certificate must migrate to another county.",
        )
