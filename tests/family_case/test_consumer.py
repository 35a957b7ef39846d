"""The consumer fetches what the bus did not bring, and no more than that."""

from itertools import islice
from typing import Any

from services.processes import assembly
from shared.log.record import RecordedEvent
from tests.family_case.conftest import Hub
from tests.family_case.test_receiving import family_opened, needs

LOG = "disability_federation"


def test_catching_up_ends_where_the_gap_ended_however_fast_the_log_grows(hub: Hub) -> None:
    hub.say(family_opened(), needs(), needs(), needs())
    pages: list[int] = []

    class Growing:
        """A department that records more events than a page holds whenever it is asked."""

        def log(self, log: str, after: int, *_: Any) -> list[RecordedEvent]:
            pages.append(after)
            hub.say(needs(), needs(), needs())
            return list(islice(hub.made[log].recorder.events(after), 2))

    consumer = assembly.consumer(hub.settings)
    consumer.cases, consumer.client = hub.cases, Growing()  # type: ignore[assignment]
    assert consumer.catch_up(LOG, 3) == 4
    assert pages == [0, 2]
    assert hub.cases.received(LOG) == 4
    assert consumer.catch_up(LOG, 3) == 0
    assert pages == [0, 2], "there is nothing to ask for"
