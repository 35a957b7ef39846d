"""The wake-up: who rings wakes who waits, and nothing that happens to a datagram harms anybody."""

import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.processes import assembly
from shared.bus.wake import PENDING, Bell, Waker
from shared.settings import Settings
from tests.world import event, family_opened

NAME = "disability_federation"


@pytest.fixture
def listen(scratch: Path) -> Iterator[Callable[[], Bell]]:
    """Listen under the name; closed after the test."""
    made: list[Bell] = []

    def make() -> Bell:
        made.append(Bell(scratch, NAME))
        return made[-1]

    yield make
    for bell in made:
        bell.close()


def test_who_waits_is_woken_at_once(listen: Callable[[], Bell], scratch: Path) -> None:
    bell, begun = listen(), time.monotonic()
    threading.Timer(0.05, Waker(scratch, NAME).wake).start()
    assert bell.wait(5)
    assert time.monotonic() - begun < 1


def test_who_is_not_woken_waits_no_longer_than_it_said(listen: Callable[[], Bell], scratch: Path) -> None:
    bell = listen()
    Waker(scratch, "education").wake()
    assert not bell.wait(0.05)


def test_what_rang_while_nobody_waited_wakes_once(listen: Callable[[], Bell], scratch: Path) -> None:
    bell = listen()
    for _ in range(5):
        Waker(scratch, NAME).wake()
    assert bell.wait(5)
    assert not bell.wait(0.01)


def test_nobody_who_rings_fails_or_waits_where_nobody_listens(listen: Callable[[], Bell], scratch: Path) -> None:
    begun = time.monotonic()
    Waker(scratch / "none", NAME).wake()
    Waker(scratch / ("deep/" * 60), NAME).wake()
    listen().close()
    Waker(scratch, NAME).wake()  # what a killed worker leaves
    listen()
    for _ in range(10_000):
        Waker(scratch, NAME).wake()  # nobody takes them away
    assert time.monotonic() - begun < 5


def test_what_is_sent_without_end_keeps_no_relay_from_its_work(listen: Callable[[], Bell], scratch: Path) -> None:
    bell, stop = listen(), threading.Event()
    bell.wait(0)

    def flood() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            while not stop.is_set():
                sender.sendto(b"x" * 10_000, str(scratch / f"{NAME}.wake"))  # waits whenever there is no room

    thread = threading.Thread(target=flood)
    thread.start()
    begun = time.monotonic()
    try:
        assert all(bell.wait(5) for _ in range(20))
        assert time.monotonic() - begun < 5, f"it takes {PENDING} away at most, and goes on"
    finally:
        stop.set()
        while thread.is_alive():
            bell.wait(0.01)


def test_the_socket_is_its_users_alone_and_a_new_worker_replaces_a_killed_ones(
    listen: Callable[[], Bell], scratch: Path
) -> None:
    listen()
    later = listen()
    made = scratch / f"{NAME}.wake"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    Waker(scratch, NAME).wake()
    assert later.wait(5)
    assert [path.name for path in scratch.glob(f"{NAME}.wake*")] == [made.name]


def test_too_long_a_path_is_told_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    deep = tmp_path / "/".join(["directory"] * 15)
    deep.mkdir(parents=True)
    with pytest.raises(OSError, match="too long"):
        Bell(deep, NAME)
    assert list(deep.iterdir()) == []


def test_a_department_rings_after_it_has_recorded_and_only_then(listen: Callable[[], Bell], settings: Settings) -> None:
    bell = listen()
    quiet, office = (assembly.department(NAME, one) for one in (replace(settings, wake=None), settings))
    said = family_opened()
    try:
        office.receive(said)
        assert bell.wait(0)
        office.receive(said)  # recorded already
        assert not bell.wait(0)
        quiet.receive(event(f"{NAME}.needs_surveyed", {"surveyor": "专干", "needs": ["REHAB"]}))  # knows no directory
        assert not bell.wait(0)
    finally:
        for one in (quiet, office):
            one.database.close()
            one.ring._database.close()


def test_the_directory_travels_to_the_processes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for made in (settings, replace(settings, wake=None)):
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        assert Settings.from_environment() == made
