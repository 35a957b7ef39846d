"""What must be true after any fault, once everything runs again: one call at the end of a fault test.

    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict())

It waits until everything recorded is received and relayed; then the checker finds nothing, neither does `yihu verify`
with every receipt at hand, and a replay gives the same read models and histories.
"""

import json
from pathlib import Path
from typing import Any

import psycopg

from services.processes import assembly
from tests.faults.tools.checker import Checker, Outcome
from tests.faults.tools.processes import Running
from tests.world import wait_for

PATIENCE_S = 60.0


def all_is_well(installation: Running, checker: Checker, directory: Path, *, relayed: bool = True) -> Outcome:
    """Wait until it is quiet, hold everything against everything, and return the counts."""
    wait_for(installation.caught_up, PATIENCE_S, "everything received")
    if relayed:
        wait_for(lambda: behind(installation) == 0, PATIENCE_S, "everything relayed")
    outcome = checker.check(installation.settings)
    assert outcome.holds, outcome.findings
    assert put_aside(installation) == []
    keep_receipts(checker, directory / "receipts")
    assert assembly.verify(installation.settings, directory / "receipts")[1] == []
    assert assembly.replay(installation.settings, None, None, check=True)["differences"] == []
    assert "Traceback" not in installation.output()
    return outcome


def behind(installation: Running) -> int:
    """Return how many recorded events no relay has published yet."""
    with psycopg.connect(installation.settings.database_url) as owner:
        query = (
            "SELECT coalesce(max(e.position), 0) - max(r.position) FROM {0}.relayed r LEFT JOIN {0}.events e ON true"
        )
        rows = [owner.execute(query.format(name).encode()).fetchone() for name in assembly.NAMES]
    return sum(row[0] for row in rows if row)


def put_aside(installation: Running) -> list[dict[str, Any]]:
    """Return what waits or is in quarantine, by department and reason."""
    queries = installation.queries()
    found = [*queries.waiting(), *queries.quarantined()]
    queries.database.close()
    return found


def keep_receipts(checker: Checker, directory: Path) -> None:
    """Write every receipt down as `yihu emit` does."""
    directory.mkdir(parents=True)
    for receipt in checker.receipts.values():
        path = directory / f"{receipt['log'].removeprefix('yihu/')}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(receipt, ensure_ascii=False) + "\n")
