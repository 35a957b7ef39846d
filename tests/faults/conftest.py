"""What several fault tests start: an installation for the test, on a broker without messages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.settings import Settings
from tests.faults.tools.broker import RabbitMQ
from tests.faults.tools.processes import Running, forget_queue


@pytest.fixture
def rabbit(broker: RabbitMQ) -> str:
    """Return the address of RabbitMQ, with an empty queue."""
    forget_queue(broker.uri)
    return broker.uri


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Prepare an installation on a bus; its processes are stopped after the test."""
    made: list[Running] = []

    def make(uri: str, **changes: Any) -> Running:
        made.append(Running.on_free_port(settings, tmp_path, amqp_uri=uri, **changes))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def started(running: Callable[..., Running]) -> Callable[..., Running]:
    """The same, with the web and the worker process started."""

    def make(uri: str, **changes: Any) -> Running:
        installation = running(uri, **changes)
        installation.start("web")
        installation.start("worker")
        return installation

    return make
