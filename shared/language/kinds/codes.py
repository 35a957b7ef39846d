"""Codes: one type for each code list of `shared/policy/code_lists.json` that an event draws from."""

from functools import cache
from typing import Annotated, Any

from shared.language.kinds.base import TEXT_SCHEMA, Cell, Kind, Label, Setting, Unreadable
from shared.language.kinds.text import text_of
from shared.policy.lists import code_lists


@cache
def code_of(name: str) -> Kind:
    """Return the kind of the codes of one list. Raises TypeError for a list that nobody wrote."""
    if name not in code_lists():
        raise TypeError(f"Unknown code list: {name}")
    codes = code_lists()[name]["codes"]
    real = {code for code, entry in codes.items() if not entry.get("test")}
    accepted = {True: set(codes), False: real}

    def read(value: Any, setting: Setting) -> str:
        known = accepted[setting.allow_test_regions]
        code = value if isinstance(value, str) and value in known else text_of(value)
        if code in known:
            return code
        raise Unreadable("unknown_code", f"代码不在代码表 {name} 中。", f"This code is not in the list {name}.")

    def show(stored: Any, _: Label) -> str:
        entry = codes.get(stored)
        return str(entry["zh"] if entry else stored)

    return Kind(
        "code", "代码", str, read, {"enum": list(codes)}, next(iter(codes)),
        stored=TEXT_SCHEMA | {"enum": list(codes)}, show=show, cell=Cell(code_list=name), code_list=name,
    )  # fmt: skip


ApplyKind = Annotated[str, code_of("APPLYKIND")]
Benefit = Annotated[str, code_of("BENEFIT")]
Decision = Annotated[str, code_of("DECISION")]
DepartmentCode = Annotated[str, code_of("DEPT")]
DibaoType = Annotated[str, code_of("DIBAOTYPE")]
DifficultBasis = Annotated[str, code_of("DIFFBASIS")]
DisabilityCategory = Annotated[str, code_of("DISCAT")]
DisabilityGrade = Annotated[str, code_of("DISGRADE")]
Division = Annotated[str, code_of("DIV")]
EducationMode = Annotated[str, code_of("EDUMODE")]
EndReason = Annotated[str, code_of("ENDREASON")]
Fund = Annotated[str, code_of("FUND")]
GapType = Annotated[str, code_of("GAPTYPE")]
HospitalLevel = Annotated[str, code_of("HOSPLEVEL")]
HukouType = Annotated[str, code_of("HUKOUTYPE")]
JobKind = Annotated[str, code_of("JOBKIND")]
LtcLevel = Annotated[str, code_of("LTCLEVEL")]
MoveKind = Annotated[str, code_of("HOUSEBASIS")]
Need = Annotated[str, code_of("NEED")]
Outcome = Annotated[str, code_of("OUTCOME")]
Refuse = Annotated[str, code_of("REFUSE")]
RehabCategory = Annotated[str, code_of("REHABCAT")]
RehabItem = Annotated[str, code_of("REHABITEM")]
Relation = Annotated[str, code_of("REL")]
ReviewResult = Annotated[str, code_of("REVIEWRESULT")]
Side = Annotated[str, code_of("SIDE")]
Source = Annotated[str, code_of("SOURCE")]
TempAidKind = Annotated[str, code_of("TEMPKIND")]
TrainMode = Annotated[str, code_of("TRAINMODE")]
