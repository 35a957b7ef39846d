from datetime import date
from functools import partial

from services.hrss.domain import RULES
from services.hrss.events import EmploymentStarted, JobRecommended, ParentJobNeedRegistered
from tests.departments.past import flags_of, refusals_of

refusals = partial(refusals_of, RULES)
flags = partial(flags_of, RULES)


NEED = ParentJobNeedRegistered(job_kind="FLEX", registered_on=date(2026, 1, 12))
WORK = EmploymentStarted(kind="ENT", from_date=date(2026, 3, 16))
POST = JobRecommended(post="包装工", channel="春风行动", recommended_on=date(2026, 2, 26), accepted=True)


def test_a_need_for_work_is_registered_before_anything_else_is_known() -> None:
    assert refusals(NEED) == []


def test_a_post_without_a_registered_need_is_flagged() -> None:
    assert refusals(POST) == []
    assert flags(POST) == ["need_not_registered"]
    assert flags(POST, (NEED, "person")) == []


def test_somebody_may_start_to_work_without_a_recommendation() -> None:
    assert refusals(WORK) == []


def test_nobody_younger_than_16_looks_for_work_or_is_employed() -> None:
    wrong = ["outside_age /subject"]
    assert refusals(NEED, births={"p-subject": date(2010, 1, 13)}) == wrong
    assert refusals(NEED, births={"p-subject": date(2010, 1, 12)}) == []
    assert refusals(WORK, births={"p-subject": date(2010, 3, 17)}) == wrong
    assert refusals(WORK, births={"p-subject": date(2010, 3, 16)}) == []
    assert refusals(WORK, births={"p-subject": date(2027, 3, 16)}) == wrong


def test_imported_history_may_begin_anywhere() -> None:
    assert flags(POST, legacy=True) == []
