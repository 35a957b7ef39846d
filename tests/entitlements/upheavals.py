"""A made-up city in which more goes wrong: persons change families, families are merged, facts taken back.

All of it is events, written down some days later, as departments would.
"""

import random
from collections import defaultdict
from copy import deepcopy
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from services.city.city import events
from services.family_case.domain import case_number
from shared.log.record import RecordedEvent
from tests.entitlements.desk import WRITTEN
from tests.world import records

Event = dict[str, Any]
SHARE = 0.02
"""How many of the other events are corrected to another day, or withdrawn."""
LAST = date(2027, 5, 1)


def upheaved(families: int, chance: random.Random) -> dict[str, list[RecordedEvent]]:
    """Return the departments' logs of such a city."""
    told = list(events(families, chance.randrange(10**6)))
    openings = [one for one in told if one["type"].endswith(".family_case_opened")]
    more = [made for pair in zip(openings[::2], openings[1::2], strict=False) for made in _between(*pair, chance)]
    amended = {one["data"].get("target_event") for one in told}
    more += [made for one in told if one["id"] not in amended and (made := _amended(one, chance)) is not None]
    every = sorted([*told, *more], key=lambda one: one.get("recordedtime", one["time"]))
    by_log: dict[str, list[Event]] = defaultdict(list)
    for one in every:
        by_log[one["type"].partition(".")[0]].append(one)
    return {log: records(log, some, WRITTEN) for log, some in by_log.items()}


def _between(one: Event, other: Event, chance: random.Random) -> list[Event]:
    """Return what happens between two families: somebody moves over, they are merged."""
    begun = max(_day(one), _day(other))
    movers = [each for each in one["data"]["members"] if each != one["data"]["head"]]
    made: list[Event] = []
    if movers and chance.random() < 0.7:
        left, joined = (begun + timedelta(days) for days in sorted(chance.sample(range(20, 400), 2)))
        person = chance.choice(movers)
        goes = _about(one, "family_member_removed", left, chance, person=person, reason="separate", left_on=str(left))
        comes = {"person": person, "relation": "20", "joined_on": str(joined), "coresident": True}
        made += [goes, _about(other, "family_member_added", joined, chance, **comes)]
        if chance.random() < 0.4:
            made.append(_corrected(made[-1], "joined_on", str(joined + timedelta(chance.randint(-15, 40))), chance))
        if chance.random() < 0.3:
            made.append(_withdrawn(made[0], chance))
    if chance.random() < 0.4:
        merged = case_number(SimpleNamespace(source=other["source"], id=other["id"]))  # type: ignore[arg-type]
        survivor = case_number(SimpleNamespace(source=one["source"], id=one["id"]))  # type: ignore[arg-type]
        on = begun + timedelta(chance.randint(30, 300))
        said = {"merged_family": merged, "survivor": survivor, "evidence": "虚构依据"}
        made.append(_about(one, "duplicate_merged", on, chance, **said))
        if chance.random() < 0.5:
            made.append(_withdrawn(made[-1], chance))
    return [each for each in made if each["recordedtime"][:10] <= str(LAST)]


def _amended(one: Event, chance: random.Random) -> Event | None:
    """Return a correction of the day of an event, or a withdrawal, of a few; never of what others rest on."""
    name = one["type"].partition(".")[2]
    if chance.random() >= SHARE or "subject" not in one or name.startswith(("event_", "family_case", "duplicate")):
        return None
    days = [field for field in one["data"] if field.endswith("_on")]
    if not days or chance.random() < 0.4:
        return _withdrawn(one, chance)
    moved = date.fromisoformat(one["data"][days[0]]) + timedelta(chance.randint(-60, 20))
    return _corrected(one, days[0], str(moved), chance)


def _about(opening: Event, name: str, day: date, chance: random.Random, **data: Any) -> Event:
    """Return an event about a family's head, written down some days later."""
    return {
        "specversion": "1.0",
        "id": f"upheaval-{chance.randrange(10**12)}",
        "source": opening["source"],
        "type": f"disability_federation.{name}",
        "time": f"{day}T09:00:00+08:00",
        "recordedtime": f"{day + timedelta(chance.randint(0, 60))}T10:00:00+08:00",
        "division": opening["division"],
        "subject": opening["subject"],
        "data": data,
    }


def _corrected(one: Event, field: str, value: str, chance: random.Random) -> Event:
    right = deepcopy(one["data"]) | {field: value}
    return _amendment(one, "event_corrected", chance) | {
        "data": {"target_event": one["id"], "corrected_payload": right, "reason": "日期录错"}
    }


def _withdrawn(one: Event, chance: random.Random) -> Event:
    return _amendment(one, "event_withdrawn", chance) | {
        "data": {"target_event": one["id"], "reason": "误登", "approver": "虚构甲"}
    }


def _amendment(one: Event, name: str, chance: random.Random) -> Event:
    day = date.fromisoformat(str(one.get("recordedtime", one["time"]))[:10]) + timedelta(chance.randint(1, 90))
    kept = ("specversion", "source", "division", "subject")
    return {field: one[field] for field in kept if field in one} | {
        "id": f"upheaval-{chance.randrange(10**12)}",
        "type": f"{one['type'].partition('.')[0]}.{name}",
        "time": f"{day}T16:00:00+08:00",
        "recordedtime": f"{day}T16:30:00+08:00",
    }


def _day(opening: Event) -> date:
    return date.fromisoformat(opening["time"][:10])
