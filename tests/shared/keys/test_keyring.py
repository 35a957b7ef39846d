import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import Broken
from shared.keys.ring import KeyRing, _unwrap, is_sealed
from shared.postgres.database import Database
from tests.world import DAUGHTER

MASTER = bytes(range(32))
PERSON, OTHER = "p-" + "a" * 32, "p-" + "b" * 32
PLACE = ("education.student_enrolled", "urn:yihu:education:desk", "e-1", "student_no")

Open = Callable[..., Database]


@pytest.fixture
def ring(open_database: Open) -> KeyRing:
    return KeyRing(open_database("education"), MASTER)


def table(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT keys::text FROM education.keys ORDER BY person").fetchall()
    return "\n".join(row[0] for row in rows)


def broken(ring: KeyRing, sealed: dict[str, Any], place: tuple[str, ...] = PLACE) -> bool:
    with pytest.raises(Broken) as error:
        ring.unseal(sealed, place)
    return error.value.code == "seal_broken"


def test_what_was_sealed_is_unsealed_at_its_place(ring: KeyRing) -> None:
    sealed = ring.seal(PERSON, PLACE, "虚构镇1组")
    assert is_sealed(sealed)
    assert sealed["sealed"] == "intl"
    assert ring.unseal(sealed, PLACE) == "虚构镇1组"


def test_the_same_text_is_never_sealed_the_same_way_twice(ring: KeyRing) -> None:
    values = {ring.seal(PERSON, PLACE, "甲")["value"] for _ in range(100)}
    assert len(values) == 100


def test_any_text_comes_back(ring: KeyRing) -> None:
    @settings(suppress_health_check=[HealthCheck.differing_executors])
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def holds(text: str) -> None:
        sealed = ring.seal(PERSON, PLACE, text)
        assert ring.unseal(sealed, PLACE) == text

    holds()


def test_a_sealed_value_moved_to_another_type_event_or_field_is_broken(ring: KeyRing) -> None:
    sealed = ring.seal(PERSON, PLACE, "甲")
    for part in range(len(PLACE)):
        assert broken(ring, sealed, tuple(name + "x" if n == part else name for n, name in enumerate(PLACE)))


def test_the_parts_of_a_place_cannot_be_shifted_into_one_another(ring: KeyRing) -> None:
    sealed = ring.seal(PERSON, ("a", "bc"), "甲")
    assert broken(ring, sealed, ("ab", "c"))
    assert broken(ring, sealed, ("a", "b", "c"))


def test_a_sealed_value_under_another_persons_key_is_broken(ring: KeyRing) -> None:
    sealed, other = ring.seal(PERSON, PLACE, "甲"), ring.seal(OTHER, PLACE, "甲")
    assert broken(ring, sealed | {"key": other["key"]})


def test_no_bit_of_a_sealed_value_can_be_changed(ring: KeyRing) -> None:
    sealed = ring.seal(PERSON, PLACE, "甲")
    raw = base64.b64decode(sealed["value"])
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            assert broken(ring, sealed | {"value": base64.b64encode(changed).decode()})


def test_what_is_no_sealed_value_is_broken(ring: KeyRing) -> None:
    sealed = ring.seal(PERSON, PLACE, "甲")
    for value in ("", "A", "AAAA", "AAAAAAAAAAAAAAAAAAAA", "not base64!", "一户"):
        assert broken(ring, sealed | {"value": value})
        assert broken(ring, sealed | {"key": value})
        assert broken(ring, sealed | {"sealed": value})


@pytest.mark.parametrize(
    "value", [None, "text", {}, {"sealed": "intl"}, {"sealed": 1, "key": 2, "value": 3, "more": 4}]
)
def test_what_is_not_sealed_is_told_apart(value: Any) -> None:
    assert not is_sealed(value)


def test_each_person_has_one_key(ring: KeyRing, open_database: Open) -> None:
    again = KeyRing(open_database("education"), MASTER)
    keys = {
        ring.seal(PERSON, PLACE, "甲")["key"],
        ring.seal(PERSON, PLACE, "乙")["key"],
        again.seal(PERSON, PLACE, "")["key"],
    }
    assert len(keys) == 1
    assert ring.seal(OTHER, PLACE, "甲")["key"] not in keys
    assert again.unseal(ring.seal(PERSON, PLACE, "甲"), PLACE) == "甲"


def test_a_batch_is_sealed_in_its_order_each_text_under_its_own_persons_key(ring: KeyRing) -> None:
    items = [(person, (*PLACE[:3], f"field-{n}"), f"text {n}") for n, person in enumerate([PERSON, OTHER, PERSON])]
    sealed = ring.seal_all(items)
    assert [ring.unseal(one, place) for one, (_, place, _) in zip(sealed, items, strict=True)] == [
        text for _, _, text in items
    ]
    assert sealed[0]["key"] == sealed[2]["key"] != sealed[1]["key"]
    assert ring.seal(OTHER, PLACE, "乙")["key"] == sealed[1]["key"]
    assert ring.seal_all([]) == []


def test_the_keys_of_a_batch_take_two_queries_and_those_known_none(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = psycopg.Connection.execute

    def counted(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        asked.append(str(query))
        return execute(self, query, *args, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    ring.seal(PERSON, PLACE, "甲")
    asked.clear()
    batch = [(f"p-{n}", PLACE, "甲") for n in range(100)] + [(PERSON, PLACE, "甲")]
    ring.seal_all(batch)
    assert [query.split()[0].strip("b'") for query in asked] == ["SELECT", "INSERT"]
    ring.seal_all(batch)
    assert len(asked) == 2


def test_batches_racing_for_the_same_new_persons_in_any_order_get_the_same_keys(open_database: Open) -> None:
    rings = [KeyRing(open_database("education", size=1), MASTER) for _ in range(4)]
    for round_number in range(5):
        persons, start = [f"p-{round_number}-{n}" for n in range(200)], Barrier(len(rings))

        def seal(n: int, persons: list[str] = persons, start: Barrier = start) -> dict[str, str]:
            order = persons if n % 2 else persons[::-1]
            start.wait()
            sealed = rings[n].seal_all([(person, PLACE, "甲") for person in order])
            return {person: one["key"] for person, one in zip(order, sealed, strict=True)}

        with ThreadPoolExecutor(len(rings)) as pool:
            first, *others = pool.map(seal, range(len(rings)))
        assert all(other == first for other in others)


def test_more_persons_than_the_memory_holds_are_sealed_all_the_same(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.keys.ring.CACHED_KEYS", 3)
    batch = [(f"p-{n}", PLACE, str(n)) for n in range(10)]
    first, again = ring.seal_all(batch), ring.seal_all(batch)
    assert [one["key"] for one in first] == [one["key"] for one in again]
    assert [ring.unseal(one, PLACE) for one in first] == [text for _, _, text in batch]
    assert len(ring._by_id) <= 3


class Emptied(dict[str, Any]):
    """A memory that another thread empties whenever somebody has looked what is in it."""

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self.clear()
        return found


def test_a_memory_that_another_thread_empties_meanwhile_disturbs_nobody(ring: KeyRing) -> None:
    sealed = ring.seal(PERSON, PLACE, "甲")
    assert ring.unseal(sealed, PLACE) == "甲"
    ring._current, ring._by_id = Emptied(ring._current), Emptied(ring._by_id)
    assert ring.unseal(sealed, PLACE) == "甲"
    assert ring.seal(PERSON, PLACE, "甲")["key"] == sealed["key"]


def test_key_rings_racing_for_new_persons_get_the_same_keys(open_database: Open) -> None:
    rings = [KeyRing(open_database("education", size=1), MASTER) for _ in range(8)]
    for round_number in range(10):
        person, start = f"{PERSON}{round_number}", Barrier(len(rings))

        def seal(ring: KeyRing, person: str = person, start: Barrier = start) -> dict[str, str]:
            start.wait()
            return ring.seal(person, PLACE, "甲")

        with ThreadPoolExecutor(len(rings)) as pool:
            sealed = list(pool.map(seal, rings))
        assert len({one["key"] for one in sealed}) == 1
        assert {ring.unseal(one, PLACE) for ring in rings for one in sealed} == {"甲"}


def test_a_destroyed_key_makes_everything_sealed_with_it_unreadable(
    ring: KeyRing, open_database: Open, database_url: str
) -> None:
    sealed, other = ring.seal(PERSON, PLACE, "甲"), ring.seal(OTHER, PLACE, "乙")
    with psycopg.connect(database_url) as owner:
        owner.execute("DELETE FROM education.keys WHERE person = %s", (PERSON,))
    fresh = KeyRing(open_database("education"), MASTER)
    assert broken(fresh, sealed)
    assert fresh.unseal(other, PLACE) == "乙"


def test_a_stolen_table_is_worth_nothing_without_the_master_key(
    ring: KeyRing, open_database: Open, database_url: str
) -> None:
    """The table holds no text, no number and no key in clear; another master key opens nothing."""
    sealed = ring.seal(PERSON, PLACE, DAUGHTER)
    clear_key = _unwrap(ring._master, sealed["key"], ring._stored([PERSON])[PERSON][1])
    stored = table(database_url)
    assert PERSON in stored
    assert DAUGHTER not in stored
    assert clear_key.hex() not in stored
    assert MASTER.hex() not in stored
    assert broken(KeyRing(open_database("education"), MASTER[::-1]), sealed)


def test_a_key_swapped_in_the_table_is_broken(ring: KeyRing, open_database: Open, database_url: str) -> None:
    """A wrapped key is bound to its own id."""
    sealed, other = ring.seal(PERSON, PLACE, "甲"), ring.seal(OTHER, PLACE, "乙")
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "UPDATE education.keys SET wrapped = other.wrapped FROM education.keys AS other "
            "WHERE other.key_id = %s AND keys.key_id = %s",
            (other["key"], sealed["key"]),
        )
    assert broken(KeyRing(open_database("education"), MASTER), sealed)


def test_the_departments_role_may_not_change_or_remove_a_key(ring: KeyRing) -> None:
    ring.seal(PERSON, PLACE, "甲")
    for forbidden in ("UPDATE education.keys SET person = ''", "DELETE FROM education.keys"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ring._database.one(forbidden)


def test_another_departments_role_cannot_read_the_key_ring(open_database: Open) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        open_database("hrss").one("SELECT * FROM education.keys")
