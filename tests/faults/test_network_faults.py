"""A bad network, two of every process, messages that come several times: the same histories as without."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import shared.bus.relay
from services.processes import assembly
from shared.bus.broker import Delivery
from shared.settings import EMBEDDED_BUS
from tests.faults.tools.afterwards import all_is_well
from tests.faults.tools.checker import Checker
from tests.faults.tools.processes import Running, forget_queue
from tests.faults.tools.proof import Proof
from tests.faults.tools.proxy import Proxy
from tests.faults.tools.schedule import Fault, disturb
from tests.faults.tools.senders import sending
from tests.faults.tools.workload import stories

Make = Callable[..., Running]


def test_a_bad_network_to_the_broker_and_to_the_departments_loses_and_doubles_nothing(
    rabbit: str, running: Make, tmp_path: Path, proof: Proof
) -> None:
    installation = running(EMBEDDED_BUS)
    installation.start("web")
    bus, doors = urlsplit(rabbit), urlsplit(installation.settings.url)
    events, checker = stories(proof.random, proof.of(250, 4_000)), Checker()
    with Proxy((str(bus.hostname), bus.port or 0)) as to_bus, Proxy((str(doors.hostname), doors.port or 0)) as to_doors:
        behind_both = replace(
            installation.settings,
            amqp_uri=f"amqp://guest:guest@127.0.0.1:{to_bus.port}//",
            url=f"http://127.0.0.1:{to_doors.port}",
        )
        worker = Running(behind_both, tmp_path)
        worker.start("worker")
        try:
            with sending(installation.settings, events, checker, per_second=proof.of(20, 40)):
                faults = [fault for network in (to_bus, to_doors) for fault in bad_weather(network)]
                faults.append(Fault("queue deleted", lambda: forget_queue(rabbit), 2))
                schedule = disturb(faults, proof.of(14, 80), proof.random, pause=(0.1, 0.8))
            outcome = all_is_well(worker, checker, tmp_path)
        finally:
            worker.stop()
    proof.note(**outcome.as_dict(), **schedule.counts(), connections=to_bus.connections + to_doors.connections)


def bad_weather(network: Proxy) -> list[Fault]:
    """Return everything that can be wrong with a network for a moment."""

    def for_a_moment(name: str, value: object, seconds: float) -> Callable[[], None]:
        def do() -> None:
            before = getattr(network, name)
            setattr(network, name, value)
            time.sleep(seconds)
            setattr(network, name, before)
            if name == "swallow":
                network.cut()  # half of what was said is missing: no connection can go on

        return do

    return [
        Fault("cut", network.cut, 3),
        Fault("reset", network.reset, 3),
        Fault("delayed", for_a_moment("delay", 0.1, 1.0)),
        Fault("in pieces", for_a_moment("piece", 7, 1.0)),
        Fault("swallowed", for_a_moment("swallow", True, 1.0)),
        Fault("refused", for_a_moment("closed", True, 0.5)),
    ]


def test_two_webs_and_two_workers_that_get_every_event_twice_record_and_file_it_once(
    rabbit: str, started: Make, tmp_path: Path, proof: Proof
) -> None:
    one = started(rabbit)
    (tmp_path / "other").mkdir()
    other = Running.on_free_port(one.settings, tmp_path / "other")
    events, checker = stories(proof.random, proof.of(150, 3_000)), Checker()
    try:
        other.start("web")
        other.start("worker")
        with sending(one.settings, events, checker) as first, sending(other.settings, events, checker) as second:
            pass
        outcome = all_is_well(one, checker, tmp_path)
    finally:
        other.stop()
    answers = first.answers + second.answers
    proof.note(**outcome.as_dict(), answers=dict(answers))
    assert answers == {201: len(events), 200: len(events)}


class Captured:
    """Takes what a relay publishes, in place of the bus."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    def publish(self, delivery: Delivery, _: str) -> None:
        """Take one message."""
        self.deliveries.append(delivery)


def test_messages_that_come_up_to_five_times_in_any_order_give_the_same_histories(
    running: Make, tmp_path: Path, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.bus.relay, "PACK", 1)
    installation = running(EMBEDDED_BUS)
    installation.start("web")
    events, checker = stories(proof.random, proof.of(200, 5_000)), Checker()
    with sending(installation.settings, events, checker):
        pass
    captured = Captured()
    for name in assembly.NAMES:
        relay = assembly.relay(name, installation.settings)
        relay.writer = captured  # type: ignore[assignment]
        while relay.step() is not None:
            pass
        relay.database.close()
    deliveries = shuffled([one for one in captured.deliveries for _ in range(proof.random.randint(1, 5))], proof.random)
    delivered = len(deliveries)
    consumer = assembly.consumer(installation.settings)
    while deliveries:
        batch = [deliveries.pop() for _ in range(min(proof.random.randint(1, 40), len(deliveries)))]
        consumer.handle(batch)
        if proof.random.random() < 0.1:
            consumer.watch(proof.random.choice(list(assembly.NAMES)))
    for log in assembly.NAMES:
        consumer.catch_up(log)
    outcome = all_is_well(installation, checker, tmp_path, relayed=False)
    consumer.cases.database.close()
    consumer.ring._database.close()
    proof.note(**outcome.as_dict(), messages=len(captured.deliveries), deliveries=delivered)


def shuffled(deliveries: list[Delivery], chance: random.Random) -> list[Delivery]:
    """Return the messages, each displaced by a random distance; most are near their place, as on a real bus."""
    keyed = [(place + chance.expovariate(1 / 50), place) for place in range(len(deliveries))]
    return [deliveries[place] for _, place in sorted(keyed, reverse=True)]
