"""Two families, or two numbers of a person, turn out to be one: every event stands in one place, and it says so."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from services.family_case.domain import NO_FAMILY, case_number
from services.family_case.membership import MERGE_CONFLICT, MERGE_UNKNOWN
from services.family_case.waiting import UNKNOWN_PERSON
from shared.errors import Refused
from shared.log.record import RecordedEvent
from tests.family_case.conftest import Hub, Told
from tests.family_case.test_moves import joined, left
from tests.family_case.test_receiving import (
    HER_CHILD,
    STRANGER,
    child_registered,
    corrected,
    interleaved,
    merged,
    needs,
    withdrawn,
)
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened

UNBORN = "421299201209090119"
"""The number that stands for the daughter before she has her own."""


def same_person(survivor: str, other: str, subject: str = FATHER, **attributes: Any) -> dict[str, Any]:
    data = {"merged_person": other, "survivor": survivor, "evidence": "同一人"}
    return event("disability_federation.duplicate_merged", data, subject, **attributes)


# -- two numbers of one person


@pytest.mark.parametrize("order", list(permutations(["early", "opening", "merge"])), ids="-".join)
def test_events_under_both_numbers_of_a_person_are_in_the_one_history(hub: Hub, order: tuple[str, ...]) -> None:
    parts = {
        "early": child_registered(UNBORN),
        "opening": family_opened([FATHER, MOTHER, DAUGHTER]),
        "merge": same_person(DAUGHTER, UNBORN, DAUGHTER, legacy=True),
    }
    hub.tell(*(parts[name] for name in order), child_registered(DAUGHTER))
    assert hub.waiting() == []
    assert len(hub.ids()) == 4
    document = hub.document()
    assert len(document["members"]) == 3
    about = {entry["subject"] for entry in document["entries"] if entry["log"] == "education"}
    assert len(about) == 1, "one person has one name"
    assert about <= set(document["members"])


def test_a_merge_of_two_numbers_waits_with_them_and_holds_for_the_family_that_comes(hub: Hub) -> None:
    hub.tell(child_registered(UNBORN), same_person(UNBORN, DAUGHTER, UNBORN, legacy=True))
    assert hub.waiting() == [("disability_federation", UNKNOWN_PERSON, 1), ("education", UNKNOWN_PERSON, 1)]
    hub.tell(family_opened([FATHER, DAUGHTER]))
    assert hub.waiting() == []
    assert len(hub.ids()) == 3


def test_two_members_who_are_one_person_are_counted_once(hub: Hub) -> None:
    hub.tell(family_opened([FATHER, DAUGHTER, UNBORN]), child_registered(UNBORN), child_registered(DAUGHTER))
    merge = same_person(DAUGHTER, UNBORN)
    hub.tell(merge)
    assert len(hub.document()["members"]) == 2
    hub.tell(withdrawn(merge))
    assert len(hub.document()["members"]) == 3
    assert len(hub.ids()) == 5


def test_withdrawing_a_merge_of_persons_takes_what_was_about_the_other_number_back(hub: Hub) -> None:
    merge = same_person(DAUGHTER, UNBORN)
    hub.tell(family_opened([FATHER, DAUGHTER]), child_registered(UNBORN), merge)
    assert len(hub.ids()) == 3
    hub.tell(withdrawn(merge))
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    assert len(hub.ids()) == 3, "the opening, the merge, its withdrawal"


# -- a corrected number


def renumbered(subject: str, number: str, **attributes: Any) -> dict[str, Any]:
    data = {"field": "id_number", "new_value": number, "evidence_doc": "户口簿"}
    return event("disability_federation.person_identity_corrected", data, subject, **attributes)


@pytest.mark.parametrize("order", list(permutations(["early", "opening", "number"])), ids="-".join)
def test_events_under_a_number_and_its_correction_stand_in_one_history(hub: Hub, order: tuple[str, ...]) -> None:
    parts = {
        "early": child_registered(UNBORN),
        "opening": family_opened([FATHER, MOTHER, DAUGHTER]),
        "number": renumbered(DAUGHTER, UNBORN),
    }
    told = hub.tell(*(parts[name] for name in order), child_registered(DAUGHTER))
    assert hub.waiting() == []
    document = hub.document()
    assert len(document["members"]) == 3
    assert {entry["subject"] for entry in document["entries"] if entry["log"] == "education"} <= set(
        document["members"]
    )
    correction = next(one for _, one in told if one.type.endswith("identity_corrected"))
    assert UNBORN not in str(correction.data), "the number itself stays sealed"
    hub.tell(withdrawn(parts["number"]))
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]


def test_a_corrected_correction_of_a_number_counts_as_it_stands(hub: Hub) -> None:
    wrong = renumbered(DAUGHTER, HER_CHILD)
    hub.tell(family_opened([FATHER, DAUGHTER]), child_registered(UNBORN), child_registered(HER_CHILD), wrong)
    assert len(hub.ids()) == 3
    hub.tell(corrected(wrong, new_value=UNBORN))
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    assert len(hub.ids()) == 4


def test_another_item_that_is_corrected_joins_nobody(hub: Hub) -> None:
    name = {"field": "name", "new_value": "虚构丙", "new_name": "虚构丙", "evidence_doc": "户口簿"}
    told = hub.tell(family_opened(), event("disability_federation.person_identity_corrected", name))
    assert "newnumber" not in told[1][1].attributes


# -- families


def test_a_family_merged_into_two_others_stands_in_one_and_the_conflict_is_seen(hub: Hub) -> None:
    ours, theirs, third = family_opened(), family_opened([STRANGER]), family_opened([HER_CHILD])
    told = hub.tell(ours, theirs, third, needs(STRANGER))
    family, other, last = (case_number(one) for _, one in told[:3])
    first = merged(FATHER, other)
    hub.tell(first)
    second = recorded_without_rules(hub, HER_CHILD, other)
    assert [hub.queries.family_of(name) for name in (family, other, last)] == [family, family, last]
    shown = Counter(one for name in (family, last) for one in hub.ids(name))
    assert set(shown.values()) == {1}
    assert len(shown) == 7
    [flagged] = [entry for entry in hub.document(last)["entries"] if "flags" in entry]
    assert (flagged["id"], [flag["code"] for flag in flagged["flags"]]) == (second, [MERGE_CONFLICT])
    assert [(row["family"], row["reason"]) for row in hub.queries.desk.flagged()] == [(last, MERGE_CONFLICT)]
    hub.tell(withdrawn(first))
    assert [hub.queries.family_of(name) for name in (family, other, last)] == [family, last, last]
    assert hub.queries.desk.flagged() == []
    assert MERGE_CONFLICT not in str(hub.document(last))


def test_a_merge_that_names_nobody_known_is_recorded_and_flagged(hub: Hub) -> None:
    hub.tell(family_opened(), merged(FATHER, "XN-F-00000000"))
    [flagged] = [entry for entry in hub.document()["entries"] if "flags" in entry]
    assert [flag["code"] for flag in flagged["flags"]] == [MERGE_UNKNOWN]
    assert "合并未执行" in flagged["flags"][0]["zh"]
    assert [row["reason"] for row in hub.queries.desk.flagged()] == [MERGE_UNKNOWN]


def test_a_circle_of_merges_is_one_family(hub: Hub) -> None:
    told = hub.tell(family_opened(), family_opened([STRANGER]))
    family, other = (case_number(one) for _, one in told)
    hub.tell(merged(FATHER, other), merged(STRANGER, family))
    assert hub.queries.family_of(other) == hub.queries.family_of(family) == family
    assert len(hub.ids(family)) == 4


def recorded_without_rules(hub: Hub, survivor: str, other: str) -> str:
    """Let the case receive a merge that the door would refuse, as older logs may hold; return its id."""
    log = "disability_federation"
    department = hub.made[log]
    [(_, event)] = hub.say(needs(survivor))
    attributes = event.attributes | {"type": f"{log}.duplicate_merged", "id": "without-rules"}
    merge = RecordedEvent("without", 1, attributes, {"merged_family": other, "survivor": event.subject})
    with department.database.transaction() as tx:
        [position] = department.recorder.append(tx, [merge])
    hub.cases.receive(log, [event, replace(merge, position=position)])
    return merge.id


# -- anything


PERSONS = [FATHER, MOTHER, SON, DAUGHTER, STRANGER, HER_CHILD, UNBORN]


def anything(hub: Hub, chance: random.Random) -> list[Told]:
    """Let departments record random openings, merges, amendments and events about everybody."""
    told: list[Told] = []
    sent: list[dict[str, Any]] = []
    for _ in range(24):
        one, other = chance.sample(PERSONS, 2)
        numbers = [case_number(opening) for _, opening in told if opening.type.endswith("family_case_opened")]
        made = [
            family_opened([one, other]),
            merged(one, chance.choice([other, *numbers])),
            same_person(one, other, chance.choice(PERSONS)),
            needs(one),
            child_registered(one),
            child_registered(other),
            joined(one, other, f"2025-03-{chance.randint(1, 28):02}", legacy=True),
            left(one, other, f"2025-03-{chance.randint(1, 28):02}", legacy=True),
            renumbered(one, other, legacy=True),
        ]
        says = ("merged", "opened", "member", "identity")
        statements = [submission for submission in sent if any(word in submission["type"] for word in says)]
        if statements:
            made += [withdrawn(chance.choice(statements))] * 2
        openings = [submission for submission in statements if "opened" in submission["type"]]
        if openings:
            members = chance.sample(PERSONS, 2)
            made.append(corrected(chance.choice(openings), members=members, head=members[0]))
        event_now = chance.choice(made)
        try:
            told += hub.say(event_now)
        except Refused:
            continue
        sent.append(event_now)
    return told


@pytest.mark.parametrize("seed", range(8))
def test_every_event_stands_in_exactly_one_place_however_it_came(
    hub: Hub, another_hub: Callable[[], Hub], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    told = anything(hub, chance)
    hub.receive(told)
    everywhere = Counter(
        (entry["log"], entry["position"])
        for family in hub.families
        if hub.queries.family_of(family) == family
        for entry in hub.document(family)["entries"]
    )
    waiting = sum(number for _, _, number in hub.waiting())
    [(nobodys,)] = hub.rows("SELECT count(*) FROM {views}.entries WHERE about = %s", NO_FAMILY)
    assert set(everywhere.values()) <= {1}
    assert len(everywhere) + waiting + nobodys == len(told)
    other = another_hub()
    rest = interleaved(told, sorted({log for log, _ in told}), chance)
    while rest:
        size = chance.randint(1, 9)
        batch, rest = rest[:size], rest[size:]
        other.cases.receive_all({log: [one for name, one in batch if name == log] for log, _ in batch})
    assert (other.documents(), other.waiting()) == (hub.documents(), hub.waiting())
    assert other.queries.desk.flagged() == hub.queries.desk.flagged()
    tables = ("families", "places", "spans")
    for table in tables:
        rows = f"SELECT * FROM {{views}}.{table} ORDER BY 1, 2, 3, 4, 5"  # noqa: S608 - our own names
        if table == "places":
            rows = "SELECT key, family FROM {views}.places WHERE family IS NOT NULL ORDER BY 1"
        assert other.rows(rows) == hub.rows(rows), table
