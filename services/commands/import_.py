"""`yihu import`: a spreadsheet's rows become events, and the office gets its own file back."""

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from services.commands.imported import check_key, give_back, note, of_files, other_names
from services.commands.options import HERE, Data, as_json, can_write, say

if TYPE_CHECKING:
    from services.spreadsheets.columns import Column
    from services.spreadsheets.files import Book
    from services.spreadsheets.headers import Table
    from services.spreadsheets.importing import Found, Importer
    from services.spreadsheets.mapping import Mapping as OwnColumns
    from services.spreadsheets.results import Results
    from shared.door.client import Client

EXAMPLES = (
    "yihu import 名册.xlsx --dry-run",
    "yihu import 发放.csv --type finance.benefit_paid --propose-map 发放.json",
    "yihu import 发放.csv --map 发放.json --out 发放-结果.csv",
)
PROGRESS_ROWS = 5_000
SHOWN = 20
"""How many rows are told in words; all of them are in the output and in the marked file."""
SECRET_BYTES = 32


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="表格 / .xlsx .xls .ods .csv")],
    kind: Annotated[str, typer.Option("--type", metavar="TYPE", help="事件类型 / event type")] = "",
    mapped: Annotated[
        Path | None, typer.Option("--map", metavar="MAP", help="列对照文件 / the mapping of columns that you keep")
    ] = None,
    propose: Annotated[
        Path | None,
        typer.Option("--propose-map", metavar="MAP", help="按表头拟列对照 / propose a mapping, and stop"),
    ] = None,
    roster: Annotated[str, typer.Option("--roster", metavar="ROSTER", help="名册：census certificates dibao …")] = "",
    month: Annotated[str, typer.Option(metavar="MONTH", help="名册所属月份 / month of the roster, like 2026-03")] = "",
    division: Annotated[str, typer.Option(metavar="CODE", help="名册所属地区 / division of the roster")] = "",
    answers: Annotated[
        Path | None, typer.Option(metavar="ANSWERS", help="对名册问题的答复 / answers to what a roster asks, JSON")
    ] = None,
    correct: Annotated[
        bool,
        typer.Option("--apply-corrections", help="与记录不同的，报送更正 / correct what differs"),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只核对，不记录 / record nothing")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT", help="带“结果”列的原表 / your file with a column of results")
    ] = None,
    data: Data = HERE,
    to: Annotated[
        str, typer.Option(metavar="URL", help="服务地址 / address of the doors; default: the running service")
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="SOURCE", help="报送来源 / who reports; default: the department's desk")
    ] = "",
) -> None:
    """导入表格：每行成为一个事件。 Import a spreadsheet: each row becomes an event.

    Which type it is says the template, --map or --type. A file imported again adds nothing.

    With --to, the API key is read from YIHU_API_KEY; otherwise the key comes from the data directory.
    """
    from services.departments import load_catalogue
    from services.spreadsheets.files import open_book
    from services.spreadsheets.headers import choose
    from services.spreadsheets.mapping import read_mapping

    load_catalogue()
    can_write(out, "--out")
    can_write(propose, "--propose-map")
    if roster:
        _import_roster(file, roster, month, division, answers, out, data, to, source, correct=correct, dry_run=dry_run)
        return
    book = open_book(file)
    mapping = read_mapping(mapped) if mapped else None
    importer = _importer(kind or (mapping.type if mapping else "") or _type_of(book), data, source, book, mapping)
    if propose is not None:
        _propose(book, importer, propose)
        return
    table, others = choose(book.sheets, importer.columns, mapping.given(importer.columns) if mapping else None)
    if table is None:
        heads = "、".join(column.header for column in importer.columns if column.needed)
        zh = f"前 15 行里没有找到表头；应有：{heads}。表头是另外的叫法的，用 --propose-map 列.json 对照。"
        _stop("no_table", zh, "There is no header among the first 15 rows; --propose-map is for headers of your own.")
    _tell(book, table, others)
    if missing := importer.missing(table):
        heads = "、".join(column.header for column in missing)
        where = f"{mapped} 的 columns 或 values" if mapped else "--propose-map 列.json"
        en = "Needed columns are missing; say in the mapping which they are, or what each row has."
        _stop("columns_missing", f"缺少必填的列：{heads}。请用 {where} 写明。", en)
    clients = _clients({importer.declaration.department, of_files().department}, data, to, dry_run=dry_run)
    check_key(clients[importer.declaration.department], importer.declaration.department)
    results = _sent(importer, book, table, clients, data, dry_run=dry_run)
    for shown, row in enumerate(results.remarkable()):
        print(as_json(row, indent=None))
        if shown < SHOWN:
            say(f"第 {row['row']} 行 {results.said(row['row'])}")
    counts = {"file": book.sha256, "rows": results.found.rows, **results.counts}
    print(as_json(counts, indent=None))
    say(
        "，".join(f"{results.words_of[verdict]} {number} 行" for verdict, number in results.counts.items())
        or "没有行。"
    )
    if out is not None:
        give_back(book, table, results.said, out)
    if results.counts.keys() & {"refused", "not_sent"}:
        raise typer.Exit(1)


