import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.commands import reference
from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE
from shared.language.golden import breaks
from shared.language.schemas import json_schema
from tests.world import ROOT

load_catalogue()
PUBLISHED = ROOT / "docs" / "schemas"
BEFORE: dict[str, str] = json.loads(
    gzip.decompress((ROOT / "tests" / "upgrade" / "before" / "logs.json.gz").read_bytes())
)
"""The logs of the version before, as each door gave them out."""


def schema(type_name: str, *, stored: bool = False) -> dict[str, Any]:
    known = CATALOGUE.get(type_name)
    assert known is not None
    return json_schema(known, stored=stored)


DECIDED = schema("civil_affairs.dibao_decided")
STORED = schema("civil_affairs.dibao_decided", stored=True)
MAPPED = schema("disability_federation.cochlear_mapped")
PAID = schema("finance.benefit_paid")
CONSENT = "disability_federation.consent_recorded"


def changed(before: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """Return the schema with one place changed; `to` may be a function of what stands there, or None to take it out."""
    now = deepcopy(before)
    *way, last = path
    place = now
    for step in way:
        place = place[step]
    value = to(place.get(last)) if callable(to) else to
    if value is None:
        del place[last]
    else:
        place[last] = value
    return now


def without_field(before: dict[str, Any], name: str) -> dict[str, Any]:
    now = changed(before, "properties", name, to=None)
    now["required"] = [other for other in now["required"] if other != name]
    return now


NEW_FIELD = {"title": "新", "type": "string", "x-kind": "line", "x-sensitivity": "I", "x-sealed": False}
CONDITION = {
    "if": {"required": ["decision"], "properties": {"decision": {"enum": ["approved"]}}},
    "then": {"required": ["amount_month"]},
}

BROKEN: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("a type gone", DECIDED, None, "the type is gone"),
    ("a field gone", DECIDED, without_field(DECIDED, "cert_no"), "cert_no: the field is gone"),
    (
        "a new required field",
        DECIDED,
        changed(changed(DECIDED, "properties", "new", to=NEW_FIELD), "required", to=lambda old: [*old, "new"]),
        "new: is new and required",
    ),
    ("an optional field required", DECIDED, changed(DECIDED, "required", to=lambda old: [*old, "cert_no"]), "cert_no"),
    ("a code gone", DECIDED, changed(DECIDED, "properties", "decision", "enum", to=lambda old: old[1:]), "narrowed"),
    ("a text made codes", DECIDED, changed(DECIDED, "properties", "cert_no", "enum", to=["a"]), "enum narrowed"),
    ("a higher least", MAPPED, changed(MAPPED, "properties", "mapping_no", "minimum", to=1), "minimum narrowed"),
    ("a lower most", MAPPED, changed(MAPPED, "properties", "mapping_no", "maximum", to=9), "maximum narrowed"),
    ("a bound on money", DECIDED, changed(DECIDED, "properties", "amount_month", "x-over", to="0"), "x-over narrowed"),
    ("a higher bound on money", PAID, changed(PAID, "properties", "amount", "x-over", to="1"), "x-over narrowed"),
    ("a shorter text", DECIDED, changed(DECIDED, "properties", "cert_no", "maxLength", to=10), "maxLength narrowed"),
    ("another kind", DECIDED, changed(DECIDED, "properties", "pay_from", "x-kind", to="line"), "x-kind changed"),
    ("another shape", DECIDED, changed(DECIDED, "properties", "pay_from", "pattern", to="^.*$"), "pattern changed"),
    ("one for several", DECIDED, changed(DECIDED, "properties", "persons", "type", to="string"), "type changed"),
    ("another code list", DECIDED, changed(DECIDED, "properties", "decision", "x-code-list", to="X"), "changed"),
    ("a seal taken off", DECIDED, changed(DECIDED, "properties", "cert_no", "x-sealed", to=False), "x-sealed changed"),
    ("less sensitive", DECIDED, changed(DECIDED, "properties", "persons", "x-sensitivity", to="P"), "less sensitive"),
    ("another version", DECIDED, changed(DECIDED, "$id", to="urn:yihu:civil_affairs.dibao_decided:2"), "$id changed"),
    ("a new condition", DECIDED, changed(DECIDED, "allOf", to=lambda old: [*old, CONDITION]), "a new condition"),
    (
        "a prohibition added to a condition",
        DECIDED,
        changed(DECIDED, "allOf", to=lambda old: [old[0] | {"else": {"not": {"required": ["refuse_reason"]}}}]),
        "a new condition",
    ),
]


