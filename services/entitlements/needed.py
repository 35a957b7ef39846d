"""What a department's desk must see of other departments to act as the rules say, and what no other may know of.

A test holds that a rule reads each of these types beside what the department itself reports.
"""

from typing import Any

from services.civil_affairs.events import (
    DibaoDecided,
    MarginalFamilyDecided,
    TekunDecided,
    TempAidDecided,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from services.departments import DEPARTMENTS
from services.disability_federation.certificates.events import (
    DisabilityCertificateCancelled,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateRenewed,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
    TwoSubsidiesReviewed,
)
from services.disability_federation.home_modification.events import HomeModificationDecided
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    GuardianDesignated,
    HouseholdMoved,
    NeedsSurveyed,
)
from services.disability_federation.rehabilitation.events import (
    CochlearSubsidyDecided,
    RehabAidDecided,
    SelfPaidSubsidyDecided,
)
from services.disability_federation.rehabilitation.providers.events import PsychologicalSupportProvided
from services.education.events import EducationNeedsAssessed
from services.family_case.masking import Desks
from services.finance.events import BenefitPaid
from services.hrss.events import StartupSupportDecided
from shared.language.catalogue import CATALOGUE

Needed = dict[type[Any], tuple[str, ...]]
"""Event classes, each with the sensitive fields on which a decision turns."""

_CERTIFICATES: Needed = {
    DisabilityCertificateIssued: ("category", "grade"),
    DisabilityCertificateRenewed: ("category", "grade"),
    DisabilityGradeChanged: ("category", "grade"),
    DisabilityCertificateCancelled: (),
    DisabilityCertificateFrozen: (),
    DisabilityCertificateUnfrozen: (),
}
_ASSISTANCE: Needed = {DibaoDecided: (), MarginalFamilyDecided: (), TekunDecided: ()}
NEEDED: dict[str, Needed] = {
    "CIV": _CERTIFICATES | {TwoSubsidiesReviewed: ("category", "grade"), GuardianDesignated: (), HouseholdMoved: ()},
    "EDU": _CERTIFICATES | {HouseholdMoved: ()},
    "HRS": {DifficultFamilyRecognised: (), DifficultFamilyEnded: (), NeedsSurveyed: ()},
    "MED": _CERTIFICATES | _ASSISTANCE,
    "FIN": {
        TempAidDecided: (),
        CochlearSubsidyDecided: (),
        HomeModificationDecided: (),
        RehabAidDecided: (),
        SelfPaidSubsidyDecided: (),
        StartupSupportDecided: (),
    },
    "DPF": _ASSISTANCE | {TwoSubsidiesApplied: (), TwoSubsidiesDecided: (), TwoSubsidiesStopped: (), BenefitPaid: ()},
}
"""By department (DEPT): what of others its desk sees, but for what is sensitive and not named here."""

ONLY_FOR: dict[type[Any], tuple[str, ...]] = {
    EducationNeedsAssessed: ("EDU", "DPF"),
    PsychologicalSupportProvided: ("DPF",),
}
"""What no other department may know of at all: a child's abilities are assessed for education and rehabilitation alone
(残疾人教育条例 20), and that somebody needed support is nobody else's business."""


def desks() -> Desks:
    """Return what the departments' desks see of each other, by the names of departments and types."""
    name_of = {department.code: department.name for department in DEPARTMENTS}
    return Desks(
        {
            name_of[code]: {CATALOGUE.of(cls).type: frozenset(fields) for cls, fields in needed.items()}
            for code, needed in NEEDED.items()
        },
        {CATALOGUE.of(cls).type: frozenset(name_of[code] for code in codes) for cls, codes in ONLY_FOR.items()},
    )
