"""The census, a training month and the roster of a school, from the office's file through a real door and back."""

import json
from typing import Any

import openpyxl

from shared.door.department import Department
from shared.log.record import batch
from tests.spreadsheets.rosters.conftest import Office
from tests.spreadsheets.rosters.sheet import number
from tests.world import event

FEDERATION = "disability_federation"
CENSUS = ("序号", "县(市、区)", "类别", "姓名", "身份证号", "需求内容", "是否愿意参加", "是否已受训", "摸底日期")
MONTH = ("姓名", "身份证号", "办件编号", "训练次数", "课时", "缺勤天数", "费用合计", "救助资金", "自费")
SCHOOL = ("姓名", "身份证号", "学籍号", "年级", "就读方式", "入学日期", "学籍状态", "资助项目", "资助金额")
INSTITUTION = "52421299MJXRE0019W"
BORN = "19800101"


def records(department: Department, after: int = 0) -> list[dict[str, Any]]:
    """Return what the log of a department has, but for files noted."""
    found = json.loads(batch(department.recorder.bodies_after(after, 1_000)))
    return [one for one in found if not one["type"].endswith("file_imported")]


def verdicts(lines: list[dict[str, Any]]) -> dict[int, str]:
    return {line["row"]: line["verdict"] for line in lines if "verdict" in line}


def test_a_census_enters_the_log_as_counts_and_a_changed_one_as_a_correction_of_its_record(
    office: Office, departments: dict[str, Department]
) -> None:
    def census(*persons: int) -> list[list[Any]]:
        rows = [
            [at, "嘉鱼县", "脊髓损伤", "虚构甲", number(at, BORN), "培训、辅具", "√", "否", "2026-03-01"]
            for at in persons
        ]
        return [["2026年自助互助康复摸底表"], list(CENSUS), *rows]

    first = office.book("a.xlsx", *census(51, 52, 53))
    dry, real = (office.imports(first, "census", dry_run=dry) for dry in (True, False))
    assert dry == real
    assert (real[-1]["recorded"], real[-1]["proposals"]) == (3, 3)
    [count] = records(departments[FEDERATION])
    assert (count["data"]["count"], count["data"]["needs"]) == (3, ["KNOW", "DEV"])
    assert all(number(at, BORN) not in json.dumps(count) for at in (51, 52, 53))
    assert office.imports(first, "census")[-1]["already_recorded"] == 3
    second = office.book("b.xlsx", *census(51, 52))
    assert set(verdicts(office.imports(second, "census")).values()) == {"proposed"}
    assert "count_changed" not in str(records(departments[FEDERATION]))
    office.imports(second, "census", correct=True)
    *_, corrected = records(departments[FEDERATION])
    assert (corrected["data"]["target_event"], corrected["data"]["corrected_payload"]["count"]) == (count["id"], 2)
    assert office.imports(second, "census")[-1]["already_recorded"] == 2


