"""The self-help programme through the real door: a base from its assessment to its end, and what its cohorts may do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.departments import load_catalogue
from shared.door.department import Department
from shared.language.catalogue import CATALOGUE
from tests.departments.test_self_help_rules import KIN, PEER, PROS, conditions
from tests.world import event

load_catalogue()
Make = Callable[[str], Department]
Event = dict[str, Any]
FEDERATION = "disability_federation"
HOST = {"code": "52421299MJXRE0019W", "name": "虚构服务中心"}
COHORT = "SH-2024-01"
PERSONS = ("421299199508080631", "422399197102150772", "421299198803150132")
ADULT = PERSONS[0]


@pytest.fixture
def federation(department: Make) -> Department:
    return department(FEDERATION)


def said_of(department: Department, *events: Event) -> list[str]:
    """Let a department receive events as one batch; return the codes of refusals, or else of flags, of each."""
    return [
        " ".join(fault.code for fault in answer.refused.faults)
        if answer.refused
        else " ".join((answer.receipt or {}).get("flags", ()))
        for answer in department.receive_all(list(events))
    ]


def made(kind: str, subject: str | None = None, process: str = "", **changes: Any) -> Event:
    """Return an event of the federation: the example of its type, with changes; None takes a field away."""
    declaration = CATALOGUE.get(f"{FEDERATION}.{kind}")
    assert declaration is not None
    data = {name: value for name, value in (declaration.example() | changes).items() if value is not None}
    return event(declaration.type, data, subject, **({"process": process} if process else {}))


def corrected(original: Event, **changes: Any) -> Event:
    data = {"target_event": original["id"], "corrected_payload": original["data"] | changes, "reason": "录入错误"}
    return event(f"{FEDERATION}.event_corrected", data, None)


def withdrawn(original: Event) -> Event:
    data = {"target_event": original["id"], "reason": "录入错误", "approver": "科长"}
    return event(f"{FEDERATION}.event_withdrawn", data, None)


def base() -> dict[str, Event]:
    """Return what makes a base: assessed, established, with a manager and five trainers, two of them peers."""
    qualified = [made("trainer_qualified", trainer=who, role=role) for who, role in ((PEER, "PEER"), (KIN, "KIN"))]
    team = [(PEER, "PEER"), (KIN, "KIN"), *((who, "PRO") for who in PROS[:3])]
    assigned = [made("trainer_assigned", trainer=who, role=role) for who, role in team]
    steps = [made("base_applicant_assessed"), made("base_established"), made("base_manager_appointed")]
    names = ["assessed", "established", "manager", "peer", "kin", *(f"trainer {number}" for number in range(1, 6))]
    return dict(zip(names, [*steps, *qualified, *assigned], strict=True))


def cohort(process: str = COHORT, **changes: Any) -> Event:
    return made("cohort_opened", process=process, **changes)


def enrolled(person: str, process: str = COHORT, **changes: Any) -> Event:
    return made("participant_enrolled", person, f"XY-{person[-4:]}", category="SH5", cohort=process, **changes)


def of_sh5() -> dict[str, Event]:
    """Return what makes a base for a category in which nobody needs a certificate."""
    steps = base()
    for name in ("assessed", "established"):
        steps[name]["data"]["category"] = "SH5"
    return steps


def test_a_base_is_built_step_by_step_and_opens_its_cohort(federation: Department) -> None:
    steps = base()
    assert said_of(federation, steps["established"], steps["trainer 1"]) == [
        "assessment_not_passed out_of_order",
        "not_qualified out_of_order",
    ]
    assert {*said_of(federation, *(one | {"id": f"{one['id']}-again"} for one in list(steps.values())[:-1]))} == {""}
    assert said_of(federation, cohort()) == ["below_base_minimum"]
    assert said_of(federation, steps["trainer 5"], cohort(seats=31), cohort()) == ["", "seats_above_capacity", ""]
    assert said_of(federation, cohort(process="SH-2024-02", base=HOST | {"code": "JG.0007"})) == [
        "below_base_minimum no_manager out_of_order"
    ]


def test_a_removal_counts_until_it_is_withdrawn(federation: Department) -> None:
    assert {*said_of(federation, *base().values())} == {""}
    left = made("trainer_removed", trainer=PEER, to_date="2024-05-31")
    assert said_of(federation, left, cohort()) == ["", "below_base_minimum"]
    assert said_of(federation, withdrawn(left), cohort()) == ["", ""]
    again = made("trainer_removed", trainer=PEER, to_date="2024-06-10")
    assert said_of(federation, again, corrected(again, to_date="2024-06-17")) == ["below_base_minimum", ""]


def test_a_course_is_found_wherever_it_was_passed(federation: Department) -> None:
    steps = base()
    course = steps["peer"]
    course["data"] = {name: value for name, value in course["data"].items() if name != "base"}
    assert said_of(federation, steps["assessed"], steps["established"], course, steps["trainer 1"]) == [""] * 4
    assert said_of(federation, steps["trainer 2"], withdrawn(course)) == ["not_qualified", ""]
    other = made("trainer_assigned", trainer=PEER, base=HOST, from_date="2024-07-01", role="KIN")
    assert said_of(federation, other) == ["not_qualified already_assigned"]


def test_a_lapsed_condition_stops_new_cohorts_and_leaves_the_running_one(federation: Department) -> None:
    steps = of_sh5()
    assert {*said_of(federation, *steps.values(), cohort(category="SH5"))} == {""}
    shorter = corrected(steps["assessed"], conditions_met=conditions(5, valid_to="2024-06-10"))
    later = {"category": "SH5", "starts_on": "2024-09-02", "ends_on": "2024-09-15"}
    assert said_of(federation, shorter, cohort("SH-2024-02", **later)) == ["", "condition_lapsed"]
    session = made("training_session_held", ADULT, f"XY-{ADULT[-4:]}", held_on="2024-06-12")
    assert said_of(federation, enrolled(ADULT), session) == ["", ""]
    anew = made("base_applicant_assessed", category="SH5", assessed_on="2024-08-20")
    assert said_of(federation, anew, cohort("SH-2024-02", **later)) == ["", ""]


def test_a_cohort_has_its_seats_however_many_write_at_once(department: Make, federation: Department) -> None:
    assert {*said_of(federation, *of_sh5().values(), cohort(category="SH5", seats=2))} == {""}
    everybody = [enrolled(person) for person in (*PROS[:3], *PERSONS)]
    writers = [federation, department(FEDERATION)]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, writers[turn % 2], one) for turn, one in enumerate(everybody)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == ["", "", *["cohort_full"] * 4]
    first = everybody[answers.index("")]
    waiting = everybody[answers.index("cohort_full")]
    assert said_of(federation, withdrawn(first), waiting) == ["", ""]


def test_a_base_elsewhere_is_flagged_and_goes_on(federation: Department) -> None:
    process = f"XY-{ADULT[-4:]}"
    steps = [
        enrolled(ADULT, "WD-7", base={"code": "JG.0009", "name": "虚构省级基地"}),
        made("training_session_held", ADULT, process),
        made("participant_finished", ADULT, process),
        made("follow_up_done", ADULT, process),
        made("service_archive_filed", cohort="WD-7"),
    ]
    assert said_of(federation, *steps) == ["cohort_not_on_record", "", "", "", "cohort_not_on_record"]


def test_a_cohort_is_found_however_its_number_was_typed(federation: Department) -> None:
    assert {*said_of(federation, *of_sh5().values(), cohort("SH－２０２４－01", category="SH5"))} == {""}
    assert said_of(federation, enrolled(ADULT, "SH-2024-01"), made("service_archive_filed")) == ["", ""]
    numbered = "13807310001"  # which could be a telephone number, and is kept as a token
    assert said_of(federation, cohort(numbered, category="SH5"), enrolled(PEER, numbered)) == ["", ""]


def test_a_record_that_was_sent_back_is_entered_again(federation: Department) -> None:
    process = f"XY-{ADULT[-4:]}"
    before = [enrolled(ADULT), made("participant_finished", ADULT, process)]
    first = made("service_record_uploaded", ADULT, process, uploaded_on="2024-06-26")
    second = made("service_record_uploaded", ADULT, process, uploaded_on="2024-07-04")
    exported = made("service_record_exported", ADULT, process)
    rejected = made("service_record_rejected", ADULT, process)
    assert said_of(federation, *before, exported, first, second)[1:] == ["", "", "", "natural_key_taken"]
    assert said_of(federation, rejected, second | {"id": f"{second['id']}-again"}) == ["", ""]


def test_a_base_ends_once_until_it_is_established_anew(federation: Department) -> None:
    assert {*said_of(federation, *base().values(), cohort())} == {""}
    ended = made("base_ended", ended_on="2024-06-10")
    assert said_of(federation, ended, made("base_ended", ended_on="2024-12-31")) == ["open_items", "already_ended"]
    later = {"starts_on": "2024-12-02", "ends_on": "2024-12-15"}
    assert said_of(federation, cohort("SH-2024-02", **later)) == ["base_ended"]
    anew = made("base_established", established_on="2024-11-01")
    assert said_of(federation, anew, cohort("SH-2024-02", **later)) == ["", ""]
    assert said_of(federation, made("base_ended", ended_on="2024-12-31")) == [""]
    assert said_of(federation, corrected(ended, ended_on="2024-06-17")) == [""]
