"""The worker process: every department's relay and the family case's consumer as nameko services.

`python -m services.worker` runs all of them; names on the command line run only those.
"""

import sys
from typing import Any

from services import assembly
from services.processes import die_with_parent
from shared.bus import Delivery
from shared.logs import start_logging
from shared.settings import Settings
from shared.worker import Resource, batches, loop, run  # first: it makes this an eventlet process

WATCH_EVERY_S = 2.0


def relay_service(department: str) -> type[Any]:
    """Return the nameko service that publishes one department's log."""

    class RelayService:
        """Publishes the log of one department."""

        name = f"{department}_relay"
        relay = Resource(lambda settings: assembly.relay(department, settings))

        @loop()
        def publish(self) -> bool:
            """Publish the next message, if there is one."""
            return bool(self.relay.step())

    return RelayService


class FamilyCaseService:
    """Files what arrives on the bus, and asks the departments for what does not."""

    name = "family_case"
    consumer = Resource(assembly.consumer)

    @batches(assembly.QUEUE)
    def file(self, deliveries: list[Delivery]) -> None:
        """File a batch of messages."""
        self.consumer.handle(deliveries)

    @loop(every=WATCH_EVERY_S)
    def watch(self) -> None:
        """Compare what departments signed with what was received."""
        self.consumer.watch()


def main(names: list[str]) -> None:
    """Run the named services (departments, or `family_case`), or all, until SIGTERM."""
    die_with_parent()
    start_logging()
    settings = Settings.from_environment()
    wanted = names or list(assembly.SERVICES)
    services = [FamilyCaseService if name == assembly.FAMILY_CASE else relay_service(name) for name in wanted]
    run(services, settings)


if __name__ == "__main__":
    main(sys.argv[1:])