def test_a_training_month_is_asked_about_recorded_flagged_and_compared_with_the_next(
    office: Office, departments: dict[str, Department]
) -> None:
    children = [number(at) for at in (61, 62, 63)]
    for at, child in enumerate(children):
        started = {"institution": INSTITUTION, "mode": "FULL", "started_on": "2026-01-05"}
        approved = {"decision": "approved", "items": ["TRAIN"], "category": "HEA", "aid_from": "2026-01-01",
                    "aid_to": "2026-12-31", "annual_limit": "15800.00"}  # fmt: skip
        for type_, data in (("rehab_aid_decided", approved), ("rehab_started", started)):
            sent = event(f"{FEDERATION}.{type_}", data, child, process=f"RA-{at}", legacy=True)
            assert departments[FEDERATION].receive(sent)[1]
    data = {"name": "虚构乙", "relation": "02", "coresident": True, "from_date": "2025-02-10"}
    departments[FEDERATION].receive(event(f"{FEDERATION}.member_relation_recorded", data, children[1], legacy=True))
    before = len(records(departments[FEDERATION]))

    def month(name: str, title: str, *rows: tuple[int, str, Any, Any]) -> Any:
        trained, absent = (0, "2400", "1580", "820"), (22, 0, 0, 0)
        table = [
            ["虚构甲", children[at], process, sessions, lessons, *(trained if sessions else absent)]
            for at, process, sessions, lessons in rows
        ]
        head = [[f"机构名称：虚构康复中心 统一社会信用代码：{INSTITUTION}"], [title], list(MONTH)]
        return office.book(name, *head, *table)

    march = month("3.xlsx", "2026年3月训练月报", (0, "RA-0", 18, 48), (1, "RA-1", 18, 48), (2, "RA-9", 18, 48))
    assert [one["question"] for one in office.imports(march, "training_month", status=1)] == ["lesson_minutes"]
    answers = {"lesson_minutes": "45"}
    dry = office.imports(march, "training_month", answers=answers, dry_run=True, status=1)
    out = office.data / "out.xlsx"
    real = office.imports(march, "training_month", answers=answers, out=out, status=1)
    assert dry == real
    assert verdicts(real) == {5: "recorded", 6: "refused"}, "another name; no training in a process that nobody knows"
    assert [one["code"] for line in real if line.get("row") == 5 for one in line["reasons"]] == ["other_name_on_record"]
    marked = openpyxl.load_workbook(out).worksheets[0]
    assert [str(marked.cell(at, 10).value)[:3] for at in range(3, 7)] == ["结果", "已记录", "已记录", "被拒绝"]
    assert [one["data"]["hours"] for one in records(departments[FEDERATION], before)][-2:] == ["36.00", "36.00"]
    april = month("4.xlsx", "2026年4月训练月报", (0, "", 18, 48), (2, "RA-2", 0, 0))
    lines = office.imports(april, "training_month", answers=answers)
    told = [line["proposal"].partition(".")[2] for line in lines if "proposal" in line]
    assert told == ["rehab_started", "rehab_interrupted", "rehab_interrupted"], "new; absent all month; gone"
    assert lines[-1]["recorded"] == 1


def test_the_roster_of_a_school_enrols_whom_nobody_knows_and_proposes_all_else(
    office: Office, departments: dict[str, Department]
) -> None:
    def roster(name: str, *rows: tuple[int, str, str, str]) -> Any:
        table = [
            [
                "虚构甲",
                number(at),
                f"G{number(at)}",
                "一年级",
                mode,
                "2025-09-01",
                status,
                "生活补助" if aid else "",
                aid,
            ]
            for at, mode, status, aid in rows
        ]
        title = [["学校名称：虚构县特殊教育学校 学校标识码：2142000123"], ["2025-2026学年第一学期"]]
        return office.book(name, *title, list(SCHOOL), *table)

    first = roster("1.xlsx", (71, "随读", "在校", "625"), (72, "送教", "在校", ""), (73, "特校", "在校", ""))
    asked = office.imports(first, "school", status=1)
    assert [one["question"] for one in asked] == ["joined_on", "aid_fund", "aid_on"]
    answers = {"joined_on": "2026-01-01", "aid_fund": "county", "aid_on": "2026-03-02"}
    dry, real = (office.imports(first, "school", answers=answers, dry_run=dry) for dry in (True, False))
    assert dry == real
    own = departments["education"]
    assert [one["type"].partition(".")[2] for one in records(own)] == [
        "student_enrolled", "student_aid_granted", "student_enrolled", "student_enrolled",
    ]  # fmt: skip
    again = office.imports(first, "school", answers=answers)
    assert again[-1]["already_recorded"] == 3
    assert len(records(own)) == 4
    second = roster("2.xlsx", (71, "特校", "在校", ""), (73, "特校", "毕业", ""), (74, "随读", "在校", ""))
    lines = office.imports(second, "school", answers=answers | {"leaving_class": "transferred"})
    told = [line["proposal"].partition(".")[2] for line in lines if "proposal" in line]
    assert told == ["education_placement_decided", "compulsory_education_completed", "student_transferred"]
    assert len(records(own)) == 5
