"""What the documentation claims beside its examples: limits, names of files and constants, codes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.commands import emitter
from services.departments import load_catalogue
from services.family_case import waiting
from services.processes import web
from shared.door import http
from shared.json import MAX_DEPTH
from shared.language import envelope, kinds
from shared.language.catalogue import CATALOGUE
from tests.world import ROOT

DOCS = ROOT / "docs"
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *sorted(DOCS.glob("*.md"))]
NOT_YET = "NNN"
"""Stands in a name for the number that a new file will have."""
FILE = re.compile(r"(?<![\w/.])(?:shared|services|tests|deploy|samples|docs)/[\w./-]+\.[a-z]+\b")
KIB, MIB = 1024, 1024 * 1024
LIMITS: list[tuple[str, str]] = [
    ("integrating.md", f"at most {http.BATCH_EVENTS:,} events and {http.BATCH_BYTES // MIB} MiB"),
    (
        "integrating.md",
        f"more than {http.EVENT_BYTES // KIB} KiB in an event, {http.BATCH_BYTES // MIB} MiB in a batch",
    ),
    ("integrating.md", f"at most {envelope.ID_LENGTH} characters"),
    ("integrating.md", f"at most {kinds.LINE_LENGTH} characters in clear fields"),
    ("integrating.md", f"{kinds.NOTE_LENGTH:,} in sealed"),
    ("integrating.md", f"after position N, at most {http.PAGE:,}"),
    ("troubleshooting.md", f"more than {MAX_DEPTH - 1} levels"),
    ("troubleshooting.md", f"took more than {web.REQUEST_S} s"),
    ("delivery.md", f"its first {waiting.UNSIGNED_BYTES // KIB} KiB, of all together {waiting.UNSIGNED_MESSAGES:,}"),
]


def text_of(page: Path) -> str:
    """Return a page as one line, so that its line breaks do not matter."""
    return " ".join(page.read_text().split())


@pytest.mark.parametrize(("page", "sentence"), LIMITS, ids=lambda value: value)
def test_a_limit_that_a_page_names_is_the_programs(page: str, sentence: str) -> None:
    assert sentence in text_of(DOCS / page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = {name for name in FILE.findall(page.read_text()) if NOT_YET not in name}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_constant_that_a_page_names_beside_a_file_stands_in_it(page: Path) -> None:
    text = page.read_text()
    beside = re.findall(r"`((?:shared|services)/[\w/]+\.py)` \(([^)]*)\)", text)
    for row in re.findall(r"^\|.*\|$", text, re.MULTILINE):
        cells = row.split("|")
        file = re.fullmatch(r" `((?:shared|services)/[\w/]+\.py)` ", cells[-2])
        if file:
            beside.append((file[1], row))
    for file, words in beside:
        source = (ROOT / file).read_text()
        for name in re.findall(r"`([A-Z][A-Z_]+)`", words):
            assert re.search(rf"^{name}\b.* = ", source, re.MULTILINE), f"{name} in {file}"


def test_the_emitter_tries_as_the_page_on_delivery_says() -> None:
    assert "`ATTEMPTS` times with a growing wait" in text_of(DOCS / "delivery.md")
    assert emitter.ATTEMPTS > 1


def test_every_code_with_which_the_doors_http_refuses_is_explained() -> None:
    told = (DOCS / "troubleshooting.md").read_text() + (DOCS / "integrating.md").read_text()
    sources = "".join((ROOT / "shared" / file).read_text() for file in ("door/http.py", "door/web.py", "json.py"))
    codes = set(
        re.findall(r'(?:Fault|_fault|_refused|_note)\(\s*(?:faults, pointer, |faults, here, )?"([a-z_]+)"', sources)
    )
    assert {"content_type", "duplicate_key", "half_character", "too_deep", "other_source"} <= codes
    assert sorted(code for code in codes if f"`{code}`" not in told) == []


def test_a_type_has_the_dataschema_that_its_published_schema_names() -> None:
    load_catalogue()
    for known in CATALOGUE:
        schema: dict[str, Any] = json.loads((DOCS / "schemas" / f"{known.type}.json").read_text())
        assert schema["$id"] == known.dataschema == f"urn:yihu:{known.type}:{known.version}"


def test_no_page_command_door_declaration_or_rule_has_sql() -> None:
    assert "No page, command, door, declaration or rule has SQL." in text_of(ROOT / "CONTRIBUTING.md")
    rooms = ("services/family_case/web", "services/commands", "shared/door", "shared/language")
    found = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    found += [path for name in ("domain", "events", "rules") for path in (ROOT / "services").rglob(f"{name}.py")]
    sql = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM) ")
    assert len(found) > 50
    assert [path.name for path in found if sql.search(path.read_text())] == []
    assert sql.search((ROOT / "services" / "family_case" / "reading.py").read_text())
