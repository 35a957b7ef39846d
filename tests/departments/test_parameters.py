"""Policy parameters: what the federation sets is in force for it at once, and for the others once it is announced."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.disability_federation.registry.events import PolicyParameterSet
from services.processes import assembly
from shared.bus.broker import BusReader, BusWriter, Delivery, parameter_queue
from shared.bus.parameters import REPEAT_S, Announcer, Keeper
from shared.door.department import Department
from shared.door.memory import Memory
from shared.door.past import LogPast
from shared.door.reading import Event
from shared.keys.files import KeyMissing
from shared.keys.signing import message_digest
from shared.language.envelope import china_now
from shared.language.rules import Waived
from shared.log.parameters import Value, in_force
from shared.settings import Settings
from tests.departments.cases import Case, check
from tests.world import DAUGHTER, event

FEDERATION, INSURANCE = "disability_federation", "medical_insurance"
CASES = [
    Case("REG-30.1", PolicyParameterSet, {"parameter": "P-TYPO"}, refuses="unknown_parameter /data/parameter"),
    Case("REG-30.1", PolicyParameterSet, {"value": "1.5"}, refuses="unknown_parameter /data/value"),
    Case("REG-30.2", PolicyParameterSet, {"effective_from": "2025-02-28"}, flags="effective_in_the_past",
         fine={"effective_from": "2025-03-01"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_stops_what_it_must_and_lets_the_rest_pass(case: Case) -> None:
    check(case)


def value(text: str, since: str, division: str | None = None, position: int = 1) -> Value:
    return Value(text, date.fromisoformat(since), division, position)


def test_the_county_comes_before_the_city_then_the_newest_that_is_in_effect() -> None:
    def level(*values: Value, on: str = "2027-06-01", division: str | None = "421221") -> Any:
        return in_force("P-LTC-MIN-LEVEL", values, division, date.fromisoformat(on))

    city, county = value("2", "2027-03-01", "421200"), value("1", "2027-01-01", "421221")
    assert level() == 3
    assert level(city, county) == 1
    assert level(city, county, division="421222") == level(city, county, division=None) == 2
    assert level(city, county, on="2027-02-28", division="421222") == 3
    assert level(value("2", "2027-03-01"), value("4", "2027-05-01")) == 4
    assert level(value("2", "2027-03-01", position=9), value("4", "2027-03-01", position=8)) == 2
    assert level(value("2", "2027-03-01"), value("five", "2027-05-01")) == 2


def parameter_set(text: str, since: str = "2025-01-01", name: str = "P-SELFPAY-RATE", **more: Any) -> dict[str, Any]:
    data = {"parameter": name, "value": text, "effective_from": since, "basis_doc": "虚构残联发〔2025〕2号"} | more
    return event(f"{FEDERATION}.policy_parameter_set", data, None)


def corrected(original: dict[str, Any], **changes: Any) -> dict[str, Any]:
    data = {"target_event": original["id"], "corrected_payload": original["data"] | changes, "reason": "录入错误"}
    return event(f"{FEDERATION}.event_corrected", data, None)


def withdrawn(original: dict[str, Any]) -> dict[str, Any]:
    data = {"target_event": original["id"], "reason": "录入错误", "approver": "科长"}
    return event(f"{FEDERATION}.event_withdrawn", data, None)


def rate(department: Department, name: str = "P-SELFPAY-RATE", **attributes: Any) -> Any:
    """Return a parameter as a rule about an event of the department sees it."""
    kind = {
        f"yihu/{FEDERATION}": (f"{FEDERATION}.needs_surveyed", {"surveyor": "专干", "needs": ["EDU"]}),
        f"yihu/{INSURANCE}": (f"{INSURANCE}.ltc_enrolled", {"year": 2025, "premium": "60.00"}),
    }
    submission = event(*kind[department.signer.name], DAUGHTER, **attributes)
    [read] = department.reader.read([submission], china_now())
    assert isinstance(read, Event), read
    return LogPast(Memory(department.recorder, [], [read]), department.reader.link, read).parameter(name)


def test_the_federation_reads_its_own_log_as_it_stands(department: Callable[[str], Department]) -> None:
    federation = department(FEDERATION)
    assert rate(federation) == Decimal("0.5")
    first = parameter_set("0.6")
    for submission in (first, parameter_set("0.7", "2025-03-02"), parameter_set("0.8", division="421202")):
        federation.receive(submission)
    assert rate(federation, division="421221") == Decimal("0.6")
    assert rate(federation, division="421202") == Decimal("0.8")
    correction = corrected(first, value="0.65")
    federation.receive(correction)
    assert rate(federation) == Decimal("0.65")
    federation.receive(withdrawn(correction))
    assert rate(federation) == Decimal("0.6")
    federation.receive(withdrawn(first))
    assert rate(federation) == Decimal("0.5")
    with pytest.raises(KeyError):
        rate(federation, "P-TYPO")
    with pytest.raises(Waived):
        rate(federation, legacy=True)


@dataclass
class Bus:  # its methods are those of BusWriter
    """What was published."""

    said: list[Delivery] = field(default_factory=list)

    def publish(self, delivery: Delivery, _: str) -> None:
        """Take a message."""
        self.said.append(delivery)

    def all(self) -> list[Delivery]:
        """Return what was published since the last time."""
        found, self.said = self.said, []
        return found


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def announcer(settings: Settings, bus: Bus) -> Announcer:
    made = assembly.announcer(FEDERATION, settings)
    made.writer = bus  # type: ignore[assignment]
    return made


@pytest.fixture
def keeper(settings: Settings) -> Keeper:
    return assembly.keeper(INSURANCE, settings)


def test_the_others_keep_what_is_announced_as_it_stands(
    department: Callable[[str], Department], bus: Bus, announcer: Announcer, keeper: Keeper
) -> None:
    federation, insurance = department(FEDERATION), department(INSURANCE)

    def announced() -> int:
        announcer.step()
        said = bus.all()
        keeper.handle(said)
        return len(said)

    assert announced() == 153
    assert rate(insurance) == Decimal("0.5")
    first = parameter_set("0.6")
    federation.receive(first)
    assert rate(insurance) == Decimal("0.5")  # until it arrives, the default counts
    assert (announced(), rate(insurance)) == (1, Decimal("0.6"))
    assert announced() == 0
    moved = corrected(first, parameter="P-LTC-PREMIUM-SHARE", value="0.9")
    federation.receive(moved)
    assert announced() == 2
    assert (rate(insurance), rate(insurance, "P-LTC-PREMIUM-SHARE")) == (Decimal("0.5"), Decimal("0.9"))
    federation.receive(withdrawn(moved))
    assert announced() == 2
    assert (rate(insurance), rate(insurance, "P-LTC-PREMIUM-SHARE")) == (Decimal("0.6"), Decimal(1))
    federation.receive(withdrawn(first))
    assert (announced(), rate(insurance)) == (1, Decimal("0.5"))


def test_every_department_gets_each_announcement_on_a_queue_of_its_own() -> None:
    queues = [parameter_queue(name) for name in (INSURANCE, "finance")]
    writer = BusWriter("memory://", *queues)
    for number in range(3):
        writer.publish(Delivery("yihu/test", b"signature", b"%d" % number), "P-SELFPAY-RATE")
    writer.close()
    for queue in queues:
        read: list[Delivery] = []
        BusReader("memory://", queue).run(read.extend, lambda read=read: len(read) >= 3)
        assert [one.body for one in read] == [b"0", b"1", b"2"]


def test_what_comes_twice_or_in_another_order_is_kept_once_and_the_newest_counts(
    department: Callable[[str], Department], bus: Bus, announcer: Announcer, keeper: Keeper
) -> None:
    federation, insurance = department(FEDERATION), department(INSURANCE)
    messages = []
    for text, since in (("0.6", "2025-01-01"), ("0.7", "2025-01-02")):
        federation.receive(parameter_set(text, since))
        announcer.step()
        messages += bus.all()
    keeper.handle(list(reversed(messages)))
    keeper.handle(messages)
    assert rate(insurance) == Decimal("0.7")


def test_what_was_lost_comes_again(
    department: Callable[[str], Department],
    bus: Bus,
    announcer: Announcer,
    keeper: Keeper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    department(FEDERATION).receive(parameter_set("0.6"))
    announcer.step()
    bus.all()  # and nobody got it
    announcer.step()
    assert bus.all() == []
    monkeypatch.setattr("time.monotonic", lambda at=announcer._again: at + REPEAT_S)
    announcer.step()
    keeper.handle(bus.all())
    assert rate(department(INSURANCE)) == Decimal("0.6")


def test_without_the_federations_public_key_what_is_announced_waits(settings: Settings, tmp_path: Path) -> None:
    keeper = assembly.keeper(INSURANCE, replace(settings, keys=tmp_path))
    with pytest.raises(KeyMissing):
        keeper.handle([Delivery("yihu/disability_federation", b"", b"{}")])


def test_what_nobody_signed_or_nobody_can_read_is_left_out(
    department: Callable[[str], Department], bus: Bus, announcer: Announcer, keeper: Keeper
) -> None:
    department(FEDERATION).receive(parameter_set("0.6"))
    announcer.step()
    said = bus.all()
    true, false = b'"0.6"', b'"0.9"'
    forged = [Delivery(one.log, one.signature, one.body.replace(true, false)) for one in said if true in one.body]
    signer = announcer.signer
    bodies = [b"", b"[]", b"\xff", b'{"parameter":"P-SELFPAY-RATE","position":99,"standing":[["0.9"]]}']
    odd = [Delivery(signer.name, signer.sign(message_digest(signer.name, body)), body) for body in bodies]
    keeper.handle([*forged, *odd, *said])
    assert rate(department(INSURANCE)) == Decimal("0.6")
