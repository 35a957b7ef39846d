"""A whole installation in one process, on a real PostgreSQL, with every mishap drawn from one seed.

    simulation = Simulation(settings, events, seed)
    simulation.run()          # amid mishaps; then everything is healed
    outcome = simulation.checker.check(settings)

Departments, doors, relays, consumer and family case are the program's own. Only the bus and the wire to the doors are
replaced: they lose, double, delay, reorder, spoil, or do not answer. A part dies where it touches the database: before,
in, or right after a transaction. The same seed gives the same run.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from werkzeug.test import Client as Visitor

from services.processes import assembly
from shared.bus.broker import BusUnavailable, Delivery
from shared.door.client import DepartmentUnavailable
from shared.door.http import department_app
from shared.errors import Refused
from shared.keys.files import Keys
from shared.postgres.database import Unavailable
from shared.settings import Settings
from tests.faults.tools.checker import Checker
from tests.faults.tools.touches import MOMENTS, Crash, touched_by
from tests.faults.tools.wire import Living, Wire
from tests.faults.tools.workload import Submission

ROUNDS = 8
"""How often everything is relayed, delivered and fetched at the end. Two are enough if nothing is wrong."""
TOUCHES = 4
"""A part that is to die does so at one of so many touches of the database of one kind, or at its first commit."""


class Simulation:
    """One run. Of 100 chances, `mishaps` go wrong; of 100 steps of the family case, it dies in `case_dies`.

    In an `orderly` run the bus keeps what it took, in order. Only then can the family case be denied to `pull` what it
    lacks from the doors: otherwise that heals everything.
    """

    def __init__(
        self,
        settings: Settings,
        events: list[Submission],
        seed: object,
        *,
        mishaps: int = 15,
        orderly: bool = False,
        pull: bool = True,
        case_dies: int = 0,
    ) -> None:
        self.settings, self.mishaps, self.orderly, self.pull = settings, mishaps, orderly, pull
        self.case_dies = case_dies or mishaps
        self.chance = random.Random(f"simulation {seed}")  # noqa: S311 - the same again for the same seed
        self.checker = Checker()
        self.unsent: dict[str, list[Submission]] = {}
        for submission in reversed(events):
            self.unsent.setdefault(submission["type"].partition(".")[0], []).append(submission)
        self.sent: list[Submission] = []
        self.queue: list[Delivery] = []
        self.met: Counter[str] = Counter()
        self.dies, self.touches_left = "", 0
        self.converged = False
        self._parts: dict[tuple[str, str], Any] = {}
        self._doors: dict[str, Visitor] = {}

    def run(self) -> "Simulation":
        """Send every event amid mishaps; then heal."""
        acts = [self.send] * 8 + [self.relay] * 5 + [self.deliver] * 5 + [self.watch] * 2
        acts += [self.sign, self.restart]
        with touched_by(self._touch):
            while any(self.unsent.values()):
                self.chance.choice(acts)(self.chance.choice(sorted(self.unsent)))
            self.heal()
        return self

    def heal(self) -> None:
        """End the mishaps; relay, deliver and fetch until the case has what the departments have."""
        self.mishaps = self.case_dies = 0
        self.restart("")
        for _ in range(ROUNDS):
            for name in assembly.NAMES:
                while self._part("relay", name).step() is not None:
                    pass
                self.deliver(name, most=len(self.queue))
                self.watch(name)
            heads = {name: self._part("department", name).recorder.max_notification_id() for name in self.unsent}
            received = self._part("consumer").cases.received
            self.converged = all(received(name) == head for name, head in heads.items())
            if self.converged:
                break
        self.sign("")

    # -- what happens

    def send(self, name: str) -> None:
        """Let a desk send its next event, or one again that it has a receipt for. It keeps it until the receipt."""
        again = bool(self.sent) and self._mishap("sent again")
        if not (again or self.unsent[name]):
            return
        submission = self.chance.choice(self.sent) if again else self.unsent[name][-1]
        self.checker.attempted(submission)
        receipts: list[Any] = []
        log = submission["type"].partition(".")[0]
        try:
            if not self._survives(
                "department", log, lambda department: receipts.append(department.receive(submission)[0])
            ):
                return
            self.checker.acknowledged(submission, receipts[0])
        except Refused:  # no event of a workload is, unless something is wrong
            self.checker.refused(submission)
        if not again:
            self.sent.append(self.unsent[name].pop())

    def relay(self, name: str) -> None:
        """Let a relay publish its next message."""
        self._survives("relay", name, lambda relay: relay.step())

    def publish(self, delivery: Delivery, _: str) -> None:
        """Be the bus: refuse, lose, double, spoil, or fail to confirm a message."""
        if self._mishap("refused"):
            raise BusUnavailable
        if not self._disorder("lost"):
            copies = self.chance.randint(2, 5) if self._mishap("doubled") else 1
            spoilt = Delivery(delivery.log, delivery.signature, delivery.body[:-1] + b" ]")
            self.queue += [spoilt if self._disorder("spoilt") else delivery for _ in range(copies)]
        if self._mishap("not confirmed"):
            raise BusUnavailable

    def deliver(self, _: str, most: int = 6) -> None:
        """Deliver some messages in any order; they stay in the queue until they were handled."""
        if self.mishaps and not self.orderly:
            self.chance.shuffle(self.queue)
        batch = self.queue[:most]
        if batch and self._survives("consumer", "", lambda consumer: consumer.handle(batch)):
            del self.queue[: len(batch)]

    def watch(self, name: str) -> None:
        """Let the family case look whether something of a log is missing."""
        if self.pull:
            self._survives("consumer", "", lambda consumer: consumer.watch(name))

    def sign(self, _: str) -> None:
        """Let the family case sign a checkpoint over its own log."""
        self._part("signer")()

    def restart(self, _: str) -> None:
        """End every part at once, with what it had in memory; now and then, wipe the broker."""
        self._parts.clear()
        if self._disorder("wiped"):
            self.queue.clear()

    # -- the parts, and how they die

    def _part(self, kind: str, name: str = "") -> Any:
        """Return a part, made as after a start if it is not there."""
        if (kind, name) not in self._parts:
            self._parts[kind, name] = getattr(self, f"_new_{kind}")(name)
        return self._parts[kind, name]

    def _new_department(self, name: str) -> Any:
        return assembly.department(name, self.settings)

    def _new_relay(self, name: str) -> Any:
        relay = assembly.relay(name, self.settings)
        relay.writer = self  # type: ignore[assignment]
        return relay

    def _new_consumer(self, _: str) -> Any:
        found = assembly.consumer(self.settings)
        found.client = Wire(self.settings, self.visit)
        found.cases.file_unknown_types()
        return found

    def _new_signer(self, _: str) -> Any:
        return assembly.case_checkpoints(self.settings)

    def _survives(self, kind: str, name: str, work: Callable[[Any], object]) -> bool:
        """Let a part do something; return whether it came through. It may die in the middle of it."""
        part = self._part(kind, name)
        doomed = self.chance.randrange(100) < (self.case_dies if kind == "consumer" else self.mishaps)
        self.dies = self.chance.choice(MOMENTS)
        most = 1 if self.dies == "before commit" else TOUCHES
        self.touches_left = self.chance.randint(1, most) if doomed else 0
        try:
            work(part)
        except Crash:
            self.met["crashed"] += 1
            del self._parts[kind, name]
            return False
        except (BusUnavailable, Unavailable):
            return False
        finally:
            self.touches_left = 0
        return True

    def _touch(self, moment: str) -> None:
        if self.touches_left and moment == self.dies:
            self.touches_left -= 1
            if not self.touches_left:
                raise Crash

    def _mishap(self, what: str) -> bool:
        wrong = self.chance.randrange(100) < self.mishaps
        self.met[what] += wrong
        return wrong

    def _disorder(self, what: str) -> bool:
        return not self.orderly and self._mishap(what)

    def visit(self, selector: str, key: str) -> Any:
        """Be the wire to a door: it may not answer."""
        if self._mishap("door silent"):
            raise DepartmentUnavailable
        name, _, path = selector.lstrip("/").partition("/")
        if name not in self._doors:  # making one takes longer than asking it a hundred times
            app = department_app(name, Living(lambda: self._part("department", name)), Keys(self.settings.keys).permits)  # type: ignore[arg-type]
            self._doors[name] = Visitor(app)
        return self._doors[name].get(f"/{path}", headers={"Authorization": f"Bearer {key}"})
