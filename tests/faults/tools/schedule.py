"""Faults at random moments while something else goes on: seeded, written down, and always put right again.

    faults = [Fault("worker killed", lambda: installation.restart("worker"), 5), Fault("broker wiped", broker.wipe)]
    with sending(installation.settings, events, checker, per_second=25):
        schedule = disturb(faults, times=50, chance=proof.random, pause=(0.5, 3))
    proof.note(**schedule.counts())

What a fault does it also undoes: when it returns, everything runs again. The same seed gives the same faults in the
same order after the same pauses. `str(schedule)` tells second by second what was done; so does a fault that fails.

Faults are done in the test's own thread, the load in others: PostgreSQL and RabbitMQ end with the thread that started
them, so that a killed test run leaves nothing behind.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and is put right, when `do` is called; `weight` says how often it is drawn."""

    name: str
    do: Callable[[], object]
    weight: float = 1.0


@dataclass
class Schedule:
    """The faults that were done: the second of the run, and which."""

    begun: float = field(default_factory=time.monotonic)
    record: list[tuple[float, str]] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the record, a line for each fault."""
        return "\n".join(f"{second:7.2f} {name}" for second, name in self.record)

    def counts(self) -> dict[str, int]:
        """Return how often each fault was done, for `proof.note`."""
        return {name.replace(" ", "_"): times for name, times in Counter(name for _, name in self.record).items()}

    def do(self, fault: Fault) -> None:
        """Write a fault down and do it."""
        self.record.append((time.monotonic() - self.begun, fault.name))
        try:
            fault.do()
        except BaseException as error:
            error.add_note(f"the faults so far:\n{self}")
            raise


def disturb(
    faults: list[Fault], times: int, chance: random.Random, pause: tuple[float, float] = (0.3, 2.0)
) -> Schedule:
    """Do so many of the faults, each of them once if there is room and the others by weight, after a pause each."""
    drawn = chance.sample(faults, min(times, len(faults)))
    drawn += chance.choices(faults, [fault.weight for fault in faults], k=times - len(drawn))
    chance.shuffle(drawn)
    schedule = Schedule()
    for seconds, fault in [(chance.uniform(*pause), fault) for fault in drawn]:
        time.sleep(seconds)
        schedule.do(fault)
    return schedule
