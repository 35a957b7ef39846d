"""The secrets of an installation: made once with mode 0600, read from a directory; some can come from the environment.

Losing a service's master key makes every field it sealed unreadable for ever; losing the link key means that the next
event about a known person cannot be joined to that person's history. All of them belong in a safe, apart from the
database's backups. A process needs the keys of its own service only; the link key is the one that all doors share.
"""

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.errors import YihuError
from shared.keys.signing import Signer, Verifier

LINK_KEY_VARIABLE = "YIHU_LINK_KEY"
MASTER_KEY_VARIABLE = "YIHU_MASTER_KEY"
"""For all services; with `_<SERVICE>` behind it, for one."""
KEY_BYTES = 32
LOOK_S = 0.25
"""How long the permits that were read count before their file is looked at again."""

_log = logging.getLogger(__name__)


class KeyMissing(YihuError):
    """A key file is not there or not readable as a key."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "key_missing",
            f"密钥 {name} 缺失或格式不对；请从保险处恢复密钥文件（不可重新生成）。",
            f"The key {name} is missing or malformed; restore the key file (a new one cannot replace it).",
        )


RIGHTS = ("write", "read", "test", "open")


@dataclass(frozen=True, slots=True)
class Permit:
    """What an API key allows: to `write` as one source of one department, to `read` logs, to `test`, or to `open`.

    Who tests writes as that source into the department's sandbox, and reads there, and does nothing else. Who opens has
    sealed fields opened, for persons that it names, and reads no log.
    """

    department: str
    source: str
    may: Literal["write", "read", "test", "open"]


class Keys:
    """The keys in a directory. Each is read when its service starts; the permits again and again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._permits: dict[str, Permit] | None = None
        self._permits_text = ""
        self._look_at = 0.0

    @property
    def link(self) -> bytes:
        """The link key: turns numbers into tokens."""
        return self._secret("link", LINK_KEY_VARIABLE)

    def master(self, service: str) -> bytes:
        """Return a service's master key, which wraps the persons' keys in its key ring."""
        if os.environ.get(_own(service)):
            return _parsed(_own(service), os.environ[_own(service)])
        return self._secret(f"{service}.master", MASTER_KEY_VARIABLE)

    @property
    def old_master(self) -> bytes:
        """The master key of versions that had one key ring for all services."""
        return self._secret("master", MASTER_KEY_VARIABLE)

    def signer(self, service: str, kind: Callable[[str, bytes], Signer] = Signer) -> Signer:
        """Return what signs as this service's log."""
        return kind(origin(service), self._secret(f"{service}.signing"))

    def verifier(self, service: str) -> Verifier:
        """Return what checks this service's signatures; needs only the public key."""
        return Verifier(origin(service), self._read(f"{service}.public"))

    def api_key(self, name: str) -> str:
        """Return the API key kept for an emitting system of this installation (`<department>` or `hub`)."""
        return self._text(f"{name}.api")

    @property
    def opening_key(self) -> str:
        """The API key with which the family case has sealed fields opened."""
        return self._text("hub.open")

    def sandbox_keys(self, names: Iterable[str]) -> dict[str, str]:
        """Return those keys of the departments' sandboxes that are here, by department."""
        here = [name for name in names if (self.directory / f"{name}.sandbox").exists()]
        return {name: self._text(f"{name}.sandbox") for name in here}

    def api_keys(self, names: Iterable[str]) -> dict[str, str]:
        """Return the API keys of those of some emitting systems that are here. Raises KeyMissing when none is."""
        here = [name for name in names if (self.directory / f"{name}.api").exists()]
        return {name: self.api_key(name) for name in here or names}

    def permits(self) -> dict[str, Permit]:
        """Return what each API key allows, by the SHA-256 of the key. A change of the file counts after LOOK_S seconds.

        The file is small, so it is read as a whole: neither its time nor its size would show every change. A file that
        is gone or half written changes nothing; the log says so once. Raises KeyMissing if there never was one.
        """
        if self._permits is None or time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_S
            self._read_permits()
        return self._permits or {}

    def _read_permits(self) -> None:
        text = ""
        try:
            text = self._text("permits.json")
            if self._permits is None or text != self._permits_text:
                self._permits = _permits_in(text)
                _log.info("permits.json: %d API keys count", len(self._permits))
        except KeyMissing:
            if self._permits is None:
                raise
            if text != self._permits_text:
                _log.error("permits.json is missing or malformed: the API keys of before go on counting")
        self._permits_text = text

    def _secret(self, name: str, variable: str = "") -> bytes:
        if variable and os.environ.get(variable):
            return _parsed(variable, os.environ[variable])
        return self._read(name)

    def _read(self, name: str) -> bytes:
        return _parsed(name, self._text(name))

    def _text(self, name: str) -> str:
        try:
            return (self.directory / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise KeyMissing(name) from None


def _own(service: str) -> str:
    return f"{MASTER_KEY_VARIABLE}_{service.upper()}"


def origin(service: str) -> str:
    """Return the name under which a service's log signs."""
    return f"yihu/{service}"


def digest_of(api_key: str) -> str:
    """Return the form in which an API key is kept."""
    return hashlib.sha256(api_key.encode()).hexdigest()


def create(
    directory: Path,
    departments: tuple[str, ...],
    services: tuple[str, ...],
    *,
    hub: bool = True,
    sandboxes: bool = False,
) -> None:
    """Make every key that is not there yet. Existing keys are never touched. Raises KeyMissing for malformed permits.

    Each department gets one emitting system `urn:yihu:<department>:desk` with an API key, and with `sandboxes` a key
    that tests as the same system; the `hub`, if it is to have them here, a key that reads and one that opens.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # a file beside a variable would be used in silence once the variable is forgotten
    if not os.environ.get(LINK_KEY_VARIABLE):
        _keep(directory / "link", secrets.token_bytes(KEY_BYTES).hex())
    for service in services:
        if not (os.environ.get(MASTER_KEY_VARIABLE) or os.environ.get(_own(service))):
            _keep(directory / f"{service}.master", secrets.token_bytes(KEY_BYTES).hex())
        if _keep(directory / f"{service}.signing", secrets.token_bytes(KEY_BYTES).hex()):
            private = _parsed(service, (directory / f"{service}.signing").read_text())
            public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
            _keep(directory / f"{service}.public", public.hex())
    wanted = {f"{name}.api": _writes(name, "write") for name in departments}
    wanted |= {"hub.api": _HUB, "hub.open": _OPENS} if hub else {}
    wanted |= {f"{name}.sandbox": _writes(name, "test") for name in departments} if sandboxes else {}
    _create_api_keys(directory, wanted)


def _create_api_keys(directory: Path, wanted: dict[str, dict[str, str]]) -> None:
    permits = {}
    if (directory / "permits.json").exists():
        _ = Keys(directory).permits()  # a malformed file is not to be written over
        permits = json.loads((directory / "permits.json").read_text())
    known = len(permits)
    for name, permit in wanted.items():
        _keep(directory / name, f"yihu_{'test_' if permit['may'] == 'test' else ''}{secrets.token_urlsafe(32)}")
        permits.setdefault(digest_of((directory / name).read_text().strip()), permit)
    if len(permits) > known:
        _write(directory / "permits.json", json.dumps(permits, indent=1))


def _writes(department: str, may: str) -> dict[str, str]:
    return {"department": department, "source": f"urn:yihu:{department}:desk", "may": may}


_HUB = {"department": "*", "source": "", "may": "read"}
_OPENS = {"department": "*", "source": "", "may": "open"}


def _permits_in(text: str) -> dict[str, Permit]:
    """Read the permits in a text. Raises KeyMissing."""
    try:
        permits = {digest: Permit(**permit) for digest, permit in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise KeyMissing("permits.json") from None
    for permit in permits.values():
        if not (isinstance(permit.department, str) and isinstance(permit.source, str)) or permit.may not in RIGHTS:
            raise KeyMissing("permits.json")
    return permits


def _keep(path: Path, text: str) -> bool:
    """Make a file that is not there yet; say whether it was this call that made it, of several at the same time."""
    if path.exists():
        return False
    fresh = _written(path, text)
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def _write(path: Path, text: str) -> None:
    _written(path, text).rename(path)


def _written(path: Path, text: str) -> Path:
    """Write a text beside a file, for its owner alone and to the disk; return where."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _parsed(name: str, text: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyMissing(name)
    return key
