"""`yihu import --roster`: a composed sheet becomes events, proposals and questions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from services.commands.imported import check_key, give_back, note, of_files, other_names
from services.commands.options import as_json, say
from shared.errors import YihuError

if TYPE_CHECKING:
    from services.commands.emitter import Emitter
    from services.spreadsheets.files import Book
    from services.spreadsheets.rosters.declaring import Context, Outcome, Roster
    from services.spreadsheets.rosters.reading import Reading
    from services.spreadsheets.rosters.sending import Sent

SHOWN = 20
"""How many rows, proposals and warnings are told in words; all of them are in the output."""


class AnswersUnreadable(YihuError):
    """The file of answers is none."""

    def __init__(self) -> None:
        super().__init__(
            "answers_unreadable",
            '答复文件须为 JSON 对象：问题名到答复，如 {"joined_on": "2026-01-01"}。',
            'The answers are a JSON object, question to answer, like {"joined_on": "2026-01-01"}.',
        )


def run(
    file: Path,
    code: str,
    *,
    month: str,
    division: str,
    answers: Path | None,
    correct: bool,
    dry_run: bool,
    out: Path | None,
    data: Path,
    source: str,
    emitter_of: Any,
    secret: bytes,
) -> None:
    """Import a file as a roster.

    `emitter_of` makes the emitter of some departments. Raises AnswersUnreadable, MemoryUnreadable, NotASheet,
    NotThisRoster or NoSuchFile; exits 1 where a question is open or a row was refused.
    """
    from services.spreadsheets.files import open_book
    from services.spreadsheets.rosters.reading import read_book
    from services.spreadsheets.rosters.remembering import keep, path_of, recall
    from services.spreadsheets.rosters.sending import send

    roster = roster_of(code)
    book = open_book(file)
    source = source or f"urn:yihu:{roster.department}:desk"
    path = path_of(data / "imports", roster, division, source)
    record = recall(path, secret)
    reading = read_book(
        book, roster, _context(book, source, division, month, record.answers | _read_answers(answers), record)
    )
    outcome = roster.understand(reading.rows, reading.context)
    _tell(reading, roster)
    if outcome.questions:
        _ask(outcome)
        raise typer.Exit(1)
    emitter = emitter_of({roster.department, of_files().department})
    check_key(emitter.clients[roster.department], roster.department)
    _compare_names(emitter, reading, outcome)
    sent = send(outcome, lambda events: _sent(emitter, events), dry_run=dry_run, correct=correct and not dry_run)
    _report(outcome, sent, book, reading)
    if not dry_run:
        keep(path, *record.after(outcome, reading.rows, reading.context, sent.settled), reading.context.answers)
        rows, refused = sum(sent.counts.values()), sent.counts["refused"]
        today = reading.context.setting.today
        note(emitter, book, code, today, data / "imports", rows=rows, refused=refused, roster=code)
    if out is not None:
        _give_back(book, reading, sent, out)
    if sent.counts.keys() & {"refused", "not_sent"}:
        raise typer.Exit(1)


def roster_of(code: str) -> "Roster":
    """Return a roster by its code. Raises BadParameter."""
    from services.spreadsheets.rosters import ROSTERS

    if code not in ROSTERS:
        known = "、".join(f"{one.code}（{one.zh}）" for one in ROSTERS.values())
        raise typer.BadParameter(f"名册类型有：{known}。 These are the rosters.", param_hint="--roster")
    return ROSTERS[code]


def _read_answers(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raise AnswersUnreadable from None
    if not isinstance(found, dict):
        raise AnswersUnreadable
    return found


def _context(book: "Book", source: str, division: str, month: str, answers: dict[str, Any], record: Any) -> "Context":
    from services.spreadsheets import cells
    from services.spreadsheets.rosters.declaring import Context
    from shared.language.envelope import china_day, china_now
    from shared.language.kinds import Setting, Unreadable

    # the door knows which regions count here
    setting = Setting(china_day(china_now()), allow_test_regions=True, high_tech_zone=True)
    context = Context(setting, source, book.sha256, division or None, answers=answers, record=record)
    if not month:
        return context
    try:
        found = cells.months(month, setting)
    except Unreadable as error:
        raise typer.BadParameter(f"{error.words[1]} {error.words[2]}", param_hint="--month") from None
    year = int((found or ("0",))[0][:4])
    return replace(context, title={"month": (found or ("",))[0], "periods": found, "year": year})


def _tell(reading: "Reading", roster: "Roster") -> None:
    """Say what is read, what the title says, and what is not read."""
    from services.spreadsheets.rosters.reading import unread_columns

    for table in reading.tables:
        say(f"工作表“{table.sheet.name}”，表头在第 {table.header} 行，认出 {len(table.columns)} 列。")
        if unread := unread_columns(table):
            say(f"未读的列 Columns not read：{'、'.join(unread)}")
        if table.sheet.hidden_rows:
            say(f"隐藏的行也读：{len(table.sheet.hidden_rows)} 行。 Hidden rows are read too.")
    shown = {column.name: column.header for column in roster.columns if not column.person and column.name != "person"}
    said = [f"{shown[name]}＝{_plain(value)}" for name, value in reading.context.title.items() if name in shown]
    if said:
        say(f"从标题读出，请核对 From the title：{'，'.join(said)}")
    if reading.others:
        say(f"未读的工作表 Sheets not read：{'、'.join(reading.others)}")


def _plain(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _ask(outcome: "Outcome") -> None:
    """Ask everything at once."""
    for one in outcome.questions:
        print(as_json({"question": one.name, "zh": one.zh, "en": one.en, "choices": list(one.choices)}, indent=None))
        say(f"问 {one.name}：{one.zh}" + (f"（{' / '.join(one.choices)}）" if one.choices else ""))
    say("什么也没有记录；请把答复写进 JSON 文件，用 --answers 再导入。 Nothing is recorded; use --answers.")


def _sent(emitter: "Emitter", events: Sequence[dict[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line in emitter.emit(_packs(events)):
        if line.unavailable:
            say("部门服务没有回答，其余未报送；稍后再导入同一文件，不会重复。 No answer; import the file again later.")
            return
        yield 201 if line.new else 200 if line.recorded else 422, line.answer


def _packs(events: Sequence[dict[str, Any]]) -> Iterator[list[bytes]]:
    """Yield events in batches; those of one row stay together, so that a dry run can judge them."""
    from services.commands.emitter import TOGETHER
    from shared.json import canonical

    pack: list[bytes] = []
    for _, group in groupby(events, key=lambda one: (one.get("filesheet"), one.get("filerow"))):
        of_row = [canonical(one) for one in group]
        if pack and len(pack) + len(of_row) > TOGETHER:
            yield pack
            pack = []
        pack += of_row
    if pack:
        yield pack


def _compare_names(emitter: "Emitter", reading: "Reading", outcome: "Outcome") -> None:
    from services.spreadsheets.importing import TOGETHER
    from services.spreadsheets.results import OTHER_NAME, OTHER_NAME_SAID

    named = [(row.place, row["person"], row["name"]) for row in reading.rows if row["person"] and row["name"]]
    packs = (named[at : at + TOGETHER] for at in range(0, len(named), TOGETHER))
    for place in other_names(emitter.clients, packs):
        outcome.warn(OTHER_NAME, *OTHER_NAME_SAID, place)


def _report(outcome: "Outcome", sent: "Sent", book: "Book", reading: "Reading") -> None:
    told = 0
    for warning in outcome.warnings:
        if warning.place is None:
            print(as_json({"warning": warning.code, "zh": warning.zh, "en": warning.en}, indent=None))
            say(f"请核对：{warning.zh}")
    for place in sorted(sent.verdicts, key=lambda one: (one.sheet, one.row)):
        why = [one.as_dict() for one in sent.reasons.get(place, ())]
        if not why and sent.verdicts[place] in {"recorded", "already_recorded"}:
            continue
        row = {"sheet": place.sheet, "row": place.row, "verdict": sent.verdicts[place], "reasons": why}
        print(as_json(row, indent=None))
        told += 1
        if told <= SHOWN:
            say(f"{place} {sent.said(place)}")
    for number, proposal in enumerate(outcome.proposals):
        at = proposal.place or proposal.before
        where = {"sheet": at.sheet, "row": at.row} if at else {}
        found = {"proposal": proposal.type, **where, "of_last_file": proposal.place is None, "zh": proposal.zh}
        print(as_json(found | {"asks": list(proposal.asks), "event": dict(proposal.event)}, indent=None))
        if proposal.place is None and number < SHOWN:
            say(f"上一份名册 {at}：{proposal.zh}")
    counts = {"file": book.sha256, "rows": len(reading.rows), "proposals": len(outcome.proposals), **sent.counts}
    print(as_json(counts, indent=None))
    words = [f"{sent.words[verdict]} {number} 行" for verdict, number in sent.counts.items()]
    say("，".join([*words, f"待确认的事项 {len(outcome.proposals)} 件"]))


def _give_back(book: "Book", reading: "Reading", sent: "Sent", out: Path) -> None:
    from services.spreadsheets.rosters.declaring import Place

    table = reading.tables[0]  # a marked file has its column on one sheet
    skipped = dict(table.skipped)
    give_back(book, table, lambda row: "" if row in skipped else sent.said(Place(table.sheet.name, row)), out)
    for other in reading.tables[1:]:
        say(f"工作表“{other.sheet.name}”的结果只在输出里。 The results of this sheet are in the output alone.")
