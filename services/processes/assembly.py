"""Puts the parts together from the settings: one place that knows which service needs what."""

from collections.abc import Callable
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.departments import DEPARTMENTS, domain_of, load_catalogue
from services.family_case import audit
from services.family_case.application import FamilyCases
from services.family_case.consumer import Consumer
from services.family_case.queries import NoSuchFamily, Queries
from shared.bus.broker import BusWriter, case_queue
from shared.bus.relay import Relay
from shared.bus.wake import Waker
from shared.door.client import Client
from shared.door.department import Department
from shared.door.reading import Reader
from shared.errors import NoSuchFile
from shared.keys.files import Keys
from shared.keys.persons import LinkKey
from shared.keys.ring import KeyRing
from shared.keys.signing import Verifier
from shared.log import checkpoints
from shared.log.recorder import LogRecorder
from shared.log.verify import Finding
from shared.postgres.database import Database
from shared.postgres.migrate import Schema, drop, migrate
from shared.settings import Settings

FAMILY_CASE = "family_case"
KEY_RING = "key_ring"
QUEUE = case_queue("yihu.family_case")
NAMES = {department.name: department.zh for department in DEPARTMENTS}
SERVICES = (*NAMES, FAMILY_CASE)


def schemas(family_case: str = FAMILY_CASE) -> list[Schema]:
    """Return the schemas of the family case, under its own name or a replay's."""
    return [
        Schema(family_case, FAMILY_CASE, ("shared.log:log", "services.family_case:case")),
        Schema(f"{family_case}_views", FAMILY_CASE, ("services.family_case:read_models",)),
    ]


def migrate_all(database_url: str) -> None:
    """Bring every schema of the installation up to date. Raises NewerSchema."""
    departments = [Schema(name, name, ("shared.log:log",)) for name in NAMES]
    migrate(database_url, [Schema(KEY_RING, KEY_RING, ("shared.keys:key_ring",)), *departments, *schemas()])


def department(name: str, settings: Settings) -> Department:
    """Return the application of one department."""
    load_catalogue()
    keys = Keys(settings.keys)
    reader = Reader(name, LinkKey(keys.link), allow_test_regions=settings.allow_test_regions)
    database = Database(settings.database_url, name)
    recorded = Waker(settings.wake, name).wake if settings.wake else lambda: None
    return Department(database, reader, domain_of(name).RULES, ring(settings), keys.signer(name), recorded=recorded)


def relay(name: str, settings: Settings) -> Relay:
    """Return the relay of one department's log."""
    database = Database(settings.database_url, name, size=2, durable=False)  # what is relayed twice is filed once
    return Relay(name, database, Keys(settings.keys).signer(name), BusWriter(settings.amqp_uri, QUEUE))


def family_cases(settings: Settings, schema: str = FAMILY_CASE) -> FamilyCases:
    """Return the application of the family case, on its own schema or a replay's."""
    load_catalogue()
    return FamilyCases(Database(settings.database_url, FAMILY_CASE, schema=schema))


def queries(settings: Settings, schema: str = FAMILY_CASE) -> Queries:
    """Return the questions to the family case."""
    load_catalogue()
    return Queries(Database(settings.database_url, FAMILY_CASE, schema=schema), NAMES)


def consumer(settings: Settings) -> Consumer:
    """Return what files the departments' events."""
    client = Client(settings.url, Keys(settings.keys).api_key("hub"))
    return Consumer(family_cases(settings), verifiers(settings), client, ring(settings), link_key(settings).fingerprint)


def case_checkpoints(settings: Settings) -> Callable[[], str]:
    """Return what signs a checkpoint over the family case's own log."""
    recorder = LogRecorder(Database(settings.database_url, FAMILY_CASE, size=1))
    return partial(checkpoints.current, recorder, Keys(settings.keys).signer(FAMILY_CASE))


def verifiers(settings: Settings) -> dict[str, Verifier]:
    """Return the departments' public keys by department."""
    return {name: Keys(settings.keys).verifier(name) for name in NAMES}


def ring(settings: Settings) -> KeyRing:
    """Return the key ring."""
    return KeyRing(Database(settings.database_url, KEY_RING), Keys(settings.keys).master)


def link_key(settings: Settings) -> LinkKey:
    """Return the link key."""
    return LinkKey(Keys(settings.keys).link)


def family_for(key: str, queries: Queries, settings: Settings) -> str:
    """Return the case number for a case number, a token or an identity number. Raises NoSuchFamily or Refused."""
    family = queries.search(key, link_key(settings), allow_test_regions=settings.allow_test_regions)
    if family is None:
        raise NoSuchFamily
    return family


def logs(settings: Settings) -> dict[str, LogRecorder]:
    """Return the departments' logs for reading."""
    return {name: LogRecorder(Database(settings.database_url, name, size=2)) for name in NAMES}


def replay(settings: Settings, known: date | None, effective: date | None, *, check: bool) -> dict[str, Any]:
    """Rebuild every read model from the logs into fresh schemas; with `check`, compare with the live ones."""
    live, name = queries(settings), audit.replay_name()
    upto = {source["log"]: source["received"] for source in live.sources()}
    fresh = schemas(name)
    migrate(settings.database_url, fresh)
    try:
        events = audit.replay(logs(settings), family_cases(settings, name), upto)
        rebuilt = queries(settings, name)
        families = [family["family"] for family in rebuilt.families()]
        digests = {family: sha256(audit.document(rebuilt, family, known, effective)).hexdigest() for family in families}
        differences = list(audit.compare(live, rebuilt, upto)) if check else []
        return {"families": len(families), "events": events, "histories": digests, "differences": differences}
    finally:
        drop(settings.database_url, fresh)


def verify(settings: Settings, receipts: Path, only: str = "") -> tuple[dict[str, int], list[Finding]]:
    """Verify every log of the installation, or only the receipts in one file."""
    keys = Keys(settings.keys)
    own = {name: keys.verifier(name) for name in SERVICES}
    if only:
        path = Path(only)
        if not path.is_file():
            raise NoSuchFile
        return {}, audit.check_receipt_file(path, logs(settings), own)
    case = LogRecorder(Database(settings.database_url, FAMILY_CASE, size=2))
    return audit.verify(logs(settings), own, case, receipts)
