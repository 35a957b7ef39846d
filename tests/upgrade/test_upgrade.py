"""What the version before stored, signed and showed: today's program opens it in place and gives all of it again."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.family_case.audit import document
from services.processes import assembly
from shared.json import canonical
from shared.keys.files import Keys
from shared.language.catalogue import CATALOGUE
from shared.log.evidence import Tree
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from tests.faults.tools.processes import Running
from tests.upgrade.conftest import BEFORE, Old, unpacked
from tests.world import event, wait_for

REWORDED = {"sentence", "clauses", "flags"}
"""What an entry may say in other words than before, or in addition; everything else is as it was, byte for byte.

What it amends it names by its position too.
"""
RECORDS = json.loads((BEFORE / "verified.json").read_text())["records"]
ASIDE = sum(
    row["events"]
    for row in json.loads((BEFORE / "health.json").read_text())["waiting"]
    if row["reason"] != "unknown_person"
)
WAITED = sum(RECORDS.values()) - 2 * RECORDS["family_case"] - ASIDE
"""How many events waited for a person who was never in a family: the case log has these too, behind what it had."""
FULL_WIDTH = str.maketrans("(),:;", "（），：；")
"""A label has its punctuation in full width now, and is otherwise the same."""

EVENTS = [json.loads(line) for line in (BEFORE / "events.jsonl").read_text(encoding="utf-8").splitlines()]
HISTORIES = unpacked("histories.json.gz")


@pytest.fixture(scope="module")
def upgraded(copy_of_old: Callable[[Path], Old], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run web and worker on an upgraded copy; the tests of this file add nothing to it."""
    yield from run(copy_of_old(tmp_path_factory.mktemp("upgraded")))


@pytest.fixture
def running(old: Old) -> Iterator[Running]:
    """Run web and worker on an upgraded copy of the test's own."""
    yield from run(old)


def run(old: Old) -> Iterator[Running]:
    """Upgrade, and run web and worker until the tests are done."""
    old.upgrade()
    running = Running.on_free_port(old.settings, old.directory)
    running.start("web")
    running.start("worker")
    yield running
    running.stop()


def get(running: Running, path: str) -> bytes:
    """Fetch something from a door with the hub's key."""
    connection = http.client.HTTPConnection(str(urlsplit(running.settings.url).netloc), timeout=10)
    key = Keys(running.settings.keys).api_key("hub")
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    assert answer.status == 200, path
    found = answer.read()
    connection.close()
    return found


