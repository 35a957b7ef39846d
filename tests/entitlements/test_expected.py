"""The 240 verdicts that were worked out by hand for the two sample families, the city and a base."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.entitlements.engine import Judged
from services.entitlements.rules import load
from services.entitlements.verdicts import Verdict
from shared.keys.persons import LinkKey
from shared.language.persons import Person
from tests.entitlements.evaluate import Logs, logs, of_the_city, verdicts
from tests.world import DAUGHTER, FATHER, MOTHER, SON, story

POINTS = [json.loads(line) for line in Path(__file__).with_name("expected.jsonl").read_text("utf-8").splitlines()]
PERSONS = {
    "A1": FATHER,
    "A2": MOTHER,
    "A3": SON,
    "A4": DAUGHTER,
    "B1": "422399198510020314",
    "B2": "422399198701190420",
    "B3": "421299201712090159",
    "B4": "422399195704250069",
}


@cache
def _story(letter: str | None) -> Logs:
    """Return the logs of one family, and of what either story tells of the city; of both for the city itself."""
    both = {one: story(one) for one in ("a", "b")}
    return logs(
        event for one, events in both.items() for event in events if letter in {None, one} or "subject" not in event
    )


def _subject(name: str) -> str:
    return LinkKey(b"\1" * 32).token(Person(number=PERSONS[name])) if name in PERSONS else name


def _name(point: dict[str, Any]) -> str:
    clause = load()[point["rule"]].clause if point["rule"] in load() else ""
    return f"{clause}-{point['rule']}-{point['point']}"


def _judged(point: dict[str, Any]) -> Judged:
    known, effective = date.fromisoformat(point["known"]), date.fromisoformat(point["effective"])
    if point["family"] is None:
        found = of_the_city(_story(None), known, effective, point["rule"], point["subject"])
    else:
        found = verdicts(_story(point["family"]), known, effective, point["rule"])
    [one] = [one for one in found if one.subject == _subject(point["subject"])]
    return one


@pytest.mark.parametrize("point", POINTS, ids=_name)
def test_the_verdict_is_the_one_worked_out_by_hand(point: dict[str, Any]) -> None:
    verdict = _judged(point).verdict

    assert _shown(verdict) == {
        "state": point["state"],
        "gaps": sorted(map(_gap, point["gaps"])),
        "warnings": sorted((one["type"], one["since"], one.get("due")) for one in point["warnings"]),
    }
    if "due" in point:
        assert str(verdict.due) == point["due"]
    assert verdict.provisional or not point.get("provisional")
    assert set(point["evidence"]) <= {id_ for one in verdict.evidence for id_ in (one.id, *one.corrected)}


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {
        "state": str(verdict.state),
        "gaps": sorted(
            _gap(
                {
                    "type": one.type,
                    "since": str(one.since),
                    "due": str(one.due) if one.due else None,
                    "department": one.department,
                    "division": one.division,
                    "held_until": str(one.held_until) if one.held_until else None,
                    "missing": one.missing,
                }
            )
            for one in verdict.gaps
        ),
        "warnings": sorted((one.type, str(one.since), str(one.due) if one.due else None) for one in verdict.warnings),
    }


def _gap(gap: dict[str, Any]) -> str:
    names = ("type", "since", "due", "department", "division", "held_until", "missing")
    return " ".join(str(gap.get(name)) for name in names)
