"""A department's sheet goes in through its door over HTTP, and comes back marked."""

import contextlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import openpyxl
import psycopg
import pytest
import typer
import xlwt
from openpyxl.styles import Font
from werkzeug.serving import make_server

from services.commands import import_
from services.departments import BY_NAME, load_catalogue
from services.processes import assembly
from services.processes.installation import Installation
from services.spreadsheets import importing
from services.spreadsheets.columns import columns_of, example, sent
from services.spreadsheets.files import open_book
from services.spreadsheets.templates import write_template
from shared.door.department import Department
from shared.door.http import department_app
from shared.errors import YihuError
from shared.keys.files import Keys
from shared.language.catalogue import CATALOGUE
from shared.language.identifiers import check_character
from shared.language.kinds import Setting
from shared.log.record import batch
from shared.settings import EMBEDDED_BUS, Settings
from tests.world import event

load_catalogue()
PAID = "finance.benefit_paid"
HEADS = ("姓名", "身份证号", "待遇项目", "金额", "所属月份", "收款方", "资金来源", "发放日期")
FEDERATION = "disability_federation"


def number(nth: int) -> str:
    body = f"42129920180512{nth:03}"
    return body + check_character(body)


def row(nth: int, **changes: Any) -> list[Any]:
    said = ("虚构甲", number(nth), "低保金", "1,250.00", "2026年3月", number(nth), "县级财政", "2026.3.7")
    return list((dict(zip(HEADS, said, strict=True)) | changes).values())


