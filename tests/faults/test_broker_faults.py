"""The broker is a cache: wiped, hung, full or deaf, it is in nobody's way and loses nothing."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import shared.bus.broker
import shared.bus.relay
from services.processes import assembly
from shared.bus.broker import WAIT_S, BusReader, BusUnavailable, BusWriter, Delivery, case_queue, connect
from tests.faults.tools.afterwards import all_is_well, behind
from tests.faults.tools.broker import RabbitMQ
from tests.faults.tools.checker import Checker
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.faults.tools.schedule import Fault, disturb
from tests.faults.tools.senders import Load, sending
from tests.faults.tools.workload import stories
from tests.world import wait_for

Make = Callable[..., Running]
STOP_S = 10.0
"""What `yihu up` gives a process to end by itself."""
PROMPT_S = 1.0
"""How long 95 of 100 posts take at most, on a machine that does other things too."""


def undisturbed(load: Load) -> bool:
    """Say whether no sender noticed anything: each post was answered by a receipt, none waited for the broker."""
    return set(load.answers) == {201} and load.slowest(0.95) < PROMPT_S and max(load.took) < WAIT_S


def test_a_broker_that_is_wiped_again_and_again_loses_nothing(
    broker: RabbitMQ, rabbit: str, started: Make, tmp_path: Path, proof: Proof
) -> None:
    installation = started(rabbit)
    events, checker = stories(proof.random, proof.of(200, 2_000)), Checker()
    with sending(installation.settings, events, checker, per_second=proof.of(20, 50)) as load:
        schedule = disturb([Fault("broker wiped", broker.wipe)], proof.of(1, 3), proof.random, pause=(0.5, 2))
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), **schedule.counts(), slowest_receipt_s=round(max(load.took), 2))
    assert undisturbed(load)


def test_a_hung_broker_is_in_nobodys_way_and_the_worker_still_stops(
    broker: RabbitMQ, rabbit: str, started: Make, tmp_path: Path, proof: Proof
) -> None:
    installation = started(rabbit)
    events, checker = stories(proof.random, proof.of(200, 1_500)), Checker()
    hung_s = proof.of(6, 30)
    with sending(installation.settings, events, checker, per_second=len(events) / (hung_s + 2)) as load:
        wait_for(lambda: behind(installation) < load.receipted > 20, what="the bus is in use")
        broker.pause()
        try:
            time.sleep(hung_s / 2)
            installation.signal("worker", signal.SIGTERM)
            begun = time.monotonic()
            assert installation.processes["worker"].wait(STOP_S) == 0
            stopped_s = time.monotonic() - begun
            installation.start("worker")
            time.sleep(max(hung_s / 2 - stopped_s, 0))
        finally:
            broker.resume()
    begun = time.monotonic()
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(
        **outcome.as_dict(), hung_s=hung_s, p99_s=round(load.slowest(), 3),
        worker_stopped_after_s=round(stopped_s, 1), drained_after_s=round(time.monotonic() - begun, 1),
    )  # fmt: skip
    assert undisturbed(load)
    installation.signal("worker", signal.SIGTERM)
    assert installation.processes["worker"].wait(STOP_S) == 0


def test_a_broker_that_takes_nothing_for_want_of_disk_lets_relays_wait(
    broker: RabbitMQ, rabbit: str, started: Make, tmp_path: Path, proof: Proof
) -> None:
    installation = started(rabbit)
    events, checker = stories(proof.random, proof.of(100, 1_000)), Checker()
    broker.control("set_disk_free_limit", "100000GB")
    try:
        with sending(installation.settings, events, checker, per_second=proof.of(50, 100)) as load:
            pass
        wait_for(installation.caught_up, 30, "the case fetched what the relays cannot publish")
        kept_back = behind(installation)
        assert kept_back > 0
    finally:
        broker.control("set_disk_free_limit", "50MB")
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), kept_back=kept_back)
    assert undisturbed(load)


def test_a_full_queue_takes_no_message_and_takes_them_again_when_there_is_room(
    rabbit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.bus.broker, "QUEUE_MESSAGES", 3)
    queue = case_queue("small")
    writer = BusWriter(rabbit, queue)
    taken: list[Delivery] = []
    published = 0
    with suppress(BusUnavailable):
        while published < 10:
            writer.publish(Delivery("yihu/education", b"", b"%d" % published), "full")
            published += 1
    assert published < 10
    with pytest.raises(BusUnavailable):
        writer.publish(Delivery("yihu/education", b"", b"more"), "full")
    BusReader(rabbit, queue).run(taken.extend, lambda: len(taken) >= published)
    assert [one.body for one in taken] == [b"%d" % number for number in range(published)]
    writer.publish(Delivery("yihu/education", b"", b"room"), "full")
    writer.close()
    with connect(rabbit) as connection:
        queue(connection.channel()).delete()


def test_a_queue_that_came_back_without_a_leader_is_made_anew(
    broker: RabbitMQ, rabbit: str, started: Make, tmp_path: Path, proof: Proof
) -> None:
    installation = started(rabbit)
    events, checker = stories(proof.random, proof.of(60, 600)), Checker()
    half = len(events) // 2
    with sending(installation.settings, events[:half], checker):
        pass
    wait_for(lambda: behind(installation) == 0, what="relayed")
    # what RabbitMQ 3.10 comes to when it is killed right after the queue was declared
    broker.control("eval", f"ra:force_delete_server(quorum_queues, {{'%2F_{assembly.QUEUE.name}', node()}}).")
    installation.restart("worker")
    with sending(installation.settings, events[half:], checker) as load:
        pass
    begun = time.monotonic()
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), all_is_well_after_s=round(time.monotonic() - begun, 1))
    assert undisturbed(load)
    assert installation.output().count("it is made anew") == 1


def test_without_any_broker_departments_record_and_the_case_fetches_what_they_recorded(
    broker: RabbitMQ, rabbit: str, started: Make, tmp_path: Path, proof: Proof
) -> None:
    events, checker = stories(proof.random, proof.of(100, 2_000)), Checker()
    broker.kill()
    try:
        installation = started(rabbit)
        with sending(installation.settings, events, checker) as load:
            pass
        wait_for(installation.caught_up, what="the case fetched everything")
        assert behind(installation) == len(events)
    finally:
        broker.start()
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict())
    assert undisturbed(load)
