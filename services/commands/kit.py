"""The kit of `yihu check`: what every door promises, tried on the types of one department in its sandbox.

The events are the examples of the declarations, of made-up persons. They are imported history (`legacy`): shape and
what contradicts itself count, what must come before does not; that is tried apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.door.client import Answer, Client
from shared.door.intake import EVENT_BYTES
from shared.errors import YihuError
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Withdraws
from shared.language.rules import Rules

CHILD, BROTHER, MOTHER, FATHER = "42129920210512020X", "421299201709030139", "422399199007080242", "422399198803150112"
"""Made-up persons with valid numbers of regions that do not exist."""
PERSONS = (CHILD, FATHER, BROTHER, MOTHER)
TIMES = ("2026-11-01T09:00:00+08:00", "2025-04-15T09:00:00+08:00")
"""When examples happen: late enough for each that looks back, or early enough for each that looks forward."""
RARE_NAME = "欧阳𠮷㛃·买买提"
"""A compound surname, characters beyond 16 bits and of an extension, a middle dot."""
SURPLUS = "surplus_of_the_kit"
LATE = timedelta(days=400)
BATCH = 500
RECORDED, AGAIN, TAKEN, TOO_LARGE, REFUSED, OTHER = 201, 200, 409, 413, 422, 403

CASES = {
    "order": ("G3", "缺少前置事件：拒绝", "what must come before is missing: refused"),
    "good": ("G1", "合规事件：记录并给回执", "a good event: recorded, with a receipt"),
    "again": ("G1", "重复报送：同一回执", "the same again: the same receipt"),
    "changed": ("G1", "同一编号、内容不同：拒绝", "the same id with other content: refused"),
    "bad": ("G1", "多余字段或缺必填字段：拒绝并指明位置", "a wrong payload: refused, with the place"),
    "batch": ("G1", "一批中一条有错：不影响其他", "a batch with one bad event: the others are recorded"),
    "oversized": ("G1", "超大事件：拒绝", "an oversized event: refused"),
    "encoding": ("G1", "GB 18030 编码：拒绝，须为 UTF-8", "GB 18030: refused, it must be UTF-8"),
    "source": ("G1", "冒用其他来源：拒绝", "another system's source: refused"),
    "late": ("G3", "补录：按原发生时间记录", "reported late: recorded with its own time"),
    "corrected": ("G6", "更正：另记一条，原件保留", "a correction: a record of its own, the original stays"),
    "withdrawn": ("G6", "撤销：另记一条，原件保留", "a withdrawal: a record of its own, the original stays"),
    "names": ("G8", "生僻字姓名：收下，日志中不见明文", "a rare name: taken, and not in clear in the log"),
    "log": ("G4", "日志：位置连续，与回执一致", "the log: positions without gap, as receipted"),
}
"""Each case with the guarantee it tries, in Chinese and English. What is of no single type comes last."""


class NotASandbox(YihuError):
    """A key that may do real things was given to the kit."""

    def __init__(self) -> None:
        super().__init__(
            "not_a_sandbox_key",
            "这不是沙箱密钥，检查未执行；请用 <部门>.sandbox。",
            "This is no sandbox key; nothing was tried. Use <department>.sandbox.",
        )


@dataclass(frozen=True, slots=True)
class Case:
    """What came of one case: of which type, what should have come, what came instead if it did not."""

    type: str
    name: str
    passed: bool
    found: str = ""

    @property
    def guarantee(self) -> str:
        """The guarantee that it tries (README)."""
        return CASES[self.name][0]

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        _, zh, en = CASES[self.name]
        found = {"type": self.type, "case": self.name, "guarantee": self.guarantee, "zh": zh, "en": en}
        return found | {"passed": self.passed} | ({"found": self.found} if self.found else {})


def begin(client: Client, department: str) -> dict[str, Any]:
    """Return who the key is, its sandbox emptied. Raises NotASandbox for any other key, before anything is sent."""
    who = client.ask(department, "whoami")
    if who.status == AGAIN and who.body["mode"] != "test":
        raise NotASandbox
    if who.status != AGAIN:
        raise YihuError(str(who.body["code"]), str(who.body["zh"]), str(who.body["title"]))
    client.ask(department, "sandbox", "DELETE")
    return who.body


class Kit:
    """Tries what the door of one department promises, in its sandbox."""

    def __init__(self, client: Client, department: str, rules: Rules, source: str) -> None:
        self.client = client
        self.department = department
        self.source = source
        own = [known for known in CATALOGUE if known.department == department]
        self.types = [known for known in own if not isinstance(known.effect, Corrects | Withdraws)]
        self.amendments = [known for known in own if isinstance(known.effect, Corrects | Withdraws)]
        self.orders: dict[Any, str] = {
            rule.cls: rule.code for rule in rules if rule.effect == "refuse" and rule.name[:6] == "after "
        }
        self._receipts: dict[int, str] = {}

    def run(self) -> Iterator[Case]:
        """Yield each case as it was tried; the sandbox is empty."""
        yield from self._order()
        good, refused = self._good()
        for known in self.types:
            found = refused.get(known.type)
            yield Case(known.type, "good", found is None, _shown(found))
        yield from self._each("again", good, good)
        yield from self._each("changed", good, {name: event | {"time": _later(event)} for name, event in good.items()})
        yield from self._each("bad", good, {name: _spoilt(event) for name, event in good.items()})
        plain = next((good[known.type] for known in self.types if known.type in good and known.scope == "person"), None)
        if plain is not None:
            yield from self._specials(plain)
            yield from map(self._amended, self.amendments, [plain] * len(self.amendments))
        yield from self._names()
        yield self._log()

    def _order(self) -> Iterator[Case]:
        wanted = [known for known in self.types if known.cls in self.orders]
        first, second = (
            self._send([self._event(known, "order", person, TIMES[0]) for known in wanted]) for person in PERSONS[:2]
        )
        for known, *answers in zip(wanted, first, second, strict=True):  # one of both may name itself in its example
            codes = {fault["code"] for answer in answers for fault in answer.body.get("errors", ())}
            passed = [answer.status for answer in answers] == [REFUSED] * 2 and self.orders[known.cls] in codes
            yield _case(known.type, "order", passed, *answers)

    def _good(self) -> tuple[dict[str, dict[str, Any]], dict[str, Answer]]:
        """Send an example of each type, of another person or day where the first is refused; return what was recorded.

        And the answer to what was not.
        """
        good: dict[str, dict[str, Any]] = {}
        refused: dict[str, Answer] = {}
        for person in PERSONS[:2]:
            for time in TIMES:
                left = [known for known in self.types if known.type not in good]
                events = [self._event(known, "good", person, time, legacy=True) for known in left]
                for known, event, answer in zip(left, events, self._send(events), strict=True):
                    if answer.status == RECORDED and answer.body.get("mode") == "test":
                        good[known.type] = event
                        refused.pop(known.type, None)
                    else:
                        refused.setdefault(known.type, answer)
        return good, refused

    def _each(self, name: str, good: dict[str, Any], events: dict[str, dict[str, Any]]) -> Iterator[Case]:
        first = {id_: at for at, id_ in self._receipts.items()}
        for kind, answer in zip(events, self._send(list(events.values())), strict=True):
            codes = {(fault["code"], fault["pointer"]) for fault in answer.body.get("errors", ())}
            passed = {
                "again": answer.status == AGAIN and answer.body.get("position") == first.get(good[kind]["id"]),
                "changed": answer.status == TAKEN,
                "bad": answer.status == REFUSED and ("unknown_field", f"/data/{SURPLUS}") in codes,
            }[name]
            yield Case(kind, name, passed, "" if passed else _shown(answer))

    def _specials(self, plain: dict[str, Any]) -> Iterator[Case]:
        kind = plain["type"]
        one, bad, other = (
            plain | {"id": f"check-batch-{at}", "subject": who}
            for at, who in enumerate((BROTHER, MOTHER, FATHER if plain["subject"] != FATHER else CHILD))
        )
        answers = self._send([one, _spoilt(bad), other])
        came = [answer.status for answer in answers]
        yield _case(kind, "batch", came == [RECORDED, REFUSED, RECORDED], *answers)
        large = plain | {"id": "check-oversized", "data": plain["data"] | {SURPLUS: "x" * EVENT_BYTES}}
        answer = self.client.emit(self.department, large)
        yield _case(kind, "oversized", answer.status == TOO_LARGE, answer)
        answer = self.client.post(self.department, '{"id": "编码"}'.encode("gb18030"))
        yield _case(kind, "encoding", answer.body.get("code") == "not_utf8", answer)
        answer = self.client.emit(self.department, plain | {"id": "check-source", "source": f"{self.source}:other"})
        yield _case(kind, "source", answer.status == OTHER, answer)
        [answer] = self._send([plain | {"id": "check-late", "subject": MOTHER, "recordedtime": _later(plain, LATE)}])
        yield _case(kind, "late", answer.status == RECORDED, answer)

    def _amended(self, known: Declaration, plain: dict[str, Any]) -> Case:
        effect = known.effect
        assert isinstance(effect, Corrects | Withdraws)  # noqa: S101 - that is how they were found
        name = "corrected" if isinstance(effect, Corrects) else "withdrawn"
        event = self._event(known, "good", "", _later(plain))
        event["data"][effect.target] = plain["id"]
        if isinstance(effect, Corrects):
            event["data"][effect.payload] = plain["data"]
        [answer] = self._send([event])
        stays = any(one.get("id") == plain["id"] for one in self._records())
        return _case(known.type, name, answer.status == RECORDED and stays, answer)

    def _names(self) -> Iterator[Case]:
        """Try a rare name in the first type that has one and takes its example of another person."""
        failed: list[Case] = []
        for known in self.types:
            named = [name for name, fact in known.facts.items() if fact.kind.name == "name" and not fact.many]
            if not named or known.scope != "person":
                continue
            event = self._event(known, "names", BROTHER, TIMES[0], legacy=True)
            event["data"][named[0]] = RARE_NAME
            [answer] = self._send([event])
            hidden = RARE_NAME not in str(self._records())
            failed.append(_case(known.type, "names", answer.status == RECORDED and hidden, answer))
            if answer.status == RECORDED:
                yield failed[-1]
                return
        yield from failed[:1]

    def _log(self) -> Case:
        records = {one["position"]: one["id"] for one in self._records()}
        passed = list(records) == list(range(1, len(records) + 1)) and records == self._receipts
        return Case("", "log", passed, "" if passed else f"{len(records)} ≠ {len(self._receipts)}")

    def _records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while page := self.client.unverified(self.department, len(found)):
            found += page
        return [one | {"position": at} for at, one in enumerate(found, 1)]

    def _event(self, known: Declaration, case: str, person: str, time: str, **attributes: Any) -> dict[str, Any]:
        found: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"check-{known.type.partition('.')[2]}-{case}",
            "source": self.source,
        }
        found |= {"type": known.type, "time": time, "data": known.example(), **attributes}
        return found | ({"subject": person} if known.scope in {"person", "family"} else {})

    def _send(self, events: list[dict[str, Any]]) -> list[Answer]:
        """Send events in batches; return the answers, and remember what was receipted now."""
        found: list[Answer] = []
        for at in range(0, len(events), BATCH):
            some = events[at : at + BATCH]
            answers = self.client.emit_all(self.department, some)
            found += [self.client.emit(self.department, one) for one in some] if answers is None else answers
        recorded = [answer.body for answer in found if answer.status == RECORDED]
        self._receipts |= {receipt.get("position", 0): receipt.get("id", "") for receipt in recorded}
        return found


def _case(kind: str, name: str, passed: bool, *answers: Answer) -> Case:
    return Case(kind, name, passed, "" if passed else "; ".join(map(_shown, answers)))


def _later(event: dict[str, Any], by: timedelta = timedelta(minutes=1)) -> str:
    return (datetime.fromisoformat(event["time"]) + by).isoformat()


def _spoilt(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"id": f"{event['id']}-bad", "data": event["data"] | {SURPLUS: 1}}


def _shown(answer: Answer | None) -> str:
    """Return what a door answered in one line: the status and every fault with its sentence."""
    if answer is None:
        return ""
    faults = answer.body.get("errors", ())
    return " ".join(
        [str(answer.status), *(f"[{one['code']} {one['pointer']}] {one['zh']} {one['en']}" for one in faults)]
    )
