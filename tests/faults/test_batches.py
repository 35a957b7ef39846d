"""Batches that race, and batches in whose middle the web process or the database is lost: whole, or not at all."""

import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from shared.settings import EMBEDDED_BUS
from tests.faults.tools.afterwards import all_is_well
from tests.faults.tools.batches import Batch, Desks, cut, recorded
from tests.faults.tools.checker import Checker
from tests.faults.tools.database import Database
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.faults.tools.schedule import Fault, disturb
from tests.faults.tools.workload import by_source, stories
from tests.world import wait_for

FEDERATION = "urn:yihu:disability_federation:desk"
CONFLICT = 409
CONTESTED_EVERY = 7
"""Of so many events one is said differently by each sender, under the same id."""


@pytest.fixture
def database(keys: Path) -> Iterator[Database]:
    """A PostgreSQL that is lost, in a path short enough for its socket."""
    with (
        TemporaryDirectory(prefix="yihu-db-", ignore_cleanup_errors=True) as place,
        Database(Path(place) / "lost", keys) as server,
    ):
        yield server


def federation(proof: Proof, number: int) -> Batch:
    """Return so many events of one department, in an order that its rules accept."""
    return by_source(stories(proof.random, number * 5))[FEDERATION][:number]


def whole_or_not(desks: Desks, batch: Batch, before: int) -> None:
    """Send a batch again of which so many events were in the log: all, with their receipts to come; or none."""
    assert before in {0, len(batch)}, f"{before} of {len(batch)} events of a batch are recorded"
    answers = desks.send(batch)
    assert {answer["status"] for answer in answers} == {200 if before else 201}
    again = desks.send(batch)
    assert [answer["receipt"] for answer in again] == [answer["receipt"] for answer in answers]


# -- a race


def as_said_by(events: Batch, sender: int) -> Batch:
    """Return the events as one of several senders says them: contested ones a little differently."""
    found = []
    for number, submission in enumerate(events):
        at = datetime.fromisoformat(submission["time"]) + timedelta(seconds=-sender)
        found.append(submission | {"time": at.isoformat()} if number % CONTESTED_EVERY == 0 else submission)
    return found


def test_batches_that_race_for_the_same_streams_and_ids_are_recorded_once_and_only_one_wins_an_id(
    started: Callable[..., Running], tmp_path: Path, proof: Proof
) -> None:
    installation = started(EMBEDDED_BUS)
    checker = Checker(one_by_one=False)
    desks = Desks(installation.settings, checker)
    events = by_source(stories(proof.random, proof.of(300, 4_000)))
    senders, longest = proof.of(2, 4), proof.of(30, 200)
    seeds = {(source, sender): proof.random.random() for source in events for sender in range(senders)}

    def send_all(source: str, sender: int) -> list[tuple[str, int]]:
        chance = random.Random(seeds[source, sender])  # noqa: S311
        answers = []
        for batch in cut(as_said_by(events[source], sender), chance, longest):
            twice = [*batch, batch[-1]]  # the last event is a duplicate of the one before
            answers += [
                (submission["id"], answer["status"])
                for submission, answer in zip(twice, desks.send(twice), strict=True)
            ]
        return answers

    with ThreadPoolExecutor(len(seeds)) as pool:
        found = {key: job.result() for key, job in {key: pool.submit(send_all, *key) for key in seeds}.items()}
    won = 0
    for source, own in events.items():
        contested = {one["id"] for one in own[::CONTESTED_EVERY]}
        told = [dict(found[source, sender]) for sender in range(senders)]
        for one in own:
            statuses = sorted(answers[one["id"]] for answers in told)
            losers = senders - 1 if one["id"] in contested else 0
            assert statuses.count(CONFLICT) == losers, (one["type"], statuses)
            won += bool(losers)
        new = [answer for sender in range(senders) for answer in found[source, sender] if answer[1] == 201]
        assert len({name for name, _ in new}) == len(new) == len(own), "each recorded once, and one was told so"
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), senders=senders, contested=won, answers=dict(desks.answers))
    assert outcome.acknowledged == sum(map(len, events.values()))


# -- the web process lost


KILLED = {"before_commit": False, "mid_append": False, "between_commit_and_receipt": True}
"""Where the web process dies, and whether the batch is on record then."""


