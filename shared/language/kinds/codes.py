"""Codes: one type for each code list of `shared/policy/code_lists.json` that an event draws from."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any

from shared.language.kinds.base import TEXT_SCHEMA, Cell, Kind, Label, Setting, Unreadable
from shared.language.kinds.text import text_of
from shared.policy.lists import code_lists


@dataclass(frozen=True, slots=True)
class _Condition:
    """A code counts from its first to its last day; and some only in an installation that has the setting for it."""

    name: str
    since: date
    until: date
    setting: str | None

    def check(self, setting: Setting) -> None:
        """Raise Unreadable where the code does not count on the event's day, or not in this installation."""
        if self.setting is not None and not getattr(setting, self.setting):
            zh, en = f"代码不在代码表 {self.name} 中。", f"This code is not in the list {self.name}."
            raise Unreadable("unknown_code", zh, en)
        if not self.since <= (setting.day or setting.today) <= self.until:
            zh = f"代码表 {self.name} 中的此代码在事件当日无效。"
            en = f"This code of the list {self.name} did not count on the event's day."
            raise Unreadable("unknown_code", zh, en)


@cache
def _conditional(name: str) -> dict[str, _Condition]:
    """Return the codes of a list that do not always count, or not everywhere."""
    found = {}
    for code, entry in code_lists()[name]["codes"].items():
        since, until = entry.get("valid_from"), entry.get("valid_to")
        setting = "allow_test_regions" if entry.get("test") else entry.get("setting")
        if since or until or setting:
            first, last = date.fromisoformat(since or "0001-01-01"), date.fromisoformat(until or "9999-12-31")
            found[code] = _Condition(name, first, last, setting)
    return found


@cache
def code_of(name: str) -> Kind:
    """Return the kind of the codes of one list. Raises TypeError for a list that nobody wrote."""
    if name not in code_lists():
        raise TypeError(f"Unknown code list: {name}")
    codes = code_lists()[name]["codes"]
    conditional = _conditional(name)

    def read(value: Any, setting: Setting) -> str:
        code = value if isinstance(value, str) and value in codes else text_of(value)
        if code not in codes:
            raise Unreadable("unknown_code", f"代码不在代码表 {name} 中。", f"This code is not in the list {name}.")
        if code in conditional:
            conditional[code].check(setting)
        return code

    def show(stored: Any, _: Label) -> str:
        entry = codes.get(stored)
        return str(entry["zh"] if entry else stored)

    return Kind(
        "code", "代码", str, read, {"enum": list(codes)}, next(iter(codes)),
        stored=TEXT_SCHEMA | {"enum": list(codes)}, show=show, cell=Cell(code_list=name), code_list=name,
    )  # fmt: skip


AbsenceOutcome = Annotated[str, code_of("ABSENCEEND")]
ApplyKind = Annotated[str, code_of("APPLYKIND")]
AssessmentStage = Annotated[str, code_of("REHABSTAGE")]
Benefit = Annotated[str, code_of("BENEFIT")]
CareContent = Annotated[str, code_of("CARECONT")]
CareSetting = Annotated[str, code_of("CARESET")]
CompetitionLevel = Annotated[str, code_of("EVENTLEVEL")]
ConsentScope = Annotated[str, code_of("CONSENT")]
ContactMode = Annotated[str, code_of("CONTACTMODE")]
Decision = Annotated[str, code_of("DECISION")]
DeliveryMode = Annotated[str, code_of("DELIVERYMODE")]
DepartmentCode = Annotated[str, code_of("DEPT")]
DeviceClass = Annotated[str, code_of("DEVICE")]
DibaoType = Annotated[str, code_of("DIBAOTYPE")]
DifficultBasis = Annotated[str, code_of("DIFFBASIS")]
DisabilityCategory = Annotated[str, code_of("DISCAT")]
DisabilityGrade = Annotated[str, code_of("DISGRADE")]
DisputeOutcome = Annotated[str, code_of("DISPUTEEND")]
Division = Annotated[str, code_of("DIV")]
DonorKind = Annotated[str, code_of("DONORKIND")]
EducationMode = Annotated[str, code_of("EDUMODE")]
EducationStage = Annotated[str, code_of("EDUSTAGE")]
EndReason = Annotated[str, code_of("ENDREASON")]
EvaluationResult = Annotated[str, code_of("EVALRESULT")]
Fund = Annotated[str, code_of("FUND")]
GapType = Annotated[str, code_of("GAPTYPE")]
HardshipCause = Annotated[str, code_of("TEMPCAUSE")]
HomeModificationItem = Annotated[str, code_of("HOMEMODITEM")]
HospitalLevel = Annotated[str, code_of("HOSPLEVEL")]
HukouType = Annotated[str, code_of("HUKOUTYPE")]
IdentityField = Annotated[str, code_of("IDFIELD")]
InformedAnswer = Annotated[str, code_of("INFORMANSWER")]
InstitutionKind = Annotated[str, code_of("INSTKIND")]
InsuranceKind = Annotated[str, code_of("INSKIND")]
JobKind = Annotated[str, code_of("JOBKIND")]
JobScheme = Annotated[str, code_of("JOBSCHEME")]
LtcLevel = Annotated[str, code_of("LTCLEVEL")]
Medium = Annotated[str, code_of("MEDIUM")]
MoveKind = Annotated[str, code_of("HOUSEBASIS")]
Need = Annotated[str, code_of("NEED")]
ObjectionLevel = Annotated[str, code_of("APPEALLEVEL")]
Outcome = Annotated[str, code_of("OUTCOME")]
ParticipantOutcome = Annotated[str, code_of("SHEND")]
ParticipantSupport = Annotated[str, code_of("SHSUPPORT")]
Refuse = Annotated[str, code_of("REFUSE")]
RehabCategory = Annotated[str, code_of("REHABCAT")]
RehabItem = Annotated[str, code_of("REHABITEM")]
Relation = Annotated[str, code_of("REL")]
RemovalReason = Annotated[str, code_of("REMOVE")]
ReviewResult = Annotated[str, code_of("REVIEWRESULT")]
RosterKind = Annotated[str, code_of("ROSTER")]
SchoolTerm = Annotated[str, code_of("TERM")]
SelfCareAbility = Annotated[str, code_of("SELFCARE")]
SelfHelpCategory = Annotated[str, code_of("SHCAT")]
SelfHelpPlanKind = Annotated[str, code_of("SHPLAN")]
ServedPerson = Annotated[str, code_of("FORWHOM")]
Side = Annotated[str, code_of("SIDE")]
Source = Annotated[str, code_of("SOURCE")]
StationService = Annotated[str, code_of("STATIONSERV")]
SupportResource = Annotated[str, code_of("EDURES")]
TempAidKind = Annotated[str, code_of("TEMPKIND")]
TrainMode = Annotated[str, code_of("TRAINMODE")]
TrainerRole = Annotated[str, code_of("SHROLE")]
TrainingContent = Annotated[str, code_of("SHCONT")]
ViolationKind = Annotated[str, code_of("VIOLATION")]
