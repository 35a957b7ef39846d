"""The kinds of value an event can carry: one file a family of kinds. A field's annotation is its kind.

`Money` is a `Decimal` for the type checker and the kind MONEY for the catalogue. Lists are `tuple[Need, ...]`, optional
fields `Month | None`.
"""

# ruff: isort: skip_file
# fmt: off

from shared.language.kinds.amounts import (
    COUNT, COUNT_LIMIT, FLAG, HOURS, MONEY, RATE, Count, Flag, Hours, Money, Rate,
)
from shared.language.kinds.base import (
    LINE_LENGTH, NOTE_LENGTH, SEALED_SCHEMA, Cell, Kind, Label, Sealed, Setting, Unreadable,
)
from shared.language.kinds.codes import (
    AbsenceOutcome, ApplyKind, AssessmentStage, Benefit, CareContent, CareSetting, CompetitionLevel, ConsentScope,
    ContactMode, Decision, DeliveryMode, DepartmentCode, DeviceClass, DibaoType, DifficultBasis, DisabilityCategory,
    DisabilityGrade, DisputeOutcome, Division, DonorKind, EducationMode, EducationStage, EndReason, EvaluationResult,
    Fund, GapType, HardshipCause, HomeModificationItem, HospitalLevel, HukouType, IdentityField, InformedAnswer,
    InstitutionKind, InsuranceKind, JobKind, JobScheme, LtcLevel, Medium, MoveKind, Need, ObjectionLevel, Outcome,
    ParticipantOutcome, ParticipantSupport, Refuse, RehabCategory, RehabItem, Relation, RemovalReason, ReviewResult,
    RosterKind, SchoolTerm, SelfCareAbility, SelfHelpCategory, SelfHelpPlanKind, ServedPerson, Side, Source,
    StationService, SupportResource, TempAidKind, TrainMode, TrainerRole, TrainingContent, ViolationKind, code_of,
)
from shared.language.kinds.dates import DAY, MONTH, YEAR, Day, Month, Year, chinese_day
from shared.language.kinds.identity import (
    ACCOUNT_TAIL, CERTIFICATE, NAME, PHONE, STUDENT_NUMBER, AccountTail, Certificate, Name, Phone, StudentNumber,
)
from shared.language.kinds.parties import (
    ORGANISATION, PARTY, PERSON, USCC, Org, Organisation, Party, Person, Uscc, organisation, organisation_code, person,
)
from shared.language.kinds.structures import (
    COMPONENT, CONDITION, DIGEST, PAYLOAD, Component, Condition, Digest, Payload,
)
from shared.language.kinds.text import (
    ADDRESS, DOCUMENT, EVENT, LINE, LOCAL_NUMBER, NOTE, OFFICER, PARAMETER_VALUE, PROCESS, Address, Document, EventId,
    Line, LocalNumber, Note, Officer, ParameterValue, ProcessId, identifier_of, line,
)

CODE = "code"
"""The name of every kind that `code_of` makes."""
KINDS = (
    PERSON, PARTY, ORGANISATION, EVENT, PAYLOAD, DAY, MONTH, YEAR, FLAG, COUNT, MONEY, HOURS, RATE, LINE, USCC, DIGEST,
    COMPONENT, CONDITION, NOTE, DOCUMENT, OFFICER, NAME, ADDRESS, PHONE, CERTIFICATE, STUDENT_NUMBER, LOCAL_NUMBER,
    ACCOUNT_TAIL, PROCESS, PARAMETER_VALUE,
)
"""Every kind but the codes, of which there is one for each list."""

__all__ = [
    "ACCOUNT_TAIL", "ADDRESS", "CERTIFICATE", "CODE", "COMPONENT", "CONDITION", "COUNT", "COUNT_LIMIT", "DAY",
    "DIGEST", "DOCUMENT", "EVENT", "FLAG", "HOURS", "KINDS", "LINE", "LINE_LENGTH", "LOCAL_NUMBER", "MONEY", "MONTH",
    "NAME", "NOTE", "NOTE_LENGTH", "OFFICER", "ORGANISATION", "PARAMETER_VALUE", "PARTY", "PAYLOAD", "PERSON", "PHONE",
    "PROCESS", "RATE", "SEALED_SCHEMA", "STUDENT_NUMBER", "USCC", "YEAR",
    "AbsenceOutcome", "AccountTail", "Address", "ApplyKind", "AssessmentStage", "Benefit", "CareContent", "CareSetting",
    "Cell", "Certificate", "CompetitionLevel", "Component", "Condition", "ConsentScope", "ContactMode", "Count", "Day",
    "Decision", "DeliveryMode", "DepartmentCode", "DeviceClass", "DibaoType", "DifficultBasis", "Digest",
    "DisabilityCategory", "DisabilityGrade", "DisputeOutcome", "Division", "Document", "DonorKind", "EducationMode",
    "EducationStage", "EndReason", "EvaluationResult", "EventId", "Flag", "Fund", "GapType", "HardshipCause",
    "HomeModificationItem", "HospitalLevel", "Hours", "HukouType", "IdentityField", "InformedAnswer", "InstitutionKind",
    "InsuranceKind", "JobKind", "JobScheme", "Kind", "Label", "Line", "LocalNumber", "LtcLevel", "Medium", "Money",
    "Month", "MoveKind", "Name", "Need", "Note", "ObjectionLevel", "Officer", "Org", "Organisation", "Outcome",
    "ParameterValue", "ParticipantOutcome", "ParticipantSupport", "Party", "Payload", "Person", "Phone", "ProcessId",
    "Rate", "Refuse",
    "RehabCategory", "RehabItem", "Relation", "RemovalReason", "ReviewResult", "RosterKind", "SchoolTerm", "Sealed",
    "SelfCareAbility", "SelfHelpCategory", "SelfHelpPlanKind", "ServedPerson", "Setting", "Side", "Source",
    "StationService", "StudentNumber", "SupportResource", "TempAidKind", "TrainMode", "TrainerRole", "TrainingContent",
    "Unreadable", "Uscc", "ViolationKind", "Year",
    "chinese_day", "code_of", "identifier_of", "line", "organisation", "organisation_code", "person",
]
