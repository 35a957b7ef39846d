"""A RabbitMQ of our own for tests: the system's, or unpacked from Debian's packages, or a container.

`python -m tests.faults.tools.broker ensure` makes sure that there is one. Nothing is installed in the system, no
privilege is needed and no service starts: Debian's packages are unpacked below `.venv`.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

SYSTEM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one on PATH insists on being root
UNPACKED = Path(__file__).resolve().parents[3] / ".venv" / "rabbitmq"
IMAGE = "rabbitmq:3.13"
START_S = 60.0
STOP_S = 30.0
HELLO = b"AMQP\x00\x00\x09\x01"
SETTINGS = """\
max_message_size = 4194304
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 16777216
"""
MISSING = """\
测试需要 RabbitMQ，本机没有，也无法从 Debian 软件源取得：请安装 rabbitmq-server 或启动 Docker，再运行一次。
The tests need RabbitMQ, which is not here and cannot be had from Debian's packages: \
install rabbitmq-server or start Docker, and run again."""


class RabbitMQ:
    """One broker with its own name, ports, cookie and data, on the loopback interface only; `with` starts and ends it.

    The ports, and so the `uri`, stay the same from one start to the next. Start it from a thread that lives on: a
    broker ends with the thread that started it, so that a killed test run leaves nothing behind.
    """

    def __init__(self, server: Path) -> None:
        self._server = server
        self._port, self._epmd_port, self._node_port = _free_ports(3)
        self._directory = Path(tempfile.mkdtemp(prefix="yihu-mq-"))  # its scripts bear no space in a path
        self._epmd: subprocess.Popen[bytes] | None = None
        self._broker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def uri(self) -> str:
        """Where clients connect."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    @property
    def answers(self) -> bool:
        """Say whether a client that connects is answered."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as client:
                client.sendall(HELLO)
                return client.recv(1) == b"\x01"
        except OSError:
            return False

    def start(self) -> None:
        """Start with the data of the last run, and wait until clients are answered (about 5 s)."""
        self._launch()
        deadline = time.monotonic() + START_S
        while not self.answers:
            if time.monotonic() > deadline or (self._broker and self._broker.poll() is not None):
                raise RuntimeError((self._directory / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End by SIGKILL with all processes, as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop answering without closing a connection; always `resume` in a `finally`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """kill -9 it and start it again with its data."""
        self.kill()
        self.start()

    def wipe(self) -> None:
        """Delete every queue and message, and start empty."""
        self.kill()
        shutil.rmtree(self._directory / "data", ignore_errors=True)
        self.start()

    def control(self, *words: str) -> str:
        """Run a command of rabbitmqctl (about 1 s) and return what it says; an Erlang expression after `eval`."""
        environment = self._environment()
        program = Path(environment["SERVER"]).with_name("rabbitmqctl")
        command = [str(program), "--node", environment["RABBITMQ_NODENAME"], *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    def files(self, _: Path) -> Path:
        """Return the directory with everything that it keeps: queues, messages, log."""
        return self._directory

    def close(self) -> None:
        """End and delete everything."""
        self.kill()
        if self._epmd:
            self._epmd.kill()
            self._epmd.wait(STOP_S)
        shutil.rmtree(self._directory)

    def _launch(self) -> None:
        environment = self._environment()
        if not self._epmd:
            epmd = shutil.which("epmd", path=environment["PATH"]) or "epmd"
            self._epmd = self._spawn([epmd, "-address", "127.0.0.1", "-port", str(self._epmd_port)], environment)
        self._broker = self._spawn([environment["SERVER"]], environment)

    def _environment(self) -> dict[str, str]:
        """Write the configuration; return the environment that makes this broker a world of its own."""
        here = self._directory
        (here / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self._port}\n{SETTINGS}")
        (here / "plugins").write_text("[].\n")
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "HOME": str(here),  # the cookie is made there
            "SERVER": str(self._server),
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the broker instead of watching over it
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_NODENAME": f"yihu{self._port}@localhost",
            "RABBITMQ_CONF_ENV_FILE": f"{here}/none",
            "RABBITMQ_CONFIG_FILE": f"{here}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{here}/none.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{here}/data",
            "RABBITMQ_LOG_BASE": str(here),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
            **(_unpacked_environment(here, self._server) if UNPACKED in self._server.parents else {}),
        }

    def _spawn(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        setpriv = shutil.which("setpriv")
        with_us = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with (self._directory / "log").open("ab") as log:
            return subprocess.Popen(
                [*with_us, *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
            )  # fmt: skip

    def _signal(self, number: int) -> None:
        if self._broker and self._broker.poll() is None:
            os.killpg(self._broker.pid, number)

    def _end(self, number: int) -> None:
        self._signal(number)
        if self._broker:
            self._broker.wait(STOP_S)
            self._broker = None


class RabbitMQContainer(RabbitMQ):
    """The same in a container: the engine's commands take the place of signals."""

    def stop(self) -> None:
        """Stop in order."""
        self._docker("stop")

    def kill(self) -> None:
        """End by SIGKILL."""
        self._docker("kill")

    def pause(self) -> None:
        """Stop answering without closing a connection."""
        self._docker("pause")

    def resume(self) -> None:
        """Go on after `pause`."""
        self._docker("unpause")

    def wipe(self) -> None:
        """Delete every queue and message, and start empty."""
        self._docker("rm", "--force", "--volumes")
        self.start()

    def control(self, *words: str) -> str:
        """Run a command of rabbitmqctl in the container."""
        return _output(str(self._server), "exec", self._directory.name, "rabbitmqctl", *words)

    def files(self, to: Path) -> Path:
        """Return the same, copied out of the container."""
        _output(str(self._server), "cp", f"{self._directory.name}:/var/lib/rabbitmq", str(to))
        (to / "log").write_text(_output(str(self._server), "logs", self._directory.name))
        return to

    def close(self) -> None:
        """End and delete everything."""
        self._docker("rm", "--force", "--volumes")
        shutil.rmtree(self._directory)

    def _launch(self) -> None:
        settings = self._directory / "rabbitmq.conf"
        settings.write_text(SETTINGS)
        if not self._docker("start"):
            mount = f"type=bind,readonly,source={settings},target=/etc/rabbitmq/conf.d/90-yihu.conf"
            options = ["--detach", "--hostname", "yihu", "--publish", f"127.0.0.1:{self._port}:5672", "--mount", mount]
            command = [str(self._server), "run", *options, "--name", self._directory.name, IMAGE]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _docker(self, *words: str) -> bool:
        return _succeeds(str(self._server), *words, self._directory.name)


def rabbitmq() -> RabbitMQ:
    """Return a broker, not yet started, of the kind that this machine can have. Raises RuntimeError if none."""
    server = ensure_installed()
    return RabbitMQContainer(server) if server.name == "docker" else RabbitMQ(server)


def ensure_installed() -> Path:
    """Return the program of the broker, or docker's when only that can run one. Raises RuntimeError if neither."""
    server = _installed() or _unpack() or _pull()
    if not server:
        raise RuntimeError(MISSING)
    return server


def _installed() -> Path | None:
    unpacked = UNPACKED.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
    on_path = shutil.which("rabbitmq-server")
    return SYSTEM if SYSTEM.exists() else next(unpacked, Path(on_path) if on_path else None)


def _unpack() -> Path | None:
    """Unpack the packages of Debian or a descendant of it, with lists and downloads of our own. Takes about 20 s."""
    if not shutil.which("apt-get"):
        return None
    _say(
        "取得 RabbitMQ（Debian 软件包，解开到 .venv，只在第一次，约 20 秒）",
        "Getting RabbitMQ (Debian's packages, once, 20 s)",
    )
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "lists" / "partial").mkdir(parents=True)
        (Path(temporary) / "archives" / "partial").mkdir(parents=True)
        places = {
            "Dir::State": temporary, "Dir::State::status": "/var/lib/dpkg/status", "Dir::Cache": temporary,
            "APT::Sandbox::User": "root", "Debug::NoLocking": "1",
        }  # fmt: skip
        options = [word for name, value in places.items() for word in ("-o", f"{name}={value}")]
        try:
            _output("apt-get", *options, "--quiet", "update")
            needed = _output("apt-cache", *options, "depends", "--recurse", "--important", "rabbitmq-server")
            erlang = {line for line in needed.split("\n") if line.startswith("erlang-")}
            words = ["--yes", "--no-install-recommends", "--download-only", "--reinstall"]
            _output("apt-get", *options, "--quiet", *words, "install", "rabbitmq-server", *erlang)
            part = UNPACKED.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            for package in Path(temporary, "archives").glob("*.deb"):
                _output("dpkg-deb", "--extract", str(package), str(part))
            part.replace(UNPACKED)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(str(getattr(error, "stderr", error)))
    return _installed()


def _pull() -> Path | None:
    docker = shutil.which("docker")
    if not docker or not _succeeds(docker, "info"):
        return None
    if not _succeeds(docker, "image", "inspect", IMAGE):
        _say(f"取得容器镜像 {IMAGE}（只在第一次，约 1 分钟）", f"Pulling the image {IMAGE} (once, 1 minute)")
        if not _succeeds(docker, "pull", "--quiet", IMAGE):
            return None
    return Path(docker)


def _unpacked_environment(here: Path, server: Path) -> dict[str, str]:
    """Return what makes an unpacked Erlang run from where it lies, reached by a link without a space."""
    link = here / "unpacked"
    root = link / "usr/lib/erlang"
    if not link.is_symlink():
        link.symlink_to(UNPACKED)
        (here / "bin").mkdir()
        (here / "bin" / "erl").symlink_to(next(root.glob("erts-*/bin/erlexec")))
    binaries = next(root.glob("erts-*/bin"))
    libraries = [str(found) for pattern in ("lib/*-linux-gnu", "usr/lib/*-linux-gnu") for found in link.glob(pattern)]
    return {
        "PATH": f"{here}/bin:{binaries}:{os.environ['PATH']}",
        "SERVER": str(link / server.relative_to(UNPACKED)),
        "ROOTDIR": str(root),
        "BINDIR": str(binaries),
        "EMU": "beam",
        "PROGNAME": "erl",
        "LD_LIBRARY_PATH": ":".join(libraries),
    }


def _free_ports(number: int) -> list[int]:
    """Return free ports below those that the kernel gives to clients, so that none takes ours during a restart."""
    free: list[int] = []
    while len(free) < number:
        port = random.randrange(20_000, 32_000)  # noqa: S311
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            free.append(port)
    return free


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _say(zh: str, en: str) -> None:
    sys.stderr.write(f"{zh}\n{en}\n")


def main() -> int:
    """Make sure that the tests can have a broker; 1 if they cannot."""
    try:
        ensure_installed()
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
