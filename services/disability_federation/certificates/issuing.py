"""What an assessment and a certificate may say, and what a certificate must have in common with the one before."""

from collections.abc import Iterator

from services.disability_federation.certificates.events import (
    DisabilityAssessed,
    DisabilityCertificateIssued,
    DisabilityCertificateReissued,
    DisabilityCertificateRenewed,
    DisabilityGradeChanged,
)
from services.disability_federation.in_force import Held, certificate, on_paper
from services.disability_federation.registry.events import DuplicateMerged
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, newest, years_later

MULTIPLE = "7"
"""多重残疾: more than one category."""
PARTS = 2
"""How many categories a multiple disability has at least."""
YEARS = 10
"""How long a certificate is valid."""
RENEWAL_YEARS = 1
"""How long before its end a certificate can be renewed."""
HOLDER, CODES, REISSUE = slice(18), slice(18, 20), slice(20, None)
"""Where a certificate's number has its holder's, where category and grade, and where it counts the reissues."""

Certified = DisabilityCertificateIssued | DisabilityCertificateRenewed | DisabilityGradeChanged
"""What gives a certificate its category and grade."""


@RULES.invariant(DisabilityAssessed, number="CERT-02.1")
def a_multiple_disability_has_parts(event: DisabilityAssessed) -> Iterator[Fault]:
    """Refuse 多重 without at least two categories that it is made of (GB/T 26341)."""
    if event.category == MULTIPLE and not _has_parts(event):
        zh = "多重残疾须写明至少两个组成类别和等级。"
        en = "A multiple disability must name at least two categories and grades it is made of."
        yield Fault("components_missing", "/data/components", zh, en)


@RULES.invariant(DisabilityAssessed, number="CERT-02.2")
def a_multiple_disability_is_as_severe_as_its_worst_part(event: DisabilityAssessed) -> Iterator[Fault]:
    """Refuse 多重 with another grade than the most severe of its parts (GB/T 26341)."""
    yield from _not_the_most_severe(event)


@RULES.invariant(
    DisabilityCertificateIssued,
    DisabilityCertificateRenewed,
    DisabilityGradeChanged,
    number=("CERT-04.4", "CERT-06.5", "CERT-07.4"),
)
def parts_on_a_certificate_fit_its_grade(event: Certified) -> Iterator[Fault]:
    """Refuse 多重 with parts of fewer than two categories, or with another grade than the most severe of them."""
    if event.category == MULTIPLE and event.components and not _has_parts(event):
        zh, en = "多重残疾的构成须至少有两个不同类别。", "The parts must be of two different categories or more."
        yield Fault("grade_not_the_most_severe", "/data/components", zh, en)
    yield from _not_the_most_severe(event)


@RULES.invariant(
    DisabilityCertificateIssued,
    DisabilityCertificateReissued,
    DisabilityCertificateRenewed,
    DisabilityGradeChanged,
    number=("CERT-04.1", "CERT-05.1", "CERT-06.1", "CERT-07.1"),
)
def a_certificate_carries_its_holders_number(
    event: Certified | DisabilityCertificateReissued, past: Past
) -> Iterator[Fault]:
    """Refuse a number that holds another person's identity number; one that was merged into the subject's is theirs."""
    number = str(event.cert_no)
    if not past.certificate_is_of_subject(number) and not _is_merged(past.numbered(number[HOLDER]), past):
        zh = "残疾人证号前 18 位不是所涉人员的公民身份号码；请核对人员与证号。"
        en = "The first 18 characters of the certificate number are not the subject's number; check both."
        yield Fault("certificate_of_another", "/data/cert_no", zh, en)


@RULES.invariant(
    DisabilityCertificateIssued,
    DisabilityCertificateRenewed,
    DisabilityGradeChanged,
    number=("CERT-04.2", "CERT-06.2", "CERT-07.2"),
)
def the_number_ends_in_category_and_grade(event: Certified) -> Iterator[Fault]:
    """Refuse a number that ends otherwise: it is the ID number (18 characters), the category and the grade."""
    if str(event.cert_no)[CODES] != event.category + event.grade:
        zh = "残疾人证号第 19、20 位须与残疾类别、等级一致。"
        en = "Characters 19 and 20 of the certificate number must be the category and the grade."
        yield Fault("certificate_number_differs", "/data/cert_no", zh, en)


@RULES.invariant(DisabilityCertificateReissued, number="CERT-05.2")
def a_reissued_number_says_how_often(event: DisabilityCertificateReissued) -> Iterator[Fault]:
    """Refuse a number that does not end in B and the count of the reissue."""
    if str(event.cert_no)[REISSUE] != f"B{event.reissue_seq}":
        zh = "补发的残疾人证号须以 B 和补发次数结尾。"
        en = "The number of a reissued certificate must end in B and the count of its reissues."
        yield Fault("certificate_number_differs", "/data/cert_no", zh, en)


@RULES.invariant(DisabilityCertificateReissued, number="CERT-05.3")
def reissues_are_counted(event: DisabilityCertificateReissued, past: Past) -> Iterator[Fault]:
    """Refuse a reissue that does not follow the last one of the same category and grade; a new number begins with 1."""
    codes = str(event.cert_no)[CODES]
    known = (one.event for one in past.events(DisabilityCertificateReissued, same="person", before=True))
    same = [one.reissue_seq for one in known if _codes_on(past, one) in {None, codes}]
    due = max(same, default=0) + 1
    if event.reissue_seq != due:
        zh, en = f"补发次数应为 {due}。", f"This is reissue {due} of the certificate."
        yield Fault("reissue_out_of_sequence", "/data/reissue_seq", zh, en)


