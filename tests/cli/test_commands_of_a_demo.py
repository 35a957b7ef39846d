"""The command line beside a running demonstration: two sample families and a small city."""

import json
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from services.commands.cli import main
from services.processes.supervisor import free_port
from shared.keys.files import Keys
from tests.cli.command import Up, sentences, yihu, yihu_alone
from tests.world import DAUGHTER, SAMPLES, event


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
        ended = yihu_alone("up", "--demo", "--once", *families, "--data", str(directory), "--port", port)
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
        key = Keys(demo.directory / "keys").api_key("hub")
        asked = urllib.request.Request(f"{demo.note['url']}/families/{family}/history{query}")  # noqa: S310
        asked.add_header("Authorization", f"Bearer {key}")
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            assert json.loads(ended.out) == json.loads(answer.read())


def test_a_history_in_words_has_every_entry_and_an_empty_one_says_why(demo: Up, family: str) -> None:
    ended = yihu_alone("history", family, "--data", str(demo.directory))
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
    first, again = (
        yihu_alone("emit", str(SAMPLES / "family_a.jsonl"), "--data", str(demo.directory)) for _ in range(2)
    )
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
    ended = yihu_alone("work", "--department", "XX", "--gap", "G0", "--limit", "0", "--data", str(demo.directory))
    assert ended.code == 1
    for where in ("unknown_code /department", "unknown_code /type", "out_of_range /limit"):
        assert f"[{where}]" in ended.err


@pytest.mark.parametrize("name", ["owed", "story", "history"])
def test_a_number_given_as_an_argument_is_advised_against(name: str, demo: Up) -> None:
    ended = yihu_alone(name, "421299201709030139", "--data", str(demo.directory))
    assert ended.code == 0
    assert "命令行参数会留在终端的历史记录里" in ended.err
    assert "421299201709030139" not in ended.out + ended.err
    nothing = yihu(name, "-", "--data", str(demo.directory))
    assert nothing.code == 2
    assert "证件号码" in nothing.err


def test_replay_and_verify_end_with_0_as_long_as_nothing_was_changed(demo: Up) -> None:
    replayed = yihu_alone("replay", "--check", "--data", str(demo.directory))
    assert replayed.code == 0
    assert json.loads(replayed.out)["families"] == 22  # the two of the samples, and the city
    verified = yihu_alone("verify", "--data", str(demo.directory))
    assert verified.code == 0
    assert json.loads(verified.out)["findings"] == []
    receipts = yihu_alone("verify", str(demo.directory / "receipts" / "education.jsonl"), "--data", str(demo.directory))
    assert receipts.code == 0
    assert "[no_such_file]" in yihu_alone("verify", "nothing-here", "--data", str(demo.directory)).err


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


def test_a_second_up_on_the_same_directory_says_where_the_first_one_is(demo: Up) -> None:
    ended = yihu_alone("up", "--data", str(demo.directory))
    assert (ended.code, ended.out) == (1, "")
    [sentence] = sentences(ended)
    assert demo.note["url"] in sentence
    assert "[already_running]" in sentence
