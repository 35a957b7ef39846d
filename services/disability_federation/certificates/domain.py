"""Which event about a certificate may follow which, and what none of them may contain."""

from collections.abc import Iterator
from datetime import date

from services.disability_federation.certificates.events import (
    DisabilityAssessed,
    DisabilityAssessmentDisputed,
    DisabilityCertificateApplied,
    DisabilityCertificateCancelled,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateReissued,
    DisabilityCertificateRenewed,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
    TwoSubsidiesReviewed,
)
from services.disability_federation.certificates.issuing import differs
from services.disability_federation.in_force import (
    HELD,
    age,
    certificate,
    guardians,
    is_cancelled,
    is_frozen,
)
from services.disability_federation.registry.events import HouseholdMoved
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import ADULT, Past, flag, years_later

BARRED_YEARS = 1
"""How long after a cancellation nobody applies again."""
OF_A_HOLDER = {"renew", "reissue", "migrate"}
"""What only somebody asks for who has a certificate."""
SPOKEN_FOR = {"5", "6"}
"""Intellectual and psychiatric disability: somebody else may have to speak."""

RULES.after(DisabilityAssessed, DisabilityCertificateApplied, same="process", number="CERT-02.a")
RULES.after(DisabilityAssessmentDisputed, DisabilityAssessed, same="process", number="CERT-03.a")
RULES.after(DisabilityCertificateIssued, DisabilityAssessed, same="process", number="CERT-04.a")
RULES.after(DisabilityCertificateReissued, *HELD, same="person", number="CERT-05.a")
RULES.after(DisabilityCertificateRenewed, *HELD, same="person", number="CERT-06.a")
RULES.after(DisabilityGradeChanged, *HELD, same="person", number="CERT-07.a")
RULES.after(
    DisabilityCertificateMigrated,
    HouseholdMoved,
    same="family",
    effect="flag",
    fault="migrated_without_move",
    number="CERT-08.a",
)
RULES.after(DisabilityCertificateFrozen, *HELD, same="person", number="CERT-09.a")
RULES.after(DisabilityCertificateUnfrozen, DisabilityCertificateFrozen, same="person", number="CERT-10.a")
RULES.after(DisabilityCertificateCancelled, *HELD, same="person", number="CERT-11.a")

RULES.differ(DisabilityCertificateMigrated, "from_division", "to_division", code="same_division", number="CERT-08.1")


@RULES.invariant(DisabilityCertificateApplied, number="CERT-01.1")
def who_lost_a_certificate_waits_a_year(_: DisabilityCertificateApplied, past: Past) -> Iterator[Fault]:
    """Refuse an application within a year of a cancellation (残疾人证管理办法)."""
    cancelled = (one.event.cancelled_on for one in past.events(DisabilityCertificateCancelled, same="person"))
    if any(day <= past.happened < years_later(day, BARRED_YEARS) for day in cancelled):
        zh = "残疾人证注销未满一年，不得重新申请；注销有误的，请先更正或撤销该注销记录。"
        en = "Nobody applies within a year of a cancellation; if it was wrong, have it corrected or withdrawn first."
        yield Fault("barred_after_cancellation", "/subject", zh, en)


@RULES.flag(DisabilityCertificateApplied, number="CERT-01.2")
def a_certificate_is_renewed_once_it_is_there(event: DisabilityCertificateApplied, past: Past) -> Iterator[Fault]:
    """Flag an application of a holder who is not known as one."""
    if event.apply_kind in OF_A_HOLDER and not past.events(*HELD, same="person"):
        yield flag("certificate_not_on_record", "/subject")


@RULES.flag(DisabilityCertificateApplied, number="CERT-01.3")
def a_guardian_applies(event: DisabilityCertificateApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for a child, or for somebody who may not speak for themselves, by another than a guardian."""
    years = age(past, past.happened)
    young = years is not None and years < ADULT
    known = guardians(past, past.happened)
    if (young or event.claimed_category in SPOKEN_FOR) and known and event.applied_by not in known:
        yield flag("not_the_guardian", "/data/applied_by")


@RULES.invariant(DisabilityAssessmentDisputed, number="CERT-03.1")
def the_city_hears_an_objection_first(event: DisabilityAssessmentDisputed, past: Past) -> Iterator[Fault]:
    """Refuse an objection to the province before the city has had one."""
    known = past.events(DisabilityAssessmentDisputed, same="process", before=True)
    if event.level == "province" and all(one.event.level != "city" for one in known):
        zh = "须先向市级提出异议，再向省级提出；请先报送市级异议。"
        en = "An objection goes to the city first; have that one recorded before."
        yield Fault("city_first", "/data/level", zh, en)


@RULES.flag(DisabilityCertificateMigrated, number="CERT-08.2")
def a_certificate_migrates_once_it_is_there(_: DisabilityCertificateMigrated, past: Past) -> Iterator[Fault]:
    """Flag the migration of a certificate that nobody here knows."""
    if not past.events(*HELD, same="person"):
        yield flag("certificate_not_on_record", "/subject")


@RULES.invariant(DisabilityCertificateFrozen, number="CERT-09.1")
def a_certificate_is_frozen_once(event: DisabilityCertificateFrozen, past: Past) -> Iterator[Fault]:
    """Refuse to freeze what is frozen or cancelled on that day."""
    if is_frozen(past, event.frozen_on) or is_cancelled(past, event.frozen_on):
        zh = "残疾人证在冻结日期已冻结或已注销；请核对日期。"
        en = "The certificate is frozen or cancelled on that day already; check the day."
        yield Fault("not_in_force", "/data/frozen_on", zh, en)


@RULES.invariant(DisabilityCertificateUnfrozen, number="CERT-10.1")
def only_a_frozen_certificate_is_unfrozen(event: DisabilityCertificateUnfrozen, past: Past) -> Iterator[Fault]:
    """Refuse to unfreeze what is not frozen on that day."""
    if not is_frozen(past, event.unfrozen_on):
        zh, en = (
            "残疾人证在解冻日期未处于冻结状态；请核对日期。",
            "The certificate is not frozen on that day; check the day.",
        )
        yield Fault("not_frozen", "/data/unfrozen_on", zh, en)


@RULES.invariant(DisabilityCertificateCancelled, number="CERT-11.1")
def a_certificate_is_cancelled_once(_: DisabilityCertificateCancelled, past: Past) -> Iterator[Fault]:
    """Refuse a second cancellation when no certificate has taken the place of the first one."""
    if is_cancelled(past, date.max):
        zh = "残疾人证已注销；注销情况有误的，请报送更正。"
        en = "The certificate is cancelled already; if that is wrong, send a correction."
        yield Fault("already_ended", "/subject", zh, en)


@RULES.flag(TwoSubsidiesReviewed, number="CIV-20.1")
def a_review_knows_the_certificate(event: TwoSubsidiesReviewed, past: Past) -> Iterator[Fault]:
    """Flag a review by another category or grade than the certificate in force has."""
    if differs(event.category, event.grade, certificate(past, past.happened)):
        yield flag("differs_from_certificate", "/data/grade")
