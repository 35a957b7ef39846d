"""A history as a story: nothing left out, nothing added, each sentence with its event."""

import re
from datetime import date

import pytest

from services.family_case.story import lines, story
from tests.family_case.conftest import Hub
from tests.world import event
from tests.world import story as told

EMPTY = re.compile(r"[（“]\s*[）”]|None|[：，、][；。]|。。")


@pytest.mark.parametrize("letter", "ab")
def test_every_event_has_one_sentence_and_one_note(hub: Hub, letter: str) -> None:
    hub.tell(*told(letter))
    for family in hub.families:
        document = hub.document(family)
        found = story(document)
        numbers = [one["number"] for one in document["entries"]]

        said = [one for paragraph in found["paragraphs"] for one in paragraph["sentences"]]
        assert sorted(one["note"] for one in said) == numbers
        assert [one["note"] for one in found["notes"]] == numbers
        assert [one["event"] for one in found["notes"]] == [one["id"] for one in document["entries"]]
        assert not [one["text"] for one in said if EMPTY.search(one["text"]) or not one["text"].endswith("。")]


def test_paragraphs_are_years_in_their_order_and_the_same_history_gives_the_same_story(hub: Hub) -> None:
    hub.tell(*told("a"))
    found = story(hub.document(hub.families[0]))

    years = [paragraph["year"] for paragraph in found["paragraphs"]]
    assert years == sorted(set(years))
    assert found == story(hub.document(hub.families[0]))


def test_a_correction_is_told_at_what_it_corrects_and_on_its_own_day(hub: Hub) -> None:
    hub.tell(*told("a"))
    text = "\n".join(lines(story(hub.document(hub.families[0]))))

    assert "植入人工耳蜗，侧别：右侧" in text
    assert re.search(r"2025年6月25日经嘉鱼县残联更正，侧别由“左侧”改为“右侧”", text)
    assert re.search(r"2025年6月25日，嘉鱼县残联：更正先前记录", text)


def test_what_was_withdrawn_is_told_as_never_said(hub: Hub) -> None:
    events = told("b")
    survey = next(one for one in events if one["type"].endswith("needs_surveyed"))
    data = {"target_event": survey["id"], "reason": "重复登记", "approver": "虚构甲"}
    late = {"time": "2027-07-30T09:00:00+08:00", "recordedtime": "2027-07-30T10:00:00+08:00"}
    hub.tell(*events, event("disability_federation.event_withdrawn", data, survey["subject"], **late))
    text = "\n".join(lines(story(hub.document(hub.families[0]))))

    assert "将其撤销，原因是重复登记，这件事视为从未登记。" in text


def test_a_story_as_known_on_a_day_says_so_and_tells_no_more(hub: Hub) -> None:
    hub.tell(*told("a"))
    found = story(hub.document(hub.families[0], known=date(2025, 6, 24)))

    assert "2025年6月24日当时所知" in found["opening"]
    assert {paragraph["year"] for paragraph in found["paragraphs"]} <= {"2019", "2022", "2024", "2025"}
    assert "更正" not in "".join(one["text"] for p in found["paragraphs"] for one in p["sentences"])
