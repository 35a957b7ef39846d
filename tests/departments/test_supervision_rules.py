"""Each rule of the federation's supervision: what it refuses or flags, and what it lets pass."""

from datetime import date
from typing import Any

import pytest

from services.disability_federation.registry.events import ConsentRecorded, ConsentWithdrawn
from services.disability_federation.supervision.events import (
    IndicatorsPublished,
    InspectionHeld,
    InspectionReportSubmitted,
    ProgressMeetingHeld,
    PublicityActivityHeld,
    RectificationDone,
    RectificationOrdered,
    StoryPublished,
    StoryTakenDown,
)
from tests.departments.cases import SUBJECT, Case, check
from tests.departments.past import On
from tests.world import MOTHER

INSPECTED = [(InspectionHeld, "process")]
PUBLICITY = {"scopes": ["publicity"], "valid_to": "2025-12-31"}
NAMED: dict[str, Any] = {"persons": [MOTHER], "consents": ["consent-1"]}


def consent(of: str = SUBJECT, happened: str = "2025-02-10", id_: str = "consent-1", **changes: Any) -> On:
    day = date.fromisoformat(happened)
    return On((ConsentRecorded, PUBLICITY | changes), "person", of=of, happened=day, id=id_)


def withdrawn(scopes: list[str], happened: str) -> On:
    day = date.fromisoformat(happened)
    return On((ConsentWithdrawn, {"scopes": scopes}), "person", of=SUBJECT, happened=day)


STORY: dict[str, Any] = {"consent": "consent-1"}
CASES = [
    Case("SUP-02.1", ProgressMeetingHeld, {"departments": ["DPF", "EDU", "DPF"]},
         refuses="code_named_twice /data/departments"),
    Case("SUP-03.1", InspectionHeld, {"departments": ["CIV", "CIV"]}, refuses="code_named_twice /data/departments"),
    Case("SUP-04.a", RectificationOrdered, refuses="out_of_order /process", fine_given=INSPECTED),
    Case("SUP-04.1", RectificationOrdered, {"due_on": "2025-02-28"}, flags="period_reversed_flag",
         fine={"due_on": "2025-03-01"}),
    Case("SUP-05.a", RectificationDone, refuses="out_of_order /process", given=INSPECTED,
         fine_given=[(RectificationOrdered, "process")]),
    Case("SUP-06.a", InspectionReportSubmitted, flags="report_without_inspection",
         given=[(InspectionHeld, {"held_on": "2024-12-31"}, "anywhere")],
         fine_given=[(InspectionHeld, {"held_on": "2025-01-01"}, "anywhere")]),
    Case("SUP-07.1", PublicityActivityHeld, {"persons": None}, refuses="consent_missing_in_publicity /data/persons"),
    Case("SUP-07.1", PublicityActivityHeld, {"consents": None}, refuses="consent_missing_in_publicity /data/consents",
         fine={"personal_data_used": False, "persons": None, "consents": None}),
    Case("SUP-07.2", PublicityActivityHeld, NAMED, flags="consent_missing", fine=NAMED,
         fine_given=[consent(MOTHER)]),
    Case("SUP-07.2", PublicityActivityHeld, NAMED | {"consents": ["consent-2"]}, flags="consent_missing", fine=NAMED,
         given=[consent(MOTHER)]),
    Case("SUP-07.2", PublicityActivityHeld, NAMED | {"persons": [MOTHER, SUBJECT]}, flags="consent_missing",
         given=[consent(MOTHER)], fine=NAMED),
    Case("SUP-09.1", StoryPublished, STORY | {"identifiable": True}, refuses="minors_published /data/identifiable",
         births={SUBJECT: "2007-05-19"}, fine=STORY),
    Case("SUP-09.1", StoryPublished, {"identifiable": True}, refuses="minors_published /data/identifiable",
         births={SUBJECT: "2007-05-19"}, fine={"identifiable": True, "published_on": "2025-05-19"}),
    Case("SUP-09.2", StoryPublished, STORY | {"consent": "consent-2"}, refuses="consent_missing /data/consent",
         given=[consent()], fine=STORY),
    Case("SUP-09.2", StoryPublished, STORY, refuses="consent_missing /data/consent", fine=STORY,
         given=[consent(scopes=["pairing"])], fine_given=[consent(scopes=["pairing", "publicity"])]),
    Case("SUP-09.2", StoryPublished, STORY, refuses="consent_missing /data/consent", fine=STORY,
         given=[consent(scopes=["other"], scope="报刊")], fine_given=[consent(scope=None)]),
    Case("SUP-09.2", StoryPublished, STORY, refuses="consent_missing /data/consent", fine=STORY,
         given=[consent(valid_to="2025-05-17")], fine_given=[consent(valid_to="2025-05-18")]),
    Case("SUP-09.2", StoryPublished, STORY, refuses="consent_missing /data/consent", fine=STORY,
         given=[consent(happened="2025-05-19")], fine_given=[consent(happened="2025-05-18", valid_to=None)]),
    Case("SUP-09.2", StoryPublished, STORY, refuses="consent_missing /data/consent", fine=STORY,
         given=[consent(), withdrawn(["publicity"], "2025-05-18")],
         fine_given=[consent(), withdrawn(["publicity"], "2025-05-19"), withdrawn(["research"], "2025-03-01")]),
    Case("SUP-09.2", StoryPublished, STORY, refuses="consent_missing /data/consent", fine=STORY,
         given=[consent(MOTHER)], fine_given=[consent()]),
    Case("SUP-09.3", StoryPublished, {"until": "2025-05-17"}, refuses="period_reversed /data/until",
         fine={"until": "2025-05-18"}),
    Case("SUP-10.a", StoryTakenDown, refuses="out_of_order /process", fine_given=[(StoryPublished, "process")]),
    Case("SUP-10.1", StoryTakenDown, {"taken_down_on": "2025-05-17"}, refuses="period_reversed /data/taken_down_on",
         given=[(StoryPublished, "process")], fine={"taken_down_on": "2025-05-18"}),
    Case("SUP-11.1", IndicatorsPublished, {"part": 0}, refuses="too_small /data/part", fine={"part": 1}),
    Case("SUP-11.2", IndicatorsPublished, {"known_on": "2026-03-30"}, refuses="period_reversed /data/known_on",
         fine={"known_on": "2026-03-31"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
