"""`yihu up`: database, web process and worker process, embedded by default, kept running until Ctrl-C."""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from services.commands.emitter import Emitter, read_packs
from services.commands.options import say
from services.commands.show import as_text
from services.family_case.reading import Queries, Reader
from services.processes.installation import Installation
from services.processes import assembly
from services.processes.supervisor import Process, Supervisor, answers, free_port
from shared.door.client import Client
from shared.errors import YihuError
from shared.keys.files import Keys
from shared.postgres.embedded import EmbeddedPostgres
from shared.settings import EMBEDDED_BUS, Settings, single

HOST = "127.0.0.1"
STORIES = ("family_a.jsonl", "family_b.jsonl")
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FILED_WITHIN_S = 60.0
BUSES = ("amqp://", "amqps://", "memory://")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `yihu up` was asked for."""

    installation: Installation
    port: int
    amqp_uri: str = EMBEDDED_BUS
    database_url: str = ""
    demo: bool = False
    once: bool = False


def up(wanted: Wanted) -> None:
    """Run everything until Ctrl-C or SIGTERM; with `once`, until the demo is shown. Raises YihuError."""
    if not wanted.amqp_uri.startswith(BUSES):
        raise YihuError(
            "not_a_bus",
            "--amqp-uri 应如 amqp://用户:口令@主机:5672//。",
            "--amqp-uri looks like amqp://user:password@host:5672//.",
        )
    for number in (signal.SIGTERM, signal.SIGHUP):  # until everything runs they interrupt, as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    with wanted.installation.lock(), _running(wanted) as (settings, supervisor, postgres):
        directory = wanted.installation.directory.resolve()
        _say(f"已启动：{settings.url}/ （数据目录 {directory}）", "Running at that address.")
        if wanted.demo:
            _demo(wanted.installation, settings)
        if wanted.once:
            return
        stopped = _on_signals()
        _say(f"另开终端可报送事件：yihu emit 文件 --data {directory}", "Another terminal can send events.")
        _say("按 Ctrl-C 停止；数据保留，下次启动接着用。", "Ctrl-C stops; the data stays.")
        while not stopped():
            if postgres.died:  # it comes back at the same address
                _say("PostgreSQL 意外结束，正在重启。", "PostgreSQL died; starting it again.")
                postgres.start()
            supervisor.watch(lambda name: _say(f"进程 {name} 意外结束，正在重启。", f"{name} died; starting it again."))
            time.sleep(0.2)
        _say("正在停止……", "Stopping.")
    _say("已停止。", "Stopped.")


@contextmanager
def _running(wanted: Wanted) -> Iterator[tuple[Settings, Supervisor, EmbeddedPostgres]]:
    installation, supervisor = wanted.installation, Supervisor()
    postgres = installation.postgres
    try:
        if not wanted.database_url:
            _say("启动内嵌 PostgreSQL……", "Starting the embedded PostgreSQL.")
        database_url = wanted.database_url or postgres.start()
        settings = _settings(wanted, database_url)
        services = assembly.own_services(settings)
        installation.prepare(settings, services)
        port = free_port(HOST, wanted.port)
        if port != wanted.port:
            _say(f"端口 {wanted.port} 被占用，改用 {port}。", f"Port {wanted.port} is taken; using {port}.")
        url = f"http://{HOST}:{port}"
        settings = replace(settings, url=url)
        only = [] if services == assembly.SERVICES else list(services)
        _say("启动网页进程与后台进程……", "Starting the web process and the worker process.")
        web = Process(
            "web",
            ["services.processes.web", HOST, str(port), *only],
            settings.environment(),
            installation.directory / "web.log",
        )
        supervisor.start(web, lambda: answers(f"{url}/health"))
        worker = Process(
            "worker",
            ["services.processes.worker", *only],
            settings.environment(),
            installation.directory / "worker.log",
        )
        supervisor.start(worker)
        if assembly.FAMILY_CASE in services:
            supervisor.start(
                Process(
                    "judge",
                    ["services.processes.judge"],
                    settings.environment(),
                    installation.directory / "judge.log",
                )
            )
        installation.note_running(settings)
        yield settings, supervisor, postgres
    finally:
        supervisor.stop()
        installation.forget_running()
        if not wanted.database_url:
            postgres.stop()


def _settings(wanted: Wanted, database_url: str) -> Settings:
    """Return the settings of what is to run; single services may have addresses of their own in the environment."""
    return Settings(
        database_url,
        wanted.amqp_uri,
        wanted.installation.keys.resolve(),
        "",
        wanted.demo,
        open_console=True,
        wake=wanted.installation.directory.resolve(),
        databases=single("YIHU_DATABASE_URL"),
        urls=single("YIHU_URL"),
    )


def _demo(installation: Installation, settings: Settings) -> None:
    keys = Keys(settings.keys)
    clients = {name: Client(settings.url_of(name), keys.api_key(name)) for name in assembly.NAMES}
    emitter = Emitter(clients, installation.receipts)
    _say("经各部门接口报送两户样例家庭的事件……", "Emitting two families' stories through the departments' doors.")
    refused = recorded = 0
    for story in STORIES:
        for line in emitter.emit(read_packs(str(SAMPLES / story), None)):
            recorded += line.new
            refused += not line.recorded
    _say(f"新记录 {recorded} 条，拒绝 {refused} 条。", f"{recorded} recorded now, {refused} refused.")
    queries = assembly.queries(settings)
    _wait_until_filed(settings)
    families = [_family_of(story, settings, queries) for story in STORIES]
    if refused or None in families:
        raise YihuError("demo_incomplete", "样例未能完整归档。", "The stories were not filed completely.")
    sys.stdout.write(as_text(queries.open(str(families[0]), Reader("demo", "operator"), "command")))
    sys.stdout.flush()
    for family in families:
        _say(f"案卷页面：{settings.url}/families/{family}", "The family's page.")


def _family_of(story: str, settings: Settings, queries: Queries) -> str | None:
    """Return the case number of a sample family: its first event opens the case, about the head."""
    first = json.loads((SAMPLES / story).read_bytes().partition(b"\n")[0])
    return queries.search(first["subject"], assembly.link_key(settings), allow_test_regions=True)


def _wait_until_filed(settings: Settings) -> None:
    queries = assembly.queries(settings)
    client = assembly.hub(settings)
    verifiers = assembly.verifiers(settings)
    deadline = time.monotonic() + FILED_WITHIN_S
    while time.monotonic() < deadline:
        signed = {log: verifier.checkpoint(client.checkpoint(log)).size for log, verifier in verifiers.items()}
        if all(source["received"] >= signed[source["log"]] for source in queries.sources()):
            return
        time.sleep(0.1)
    raise YihuError("not_filed", "等待归档超时，见 worker.log。", "Filing took too long; see worker.log.")


def _on_signals() -> Callable[[], bool]:
    seen: list[int] = []

    def remember(number: int, _: FrameType | None) -> None:
        seen.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, remember)
    return lambda: bool(seen)


def _say(zh: str, en: str) -> None:
    say(f"{zh} {en}")
