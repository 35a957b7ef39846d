"""What a door knows from one batch to the next is what its log says, whoever else writes into it."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from shared.door import known
from shared.door.department import Department
from shared.log.recorder import LogRecorder
from tests.shared.door.test_batches import codes
from tests.shared.door.test_natural_keys import paid
from tests.world import SON, event

Make = Callable[[str], Department]
MARCH = "2025-03"


@pytest.fixture
def finance(department: Make) -> Department:
    return department("finance")


def came(door: Department, *events: dict[str, Any]) -> list[str]:
    return codes(door.receive_all(list(events)))


def moved(original: dict[str, Any], month: str) -> dict[str, Any]:
    data = original["data"] | {"period": month}
    restated = {"target_event": original["id"], "reason": "录入错误", "corrected_payload": data}
    return event("finance.event_corrected", restated, None)


def test_two_processes_of_one_department_know_what_the_other_recorded(department: Make) -> None:
    one, other = department("finance"), department("finance")
    first = paid()
    assert came(one, first) == ["new"]
    assert came(other, paid()) == ["again"]
    assert came(other, paid(period=MARCH), paid(period="2025-04")) == ["new", "new"]
    assert came(one, paid(period=MARCH)) == ["again"]
    assert came(one, moved(first, "2025-05")) == ["new"]
    assert came(other, paid(), paid(period="2025-05")) == ["new", "again"], "it was corrected to another month"
    assert came(one, paid(period="2025-05")) == ["again"]


def test_a_correction_of_what_a_process_never_read_is_known_to_it_all_the_same(department: Make) -> None:
    one, other = department("finance"), department("finance")
    first = paid()
    assert came(other, first) == ["new"]
    assert came(one, paid() | {"subject": SON}) == ["new"]
    assert came(other, moved(first, "2025-05")) == ["new"]
    assert came(one, paid(period="2025-05"), paid()) == ["again", "new"]


def test_what_was_not_committed_was_never_known(finance: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise psycopg.OperationalError

    assert came(finance, paid(period=MARCH)) == ["new"]
    with monkeypatch.context() as patch:
        patch.setattr(LogRecorder, "append", fails)
        assert came(finance, paid()) == ["database_unavailable"]
    assert came(finance, paid(), paid(period=MARCH)) == ["new", "again"]


def test_a_log_that_was_set_back_is_read_anew(finance: Department, settings: Any) -> None:
    assert came(finance, paid(period=MARCH), paid()) == ["new", "new"]
    with psycopg.connect(settings.database_url) as owner:
        owner.execute(b"ALTER TABLE finance.events DISABLE TRIGGER USER")
        owner.execute(b"DELETE FROM finance.events WHERE position = 2")
    assert came(finance, paid(period=MARCH), paid()) == ["again", "new"]


def test_a_door_that_has_to_forget_answers_the_same(finance: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 1)
    for month in range(1, 6):
        assert came(finance, paid(period=f"2025-0{month}")) == ["new"]
    assert came(finance, *(paid(period=f"2025-0{month}") for month in range(1, 6))) == ["again"] * 5


def test_the_log_is_asked_once_for_what_does_not_change(finance: Department, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    genuine = LogRecorder.past

    def past(self: LogRecorder, *question: Any) -> Any:
        asked.append(question)
        return genuine(self, *question)

    monkeypatch.setattr(LogRecorder, "past", past)
    assert came(finance, paid()) == ["new"]
    assert asked
    asked.clear()
    assert came(finance, paid(period=MARCH)) == ["new"]
    assert asked == []