def _import_roster(
    file: Path, code: str, month: str, division: str, answers: Path | None, out: Path | None, data: Path, to: str,
    source: str, *, correct: bool, dry_run: bool,
) -> None:  # fmt: skip
    from services.commands import import_roster
    from services.commands.emitter import Emitter
    from services.processes.installation import Installation

    def emitter_of(names: set[str]) -> Emitter:
        receipts = None if dry_run else Installation(data).receipts
        clients = _clients(names, data, to, dry_run=dry_run)
        return Emitter(clients, receipts, lambda: say("部门服务没有回答，正在重试。 No answer; retrying."))

    import_roster.run(
        file, code, month=month, division=division, answers=answers, correct=correct, dry_run=dry_run, out=out,
        data=data, source=source, emitter_of=emitter_of, secret=_secret(data / "imports"),
    )  # fmt: skip


def _propose(book: "Book", importer: "Importer", path: Path) -> None:
    """Write a mapping for a person to look through, and say what is left to be said in it."""
    from services.spreadsheets.mapping import write_mapping
    from services.spreadsheets.proposing import likely_table, proposal
    from shared.language.kinds import Setting

    table = likely_table(book.sheets, importer.columns)
    if table is None:
        zh = "前 15 行里没有像表头的一行（至少两格短文字）。"
        _stop("no_table", zh, "None of the first 15 rows looks like a header: two short texts at least.")
    setting = Setting(importer.today, allow_test_regions=True, high_tech_zone=True)
    mapping = proposal(importer.declaration, table, importer.columns, setting)
    write_mapping(mapping, importer.columns, path)
    say(f"工作表“{table.sheet.name}”，表头在第 {table.header} 行，按 {importer.declaration.label} 拟定对照：")
    for theirs, ours in mapping.columns.items():
        say(f"  {theirs} → {ours or '（不读 not read）'}")
    if mapping.values:
        heads = "、".join(map(_with_words, (one for one in importer.columns if one.header in mapping.values)))
        say(
            f"还缺必填：{heads}。表上有的，写在 columns 右边；每行都一样的，写在 values 右边；与另一列相同的写“=列名”，"
            "如“=身份证号”。 Still needed: say it in columns or values."
        )
    say(f"已写入 {path}；核对、改好后用 --map {path} --dry-run。 Look it through, then use --map.")


def _with_words(column: "Column") -> str:
    words = [zh for _, zh in column.cell.choices]
    return column.header + (f"（可填 {'、'.join(words)}）" if 0 < len(words) <= SHOWN else "")


def _importer(kind: str, data: Path, source: str, book: "Book", mapping: "OwnColumns | None") -> "Importer":
    from services.spreadsheets.columns import NO_SHEET, NoSheet, columns_of
    from services.spreadsheets.importing import Importer
    from shared.errors import nearest
    from shared.language.catalogue import CATALOGUE
    from shared.language.envelope import china_day, china_now

    declaration = CATALOGUE.get(kind)
    if declaration is None:
        zh, en = nearest(kind, [known.type for known in CATALOGUE]) if kind else _likely(book)
        said = "没有这种事件类型。" if kind else "请用 --type 写明事件类型。"
        raise typer.BadParameter(f"{said}{zh} Name a type: yihu events.{en}", param_hint="--type")
    try:
        columns = columns_of(declaration)
    except NoSheet:
        raise typer.BadParameter(NO_SHEET, param_hint="--type") from None
    importer = Importer(
        declaration,
        source or f"urn:yihu:{declaration.department}:desk",
        _secret(data / "imports"),
        china_day(china_now()),
        mapping.fixed(columns) if mapping else {},
    )
    importer.check_fixed()
    return importer


