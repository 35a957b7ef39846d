"""nameko made safe: the one door to nameko and eventlet. Importing this module makes the process an eventlet process.

nameko 2.14.1 acknowledges a message whose handler failed, dies of a malformed header, and waits for ever for a hung
broker. So its own consumer is not used: a service declares *loops* and a *batch reader*, both nameko entrypoints, which
never end by an exception, and whose messages are acknowledged only after they were handled.
"""

import os

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")  # psycopg's C wait would block every greenlet

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet announces its retirement at import
    import eventlet

    eventlet.monkey_patch()

import logging
import signal
from collections.abc import Callable
from typing import Any

from eventlet.event import Event
from kombu import Queue
from nameko.extensions import DependencyProvider, Entrypoint
from nameko.runners import ServiceRunner

from shared.bus import BusReader, BusUnavailable, Delivery
from shared.settings import Settings

BUSY_S = 0.02
"""How soon a loop looks again after it found something."""
IDLE_S = 0.2
"""How soon a loop looks again after it found nothing for a while."""
IDLE_AFTER = 50
"""How many empty looks make a loop idle."""
FAILED_S = 1.0
"""How long a loop or reader rests after a failure."""

_log = logging.getLogger(__name__)


class Resource(DependencyProvider):
    """Gives a service one object, made from the settings when the worker starts."""

    def __init__(self, make: Callable[[Settings], Any]) -> None:
        self.make = make
        self.made: Any = None

    def setup(self) -> None:
        """Make the object."""
        self.made = self.make(self.container.config["settings"])

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ARG002 - the library's signature
        """Hand out the object."""
        return self.made


class _Endless(Entrypoint):
    """An entrypoint that runs in its own greenlet until the container stops, whatever its method raises."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stopping = False
        self.thread: Any = None

    def start(self) -> None:
        self.thread = self.container.spawn_managed_thread(self.run, identifier=f"{self.method_name} loop")

    def stop(self) -> None:
        self.stopping = True
        self.thread.wait()

    def kill(self) -> None:
        self.stopping = True

    def run(self) -> None:
        raise NotImplementedError

    def call(self, *args: Any) -> Any:
        """Run the service's method in a nameko worker and return its result, or raise what it raised."""
        done: Event = Event()

        def finish(_: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.send((result, exc_info))
            return result, None  # the caller deals with the exception; nameko would log its message

        self.container.spawn_worker(self, args, {}, context_data={}, handle_result=finish)
        result, exc_info = done.wait()
        if exc_info is not None:
            raise exc_info[1]
        return result

    def failed(self, error: Exception) -> None:
        """Log a failure by its type and code, and rest."""
        code = getattr(error, "code", "")
        if not isinstance(error, BusUnavailable):
            _log.error("%s failed", self.method_name, exc_info=error)
        else:
            _log.warning("%s: %s", self.method_name, code)
        eventlet.sleep(FAILED_S)


class Loop(_Endless):
    """Calls a method again and again: at once while it returns True, soon while it was busy, seldom when idle."""

    def __init__(self, every: float = 0.0, **kwargs: Any) -> None:
        self.every = every
        super().__init__(**kwargs)

    def run(self) -> None:
        """Run until the container stops."""
        empty = 0
        while not self.stopping:
            try:
                empty = 0 if self.call() else empty + 1
            except Exception as error:  # noqa: BLE001 - a loop outlives everything
                self.failed(error)
                continue
            if empty:
                eventlet.sleep(self.every or (IDLE_S if empty > IDLE_AFTER else BUSY_S))


class Batches(_Endless):
    """Calls a method with batches of deliveries from a queue; a batch is acknowledged when the method has returned."""

    def __init__(self, queue: Queue, **kwargs: Any) -> None:
        self.queue = queue
        super().__init__(**kwargs)

    def run(self) -> None:
        """Read until the container stops, connecting again whenever the connection is lost."""
        reader = BusReader(self.container.config["settings"].amqp_uri, self.queue)
        while not self.stopping:
            try:
                reader.run(self._handle, lambda: self.stopping)
            except BusUnavailable as error:
                self.failed(error)

    def _handle(self, deliveries: list[Delivery]) -> None:
        while True:
            try:
                self.call(deliveries)
            except Exception as error:  # noqa: BLE001 - not acknowledged, so nothing is lost; try again
                self.failed(error)
                if self.stopping:
                    raise BusUnavailable from None
            else:
                return


loop = Loop.decorator
batches = Batches.decorator


def run(services: list[type[Any]], settings: Settings) -> None:
    """Run nameko services in this process until SIGTERM or SIGINT."""
    runner = ServiceRunner({"settings": settings, "AMQP_URI": settings.amqp_uri})
    for service in services:
        runner.add_service(service)
    stop: Event = Event()

    def on_signal(*_: Any) -> None:
        if not stop.ready():
            stop.send()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    runner.start()
    _log.info("worker started")
    stop.wait()
    runner.stop()
