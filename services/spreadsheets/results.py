"""What came of each row, in words and for programs: recorded, already recorded, flagged, refused, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from services.spreadsheets.columns import NAME
from services.spreadsheets.headers import Table
from services.spreadsheets.importing import Found, Place, is_again, reasons
from shared.policy.lists import flags

RECORDED, ALREADY, FLAGGED, REFUSED, UNSENT = "recorded", "already_recorded", "flagged", "refused", "not_sent"
WORDS = {RECORDED: "已记录", ALREADY: "已有", FLAGGED: "已记录，有标记", REFUSED: "被拒绝", UNSENT: "未报送"}
WOULD = {RECORDED: "将记录", ALREADY: "已有", FLAGGED: "将记录，有标记", REFUSED: "将被拒绝", UNSENT: "未核对"}
OTHER_NAME = "other_name_on_record"
OTHER_NAME_SAID = ("残联登记的这一号码是另一姓名，请核对。", "This number is on record with another name; check it.")
_AGAIN = 200
_REMARKS = {"empty": "空行", "total": "合计行", "foot": "表尾", "header": "重复的表头", "example": "模板示例"}


class Results:
    """The results of one import. With `dry_run`, what the results would be."""

    def __init__(self, table: Table, found: Found, *, dry_run: bool) -> None:
        self.table = table
        self.found = found
        self.verdicts: dict[int, str] = dict.fromkeys(found.faults, REFUSED) | dict.fromkeys(found.events.rows, UNSENT)
        self.reasons: dict[int, list[Place]] = {**found.faults}
        self.words_of = WOULD if dry_run else WORDS
        self.skipped = {number: _REMARKS[why] for number, why in table.skipped}

    def take(self, row: int, status: int, answer: Mapping[str, Any]) -> None:
        """Take in a door's answer for a row: a receipt or a problem."""
        if status >= 300:  # noqa: PLR2004 - HTTP: refused
            again = is_again(answer) and row not in self.found.numbered
            self.verdicts[row] = ALREADY if again else REFUSED
            if not again:
                self.reasons[row] = reasons(self.table, row, answer)
        elif status == _AGAIN:
            self.verdicts[row] = ALREADY
        else:
            flagged = answer.get("flags", [])
            self.verdicts[row] = FLAGGED if flagged else RECORDED
            if flagged:
                known = flags()
                place = f"{self.table.sheet.name}!{row}"
                said = [(code, known.get(code, {})) for code in flagged]
                self.reasons[row] = [Place(place, code, one.get("zh", code), one.get("en", code)) for code, one in said]

    def other_name(self, row: int) -> None:
        """Remark that the name of a row is not the one on record for its number."""
        place = self.table.address(row, NAME)
        self.found.warnings.setdefault(row, []).append(Place(place, OTHER_NAME, *OTHER_NAME_SAID))

    @property
    def counts(self) -> Counter[str]:
        """How many rows have each verdict."""
        return Counter(self.verdicts.values())

    def said(self, row: int) -> str:
        """Return the words for a row of the office's file."""
        if row in self.skipped:
            return f"未读：{self.skipped[row]}"
        if row not in self.verdicts:
            return ""
        why = [f"{one.cell.rpartition('!')[2]} {one.zh}" for one in self.reasons.get(row, ())]
        warned = [f"请核对：{one.zh}" for one in self.found.warnings.get(row, ())]
        return "：".join(filter(None, (self.words_of[self.verdicts[row]], " ".join(why + warned))))

    def remarkable(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of which there is more to say than that they are recorded, or were before."""
        for row in sorted(self.verdicts):
            told = [*self.reasons.get(row, ()), *self.found.warnings.get(row, ())]
            if told or self.verdicts[row] in {REFUSED, UNSENT}:
                yield {"row": row, "verdict": self.verdicts[row], "reasons": [one.as_dict() for one in told]}
