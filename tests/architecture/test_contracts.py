"""What may know what: checked by reading the sources, and by import-linter with the contracts in pyproject.toml."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from services.departments import BY_NAME
from shared.language import identifiers
from tests.world import ROOT

DOORS = {
    "nameko": {"shared/bus/worker.py"},
    "eventlet": {"shared/bus/worker.py"},
    "kombu": {"shared/bus/broker.py", "shared/bus/inbox.py", "shared/bus/worker.py"},
    "amqp": {"shared/bus/broker.py", "shared/bus/inbox.py"},
    "eventsourcing": {"shared/log/recorder.py", "shared/door/department.py", "services/family_case/filing.py"},
    "marshmallow": {"shared/language/validation.py"},
    "flask": {"shared/door/http.py", "shared/door/web.py", "services/processes/web.py"}
    | {
        f"services/family_case/web/{name}.py"
        for name in ("app", "access", "search", "family", "story", "base", "desk", "service")
    }
    | {f"services/entitlements/web/{name}.py" for name in ("family", "indicators", "members", "work")}
    | {path.relative_to(ROOT).as_posix() for path in (ROOT / "services" / "console").glob("*.py")},
    "flask_login": {"services/console/app.py"},
    "flask_wtf": {"services/console/app.py"},
    "argon2": {"services/console/passwords.py"},
    "docx": {"services/console/report.py"},
    "markupsafe": {"services/console/charts.py"},
    "werkzeug": {"shared/door/web.py", "services/processes/web.py"},
    "waitress": {"services/processes/web.py"},
    "typer": {f"services/commands/{path.name}" for path in (ROOT / "services" / "commands").glob("*.py")},
    "psycopg": {
        "shared/postgres/database.py",
        "shared/log/recorder.py",
        "shared/log/lookups.py",
        "shared/postgres/migrate.py",
        "services/processes/installation.py",
    },
    "python_calamine": {"services/spreadsheets/files.py"},
    "xlsxwriter": {
        "services/spreadsheets/templates.py",
        "services/spreadsheets/marking.py",
        "services/spreadsheets/rosters/template.py",
    },
    "psycopg_pool": {"shared/postgres/database.py"},
    "cryptography": {"shared/keys/box.py", "shared/keys/signing.py", "shared/keys/ring.py", "shared/keys/files.py"},
}
CODES, USERS = "shared/policy/code_lists.json", "deploy/rabbitmq-definitions.json"
"""A code is the policy's own word, and some are also a department's name: one consents to `education`."""
ALLOWED = (
    "services/departments.py",
    "services/city/",
    "services/spreadsheets/rosters/",  # each says what a department's own sheet means
    "deploy/compose/family_case.yml",
    "docs/",
    "tests/",
    "samples/",
    CODES,
    USERS,
)
WORDS = {"education", "finance"}
"""Departments whose names are English words: these count only as a name, in code or in a string of their own."""
TEXT = {
    ".py",
    ".sql",
    ".html",
    ".json",
    ".jsonl",
    ".md",
    ".toml",
    ".lock",
    ".yml",
    ".yaml",
    ".txt",
    ".sh",
    ".css",
    ".cfg",
}
SKIPPED = {".git", "__pycache__", "build", "dist"}


@cache
def files() -> list[Path]:
    """Return the files of the project: those that are under version control, and new ones that would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    names = listed.stdout.decode().split("\n") if listed.returncode == 0 else []
    paths = [ROOT / name for name in names if name] or [path for path in ROOT.rglob("*") if not SKIPPED & {*path.parts}]
    return [path for path in paths if path.is_file()]


