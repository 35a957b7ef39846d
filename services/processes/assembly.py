"""Puts the parts together from the settings: one place that knows which service needs what."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.console import accounts as console
from services.console.accounts import Accounts
from services.departments import DEPARTMENTS, domain_of, load_catalogue
from services.entitlements.actions import About
from services.entitlements.audit import compare as compare_verdicts
from services.entitlements.belonging import Belonging
from services.entitlements.drafts import Draft
from services.entitlements.indicators.computing import Indicators
from services.entitlements.judging import Judging
from services.entitlements.loading import Loader
from services.entitlements.needed import desks
from services.entitlements.owed import Asked, Owed
from services.entitlements.past_work import PastWork
from services.entitlements.priority import Priority
from services.entitlements.rehearsal import Rehearsal
from services.entitlements.work import WorkLists
from services.family_case import access, audit
from services.family_case.consumer import Consumer
from services.family_case.filing import FamilyCases
from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.reading import Reader as CaseReader
from services.processes import questions
from shared.bus.broker import BusWriter, case_queue, parameter_queue, question_queue
from shared.bus.inbox import Inbox
from shared.bus.parameters import Announcer, Keeper
from shared.bus.questions import Answering
from shared.bus.relay import Relay
from shared.bus.users import definitions
from shared.bus.wake import Waker
from shared.door import opening
from shared.door.amqp import QueueDoor
from shared.door.client import Client
from shared.door.department import Department
from shared.door.elsewhere import LogElsewhere
from shared.door.reading import Reader
from shared.door.sandbox import SandboxSigner
from shared.errors import Fault, NoSuchFile, Refused, YihuError
from shared.keys import moving
from shared.keys.files import Keys, origin
from shared.keys.moving import Heir
from shared.keys.persons import LinkKey
from shared.keys.ring import KeyRing
from shared.keys.signing import Signer, Verifier
from shared.language.envelope import china_now
from shared.language.kinds import Setting, Unreadable, person
from shared.log import checkpoints, lookups
from shared.log.parameters import types_that_set
from shared.log.reading import Log, LogHere
from shared.log.recorder import LogRecorder
from shared.log.verify import Finding, check_book, read_book
from shared.postgres.database import Database, Tx
from shared.postgres.migrate import Schema, drop, migrate
from shared.settings import Settings

FAMILY_CASE = "family_case"
BESIDE = {
    console.SCHEMA: ("shared.log:log", "services.console:console"),
    access.SCHEMA: ("shared.log:log", "services.family_case:access"),
}
"""The logs beside the family case's, in its database, by its role and key: schemas, and their migration sets."""
QUEUE = case_queue("yihu.family_case")
QUESTIONS = question_queue(FAMILY_CASE)
NAMES = {department.name: department.zh for department in DEPARTMENTS}
SERVICES = (*NAMES, FAMILY_CASE)


def sets_parameters(name: str) -> bool:
    """Whether a department is the one that sets policy parameters."""
    load_catalogue()
    return bool(types_that_set(name))


def parameter_setter() -> str:
    """Return the department that sets policy parameters."""
    return next(name for name in NAMES if sets_parameters(name))


