"""The command line as a stranger uses it: in a process of its own, with right and wrong words."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from jsonschema import Draft202012Validator

from services.commands.cli import main
from services.departments import load_catalogue
from services.processes.supervisor import free_port
from shared.language.catalogue import CATALOGUE
from tests.world import DAUGHTER, ROOT, SAMPLES, event, story, wait_for

YIHU = [sys.executable, "-c", "from services.commands.cli import main; main()"]
COMMANDS = ["help", "up", "emit", "history", "replay", "verify", "events", "generate"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("YIHU_")}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True)
class Ended:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str


def yihu(*arguments: str, typed: bytes = b"", **environment: str) -> Ended:
    """Run a command to its end. No command may ever show a traceback."""
    done = subprocess.run(
        [*YIHU, *arguments],
        input=typed,
        capture_output=True,
        env=ENVIRONMENT | environment,
        timeout=60,
        check=False,
    )
    found = Ended(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    assert "Traceback" not in found.err, found.err
    return found


def sentences(ended: Ended) -> list[str]:
    """Return the lines of an error, each Chinese first, then English."""
    lines = ended.err.splitlines()
    for line in lines:
        assert re.search(r"[\u4e00-\u9fff].*[A-Za-z]{2}", line), line
    return lines


@dataclass
class Up:
    """A running `yihu up`."""

    directory: Path
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, directory: Path, *arguments: str, ready: str = "按 Ctrl-C 停止") -> "Up":
        """Start it and wait until it says that it is ready."""
        log = directory.with_suffix(f".{time.monotonic_ns()}.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*YIHU, "up", "--data", str(directory), *arguments], stdout=output, stderr=output, env=ENVIRONMENT
            )
        found = cls(directory, process, log)
        wait_for(lambda: ready in found.printed or process.poll() is not None, 60, "yihu up")
        assert process.poll() is None, found.printed
        return found

    @property
    def printed(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text(errors="replace")

    @property
    def note(self) -> dict[str, Any]:
        """What it noted of itself."""
        found: dict[str, Any] = json.loads((self.directory / "running.json").read_text())
        return found

    def end(self, number: int) -> int:
        """Send it a signal and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)


def processes_of(directory: Path) -> list[str]:
    """Return the processes that belong to a data directory: by their arguments or their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(directory).encode() in words and process.name != str(os.getpid()):
            found.append((process / "cmdline").read_text(errors="replace"))
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Run an installation with two sample families and a small city, a blank and Chinese in its directory's name."""
    directory = tmp_path_factory.mktemp("demo") / "数据 一"
    port = free_port("127.0.0.1", 21_000 + os.getpid() % 10_000)
    running = Up.start(directory, "--demo", "--families", "20", "--port", str(port))
    yield running
    assert running.end(signal.SIGINT) == 0


@pytest.fixture(scope="module")
def family(demo: Up) -> str:
    found = yihu("history", "-", "--json", "--data", str(demo.directory), typed=DAUGHTER.encode())
    return str(json.loads(found.out)["family"])


# Without anything running


def test_yihu_alone_says_what_it_is_and_names_first_commands() -> None:
    ended = yihu()
    assert ended.code == 0
    assert "每个残疾儿童家庭" in ended.out
    assert "One household" in ended.out
    assert len(re.findall(r"^  yihu \w+", ended.out, re.MULTILINE)) == 5
    assert set(re.findall(r"^  yihu (\w+)", ended.out, re.MULTILINE)) <= set(COMMANDS)


def test_help_comes_fast_and_lists_every_command() -> None:
    took = []
    for _ in range(3):
        start = time.monotonic()
        ended = yihu("--help")
        took.append(time.monotonic() - start)
    assert min(took) <= 0.6
    assert ended.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command} .*[\u4e00-\u9fff]", ended.out, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_help_with_examples_that_are_commands(command: str) -> None:
    ended = yihu(command, "--help")
    assert ended.code == 0
    assert f"Usage: yihu {command}" in ended.out
    examples = re.findall(r"yihu (\w+)", ended.out.partition("例 Examples:")[2])
    assert len(examples) >= 2
    assert command in examples
    assert set(examples) <= {*COMMANDS}


def test_help_is_also_a_command() -> None:
    assert yihu("help").out == yihu("--help").out
    assert "Usage: yihu emit" in yihu("help", "emit").out


