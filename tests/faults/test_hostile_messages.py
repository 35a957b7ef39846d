"""Hostile messages on the bus: each is put aside or ignored, nothing of it is written, and real events flow on."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from amqp.exceptions import AMQPError

from services.family_case import consumer, desk
from services.processes import assembly
from shared.bus.broker import CODING, EXCHANGE, Delivery, _read_properties, connect, drop
from shared.keys.files import Keys
from shared.settings import Settings
from tests.faults.tools.checker import Checker
from tests.faults.tools.hostile_messages import CANARY, Hostile, Messages, RawMessage, properties, text
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.world import story, wait_for

STORIES = [*story("a"), *story("b")]
HALF = len(STORIES) // 2
GROWTH_MIB = 50
BEHIND_S = 15.0
"""How long after the last hostile message the worker may still be busy with them."""
ROUTES = ["education.student_enrolled", "", "#", "*.*", "x" * 255, CANARY]
NEVER_WRITTEN = ["CANARY", "张三", "小明", CANARY.encode().hex(), "小明".encode().hex(), "\\xe5", "Traceback"]
Table = dict[str, tuple[str, str]]


def test_hostile_messages_are_put_aside_or_ignored_and_real_events_flow_on(
    rabbit: str, started: Callable[..., Running], proof: Proof
) -> None:
    installation, checker = started(rabbit), Checker()
    emit(installation, STORIES[:HALF], checker)
    wait_for(installation.caught_up, 30)
    memory = resident(installation)
    messages = Messages(proof.random, Keys(installation.settings.keys), records(installation.settings))
    sent = list(messages.draw(proof.of(150, 1_000)))
    refused = publish(rabbit, sent, proof)
    last = b"the last one"
    begun = time.monotonic()
    publish(rabbit, [Hostile("last", last, b"\x00\x00", ())], proof)
    digest = assembly.link_key(installation.settings).fingerprint
    wait_for(lambda: digest(last) in quarantine(installation), 60, "every message was looked at")
    took = time.monotonic() - begun
    found = quarantine(installation)
    assert wrong_fates(sent, refused, found, digest) == []
    emit(installation, STORIES[HALF:], checker)
    wait_for(installation.caught_up, 60)
    grown = resident(installation) - memory
    reasons = Counter(reason for _, reason in found.values())
    proof.note(messages=len(sent), refused_by_broker=len(refused), put_aside=dict(reasons))
    proof.note(seconds_behind=round(took, 1), memory_growth_mib=grown)
    outcome = checker.check(installation.settings)
    assert outcome.holds, outcome.findings
    assert assembly.replay(installation.settings, None, None, check=True)["differences"] == []
    assert installation.processes["worker"].poll() is None
    output = installation.output()
    assert output.count("worker started") == 1
    assert [word for word in NEVER_WRITTEN if word in output] == []
    assert " fails: " not in output, "no message broke the reader, not even once"
    assert not [word for word in NEVER_WRITTEN if word in sealed(installation)]
    assert grown <= GROWTH_MIB
    assert took < BEHIND_S


def wrong_fates(
    sent: list[Hostile], refused: list[Hostile], found: Table, digest: Callable[[bytes], str]
) -> list[tuple[str, Any]]:
    """Return the messages of which something else became than should have."""
    wrong: list[tuple[str, Any]] = [(one.name, "refused") for one in refused if not one.refused]
    taken = [one for one in sent if one not in refused]
    wrong += [(one.name, found.get(digest(one.body))) for one in taken if found.get(digest(one.body)) not in one.fates]
    also = {digest(one.also): one.name for one in taken if one.also}
    differs = "differs_from_what_was_received"
    wrong += [(name, found.get(key)) for key, name in also.items() if found.get(key, ("", ""))[1] != differs]
    return wrong


def test_a_message_with_another_fate_would_be_seen() -> None:
    one = Hostile("x", b"body", b"", (("education", "not_readable"),), also=b"record")
    whole = {"body": ("education", "not_readable"), "record": ("education", "differs_from_what_was_received")}
    assert wrong_fates([one], [], whole, bytes.decode) == []
    assert wrong_fates([one], [], whole | {"body": ("hrss", "not_readable")}, bytes.decode)
    assert wrong_fates([one], [], {"body": whole["body"]}, bytes.decode)
    assert wrong_fates([one], [], {"record": whole["record"]}, bytes.decode)
    assert wrong_fates([one], [one], whole, bytes.decode)


def emit(installation: Running, events: list[dict[str, Any]], checker: Checker) -> None:
    for submission in events:
        checker.attempted(submission)
        answer = installation.emit(submission)
        assert answer.status == 201, answer.body
        checker.acknowledged(submission, answer.body)


def publish(uri: str, messages: list[Hostile], proof: Proof) -> list[Hostile]:
    """Publish messages one by one, each confirmed; return those that the broker did not take."""
    refused: list[Hostile] = []
    connection = channel = None
    for one in messages:
        if connection is None:
            connection = connect(uri)
            channel = connection.channel()
        try:
            route = proof.random.choice(ROUTES)
            channel.basic_publish(RawMessage(one), EXCHANGE.name, route, timeout=5, confirm_timeout=5)
        except (AMQPError, OSError):
            refused.append(one)
            drop(connection)
            connection = None
    if connection is not None:
        connection.release()
    return refused


def records(settings: Settings) -> dict[str, dict[int, dict[str, Any]]]:
    """Return every log's records as they travel, by position."""
    logs = assembly.logs(settings)
    found = {
        name: {event.position: orjson.loads(event.encode()) for event in recorder.events()}
        for name, recorder in logs.items()
    }
    for recorder in logs.values():
        recorder.database.close()
    return {name: known for name, known in found.items() if known}


