"""An installation on this machine: its data directory with keys, embedded database, receipts, and what is running."""

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import psycopg

from services.processes import assembly
from shared.errors import YihuError
from shared.keys import moving
from shared.keys.files import Keys, create
from shared.postgres.database import role_of
from shared.postgres.embedded import EmbeddedPostgres, running
from shared.settings import EMBEDDED_BUS, KEYS, Settings


class NotRunning(YihuError):
    """Nothing is running on this data directory, and the command needs it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            "not_running",
            f"数据目录 {directory} 上没有正在运行的服务；请先执行 yihu up（或用 --data 指明目录）。",
            f"Nothing is running on {directory}; start it with `yihu up` (or name the directory with --data).",
        )


class AlreadyRunning(YihuError):
    """A second `yihu up` on the same data directory."""

    def __init__(self, directory: Path, url: str) -> None:
        super().__init__(
            "already_running",
            f"数据目录 {directory} 已有服务在运行{f'（{url}）' if url else ''}；请直接使用，或用 --data 另指目录。",
            f"A service already runs on {directory}{f' ({url})' if url else ''}; use it, or name another --data.",
        )


class DirectoryUnusable(YihuError):
    """The data directory cannot be made or written."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            "directory_unusable",
            f"数据目录 {directory} 无法建立或写入；请检查路径与权限，或用 --data 另指目录。",
            f"The data directory {directory} cannot be made or written; check path and rights, or name another --data.",
        )


