from collections.abc import Iterable
from datetime import date
from typing import Any

from services.hrss.domain import RULES
from services.hrss.events import EmploymentStarted, JobRecommended, ParentJobNeedRegistered
from shared.catalogue import CATALOGUE


class Past:
    """A department's log that holds these types, each for the same process or the same person as the new event."""

    def __init__(self, on_record: Iterable[tuple[type[Any], str]]) -> None:
        self._on_record = {(CATALOGUE.of(said).type, same) for said, same in on_record}

    def has(self, type_name: str, *, same: str) -> bool:
        """Whether the type is on record for the same process or person."""
        return (type_name, same) in self._on_record


def refusals(said: Any, *given: tuple[type[Any], str], legacy: bool = False) -> list[str]:
    """Return code and place of every reason against an event, when `given` is on record."""
    faults = list(RULES.faults(said, Past(given), legacy=legacy))
    for fault in faults:
        assert fault.zh.endswith("。")
        assert fault.en.endswith(".")
    return [f"{fault.code} {fault.pointer}" for fault in faults]


POST = JobRecommended(post="包装工", channel="春风行动", recommended_on=date(2026, 2, 26), accepted=True)


def test_a_need_for_work_is_registered_before_anything_else_is_known() -> None:
    assert refusals(ParentJobNeedRegistered(job_kind="FLEX", registered_on=date(2026, 1, 12))) == []


def test_a_post_is_recommended_after_the_parent_said_they_look_for_work() -> None:
    assert refusals(POST) == ["out_of_order /subject"]
    assert refusals(POST, (ParentJobNeedRegistered, "person")) == []


def test_somebody_may_start_to_work_without_a_recommendation() -> None:
    assert refusals(EmploymentStarted(kind="ENT", from_date=date(2026, 3, 16))) == []


def test_imported_history_may_begin_anywhere() -> None:
    assert refusals(POST, legacy=True) == []
