"""What a verdict says of itself: Chinese sentences, each whole, without codes or values that nobody explained."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from services.city import city
from services.disability_federation.rehabilitation.events import RehabAidApplied
from services.entitlements.engine import Judged, load_once
from services.entitlements.sayings import SAYINGS
from services.entitlements.words import explain
from tests.entitlements.evaluate import logs, verdicts
from tests.entitlements.histories import CHILD, History, token
from tests.world import story

FAULTY = re.compile(r"[（“]\s*[）”]|[A-Za-z_]+|None|[：，、][；。，、]|[：，、]$|““|””|。。|因，")
FAMILIES, SEED = 20, 2025
DAYS = [date(year, month, 28) for year in (2025, 2026, 2027) for month in (2, 5, 8, 11)]


def of_a_city() -> Iterator[list[dict[str, Any]]]:
    """Yield the events of each family of a made-up city."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in city.events(FAMILIES, SEED):
        name = event["id"].split("-")[2]
        if name.isdigit():
            found.setdefault(name, []).append(event)
    yield from found.values()


def sentences(events: list[dict[str, Any]]) -> Iterator[tuple[Judged, str]]:
    told = logs(events)
    for day in DAYS:
        for one in verdicts(told, day, day):
            yield one, explain(one, lambda _: "成员")


@pytest.mark.parametrize("letter", "ab")
def test_no_sentence_of_the_stories_has_an_empty_bracket_a_code_or_english_in_it(letter: str) -> None:
    assert [text for _, text in sentences(story(letter)) if FAULTY.search(text)] == []


def test_no_sentence_of_a_made_up_city_has_either() -> None:
    every = [(one, text) for events in of_a_city() for one, text in sentences(events)]

    assert len(every) > 1_000
    assert sorted({text for _, text in every if FAULTY.search(text)})[:3] == []
    told = {one.rule.id for one, _ in every if one.verdict.because}
    assert len(told) > 15


def test_a_rule_says_in_its_own_words_how_far_it_has_come() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10").surveyed("2025-01-10", "REHAB")
    history.say(RehabAidApplied, "2025-02-03", CHILD, process="p", aid_year=2025)
    [one] = [one for one in history.all("2025-02-05", rule="E02") if one.subject == token(CHILD)]

    assert explain(one, lambda _: "孩子").startswith("孩子“康复救助”办理中：2025年度已申请，尚未决定，因")


def test_every_saying_is_of_a_rule_that_there_is() -> None:
    assert set(SAYINGS) <= set(load_once())
