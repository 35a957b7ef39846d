"""What a process needs to know to run, read from the environment that `yihu up` or a deployment sets."""

import os
from dataclasses import dataclass
from pathlib import Path

from shared.errors import YihuError

EMBEDDED_BUS = "memory://"


class NotConfigured(YihuError):
    """A setting is missing."""

    def __init__(self, name: str) -> None:
        super().__init__("not_configured", f"缺少设置 {name}。", f"The setting {name} is missing.")


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is a libpq URI of the owner or of a login that may act as the services' roles; `url` is where the
    departments' doors and the hub are; `keys` is the directory of keys; `wake` is the directory in which a door wakes
    its relay, on the same machine and as the same user. Without it a relay only looks again and again.
    """  # noqa: D205 - one paragraph

    database_url: str
    amqp_uri: str
    keys: Path
    url: str
    allow_test_regions: bool = False
    open_console: bool = False
    wake: Path | None = None

    def environment(self) -> dict[str, str]:
        """Return the environment for a child process with these settings."""
        return {
            "YIHU_DATABASE_URL": self.database_url,
            "YIHU_AMQP_URI": self.amqp_uri,
            "YIHU_KEYS": str(self.keys),
            "YIHU_URL": self.url,
            "YIHU_ALLOW_TEST_REGIONS": "1" if self.allow_test_regions else "",
            "YIHU_OPEN_CONSOLE": "1" if self.open_console else "",
            "YIHU_WAKE": str(self.wake or ""),
        }

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings of this process. Raises NotConfigured."""
        return cls(
            database_url=_need("YIHU_DATABASE_URL"),
            amqp_uri=os.environ.get("YIHU_AMQP_URI") or EMBEDDED_BUS,
            keys=Path(_need("YIHU_KEYS")),
            url=_need("YIHU_URL"),
            allow_test_regions=bool(os.environ.get("YIHU_ALLOW_TEST_REGIONS")),
            open_console=bool(os.environ.get("YIHU_OPEN_CONSOLE")),
            wake=Path(os.environ["YIHU_WAKE"]) if os.environ.get("YIHU_WAKE") else None,
        )


def _need(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise NotConfigured(name)
    return value
