"""The process of the departments' queues: takes what their systems sent by the broker, and answers it.

`python -m services.processes.inbox` serves all departments; names on the command line serve only those. It is a process
of its own, as the doors are: it has their keys, and a broker that fails takes nothing else along.
"""

import logging
import os
import signal
import sys
from threading import Event, Thread

from services.processes import assembly
from services.processes.supervisor import die_with_parent
from shared.bus.inbox import Inbox
from shared.door.amqp import QueueDoor
from shared.errors import YihuError
from shared.logs import start_logging
from shared.settings import EMBEDDED_BUS, Settings

FAILED_S = 1.0
"""How long a reader rests after a failure."""
LOOK_S = 0.2
STOP_S = 8.0
"""How long what is under way may take after SIGTERM; what then still waits is delivered again later."""

_log = logging.getLogger(__name__)


class NoBroker(YihuError):
    """The queues were to be read, but the bus is in another process's memory."""

    def __init__(self) -> None:
        zh, en = "没有设置 YIHU_AMQP_URI：部门队列需要 RabbitMQ。", "YIHU_AMQP_URI is not set: queues need a RabbitMQ."
        super().__init__("no_broker", zh, en)


def read(door: QueueDoor, inbox: Inbox, stopping: Event) -> None:
    """Read one department's queue until `stopping`, whatever fails; the same failure is logged once."""
    problem = ""
    while not stopping.is_set():
        try:
            inbox.run(door.handle, stopping.is_set)
        except Exception as error:  # noqa: BLE001 - a reader outlives everything
            now = f"{type(error).__name__} {getattr(error, 'code', '')}".strip()
            if now != problem:
                _log.warning("%s's queue: %s", door.name, now, exc_info=None if isinstance(error, YihuError) else error)
            problem = now
            stopping.wait(FAILED_S)


def main(names: list[str]) -> None:
    """Serve departments' queues until SIGTERM. Raises NoBroker."""
    die_with_parent()
    start_logging()
    settings = Settings.from_environment()
    if settings.amqp_uri == EMBEDDED_BUS:
        raise NoBroker
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    departments = [name for name in assembly.services_named(names) if name in assembly.NAMES]
    readers = [
        Thread(target=read, args=(*assembly.queue(name, settings), stopping), name=name, daemon=True)
        for name in departments
    ]
    for reader in readers:
        reader.start()
    _log.info("queues are read")
    while not stopping.wait(LOOK_S) and all(reader.is_alive() for reader in readers):
        pass
    whole = stopping.is_set()
    stopping.set()
    for reader in readers:
        reader.join(STOP_S)
    logging.shutdown()
    os._exit(0 if whole else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