@pytest.mark.parametrize(("before", "now", "reason"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_an_old_sender_or_log_could_not_take_is_refused(
    before: dict[str, Any], now: dict[str, Any] | None, reason: str
) -> None:
    found = breaks(before, now, stored=False)
    assert len(found) == 1
    assert reason in found[0]


KEPT: list[tuple[str, dict[str, Any] | None, dict[str, Any]]] = [
    ("nothing", DECIDED, DECIDED),
    ("a new type", None, DECIDED),
    ("a new optional field", DECIDED, changed(DECIDED, "properties", "new", to=NEW_FIELD)),
    ("a new code", DECIDED, changed(DECIDED, "properties", "decision", "enum", to=lambda old: [*old, "deferred"])),
    ("other words", DECIDED, changed(DECIDED, "properties", "decision", "title", to="审核决定")),
    ("another description", DECIDED, changed(DECIDED, "description", to="Recorded when it was decided.")),
    ("another example", DECIDED, changed(DECIDED, "examples", to=[])),
    ("more sensitive", DECIDED, changed(DECIDED, "properties", "pay_from", "x-sensitivity", to="S")),
    ("a bound taken off", PAID, changed(PAID, "properties", "amount", "x-over", to=None)),
    ("a higher most", MAPPED, changed(MAPPED, "properties", "mapping_no", "maximum", to=10**12)),
    ("a required field optional", DECIDED, changed(DECIDED, "required", to=lambda old: old[1:])),
    ("a condition taken off", DECIDED, changed(DECIDED, "allOf", to=None)),
]


@pytest.mark.parametrize(("before", "now"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_what_old_senders_and_logs_can_take_is_let_through(before: dict[str, Any] | None, now: dict[str, Any]) -> None:
    assert breaks(before, now, stored=False) == []


def test_a_reader_may_rely_on_what_was_always_there() -> None:
    now = changed(STORED, "required", to=lambda old: old[1:])
    assert breaks(STORED, now, stored=True) == ["decision: readers rely on it, it stays required"]
    assert breaks(STORED, changed(STORED, "properties", "new", to=NEW_FIELD), stored=True) == []


def test_todays_declarations_keep_every_published_schema() -> None:
    assert len(list(PUBLISHED.glob("*.json"))) == len(list(PUBLISHED.glob("*.stored.json"))) * 2
    assert reference.broken(PUBLISHED) == []


def test_writing_the_reference_does_not_overwrite_a_schema_that_would_be_broken(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    published = changed(PAID, "properties", "gone", to=NEW_FIELD)
    path = folder / "finance.benefit_paid.json"
    path.write_text(json.dumps(published), encoding="utf-8")
    with pytest.raises(reference.SchemaBroken) as refused:
        reference.write(tmp_path)
    assert refused.value.reasons == ["finance.benefit_paid.json: gone: the field is gone"]
    assert json.loads(path.read_text(encoding="utf-8")) == published
    assert list(tmp_path.iterdir()) == [folder]


def test_a_published_schema_of_a_type_that_is_gone_is_not_forgotten(tmp_path: Path) -> None:
    promised = PAID | {"$id": "urn:yihu:finance.benefit_promised:1"}
    (tmp_path / "finance.benefit_promised.json").write_text(json.dumps(promised), encoding="utf-8")
    assert reference.broken(tmp_path) == ["finance.benefit_promised.json: the type is gone, or this version of it"]


def test_a_schema_published_before_there_was_a_newer_version_is_held_against_its_own_version(tmp_path: Path) -> None:
    text = (PUBLISHED / f"{CONSENT}.v1.json").read_text(encoding="utf-8")
    (tmp_path / f"{CONSENT}.json").write_text(text, encoding="utf-8")
    assert reference.broken(tmp_path) == []
    third = json.loads(text) | {"$id": f"urn:yihu:{CONSENT}:3"}
    (tmp_path / f"{CONSENT}.json").write_text(json.dumps(third), encoding="utf-8")
    assert reference.broken(tmp_path) == [f"{CONSENT}.json: the type is gone, or this version of it"]


@pytest.mark.parametrize("stored", [False, True])
def test_the_schema_of_an_older_version_can_be_asked_for(stored: bool) -> None:
    published = PUBLISHED / f"{CONSENT}.v1{'.stored' if stored else ''}.json"
    assert reference.schema_text(f"{CONSENT}.v1", stored=stored) == published.read_text(encoding="utf-8")


def test_an_older_version_is_published_beside_the_present_one_and_keeps_what_it_promised() -> None:
    ids = {json.loads(path.read_text(encoding="utf-8"))["$id"] for path in PUBLISHED.glob(f"{CONSENT}.*")}
    assert ids == {f"urn:yihu:{CONSENT}:{version}{form}" for version in (1, 2) for form in ("", ":stored")}


@pytest.mark.parametrize("department", BEFORE)
def test_what_the_version_before_stored_fits_todays_stored_schemas_and_loads(department: str) -> None:
    records = [record for record in json.loads(BEFORE[department]) if record["type"] != "education.not_yet_known"]
    assert records
    for record in records:
        known = CATALOGUE.get(record["type"])
        assert known is not None
        form = known.form(record.get("dataschema"))
        assert form is not None
        newest = known.newest(record["data"], record.get("dataschema"))
        for of, data in ((form, record["data"]), (known, newest)):
            assert list(Draft202012Validator(json_schema(of, stored=True)).iter_errors(data)) == []
        loaded = known.load(newest)
        for name in known.facts:
            assert (getattr(loaded, name) is None) == (name not in newest)
