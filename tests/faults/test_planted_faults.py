"""A checker that has never complained is untested: each fault planted into the program is caught by the right one."""

import base64
import hashlib
import random
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.processes import assembly
from shared.bus.broker import Delivery
from shared.errors import IdTaken, Refused, YihuError
from shared.json import canonical
from shared.keys.files import Keys
from shared.language.catalogue import CATALOGUE
from shared.log.record import batch
from shared.log.recorder import LogRecorder
from shared.log.verify import check_book
from shared.settings import Settings
from tests.faults.tools.fresh import Auditor, fresh_database, histories, keep_receipts
from tests.faults.tools.plants import PLANTS, Plant, Planting
from tests.faults.tools.proof import Proof
from tests.faults.tools.simulation import Simulation
from tests.faults.tools.tampering import BODY, STREAM, TABLES, Tables
from tests.faults.tools.workload import Submission, stories

EVENTS = 28
MISHAPS = 25
CASE_DIES = 80
SEEDS = 12
"""Within so many seeds each planted fault must be caught."""


@pytest.fixture(scope="module")
def events() -> list[Submission]:
    return stories(random.Random(1), EVENTS)  # noqa: S311


@pytest.fixture(scope="module")
def expected(postgres: str, template: str, keys: Path, events: list[Submission]) -> dict[str, bytes]:
    with fresh_database(postgres, template, keys) as settings:
        Simulation(settings, events, 0, mishaps=0).run()
        return histories(settings)


# -- the kinds of run


def run(kind: str, settings: Settings, events: list[Submission], seed: str) -> Simulation:
    orderly = kind.startswith("only the bus")
    dies = CASE_DIES if kind.endswith("the case dies often") else 0
    made = Simulation(settings, events, seed, mishaps=MISHAPS, orderly=orderly, pull=not orderly, case_dies=dies)
    if kind == "a stranger writes":
        made.queue += [strangers_message(events)] * 3
    with pytest.MonkeyPatch.context() as patch:
        if kind == "appends fail":
            failing_appends(patch)
        return made.run()


def strangers_message(events: list[Submission]) -> Delivery:
    """Return the first event of a department, made up by somebody who has no key of it."""
    submission = events[0]
    log = submission["type"].partition(".")[0]
    record = {name: value for name, value in submission.items() if name != "subject"}
    record |= {
        "id": "made-up",
        "recordedtime": submission["time"],
        "loggedtime": submission["time"],
        "stream": "department",
    }
    return Delivery(f"yihu/{log}", b"\0" * 64, batch([(1, canonical(record | {"streamversion": 1}))]))


def failing_appends(patch: pytest.MonkeyPatch) -> None:
    """Let the connection break in every fifth append, before the commit; then it is done again."""
    genuine, calls = LogRecorder.insert_events, iter(range(10**9))

    def insert_events(self: LogRecorder, events: Any, **options: Any) -> Any:
        if next(calls) % 5 == 4:
            with self.database.transaction():
                genuine(self, events, **options)
                raise psycopg.Rollback
        return genuine(self, events, **options)

    patch.setattr(LogRecorder, "insert_events", insert_events)


# -- the checkers


ALL = ("replay", "canary", "tree")


def complaints(made: Simulation, expected: dict[str, bytes], directory: Path, asked: tuple[str, ...]) -> set[str]:
    """Return what the checkers have against the state that a run has left; the slow ones only if they are asked."""
    settings = made.settings
    outcome = made.checker.check(settings)
    found = {word for word in ("lost", "duplicated", "reordered", "unexpected") if getattr(outcome, word)}
    if not made.converged:
        found.add("not converged")
    if histories(settings) != expected:
        found.add("histories")
    receipts = keep_receipts(directory, made.checker.receipts.values())
    with Auditor(settings, receipts) as auditor:
        found |= {f"verify {one.code}" for one in auditor.findings()}
    if "replay" in asked and replay_differs(settings):
        found.add("replay")
    if "canary" in asked and canaries(made.sent) & words_at_rest(settings):
        found.add("canary")
    if [word for word in asked if word.startswith(("tree", "unseen"))]:
        found |= evidence_complaints(settings, pulled=made.pull)
    return found


def replay_differs(settings: Settings) -> bool:
    try:
        return bool(assembly.replay(settings, None, None, check=True)["differences"])
    except YihuError:
        return True


def conflicts(made: Simulation, settings: Settings) -> bool:
    """Whether an id that is on record is refused for other content."""
    submission = made.sent[0] | {"time": "2025-01-01T00:00:00+08:00", "recordedtime": "2025-01-02T00:00:00+08:00"}
    department = assembly.department(submission["type"].partition(".")[0], settings)
    try:
        department.receive(submission)
    except IdTaken:
        return True
    except Refused:  # for another reason: its id was not looked at
        return False
    else:
        return False
    finally:
        department.database.close()
        department.ring._database.close()


