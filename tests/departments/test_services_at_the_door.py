"""Certificates, care and homes through the real door: what is sealed, what is amended, and two writers at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.door.department import Department
from tests.departments.test_rules_at_the_door import by_federation, corrected, said_of, withdrawn
from tests.world import DAUGHTER, FATHER, SON, event, family_opened

Make = Callable[[str], Department]
Event = dict[str, Any]
FEDERATION = "disability_federation"
PROVIDER = {"code": "52421299MJXTY001X9", "name": "虚构托养服务中心"}


@pytest.fixture
def federation(department: Make) -> Department:
    return department(FEDERATION)


def issued(grade: str = "1", day: str = "2015-03-20", process: str = "CZ-1") -> Event:
    until = f"{int(day[:4]) + 10}{day[4:]}"
    data = {"cert_no": f"{DAUGHTER}2{grade}", "category": "2", "grade": grade, "issued_on": day, "valid_to": until}
    return by_federation("disability_certificate_issued", process=process, **data, issuer="嘉鱼县残联") | {
        "legacy": True
    }


def reissued(times: int, day: str, grade: str = "1") -> Event:
    data = {"cert_no": f"{DAUGHTER}2{grade}B{times}", "reissue_seq": times, "reason": "遗失", "issued_on": day}
    return by_federation("disability_certificate_reissued", **data)


def cancelled(day: str) -> Event:
    return by_federation("disability_certificate_cancelled", reason="自愿注销", cancelled_on=day)


def applied(process: str) -> Event:
    return by_federation("disability_certificate_applied", process=process, apply_kind="first")


def care(process: str, priority: bool = False) -> tuple[Event, Event, Event]:
    asked = {"setting": "DAY", "contents": ["NURSE"]}
    granted = {"decision": "approved", "priority": priority, "setting": "DAY"}
    return (
        by_federation("care_service_applied", process=process, **asked),
        by_federation("care_service_decided", process=process, **granted),
        by_federation("care_service_started", process=process, provider=PROVIDER, started_on="2025-01-15"),
    )


def care_reported(month: str, days: int = 9) -> Event:
    return by_federation("care_service_reported", process="TY-1", month=month, days=days, contents=["NURSE"])


def test_reissues_are_counted_though_the_numbers_on_record_are_sealed(federation: Department) -> None:
    first = reissued(1, "2016-05-01")
    assert said_of(federation, issued(), first, reissued(3, "2017-05-01")) == ["", "", "reissue_out_of_sequence"]
    change = {"cert_no": f"{DAUGHTER}22", "old_category": "2", "old_grade": "1", "category": "2", "grade": "2"}
    changed = by_federation("disability_grade_changed", **change, effective_on="2018-01-01")
    assert said_of(federation, changed, reissued(2, "2018-05-01", "2")) == ["", "reissue_out_of_sequence"]
    assert said_of(federation, reissued(1, "2018-05-01", "2"), withdrawn(first)) == ["", ""]
    assert said_of(federation, reissued(2, "2017-05-01"), reissued(1, "2017-05-01")) == ["reissue_out_of_sequence", ""]


def test_a_cancellation_bars_an_application_until_it_is_corrected_or_withdrawn(federation: Department) -> None:
    ended = cancelled("2024-06-01")
    assert said_of(federation, issued(), ended, applied("CZ-2")) == ["", "", "barred_after_cancellation"]
    assert said_of(federation, cancelled("2024-07-01")) == ["already_ended"]
    assert said_of(federation, corrected(ended, cancelled_on="2024-02-28")) == [""]
    assert said_of(federation, applied("CZ-2")) == [""]
    assert said_of(federation, corrected(ended, cancelled_on="2024-03-02"), applied("CZ-3")) == [
        "",
        "barred_after_cancellation",
    ]
    assert said_of(federation, withdrawn(ended), applied("CZ-3"), cancelled("2024-07-01")) == ["", "", ""]


def test_a_certificate_number_comes_once(federation: Department) -> None:
    again = reissued(1, "2016-05-01")
    assert said_of(federation, issued(), reissued(1, "2016-05-01")) == ["", ""]
    later = again | {"id": f"{again['id']}-later", "data": again["data"] | {"issued_on": "2016-06-01"}}
    assert said_of(federation, again, later) == ["", "reissue_out_of_sequence natural_key_taken"]


def test_care_stays_within_what_its_start_and_end_say_by_now(federation: Department) -> None:
    asked, granted, started = care("TY-1")
    early = care_reported("2024-12")
    assert said_of(federation, asked, granted, started, early) == ["", "", "", "month_outside_service"]
    assert said_of(federation, corrected(started, started_on="2024-12-20")) == [""]
    assert said_of(federation, early, care_reported("2025-03")) == ["", ""]
    ended = by_federation("care_service_ended", process="TY-1", reason="goal", ended_on="2025-02-20")
    april, february = care_reported("2025-04"), care_reported("2025-02")
    assert said_of(federation, ended, april, february) == ["", "month_outside_service", ""]
    assert said_of(federation, corrected(february, month="2025-04")) == ["month_outside_service"]
    assert said_of(federation, withdrawn(ended), april) == ["", ""]


def test_a_family_is_recognised_by_its_head_and_its_child_comes_first(federation: Department) -> None:
    named = {"basis": "dibao", "disabled_members": [DAUGHTER], "child_members": [DAUGHTER]}
    recognised = by_federation(
        "difficult_family_recognised", FATHER, **named, effective_from="2025-02-21", decided_by="嘉鱼县残联"
    )
    first, second, third = care("TY-1"), care("TY-2", priority=True), care("TY-3", priority=True)
    assert said_of(federation, family_opened(), first[0], first[1], second[0], second[1]) == [
        "",
        "",
        "",
        "",
        "priority_differs",
    ]
    assert said_of(federation, recognised)[0] in {"", "disability_not_evidenced"}
    assert said_of(federation, third[0], third[1]) == ["", ""]
    assert said_of(federation, by_federation("care_service_decided", process="TY-1", **first[1]["data"])) == [
        "priority_differs"
    ]


def home(kind: str, **data: Any) -> Event:
    return by_federation(f"home_modification_{kind}", FATHER, "WZA-1", **data)


def test_what_a_home_costs_is_held_against_the_plan_the_grant_and_what_is_usual(federation: Department) -> None:
    asked = home("applied", applicant=FATHER, housing_right="自有住房", items_wanted=["RAMP"])
    planned = home("assessed", items=["RAMP"], plan_doc="方案1号", budget="3800.00")
    granted = home("decided", decision="approved", priority=False, amount="3800.00", fund="county", batch_year=2025)
    done = home("completed", completed_on="2025-02-20", cost="3700.00")
    assert said_of(federation, asked, planned, granted, done) == ["", "", "departs_from_parameter", ""]
    assert said_of(federation, corrected(planned, budget="3799.99"), corrected(granted, amount="3500.00")) == ["", ""]
    assert said_of(federation, corrected(done, cost="3600.00")) == ["above_budget"]
    usual = {"parameter": "P-HOMEMOD-AMOUNT", "value": "3400.00", "effective_from": "2025-02-28"}
    usual |= {"basis_doc": "虚构残联发〔2025〕3号"}
    set_ = event(f"{FEDERATION}.policy_parameter_set", usual, None, time="2025-02-27T09:00:00+08:00")
    assert said_of(federation, set_, corrected(granted, amount="3450.00")) == ["", "departs_from_parameter"]
    refused = {"decision": "refused", "refuse_reason": "fund", "priority": False, "batch_year": 2025}
    assert said_of(federation, home("decided", **refused), home("completed", **done["data"])) == [
        "",
        "no_approval_in_force natural_key_taken",
    ]


def test_two_writers_at_once_start_one_care(department: Make, federation: Department) -> None:
    asked, granted, started = care("TY-1")
    assert said_of(federation, asked, granted) == ["", ""]
    starts = [started | {"id": f"start-{turn}", "time": f"2025-03-01T0{turn}:00:00+08:00"} for turn in range(4)]
    writers = [federation, department(FEDERATION)]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, writers[turn % 2], start) for turn, start in enumerate(starts)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == ["", *["already_started natural_key_taken"] * 3]


def test_the_son_is_somebody_else(federation: Department) -> None:
    his = reissued(1, "2016-05-01") | {"subject": SON}
    assert said_of(federation, issued(), his) == ["", "certificate_of_another out_of_order"]


def test_a_certificate_under_a_number_that_was_merged_away_is_the_survivors(federation: Department) -> None:
    under_the_other = reissued(1, "2016-05-01") | {"subject": SON}
    one = {"merged_person": DAUGHTER, "survivor": SON, "evidence": "同一人"}
    merged = by_federation("duplicate_merged", SON, **one)
    data = {"from_division": "421221", "to_division": "421202", "migrated_on": "2015-05-01"}
    held = by_federation("disability_certificate_migrated", SON, **data) | {"legacy": True}
    assert said_of(federation, held, under_the_other) == ["", "certificate_of_another"]
    assert said_of(federation, family_opened(), merged, under_the_other) == ["", "", ""]
