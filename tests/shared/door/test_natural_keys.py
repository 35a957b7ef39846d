"""A natural key: the same fact under another id is not recorded twice, and what contradicts it is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from services.departments import load_catalogue
from shared.door.department import Answer, Department
from shared.errors import Fault
from shared.language.catalogue import CATALOGUE, Declaration
from tests.shared.door.test_batches import amended, codes
from tests.world import DAUGHTER, FATHER, SON, event, family_opened

load_catalogue()
Make = Callable[[str], Department]
CERTIFICATE = {
    "cert_no": f"{DAUGHTER}42",
    "category": "4",
    "grade": "2",
    "issued_on": "2024-05-20",
    "valid_to": "2034-05-20",
    "issuer": "虚构区残联",
}


def paid(amount: str = "90.00", period: str | None = "2025-02", **changes: Any) -> dict[str, Any]:
    data = {"benefit": "DIBAO", "amount": amount, "period": period, "payee": FATHER, "fund": "city"}
    attributes = {name: changes.pop(name) for name in ("process", "time") if name in changes}
    data |= {"paid_on": "2025-02-20"} | changes
    return event("finance.benefit_paid", {name: value for name, value in data.items() if value}, **attributes)


def applied(process: str, day: str = "2025-02-20") -> dict[str, Any]:
    data = {"dibao_type": "family", "applicant": FATHER, "persons": [FATHER], "authorisation_doc": "授权书1号"}
    return event("civil_affairs.dibao_applied", data | {"applied_on": day}, FATHER, process=process)


def certificate(**changes: Any) -> dict[str, Any]:
    return event("disability_federation.disability_certificate_issued", CERTIFICATE | changes, legacy=True)


def remarks(answer: Answer) -> list[str]:
    assert answer.receipt is not None
    return list(answer.receipt.get("remarks", []))


@pytest.mark.holds("G.7")
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize(
    ("name", "first", "other"),
    [
        ("finance", paid, lambda: paid("91.00")),
        ("civil_affairs", lambda: applied("P-1"), lambda: applied("P-1", "2025-02-21")),
        ("disability_federation", certificate, lambda: certificate(issuer="另一虚构区残联")),
        (
            "disability_federation",
            family_opened,
            lambda: family_opened(process="P-2"),
        ),
    ],
    ids=["a person's", "a process's", "with a sealed field", "a family's"],
)
def test_a_fact_is_recorded_once_and_another_word_about_it_refused(
    department: Make,
    name: str,
    first: Callable[[], dict[str, Any]],
    other: Callable[[], dict[str, Any]],
    together: bool,
) -> None:
    own = department(name)
    batch = [first(), first(), other()]
    answers = own.receive_all(batch) if together else [own.receive_all([one])[0] for one in batch]
    assert codes(answers)[:2] == ["new", "again"]
    assert "natural_key_taken" in codes(answers)[2].split()
    assert remarks(answers[0]) == []
    assert remarks(answers[1]) == ["already_recorded"]
    one, two = answers[0].receipt, answers[1].receipt
    assert one is not None
    assert two is not None
    assert [two[name] for name in ("id", "position", "leaf")] == [one[name] for name in ("id", "position", "leaf")]
    assert [row.position for row in own.recorder.rows()] == [1]
    refused = answers[2].refused
    assert refused is not None
    taken = next(fault for fault in refused.faults if fault.code == "natural_key_taken")
    assert batch[0]["id"] in taken.en
    assert batch[0]["source"] in taken.zh
    assert "event_corrected" in taken.en
    assert taken.as_dict()["record"] == {"id": batch[0]["id"], "source": batch[0]["source"], "position": 1}
    assert Fault.from_dict(taken.as_dict()) == taken


def test_facts_that_differ_in_their_key_are_two(department: Make) -> None:
    finance = department("finance")
    batch = [
        paid(),
        paid(period="2025-03"),
        paid(fund="county"),
        paid("5.00", supplement=True, process="P-1"),
        paid("5.00", supplement=True, process="P-2"),
        paid("5.00", period=None, process="P-3"),
        paid("6.00", period=None, process="P-3"),
    ]
    assert codes(finance.receive_all(batch)) == ["new"] * 6 + ["natural_key_taken"]
    other = event("finance.benefit_paid", paid()["data"], SON)
    assert codes(finance.receive_all([other])) == ["new"]


def test_two_payments_without_a_month_are_two_if_they_are_of_two_files(department: Make) -> None:
    finance = department("finance")
    first, second = (paid(amount, None, process=process) for amount, process in (("90.00", "SP-1"), ("80.00", "SP-2")))
    assert codes(finance.receive_all([first, second])) == ["new", "new"]


def test_a_withdrawn_fact_frees_its_key(department: Make) -> None:
    finance = department("finance")
    first, second = paid(), paid("91.00")
    withdrawn = event(
        "finance.event_withdrawn", {"target_event": first["id"], "reason": "重付", "approver": "甲"}, None
    )
    assert codes(finance.receive_all([first, withdrawn, second, paid("92.00")])) == [
        "new",
        "new",
        "new",
        "natural_key_taken",
    ]


def test_a_correction_keeps_its_own_key_and_takes_no_other_ones(department: Make) -> None:
    civil = department("civil_affairs")
    first, second = applied("P-1"), applied("P-2")
    to_another_day = amended("corrected", first["id"], corrected_payload=first["data"] | {"applied_on": "2025-02-19"})
    assert codes(civil.receive_all([first, second, to_another_day])) == ["new"] * 3
    assert codes(civil.receive_all([applied("P-1", "2025-02-19"), applied("P-1")])) == ["again", "natural_key_taken"]

    finance = department("finance")
    february, march = paid(), paid(period="2025-03")
    moved = event(
        "finance.event_corrected",
        {"target_event": march["id"], "reason": "月份录错", "corrected_payload": march["data"] | {"period": "2025-02"}},
        None,
    )
    assert codes(finance.receive_all([february, march, moved])) == ["new", "new", "natural_key_taken"]
    away = moved | {"id": "away", "data": moved["data"] | {"corrected_payload": march["data"] | {"period": "2025-04"}}}
    assert codes(finance.receive_all([away])) == ["new"]
    assert codes(finance.receive_all([paid(period="2025-04"), paid(period="2025-03")])) == ["again", "new"]


def test_a_corrected_family_is_known_by_its_members_of_today(department: Make) -> None:
    federation = department("disability_federation")
    opened = family_opened([FATHER, DAUGHTER])
    with_son = opened["data"] | {"members": [FATHER, SON, DAUGHTER]}
    corrected = event(
        "disability_federation.event_corrected",
        {"target_event": opened["id"], "reason": "漏录", "corrected_payload": with_son},
        None,
    )
    assert codes(federation.receive_all([opened, corrected])) == ["new", "new"]
    same = family_opened([FATHER, SON, DAUGHTER]) | {"subject": FATHER}
    assert codes(federation.receive_all([same])) == ["again"]


def test_two_writers_at_once_record_a_fact_once(department: Make) -> None:
    finance = department("finance")
    with ThreadPoolExecutor(4) as pool:
        found = [
            code for codes_ in pool.map(lambda _: codes(finance.receive_all([paid()])), range(12)) for code in codes_
        ]
    assert sorted(found) == ["again"] * 11 + ["new"]


def test_what_was_sealed_with_a_key_that_is_destroyed_is_no_fact_any_more(department: Make, database_url: str) -> None:
    federation = department("disability_federation")
    assert codes(federation.receive_all([certificate()])) == ["new"]
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE disability_federation.keys DISABLE TRIGGER USER")
        owner.execute("DELETE FROM disability_federation.keys")
    again = department("disability_federation")
    assert codes(again.receive_all([certificate()])) == ["new"]


@pytest.mark.parametrize("declaration", [one for one in CATALOGUE if one.key], ids=lambda one: one.type)
def test_every_natural_key_is_found_by_something(declaration: Declaration) -> None:
    stored = dict.fromkeys(declaration.facts, "x")
    assert declaration.handle
    assert declaration.key_in({"subject": "p-x"}, stored)[0].startswith(declaration.type)