@pytest.fixture(scope="module")
def departments(postgres: str, template: str, keys: Path) -> Iterator[dict[str, Department]]:
    """Two departments on one database of this module; each test has people of its own."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE sheets TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="sheets")
    settings = Settings(url, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)
    found = {name: assembly.department(name, settings) for name in ("finance", FEDERATION)}
    yield found
    for one in found.values():
        one.database.close()
        one.ring._database.close()


@pytest.fixture(scope="module")
def url(departments: dict[str, Department], keys: Path) -> Iterator[str]:
    permits = Keys(keys).permits()
    apps = {name: department_app(name, one, lambda: permits) for name, one in departments.items()}

    def dispatch(environ: Any, start: Any) -> Any:
        name, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        return apps[name]({**environ, "PATH_INFO": f"/{rest}", "SCRIPT_NAME": f"/{name}"}, start)

    server = make_server("127.0.0.1", 0, dispatch, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


class Office:
    """An office with its data directory: what it imports, and what it was told."""

    def __init__(self, directory: Path, url: str, finance: Department, capsys: Any) -> None:
        self.directory = directory
        self.url = url
        self.finance = finance
        self.capsys = capsys

    def imports(self, path: Path, kind: str = PAID, **options: Any) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
        """Import a file; return the counts, the remarkable rows, and what was said."""
        self.capsys.readouterr()
        given = {"mapped": None, "propose": None, "dry_run": False, "out": None, "to": "", "source": ""} | options
        with contextlib.suppress(typer.Exit):
            import_.command(path, kind=kind, data=self.directory, **given)
        printed = self.capsys.readouterr()
        *rows, counts = [json.loads(line) for line in printed.out.splitlines()] or [{}]
        return counts, rows, printed.err

    @property
    def position(self) -> int:
        """How many records the finance log has."""
        return self.finance.recorder.max_notification_id() or 0


@pytest.fixture
def office(tmp_path: Path, keys: Path, url: str, departments: Any, capsys: Any, monkeypatch: Any) -> Office:
    shutil.copytree(keys, tmp_path / "data" / "keys")
    monkeypatch.setattr(Installation, "doors", lambda _: dict.fromkeys(BY_NAME, url))
    return Office(tmp_path / "data", url, departments["finance"], capsys)


def sheet(path: Path, *rows: list[Any], heads: tuple[str, ...] = HEADS) -> Path:
    book = openpyxl.Workbook()
    own: Any = book.active
    own.title = "发放"
    own.append(["2026年3月发放明细"])
    own.append(list(heads))
    for cells in rows:
        own.append(cells)
    own.append(["合计", None, None, 1250.0])
    book.save(path)
    return path


def text(path: Path, *rows: list[Any], heads: tuple[str, ...] = HEADS, encoding: str = "gb18030") -> Path:
    lines = [
        "\t".join(str("" if cell is None else cell) for cell in cells)
        for cells in (["3月发放"], list(heads), *rows, ["合计"])
    ]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def test_a_dry_run_says_what_the_real_run_does_and_a_file_again_adds_nothing(office: Office, tmp_path: Path) -> None:
    rows = [row(1), row(2), row(2), row(3, 金额="-5"), row(4, 身份证号=421299201805120011), row(1, 金额="1251")]
    path, before = sheet(tmp_path / "a.xlsx", *rows), office.position
    dry, dry_rows, _ = office.imports(path, dry_run=True)
    assert office.position == before
    real, real_rows, _ = office.imports(path)
    assert (dry, dry_rows) == (real, real_rows)
    assert (real["recorded"], real["already_recorded"], real["refused"]) == (2, 1, 3)
    assert office.position == before + 2
    again, _, _ = office.imports(path)
    assert (again["already_recorded"], again["refused"], office.position) == (3, 3, before + 2)
    assert {one["row"]: [why["code"] for why in one["reasons"]] for one in real_rows} == {
        6: ["negative_amount"],
        7: ["resident_id_ruined_by_spreadsheet"],
        8: ["natural_key_taken"],
    }
    assert real_rows[0]["reasons"][0]["cell"] == "发放!D6"
    assert number(4) not in str(real_rows)


def test_a_corrected_file_adds_what_is_new_and_knows_the_rest(office: Office, tmp_path: Path) -> None:
    office.imports(sheet(tmp_path / "a.xlsx", row(11), row(12)))
    before = office.position
    found, _, _ = office.imports(text(tmp_path / "b.csv", row(12), row(13), row(11)))
    assert (found["already_recorded"], found["recorded"], office.position) == (2, 1, before + 1)


def test_a_run_that_was_killed_ends_as_if_it_had_run_once(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TOGETHER", 2)
    path = sheet(tmp_path / "a.xlsx", *(row(20 + nth) for nth in range(5)))
    before = office.position
    whole = import_._packs

    def cut(found: Any) -> Iterator[list[bytes]]:
        yield next(iter(whole(found)))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(import_, "_packs", cut)
        with pytest.raises(KeyboardInterrupt):
            office.imports(path)
    until = time.monotonic() + 10
    while office.position < before + 2 and time.monotonic() < until:  # the first batch was at the door when it died
        time.sleep(0.05)
    assert office.position == before + 2
    found, _, _ = office.imports(path)
    assert (found["already_recorded"], found["recorded"], office.position) == (2, 3, before + 5)


def test_a_row_is_on_record_with_its_place_in_the_file(office: Office, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", row(31))
    office.imports(path)
    [record] = json.loads(batch(office.finance.recorder.bodies_after(office.position - 1, 1)))
    assert (record["filedigest"], record["filesheet"]) == (open_book(path).sha256, "发放")
    assert int(record["filerow"]) == 3


def test_the_office_gets_its_own_workbook_back_with_its_formatting_and_a_column_of_words(
    office: Office, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "a.xlsx", row(41), row(42, 发放日期="25-3-7"))
    book = openpyxl.load_workbook(path)
    own: Any = book.active
    own["A3"].font = Font(bold=True)
    own.row_dimensions[3].hidden = True
    own.merge_cells("A1:H1")
    book.save(path)
    office.imports(path, out=tmp_path / "b.xlsx")
    found: Any = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert found["A3"].font.bold
    assert found.row_dimensions[3].hidden
    assert [str(one) for one in found.merged_cells.ranges] == ["A1:H1"]
    assert [found.cell(at, 9).value for at in range(1, 4)] == [
        None,
        "结果",
        "已记录：请核对：这一行在表格中被隐藏，仍按一行读。",
    ]
    assert found["I4"].value == "被拒绝：H4 年份须写四位。"
    assert found["I5"].value == "未读：合计行"
    assert found["A3"].value == "虚构甲"
    office.imports(tmp_path / "b.xlsx", out=tmp_path / "c.xlsx")
    again: Any = openpyxl.load_workbook(tmp_path / "c.xlsx").active
    assert (again["I2"].value, again["J2"].value) == ("结果", None)
    assert again["I3"].value.startswith("已有")


def test_a_text_file_comes_back_in_its_encoding_and_an_old_workbook_as_a_new_one(
    office: Office, tmp_path: Path
) -> None:
    office.imports(text(tmp_path / "a.csv", row(51)), out=tmp_path / "b.csv")
    lines = (tmp_path / "b.csv").read_bytes().decode("gb18030").split("\r\n")
    assert lines[1].endswith("\t结果")
    assert lines[2].endswith("\t已记录")
    old = xlwt.Workbook()
    own = old.add_sheet("S")
    for at, cells in enumerate((HEADS, row(52))):
        for column, cell in enumerate(cells):
            own.write(at, column, cell)
    old.save(str(tmp_path / "a.xls"))
    office.imports(tmp_path / "a.xls", out=tmp_path / "c.xls")
    found: Any = openpyxl.load_workbook(tmp_path / "c.xls.xlsx").active
    assert [cell.value for cell in found[2]] == [*row(52), "已记录"]


def test_what_stands_beside_the_table_is_not_written_over(office: Office, tmp_path: Path) -> None:
    office.imports(sheet(tmp_path / "a.xlsx", [*row(55), None, "旁注"]), out=tmp_path / "b.xlsx")
    found: Any = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert [found[cell].value for cell in ("J3", "K2", "K3")] == ["旁注", "结果", "已记录"]


def test_an_office_keeps_a_mapping_for_its_own_sheet(office: Office, tmp_path: Path) -> None:
    heads = ("领取人姓名", "领取人证件", "待遇项目", "发放金额", "月份", "收款方", "资金来源", "打款日")
    path = text(tmp_path / "a.csv", row(61), heads=heads)
    office.imports(path, propose=tmp_path / "map.json")
    proposal = json.loads((tmp_path / "map.json").read_text())
    assert proposal["columns"]["发放金额"] == "金额"
    proposal["columns"] |= {"领取人证件": "身份证号", "领取人姓名": "", "打款日": "发放日期", "月份": "所属月份"}
    (tmp_path / "map.json").write_text(json.dumps(proposal))
    found, rows, _ = office.imports(path, kind="", mapped=tmp_path / "map.json")
    assert (found["recorded"], rows) == (1, [])


def test_a_number_with_two_names_is_remarked_on(office: Office, tmp_path: Path) -> None:
    rows = [row(71), row(71, 姓名="虚构乙", 所属月份="2026-04")]
    _, told, _ = office.imports(sheet(tmp_path / "a.xlsx", *rows))
    assert [why["code"] for one in told for why in one["reasons"]] == ["other_name"]


def test_a_name_that_is_not_the_one_on_record_is_remarked_on_and_recorded_all_the_same(
    office: Office, tmp_path: Path, departments: dict[str, Department]
) -> None:
    data = {"name": "虚构甲", "relation": "02", "coresident": True, "from_date": "2025-02-10"}
    known = event(f"{FEDERATION}.member_relation_recorded", data, number(75), legacy=True)
    assert departments[FEDERATION].receive(known)[1]
    path = sheet(tmp_path / "a.xlsx", row(75, 姓名="虚构乙"), row(76, 姓名="虚构乙"))
    for dry_run in (True, False):
        found, told, _ = office.imports(path, dry_run=dry_run)
        assert [(one["row"], why["cell"], why["code"]) for one in told for why in one["reasons"]] == [
            (3, "发放!A3", "other_name_on_record")
        ]
        assert found["recorded"] == 2


def test_what_is_read_and_what_is_not_is_said(office: Office, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", [*row(81), "x"], heads=(*HEADS, "手机"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("隐")["A1"] = 1
    book["隐"].sheet_state = "hidden"
    book.save(path)
    _, _, said = office.imports(path)
    for words in ("工作表“发放”，表头在第 2 行", "2026年3月发放明细", "手机", "隐"):
        assert words in said
    with pytest.raises(YihuError, match="columns_missing"):
        office.imports(sheet(tmp_path / "b.xlsx", heads=HEADS[:4]))


def test_the_file_itself_is_noted_once_at_the_federation(
    office: Office, tmp_path: Path, departments: dict[str, Department]
) -> None:
    path = sheet(tmp_path / "a.xlsx", row(91), row(92, 金额="x"))
    log = departments[FEDERATION].recorder
    before = log.max_notification_id() or 0
    office.imports(path)
    office.imports(path)
    assert log.max_notification_id() == before + 1


def test_a_department_with_its_own_key_alone_imports_and_keeps_the_note_for_the_federation(
    office: Office, tmp_path: Path
) -> None:
    for other in (office.directory / "keys").glob("*.api"):
        if other.stem != "finance":
            other.unlink()
    path = sheet(tmp_path / "a.xlsx", row(96))
    for verdict in ("recorded", "already_recorded"):
        found, _, said = office.imports(path)
        assert found[verdict] == 1
        assert "残联可用 yihu emit 报送" in said
    [kept] = (office.directory / "imports" / "files.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(kept)["data"]["rows_accepted"] == 1
    assert number(96) not in kept


def test_a_key_that_no_door_knows_is_said_once_and_a_place_that_takes_no_file_before_anything_is_sent(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = sheet(tmp_path / "a.xlsx", row(97), row(98)), office.position
    for option in ("out", "propose"):
        for place in (tmp_path / "nowhere" / "b.xlsx", tmp_path):
            with pytest.raises(typer.BadParameter):
                office.imports(path, **{option: place})
    monkeypatch.setenv("YIHU_API_KEY", "wrong")
    for dry_run in (True, False):
        with pytest.raises(YihuError, match="no_key"):
            office.imports(path, to=office.url, dry_run=dry_run)
    assert office.position == before


def test_a_filled_template_needs_no_option_and_its_example_is_not_read(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_template(CATALOGUE.get(PAID), path)  # type: ignore[arg-type]
    assert office.imports(path)[0]["rows"] == 0
    book = openpyxl.load_workbook(path)
    own: Any = book.worksheets[0]
    assert own["A2"].number_format == "@"
    assert book.worksheets[1].sheet_state == "hidden"
    heads = [re.sub(r"\*", "", str(cell.value)) for cell in own[1]]
    for head, value in zip(HEADS, row(95), strict=True):
        own.cell(3, heads.index(head) + 1).value = value
    book.save(path)
    found, rows, _ = office.imports(path, kind="")
    assert (found["recorded"], rows) == (1, [])


OWN = (*HEADS, "事件编号", "录入日期", "更正的事件编号", "更正原因")


def test_an_office_may_use_its_own_numbers_and_correct_by_them(office: Office, tmp_path: Path) -> None:
    first = [*row(101), "own-1", "2026-03-08", None, None]
    assert office.imports(sheet(tmp_path / "a.xlsx", first, heads=OWN))[0]["recorded"] == 1
    changed = [*row(101, 金额="9.00"), "own-1", "2026-03-08", None, None]
    corrected = [*row(101, 金额="9.00"), "own-2", "2026-03-09", "own-1", "金额录错"]
    unsaid = [*row(102), "own-3", None, "own-1", None]
    found, rows, _ = office.imports(sheet(tmp_path / "b.xlsx", first, changed, corrected, unsaid, heads=OWN))
    assert (found["already_recorded"], found["recorded"], found["refused"]) == (1, 1, 2)
    assert {one["row"]: [(why["cell"], why["code"]) for why in one["reasons"]] for one in rows} == {
        4: [("发放!I4", "id_used_for_other_content")],
        6: [("发放!L6", "required")],
    }
    *_, record = json.loads(batch(office.finance.recorder.bodies_after(office.position - 1, 1)))
    assert (record["type"], record["recordedtime"][:10]) == ("finance.event_corrected", "2026-03-09")
    assert record["data"]["corrected_payload"]["amount"] == "9.00"


WRITABLE = [one for one in CATALOGUE if not one.type.endswith((".event_corrected", ".base_applicant_assessed"))]


def test_the_example_of_every_template_is_an_event_of_its_type() -> None:
    """Its cells are read as the example that the declaration gives."""
    setting = Setting(date(2026, 12, 1), allow_test_regions=True)
    for one in WRITABLE:
        read = {
            column.name: sent(column.read(example(column), setting)) for column in columns_of(one) if example(column)
        }
        for name, value in one.example().items():
            found = read.get(f"data.{name}")
            assert found == value or str(found) == str(value) or one.facts[name].kind.name == "condition", name
