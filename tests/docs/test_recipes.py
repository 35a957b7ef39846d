"""The recipes of CONTRIBUTING, followed to the letter in a copy of the project: a type, a department, a version."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.world import DAUGHTER, ROOT, event

RECIPE = re.compile(r"^<!-- recipe: (\w+) (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DEPARTMENT = "services/health_commission/"
VERSION = re.compile(r"^## Add a version of a type\n.*?(?=^## )", re.DOTALL | re.MULTILINE)
TYPE, ITS_TYPE = "education.school_travel_paid", "health_commission.child_screened"
GENERATED = (
    "docs/events.md",
    "docs/rules.md",
    "docs/asyncapi.json",
    "docs/schemas/",
    "deploy/rabbitmq-definitions.json",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "build", "dist", "*.egg-info")
YIHU = [sys.executable, "-c", "from services.commands.cli import main; main()"]
TESTS = (
    "tests/departments/test_catalogue_is_complete.py",
    "tests/departments/test_rulebook.py",
    "tests/departments/test_health_commission_rules.py",
    "tests/architecture/test_contracts.py::test_import_linter_keeps_its_contracts",
    "tests/architecture/test_contracts.py::test_only_its_own_folder_and_the_list_of_departments_name_a_department",
    "tests/architecture/test_contracts.py::test_domain_events_and_rules_are_standard_library_and_shared_alone",
    "tests/shared/language/test_versions.py",
    "tests/shared/language/test_golden.py::test_todays_declarations_keep_every_published_schema",
    "tests/docs/test_docs.py::test_the_page_of_event_types_is_what_the_declarations_say",
    "tests/docs/test_docs.py::test_the_schemas_are_what_the_declarations_say",
)
START_S, FILED_S = 120.0, 60.0


class Copy:
    """A copy of the project, with what was written to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT, root, ignore=LEFT_OUT)
        self.environment = os.environ | {"PYTHONPATH": str(root), "YIHU_DATA": str(root / "data")}

    def contents(self) -> dict[str, bytes]:
        """Return every file of the copy."""
        paths = (path for path in self.root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def follow(self, recipes: str) -> None:
        """Do what the blocks of a page say."""
        for what, name, text in RECIPE.findall(recipes):
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            assert bool(before) == (what != "create"), name
            path.write_text(_WRITTEN[what](before, text), encoding="utf-8")

    def run(self, *words: str, told: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program in the copy."""
        return subprocess.run(
            words, cwd=self.root, env=self.environment, input=told, capture_output=True, text=True, check=False
        )


def _lines(before: str, difference: str) -> str:
    """Put each line with a plus after every line like the one above it."""
    after, added = "", {}
    for line in difference.splitlines():
        if line.startswith("+"):
            added[after] = line[1:]
        else:
            after = line[1:]
            assert after in before.splitlines(), after
    lines = before.splitlines()
    return "".join(f"{line}\n{added[line]}\n" if line in added else f"{line}\n" for line in lines)


def _changed(before: str, difference: str) -> str:
    """Put the lines with a plus or a blank in the place of those with a minus or a blank, which stand there once."""
    old = "".join(f"{line[1:]}\n" for line in difference.splitlines() if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in difference.splitlines() if not line.startswith("-"))
    assert before.count(old) == 1, old
    return before.replace(old, new)


_WRITTEN = {
    "change": _changed,
    "create": lambda _, text: text,
    "append": lambda before, text: f"{before}\n\n{text}",
    "sorted": lambda before, text: "".join(f"{line}\n" for line in sorted(f"{before}{text}".split())),
    "lines": _lines,
}


@pytest.fixture(scope="module")
def copy(scratch: Path) -> Copy:
    """Return a copy in which all recipes were followed, that of a version when the others were published."""
    made, page = Copy(scratch / "copy"), (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [version] = VERSION.findall(page)
    for recipes in (page.replace(version, ""), version):
        made.follow(recipes)
        written = made.run(sys.executable, "-m", "services.commands.reference")
        assert written.returncode == 0, written.stderr
    return made


@pytest.fixture(scope="module")
def running(copy: Copy) -> Iterator[Copy]:
    """Start the demo of the copy: it takes fabricated persons, and knows their families."""
    with (copy.root / "up.log").open("w") as log:
        words = [*YIHU, "up", "--demo", "--families", "0", "--port", str(20_000 + os.getpid() % 10_000)]
        up = subprocess.Popen(
            words, cwd=copy.root, env=copy.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + START_S
        while "Ctrl-C" not in (said := (copy.root / "up.log").read_text()):
            assert up.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.1)
        yield copy
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)


def test_the_recipes_touch_the_department_the_lists_and_what_is_generated_alone(copy: Copy) -> None:
    changed = {name for name, text in copy.contents().items() if not _same(name, text)}
    allowed = {
        "services/education/events.py",
        "services/departments.py",
        "tests/departments/type_names.txt",
        "tests/departments/test_health_commission_rules.py",
        "tests/shared/language/versions/education.school_travel_paid.v1.json",
        "pyproject.toml",
    }
    written = {name for name in changed if not name.startswith((DEPARTMENT, *GENERATED, "data/", "up.log"))}
    assert written == allowed
    assert {name for name in changed if name.startswith(DEPARTMENT)} == {
        f"{DEPARTMENT}{name}.py" for name in ("__init__", "events", "domain")
    }


def _same(name: str, text: bytes) -> bool:
    original = ROOT / name
    return original.is_file() and original.read_bytes() == text


def test_the_checks_and_the_tests_that_the_recipes_name_pass(copy: Copy) -> None:
    checked = copy.run(sys.executable, "-m", "ruff", "check", "--no-cache", "services", "tests/departments")
    assert checked.returncode == 0, checked.stdout
    checked = copy.run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", "services", "tests/departments")
    assert checked.returncode == 0, checked.stdout
    tested = copy.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    assert tested.returncode == 0, tested.stdout[-4_000:]


def test_the_new_events_come_in_at_their_doors_and_stand_in_a_history(running: Copy) -> None:
    older = _example(running, f"{TYPE}.v1", paid_on="2025-08-31", days=19)
    events = [_example(running, TYPE), older, _example(running, ITS_TYPE)]
    sent = running.run(*YIHU, "emit", "-", told="".join(f"{json.dumps(one)}\n" for one in events))
    assert sent.returncode == 0, sent.stderr
    assert [json.loads(line)["verdict"] for line in sent.stdout.splitlines()] == ["recorded"] * len(events)
    deadline = time.monotonic() + FILED_S
    while "卫健委" not in (told := running.run(*YIHU, "history", "-", told=f"{DAUGHTER}\n")).stdout:
        assert time.monotonic() < deadline, told.stdout + told.stderr
        time.sleep(0.2)
    assert "发放上学交通补助120.00元，乘车40次，资金来源：" in told.stdout
    assert "发放上学交通补助120.00元，乘车38次，资金来源：" in told.stdout
    assert "接受0—6岁儿童残疾筛查，需转诊，筛查机构：" in told.stdout
    refused = running.run(*YIHU, "emit", "-", told=json.dumps(_wrong(running)))
    assert "[period_reversed /data/told_on]" in refused.stderr


def _example(copy: Copy, name: str, **changes: Any) -> dict[str, Any]:
    """Return an event of a type, or of an older version of it: the example of its schema with some changes."""
    schema = json.loads((copy.root / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return event(name.removesuffix(".v1"), schema["examples"][0] | changes, time="2025-10-01T09:00:00+08:00")


def _wrong(copy: Copy) -> dict[str, Any]:
    made = _example(copy, ITS_TYPE)
    return made | {"data": made["data"] | {"told_on": "2025-06-11"}}