def test_a_batch_in_whose_middle_the_web_process_is_killed_is_recorded_whole_or_not_at_all(
    started: Callable[..., Running], tmp_path: Path, proof: Proof
) -> None:
    installation = started(EMBEDDED_BUS)
    checker = Checker()
    desks = Desks(installation.settings, checker)
    batches = list(cut(federation(proof, proof.of(30, 1_500)), proof.random, proof.of(15, 150)))
    for batch, (point, kept) in zip(batches, cycle(KILLED.items()), strict=False):
        installation.kill("web")
        installation.start("web", crash=(point, 1))
        assert desks.post(batch) is None
        assert installation.processes["web"].wait(10) == -signal.SIGKILL
        [before] = recorded(installation.settings, batch)
        assert before == (len(batch) if kept else 0)
        installation.start("web")
        whole_or_not(desks, batch, before)
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), kills=len(batches), answers=dict(desks.answers))


# -- the database lost


LOST = {b"pg_advisory_xact_lock": False, b'"specversion"': False, b"COMMIT": True}
"""After which word to the database its connections are lost, and whether the batch is on record then."""


def test_a_batch_in_whose_middle_the_database_is_lost_is_recorded_whole_or_not_at_all(
    database: Database, tmp_path: Path, proof: Proof
) -> None:
    checker = Checker()
    batches = list(cut(federation(proof, proof.of(80, 1_500)), proof.random, proof.of(20, 150)))
    with database.behind_proxy() as (network, settings):
        web = Running.on_free_port(settings, tmp_path)
        worker = Running.on_free_port(database.settings, tmp_path, url=web.settings.url)
        web.start("web")
        desks = Desks(web.settings, checker)
        try:
            for batch, (word, kept) in zip(batches, cycle(LOST.items()), strict=False):
                network.cut_after(word)
                lost = desks.post(batch)
                assert lost is None or {answer["status"] for answer in lost} == {503}, "no answer before it is kept"
                [before] = recorded(database.settings, batch)
                assert before == (len(batch) if kept else 0)
                whole_or_not(desks, batch, before)
            worker.start("worker")  # only now: what it asks the doors for commits too
            outcome = all_is_well(worker, checker, tmp_path)
        finally:
            web.stop()
            worker.stop()
    proof.note(**outcome.as_dict(), cuts=network.cuts, answers=dict(desks.answers))
    assert network.cuts == len(batches)


def test_batches_go_on_while_web_and_database_are_killed_again_and_again(
    database: Database, tmp_path: Path, proof: Proof
) -> None:
    installation = Running.on_free_port(database.settings, tmp_path)
    checker = Checker()
    desks = Desks(installation.settings, checker)
    events = by_source(stories(proof.random, proof.of(600, 6_000)))
    batches = {source: list(cut(some, proof.random, proof.of(8, 30))) for source, some in events.items()}
    over = threading.Event()

    def send_all(source: str) -> None:
        for batch in batches[source]:
            over.wait(0.05)
            desks.send(batch)

    def kill_web() -> None:
        installation.kill("web")
        for some in batches.values():
            counts = recorded(installation.settings, *some)
            assert all(count in {0, len(batch)} for count, batch in zip(counts, some, strict=True)), "a batch in part"
        installation.start("web")

    kills = [
        Fault("web killed", kill_web, 3),
        Fault("postgresql killed", database.restart, 2),
        Fault("worker killed", lambda: installation.restart("worker"), 1),
    ]
    try:
        installation.start("web")
        installation.start("worker")
        with ThreadPoolExecutor(len(batches)) as pool:
            jobs: list[Any] = [pool.submit(send_all, source) for source in batches]
            try:
                wait_for(lambda: desks.answers[201] > 0, what="the first receipts")
                schedule = disturb(kills, proof.of(5, 40), proof.random, pause=(0.1, 0.8))
                for job in jobs:
                    job.result()
            finally:
                desks.given_up.set()
        outcome = all_is_well(installation, checker, tmp_path)
    finally:
        installation.stop()
    proof.note(**outcome.as_dict(), **schedule.counts(), answers=dict(desks.answers))
    assert set(desks.answers) <= {0, 200, 201, 503}
    assert outcome.acknowledged == sum(map(len, events.values()))