class DatabaseUnusable(YihuError):
    """The database that was named cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "database_unusable",
            f"数据库无法使用（{reason}）；请核对 --database-url（形如 postgresql://用户@主机:5432/库名）及其权限。",
            f"The database cannot be used ({reason}); check --database-url (postgresql://user@host:5432/name).",
        )


class AllAtOnce(YihuError):
    """A database of an earlier version is to be brought up to date for some of its services only."""

    def __init__(self) -> None:
        super().__init__(
            "upgrade_all_at_once",
            "此数据库仍是旧版的共用密钥环：请先以同一数据库地址对其中全部服务执行一次 yihu up，再迁出部门。",
            "This database still has the key ring that all services shared: run `yihu up` once for all services in it, "
            "with one address, and move departments out afterwards.",
        )


@dataclass(frozen=True, slots=True)
class Installation:
    """The files of an installation, by name."""

    directory: Path
    keys_elsewhere: Path | None = None

    @property
    def keys(self) -> Path:
        """The directory of keys."""
        return self.keys_elsewhere or self.directory / "keys"

    @property
    def senders(self) -> Keys:
        """The keys with which commands send: of what is running, or as the environment of this process says."""
        noted = self.running().get("environment", {}).get(KEYS)
        return Keys(Path(noted or os.environ.get(KEYS) or self.keys))

    @property
    def receipts(self) -> Path:
        """The receipts that `yihu emit` was given, one file for each emitting system."""
        return self.directory / "receipts"

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The embedded database."""
        return EmbeddedPostgres(self.directory / "postgres")

    def lock(self) -> IO[str]:
        """Hold the installation for this process. A lock left by a killed process is free.

        Raises AlreadyRunning or DirectoryUnusable.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = (self.directory / "lock").open("w")
        except OSError:
            raise DirectoryUnusable(self.directory) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise AlreadyRunning(self.directory, self.running().get("url", "")) from None
        return file

    def running(self) -> dict[str, Any]:
        """Return what the running service noted of itself, or nothing."""
        try:
            found: dict[str, Any] = json.loads((self.directory / "running.json").read_text())
        except (OSError, ValueError):
            return {}
        return found

    def note_running(self, settings: Settings) -> None:
        """Note what is running, for other commands; the database's address may hold a password, so mode 0600."""
        descriptor = os.open(self.directory / "running.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"url": settings.url, "environment": settings.environment()}, file)

    def forget_running(self) -> None:
        """Take the note away."""
        (self.directory / "running.json").unlink(missing_ok=True)

    def prepare(
        self, settings: Settings, services: Sequence[str] = assembly.SERVICES, *, deployed: bool = False
    ) -> None:
        """Make the keys of a new installation and bring each service's database up to date.

        Where it is `deployed`, the keys are there, and a login with a service's name is let act as that service.

        Raises KeyMissing when a database is in use but one of its keys is gone: a new key cannot replace it.
        Raises AllAtOnce, DatabaseUnusable or NewerSchema.
        """
        by_database: dict[str, list[str]] = {}
        for service in services:
            by_database.setdefault(settings.database_of(service), []).append(service)
        try:
            for database_url, here in by_database.items():
                self._look(database_url, here, deployed=deployed)
            departments = tuple(service for service in services if service in assembly.NAMES)
            if not deployed:
                create(self.keys, departments, tuple(services), hub=assembly.FAMILY_CASE in services, sandboxes=True)
            for database_url, here in by_database.items():
                own_keys = partial(assembly.give_each_its_keys, keys=Keys(self.keys), services=here)
                assembly.migrate_all(database_url, here, own_keys, sandboxes=True)
                if deployed:
                    _let_in(database_url, here)
        except psycopg.Error as error:
            raise DatabaseUnusable(error.sqlstate or type(error).__name__) from None

    def _look(self, database_url: str, services: Sequence[str], *, deployed: bool) -> None:
        """Look whether what is in a database can be brought up to date: nothing is done unless everything can."""
        found = _migrations_in(database_url)
        in_use = {schema for schema, _ in found}
        keys = Keys(self.keys)
        if moving.SHARED_RING in in_use:
            if in_use & set(assembly.SERVICES) - set(services):
                raise AllAtOnce
            _ = keys.old_master
        for service in in_use.intersection(services):
            _ = keys.link, keys.permits(), keys.signer(service), keys.verifier(service)
            if (service, "key_ring_001.sql") in found:
                _ = keys.master(service)
            if not deployed:  # senders have it, and nobody else
                _ = keys.api_key(service if service in assembly.NAMES else "hub")

    def doors(self) -> dict[str, str]:
        """Return the addresses of the running departments' doors, by name. Raises NotRunning or NotConfigured."""
        settings = self.settings()
        if not settings.url and not settings.urls:
            raise NotRunning(self.directory)
        return {name: settings.url_of(name) for name in assembly.NAMES}

    def settings(self) -> Settings:
        """Return the settings of the running service, or of the embedded database alone. Raises NotRunning."""
        noted = self.running().get("environment")
        if noted:
            settings = Settings.from_environment(noted)
            if _reachable(settings.database_of(assembly.own_services(settings)[-1])):
                return settings
        if any(name.startswith("YIHU_DATABASE_URL") and value for name, value in os.environ.items()):
            return Settings.from_environment()
        database_url = running(self.directory / "postgres")
        if database_url is None:
            raise NotRunning(self.directory)
        return Settings(database_url, EMBEDDED_BUS, self.keys, "")


def _reachable(database_url: str) -> bool:
    try:
        psycopg.connect(database_url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _let_in(database_url: str, services: Sequence[str]) -> None:
    """Let logins with services' names, where there are any, act as those services."""
    with psycopg.connect(database_url, connect_timeout=5, autocommit=True) as connection:
        logins = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname = ANY(%s)", (list(services),)
        ).fetchall()
        for (login,) in logins:
            connection.execute(f"GRANT {role_of(login)} TO {login}".encode())


def _migrations_in(database_url: str) -> set[tuple[str, str]]:
    """Return what was migrated in a database: schema and migration. Raises DatabaseUnusable for one not in UTF-8."""
    with psycopg.connect(database_url, connect_timeout=5) as connection:
        if connection.info.parameter_status("server_encoding") != "UTF8":
            raise DatabaseUnusable("server_encoding is not UTF8")
        row = connection.execute("SELECT to_regclass('yihu.migrations') IS NOT NULL").fetchone()
        if not row or not row[0]:
            return set()
        return {(found[0], found[1]) for found in connection.execute("SELECT service, migration FROM yihu.migrations")}
