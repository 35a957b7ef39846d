"""Events that hypothesis draws, of every type: a valid one is recorded and reads back equal, a spoiled one is refused.

They go through the real doors of every department, in process, on a real database.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import strategies as st

from services.departments import BY_NAME, domain_of
from services.processes import assembly
from shared.door.department import Answer, Department
from shared.language.catalogue import CATALOGUE, Corrects, Declaration
from shared.language.kinds import Setting
from shared.language.kinds.parties import person
from shared.language.persons import TOKEN
from shared.language.rules import Rules
from shared.log.record import RecordedEvent
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools import generated
from tests.faults.tools.proof import Proof
from tests.world import drop_database, event

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


@pytest.mark.parametrize("name", BY_NAME)
def test_every_generated_valid_event_is_recorded_and_reads_back_equal(
    name: str, departments: dict[str, Department], proof: Proof
) -> None:
    department, counted = departments[name], Counter[str]()
    for declaration in generated.types_of(name):
        if not generated.amends(declaration):
            sent = generated.event(declaration)
            generated.each(proof, sent, 2, 100, partial(_recorded, department, declaration, counted))
    proof.note(**counted)
    assert counted["recorded"]


def _recorded(department: Department, declaration: Declaration, counted: Counter[str], sent: dict[str, Any]) -> None:
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
    if "already_recorded" in answer.receipt.get("remarks", ()):
        return
    [record] = department.recorder.at([answer.receipt["position"]])
    assert _opened(department, record, record.data, declaration) == _expected(department, declaration, sent["data"])
    given = {name for name, value in vars(declaration.load(record.data)).items() if value is not None}
    assert given == set(sent["data"])
    for name in ("id", "source", "type", "time", "process", "division", "org", "legacy", "recordedby", "filerow"):
        assert record.attributes.get(name) == sent.get(name)
    assert TOKEN.fullmatch(record.subject or "p-" + "a" * 32) or record.subject == sent["subject"]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_generated_event_can_be_corrected_to_another_and_withdrawn(
    name: str, departments: dict[str, Department], proof: Proof
) -> None:
    department, counted = departments[name], Counter[str]()
    for declaration in generated.types_of(name):
        if not generated.amends(declaration):
            both = st.tuples(generated.event(declaration), generated.payload(declaration))
            generated.each(proof, both, 1, 20, partial(_amended, department, declaration, counted))
    proof.note(**counted)
    assert counted["corrected"]


def _amended(
    department: Department,
    declaration: Declaration,
    counted: Counter[str],
    both: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    sent, restated = both
    counted["events"] += 1
    if not _answer(department, sent, NO_RULES).new:
        return
    name, effect = declaration.department, CATALOGUE.effect_of(f"{declaration.department}.event_corrected")
    assert isinstance(effect, Corrects)
    data = {"target_event": sent["id"], "corrected_payload": restated, "reason": "录入有误"}
    correction = event(f"{name}.event_corrected", data, None, id=f"correction-{next(_ids)}")
    answer = _answer(department, correction, NO_RULES)
    if answer.refused is None and answer.receipt is not None:
        counted["corrected"] += 1
        [record] = department.recorder.at([answer.receipt["position"]])
        found = _opened(department, record, record.data[effect.payload], declaration, f"{effect.payload}/")
        assert found == _expected(department, declaration, restated)
    else:
        assert _faults(answer).startswith("natural_key_taken")
    data = {"target_event": sent["id"], "reason": "重复登记", "approver": "虚构经办人"}
    assert _answer(department, event(f"{name}.event_withdrawn", data, None), NO_RULES).new


def _opened(
    department: Department, record: RecordedEvent, data: dict[str, Any], declaration: Declaration, at: str = ""
) -> dict[str, Any]:
    """Return a stored payload with its seals opened."""
    place = (record.type, record.source, record.id)
    return {
        name: department.ring.unseal(value, (*place, f"{at}{name}")) if name in declaration.sealed else value
        for name, value in data.items()
    }


def _expected(department: Department, declaration: Declaration, sent: dict[str, Any]) -> dict[str, Any]:
    return {name: _kept(department, declaration, name, value) for name, value in sent.items()}


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
    """Check that a refusal is the sender's fault, each fault with place and words, and that none repeats a value."""
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
        generated.each(proof, generated.spoiled(declaration), 2, 100, check)
    proof.note(**counted)


def _pointers(answer: Answer) -> list[str]:
    assert answer.refused is not None
    return [fault.pointer for fault in answer.refused.faults]
