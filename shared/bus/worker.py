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
from collections.abc import Callable, Iterable
from typing import Any

import eventlet.debug
from eventlet.event import Event
from kombu import Queue
from nameko.extensions import DependencyProvider, Entrypoint
from nameko.runners import ServiceRunner

from shared.bus.broker import BusReader, BusUnavailable, Delivery
from shared.bus.wake import Bell
from shared.errors import YihuError
from shared.settings import Settings

SOON_S, IDLE_S, SLOWER = 0.02, 0.1, 1.1
"""How soon a loop looks again after it found nothing, how late at most, and how much later each further time."""
GATHER_S = 0.004
"""How long a loop that is woken rests after each look: what comes meanwhile wakes it once."""
FAILED_S = 1.0
"""How long a loop or reader rests after a failure."""
STOP_S = 8.0
"""How long what is under way may take after SIGTERM; what then still waits for a broker or database is cut off."""
WORKERS = 64
"""How many methods of one service may run at the same time; each loop needs one."""

_log = logging.getLogger(__name__)
eventlet.debug.hub_exceptions(False)  # they would be printed with their messages, which may hold anything


class BrokeDown(Exception):
    """A loop or reader ended by an exception: its service ends, and with it the process."""


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
        self.stopped: Event = Event()
        self.threads: list[Any] = []
        self._problem = ""

    def start(self) -> None:
        self.spawn()

    def stop(self) -> None:
        self.kill()
        for thread in self.threads:
            thread.wait()

    def kill(self) -> None:
        self.stopping = True
        if not self.stopped.ready():
            self.stopped.send()

    def rest(self, seconds: float) -> None:
        """Do nothing for some seconds, or until the container stops."""
        if not seconds:
            return
        with eventlet.Timeout(seconds, False):
            self.stopped.wait()

    def spawn(self, *args: Any) -> None:
        """Run `run` with these arguments in a greenlet of its own."""

        def guarded() -> None:
            try:
                self.run(*args)
            except Exception as error:  # noqa: BLE001 - eventlet would print its message
                _log.critical("%s broke down", self.method_name, exc_info=error)
                raise BrokeDown from None

        spawn = self.container.spawn_managed_thread
        self.threads.append(spawn(guarded, identifier=f"{self.method_name} loop"))

    def run(self, *args: Any) -> None:
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
        self.worked()
        return result

    def worked(self) -> None:
        """Log that what failed before works again."""
        if self._problem:
            _log.info("%s works again", self.method_name)
            self._problem = ""

    def failed(self, error: Exception) -> None:
        """Log a failure by its type and code, the same one only once, and rest."""
        problem = f"{type(error).__name__} {getattr(error, 'code', '')}".strip()
        if problem != self._problem:
            known = isinstance(error, YihuError)
            _log.warning("%s fails: %s", self.method_name, problem, exc_info=None if known else error)
            self._problem = problem
        self.rest(FAILED_S)


class Loop(_Endless):
    """Calls a method again and again, seldom when it finds nothing to do.

    The method returns after how many seconds it wants to be called again, or None when it found nothing.

    With `each`, one loop for each name, which the method gets: one that has to wait does not keep the others waiting.

    With `woken`, it also calls the method as soon as somebody rings under that name. Where that cannot be, it looks
    again and again, as the others do.
    """

    def __init__(self, every: float = 0.0, each: Iterable[str] = (), woken: str = "", **kwargs: Any) -> None:
        self.every = every
        self.each = tuple(each)
        self.woken = woken
        self.bell: Bell | None = None
        super().__init__(**kwargs)

    def setup(self) -> None:
        """Listen for who wakes it."""
        directory = self.container.config["settings"].wake
        if self.woken and directory:
            try:
                self.bell = Bell(directory, self.woken)
            except OSError as error:
                _log.warning("nobody can wake %s: %s", self.woken, type(error).__name__)

    def start(self) -> None:
        """Start the loops."""
        for name in self.each:
            self.spawn(name)
        if not self.each:
            self.spawn()

    def run(self, *args: Any) -> None:
        """Run until the container stops."""
        if args:  # the loops of several names do not all wake at once
            self.rest(self.every * self.each.index(*args) / len(self.each))
        idle = SOON_S
        while not self.stopping:
            try:
                rest = self.call(*args)
            except Exception as error:  # noqa: BLE001 - a loop outlives everything
                self.failed(error)
                continue
            idle = min(IDLE_S, idle * SLOWER) if rest is None else SOON_S
            if self.bell is None:
                self.rest((self.every or idle) if rest is None else rest)
            elif rest != 0:
                self.rest(rest or GATHER_S)
                self.bell.wait(IDLE_S)


class Once(_Endless):
    """Calls a method when the worker starts, and again only until it has succeeded."""

    def run(self) -> None:
        """Run until it has succeeded or the container stops."""
        while not self.stopping:
            try:
                self.call()
            except Exception as error:  # noqa: BLE001 - it is tried again
                self.failed(error)
            else:
                return


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
            except Exception as error:  # noqa: BLE001 - whatever broke the reader, a new one reads on
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
once = Once.decorator
batches = Batches.decorator


def run(services: list[type[Any]], settings: Settings) -> bool:
    """Run nameko services in this process until SIGTERM or SIGINT; return whether none of them broke down."""
    runner = ServiceRunner({"settings": settings, "AMQP_URI": settings.amqp_uri, "max_workers": WORKERS})
    for service in services:
        runner.add_service(service)
    stopping: list[int] = []
    broken: list[BaseException] = []

    def watch(container: Any) -> None:
        try:
            container.wait()
        except Exception as error:  # noqa: BLE001 - a process with half of its services is worse than none
            _log.critical("a service broke down", exc_info=error)
            broken.append(error)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopping.append(number))
    runner.start()
    for container in runner.containers:  # one by one: the runner's own `wait` prints the exception's message
        eventlet.spawn(watch, container)
    _log.info("worker started")
    while not stopping and not broken:
        eventlet.sleep(IDLE_S)  # a signal wakes nobody who waits for longer
    with eventlet.Timeout(STOP_S, False):
        runner.stop()
    return not broken
