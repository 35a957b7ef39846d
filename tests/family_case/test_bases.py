"""Which events are about which base, and its one exit: the history, the counts, both days of a view."""

from datetime import date
from typing import Any

import pytest

from services.family_case.audit import compare
from services.family_case.base_reading import BaseQueries, NoSuchBase
from shared.errors import Refused
from tests.departments.test_self_help_at_the_door import (
    COHORT,
    HOST,
    base,
    cohort,
    corrected,
    enrolled,
    made,
    withdrawn,
)
from tests.departments.test_self_help_rules import KIN, PEER, PROS, conditions
from tests.family_case.conftest import READER, Hub
from tests.world import DAUGHTER, FATHER, MOTHER, family_opened

Event = dict[str, Any]
CODE = HOST["code"]
ELSEWHERE = {"code": "JG.0009", "name": "虚构省级基地"}
DAY = date(2024, 7, 20)
TAKING_PART = ["421299199508080631", "422399197102150772"]


@pytest.fixture
def here(hub: Hub) -> Hub:
    """Return a case to which a base was reported that has a team and one cohort."""
    hub.tell(*base().values(), cohort())
    return hub


def opened(hub: Hub, code: str = CODE, known: date | None = None, effective: date | None = DAY) -> Any:
    return BaseQueries(hub.queries).open(code, READER, "test", known, effective)


def status(hub: Hub, code: str = CODE, **view: Any) -> Any:
    return opened(hub, code, **view)["status"]


def labels(document: Any) -> list[str]:
    return [entry["type"].partition(".")[2] for entry in document["entries"]]


def taking_part(person: str, number: str = COHORT, place: Any = HOST, category: str = "SH3") -> list[Event]:
    """Return what one person does from joining a cohort to being entered into the national system."""
    process = f"XY-{person[-4:]}"
    at = {"base": place}
    return [
        enrolled(person, number, **at) | {"data": enrolled(person, number, **at)["data"] | {"category": category}},
        made("training_session_held", person, process, **at),
        made("participant_finished", person, process, **at),
        made("follow_up_done", person, process, **at),
        made("service_record_exported", person, process, **at),
    ]


def bare(events: list[Event]) -> list[Event]:
    """Take the base out of events: it follows from the cohort and the process."""
    return [one | {"data": {key: value for key, value in one["data"].items() if key != "base"}} for one in events]


def test_a_base_has_the_history_of_what_was_said_of_it_and_nothing_of_who_took_part(here: Hub) -> None:
    here.tell(*taking_part(TAKING_PART[0]), made("service_archive_filed"), made("violation_recorded"))
    document = opened(here, effective=None)
    assert labels(document) == [
        *("base_applicant_assessed", "base_established", "base_manager_appointed"),
        *["trainer_qualified"] * 2, *["trainer_assigned"] * 5, "cohort_opened", "service_archive_filed",
        "violation_recorded",
    ]  # fmt: skip
    assert [entry["number"] for entry in document["entries"]] == list(range(1, 14))
    assert document["base"] == CODE


def test_who_took_part_is_counted_whether_they_say_the_base_or_only_their_cohort(here: Hub) -> None:
    here.tell(*taking_part(TAKING_PART[0]), *bare(taking_part(TAKING_PART[1])))
    found = status(here)
    [one] = found["cohorts"]
    assert (one["cohort"], one["enrolled"], one["unfinished"]) == (COHORT, 2, 0)
    assert one["outcomes"] == {"completed": 2, "withdrew": 0, "medical": 0}
    assert one["follow_ups"][:2] == [{"round": 1, "due": 2, "done": 2}, {"round": 3, "due": 0, "done": 0}]
    assert one["entries"] == {"due": 0, "exported": 2, "entered": 0, "rejected": 0, "overdue": 2}
    assert found["participants"]["enrolled"] == 2


def test_a_person_counts_in_the_cohort_of_the_day(here: Hub) -> None:
    here.tell(*taking_part(TAKING_PART[0]))
    assert status(here, effective=date(2024, 6, 2))["participants"]["enrolled"] == 0
    running = status(here, effective=date(2024, 6, 10))
    assert (running["cohorts"][0]["state"], running["participants"]["unfinished"]) == ("running", 1)
    ended = status(here, effective=date(2024, 6, 20))
    assert (ended["cohorts"][0]["state"], ended["participants"]["entries"]["due"]) == ("over", 1)


