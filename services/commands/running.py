"""`yihu up`: database, web process and worker process, embedded by default, kept running until Ctrl-C."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import FrameType

from services.commands.demo import City, Demo
from services.commands.options import say
from services.processes.installation import Installation
from services.processes import assembly
from services.processes.supervisor import Process, Supervisor, answers, free_port
from shared.errors import YihuError
from shared.postgres.embedded import EmbeddedPostgres
from shared.settings import EMBEDDED_BUS, Settings, single

HOST = "127.0.0.1"
BUSES = ("amqp://", "amqps://", "memory://")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `yihu up` was asked for. `families`: how many the demo's made-up city has."""

    installation: Installation
    port: int
    amqp_uri: str = EMBEDDED_BUS
    database_url: str = ""
    demo: bool = False
    once: bool = False
    families: int = 0


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
    with ExitStack() as stack:
        stack.enter_context(wanted.installation.lock())
        directory = wanted.installation.directory.resolve()
        city = City(directory, wanted.families)
        if wanted.demo:
            city.begin()
        settings, supervisor, postgres = stack.enter_context(_running(wanted))
        _say(f"已启动：{settings.url}/ （数据目录 {directory}）", "Running at that address.")
        if wanted.demo:
            demo = Demo(settings, wanted.installation.receipts, city)
            refused = demo.load()
            # not before: while a city comes in it would judge each family often
            _judge(wanted, settings, supervisor)
            helper = _judge(wanted, settings, supervisor) if city.new else None  # of two cores, none waits
            demo.show(refused)
            if helper:
                supervisor.end(helper)
            demo.people()
        if wanted.once:
            return
        stopped = _on_signals()
        _say(f"另开终端可报送事件：yihu emit 文件 --data {directory}", "Another terminal can send events.")
        _say("按 Ctrl-C 停止；数据保留，下次启动接着用。", "Ctrl-C stops; the data stays.")
        _say(f"控制台：{settings.url}/", "The console.")
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
        supervisor.start(web)
        worker = Process(
            "worker",
            ["services.processes.worker", *only],
            settings.environment(),
            installation.directory / "worker.log",
        )
        supervisor.start(worker)
        if settings.amqp_uri != EMBEDDED_BUS:
            inbox = [name for name in services if name != assembly.FAMILY_CASE]
            supervisor.start(
                Process(
                    "inbox",
                    ["services.processes.inbox", *inbox],
                    settings.environment(),
                    installation.directory / "inbox.log",
                )
            )
        supervisor.wait(web, lambda: answers(f"{url}/health"))  # the others start meanwhile
        if not wanted.demo:
            _judge(wanted, settings, supervisor)
        installation.note_running(settings)
        yield settings, supervisor, postgres
    finally:
        supervisor.stop()
        installation.forget_running()
        if not wanted.database_url:
            postgres.stop()


def _judge(wanted: Wanted, settings: Settings, supervisor: Supervisor) -> Process | None:
    """Start a judging process, if the family case is ours to run."""
    if assembly.FAMILY_CASE not in assembly.own_services(settings):
        return None
    log = wanted.installation.directory / "judge.log"
    judge = Process("judge", ["services.processes.judge"], settings.environment(), log, at_once=True)
    supervisor.start(judge)
    return judge


def _settings(wanted: Wanted, database_url: str) -> Settings:
    """Return the settings of what is to run; single services may have addresses of their own in the environment."""
    return Settings(
        database_url,
        wanted.amqp_uri,
        wanted.installation.keys.resolve(),
        "",
        wanted.demo,
        wake=wanted.installation.directory.resolve(),
        databases=single("YIHU_DATABASE_URL"),
        urls=single("YIHU_URL"),
    )


def _on_signals() -> Callable[[], bool]:
    seen: list[int] = []

    def remember(number: int, _: FrameType | None) -> None:
        seen.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, remember)
    return lambda: bool(seen)


def _say(zh: str, en: str) -> None:
    say(f"{zh} {en}")
