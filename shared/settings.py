"""What a process needs to know to run, read from the environment that `yihu up` or a deployment sets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.errors import YihuError

EMBEDDED_BUS = "memory://"
ELSEWHERE = "door"
"""Stands for the database of a service that this process does not reach: its log is read over its door."""

_DATABASE, _URL, _BUS = "YIHU_DATABASE_URL", "YIHU_URL", "YIHU_AMQP_URI"
KEYS = "YIHU_KEYS"
_IN_A_FILE = "_FILE"
"""Behind a variable's name: the path of a file that holds its value, as containers are handed their secrets."""


class NotConfigured(YihuError):
    """A setting is missing."""

    def __init__(self, name: str) -> None:
        super().__init__("not_configured", f"缺少设置 {name}。", f"The setting {name} is missing.")


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is a libpq URI of the owner or of a login that may act as the services' roles; `url` is where the
    departments' doors and the hub are; `keys` is the directory of keys; `wake` is the directory in which a door wakes
    its relay, on the same machine and as the same user. Without it a relay only looks again and again.

    `databases` and `urls` are the addresses of single services that are elsewhere, by the service's name.
    """  # noqa: D205 - one paragraph

    database_url: str
    amqp_uri: str
    keys: Path
    url: str
    allow_test_regions: bool = False
    high_tech_zone: bool = False
    wake: Path | None = None
    databases: Mapping[str, str] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)

    def reaches(self, service: str) -> bool:
        """Whether a service's database has an address here."""
        return self.databases.get(service, self.database_url) not in {"", ELSEWHERE}

    def database_of(self, service: str) -> str:
        """Return the address of a service's database. Raises NotConfigured."""
        if not self.reaches(service):
            raise NotConfigured(f"{_DATABASE}_{service.upper()}")
        return self.databases.get(service, self.database_url)

    def url_of(self, service: str) -> str:
        """Return the address under which a service's door is mounted. Raises NotConfigured."""
        url = self.urls.get(service, self.url)
        if not url:
            raise NotConfigured(f"{_URL}_{service.upper()}")
        return url

    def environment(self) -> dict[str, str]:
        """Return the environment for a child process with these settings."""
        return (
            {
                _DATABASE: self.database_url,
                _BUS: self.amqp_uri,
                KEYS: str(self.keys),
                _URL: self.url,
                "YIHU_ALLOW_TEST_REGIONS": "1" if self.allow_test_regions else "",
                "YIHU_HIGH_TECH_ZONE": "1" if self.high_tech_zone else "",
                "YIHU_WAKE": str(self.wake or ""),
            }
            | {f"{_DATABASE}_{service.upper()}": address for service, address in self.databases.items()}
            | {f"{_URL}_{service.upper()}": address for service, address in self.urls.items()}
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings of this process, or those that another one noted.

        What is secret in them may stand in a file instead (`YIHU_AMQP_URI_FILE`). Raises NotConfigured.
        """
        environment = _with_files(environment)
        if not environment.get(KEYS):
            raise NotConfigured(KEYS)
        return cls(
            database_url=environment.get(_DATABASE, ""),
            amqp_uri=environment.get(_BUS) or EMBEDDED_BUS,
            keys=Path(environment[KEYS]),
            url=environment.get(_URL, ""),
            allow_test_regions=bool(environment.get("YIHU_ALLOW_TEST_REGIONS")),
            high_tech_zone=bool(environment.get("YIHU_HIGH_TECH_ZONE")),
            wake=Path(environment["YIHU_WAKE"]) if environment.get("YIHU_WAKE") else None,
            databases=single(_DATABASE, environment),
            urls=single(_URL, environment),
        )


def single(variable: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the addresses that an environment gives to single services, by the service's name."""
    prefix = f"{variable}_"
    named = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    return {service: value for service, value in named.items() if value}


def _with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which addresses that stand in files are read. Raises NotConfigured for one not there."""
    found = dict(environment)
    for name, path in environment.items():
        variable = name.removesuffix(_IN_A_FILE)
        if path and name.endswith(_IN_A_FILE) and variable.startswith((_DATABASE, _BUS)):
            try:
                found[variable] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise NotConfigured(name) from None
            del found[name]
    return found
