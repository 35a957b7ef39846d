"""What a family is owed says as well who went before it (G7), as known now and as known on an earlier day."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from services.disability_federation.home_modification.events import HomeModificationApplied, HomeModificationDecided
from services.entitlements.owed import Asked, Owed
from services.entitlements.priority import Priority
from services.processes.assembly import owed_schema
from shared.language.envelope import CHINA
from tests.entitlements.desk import Desk
from tests.entitlements.evaluate import logs
from tests.entitlements.histories import CHILD, PARENT, History, number, token
from tests.family_case.conftest import READER, Hub
from tests.world import event

OTHER = number("1985-04-05", 21)
TODAY = date(2025, 4, 20)


def test_a_grant_to_another_family_is_warned_of_as_long_as_it_was_known(
    hub: Hub, open_database: Callable[..., Any]
) -> None:
    history = History().opened("2025-01-08").certified("2025-01-10").recognised("2025-02-21")
    history.surveyed("2025-03-03", "HOME").say(HomeModificationApplied, "2025-03-11", PARENT, process="HM-1")
    history.opened("2025-01-09", OTHER, number("2018-02-03", 22))
    said: dict[str, Any] = {"decision": "approved", "priority": False, "batch_year": 2025}
    granted = history.say(HomeModificationDecided, "2025-04-01", OTHER, process="HM-X", recorded="2025-04-03", **said)
    desk = Desk(hub.queries, open_database("family_case", schema=owed_schema(hub.database.schema)), TODAY)
    owed = Owed(desk.judging.loader, lambda: datetime(2025, 4, 20, 12, tzinfo=CHINA), Priority(desk.judging))

    def warned(known: str = "", effective: str = "2025-04-20") -> list[dict[str, Any]]:
        asked = Asked(date.fromisoformat(known) if known else None, date.fromisoformat(effective), everything=True)
        [family] = {one for one in hub.families if hub.queries.family_of(token(CHILD)) == one}
        verdicts = owed.open(family, READER, "test", asked)["verdicts"]
        return [each for one in verdicts if one["rule"] == "E06" for each in one["warnings"]]

    _file(hub, history)
    desk.catch_up()
    assert [(one["type"], one["since"]) for one in warned()] == [("G7", "2025-04-01")]
    assert [one["since"] for one in warned("2025-04-03")] == ["2025-04-01"]
    assert warned("2025-04-02") == warned("2025-04-03", "2025-03-31") == warned("", "2025-03-31") == []

    data = {"target_event": granted, "reason": "误登", "approver": "虚构甲"}
    moments = {"time": "2025-04-10T09:00:00+08:00", "recordedtime": "2025-04-10T10:00:00+08:00"}
    source = history.events[-1]["source"]
    history.events.append(event("disability_federation.event_withdrawn", data, OTHER, source=source, **moments))
    _file(hub, history)
    desk.catch_up()
    assert warned() == warned("2025-04-10") == []
    assert [one["since"] for one in warned("2025-04-09")] == ["2025-04-01"]


def _file(hub: Hub, history: History) -> None:
    for log, some in logs(history.events).items():
        hub.cases.receive(log, some)
