"""What the documentation claims beside its examples: limits, names of files and constants, codes."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.commands import emitter
from services.departments import BY_NAME, load_catalogue
from services.family_case import desk
from services.family_case.tables import PROJECTED
from services.processes import web
from shared.door import deciding, http, intake
from shared.json import MAX_DEPTH
from shared.keys import files, ring
from shared.language import envelope, identifiers, kinds
from shared.language.catalogue import CATALOGUE
from shared.policy.lists import flags
from tests.world import ROOT

DOCS = ROOT / "docs"
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *sorted(DOCS.glob("*.md"))]
NOT_YET = "NNN"
"""Stands in a name for the number that a new file will have."""
FILE = re.compile(r"(?<![\w/.])(?:shared|services|tests|deploy|samples|docs)/[\w./-]+\.[a-z]+\b")
KIB, MIB = 1024, 1024 * 1024
MINUTES = {300: "five minutes"}
ROOMS = ("shared", "services/family_case", "services/console", "services/processes", "services/commands")
FAULTS = {
    "Fault",
    "Unreadable",
    "_fault",
    "target_fault",
    "_refused",
    "_note",
    "_shaped",
    "__init__",
    "Broken",
    "YihuError",
}
"""What makes a refusal, or an error of a command, of a code."""
LIMITS: list[tuple[str, str]] = [
    ("integrating.md", f"at most {intake.BATCH_EVENTS:,} events and {intake.BATCH_BYTES // MIB} MiB"),
    (
        "integrating.md",
        f"more than {intake.EVENT_BYTES // KIB} KiB in an event, {intake.BATCH_BYTES // MIB} MiB in a batch",
    ),
    ("integrating.md", f"at most {envelope.ID_LENGTH} characters"),
    ("integrating.md", f"at most {kinds.LINE_LENGTH} characters in clear fields"),
    ("integrating.md", f"{kinds.NOTE_LENGTH:,} in sealed"),
    ("integrating.md", f"after position N, at most {http.PAGE:,}"),
    ("troubleshooting.md", f"more than {MAX_DEPTH - 1} levels"),
    ("troubleshooting.md", f"took more than {web.REQUEST_S} s"),
    ("privacy.md", f"in memory, {ring.CACHED_KEYS:,} at most"),
    (
        "architecture.md",
        f"A time more than {MINUTES[deciding.CLOCK_SKEW.seconds]} in our future is accepted and flagged",
    ),
    ("evidence.md", f"a time was more than {MINUTES[deciding.CLOCK_SKEW.seconds]} in our future"),
    ("delivery.md", f"its first {desk.UNSIGNED_BYTES // KIB} KiB, of all together {desk.UNSIGNED_MESSAGES:,}"),
]


def text_of(page: Path) -> str:
    """Return a page as one line, so that its line breaks do not matter."""
    return " ".join(page.read_text().split())


@pytest.mark.parametrize(("page", "sentence"), LIMITS, ids=lambda value: value)
def test_a_limit_that_a_page_names_is_the_programs(page: str, sentence: str) -> None:
    assert sentence in text_of(DOCS / page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    created = re.findall(r"<!-- recipe: create (\S+) -->", page.read_text())
    named = {name for name in FILE.findall(page.read_text()) if NOT_YET not in name} - set(created)
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
            assert re.search(rf"^(?:\w+, )*{name}\b.* = ", source, re.MULTILINE), f"{name} in {file}"


def test_the_emitter_tries_as_the_page_on_delivery_says() -> None:
    assert "`ATTEMPTS` times with a growing wait" in text_of(DOCS / "delivery.md")
    assert emitter.ATTEMPTS > 1


def test_every_code_with_which_the_doors_http_refuses_is_explained() -> None:
    told = (DOCS / "troubleshooting.md").read_text() + (DOCS / "integrating.md").read_text()
    rooms = ("door/http.py", "door/intake.py", "door/web.py", "json.py")
    sources = "".join((ROOT / "shared" / file).read_text() for file in rooms)
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


def test_every_file_of_the_house_is_in_the_table_of_files() -> None:
    rows = re.findall(r"^\| `([a-z_/]+/)` \| (.*) \|$", (DOCS / "architecture.md").read_text(), re.MULTILINE)
    told = {f"{folder}{name}" for folder, files in rows for name in re.findall(r"`(\w+\.py)`", files)}
    there = {path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    there = {path for path in there if not path.endswith("__init__.py")}
    assert len(there) > 80
    assert sorted(told ^ (there | {"services/departments.py"})) == []


def test_every_table_is_told_with_its_schema() -> None:
    page = (DOCS / "architecture.md").read_text()
    scripts = [path.read_text() for path in ROOT.glob("s*/**/migrations/*.sql") if "read_models" not in path.name]
    made = {name for script in scripts for name in re.findall(r"CREATE (?:TABLE|VIEW) \{schema\}\.(\w+)", script)}
    kept = {table.name for table in PROJECTED} - {"entries", "waiting"}
    assert {"events", "lookups", "records", "keys", "inbox"} <= made
    assert len(kept) > 5
    assert sorted(name for name in (made - {"snapshots", "rows"}) | kept if f"`{name}`" not in page) == []


def test_a_service_may_change_nothing_but_how_far_it_relayed_its_copies_and_read_models() -> None:
    page = text_of(DOCS / "architecture.md")
    scripts = [path.read_text() for path in ROOT.glob("s*/**/migrations/*.sql") if "read_models" not in path.name]
    grants = [grant for script in scripts for grant in re.findall(r"GRANT ([A-Z, ]+) ON ([^;]+) TO \{role\}", script)]
    may_change = {tables for rights, tables in grants if "UPDATE" in rights or "DELETE" in rights}
    console = "{schema}.passwords, {schema}.sessions, {schema}.failures"
    assert may_change == {"{schema}.relayed", "{schema}.parameters", console}
    kept = {
        table for rights, tables in grants if "INSERT" in rights for table in re.findall(r"\{schema\}\.(\w+)", tables)
    }
    told = {
        name
        for row in re.findall(r"SELECT, INSERT on ((?:`\w+`(?:, )?)+)", page)
        for name in row.strip("`").split("`, `")
    }
    assert told == kept - {"snapshots"}
    triggers = re.search(r"Triggers refuse UPDATE, DELETE and TRUNCATE on (.*?), for every role", page)
    assert triggers
    made = {name for script in scripts for name in re.findall(r"OR TRUNCATE ON \{schema\}\.(\w+)", script)}
    assert set(re.findall(r"`(\w+)`", triggers[1])) == made


def test_every_department_stands_in_three_import_contracts() -> None:
    assert "list the departments one by one: three of them get the new name" in text_of(ROOT / "CONTRIBUTING.md")
    contracts = (ROOT / "pyproject.toml").read_text().split("[[tool.importlinter.contracts]]")
    for name in BY_NAME:
        assert sum(f'"services.{name}' in contract for contract in contracts) == 3, name


def test_every_setting_of_a_process_is_in_the_table_of_variables() -> None:
    page = (DOCS / "operating.md").read_text()
    sources = [(ROOT / "shared" / file).read_text() for file in ("settings.py", "keys/files.py")]
    named = {name for source in sources for name in re.findall(r'"(YIHU_[A-Z_]+)"', source)}
    assert {"YIHU_WAKE", "YIHU_LINK_KEY", "YIHU_DATABASE_URL"} <= named
    assert sorted(name for name in named if f"`{name}`" not in page) == []


def test_a_relay_that_nobody_wakes_looks_as_soon_as_the_pages_say() -> None:
    idle = re.search(r"^SOON_S, IDLE_S, SLOWER = [\d.]+, ([\d.]+),", _source("shared/bus/worker.py"), re.MULTILINE)
    assert idle
    for page in ("operating.md", "troubleshooting.md", "delivery.md"):
        assert f"up to {idle[1]} s later" in text_of(DOCS / page)
    assert "nobody can wake %s" in _source("shared/bus/worker.py")


def test_a_change_of_permits_counts_within_a_second() -> None:
    for page in (DOCS / "operating.md", ROOT / "SECURITY.md"):
        assert "within a second" in text_of(page)
    assert files.LOOK_S < 1


def test_what_may_differ_in_a_retry_is_what_only_travels_beside_an_event() -> None:
    told = re.search(r"what only travels beside the event: ([^;]*);", text_of(DOCS / "integrating.md"))
    assert told
    assert tuple(re.findall(r"`(\w+)`", told[1])) == ("specversion", "datacontenttype", "dataschema", "traceparent")
    assert set(envelope.BESIDE) == set(re.findall(r"`(\w+)`", told[1]))


def test_every_code_that_is_refused_is_explained() -> None:
    told = "".join((DOCS / page).read_text() for page in ("troubleshooting.md", "integrating.md", "rules.md"))
    sources = [path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py")]
    codes = {code for path in sources for code in _codes(path)} | identifiers.REFUSALS.keys()
    internal = {"differs"}  # caught where it is raised; no command or door says it
    assert {"out_of_order", "already_ended", "amount_missing", "period_reversed", "not_a_date"} <= codes
    assert len(codes) > 150
    assert sorted(code for code in codes - internal if f"`{code}`" not in told) == []


@pytest.mark.parametrize(
    ("page", "begins", "ends"),
    [
        ("integrating.md", "## What a department refuses", "## Flags"),
        ("troubleshooting.md", "## Refused events", "## Commands"),
    ],
)
def test_every_code_in_a_table_of_refusals_is_one_that_is_raised(page: str, begins: str, ends: str) -> None:
    sources = [path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py")]
    codes = {code for path in sources for code in _codes(path)} | identifiers.REFUSALS.keys()
    elsewhere = {
        "null",
        "required_here",
        "refusal_without_reason",
        "consent_missing_in_publicity",
        "defects_missing",
    }  # written as words, or at the declaration of a field
    for word in elsewhere:
        assert any(f'"{word}"' in path.read_text() for path in sources), word
    table = (DOCS / page).read_text().partition(begins)[2].partition(ends)[0]
    cells = [
        row.split("|")[1 if page == "troubleshooting.md" else 2] for row in re.findall(r"^\|.*\|$", table, re.MULTILINE)
    ]
    named = {code for cell in cells for code in re.findall(r"`([a-z_]+)`", cell)}
    assert len(named) > 15
    assert sorted(named - codes - elsewhere) == []


def test_the_flags_that_the_pages_name_exist() -> None:
    assert {"happened_in_future", "asserted_in_future"} <= flags().keys()


def test_only_a_door_that_compares_or_is_asked_and_who_reads_quarantine_again_open_what_is_sealed() -> None:
    told = text_of(DOCS / "privacy.md")
    assert "Beside opening, a door opens what it sealed itself only to compare a repetition" in told
    assert "in memory (`shared/door/sameness.py`), and a name with those on record (`shared/door/names.py`" in told
    sources = [path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py")]
    openers = [path.relative_to(ROOT).as_posix() for path in sources if ".unseal(" in path.read_text()]
    assert sorted(openers) == [
        "services/family_case/consumer.py",
        "shared/door/opening.py",
        "shared/door/sameness.py",
    ]


def test_an_events_way_has_the_six_steps_of_the_door_in_order() -> None:
    page = (DOCS / "architecture.md").read_text().partition("## An event's way")[2].partition("## Processes")[0]
    steps = re.findall(r"^\| (\d+) \| ([a-zHTP]+) \|", page, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, 17))
    assert [name for _, name in steps[1:7]] == ["read", "resolve", "decide", "seal", "append", "receipt"]


def _source(name: str) -> str:
    return (ROOT / name).read_text()


def _codes(path: Path) -> Iterator[str]:
    """Yield the codes of the faults that a file makes; flags are none."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            yield from [word for word in words if name in FAULTS and re.fullmatch("[a-z_]{2,}", word)][:1]
            named = {one.arg: one.value for one in node.keywords}
            for one in (named.get("code"), named.get("fault")):
                if isinstance(one, ast.Constant) and "effect" not in named:
                    yield str(one.value)
        elif isinstance(node, ast.FunctionDef):
            for argument, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                if argument.arg in {"code", "fault"} and isinstance(value, ast.Constant):
                    yield str(value.value)
