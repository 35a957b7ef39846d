"""What the database holds after a run, read by SQL of the tests' own: for the checker, and for whoever looks closer.

stored = Stored(settings)
stored.logged["education", 7]      # the event's name and leaf
stored.filed[log]                  # the places of the events in the case log, in its order
stored.shown[family]               # the places of the entries of a history, as a reader is shown it
"""

import hashlib
import json
from collections import defaultdict

import psycopg

from services.processes import assembly
from shared.settings import Settings

Name = tuple[str, str]
"""An event as its sender knows it: source and id."""
Place = tuple[str, int]
"""An event as its log knows it: log and position."""


class Stored:
    """What the database holds: the logs, the case log, what waits; and the histories as a reader is shown them."""

    def __init__(self, settings: Settings) -> None:
        self.logged: dict[Place, tuple[Name, str]] = {}
        self.filed: dict[str, list[Place]] = defaultdict(list)  # in the case log's order
        self.shown: dict[str, list[Place]] = {}
        with psycopg.connect(settings.database_url) as owner:
            for log in assembly.NAMES:
                query = f"SELECT position, body FROM {log}.events ORDER BY position"  # noqa: S608
                for position, body in owner.execute(query.encode()):
                    leaf, record = hashlib.sha256(b"\x00" + body).hexdigest(), json.loads(body)
                    self.logged[log, position] = (record["source"], record["id"]), leaf
            for (body,) in owner.execute("SELECT body FROM family_case.events ORDER BY position"):
                filed = json.loads(body)["data"]
                self.filed[filed["log"]].append((filed["log"], filed["position"]))
            self.aside = set(owner.execute("SELECT log, position FROM family_case_views.waiting").fetchall())
            waiting = (
                "SELECT e.log, e.position FROM family_case_views.entries e JOIN family_case_views.places p "
                "ON p.key = e.about WHERE p.family IS NULL"
            )
            self.waiting = self.aside | set(owner.execute(waiting).fetchall())
            nobodys = "SELECT log, position FROM family_case_views.entries WHERE about = 'organisation'"
            self.organisations = set(owner.execute(nobodys).fetchall())
        self._read_histories(settings)

    def _read_histories(self, settings: Settings) -> None:
        queries = assembly.queries(settings)
        for family in (row["family"] for row in queries.families()):
            if queries.family_of(family) == family:  # what was merged is shown with its survivor
                found = queries._find(family).entries
                self.shown[family] = [entry.arrival.place() for entry in found]
        queries.database.close()
