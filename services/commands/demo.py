"""What `yihu up --demo` loads: two sample families, and a made-up city beside them, through the departments' doors."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from services.city.city import lines as events_of
from services.commands.emitter import PACK, Emitter, read_packs
from services.commands.generate import SEED
from services.commands.options import operator, say
from services.commands.show import as_text
from services.console.accounts import User
from services.console.roles import ROLES
from services.departments import DEPARTMENTS, load_catalogue
from services.entitlements.owed import Asked
from services.entitlements.text import lines, work_lines
from services.entitlements.work import Wanted
from services.family_case.reading import Queries
from services.processes import assembly
from shared.door.client import Client
from shared.errors import YihuError
from shared.keys.files import Keys
from shared.settings import Settings

STORIES = ("family_a.jsonl", "family_b.jsonl")
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FILED_WITHIN_S = 60.0
"""How long nothing may be filed before the demo gives up."""
SAID_EVERY_S = 2.0
JUDGED_WITHIN_S = 8.0
"""How long the demo waits for the verdicts of the whole city before it shows what there is."""
PACKS = 4
"""How many packs of a city are sent together."""
MOST_URGENT = 5
PASSWORD = "yihu-demo-2026"  # noqa: S105 - everybody may know it: it opens nothing but a demonstration, from its machine
PEOPLE = tuple(
    User(name, f"演示{ROLES[role][0]}", role, department, division, demo=True)
    for name, role, department, division in (
        ("worker", "case_worker", None, "421221"),
        ("desk", "department_desk", DEPARTMENTS[1].name, None),
        ("supervisor", "supervisor", None, None),
        ("auditor", "auditor", None, None),
        ("leader", "leader", None, None),
        ("admin", "administrator", None, None),
    )
)
"""A user for each role; the case worker is of the county of the first sample family."""


class City:
    """A made-up city, loaded once: the data directory notes how large it is, and that it is complete.

    What was begun goes on as it was begun, whatever number of families is asked for later.
    """

    def __init__(self, directory: Path, families: int) -> None:
        self._note, self._file = directory / "city.json", directory / "city.jsonl"
        noted = json.loads(self._note.read_bytes()) if self._note.exists() else {}
        self.families: int = noted.get("families", families)
        self.loaded: bool = noted.get("loaded", not self.families)
        self._written: Future[int] | None = None

    @property
    def new(self) -> bool:
        """Whether it is loaded now, at this start."""
        return self._written is not None

    def begin(self) -> None:
        """Begin to make its events up, beside what else has to start."""
        if self.loaded:
            return
        load_catalogue()  # here: two threads at once would declare each type twice
        self._keep(loaded=False)
        pool = ThreadPoolExecutor(1)
        self._written = pool.submit(self._write)
        pool.shutdown(wait=False)

    def load(self, emitter: Emitter) -> int:
        """Load it, unless it is there already; return how many events were refused."""
        if self._written is None:
            return 0
        events, refused, said = self._written.result(), 0, time.monotonic()
        _say(f"报送虚构城市：{self.families} 户、{events} 条事件……", "Emitting a made-up city.")
        packs = _together(read_packs(str(self._file), None))
        for number, line in enumerate(emitter.emit(packs, ahead=True), 1):
            refused += not line.recorded
            if number % PACK == 0 and time.monotonic() > said + SAID_EVERY_S:
                said = time.monotonic()
                _say(f"已报送 {number}/{events} 条（{number * 100 // events}%）。", f"{number} of {events} emitted.")
        if not refused:
            self._keep(loaded=True)
            self._file.unlink()
        return refused

    def _write(self) -> int:
        with self._file.open("wb") as file:
            return sum(file.write(line + b"\n") > 0 for line in events_of(self.families, SEED))

    def _keep(self, *, loaded: bool) -> None:
        part = self._note.with_suffix(".part")  # half a note never stands
        part.write_text(json.dumps({"families": self.families, "loaded": loaded}))
        part.replace(self._note)


@dataclass(frozen=True, slots=True)
class Demo:
    """The demonstration on one running installation."""

    settings: Settings
    receipts: Path
    city: City

    def load(self) -> int:
        """Load what is not there yet; return how many events were refused. Raises YihuError."""
        keys = Keys(self.settings.keys)
        clients = {name: Client(self.settings.url_of(name), keys.api_key(name)) for name in assembly.NAMES}
        emitter = Emitter(clients, self.receipts)
        _say("经各部门接口报送两户样例家庭的事件……", "Emitting two families' stories through the departments' doors.")
        refused = recorded = 0
        for story in STORIES:
            for line in emitter.emit(read_packs(str(SAMPLES / story), None)):
                recorded += line.new
                refused += not line.recorded
        _say(f"新记录 {recorded} 条，拒绝 {refused} 条。", f"{recorded} recorded now, {refused} refused.")
        return refused + self.city.load(emitter)

    def show(self, refused: int) -> None:
        """Print one family's history, and say what there is. Raises YihuError, also where some events were refused."""
        queries = assembly.queries(self.settings)
        events = _wait_until_filed(self.settings, queries)
        families = [_family_of(story, self.settings, queries) for story in STORIES]
        if refused or None in families:
            raise YihuError("demo_incomplete", "样例未能完整归档。", "The stories were not filed completely.")
        sys.stdout.write(as_text(queries.open(str(families[0]), operator(), "command")))
        owed = assembly.owed(self.settings).open(str(families[0]), operator(), "command", Asked())
        sys.stdout.write("\n" + "\n".join(lines(owed)) + "\n")
        sys.stdout.flush()
        self._most_urgent()
        for family in families:
            _say(f"案卷页面：{self.settings.url}/families/{family}", "The family's page.")
        for name, key in Keys(self.settings.keys).sandbox_keys(assembly.NAMES).items():
            _say(f"沙箱密钥 {name}：{key}", "A sandbox key: yihu check.")
        there = len(queries.families())
        _say(f"现有 {there} 户、{events} 条事件，均为虚构：{self.settings.url}/", f"{there} families, {events} events.")

    def people(self) -> None:
        """Make an account for each role, unless it is there, and say where the console is and who can sign in."""
        accounts = assembly.accounts(self.settings)
        for user in PEOPLE:
            if user.name not in accounts.users():
                accounts.add(user, PASSWORD, operator().name)
        _say("控制台账号（仅限本机演示）：", "Who can sign in, on this machine alone.")
        for user in PEOPLE:
            say(f"  {user.name:<11}{ROLES[user.role][0]} {ROLES[user.role][1]}")
        _say(f"口令都是 {PASSWORD}。打开控制台：{self.settings.url}/", "The password of all; open the console there.")

    def _most_urgent(self) -> None:
        """Say to whom it matters most: the head of the city's work list, as far as it is judged by now."""
        work, until = assembly.work_lists(self.settings), time.monotonic() + JUDGED_WITHIN_S
        filed = assembly.queries(self.settings).reached()
        while (work.reached() < filed or work.behind()) and time.monotonic() < until:
            time.sleep(0.1)
        page = work.open(Wanted(limit=MOST_URGENT), operator(), "command") | {"behind": work.behind(), "next": None}
        sys.stdout.write("\n最急的事项：\n" + "\n".join(work_lines(page)) + "\n")
        sys.stdout.flush()