def broker_users(passwords: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return who may do what on the broker, as RabbitMQ's definitions; who has no password cannot log in."""
    return definitions(NAMES, FAMILY_CASE, parameter_setter(), passwords)


class NoSuchService(YihuError):
    """A process was asked for a service that there is not."""

    def __init__(self) -> None:
        names = " ".join(SERVICES)
        super().__init__(
            "no_such_service", f"没有这一服务；可选：{names}。", f"There is no such service; these are: {names}."
        )


def services_named(names: Sequence[str]) -> tuple[str, ...]:
    """Return the services that a process was asked for, all if none was named. Raises NoSuchService."""
    if not set(SERVICES).issuperset(names):
        raise NoSuchService
    return tuple(names) or SERVICES


def owed_schema(family_case: str = FAMILY_CASE) -> str:
    """Return the schema of the verdicts beside a family case, under its own name or a replay's."""
    return f"{family_case}_owed"


def schemas(family_case: str = FAMILY_CASE) -> list[Schema]:
    """Return the schemas of the family case, under its own name or a replay's."""
    return [
        Schema(family_case, FAMILY_CASE, ("shared.log:log", "services.family_case:case", "shared.keys:key_ring")),
        Schema(f"{family_case}_views", FAMILY_CASE, ("services.family_case:read_models",)),
        Schema(owed_schema(family_case), FAMILY_CASE, ("services.entitlements:read_models",)),
    ]


def schemas_of(service: str) -> list[Schema]:
    """Return the schemas of a service: its log and its key ring, and what else it keeps."""
    if service == FAMILY_CASE:
        return [*schemas(), *(Schema(name, FAMILY_CASE, sets) for name, sets in BESIDE.items())]
    sets = ("shared.log:log", "shared.keys:key_ring", "shared.log:parameters", "shared.log:refused")
    return [Schema(service, service, sets), Schema(opening.schema_of(service), service, ("shared.log:log",))]


def sandbox_of(department: str) -> Schema:
    """Return the schema of a department's sandbox: a log and a key ring of its own, to be thrown away."""
    sets = ("shared.log:log", "shared.keys:key_ring", "shared.log:refused", "shared.log:sandbox")
    return Schema(f"{department}_sandbox", department, sets)


def own_services(settings: Settings) -> tuple[str, ...]:
    """Return the services whose databases have an address here; the others are elsewhere."""
    return tuple(service for service in SERVICES if settings.reaches(service))


def migrate_all(
    database_url: str,
    services: Iterable[str] = SERVICES,
    also: Callable[[Tx], None] | None = None,
    *,
    sandboxes: bool = False,
) -> None:
    """Bring the schemas of services in one database up to date, and read models up to the case log.

    `also` is done in the same transaction; with `sandboxes`, the departments have theirs. Raises NewerSchema.
    """
    load_catalogue()
    services = tuple(services)

    def then(tx: Tx) -> None:
        for name in services:
            if name in NAMES:
                lookups.reindex(tx, name)
        if also is not None:
            also(tx)

    wanted = [schema for service in services for schema in schemas_of(service)]
    wanted += [sandbox_of(name) for name in services if sandboxes and name in NAMES]
    migrate(database_url, wanted, then)
    if FAMILY_CASE in services:
        cases = FamilyCases(Database(database_url, FAMILY_CASE, size=1))
        cases.catch_up()
        cases.database.close()


def give_each_its_keys(tx: Tx, keys: Keys, services: Iterable[str]) -> None:
    """Take the key ring apart that earlier versions had for all services of a database. Raises KeyMissing."""
    if moving.is_shared(tx):
        texts = {FAMILY_CASE: _QUARANTINED}
        heirs = [Heir(name, texts.get(name, moving.IN_A_LOG), keys.master(name)) for name in services]
        moving.take_apart(tx, keys.old_master, heirs)


_QUARANTINED = "SELECT sealed::text AS text FROM {schema}.quarantine"
"""What the family case has sealed itself; in its log stand departments' seals, which it cannot open."""


def department(name: str, settings: Settings) -> Department:
    """Return the application of one department."""
    load_catalogue()
    database = Database(settings.database_of(name), name)
    recorded = Waker(settings.wake, name).wake if settings.wake else lambda: None
    signer = Keys(settings.keys).signer(name)
    own_ring = ring(name, settings)
    return Department(database, _reader(name, settings), domain_of(name).RULES, own_ring, signer, recorded=recorded)


def sandbox(name: str, settings: Settings) -> Department:
    """Return the application of one department on the throw-away log of its sandbox; nothing relays that.

    Made-up persons of regions that do not exist may be named there: nobody is to try with real ones.
    """
    load_catalogue()
    settings = replace(settings, allow_test_regions=True)
    schema, address, keys = sandbox_of(name).name, settings.database_of(name), Keys(settings.keys)
    database = Database(address, name, schema=schema, size=2)
    own_ring = KeyRing(Database(address, name, schema=schema, size=1), keys.master(name))
    return Department(
        database, _reader(name, settings), domain_of(name).RULES, own_ring, keys.signer(name, SandboxSigner)
    )


def openings(name: str, department: Department, settings: Settings) -> opening.Openings:
    """Return what opens the sealed fields of a department, and writes down for whom."""
    signer = Keys(settings.keys).signer(name, partial(_signs_as, opening.schema_of(name)))
    return opening.Openings(department, signer)


def _reader(name: str, settings: Settings) -> Reader:
    return Reader(
        name,
        link_key(settings),
        allow_test_regions=settings.allow_test_regions,
        high_tech_zone=settings.high_tech_zone,
    )


def queue(name: str, settings: Settings) -> tuple[QueueDoor, Inbox]:
    """Return a department's door on the broker, and what reads its queue."""
    return QueueDoor(name, department(name, settings), Keys(settings.keys).permits), Inbox(settings.amqp_uri, name)


def relay(name: str, settings: Settings) -> Relay:
    """Return the relay of one department's log."""
    database = Database(settings.database_of(name), name, size=2, durable=False)  # what is relayed twice is filed once
    return Relay(name, database, Keys(settings.keys).signer(name), BusWriter(settings.amqp_uri, QUEUE))


def announcer(name: str, settings: Settings) -> Announcer:
    """Return what announces the policy parameters that a department sets to all others."""
    database = Database(settings.database_of(name), name, size=1)
    queues = [parameter_queue(other) for other in NAMES if other != name]
    return Announcer(name, database, Keys(settings.keys).signer(name), BusWriter(settings.amqp_uri, *queues))


def keeper(name: str, settings: Settings) -> Keeper:
    """Return what keeps the policy parameters for a department that does not set them."""
    setter = parameter_setter()
    return Keeper(Database(settings.database_of(name), name, size=1), lambda: Keys(settings.keys).verifier(setter))


def family_cases(settings: Settings, schema: str = FAMILY_CASE) -> FamilyCases:
    """Return the application of the family case, on its own schema or a replay's."""
    load_catalogue()
    return FamilyCases(Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, schema=schema))


