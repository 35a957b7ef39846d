import random
import time
from collections import Counter
from pathlib import Path

import pytest

from services.processes import assembly
from tests.faults.tools.fresh import Auditor, fresh_database, histories, keep_receipts
from tests.faults.tools.proof import Proof
from tests.faults.tools.simulation import Simulation
from tests.faults.tools.workload import Submission, stories

EVENTS = 36
WORKLOADS = 2

Undisturbed = list[tuple[list[Submission], dict[str, bytes]]]


@pytest.fixture(scope="module")
def undisturbed(postgres: str, template: str, keys: Path) -> Undisturbed:
    """Some workloads, each with the histories that it gives when nothing goes wrong."""
    found: Undisturbed = []
    for number in range(WORKLOADS):
        events = stories(random.Random(number), EVENTS)  # noqa: S311
        with fresh_database(postgres, template, keys) as settings:
            assert Simulation(settings, events, number, mishaps=0).run().converged
            found.append((events, histories(settings)))
    return found


def test_whatever_the_seed_every_receipted_event_ends_once_in_the_same_histories(
    postgres: str, template: str, keys: Path, undisturbed: Undisturbed, proof: Proof, tmp_path: Path
) -> None:
    met: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    slowest = 0.0
    for number in range(proof.of(10, 150)):
        seed = f"{proof.seed} {number}"
        events, expected = undisturbed[number % WORKLOADS]
        begun = time.monotonic()
        with fresh_database(postgres, template, keys) as settings:
            simulation = Simulation(settings, events, seed).run()
            outcome = simulation.checker.check(settings)
            assert outcome.holds, (seed, outcome.findings)
            assert simulation.converged, seed
            assert histories(settings) == expected, seed
            receipts = keep_receipts(tmp_path / str(number), simulation.checker.receipts.values())
            with Auditor(settings, receipts) as auditor:
                assert auditor.findings() == [], seed
            if number % 5 == 0:
                assert assembly.replay(settings, None, None, check=True)["differences"] == [], seed
        slowest = max(slowest, time.monotonic() - begun)
        met.update(simulation.met)
        counted.update(outcome.as_dict())  # also what was counted as 0
    assert counted["acknowledged"] == counted["attempted"]
    proof.note(seeds=number + 1, slowest_seconds=round(slowest, 1), **counted, mishaps=dict(met))


def test_the_same_seed_gives_the_same_run(
    postgres: str, template: str, keys: Path, undisturbed: Undisturbed, proof: Proof
) -> None:
    runs = []
    for _ in range(2):
        with fresh_database(postgres, template, keys) as settings:
            runs.append(Simulation(settings, undisturbed[0][0], proof.seed).run().met)
    assert runs[0] == runs[1]