def _likely(book: "Book") -> tuple[str, str]:
    """Return which types a sheet looks like, in Chinese and in English."""
    from services.spreadsheets.proposing import likely_types

    some = "、".join(f"{one.type}（{one.label}）" for one in likely_types(book))
    zh, en = (f"这份表格像是 {some}；", " It may be one of these;") if some else ("", "")
    return f"{zh}全部类型见 yihu events。", f"{en} all types: yihu events."


def _secret(directory: Path) -> bytes:
    """Return the key of the events' ids, made once for each data directory."""
    path = directory / "key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
    except FileExistsError:
        pass
    return path.read_bytes()


def _type_of(book: "Book") -> str:
    """Return the type that a filled template names."""
    from services.spreadsheets.templates import LISTS

    for sheet in book.sheets:
        if sheet.name == LISTS:
            first = next(sheet.rows(), None)
            return str(first.values[0]) if first and first.values else ""
    return ""


def _clients(names: set[str], data: Path, to: str, *, dry_run: bool) -> "dict[str, Client]":
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.door.client import Client, JudgingClient

    installation = Installation(data)
    own_key = os.environ.get("YIHU_API_KEY", "")
    urls = dict.fromkeys(assembly.NAMES, to) if to else installation.doors()
    keys = {} if own_key else installation.senders.api_keys(urls)
    make = JudgingClient if dry_run else Client
    other = next(iter(keys.values()), "")  # what the federation answers to any department's key
    return {name: make(urls[name], own_key or keys.get(name, other)) for name in names}


def _sent(
    importer: "Importer", book: "Book", table: "Table", clients: "dict[str, Client]", data: Path, *, dry_run: bool
) -> "Results":
    from services.commands.emitter import Emitter
    from services.processes.installation import Installation
    from services.spreadsheets.results import Results

    found = importer.read(book, table)
    results = Results(table, found, dry_run=dry_run)
    for row in other_names(clients, found.named.packs()):
        results.other_name(row)
    order = [row for batch in found.batches for row in batch]
    receipts = None if dry_run else Installation(data).receipts
    emitter = Emitter(clients, receipts, lambda: say("部门服务没有回答，正在重试。 No answer; retrying."))
    for line in emitter.emit(_packs(found), ahead=True):
        if line.unavailable:
            say("部门服务没有回答，其余未报送；稍后再导入同一文件，不会重复。 No answer; import it again later.")
            return results
        results.take(order[line.number - 1], 201 if line.new else 200 if line.recorded else 422, line.answer)
        if line.number % PROGRESS_ROWS == 0 and line.number < len(order):
            say(f"{line.number} / {len(order)}")
    if not dry_run and found.rows:
        refused = results.counts["refused"]
        note(
            emitter, book, importer.declaration.type, importer.today, data / "imports", rows=found.rows, refused=refused
        )
    return results


def _packs(found: "Found") -> Iterator[list[bytes]]:
    for batch in found.batches:
        yield [found.events.of(row) for row in batch]


def _tell(book: "Book", table: "Table", others: list[str]) -> None:
    """Say what is read, and what is not; the lists of our own templates need no telling."""
    from services.spreadsheets.templates import LISTS

    say(f"工作表“{table.sheet.name}”，表头在第 {table.header} 行，认出 {len(table.columns)} 列。")
    told: Mapping[str, list[str]] = {
        "表头上方 Above the header": table.title,
        "未读的列 Columns not read": [*table.unknown, *table.doubled],
        "未读的工作表 Sheets not read": [name for name in others if name != LISTS],
    }
    for what, found in told.items():
        if found:
            say(f"{what}：{'、'.join(found)}")
    hidden = len(table.sheet.hidden_rows)
    if hidden:
        say(f"隐藏的行也读：{hidden} 行。 Hidden rows are read too.")
    if book.kind in {"xls", "ods"}:
        say("将以 .xlsx 归还。 It is given back as .xlsx.")
    sys.stderr.flush()


def _stop(code: str, zh: str, en: str) -> NoReturn:
    from shared.errors import YihuError

    raise YihuError(code, zh, en)