def queries(settings: Settings, schema: str = FAMILY_CASE) -> Queries:
    """Return the questions to the family case."""
    load_catalogue()
    return Queries(Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, schema=schema), NAMES, desks())


def owed(settings: Settings) -> Owed:
    """Return what answers what families are owed."""
    kept = judging(settings)
    return Owed(kept.loader, kept.clock, Priority(kept))


def belonging(settings: Settings) -> Belonging:
    """Return what answers who belonged to families."""
    return Belonging(Loader(queries(settings)))


def about_family(key: str, settings: Settings) -> About | None:
    """Return what is known of the family of a case number or token, for who acts; None where there is none."""
    owes, reader = owed(settings), CaseReader(f"yihu/{getuser()}", "operator")
    family = owes.loader.queries.family_of(key)
    if family is None:
        return None
    members = Belonging(owes.loader).open(family, reader, "command")
    return About(members, owes.open(family, reader, "command", Asked()))


def faults_of(event: dict[str, Any], settings: Settings) -> Sequence[Fault]:
    """Return every fault that the door would find in an event of its department, its log apart."""
    reader = Reader(
        event["type"].partition(".")[0],
        link_key(settings),
        allow_test_regions=settings.allow_test_regions,
        high_tech_zone=settings.high_tech_zone,
    )
    [found] = reader.read([event], china_now())
    return found.faults if isinstance(found, Refused) else found.objections


def answering(settings: Settings) -> Answering:
    """Return what answers the questions that come by the bus."""
    writer = BusWriter(settings.amqp_uri, QUESTIONS)
    return Answering(writer, questions.methods(owed(settings)), questions.NAMES)


def judging(settings: Settings, schema: str = FAMILY_CASE) -> Judging:
    """Return what keeps the verdicts of all families, beside the family case or a replay's."""
    database = Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, size=2, schema=owed_schema(schema))
    return Judging(queries(settings, schema), database)


def rehearsal(settings: Settings, drafts: Sequence[Draft], days: Sequence[date]) -> Rehearsal:
    """Return what judges all families with draft parameters and without."""
    return Rehearsal(judging(settings), drafts, days)


def indicators(settings: Settings) -> Indicators:
    """Return what computes the programme's indicators."""
    return Indicators(judging(settings))


def work_lists(settings: Settings) -> WorkLists:
    """Return the work lists."""
    load_catalogue()
    return WorkLists(Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, size=4, schema=owed_schema()))


def past_work(settings: Settings) -> PastWork:
    """Return the work lists of other days than today."""
    return PastWork(indicators(settings))


def consumer(settings: Settings) -> Consumer:
    """Return what files the departments' events."""
    own_ring, fingerprint = ring(FAMILY_CASE, settings), link_key(settings).fingerprint
    return Consumer(family_cases(settings), verifiers(settings), hub(settings), own_ring, fingerprint)


def accounts(settings: Settings) -> Accounts:
    """Return the accounts of those who may sign in to the console."""
    database = Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, schema=console.SCHEMA)
    return Accounts(database, NAMES)


def case_checkpoints(settings: Settings) -> Callable[[], str]:
    """Return what signs a checkpoint over the family case's own log, and over those beside it."""
    database, keys = Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, size=1), Keys(settings.keys)
    own = {name: keys.signer(FAMILY_CASE, partial(_signs_as, name)) for name in BESIDE}
    signers = {FAMILY_CASE: keys.signer(FAMILY_CASE)} | own

    def sign() -> str:
        notes = {name: checkpoints.current(LogRecorder(database.beside(name)), one) for name, one in signers.items()}
        return notes[FAMILY_CASE]

    return sign


def _signs_as(log: str, _: str, private_key: bytes) -> Signer:
    """Return what signs as a log beside the family case's: with its key, under the log's own name."""
    return Signer(origin(log), private_key)


