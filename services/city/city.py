"""The city: every family's story and the offices' in one order, without keeping it in memory.

A family's story follows from the seed and its number alone, so that a small city is the beginning of a large one.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from heapq import merge
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from services.city import (
    amendments,
    around,
    assistance,
    calibration,
    certificates,
    education,
    money,
    offices,
    registry,
    rehabilitation,
    self_help,
    services_at_home,
)
from services.city.faulty import spoil
from services.city.life import Life
from services.city.people import drawn, family
from services.city.story import Story, workday
from shared import json

IN_MEMORY = 200
"""How many stories are put in order at a time; each such lot is laid aside in a file, and the files are merged."""
_SHARES = {division: share for division, (_, share) in calibration.COUNTIES.items()}


def lines(
    families: int, seed: int, *, faulty: bool = False, beside: BinaryIO | None = None, before: date = date.max
) -> Iterator[bytes]:
    """Yield the events of a city as lines of JSON, in the order in which they were written down.

    With `faulty` it also has events that are to be refused or flagged; `beside` takes a line for each: what must come
    back (`faulty.Expected`). What is written down `before` a day needs nothing that is written down later.
    """
    stories: Iterator[Story] = chain([the_offices(seed)], self_help.cohorts(seed, families), _families(families, seed))
    if faulty:
        stories = (spoil(story, beside) for story in stories)
    with ExitStack() as stack:
        runs: list[IO[bytes]] = []
        while run := _in_order(islice(stories, IN_MEMORY), before.isoformat().encode()):
            file = stack.enter_context(TemporaryFile())
            file.writelines(moment + line + b"\n" for moment, line in run)
            file.seek(0)
            runs.append(file)
        yield from (line[_MOMENT:-1] for line in merge(*runs, key=lambda line: line[:_MOMENT]))


_MOMENT = len("2025-01-02T08:30:00+08:00")


def _in_order(stories: Iterable[Story], before: bytes) -> list[tuple[bytes, bytes]]:
    told = ((moment.encode(), event) for story in stories for moment, event in story.lines())
    kept = ((moment, json.canonical(event)) for moment, event in told if moment < before)
    return sorted(kept, key=lambda one: one[0])


def events(
    families: int, seed: int, *, faulty: bool = False, beside: BinaryIO | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the events of a city, as `lines` does, as they are sent."""
    return (json.parse_strict(line) for line in lines(families, seed, faulty=faulty, beside=beside))


def _families(count: int, seed: int) -> Iterator[Story]:
    return (the_family(number, seed) for number in range(1, count + 1))


def the_offices(seed: int) -> Story:
    """Return what happens in the city that is about no family."""
    story = Story("office", seed, calibration.CITY)
    for theme in (
        offices.institutions, offices.parameters, offices.supervision, offices.sharing, offices.terms,
        self_help.bases, money.budgets,
    ):
        theme(story)
    return story


def the_family(number: int, seed: int) -> Story:
    """Return the story of the family with a number."""
    story = Story(f"{number:05}", seed, "")
    story.division = drawn(story.rng, _SHARES)
    days = (calibration.OPENED_UNTIL - calibration.FIRST).days
    opened = workday(calibration.FIRST + timedelta(days=8 + int(days * story.rng.random() ** 1.5)))
    who = family(seed, number, opened, story.rng)
    basis = drawn(story.rng, calibration.BASES) if story.chance(calibration.DIFFICULT) else None
    if basis in {"multi", "both"} and who.disabled_adult is None:
        who.disabled_adult = story.rng.choice([*who.adults, *who.elders])
    life = Life(story, number, who, opened, drawn(story.rng, {"rural": 65, "urban": 35}), basis)
    life.move = registry.plan_of_moves(story, opened)
    if life.move and life.move[0] == "hukou":
        story.moved.append((life.move[1], life.move[2]))
    registry.opening(life)
    rehabilitation.diagnosis(life)
    certificates.adult(life)
    grounds = certificates.child(life)
    if basis in {"dibao", "both"}:
        grounds = max(grounds, assistance.dibao(life))
    registry.recognition(life, grounds)
    for theme in (
        assistance.emergencies, assistance.two_subsidies, rehabilitation.training, rehabilitation.cochlear,
        services_at_home.devices, services_at_home.visits, services_at_home.home, services_at_home.care,
        education.schooling, around.work, around.insurance, around.culture, around.neighbours, self_help.taking_part,
        registry.referrals, registry.duplicate, registry.joining_and_leaving, registry.moving, registry.ending,
    ):
        theme(life)
    amendments.put_right(story)
    return story
