"""`yihu up`: starting, stopping, and what it refuses to start on."""

import json
import os
import signal
import socket
from pathlib import Path

import psycopg

from services.processes.supervisor import free_port
from tests.cli.command import Up, processes_of, sentences, yihu, yihu_alone
from tests.world import story, wait_for


def test_up_survives_kill_9_and_ends_in_order_on_ctrl_c_and_sigterm(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    port = free_port("127.0.0.1", 31_000 + os.getpid() % 10_000)
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", port))
        busy.listen()
        first = Up.start(directory, "--port", str(port))
        assert f"端口 {port} 被占用" in first.printed
        assert first.note["url"] != f"http://127.0.0.1:{port}"
    submission = json.dumps(next(one for one in story("b") if one["id"] == "b-043")).encode()
    kept = yihu("emit", "-", "--data", str(directory), typed=submission)
    assert kept.code == 0
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    wait_for(lambda: not processes_of(directory), 20, "everything to end after kill -9")

    for number in (signal.SIGINT, signal.SIGTERM):
        again = Up.start(directory, "--port", str(port))
        assert again.note["url"] == f"http://127.0.0.1:{port}"
        repeated = yihu("emit", "-", "--data", str(directory), typed=submission)
        assert (repeated.code, repeated.out) == (0, kept.out)
        assert again.end(number) == 0
        assert "正在停止" in again.printed
        assert "已停止" in again.printed
        assert not processes_of(directory)
        assert not (directory / "running.json").exists()


def test_sigterm_while_it_still_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    starting = Up.start(directory, ready="启动内嵌")
    assert starting.end(signal.SIGTERM) == 1
    assert "已中断" in starting.printed
    wait_for(lambda: not processes_of(directory), 20, "everything to end")


def test_up_refuses_to_start_when_a_key_is_gone_or_the_data_is_from_a_newer_version(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    ended = yihu_alone(
        "up", "--demo", "--families", "3", "--once",
        "--data", str(directory), "--port", str(free_port("127.0.0.1", 27_000)),
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "家庭案卷 XN-F-" in ended.out
    assert not processes_of(directory)

    for name in ("education.master", "education.signing", "education.api"):
        path = directory / "keys" / name
        held = path.read_bytes()
        path.unlink()
        refused = yihu_alone("up", "--once", "--data", str(directory))
        assert refused.code == 1, name
        assert "[key_missing]" in sentences(refused)[-1]
        assert not path.exists(), f"{name} was made anew although the data rests on the old one"
        path.write_bytes(held)

    running = Up.start(directory)
    with psycopg.connect(running.note["environment"]["YIHU_DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO yihu.migrations VALUES ('education', 'log_999.sql')")
    assert running.end(signal.SIGINT) == 0
    newer = yihu_alone("up", "--once", "--data", str(directory))
    assert newer.code == 1
    assert "[newer_schema]" in sentences(newer)[-1]
    assert not processes_of(directory)
