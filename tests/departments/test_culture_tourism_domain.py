from datetime import date
from functools import partial

from services.culture_tourism.domain import RULES
from services.culture_tourism.events import TalentIdentified
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


def test_a_talent_may_be_found_at_any_time() -> None:
    assert refusals(TalentIdentified(field="绘画", identified_on=date(2027, 5, 16))) == []
