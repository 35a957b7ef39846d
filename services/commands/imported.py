"""What every import ends with: the file is noted at the federation, and the office gets its own file back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.commands.options import say

if TYPE_CHECKING:
    from services.commands.emitter import Emitter
    from services.spreadsheets.files import Book
    from services.spreadsheets.headers import Table
    from shared.door.client import Client
    from shared.language.catalogue import Declaration

KNOWN_ALREADY = frozenset({"id_used_for_other_content", "natural_key_taken"})
"""How a door refuses a file that was noted when it was imported before, on another day or with other counts."""


def of_files() -> "Declaration":
    """Return the type that notes an imported file, whose ever it is."""
    from shared.language.catalogue import CATALOGUE

    return next(one for one in CATALOGUE if one.type.endswith(".file_imported"))


def note(
    emitter: "Emitter", book: "Book", what: str, today: date, directory: Path, *, rows: int, refused: int,
    roster: str = "",
) -> None:  # fmt: skip
    """Record the file itself at the federation. `what` stands for its name, which may name somebody.

    A department that has no key there, or meets no answer, keeps the event in `directory` for whoever has one: its
    rows are recorded all the same, and each names the file.
    """
    from shared.json import canonical

    declaration = of_files()
    data = {
        "file_name": f"{what}{book.path.suffix.lower()}",
        "sha256": book.sha256,
        "encoding": book.encoding or book.kind,
        "rows_total": rows,
        "rows_accepted": rows - refused,
        "rows_rejected": refused,
    }
    event = {
        "specversion": "1.0",
        "id": f"file-{book.sha256}",
        "source": f"urn:yihu:{declaration.department}:desk",
        "type": declaration.type,
        "time": f"{today.isoformat()}T00:00:00+08:00",
        "data": data | ({"roster": roster} if roster else {}),
    }
    for line in emitter.emit([[canonical(event)]]):
        if not line.recorded and line.answer.get("code") not in KNOWN_ALREADY:
            _keep(canonical(event), directory / "files.jsonl")


def check_key(client: "Client", department: str) -> None:
    """Raise YihuError where a department's door does not know the key: once, and not for every row."""
    from shared.door.client import DepartmentUnavailable
    from shared.errors import YihuError

    try:
        answer = client.ask(department, "whoami")
    except DepartmentUnavailable:
        return  # it is tried again, and said
    if answer.status in {401, 403}:
        raise YihuError(answer.body["code"], answer.body["zh"], answer.body["title"])


def other_names(clients: "Mapping[str, Client]", packs: Iterable[Sequence[tuple[Any, str, str]]]) -> Iterator[Any]:
    """Yield the rows whose name is not the one on record for their number. `packs` are rows, numbers and names.

    The federation compares: it has the names of members. Where it does not answer, that is said, and nothing remarked.
    """
    from shared.door.client import DepartmentUnavailable

    department = of_files().department
    for pack in packs:
        try:
            other = clients[department].other_names(department, [(number, name) for _, number, name in pack])
        except DepartmentUnavailable:
            other = None
        if other is None:
            say("姓名没有与残联的登记核对：残联的接口没有回答，或不认识这把密钥。 Names were not compared.")
            return
        yield from (pack[at][0] for at in other)


def _keep(event: bytes, path: Path) -> None:
    """Keep an event for whoever may send it, once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = path.read_bytes().splitlines() if path.exists() else []
    if event not in kept:
        path.write_bytes(b"".join(line + b"\n" for line in (*kept, event)))
    say(
        f"数据已报送；导入文件由残联登记，登记内容存在 {path}，残联可用 yihu emit 报送。 "
        "The rows were sent; the federation may note the file itself: yihu emit."
    )


def give_back(book: "Book", table: "Table", said: Callable[[int], str], out: Path) -> None:
    """Write the office's file with a column that says what became of each row."""
    from services.spreadsheets.marking import kept_as, mark

    if out.suffix.lower() != kept_as(book):
        out = out.with_name(out.name + kept_as(book))
    mark(book, table, said, out)
    say(f"带“结果”列的表格：{out} Your file with a column of results.")