def test_a_mistyped_command_or_option_is_answered_with_the_right_one() -> None:
    for typed, meant in (("histroy", "history"), ("emitt", "emit"), ("verfy", "verify")):
        ended = yihu(typed)
        assert ended.code == 2
        assert f"'{meant}'" in ended.err
        assert ended.out == ""
    ended = yihu("help", "emti")
    assert ended.code == 2
    assert "emit" in ended.err
    ended = yihu("up", "--prot", "1")
    assert ended.code == 2
    assert "--port" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("history",),
        ("history", "a", "b"),
        ("up", "--port", "0"),
        ("up", "--port", "99999"),
        ("help", "nonsense"),
        ("history", "x", "--known", "2025-02-30"),
        ("history", "x", "--effective", "20250101"),
        ("replay", "--known", "2025-1-1"),
        ("replay", "--effective", "二〇二五年"),
        ("events", "--schema"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_where_the_usage_is(arguments: tuple[str, ...]) -> None:
    ended = yihu(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "用法不对 Wrong usage:" in ended.err
    assert "--help" in ended.err


def test_a_wrong_date_says_what_a_date_looks_like() -> None:
    ended = yihu("history", "x", "--known", "2025-02-30")
    assert "--known" in ended.err
    assert "2025-06-25" in ended.err
    assert "2025-02-30" not in ended.err


@pytest.mark.parametrize(
    "arguments", [("history", "XN-F-00000000"), ("replay",), ("verify",), ("emit", str(SAMPLES / "family_a.jsonl"))]
)
def test_with_nothing_running_each_command_says_what_to_do(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ended = yihu(*arguments, "--data", str(tmp_path / "empty"))
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert "yihu up" in sentence
    assert "[not_running]" in sentence


def test_the_catalogue_is_a_list_json_and_a_schema_for_each_type() -> None:
    listed = yihu("events")
    types = [line.split()[0] for line in listed.out.splitlines()]
    found = json.loads(yihu("events", "--json").out)
    assert types == [one["type"] for one in found["events"]]
    assert len(types) > 70
    for one in found["events"]:
        Draft202012Validator.check_schema(one["schema"])
    schema = json.loads(yihu("events", "--schema", types[0]).out)
    assert schema == found["events"][0]["schema"]
    stored = json.loads(yihu("events", "--schema", types[0], "--stored").out)
    assert stored == found["events"][0]["stored_schema"]


@pytest.mark.parametrize(
    "typed", ["education.student_enroled", "student_enrolled", "educaton.student_enrolled", "学籍注册"]
)
def test_an_unknown_type_is_answered_with_the_one_that_was_meant(typed: str) -> None:
    load_catalogue()
    typed = str(getattr(CATALOGUE.get("education.student_enrolled"), "label", "")) if typed == "学籍注册" else typed
    ended = yihu("events", "--schema", typed)
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert "education.student_enrolled" in sentence


def test_a_reader_who_stops_early_or_has_no_chinese_breaks_nothing() -> None:
    with subprocess.Popen(
        [*YIHU, "events", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as short:
        assert short.stdout is not None
        assert short.stderr is not None
        assert short.stdout.read(10)
        short.stdout.close()
        assert short.stderr.read() == b""
    ended = yihu("events", PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert "education.student_enrolled" in ended.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--data", "{file}"), "directory_unusable"),
        (("--data", "{new}", "--database-url", "nonsense"), "database_unusable"),
        (("--data", "{new}", "--database-url", "postgresql://secret-name@127.0.0.1:9/x"), "database_unusable"),
        (("--data", "{new}", "--amqp-uri", "localhost"), "not_a_bus"),
    ],
)
def test_up_with_something_wrong_says_one_sentence_and_ends(
    arguments: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    filled = [text.format(file=tmp_path / "file", new=tmp_path / "new") for text in arguments]
    ended = yihu("up", "--once", *filled)
    assert ended.code == 1
    assert f"[{code}]" in sentences(ended)[-1]
    assert "secret-name" not in ended.err


def test_a_disk_that_is_full_is_one_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*YIHU, "events"], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    assert done.returncode == 1
    assert "[not_written]" in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("closed", [0, 1, 2], ids=["input", "output", "errors"])
def test_a_closed_stream_breaks_nothing(closed: int, tmp_path: Path) -> None:
    shell = ["sh", "-c", f'exec "$@" {closed}>&-', "sh"]
    for arguments, code in ((["events"], 0), (["history", "-", "--data", str(tmp_path)], 1), (["verfy"], 2)):
        done = subprocess.run([*shell, *YIHU, *arguments], capture_output=True, env=ENVIRONMENT, check=False)
        assert done.returncode == code
        assert b"[internal]" not in done.stderr
        assert done.stdout == b"" or (closed != 1 and code == 0)


def emit_nowhere(path: str, typed: bytes = b"") -> Ended:
    """Emit to an address where nobody is, with a key, so that only the file matters."""
    return yihu("emit", path, "--to", "http://127.0.0.1:9", typed=typed, YIHU_API_KEY="key")


@pytest.mark.parametrize(
    "text", ['{\n "specversion": "1.0"\n}\n', "[\n{}\n]\n", '\ufeff{"specversion": "1.0",\n"id": "1"}\n', "[{},\n{}]"]
)
def test_a_file_that_is_one_json_document_is_told_what_a_file_of_events_is(text: str, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(text, encoding="utf-8")
    ended = emit_nowhere(str(path))
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert "[not_one_a_line]" in sentence


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    ended = emit_nowhere("/dev/zero")
    assert (ended.code, ended.out) == (1, "")
    assert "[not_one_a_line]" in ended.err


@pytest.mark.parametrize("typed", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_a_file_without_events_says_so(typed: bytes) -> None:
    ended = emit_nowhere("-", typed)
    assert (ended.code, ended.out) == (0, "")
    [sentence] = sentences(ended)
    assert "没有事件" in sentence


@pytest.mark.parametrize("line", ["[1]", "7", '"event"', "null", "true", "[]"])
def test_a_line_that_is_no_object_is_refused_as_such(line: str) -> None:
    ended = emit_nowhere("-", line.encode())
    assert json.loads(ended.out)["code"] == "not_an_object"
    assert ended.code == 1


# With the sample families


def test_the_demo_says_where_it_is_and_how_to_go_on(demo: Up) -> None:
    printed = demo.printed
    assert "新记录 96 条，拒绝 0 条" in printed
    assert "http://127.0.0.1:" in printed
    assert str(demo.directory) in printed
    assert printed.count("案卷页面：") == 2
    assert "报送虚构城市：20 户" in printed
    assert "现有 22 户" in printed


def test_a_demo_that_starts_again_loads_its_city_no_second_time(tmp_path: Path) -> None:
    directory = tmp_path / "data"

    def demo(*families: str) -> str:
        port = str(free_port("127.0.0.1", 27_000 + os.getpid() % 1_000))
        ended = yihu("up", "--demo", "--once", *families, "--data", str(directory), "--port", port)
        assert ended.code == 0, ended.err
        return ended.err

    def there(printed: str) -> str:
        return printed.partition("现有 ")[2].partition("，")[0]

    first = demo("--families", "3")
    assert "报送虚构城市：3 户" in first
    assert there(first).startswith("5 户")
    begun = directory / "city.json"
    begun.write_text(begun.read_text().replace("true", "false"))  # as if it had ended before the city was complete
    second, third = demo("--families", "4"), demo()
    assert "报送虚构城市：3 户" in second, "it goes on with the city that it began"
    assert "报送虚构城市" not in third
    assert there(first) == there(second) == there(third), "nothing is doubled"


def test_a_number_of_families_goes_with_a_demo(tmp_path: Path) -> None:
    for arguments in (("--families", "5"), ("--demo", "--families", "1000000")):
        ended = yihu("up", *arguments, "--data", str(tmp_path / "data"))
        assert ended.code == 2
        assert "--families" in ended.err


def test_a_history_on_the_command_line_is_the_document_of_the_api(demo: Up, family: str) -> None:
    for view, query in (
        ([], ""),
        (["--known", "2025-06-24"], "?known=2025-06-24"),
        (["--effective", "2025-03-01"], "?effective=2025-03-01"),
    ):
        ended = yihu("history", family, "--json", "--data", str(demo.directory), *view)
        assert ended.code == 0
        with urllib.request.urlopen(f"{demo.note['url']}/families/{family}/history{query}") as answer:  # noqa: S310
            assert json.loads(ended.out) == json.loads(answer.read())


def test_a_history_in_words_has_every_entry_and_an_empty_one_says_why(demo: Up, family: str) -> None:
    ended = yihu("history", family, "--data", str(demo.directory))
    assert (ended.code, ended.err) == (0, "")
    assert len(re.findall(r"^ *\d+\. \d{4}年", ended.out, re.MULTILINE)) == 45
    empty = yihu("history", family, "--known", "1999-01-01", "--data", str(demo.directory))
    assert empty.code == 0
    assert "没有部门登记过" in empty.out


def test_an_unknown_family_is_one_sentence(demo: Up) -> None:
    for typed in ("XN-F-00000000", "x" * 5_000, "'; DROP TABLE events; --"):
        ended = yihu("history", "--data", str(demo.directory), "--", typed)
        assert (ended.code, ended.out) == (1, "")
        assert len(sentences(ended)) == 1


def test_a_number_given_as_an_argument_is_warned_about_and_never_repeated(demo: Up, family: str) -> None:
    for typed in (DAUGHTER, DAUGHTER[:-1] + "1", f"{DAUGHTER[:6]} {DAUGHTER[6:]}"):
        ended = yihu("history", typed, "--data", str(demo.directory))
        assert "命令行参数会留在" in ended.err
        assert typed not in ended.err + ended.out
    quiet = yihu("history", "-", "--data", str(demo.directory), typed=f"{DAUGHTER}\n".encode())
    assert (quiet.code, quiet.err) == (0, "")
    assert family in quiet.out


@pytest.mark.parametrize("typed", [b"", b"XN-F-\x00\n", b"\xff\xfe\n"])
def test_nonsense_on_standard_input_is_one_sentence_and_no_crash(typed: bytes, demo: Up) -> None:
    ended = yihu("history", "-", "--data", str(demo.directory), typed=typed)
    assert ended.code in {1, 2}
    assert "[internal]" not in ended.err


_years = count()


def lines() -> tuple[bytes, str]:
    """Return a file of one good and several bad lines, and the good event's id."""
    year = 2030 + next(_years)
    good = event(
        "education.school_age_child_registered", {"school_year": year, "source": "survey", "current_status": "在家"}
    )
    bad = good | {"id": good["id"] + "-b", "data": {"school_year": "2025"}}
    rows = [
        json.dumps(good),
        "",
        json.dumps(bad),
        "not json",
        json.dumps(good | {"type": "eduction.x"}),
        "[1]",
        '{"a":1,"a":2}',
    ]
    return b"\xef\xbb\xbf" + "\n".join(rows).encode() + b"\n", good["id"]


@pytest.mark.parametrize("from_file", [True, False], ids=["file", "standard input"])
def test_emit_answers_each_line_with_a_receipt_or_every_reason(from_file: bool, demo: Up, tmp_path: Path) -> None:
    raw, name = lines()
    path = tmp_path / "events.jsonl"
    path.write_bytes(raw)
    ended = yihu(
        "emit", str(path) if from_file else "-", "--data", str(demo.directory), typed=b"" if from_file else raw
    )
    assert ended.code == 1
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert [answer.get("code", answer.get("verdict")) for answer in answers] == [
        "recorded",
        "not_a_count",
        "not_json",
        "unknown_type",
        "not_an_object",
        "duplicate_key",
    ]
    assert answers[0]["id"] == name
    assert {fault["pointer"] for fault in answers[1]["errors"]} == {
        "/data/school_year",
        "/data/source",
        "/data/current_status",
    }
    where = str(path) if from_file else "-"
    assert re.findall(rf"^{re.escape(where)}:(\d+) ", ended.err, re.MULTILINE) == ["3", "4", "5", "6", "7"]
    assert "是否指 education" in ended.err
    assert "共 5 条被拒绝" in ended.err
    kept = (demo.directory / "receipts" / "education.jsonl").read_text()
    assert f'"{name}"' in kept


def test_emitting_the_same_file_again_changes_nothing_and_ends_with_0(demo: Up) -> None:
    first, again = (yihu("emit", str(SAMPLES / "family_a.jsonl"), "--data", str(demo.directory)) for _ in range(2))
    assert (first.code, again.code) == (0, 0)
    assert first.out == again.out
    assert len(first.out.splitlines()) == 45


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("no-such-file",), "no_such_file"),
        ((".",), "no_such_file"),
        (("{sample}", "--to", "nonsense"), "not_an_address"),
        (("{sample}", "--to", "http://127.0.0.1:99999"), "not_an_address"),
        (("{sample}", "--to", "ftp://127.0.0.1"), "not_an_address"),
    ],
)
def test_emit_with_a_wrong_file_or_address_is_one_sentence(arguments: tuple[str, ...], code: str, demo: Up) -> None:
    filled = [text.format(sample=SAMPLES / "family_a.jsonl") for text in arguments]
    ended = yihu("emit", *filled, "--data", str(demo.directory))
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert f"[{code}]" in sentence


def test_emit_stops_at_the_first_line_that_no_door_takes_and_says_how_to_go_on(
    demo: Up, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = f"http://127.0.0.1:{free_port('127.0.0.1', 40_000)}"
    sample = str(SAMPLES / "family_a.jsonl")
    monkeypatch.setattr("services.commands.emitter.WAIT_S", 0.001)
    monkeypatch.setattr(sys, "argv", ["yihu", "emit", sample, "--to", nobody, "--data", str(demo.directory)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert ended.value.code == 1
    assert [json.loads(line)["status"] for line in out.splitlines()] == [503]
    assert "正在重试" in err
    assert ":1 起未报送" in err
    assert "已收的不会重复" in err


def test_a_key_that_is_none_is_refused_before_anything_is_sent(demo: Up) -> None:
    ended = yihu("emit", str(SAMPLES / "family_a.jsonl"), "--data", str(demo.directory), YIHU_API_KEY="密钥")
    assert ended.code == 1
    assert "[not_an_api_key]" in ended.err
    wrong = yihu("emit", "-", "--data", str(demo.directory), typed=lines()[0].splitlines()[0], YIHU_API_KEY="wrong")
    assert wrong.code == 1
    assert json.loads(wrong.out)["code"] == "no_key"


def test_an_integrator_checks_its_events_in_the_sandbox_and_sees_what_was_refused(demo: Up, tmp_path: Path) -> None:
    at, keys = ("--data", str(demo.directory)), demo.directory / "keys"
    real = yihu("check", "--department", "finance", "--key-file", str(keys / "finance.api"), *at)
    assert (real.code, real.out) == (1, "")
    assert "[not_a_sandbox_key]" in real.err
    report = tmp_path / "report.xml"
    kit = yihu("check", "--key-file", str(keys / "finance.sandbox"), "--junit", str(report), *at)
    assert kit.code == 0, kit.out
    assert all(line.startswith("✓ ") for line in kit.out.splitlines())
    assert report.read_bytes().startswith(b"<?xml")
    own = tmp_path / "own.jsonl"
    own.write_bytes(lines()[0])
    mine = yihu("check", str(own), "--department", "education", "--json", *at)
    assert mine.code == 1
    assert {one["type"]: one["refused"] for one in json.loads(mine.out)["types"]} == {
        "": 4,
        "education.school_age_child_registered": 1,
    }
    yihu("emit", "-", *at, typed=lines()[0])
    [lately] = json.loads(yihu("refused", "--department", "education", "--json", *at).out)
    assert "not_a_count" in {one["code"] for one in lately["refused"]}
    told = yihu("refused", *at)
    assert told.code == 0
    assert re.search(r"not_a_count /data/school_year", told.out)


def test_a_command_says_every_fault_and_where_it_is(demo: Up) -> None:
    ended = yihu("work", "--department", "XX", "--gap", "G0", "--limit", "0", "--data", str(demo.directory))
    assert ended.code == 1
    for where in ("unknown_code /department", "unknown_code /type", "out_of_range /limit"):
        assert f"[{where}]" in ended.err


@pytest.mark.parametrize("name", ["owed", "story", "history"])
def test_a_number_given_as_an_argument_is_advised_against(name: str, demo: Up) -> None:
    ended = yihu(name, "421299201709030139", "--data", str(demo.directory))
    assert ended.code == 0
    assert "命令行参数会留在终端的历史记录里" in ended.err
    assert "421299201709030139" not in ended.out + ended.err
    nothing = yihu(name, "-", "--data", str(demo.directory))
    assert nothing.code == 2
    assert "证件号码" in nothing.err


def test_replay_and_verify_end_with_0_as_long_as_nothing_was_changed(demo: Up) -> None:
    replayed = yihu("replay", "--check", "--data", str(demo.directory))
    assert replayed.code == 0
    assert json.loads(replayed.out)["families"] == 22  # the two of the samples, and the city
    verified = yihu("verify", "--data", str(demo.directory))
    assert verified.code == 0
    assert json.loads(verified.out)["findings"] == []
    receipts = yihu("verify", str(demo.directory / "receipts" / "education.jsonl"), "--data", str(demo.directory))
    assert receipts.code == 0
    assert "[no_such_file]" in yihu("verify", "nothing-here", "--data", str(demo.directory)).err


def test_replay_ends_with_1_when_a_read_model_was_changed(demo: Up) -> None:
    with psycopg.connect(demo.note["environment"]["YIHU_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM family_case_views.entries WHERE log = 'education'")
        connection.execute("DELETE FROM family_case_views.entries WHERE log = 'education'")
        ended = yihu("replay", "--check", "--data", str(demo.directory))
        connection.execute("INSERT INTO family_case_views.entries SELECT * FROM kept")
        connection.execute("DROP TABLE kept")
    assert ended.code == 1
    assert json.loads(ended.out)["differences"]
    assert "处不同" in ended.err


def test_verify_ends_with_1_and_names_the_place_when_a_record_was_changed(demo: Up) -> None:
    with psycopg.connect(demo.note["environment"]["YIHU_DATABASE_URL"], autocommit=True) as connection:
        [body] = connection.execute("SELECT body FROM education.events WHERE position = 2").fetchone() or [b""]
        change = "UPDATE education.events SET body = %s WHERE position = 2"
        connection.execute("ALTER TABLE education.events DISABLE TRIGGER USER")
        connection.execute(change, (bytes(body).replace(b"2025", b"2024", 1),))
        ended = yihu("verify", "--data", str(demo.directory))
        connection.execute(change, (body,))
        connection.execute("ALTER TABLE education.events ENABLE TRIGGER USER")
    assert ended.code == 1
    assert ("education", 2) in {(found["log"], found["position"]) for found in json.loads(ended.out)["findings"]}
    assert "education 第 2 条" in ended.err
    assert yihu("verify", "--data", str(demo.directory)).code == 0


# Starting and stopping


def test_a_second_up_on_the_same_directory_says_where_the_first_one_is(demo: Up) -> None:
    ended = yihu("up", "--data", str(demo.directory))
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert demo.note["url"] in sentence
    assert "[already_running]" in sentence


def test_up_survives_kill_9_and_ends_in_order_on_ctrl_c_and_sigterm(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    port = free_port("127.0.0.1", 31_000 + os.getpid() % 10_000)
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", port))
        busy.listen()
        first = Up.start(directory, "--port", str(port))
        assert f"端口 {port} 被占用" in first.printed
        assert first.note["url"] != f"http://127.0.0.1:{port}"
    submission = json.dumps(next(one for one in story("b") if one["id"] == "b-043")).encode()
    kept = yihu("emit", "-", "--data", str(directory), typed=submission)
    assert kept.code == 0
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    wait_for(lambda: not processes_of(directory), 20, "everything to end after kill -9")

    for number in (signal.SIGINT, signal.SIGTERM):
        again = Up.start(directory, "--port", str(port))
        assert again.note["url"] == f"http://127.0.0.1:{port}"
        repeated = yihu("emit", "-", "--data", str(directory), typed=submission)
        assert (repeated.code, repeated.out) == (0, kept.out)
        assert again.end(number) == 0
        assert "正在停止" in again.printed
        assert "已停止" in again.printed
        assert not processes_of(directory)
        assert not (directory / "running.json").exists()


def test_sigterm_while_it_still_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    starting = Up.start(directory, ready="启动内嵌")
    assert starting.end(signal.SIGTERM) == 1
    assert "已中断" in starting.printed
    wait_for(lambda: not processes_of(directory), 20, "everything to end")


def test_up_refuses_to_start_when_a_key_is_gone_or_the_data_is_from_a_newer_version(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    ended = yihu(
        "up", "--demo", "--families", "3", "--once",
        "--data", str(directory), "--port", str(free_port("127.0.0.1", 27_000)),
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "家庭案卷 XN-F-" in ended.out
    assert not processes_of(directory)

    for name in ("education.master", "education.signing", "education.api"):
        path = directory / "keys" / name
        held = path.read_bytes()
        path.unlink()
        refused = yihu("up", "--once", "--data", str(directory))
        assert refused.code == 1, name
        assert "[key_missing]" in sentences(refused)[-1]
        assert not path.exists(), f"{name} was made anew although the data rests on the old one"
        path.write_bytes(held)

    running = Up.start(directory)
    with psycopg.connect(running.note["environment"]["YIHU_DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO yihu.migrations VALUES ('education', 'log_999.sql')")
    assert running.end(signal.SIGINT) == 0
    newer = yihu("up", "--once", "--data", str(directory))
    assert newer.code == 1
    assert "[newer_schema]" in sentences(newer)[-1]
    assert not processes_of(directory)
