"""The worker process: every department's relay and the family case's consumer as nameko services.

`python -m services.processes.worker` runs all of them; names on the command line run only those.
"""

from shared.bus.worker import Resource, batches, loop, once, run  # before all others: it makes this an eventlet process

import logging
import os
import sys
from typing import Any

from services.processes import assembly
from services.processes.supervisor import die_with_parent
from shared.bus.broker import Delivery, parameter_queue
from shared.logs import start_logging
from shared.settings import Settings

CHECKPOINT_S = 10.0
"""How often the family case signs a checkpoint over its own log."""
LOOK_S = 0.5
"""How often the family case looks whether something of a log is missing."""


def relay_service(department: str) -> type[Any]:
    """Return the nameko service that publishes one department's log."""

    class RelayService:
        """Publishes the log of one department."""

        name = f"{department}_relay"
        relay = Resource(lambda settings: assembly.relay(department, settings))

        @loop(woken=department)
        def publish(self) -> float | None:
            """Publish the next message, if there is one."""
            rest: float | None = self.relay.step()
            return rest

    return RelayService


def parameter_service(department: str) -> type[Any]:
    """Return the nameko service that announces the policy parameters a department sets, or keeps them for it."""

    class Announces:
        """Announces the policy parameters to all other departments."""

        name = f"{department}_parameters"
        announcer = Resource(lambda settings: assembly.announcer(department, settings))

        @loop(every=LOOK_S)
        def announce(self) -> None:
            """Announce what has changed."""
            self.announcer.step()

    class Keeps:
        """Keeps the policy parameters as they are announced."""

        name = f"{department}_parameters"
        keeper = Resource(lambda settings: assembly.keeper(department, settings))

        @batches(parameter_queue(department))
        def keep(self, deliveries: list[Delivery]) -> None:
            """Keep what arrived."""
            self.keeper.handle(deliveries)

    return Announces if assembly.sets_parameters(department) else Keeps


class FamilyCaseService:
    """Files what arrives on the bus, and asks the departments for what does not."""

    name = "family_case"
    consumer = Resource(assembly.consumer)
    sign_case_log = Resource(assembly.case_checkpoints)

    @batches(assembly.QUEUE)
    def file(self, deliveries: list[Delivery]) -> None:
        """File a batch of messages."""
        self.consumer.handle(deliveries)

    @loop(every=LOOK_S, each=assembly.NAMES)
    def watch(self, log: str) -> None:
        """Fetch what is missing of a department's log; compare what it signed with what was received."""
        self.consumer.watch(log)

    @loop(every=CHECKPOINT_S)
    def sign(self) -> None:
        """Sign a checkpoint over the family case's own log."""
        self.sign_case_log()

    @once
    def file_waiting(self) -> None:
        """File what waited for this version of the program: types it now knows, failures it now survives."""
        self.consumer.cases.file_unknown_types()
        self.consumer.read_again()


class QuestionService:
    """Answers what is asked of the family case on the bus, beside what files: neither waits for the other."""

    name = "family_case_questions"
    answering = Resource(assembly.answering)

    @batches(assembly.QUESTIONS)
    def answer(self, deliveries: list[Delivery]) -> None:
        """Answer a batch of questions."""
        self.answering.handle(deliveries)


def main(names: list[str]) -> None:
    """Run the named services (departments, or `family_case`), or all, until SIGTERM."""
    die_with_parent()
    start_logging()
    settings = Settings.from_environment()
    wanted = assembly.services_named(names)
    departments = [name for name in wanted if name != assembly.FAMILY_CASE]
    services = [make(name) for name in departments for make in (relay_service, parameter_service)]
    services += [FamilyCaseService, QuestionService] if assembly.FAMILY_CASE in wanted else []
    whole = run(services, settings)
    logging.shutdown()
    # What is left are connections that may hang, and nothing to keep. After a failure, whoever watches starts us again.
    os._exit(0 if whole else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
