"""What a process needs to know to run, read from the environment that `yihu up` or a deployment sets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.errors import YihuError

EMBEDDED_BUS = "memory://"
ELSEWHERE = "door"
"""Stands for the database of a service that this process does not reach: its log is read over its door."""

_DATABASE, _URL = "YIHU_DATABASE_URL", "YIHU_URL"


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
                "YIHU_AMQP_URI": self.amqp_uri,
                "YIHU_KEYS": str(self.keys),
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
        """Read the settings of this process, or those that another one noted. Raises NotConfigured."""
        if not environment.get("YIHU_KEYS"):
            raise NotConfigured("YIHU_KEYS")
        return cls(
            database_url=environment.get(_DATABASE, ""),
            amqp_uri=environment.get("YIHU_AMQP_URI") or EMBEDDED_BUS,
            keys=Path(environment["YIHU_KEYS"]),
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