def _together(packs: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
    """Yield packs some at a time: so the seven doors get whole batches, and wait less often for the slowest of them."""
    while some := list(islice(packs, PACKS)):
        yield list(chain.from_iterable(some))


def _family_of(story: str, settings: Settings, queries: Queries) -> str | None:
    """Return the case number of a sample family: its first event opens the case, about the head."""
    first = json.loads((SAMPLES / story).read_bytes().partition(b"\n")[0])
    return queries.search(first["subject"], assembly.link_key(settings), allow_test_regions=True)


def _wait_until_filed(settings: Settings, queries: Queries) -> int:
    """Wait until everything that was recorded is filed; return how many events that are. Raises YihuError."""
    client = assembly.hub(settings)
    verifiers = assembly.verifiers(settings)
    signed = {log: verifier.checkpoint(client.checkpoint(log)).size for log, verifier in verifiers.items()}
    events = sum(signed.values())
    filed, since = -1, time.monotonic()
    said = since
    while filed < events:
        now, before = time.monotonic(), filed
        filed = sum(min(source["received"], signed[source["log"]]) for source in queries.sources())
        if filed > before:
            since = now
        if now > since + FILED_WITHIN_S:
            raise YihuError("not_filed", "等待归档超时，见 worker.log。", "Filing took too long; see worker.log.")
        if now > said + SAID_EVERY_S:
            said = now
            _say(f"已归档 {filed}/{events} 条。", f"{filed} of {events} filed.")
        time.sleep(0.1)
    return filed


def _say(zh: str, en: str) -> None:
    say(f"{zh} {en}")