def quarantine(installation: Running) -> Table:
    queries = installation.queries()
    rows = queries.database.all("SELECT digest, log, reason FROM family_case.quarantine")
    queries.database.close()
    return {row[0]: (row[1], row[2]) for row in rows}


def sealed(installation: Running) -> str:
    queries = installation.queries()
    rows = queries.database.all("SELECT q::text FROM family_case.quarantine q")
    queries.database.close()
    return "\n".join(row[0] for row in rows)


def resident(installation: Running) -> int:
    """Return how many MiB of memory the worker has."""
    status = Path(f"/proc/{installation.processes['worker'].pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def test_a_body_stays_the_bytes_that_came_whatever_is_said_about_them() -> None:
    submission = properties({"compression": text("application/x-gzip")}, encoding="punycode")
    assert _read_properties(submission, 0)[0] == {"application_headers": {}, CODING: "punycode"}


@pytest.fixture
def case(settings: Settings) -> Iterator[consumer.Consumer]:
    """A consumer without a bus."""
    found = assembly.consumer(settings)
    yield found
    found.cases.database.close()
    found.ring._database.close()


def test_what_nobody_signed_is_kept_in_part_and_not_without_end(
    case: consumer.Consumer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "UNSIGNED_MESSAGES", 3)
    signer = Keys(settings.keys).signer("education")
    for number in range(5):
        case.handle([Delivery("yihu/nobody", b"", b"%d" % number + b"x" * 100_000)])
        body = b"[%d" % number + b" " * 100_000
        signature = signer.sign(consumer.message_digest(signer.name, body))
        case.handle([Delivery(signer.name, signature, body)])
    rows = case.cases.database.all("SELECT reason, size, digest, sealed FROM family_case.quarantine")
    assert Counter(row[0] for row in rows) == {"unknown_log": 3, "not_readable": 5}
    for reason, size, digest, found in rows:
        kept = bytes.fromhex(case.ring.unseal(found, ("quarantine", digest)))
        assert size > 100_000
        assert len(kept) == (size if reason == "not_readable" else consumer.UNSIGNED_BYTES)
