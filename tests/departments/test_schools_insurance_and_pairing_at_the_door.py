"""Rules of education, employment, insurance, supervision and charity through the real door, on a real log."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.education.events import SchoolTermAnnounced
from services.medical_insurance.events import LtcAssessed, LtcAssessmentApplied, LtcBenefitDecided
from shared.door.department import Department
from shared.language.catalogue import CATALOGUE
from tests.departments.test_rules_at_the_door import FEDERATION, by_federation, corrected, said_of, withdrawn
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened

Make = Callable[[str], Department]
Event = dict[str, Any]


@pytest.fixture
def federation(department: Make) -> Department:
    return department(FEDERATION)


def example(cls: type, subject: str | None = DAUGHTER, process: str = "", **changes: Any) -> Event:
    """Return the example of a class as an event, with changes; None takes a field away."""
    declaration = CATALOGUE.of(cls)
    data = {name: value for name, value in (declaration.example() | changes).items() if value is not None}
    return event(declaration.type, data, subject, **({"process": process} if process else {}))


def paired(process: str, from_date: str, subject: str = FATHER, **changes: Any) -> Event:
    data = {"unit": "52421299MJXRE0019W", "contact_person": "联系人甲", "from_date": from_date}
    return by_federation("pairing_established", subject, process, **data | changes)


def consented(subject: str, *scopes: str) -> Event:
    data = {"consent_by": MOTHER, "scope": "见同意书", "form_doc": "同意书1号", "scopes": [*scopes]}
    return by_federation("consent_recorded", subject, **data)


def told(**changes: Any) -> Event:
    data = {"medium": "web", "title": "重新听见的春天", "published_on": "2025-03-01", "identifiable": False}
    return by_federation("story_published", DAUGHTER, **data | changes)


def absence(kind: str, **data: Any) -> Event:
    return event(f"education.student_absence_{kind}", data, SON)


# -- education


def test_an_absence_ends_once_as_the_log_stands_now(department: Make) -> None:
    education = department("education")
    first = absence("reported", reported_on="2025-11-10", days_absent=8)
    ended = absence("resolved", resolved_on="2025-11-20", outcome="returned")
    again = absence("resolved", resolved_on="2025-11-21", outcome="returned")
    assert said_of(education, first, ended, again) == ["", "", "nothing_to_end"]
    assert said_of(education, absence("resolved", resolved_on="2025-11-09", outcome="returned")) == ["nothing_to_end"]
    assert said_of(education, corrected(ended, resolved_on="2025-11-19")) == [""]
    assert said_of(education, corrected(ended, resolved_on="2025-11-09")) == ["nothing_to_end"]
    assert said_of(education, withdrawn(ended), again) == ["", ""]


def test_terms_of_a_place_follow_one_another_whoever_announces_them(department: Make) -> None:
    education = department("education")
    autumn = example(SchoolTermAnnounced, None)
    days = {"starts_on": "2026-01-20", "ends_on": "2026-07-03"}
    spring = example(SchoolTermAnnounced, None, term="spring", **days)
    elsewhere = example(SchoolTermAnnounced, None, term="spring", **days, division="421222")
    assert said_of(education, autumn, spring, elsewhere) == ["", "period_overlaps", ""]
    later = example(SchoolTermAnnounced, "12421299MB0HP00104", term="spring", **days)
    assert said_of(education, later) == ["period_overlaps"]
    assert said_of(education, corrected(autumn, ends_on="2026-01-19"), spring) == ["", ""]
    assert said_of(education, corrected(autumn, ends_on="2026-01-20")) == ["period_overlaps"]


# -- employment, insurance


def test_two_writers_at_once_cannot_end_one_employment_twice(department: Make) -> None:
    hrss = [department("hrss"), department("hrss")]
    started = event("hrss.employment_started", {"kind": "ENT", "from_date": "2025-03-01"}, MOTHER)
    ends = [event("hrss.employment_ended", {"ended_on": f"2025-06-0{day}"}, MOTHER) for day in range(1, 5)]
    assert said_of(hrss[0], started) == [""]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, hrss[turn % 2], end) for turn, end in enumerate(ends)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == ["", *["nothing_to_end"] * 3]


def test_a_benefit_follows_the_level_as_it_was_disputed_and_corrected(department: Make) -> None:
    insurance = department("medical_insurance")
    enrolled = event("medical_insurance.ltc_enrolled", {"year": 2025, "premium": "50.00"}, DAUGHTER)
    applied = example(LtcAssessmentApplied, process="L-1", disabled_since=None)
    assessed = example(LtcAssessed, process="L-1", level="3")
    disputed = event(
        "medical_insurance.ltc_assessment_disputed",
        {"filed_on": "2025-05-12", "new_level": "4"},
        DAUGHTER,
        process="L-1",
    )
    assert said_of(insurance, applied | {"id": "early"}) == ["out_of_order"]
    said_of(insurance, enrolled)
    assert said_of(insurance, applied, assessed, disputed) == ["", "", ""]
    granted = [example(LtcBenefitDecided, process="L-1", level=level) for level in ("3", "4")]
    assert said_of(insurance, *granted) == ["differs_from_assessment_level", ""]
    assert said_of(insurance, withdrawn(disputed), corrected(assessed, level="5")) == ["", ""]
    assert said_of(insurance, example(LtcBenefitDecided, process="L-1", level="5")) == [""]


# -- pairing, publicity


def test_a_family_has_one_partner_whoever_of_it_is_named(federation: Department) -> None:
    first, second = paired("P-1", "2025-01-10"), paired("P-2", "2025-03-10", MOTHER)
    ended = by_federation("pairing_ended", FATHER, "P-1", ended_on="2025-03-10")
    assert said_of(federation, family_opened(), first) == ["", "consent_missing not_difficult"]
    assert said_of(federation, second) == ["already_paired"]
    assert said_of(federation, consented(MOTHER, "pairing"), ended) == ["", ""]
    assert said_of(federation, second | {"id": "pairing-2"}) == ["not_difficult"]
    assert said_of(federation, by_federation("pairing_ended", FATHER, "P-1", ended_on="2025-03-11")) == [
        "already_ended natural_key_taken"
    ]
    assert said_of(federation, withdrawn(ended), paired("P-3", "2025-02-01", SON)) == ["", "already_paired"]


def test_two_writers_at_once_cannot_pair_a_family_twice(department: Make, federation: Department) -> None:
    assert said_of(federation, family_opened(), consented(FATHER, "pairing")) == ["", ""]
    writers = [federation, department(FEDERATION)]
    pairings = [
        paired(f"P-{turn}", "2025-03-01", (FATHER, MOTHER)[turn % 2], unit=f"JG.000{turn}") for turn in range(4)
    ]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, writers[turn % 2], one) for turn, one in enumerate(pairings)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == [*["already_paired"] * 3, "not_difficult"]


def test_a_story_rests_on_a_consent_of_the_person_that_still_stands(federation: Department) -> None:
    hers, his = consented(DAUGHTER, "publicity"), consented(SON, "publicity")
    assert said_of(federation, hers, his) == ["guardian_unknown", "guardian_unknown"]
    assert said_of(federation, told(consent=his["id"]), told(consent=hers["id"])) == ["consent_missing", ""]
    assert said_of(federation, corrected(hers, scopes=["rehab"])) == ["guardian_unknown"]
    assert said_of(federation, told(consent=hers["id"], medium="tv")) == ["consent_missing"]


def test_an_organisation_is_known_by_its_code_and_an_inspection_by_its_year(federation: Department) -> None:
    code = "52421299MJXRE0019W"
    engaged = {"org_name": "虚构助残服务中心", "uscc": code, "fields": ["REHAB"], "support": "购买服务"}
    evaluated = [
        by_federation("social_org_evaluated", None, uscc=uscc, evaluated_on="2025-12-10", result="good")
        for uscc in (code, "52421299MJXREH015B")
    ]
    assert said_of(federation, by_federation("social_org_engaged", None, **engaged), *evaluated) == [
        "", "", "not_engaged",
    ]  # fmt: skip
    held = {"held_on": "2025-09-16", "division": "421221", "departments": ["DPF"], "cases_sampled": 20}
    inspected = by_federation("inspection_held", None, "S-1", **held)
    reports = [
        by_federation("inspection_report_submitted", None, year=year, submitted_on="2026-01-10", doc_no="虚残报8号")
        for year in (2025, 2024)
    ]
    assert said_of(federation, inspected, *reports) == ["", "", "report_without_inspection"]
