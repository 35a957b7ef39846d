from datetime import date
from functools import partial

from services.hrss.domain import RULES
from services.hrss.events import EmploymentStarted, JobRecommended, ParentJobNeedRegistered
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


POST = JobRecommended(post="包装工", channel="春风行动", recommended_on=date(2026, 2, 26), accepted=True)


def test_a_need_for_work_is_registered_before_anything_else_is_known() -> None:
    assert refusals(ParentJobNeedRegistered(job_kind="FLEX", registered_on=date(2026, 1, 12))) == []


def test_a_post_is_recommended_after_the_parent_said_they_look_for_work() -> None:
    assert refusals(POST) == ["out_of_order /subject"]
    assert refusals(POST, (ParentJobNeedRegistered, "person")) == []


def test_somebody_may_start_to_work_without_a_recommendation() -> None:
    assert refusals(EmploymentStarted(kind="ENT", from_date=date(2026, 3, 16))) == []


def test_imported_history_may_begin_anywhere() -> None:
    assert refusals(POST, legacy=True) == []
