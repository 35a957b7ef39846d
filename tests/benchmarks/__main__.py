"""`make bench`: how fast log, door, reading and the whole way are, beside the raw limits measured in the same run.

Prints a table and writes build/bench.json. Takes some 6 minutes; a machine with nothing else to do gives steadier
ratios. Absolute figures are this machine's.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from services.processes import assembly
from shared.keys.files import Keys, create
from shared.postgres.embedded import EmbeddedPostgres
from tests.benchmarks import city
from tests.benchmarks.append import append
from tests.benchmarks.door import door
from tests.benchmarks.emit import emit
from tests.benchmarks.engine import engine
from tests.benchmarks.library import plain_library
from tests.benchmarks.measure import Line, say, table
from tests.benchmarks.queues import queues
from tests.benchmarks.replay import history, replay
from tests.benchmarks.rows import rows
from tests.benchmarks.sheets import sheets
from tests.benchmarks.spine import spine
from tests.benchmarks.world import BARE, with_broker, with_database
from tests.faults.tools.broker import rabbitmq
from tests.faults.tools.proof import versions

OUTPUT = Path("build/bench.json")


SECTIONS = (
    "append", "rows", "door", "amqp", "emit", "city", "spine", "whole", "history", "engine", "replay", "sheets"
)  # fmt: skip


def main(wanted: list[str]) -> int:
    """Measure everything, or the sections named; 1 if a goal is missed, 2 for a section that is none."""
    if not set(wanted) <= set(SECTIONS):
        say(f"sections are {', '.join(SECTIONS)}")
        return 2
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as temporary:
        directory = Path(temporary)
        create(directory / "keys", tuple(assembly.NAMES), assembly.SERVICES)
        server = EmbeddedPostgres(directory / "postgres")
        try:
            lines = _measured(server.start(), directory, set(wanted or SECTIONS))
        finally:
            server.kill()
    found = {"date": time.strftime("%Y-%m-%d %H:%M %z"), "seconds": round(time.monotonic() - begun)}
    found |= {"versions": versions(), "lines": [line.as_dict() for line in lines]}
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.stdout.write(table(lines))
    say(f"{found['seconds']} s, {OUTPUT}")
    return 0 if all(line.holds for line in lines) else 1


def _measured(url: str, directory: Path, wanted: set[str]) -> list[Line]:
    """Measure the sections wanted, each in a database of its own; some stand beside what another one measured."""
    assembly.migrate_all(url)
    lines: list[Line] = []
    library = plain_library(url)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(BARE)
    if "append" in wanted:
        say("appending")
        lines += append(url, library)
    if "rows" in wanted:
        say("rows")
        lines += rows(with_database(url, "sized", directory).database_url)
    if wanted & {"door", "city"}:
        say("a department's door")
        plain = door(with_database(url, "door", directory), directory / "door")
        lines += plain
    if "amqp" in wanted:
        say("a department's queue")
        with rabbitmq() as broker:
            lines += queues(with_broker(with_database(url, "queue", directory), broker.uri), directory / "queue-logs")
    if "emit" in wanted:
        say("a file of events")
        lines += emit(with_database(url, "emit", directory), directory / "emit")
    if "city" in wanted:
        say("a city through every door")
        lines += city.doors(with_database(url, "doors", directory), directory / "doors", plain[0].ours)
    if wanted & {"spine", "history"}:
        say("the whole way")
        with rabbitmq() as broker:
            whole = with_broker(with_database(url, "spine", directory), broker.uri)
            lines += spine(whole, directory / "spine")
    if "whole" in wanted:
        say("a city the whole way")
        with rabbitmq() as broker:
            lines += city.whole_way(with_broker(with_database(url, "city", directory), broker.uri), directory / "city")
    if "history" in wanted:
        say("a family's history")
        lines += history(whole.database_url)
    if "engine" in wanted:
        say("the engine")
        lines += engine(with_database(url, "engine", directory), directory / "engine")
    if "replay" in wanted:
        say("replay")
        lines += replay(url, library, "education", Keys(directory / "keys").verifier("education"))
    if "sheets" in wanted:
        say("a long spreadsheet")
        lines += sheets(with_database(url, "sheets", directory), directory / "sheets")
    library.datastore.close()
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