@RULES.invariant(DisabilityCertificateIssued, DisabilityCertificateRenewed, number=("CERT-04.3", "CERT-06.4"))
def a_certificate_is_valid_for_ten_years(
    event: DisabilityCertificateIssued | DisabilityCertificateRenewed,
) -> Iterator[Fault]:
    """Refuse a certificate that is not made out for ten years, to the day."""
    if event.valid_to != years_later(event.issued_on, YEARS):
        zh, en = "残疾人证有效期为核发日起十年。", "A certificate is valid for ten years from the day it is issued."
        yield Fault("validity_not_ten_years", "/data/valid_to", zh, en)


@RULES.flag(DisabilityCertificateIssued, number="CERT-04.5")
def a_certificate_says_what_was_assessed(event: DisabilityCertificateIssued, past: Past) -> Iterator[Fault]:
    """Flag a certificate that differs from its assessment."""
    assessed = newest(past, DisabilityAssessed, same="process")
    if assessed and (event.category, event.grade) != (assessed.category, assessed.grade):
        yield flag("differs_from_assessment", "/data/grade")


@RULES.flag(DisabilityCertificateIssued, number="CERT-04.6")
def the_parts_of_a_multiple_disability_are_known(event: DisabilityCertificateIssued, past: Past) -> Iterator[Fault]:
    """Flag a certificate of a multiple disability whose parts neither it nor its assessment names."""
    assessed = newest(past, DisabilityAssessed, same="process")
    if event.category == MULTIPLE and not (event.components or (assessed and assessed.components)):
        yield flag("components_unknown", "/data/category")


@RULES.invariant(DisabilityCertificateRenewed, number="CERT-06.3")
def a_certificate_is_renewed_in_its_last_year(event: DisabilityCertificateRenewed, past: Past) -> Iterator[Fault]:
    """Refuse a renewal more than a year before the certificate in force runs out."""
    held = certificate(past, event.issued_on)
    if held and held.valid_to and event.issued_on < years_later(held.valid_to, -RENEWAL_YEARS):
        zh = "期满换领不得早于现行残疾人证有效期届满前一年；类别、等级有变化的，请报送“类别/等级变更”。"
        en = (
            "A certificate is renewed in its last year at the earliest; "
            "if category or grade changed, send disability_grade_changed."
        )
        yield Fault("renewed_too_early", "/data/issued_on", zh, en)


@RULES.flag(DisabilityCertificateRenewed, number="CERT-06.6")
def a_renewal_changes_nothing(event: DisabilityCertificateRenewed, past: Past) -> Iterator[Fault]:
    """Flag a renewal with another category or grade than the certificate in force has: that is a change."""
    if differs(event.category, event.grade, certificate(past, event.issued_on)):
        yield flag("differs_from_certificate", "/data/grade")


@RULES.invariant(DisabilityGradeChanged, number="CERT-07.3")
def a_change_changes_something(event: DisabilityGradeChanged) -> Iterator[Fault]:
    """Refuse a change after which category and grade are the same."""
    if (event.category, event.grade) == (event.old_category, event.old_grade):
        zh, en = "变更前后的类别和等级相同。", "Category and grade are the same as before."
        yield Fault("nothing_changed", "/data/grade", zh, en)


@RULES.flag(DisabilityGradeChanged, number="CERT-07.5")
def a_change_begins_with_the_certificate_in_force(event: DisabilityGradeChanged, past: Past) -> Iterator[Fault]:
    """Flag a change from another category or grade than the certificate in force has."""
    if differs(event.old_category, event.old_grade, certificate(past, event.effective_on)):
        yield flag("differs_from_certificate", "/data/old_grade")


def differs(category: str, grade: str, held: Held | None) -> bool:
    """Whether the certificate in force is known to have another category or grade."""
    return held is not None and held.category is not None and (held.category, held.grade) != (category, grade)


def _has_parts(event: DisabilityAssessed | Certified) -> bool:
    return len({part["category"] for part in event.components or ()}) >= PARTS


def _not_the_most_severe(event: DisabilityAssessed | Certified) -> Iterator[Fault]:
    if event.category == MULTIPLE and event.components:
        most_severe = min(part["grade"] for part in event.components)
        if event.grade != most_severe:
            zh = "多重残疾的等级须为各组成中最重的等级。"
            en = "The grade of a multiple disability is that of its most severe part."
            yield Fault("grade_not_the_most_severe", "/data/grade", zh, en)


def _is_merged(person: str, past: Past) -> bool:
    """Whether a person turned out to be the subject, who has had two numbers; of imported history nobody asks."""
    if past.legacy:
        return False
    known = past.events(DuplicateMerged, same="merged", of=person)
    return any(one.event.merged_person == person and one.event.survivor == past.subject for one in known)


def _codes_on(past: Past, reissued: DisabilityCertificateReissued) -> str | None:
    """Return category and grade of the certificate that was reissued: of its sealed number nothing can be read."""
    held = on_paper(past, reissued.issued_on)
    return None if held is None or held.category is None else f"{held.category}{held.grade}"
