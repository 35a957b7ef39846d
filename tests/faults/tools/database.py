"""A PostgreSQL of a test's own, which can be killed, paused, filled up, and put behind a bad network.

    with Database(scratch / "own", keys) as database:         # or Database(..., size_mb=150): on a disk so small
        installation = Running.on_free_port(database.settings, tmp_path)
        database.restart()                   # kill -9 of the server and its children; the same address afterwards
        database.pause(); database.resume()  # it stops answering; resume in a `finally`
        database.fill(); database.free()     # the disk is full; `free` also starts a server that died of it
        with database.behind_proxy() as (network, settings): ...

A disk of its own needs root and the right to mount: `can_mount()` says whether, `NO_MOUNT` why not.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import quote

from services.processes import assembly
from shared.postgres.embedded import SOCKET, EmbeddedPostgres, _children
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools.proxy import Proxy

NO_MOUNT = "a full disk needs a small one: mounting it takes root with CAP_SYS_ADMIN"


class Database:
    """One migrated PostgreSQL server."""

    def __init__(self, directory: Path, keys: Path, size_mb: int = 0) -> None:
        self.directory = directory
        self.server = EmbeddedPostgres(directory / "server")
        self._disk = directory if size_mb else None
        self._size_mb = size_mb
        host = quote(str(directory / "server" / "socket"), safe="")  # a link: the same path after every start
        self.settings = Settings(f"postgresql://yihu@/yihu?host={host}", EMBEDDED_BUS, keys, "", True)

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._disk:
            _mount(self._disk, self._size_mb)
        try:
            self.server.start()
            assembly.migrate_all(self.settings.database_url)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def restart(self) -> None:
        """End it by SIGKILL, as a power cut would, and start it again."""
        self.server.kill()
        self.server.start()

    def pause(self) -> None:
        """Let it stop answering, without closing a connection."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._signal(signal.SIGCONT)

    def fill(self) -> None:
        """Fill its disk to the last byte."""
        with suppress(OSError), (self.directory / "ballast").open("ab", buffering=0) as ballast:
            for block in (1_048_576, 4096):
                with suppress(OSError):
                    while ballast.write(b"\0" * block) == block:
                        pass

    def free(self) -> None:
        """Make room again, and start the server if it died of the full disk, as `yihu up` does."""
        (self.directory / "ballast").unlink()
        if not self.server.is_running:
            self.server.start()

    @contextmanager
    def behind_proxy(self) -> Iterator[tuple[Proxy, Settings]]:
        """Yield a network in front of this server, and the settings of an installation that uses it."""
        place = Path(tempfile.mkdtemp(prefix="yihu-net-"))
        try:
            with Proxy(
                str((self.directory / "server" / "socket").resolve() / SOCKET), at=str(place / SOCKET)
            ) as network:
                url = f"postgresql://yihu@/yihu?host={quote(str(place), safe='')}"
                yield network, replace(self.settings, database_url=url)
        finally:
            shutil.rmtree(place)

    def close(self) -> None:
        """End everything."""
        self.resume()
        self.server.kill()
        if self._disk:
            _succeeds("umount", str(self._disk))

    def _signal(self, number: int) -> None:
        pid = self.server._pid()
        for process in [pid, *_children(pid)] if pid else []:
            with suppress(ProcessLookupError):
                os.kill(process, number)


def can_mount() -> bool:
    """Say whether this process may mount a small disk."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as place:
        return _mount(Path(place), 1) and _succeeds("umount", place)


def _mount(place: Path, size_mb: int) -> bool:
    return _succeeds("mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0755", "tmpfs", str(place))


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
