"""Events that hypothesis draws, of every type: a valid one is recorded and reads back equal, a spoiled one is refused.

They go through the real doors of every department, in process, on a real database.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from services.departments import BY_NAME, domain_of
from services.processes import assembly
from shared.door.department import Answer, Department
from shared.language.catalogue import Declaration
from shared.language.kinds import Setting
from shared.language.kinds.parties import person
from shared.language.persons import TOKEN
from shared.language.rules import Rules
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools import generated
from tests.faults.tools.proof import Proof
from tests.world import drop_database

SETTING = Setting(generated.DAY, allow_test_regions=True)
NO_RULES = Rules()
_ids = count(1)


@pytest.fixture(scope="module")
def departments(postgres: str, template: str, keys: Path) -> Iterator[dict[str, Department]]:
    """Every department, on one database."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE generated TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="generated")
    made = {
        name: assembly.department(name, Settings(url, EMBEDDED_BUS, keys, "", allow_test_regions=True))
        for name in BY_NAME
    }
    yield made
    for one in made.values():
        one.database.close()
        one.ring._database.close()
    drop_database(postgres, "generated")


def each(proof: Proof, strategy: st.SearchStrategy[Any], short: int, full: int, check: Callable[[Any], None]) -> None:
    """Check so many examples of a strategy, drawn from the seed of the run."""
    how = settings(
        max_examples=proof.of(short, full),
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    seed(proof.seed)(how(given(strategy)(check)))()


@pytest.mark.parametrize("name", BY_NAME)
def test_every_generated_valid_event_is_recorded_and_reads_back_equal(
    name: str, departments: dict[str, Department], proof: Proof
) -> None:
    department, counted = departments[name], Counter[str]()
    for declaration in generated.types_of(name):
        if not generated.amends(declaration):
            each(proof, generated.event(declaration), 2, 100, lambda sent: _recorded(department, sent, counted))
    proof.note(**counted)
    assert counted["recorded"]


def _recorded(department: Department, sent: dict[str, Any], counted: Counter[str]) -> None:
    """Check that a door takes a valid event; what its rules refuse is recorded by the same door without rules."""
    counted["events"] += 1
    answer = _answer(department, sent, domain_of(department.reader.department).RULES)
    if answer.refused is not None:
        counted["refused_by_rules"] += 1
        _explained(answer)
        sent = sent | {"id": f"without-rules-{next(_ids)}"}
        answer = _answer(department, sent, NO_RULES)
    if answer.refused is not None and answer.refused.code == "natural_key_taken":
        counted["key_taken"] += 1
        return
    assert answer.refused is None, _faults(answer)
    assert answer.receipt is not None
    counted["recorded"] += 1
    again = _answer(department, sent, NO_RULES)
    assert (again.new, again.receipt) == (False, answer.receipt)
    [record] = department.recorder.at([answer.receipt["position"]])
    declaration = next(one for one in generated.types_of(department.reader.department) if one.type == sent["type"])
    expected = {name: _kept(department, declaration, name, value) for name, value in sent["data"].items()}
    if "already_recorded" in answer.receipt.get("remarks", ()):
        return
    place = (record.type, record.source, record.id)
    opened = {
        name: department.ring.unseal(value, (*place, name)) if name in declaration.sealed else value
        for name, value in record.data.items()
    }
    assert opened == expected
    assert {name for name, value in vars(declaration.load(record.data)).items() if value is not None} == set(expected)
    for name in ("id", "source", "type", "time", "process", "division", "org", "legacy", "recordedby", "filerow"):
        assert record.attributes.get(name) == sent.get(name)
    assert TOKEN.fullmatch(record.subject or "p-" + "a" * 32) or record.subject == sent["subject"]


def _kept(department: Department, declaration: Declaration, name: str, value: Any) -> Any:
    """Return what of a sent value is kept: of a person the token, of an organisation an object, else what was sent."""
    fact = declaration.facts[name]
    if fact.sealed or fact.kind.name not in {"person", "party", "organisation"}:
        return value
    return [_named(department, one) for one in value] if fact.many else _named(department, value)


def _named(department: Department, value: Any) -> Any:
    if value in generated.CODES:
        return {"code": value}
    is_person = isinstance(value, str) and not value.startswith("XN-F-")
    return department.reader.link.token(person(value, SETTING)) if is_person else value


def _answer(department: Department, sent: Any, rules: Rules) -> Answer:
    department.rules = rules
    [answer] = department.receive_all([sent])
    return answer


def _faults(answer: Answer) -> str:
    assert answer.refused is not None
    return " ".join(f"{fault.code} {fault.pointer}" for fault in answer.refused.faults)


def _explained(answer: Answer) -> None:
    """Check that a refusal is the sender's fault, that each fault has place and words, and that none repeats a value."""
    assert answer.refused is not None
    assert 400 <= answer.refused.status < 500
    assert answer.refused.faults
    for fault in answer.refused.faults:
        assert fault.code
        assert fault.pointer.startswith("/"), fault.code
        assert fault.zh.endswith("。"), fault.code
        assert fault.en.endswith("."), fault.code
        assert generated.CANARY not in f"{fault.zh}{fault.en}", fault.code


@pytest.mark.parametrize("name", BY_NAME)
def test_every_spoiled_event_is_refused_at_its_place(
    name: str, departments: dict[str, Department], proof: Proof
) -> None:
    department, counted = departments[name], Counter[str]()

    def check(spoiled: generated.Spoiled) -> None:
        counted["events"] += 1
        answer = _answer(department, spoiled.event, domain_of(name).RULES)
        assert answer.receipt is None
        _explained(answer)
        assert any(pointer.startswith(spoiled.pointer) for pointer in _pointers(answer)), _faults(answer)

    for declaration in generated.types_of(name):
        each(proof, generated.spoiled(declaration), 2, 100, check)
    proof.note(**counted)


def _pointers(answer: Answer) -> list[str]:
    assert answer.refused is not None
    return [fault.pointer for fault in answer.refused.faults]