def test_an_entry_that_was_sent_back_is_open_until_it_is_made_again(here: Hub) -> None:
    process = f"XY-{TAKING_PART[0][-4:]}"
    steps = [
        made("service_record_uploaded", TAKING_PART[0], process),
        made("service_record_rejected", TAKING_PART[0], process),
        made("service_record_uploaded", TAKING_PART[0], process, uploaded_on="2024-07-04"),
    ]
    here.tell(*taking_part(TAKING_PART[0]))
    for step, name in zip(steps, ("entered", "rejected", "entered"), strict=True):
        here.tell(step)
        entries = status(here)["participants"]["entries"]
        assert {key for key, count in entries.items() if count and key != "overdue"} == {name}
    assert entries["overdue"] == 0


def test_what_is_corrected_to_another_base_moves_and_stays_in_the_history_of_the_first(here: Hub) -> None:
    here.tell(sent := made("base_service_plan_made"))
    assert status(here)["plans"][0]["cohorts_planned"] == 3
    here.tell(corrected(sent, base=ELSEWHERE))
    document = opened(here, effective=None)
    assert document["status"]["plans"] == []
    [before] = [entry for entry in document["entries"] if entry["type"].endswith("plan_made")]
    assert [change["field"] for change in before["corrected"]["changes"]] == ["base"]
    assert labels(opened(here, ELSEWHERE["code"], effective=None)) == ["base_service_plan_made", "event_corrected"]


def test_a_withdrawn_event_stays_in_the_history_and_counts_for_nothing(here: Hub) -> None:
    here.tell(sent := made("base_inspected"))
    assert len(status(here, effective=None)["inspections"]) == 1
    here.tell(withdrawn(sent))
    document = opened(here, effective=None)
    assert document["status"]["inspections"] == []
    assert [bool(entry.get("withdrawn")) for entry in document["entries"][-2:]] == [True, False]


def test_a_view_of_what_was_known_leaves_out_what_was_written_down_later(here: Hub) -> None:
    inspected = made("base_inspected") | {"time": "2025-04-01T09:00:00+08:00"}
    here.tell(inspected | {"recordedtime": "2025-04-02T09:00:00+08:00"})
    early, late = opened(here, known=date(2025, 4, 1), effective=None), opened(here, known=date(2025, 4, 2))
    assert "base_inspected" not in labels(early)
    assert early["status"]["day"] == "2025-04-01"
    assert len(opened(here, known=date(2025, 4, 2), effective=None)["status"]["inspections"]) == 1
    assert late["status"]["day"] == DAY.isoformat()


def test_a_base_elsewhere_is_known_by_who_was_sent_there(hub: Hub) -> None:
    hub.tell(
        *taking_part(TAKING_PART[0], "WD-7", ELSEWHERE), made("service_archive_filed", cohort="WD-7", base=ELSEWHERE)
    )
    found = status(hub, "JG.0009")
    assert (found["state"], found["name"], found["agreements"], found["stops"]) == ("elsewhere", "虚构省级基地", [], [])
    [one] = found["cohorts"]
    assert (one["cohort"], one["state"], one["enrolled"]) == ("WD-7", "not_on_record", 1)
    assert one["archived_on"] == "2024-07-10"


def test_a_familys_entries_say_at_which_base_they_were_and_others_say_nothing(here: Hub) -> None:
    here.tell(family_opened([FATHER, MOTHER, *TAKING_PART]), *bare(taking_part(TAKING_PART[0])))
    here.tell(*taking_part(TAKING_PART[1], "WD-7", ELSEWHERE))
    found = {(entry["type"].partition(".")[2], entry.get("base")) for entry in here.document()["entries"]}
    assert ("family_case_opened", None) in found
    assert {base for kind, base in found if kind != "family_case_opened"} == {CODE, "JG.0009"}


@pytest.mark.parametrize("code", ["JG.0042", "", "x y", DAUGHTER, "XN-F-00000000", "p-" + "a" * 32, "a\0b"])
def test_what_no_event_names_is_no_base(code: str, here: Hub) -> None:
    with pytest.raises(NoSuchBase):
        opened(here, code)


def test_a_code_is_found_as_it_is_typed(here: Hub) -> None:
    assert opened(here, f" {CODE.lower()} ")["base"] == CODE


def test_bases_are_listed_as_they_stand(here: Hub) -> None:
    here.tell(*taking_part(TAKING_PART[0], "WD-7", ELSEWHERE))
    first, second = BaseQueries(here.queries).bases()
    assert (first["base"], first["name"], first["cohorts"], first["categories"]) == (
        CODE,
        "虚构希望之家",
        1,
        ["脊髓损伤者"],
    )
    assert (second["base"], second["state"], second["enrolled"]) == ("JG.0009", "elsewhere", 1)