def canaries(events: list[Submission]) -> set[str]:
    """Return what was said in sealed fields, as it is and in base64."""
    sealed = set()
    for submission in events:
        declaration = CATALOGUE.get(submission["type"])
        for name, fact in (declaration.facts if declaration else {}).items():
            if fact.sealed and name in submission["data"]:
                sealed.add(str(submission["data"][name]))
    assert len(sealed) > 3
    return sealed | {base64.b64encode(text.encode()).decode() for text in sealed}


def words_at_rest(settings: Settings) -> set[str]:
    """Return every string in quotes that stands in a stored record or a waiting one."""
    tables = Tables.read(settings.database_url)
    rows = [row for table in TABLES for row in tables.rows[table]]
    raw = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    return set(raw.decode("utf-8", "replace").split('"'))


def evidence_complaints(settings: Settings, *, pulled: bool) -> set[str]:
    """Compute the trees anew, by a few lines of the tests' own, and let `verify` look at three kinds of tampering."""
    tables = Tables.read(settings.database_url)
    found = set()
    for log in assembly.SERVICES:
        bodies = [row[BODY] for row in tables.events(log)]
        kept = [note.split("\n")[1:3] for _, note, _ in tables.rows[f"{log}.checkpoints"]]
        if any(root(bodies[: int(size)]) != base64.b64decode(signed) for size, signed in kept):
            found.add("tree")
        if pulled and bodies and str(len(bodies)) not in {size for size, _ in kept}:
            found.add("tree")
    for what, log, tampered in tamperings(tables):
        if not check_book(log, tampered.book(log), Keys(settings.keys).verifier(log)).findings:
            found.add(f"unseen: {what}")
    return found


def tamperings(tables: Tables) -> list[tuple[str, str, Tables]]:
    """Return tables in which one log was changed so that only its hashes and checkpoints can tell."""
    signed = {log: max((row[0] for row in tables.rows[f"{log}.checkpoints"]), default=0) for log in assembly.NAMES}
    found = []
    for log in assembly.NAMES:
        rows = tables.events(log)
        if not signed[log] or len(rows) < 2:
            continue
        content, shorter = tables.copy(), tables.copy()
        body = content.events(log)[0][BODY]
        content.events(log)[0][BODY] = body.replace(b'"data":{', b'"data":{"a":0,', 1).replace(b":0,}", b":0}")
        del shorter.events(log)[-1]
        found += [("content changed", log, content), ("last record deleted", log, shorter)]
        for even in range(0, signed[log] - 1, 2):
            if rows[even][STREAM] != rows[even + 1][STREAM]:
                swapped = tables.copy()
                one, other = swapped.events(log)[even : even + 2]
                one[0], other[0] = other[0], one[0]
                found.append(("places changed", log, swapped))
                break
    assert {what for what, _, _ in found} == {"content changed", "last record deleted", "places changed"} or not found
    return found


def root(bodies: list[bytes]) -> bytes:
    """Return the root over records, as RFC 6962 writes it down."""
    if len(bodies) < 2:
        return hashlib.sha256(b"".join([b"\0", *bodies]) if bodies else b"").digest()
    half = 1 << (len(bodies) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(bodies[:half]) + root(bodies[half:])).digest()


# -- the tests


@pytest.fixture(scope="module")
def controls() -> dict[tuple[str, str], set[str]]:
    """Complaints about runs without a plant, by kind and seed."""
    return {}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_planted_fault_is_caught_and_the_same_run_without_it_holds(
    postgres: str,
    template: str,
    keys: Path,
    events: list[Submission],
    expected: dict[str, bytes],
    controls: dict[tuple[str, str], set[str]],
    proof: Proof,
    tmp_path: Path,
    plant: Plant,
) -> None:
    def examined(planting: Planting, seed: str, directory: Path, asked: tuple[str, ...]) -> set[str]:
        with fresh_database(postgres, template, keys) as settings, pytest.MonkeyPatch.context() as patch:
            planting(patch, settings)
            made = run(plant.kind, settings, events, seed)
            refused = set() if conflicts(made, settings) else {"no conflict"}
            if not plant.reads:
                patch.undo()
            return refused | complaints(made, expected, directory, asked)

    caught: set[str] = set()
    for number in range(SEEDS):
        seed = f"{proof.seed} {number}"
        if (plant.kind, seed) not in controls:
            controls[plant.kind, seed] = examined(lambda *_: None, seed, tmp_path / f"control {number}", ALL)
        assert controls[plant.kind, seed] == set(), "without the plant it must hold"
        caught |= examined(plant.plant, seed, tmp_path / f"planted {number}", ALL if proof.full else plant.complains)
        if set(plant.complains) <= caught:
            break
    assert set(plant.complains) <= caught, f"not caught by all of {plant.complains}, but by {sorted(caught)}"
    proof.note(caught_by=sorted(caught), seeds=number + 1)