def sources() -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and relative(path).startswith(("shared/", "services/"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def imported(path: Path) -> list[str]:
    """Return every module that a file imports, wherever in it."""
    return list(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}: a relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def names_and_strings(path: Path) -> set[str]:
    """Return every name and every string of a program, without docstrings."""
    return set(_names_and_strings(path))


def _names_and_strings(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        elif isinstance(node, ast.Name | ast.Attribute | ast.alias | ast.arg | ast.FunctionDef | ast.ClassDef):
            yield next(getattr(node, part) for part in ("id", "attr", "name", "arg") if hasattr(node, part))


def names_department(text: str, name: str) -> bool:
    if name in WORDS:
        return re.search(rf"^{name}$|(?<![\w ]){name}[._/:]\w|[._/:]{name}(?!\w)", text) is not None
    return re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])", text) is not None


def test_the_search_for_names_knows_a_name_from_a_word() -> None:
    for text in (
        "education",
        "education.student_enrolled",
        "services.education",
        "urn:yihu:education:desk",
        "/education/",
    ):
        assert names_department(text, "education"), text
    for text in ("health, finance, a child", "the education of a child", "educational", "financed by"):
        assert not names_department(text, "education")
        assert not names_department(text, "finance")
    assert names_department("yihu_hrss", "hrss")


@pytest.mark.parametrize("name", BY_NAME)
def test_only_its_own_folder_and_the_list_of_departments_name_a_department(name: str) -> None:
    own = f"services/{name}/"
    found = []
    for path in files():
        where = relative(path)
        if where.startswith((own, *ALLOWED)) or not where.startswith(("shared/", "services/", "deploy/")):
            continue
        if path.suffix == ".py":
            texts = names_and_strings(path)
        elif path.suffix in TEXT:
            texts = set(re.split(r"[\s\"'`,;(){}\[\]<>=]+", path.read_text(encoding="utf-8")))
        else:
            continue
        found += [where for text in texts if names_department(text, name)]
    assert not found


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_met_at_its_doors_alone(library: str) -> None:
    users = {
        relative(path) for path in sources() if any(module.partition(".")[0] == library for module in imported(path))
    }
    assert users <= DOORS[library]
    assert users, f"nothing imports {library} any more: take it out of the list and of the dependencies"


def test_every_library_in_use_is_in_the_list_or_may_be_used_everywhere() -> None:
    everywhere = {"orjson", "shared", "services", *sys.stdlib_module_names}
    used = {module.partition(".")[0] for path in sources() for module in imported(path)}
    assert used - everywhere == set(DOORS)


def test_domain_events_and_rules_are_standard_library_and_shared_alone() -> None:
    named = [path for path in sources() if path.name in {"domain.py", "events.py", "rules.py"}]
    pure = [path for path in named if path.parent.name not in {"commands", "entitlements"}]
    assert len(pure) > 15
    for path in pure:
        department = relative(path).split("/")[1]
        for module in imported(path):
            root = module.partition(".")[0]
            ours = root == "shared" or module.startswith(f"services.{department}.")
            if relative(path).startswith("shared/"):
                ours = root == "shared"
            assert ours or root in sys.stdlib_module_names or module == f"services.{department}", (
                relative(path),
                module,
            )


def test_what_pure_modules_take_from_shared_is_pure_too() -> None:
    for name in ("errors", "log/record", "language/fields", "language/sentence", "language/rules"):
        roots = {module.partition(".")[0] for module in imported(ROOT / "shared" / f"{name}.py")}
        assert roots <= {"shared", "orjson", *sys.stdlib_module_names}


def test_import_linter_keeps_its_contracts() -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    told = checked.stdout.decode()
    assert checked.returncode == 0, told
    assert re.search(r"Contracts: ([5-9]|1\d) kept, 0 broken", told), told


def test_no_identity_number_of_a_real_region_stands_anywhere() -> None:
    regions = set()
    for path in files():
        if path.suffix not in TEXT:
            continue
        for number in re.findall(r"(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])", path.read_text(encoding="utf-8")):
            try:
                identifiers.resident_id(number, today=date(2100, 1, 1), allow_test_regions=True)
            except identifiers.IdentifierError:
                continue
            regions.add((number[:6], relative(path)))
    assert regions, "the search does not see the fabricated numbers"
    assert {region for region, _ in regions} <= set(identifiers.TEST_REGIONS), regions


def test_no_path_of_a_person_or_machine_and_no_package_index_stands_anywhere() -> None:
    # written so that this file does not hold what it looks for
    personal = re.compile("/(home|Users)" + r"/[a-z]\w+/|C:\\\\" + "Users|/ro" + r"ot/\.|/wo" + "rk/", re.IGNORECASE)
    index = re.compile(
        r"--(extra-)?index" + r"-url|--find" + r"-links|--trusted" + r"-host|https?://(?!127\.)[\w.-]+/(simple|pypi)"
    )
    found = []
    for path in files():
        if path.suffix not in TEXT and path.name != "Makefile":
            continue
        text = path.read_text(encoding="utf-8")
        if personal.search(text) or (path.suffix in {".lock", ".toml", ".txt"} and index.search(text)):
            found.append(relative(path))
    assert not found


def test_the_lock_files_pin_every_package_by_hash() -> None:
    locks = [path for path in files() if path.suffix == ".lock"]
    assert locks
    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        for block in re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)):
            if "==" in block:
                assert "--hash=sha256:" in block, block.partition("==")[0]