def test_a_parameter_that_the_federation_sets_counts_from_its_day(here: Hub) -> None:
    here.tell(
        made("policy_parameter_set", parameter="P-SH-TRAINERS", value="6", effective_from="2024-06-01", division=None)
    )
    assert status(here, effective=date(2024, 5, 31))["state"] == "in_force"
    late = status(here, effective=date(2024, 6, 1))
    assert (late["team"]["needed"], late["state"]) == (6, "no_new_cohorts")
    assert [stop["code"] for stop in late["stops"]] == ["below_base_minimum"]


def test_trainers_are_called_as_in_a_familys_history(here: Hub) -> None:
    members = status(here)["team"]["members"]
    assert [one["role"] for one in members] == ["残疾人", "残疾人亲友", *["康复专业技术人员"] * 3]
    document = str({**opened(here), "entries": [entry["sentence"] for entry in opened(here)["entries"]]})
    assert not [number for number in (PEER, KIN, *PROS) if number in document]
    assert "p-" not in document


def test_the_projection_is_the_same_rebuilt(here: Hub, another_hub: Any) -> None:
    here.tell(*taking_part(TAKING_PART[0]), sent := made("base_inspected"), withdrawn(sent))
    rebuilt = another_hub()
    for log, department in here.made.items():
        rebuilt.cases.receive(log, list(department.recorder.events()))
    upto = {source["log"]: source["received"] for source in here.queries.sources()}
    assert list(compare(here.queries, rebuilt.queries, upto)) == []
    with here.database.transaction() as tx:
        tx.execute("DELETE FROM family_case_views.mentions WHERE kind = 'event'")
    assert list(compare(here.queries, rebuilt.queries, upto)) == [
        "mentions: a row only in the rebuilt read model (position 18)",
        f"history of base {CODE} differs",
    ]


def test_an_ended_base_stops_for_that_alone(here: Hub) -> None:
    here.tell(made("base_ended"), *(made("trainer_removed", trainer=one) for one in (PEER, KIN)))
    found = status(here, effective=date(2025, 3, 1))
    assert (found["state"], found["team"]["enough"], found["stops"]) == ("ended", False, [])
    assert [stop["code"] for one in found["agreements"] for stop in one["stops"]] == ["base_ended"]


def test_conditions_lapse_by_the_day(here: Hub) -> None:
    shorter = made(
        "base_applicant_assessed", assessed_on="2024-05-01", conditions_met=conditions(5, valid_to="2024-06-10")
    )
    here.tell(shorter)
    assert status(here, effective=date(2024, 6, 10))["state"] == "in_force"
    found = status(here, effective=date(2024, 6, 11))
    assert (found["state"], found["agreements"][0]["conditions_lapsed"]) == ("no_new_cohorts", ["5"])
    assert found["cohorts"][0]["state"] == "running"


@pytest.mark.parametrize(
    "change",
    [
        [],
        [
            made(
                "base_applicant_assessed", assessed_on="2024-05-01", conditions_met=conditions(5, valid_to="2024-08-10")
            )
        ],
        [made("trainer_removed", trainer=PEER, to_date="2024-08-10")],
        [made("base_ended", ended_on="2024-08-10")],
        [made("base_ended", ended_on="2024-08-10"), made("base_established", established_on="2024-08-12")],
        [made("base_established", established_on="2024-05-02", valid_to="2024-08-10")],
    ],
    ids=["nothing", "condition lapses", "trainer leaves", "base ends", "established anew", "agreement lapses"],
)
def test_what_the_page_says_of_new_cohorts_is_what_the_door_says(change: list[Event], here: Hub) -> None:
    """The case works it out by itself, from the same facts as the department's rules: they must not drift apart."""
    here.tell(*({**one, "id": f"{one['id']}-{len(change)}"} for one in change))
    door = here.made["disability_federation"]
    answers = []
    for number, day in enumerate(("2024-04-07", "2024-08-09", "2024-08-10", "2024-08-11", "2024-08-12", "2027-04-01")):
        try:
            door.receive(cohort(f"SH-{number}", starts_on=day, ends_on=day))
            opens = True
        except Refused:
            opens = False
        answers.append((day, opens))
    states = {day: status(here, effective=date.fromisoformat(day))["state"] for day, _ in answers}
    assert {day: state == "in_force" for day, state in states.items()} == dict(answers)
    assert {opens for _, opens in answers} == {True, False}
