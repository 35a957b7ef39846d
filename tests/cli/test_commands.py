"""The command line as a stranger uses it: in a process of its own, with right and wrong words, and nothing running."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE
from tests.cli.command import ENVIRONMENT, YIHU, Ended, sentences, yihu, yihu_alone
from tests.world import SAMPLES

COMMANDS = ["help", "up", "emit", "history", "replay", "verify", "events", "generate"]


def test_yihu_alone_says_what_it_is_and_names_first_commands() -> None:
    ended = yihu_alone()
    assert ended.code == 0
    assert "每个残疾儿童家庭" in ended.out
    assert "One household" in ended.out
    assert len(re.findall(r"^  yihu \w+", ended.out, re.MULTILINE)) == 5
    assert set(re.findall(r"^  yihu (\w+)", ended.out, re.MULTILINE)) <= set(COMMANDS)


def test_help_comes_fast_and_lists_every_command() -> None:
    took = []
    for _ in range(3):
        start = time.monotonic()
        ended = yihu_alone("--help")
        took.append(time.monotonic() - start)
    assert min(took) <= 0.6
    assert ended.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command} .*[\u4e00-\u9fff]", ended.out, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_help_with_examples_that_are_commands(command: str) -> None:
    ended = yihu_alone(command, "--help")
    assert ended.code == 0
    assert f"Usage: yihu {command}" in ended.out
    examples = re.findall(r"yihu (\w+)", ended.out.partition("例 Examples:")[2])
    assert len(examples) >= 2
    assert command in examples
    assert set(examples) <= {*COMMANDS}


def test_help_is_also_a_command() -> None:
    assert yihu_alone("help").out == yihu_alone("--help").out
    assert "Usage: yihu emit" in yihu_alone("help", "emit").out


def test_a_mistyped_command_or_option_is_answered_with_the_right_one() -> None:
    for typed, meant in (("histroy", "history"), ("emitt", "emit"), ("verfy", "verify")):
        ended = yihu_alone(typed)
        assert ended.code == 2
        assert f"'{meant}'" in ended.err
        assert ended.out == ""
    ended = yihu_alone("help", "emti")
    assert ended.code == 2
    assert "emit" in ended.err
    ended = yihu_alone("up", "--prot", "1")
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
    ended = yihu_alone(*arguments, "--data", str(tmp_path / "empty"))
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert "yihu up" in sentence
    assert "[not_running]" in sentence


def test_the_catalogue_is_a_list_json_and_a_schema_for_each_type() -> None:
    listed = yihu_alone("events")
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
    ended = yihu_alone("events", PYTHONIOENCODING="ascii")
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
