"""What the live path answers on any day F, as known on any day K, is what a naive evaluator makes of the bare logs."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any

import orjson
import pytest

from services.entitlements.engine import Judged
from services.entitlements.indicators.computing import Indicators
from services.entitlements.judging import _said
from services.processes.assembly import owed_schema
from shared.policy.calendar import last_of, month_of, months_between
from tests.entitlements.desk import Desk
from tests.entitlements.naive import Naive
from tests.entitlements.upheavals import upheaved
from tests.family_case.conftest import Hub
from tests.faults.tools.proof import Proof

TODAY = date(2026, 12, 31)
MONTHS = [last_of(month) for month in months_between("2025-01", month_of(TODAY))]


@pytest.fixture
def desk(hub: Hub, open_database: Callable[..., Any]) -> Desk:
    """Kept verdicts of a day on which most stories are told."""
    return Desk(hub.queries, open_database("family_case", schema=owed_schema(hub.database.schema)), TODAY)


def test_on_all_pairs_of_months_the_live_path_says_what_the_bare_logs_say(
    hub: Hub, desk: Desk, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = upheaved(proof.of(6, 200), proof.random)
    for log, some in logs.items():
        hub.cases.receive(log, some)
    indicators, compared, families = Indicators(desk.judging), 0, set[str]()
    files = desk.judging.queries.files
    read = files.read
    for known, days in _pairs(proof):
        monkeypatch.setattr(files, "read", cache(read))  # once for each K
        naive = Naive(logs, known)
        for on in days:
            live = {one.case.number: _shown(one.judged) for one in indicators.answers(on, known, None)}
            bare = {family: _shown(judged) for family, judged in naive.judged(on)}
            for family in sorted({*live, *bare}):
                assert live.get(family, []) == bare.get(family, []), (known, on, family)
            compared += len(bare)
            families |= bare.keys()
    proof.note(families=len(families), compared=compared)
    assert compared


def _pairs(proof: Proof) -> Iterator[tuple[date, list[date]]]:
    """Yield months of knowing, each with those to be judged: all, or some."""
    for known in MONTHS if proof.full else sorted(proof.random.sample(MONTHS, 4)):
        yield known, MONTHS if proof.full else proof.random.sample(MONTHS, 3)


def _shown(judged: list[Judged]) -> list[Any]:
    """Return verdicts in one order."""
    return sorted(orjson.loads(_said(judged)), key=lambda one: one[:2])
