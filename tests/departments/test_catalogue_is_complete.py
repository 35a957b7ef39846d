import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAMES = Path(__file__).with_name("type_names.txt").read_text(encoding="utf-8").split()
STORIES = [
    json.loads(line)
    for name in ("family_a.jsonl", "family_b.jsonl")
    for line in (ROOT / "samples" / name).read_text(encoding="utf-8").splitlines()
]
DECLARED = """
import json
from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE
load_catalogue()
print(json.dumps({d.type: {
    "label": d.label,
    "clauses": d.clauses,
    "sentence": d.sentence,
    "scope": d.scope,
    "docstring": d.cls.__doc__,
    "forms": [{name: fact.required for name, fact in form.facts.items()} for form in d.forms],
} for d in CATALOGUE}))
"""


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    """Return the catalogue as a fresh program loads it, whatever other tests have imported."""
    ran = subprocess.run([sys.executable, "-c", DECLARED], cwd=ROOT, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_a_type_name_never_vanishes(declared: dict[str, Any]) -> None:
    assert [name for name in NAMES if name not in declared] == []


def test_a_new_type_name_is_written_down_for_good(declared: dict[str, Any]) -> None:
    assert sorted(declared) == NAMES


def test_the_two_stories_use_68_types_and_all_are_declared(declared: dict[str, Any]) -> None:
    used = {submission["type"] for submission in STORIES}
    assert len(used) == 68
    assert used - declared.keys() == set()


def test_the_stories_say_every_required_field_of_a_version_and_no_other(declared: dict[str, Any]) -> None:
    for submission in STORIES:
        forms = declared[submission["type"]]["forms"]
        required = [{name for name, is_required in fields.items() if is_required} for fields in forms]
        said = submission["data"].keys()
        assert any(must <= said <= may.keys() for must, may in zip(required, forms, strict=True)), submission["id"]


def test_every_type_says_when_it_is_recorded(declared: dict[str, Any]) -> None:
    for name, known in declared.items():
        assert known["docstring"].startswith("Recorded when "), name
        assert known["docstring"].endswith("."), name


def test_a_sentence_about_one_person_names_the_person(declared: dict[str, Any]) -> None:
    for name, known in declared.items():
        if known["scope"] == "person":
            assert "{subject}" in known["sentence"], name


def test_a_sentence_about_no_person_names_none(declared: dict[str, Any]) -> None:
    for name, known in declared.items():
        if known["scope"] in {"organisation", "event"}:
            assert "{subject}" not in known["sentence"], name