def receipts() -> dict[str, str]:
    """Return the receipts of the version before, each as its line, by the event's id."""
    lines = [line for path in (BEFORE / "receipts").iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    return {json.loads(line)["id"]: line for line in lines}


def rows(running: Running, service: str) -> list[Any]:
    """Return the rows of a log."""
    database = Database(running.settings.database_url, service, size=1)
    found = list(LogRecorder(database).rows())
    database.close()
    return found


def verified(running: Running) -> tuple[dict[str, int], list[Any]]:
    """Verify everything."""
    return assembly.verify(running.settings, running.directory / "receipts")


def test_the_same_events_again_give_the_first_receipts_byte_for_byte(upgraded: Running) -> None:
    first = receipts()
    assert len(first) == len(EVENTS)
    for sent in EVENTS:
        answer = upgraded.emit(sent)
        assert answer.status == 200, sent["id"]
        assert json.dumps(answer.body, ensure_ascii=False, sort_keys=True) == first[sent["id"]]


def test_every_leaf_and_every_page_of_every_log_is_what_it_was(upgraded: Running) -> None:
    leaves = json.loads((BEFORE / "leaves.json").read_text())
    assert set(leaves) == set(assembly.SERVICES)
    for service in leaves:
        found = rows(upgraded, service)
        assert [row.leaf.hex() for row in found][: len(leaves[service])] == leaves[service]
        assert len(found) == len(leaves[service]) + (WAITED if service == assembly.FAMILY_CASE else 0)
        assert [row.position for row in found] == list(range(1, len(found) + 1))
    for department, page in unpacked("logs.json.gz").items():
        assert get(upgraded, f"/{department}/log").decode() == page


def test_every_old_record_is_in_the_past_of_its_process_and_subject(upgraded: Running) -> None:
    """By the stream it has been in since before: that finds what has no index of its own."""
    for department in assembly.NAMES:
        database = Database(upgraded.settings.database_url, department, size=1)
        log = LogRecorder(database)
        for record in [record for record in log.events() if record.target is None]:
            for by in ("process", "subject"):
                if (party := getattr(record, by)) is not None:
                    assert record in log.past(by, [party], [record.type])
        database.close()


def test_every_log_signs_what_it_signed(upgraded: Running) -> None:
    for department in assembly.NAMES:
        assert get(upgraded, f"/{department}/checkpoint").decode() == (
            BEFORE / "checkpoints" / f"{department}.txt"
        ).read_text(encoding="utf-8")
    case = Tree()
    case.extend(row.leaf for row in rows(upgraded, assembly.FAMILY_CASE)[:-WAITED])
    note = Keys(upgraded.settings.keys).signer(assembly.FAMILY_CASE).checkpoint(case.size, case.root)
    assert note == (BEFORE / "checkpoints" / "family_case.txt").read_text(encoding="utf-8")


def reworded(history: dict[str, Any]) -> bytes:
    """Return a history as canonical bytes, every payload in its newest version, without what may be said otherwise."""
    kept = [
        {name: value for name, value in entry.items() if name not in REWORDED}
        | {"data": CATALOGUE.newest(entry["type"], entry["data"], None)}
        | ({"amends": {"id": entry["amends"]["id"], "log": entry["amends"]["log"]}} if "amends" in entry else {})
        for entry in history["entries"]
    ]
    return canonical(history | {"entries": [one | {"label": one["label"].translate(FULL_WIDTH)} for one in kept]})


NOT_YET = {
    "XN-F-5AYKKVVS_known_2025-06-24",
    "XN-F-CAX6HVPS_known_2025-06-24",
    "XN-F-5AYKKVVS_known_2025-06-30_effective_2025-05-01",
    "XN-F-8HEC3EH4_known_2025-06-30_effective_2025-05-01",
}
"""Views of a day on which the family had no case, or the person in question did not belong to it yet.

The version before showed what was known of its later members. Now a person's facts are the family's from the day on
which the person belongs to it, and a number leads nowhere before it was given (decision 39).
"""
MERGED_LATER = {f"XN-F-8HEC3EH4_known_2025-{day}" for day in ("04-30", "05-20", "05-21", "06-09", "06-24")}
"""Views of a case as known before it was merged: the version before showed the case that it was merged into.

Now they show the case as it was (decision 39).
"""


@pytest.mark.parametrize("name", sorted(NOT_YET | MERGED_LATER))
def test_a_view_of_before_a_case_was_opened_or_merged_is_of_what_was_known_then(upgraded: Running, name: str) -> None:
    family, _, view = name.partition("_")
    wanted = view.replace("known_", "known=").replace("_effective_", "&effective=")
    found = json.loads(get(upgraded, f"/families/{family}/history?{wanted}"))
    if name in MERGED_LATER:
        assert found["family"] == family
    else:
        assert found["entries"] == []


@pytest.mark.parametrize("name", [name for name in HISTORIES if name not in NOT_YET | MERGED_LATER])
def test_every_history_is_what_it_was(upgraded: Running, name: str) -> None:
    family, _, view = name.partition("_")
    wanted = view.replace("known_", "known=").replace("_effective_", "&effective=").replace("effective_", "effective=")
    found = json.loads(get(upgraded, f"/families/{family}/history?{wanted}"))
    assert len(found["entries"]) == len(HISTORIES[name]["entries"])
    assert reworded(found) == reworded(HISTORIES[name])
    assert all(entry["sentence"] and entry["clauses"] for entry in found["entries"])
    flags = {
        entry["id"]: codes
        for entry in found["entries"]
        if (codes := [flag["code"] for flag in entry.get("flags", ()) if flag["raised_by"] == "department"])
    }
    assert flags in ({}, {"b-041": ["merges_nobody_known"]}), (
        "the merge that names a family without a case, and no other"
    )


def test_what_waits_and_what_is_in_quarantine_is_what_was(upgraded: Running) -> None:
    before = json.loads((BEFORE / "health.json").read_text())
    assert json.loads(get(upgraded, "/health"))["sources"] == before["sources"]
    found = json.loads(get(upgraded, "/waiting"))
    waiting = [{name: value for name, value in row.items() if name != "flag"} for row in found["waiting"]]
    assert waiting == before["waiting"], "but for the flag that the version before had not"
    assert found["quarantined"] == before["quarantined"]
    assert [row["reason"] for row in found["flagged"]] == ["merges_nobody_known"], "the one of sample family b"


def test_everything_verifies_and_a_replay_gives_the_live_read_models(upgraded: Running) -> None:
    counts, findings = verified(upgraded)
    assert findings == []
    people = {"console": 0, "access": counts["access"]}
    assert counts == RECORDS | {assembly.FAMILY_CASE: RECORDS[assembly.FAMILY_CASE] + WAITED} | people
    assert counts["access"] > 0, "the histories that the tests before this one have read"
    replayed = assembly.replay(upgraded.settings, None, None, check=True)
    assert replayed["differences"] == []
    numbers = {HISTORIES[name]["family"] for name in HISTORIES if len(name) == len("XN-F-C5MG00B2")}
    assert replayed["families"] == len(numbers), "each case that it is by now"


def test_new_events_follow_the_old_ones_are_filed_and_verify(running: Running) -> None:
    opening = next(sent for sent in EVENTS if sent["id"] == "c-001")
    father, _, child = opening["data"]["members"]
    family = "XN-F-CAX6HVPS"
    before = len(HISTORIES[family]["entries"])
    new = [
        event("medical_insurance.ltc_enrolled", {"year": 2027, "premium": "70.00"}, father),
        event("finance.event_withdrawn", {"target_event": "c-005", "reason": "重付", "approver": "虚构批准人"}, None),
        event("education.education_needs_assessed", assessment(), child),
    ]
    for one in new:
        answer = running.emit(one)
        assert answer.status == 201, answer.body
        assert answer.body["position"] == len(rows(running, one["type"].partition(".")[0]))
        with (running.directory / "receipts" / f"{answer.body['log'].removeprefix('yihu/')}.jsonl").open("a") as file:
            file.write(json.dumps(answer.body) + "\n")
    wait_for(running.caught_up, what="everything is filed")
    queries = running.queries()
    entries = json.loads(document(queries, family))["entries"]
    queries.database.close()
    assert len(entries) == before + len(new)
    counts, findings = verified(running)
    assert findings == []
    assert sum(counts.values()) == sum(RECORDS.values()) + 6 + WAITED
    assert assembly.replay(running.settings, None, None, check=True)["differences"] == []


def test_the_rules_know_the_families_of_the_version_before(running: Running) -> None:
    opening = next(sent for sent in EVENTS if sent["id"] == "c-001")
    child = opening["data"]["members"][-1]
    needs = {"surveyor": "虚构专干", "needs": ["EDU"]}
    assert running.emit(event("disability_federation.needs_surveyed", needs, child)).status == 201
    refused = running.emit(event(opening["type"], opening["data"] | {"members": [child], "head": child}, child))
    assert refused.status == 422
    assert [fault["code"] for fault in refused.body["errors"]] == ["member_of_another_family"]


def assessment() -> dict[str, str]:
    """Return an assessment with sealed fields."""
    return {
        "assessed_on": "2026-05-15",
        "committee": "虚构县专家委员会",
        "body_status": "虚构",
        "recommended_mode": "INCL",
        "report_doc": "评估报告C-02",
    }
