"""The checker counts a clean run as clean; what it finds in planted faults stands in another file."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.family_case.filing import FamilyCases
from shared.door.department import Department
from shared.postgres.database import Database
from shared.settings import Settings
from tests.faults.tools.checker import Checker
from tests.world import event, family_opened, story

Doors = Callable[[str], Department]


@pytest.fixture
def case(settings: Settings) -> Iterator[FamilyCases]:
    """The family case, without a bus."""
    found = FamilyCases(Database(settings.database_url, "family_case"))
    yield found
    found.database.close()


def run(events: list[dict[str, Any]], door: Doors, case: FamilyCases, checker: Checker) -> None:
    """Record the events, tell the checker, and file them."""
    for submission in events:
        log = submission["type"].partition(".")[0]
        checker.attempted(submission)
        receipt, _ = door(log).receive(submission)
        checker.acknowledged(submission, receipt)
        case.receive(log, door(log).recorder.at([receipt["position"]]))


def doors(department: Doors) -> Doors:
    """Open each department once."""
    opened: dict[str, Department] = {}

    def door(name: str) -> Department:
        if name not in opened:
            opened[name] = department(name)
        return opened[name]

    return door


def test_both_stories_without_a_fault_hold(settings: Settings, department: Doors, case: FamilyCases) -> None:
    checker = Checker()
    events = [*story("a"), *story("b")]
    run(events, doors(department), case, checker)
    outcome = checker.check(settings)
    assert outcome.findings == []
    assert outcome.holds
    assert outcome.as_dict() == {
        "attempted": len(events), "acknowledged": len(events), "lost": 0, "duplicated": 0, "reordered": 0,
        "unexpected": 0, "indeterminate": 0, "recovered": 0, "waiting": 0,
    }  # fmt: skip


def test_an_event_that_waits_is_not_lost_and_files_itself_in_order(
    settings: Settings, department: Doors, case: FamilyCases
) -> None:
    checker, door = Checker(), doors(department)
    facts = ({"school_year": year, "source": "match", "current_status": "未入学"} for year in (2025, 2026))
    run([event("education.school_age_child_registered", fact) for fact in facts], door, case, checker)
    assert checker.check(settings).waiting == 2
    assert checker.check(settings).holds
    run([family_opened()], door, case, checker)
    assert checker.check(settings).waiting == 0
    assert checker.check(settings).holds


def test_an_event_without_an_answer_is_indeterminate_and_recovered_when_it_is_recorded(
    settings: Settings, department: Doors, case: FamilyCases
) -> None:
    checker, door = Checker(), doors(department)
    first, second = family_opened(), event("hrss.parent_job_need_registered", {})
    checker.attempted(first)
    checker.attempted(second)
    receipt, _ = door("disability_federation").receive(first)
    case.receive("disability_federation", door("disability_federation").recorder.at([receipt["position"]]))
    outcome = checker.check(settings)
    assert (outcome.indeterminate, outcome.recovered, outcome.acknowledged) == (2, 1, 0)
    assert outcome.holds


def test_what_was_receipted_and_is_in_no_case_is_lost(settings: Settings, department: Doors) -> None:
    checker, submission = Checker(), family_opened()
    checker.attempted(submission)
    receipt, _ = doors(department)("disability_federation").receive(submission)
    checker.acknowledged(submission, receipt)
    outcome = checker.check(settings)
    assert not outcome.holds
    assert outcome.findings == ["lost: disability_federation/1 is not filed and does not wait"]
