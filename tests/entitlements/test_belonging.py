"""Who belonged to a family from when to when, why, by which event: on any day, as known on any day."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from services.commands.cli import app
from services.entitlements.belonging import Belonging, lines, move_sentence
from services.entitlements.loading import Loader
from services.family_case.domain import case_number
from services.processes.installation import Installation
from tests.family_case.conftest import READER, Hub
from tests.family_case.test_moves import at, joined, left
from tests.family_case.test_receiving import STRANGER, withdrawn
from tests.world import DAUGHTER, FATHER, MOTHER, event, family_opened, story

Open = Callable[..., dict[str, Any]]


@pytest.fixture
def opened(hub: Hub) -> Open:
    """Open a family's membership."""
    return lambda family, **days: Belonging(Loader(hub.queries)).open(family, READER, "test", **days)


def spans(document: dict[str, Any]) -> list[tuple[Any, Any, str]]:
    return [
        (span["from"], span["to"], span.get("left", {}).get("reason", ""))
        for one in document["members"]
        for span in one["spans"]
    ]


def test_a_child_belongs_to_one_family_until_the_day_and_to_the_other_from_it_each_with_its_event(
    hub: Hub, opened: Open
) -> None:
    told = hub.tell(family_opened(**at("2025-02-01")), family_opened([STRANGER], **at("2025-02-01")))
    family, other = (case_number(one) for _, one in told)
    leaving, joining = left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER)
    hub.tell(leaving, joining)

    every = [span for one in opened(family)["members"] for span in one["spans"]]
    [gone] = [one for one in every if one["to"]]
    assert (gone["from"], gone["to"], gone["left"]["zh"]) == (None, "2025-05-01", "分户")
    assert gone["left"]["events"] == [leaving["id"]]
    [come] = [span for one in opened(other)["members"] for span in one["spans"] if span["from"]]
    assert (come["from"], come["to"], come["came"]["events"]) == ("2025-05-01", None, [joining["id"]])

    before = date(2025, 4, 30)
    assert all(to is None for _, to, _ in spans(opened(family, known=before)))
    assert all(to is None for _, to, _ in spans(opened(family, effective=before)))
    assert len(opened(other, effective=before)["members"]) == 1
    assert "自2025年5月1日起不再属于本户：分户" in "\n".join(lines(opened(family)))


def test_a_withdrawn_leaving_never_was_and_is_still_known_of_the_day_before(hub: Hub, opened: Open) -> None:
    [(_, opening)] = hub.tell(family_opened(**at("2025-02-01")))
    leaving = left(MOTHER, FATHER)
    hub.tell(leaving, withdrawn(leaving) | at("2025-06-10"))
    family = case_number(opening)

    assert all(to is None for _, to, _ in spans(opened(family)))
    assert any(left_ == "separate" for _, _, left_ in spans(opened(family, known=date(2025, 6, 9))))


def test_guardians_counties_and_moves_have_their_days_and_events(hub: Hub, opened: Open) -> None:
    [(_, opening)] = hub.tell(family_opened(**at("2025-02-01")))
    family = case_number(opening)
    said = [
        event(
            "disability_federation.guardian_designated",
            {"guardian": who, "relation": "50", "from_date": day},
            DAUGHTER,
            **at(day),
        )
        for who, day in ((FATHER, "2025-02-02"), (MOTHER, "2025-07-01"))
    ]
    moved = event(
        "disability_federation.household_moved",
        {
            "move_kind": "hukou",
            "from_division": "421221",
            "to_division": "421202",
            "new_address_text": "虚构路1号",
            "moved_on": "2025-08-01",
        },
        FATHER,
        **at("2025-08-02"),
    )
    hub.tell(*said, moved)

    document = opened(family)
    [daughter] = [one for one in document["members"] if one["guardians"]]
    assert [(one["from"], one["to"], one["events"]) for one in daughter["guardians"]] == [
        ("2025-02-02", "2025-07-01", [said[0]["id"]]),
        ("2025-07-01", None, [said[1]["id"]]),
    ]
    assert [(one["division"], one["from"]) for one in document["counties"]] == [("421221", "2025-02-01")]
    assert [(one["left"], one["division"], one["who"]) for one in document["moves"]] == [("421221", "421202", ["全家"])]
    assert "（户籍迁移；" in move_sentence(document["moves"][0])
    assert document["members"][0]["person"] == document["head"]
    assert opened(family, effective=date(2025, 7, 31))["moves"] == []


def test_the_command_tells_the_same_as_text_and_json(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.tell(*story("a"))
    monkeypatch.setattr(Installation, "settings", lambda _: hub.settings)
    shown = CliRunner().invoke(app, ["members", hub.families[0], "--effective", "2025-12-31"])

    assert shown.exit_code == 0
    assert "自始属于本户：建档时在册" in shown.stdout
    assert "监护人：" in shown.stdout
    assert (
        '"effective": "2025-12-31"'
        in CliRunner().invoke(app, ["members", hub.families[0], "--effective", "2025-12-31", "--json"]).stdout
    )
