"""The documentation says what the program does: its commands run, its links lead somewhere, its tables are complete."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), ROOT / "samples" / "README.md", *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
README, EVIDENCE, TROUBLESHOOTING = (ROOT / "README.md", DOCS / "evidence.md", DOCS / "troubleshooting.md")

ADDRESS = "http://127.0.0.1:8420"
"""Where the documentation says that the demo is; a test's demo is elsewhere."""
RUNNABLE = re.compile(r"^<!-- runnable -->\n```(console|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = [sys.executable, "-c", "from services.commands.cli import main; main()"]
START_S = 120.0
BLOCK_S = 60.0
DECISION_LIMIT = 1_200
REFERENCE = """
import json
from services.commands import reference, rulebook
page = reference.page()
print(json.dumps({"page": page, "schemas": reference.schemas(), "rules": rulebook.page()}))
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its address, and a directory where the commands of the documentation find what they name."""

    url: str
    here: Path
    environment: dict[str, str]

    def run(self, block: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a block of the documentation."""
        text = block.replace(ADDRESS, self.url)
        return subprocess.run(
            [*words, text],
            cwd=self.here,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=BLOCK_S,
            check=False,
        )


@pytest.fixture(scope="module")
def demo(scratch: Path) -> Iterator[Demo]:
    """Start what `make demo` starts."""
    here = scratch / "docs"
    (here / "bin").mkdir(parents=True)
    (here / "samples").symlink_to(ROOT / "samples")
    shim = here / "bin" / "yihu"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from services.commands.cli import main; main()" "$@"\n')
    shim.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{shim.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "YIHU_DATA": str(here / ".yihu"),
    }
    with (here / "up.log").open("w") as log:
        up = subprocess.Popen(
            [*COMMAND, "up", "--demo", "--families", "20", "--port", str(30_000 + os.getpid() % 20_000)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + START_S
        while "Ctrl-C" not in (here / "up.log").read_text():
            assert up.poll() is None, (here / "up.log").read_text()
            assert time.monotonic() < deadline, (here / "up.log").read_text()
            time.sleep(0.1)
        running = json.loads((here / ".yihu" / "running.json").read_text())
        yield Demo(running["url"], here, environment)
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """Return the reference as a fresh program makes it, whatever other tests have declared."""
    ran = subprocess.run([sys.executable, "-c", REFERENCE], cwd=ROOT, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if RUNNABLE.search(page.read_text())], ids=lambda p: p.name)
def test_every_runnable_block_runs_and_prints_what_the_page_says(page: Path, demo: Demo) -> None:
    for language, block in RUNNABLE.findall(page.read_text()):
        for program in ("curl", "openssl"):
            if f"{program} " in block or f'"{program}"' in block:
                _need(program)
        if language == "python":
            ran = demo.run(block, [sys.executable, "-c"])
            assert ran.returncode == 0, f"{block}\n{ran.stdout}"
        else:
            _check_console(block, demo)


def test_the_page_of_event_types_is_what_the_declarations_say(reference: dict[str, Any]) -> None:
    assert (DOCS / "events.md").read_text() == reference["page"], "run `make catalogue`"
    assert (DOCS / "rules.md").read_text() == reference["rules"], "run `make catalogue`"


def test_the_schemas_are_what_the_declarations_say(reference: dict[str, Any]) -> None:
    found = {path.name: path.read_text() for path in (DOCS / "schemas").glob("*.json")}
    assert found == reference["schemas"], "run `make catalogue`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 220


def test_every_guarantee_names_the_test_that_holds_it() -> None:
    rows = re.findall(r"^\| (G\d+) \|(.*)$", README.read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == [f"G{number}" for number in range(1, 11)]
    for name, row in rows:
        named = re.findall(r"\]\((tests/[^)]+)\)", row)
        assert named, name
        assert [path for path in named if not (ROOT / path).is_file()] == [], name


def test_every_decision_is_numbered_listed_and_one_page() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    for number, page in enumerate(DECISIONS, 1):
        text = page.read_text()
        assert page.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        assert f"| {number} | [{text.splitlines()[0].split('. ', 1)[1]}]({page.name}) |" in index
        assert [line for line in text.splitlines() if line.startswith("## ")] == [
            "## Context",
            "## Decision",
            "## Consequences",
        ]
        assert len(text) <= DECISION_LIMIT, page.name


def test_the_changelog_and_the_image_have_the_current_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "\n## [Unreleased]\n" in changelog
    assert re.search(rf"^## \[{re.escape(version)}\]", changelog, re.MULTILINE)
    for part in ("department", "family_case"):
        assert f"image: yihu:{version}\n" in (ROOT / "deploy" / "compose" / f"{part}.yml").read_text()


def test_every_error_of_a_command_has_its_cure() -> None:
    told = TROUBLESHOOTING.read_text()
    sources = [path.read_text() for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py")]
    raised = re.compile(r"(?:super\(\)\.__init__|YihuError|EmbeddedPostgresError|Broken)\(\s*\"([a-z_]+)\",")
    codes = {code for source in sources for code in raised.findall(source)}
    assert len(codes) > 10
    assert sorted(code for code in codes if f"`{code}`" not in told) == []


def test_every_finding_of_verify_is_explained() -> None:
    told = EVIDENCE.read_text()
    words = re.search(
        r"^_WORDS = \{(.*?)^\}", (ROOT / "shared" / "log" / "verify.py").read_text(), re.DOTALL | re.MULTILINE
    )
    assert words
    codes = re.findall(r"^    \"([a-z_]+)\":", words[1], re.MULTILINE)
    assert len(codes) > 10
    assert [code for code in codes if f"`{code}`" not in told] == []


def test_the_examples_of_record_and_receipt_have_the_fields_of_real_ones(demo: Demo) -> None:
    record, receipt = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", EVIDENCE.read_text(), re.DOTALL))
    _need("curl")
    log = f'curl -sS "{ADDRESS}/hrss/log?limit=1" -H "Authorization: Bearer $(cat .yihu/keys/hub.api)"'
    real = json.loads(demo.run(log, ["bash", "-c"]).stdout)[0]
    assert real.pop("sequence") == "1"
    assert real.keys() == record.keys()
    assert real["type"] == record["type"]
    kept = (demo.here / ".yihu" / "receipts" / "hrss.jsonl").read_text().splitlines()[0]
    assert json.loads(kept).keys() == receipt.keys()


def test_the_example_of_a_checkpoint_has_the_shape_of_a_real_one(demo: Demo) -> None:
    _need("curl")
    real = demo.run(f"curl -sS {ADDRESS}/hrss/checkpoint", ["bash", "-c"]).stdout
    example = re.search(r"```\n(yihu/hrss\n.*?)```", EVIDENCE.read_text(), re.DOTALL)
    assert example
    assert _shape(example[1]) == _shape(real)


def _need(program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not here")


def _check_console(block: str, demo: Demo) -> None:
    """Run the commands of a block in one shell; what each prints and its exit code must be as the block says."""
    examples = re.findall(r"^\$ (.*(?:\n> .*)*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    assert examples, block
    commands = [command.replace("\n> ", "\n") for command, _ in examples]
    ran = demo.run("".join(f"{command}\nprintf '\\n<end %s>\\n' $?\n" for command in commands), ["bash", "-c"])
    answers = re.findall(r"(.*?)\n<end (\d+)>\n", ran.stdout, re.DOTALL)
    assert len(answers) == len(examples), ran.stdout
    for (command, expected), (printed, code) in zip(examples, answers, strict=True):
        wanted = re.search(r"# exit (\d+)$", command)
        assert code == (wanted[1] if wanted else "0"), f"{command}\n{printed}"
        pattern = ".*".join(re.escape(part) for part in expected.replace(ADDRESS, demo.url).strip("\n").split("…"))
        assert re.fullmatch(pattern, printed.strip("\n"), re.DOTALL), f"{command}\n{printed}"


def _anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _shape(note: str) -> list[str]:
    lines = [re.sub(r"[A-Za-z0-9+/=]{40,}", "BASE64", line) for line in note.splitlines()]
    return ["SIZE" if line.isdigit() else line for line in lines]