def verifiers(settings: Settings) -> dict[str, Verifier]:
    """Return the departments' public keys by department."""
    return {name: Keys(settings.keys).verifier(name) for name in NAMES}


def ring(service: str, settings: Settings) -> KeyRing:
    """Return a service's key ring, on connections of its own: a new key outlives the event it was made for."""
    return KeyRing(Database(settings.database_of(service), service), Keys(settings.keys).master(service))


def hub(settings: Settings) -> Client:
    """Return the client that reads every department's log, wherever its door is. Raises NotConfigured."""
    doors = {name: settings.url_of(name) for name in NAMES}
    return Client(next(iter(doors.values())), Keys(settings.keys).api_key("hub"), doors)


def opener(settings: Settings) -> Client:
    """Return the client that has sealed fields opened, wherever a department's door is."""
    doors = {name: settings.url_of(name) for name in NAMES}
    return Client(next(iter(doors.values())), Keys(settings.keys).opening_key, doors)


def door_of(settings: Settings, name: str) -> Client:
    """Return the client that hands what people record to a department's door, with its own key. Raises KeyMissing."""
    return Client(settings.url_of(name), Keys(settings.keys).api_key(name))


def link_key(settings: Settings) -> LinkKey:
    """Return the link key."""
    return LinkKey(Keys(settings.keys).link)


def family_for(key: str, queries: Queries, settings: Settings) -> str:
    """Return the case number for a case number, a token or an identity number. Raises NoSuchFamily or Refused."""
    family = queries.search(key, link_key(settings), allow_test_regions=settings.allow_test_regions)
    if family is None:
        raise NoSuchFamily
    return family


def logs(settings: Settings) -> dict[str, Log]:
    """Return the departments' logs for reading: by their databases, or over their doors where those are elsewhere."""
    return {name: _log(name, settings) for name in NAMES}


def _log(name: str, settings: Settings) -> Log:
    if settings.reaches(name):
        return LogHere(Database(settings.database_of(name), name, size=2))
    return LogElsewhere(name, hub(settings), Keys(settings.keys).verifier(name))


def person_token(text: str, settings: Settings) -> str | None:
    """Return the token of an identity number that somebody typed; None for what is none."""
    try:
        found = person(text, Setting(china_now().date(), settings.allow_test_regions))
    except Unreadable:
        return None
    return link_key(settings).token(found)


def replay(settings: Settings, known: date | None, effective: date | None, *, check: bool) -> dict[str, Any]:
    """Rebuild every read model from the logs into fresh schemas; with `check`, compare with the live ones."""
    live, name = queries(settings), audit.replay_name()
    upto = {source["log"]: source["received"] for source in live.sources()}
    fresh = schemas(name)
    migrate(settings.database_of(FAMILY_CASE), fresh)
    try:
        events = audit.replay(logs(settings), family_cases(settings, name), upto)
        rebuilt = queries(settings, name)
        families = [family["family"] for family in rebuilt.families()]
        digests = {family: sha256(audit.document(rebuilt, family, known, effective)).hexdigest() for family in families}
        differences = list(audit.compare(live, rebuilt, upto)) if check else []
        if check:
            differences += compare_verdicts(judging(settings), judging(settings, name), upto)
        return {"families": len(families), "events": events, "histories": digests, "differences": differences}
    finally:
        drop(settings.database_of(FAMILY_CASE), fresh)


def verify(settings: Settings, receipts: Path, only: str = "") -> tuple[dict[str, int], list[Finding]]:
    """Verify every log of the installation, or only the receipts in one file."""
    load_catalogue()
    keys = Keys(settings.keys)
    own = {name: keys.verifier(name) for name in SERVICES}
    if only:
        path = Path(only)
        if not path.is_file():
            raise NoSuchFile
        return {}, audit.check_receipt_file(path, logs(settings), own)
    case = LogRecorder(Database(settings.database_of(FAMILY_CASE), FAMILY_CASE, size=2))
    counts, findings = audit.verify(logs(settings), own, case, receipts)
    for name in BESIDE:
        book = read_book(LogRecorder(case.database.beside(name)))
        checked = check_book(name, book, Verifier(origin(name), own[FAMILY_CASE].public_key))
        counts[name] = len(checked.leaves)
        findings += checked.findings
    for name in filter(settings.reaches, NAMES):  # who has moved out verifies its own
        book = read_book(
            LogRecorder(Database(settings.database_of(name), name, schema=opening.schema_of(name), size=1))
        )
        checked = check_book(
            opening.schema_of(name), book, Verifier(origin(opening.schema_of(name)), own[name].public_key)
        )
        counts |= {checked.log: len(checked.leaves)} if checked.leaves else {}
        findings += checked.findings
    return counts, findings
