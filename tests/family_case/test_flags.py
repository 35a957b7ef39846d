"""What only the family case can see to be odd: each flag both ways, and how it follows its facts."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from services.commands.show import as_text
from services.departments import load_catalogue
from services.family_case.flags import FLAGS, case_flags
from services.family_case.history import People, history
from services.family_case.reading import BY_CASE, BY_DEPARTMENT
from shared.language.catalogue import CATALOGUE
from shared.policy.lists import flags
from tests.family_case.conftest import Hub
from tests.family_case.test_history import recorded
from tests.family_case.test_receiving import STRANGER
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened, story

holds = pytest.mark.holds
Event = dict[str, Any]
CHILDREN = {"disabled_members": [SON, DAUGHTER], "child_members": [DAUGHTER]}
GUARDIAN = {"guardian": MOTHER, "from_date": "2021-05-12"}


def of(name: str, subject: str | None = DAUGHTER, day: str = "2025-03-01", **changes: Any) -> Event:
    """Return the example of a type with some changes (None takes a field away); process and legacy are attributes."""
    load_catalogue()
    [declaration] = [one for one in CATALOGUE if one.type.endswith(f".{name}")]
    given = {key: changes.pop(key) for key in ("process", "legacy", "id") if key in changes}
    data = {key: value for key, value in (declaration.example() | changes).items() if value is not None}
    times = {"time": f"{day}T09:00:00+08:00", "recordedtime": f"{day}T09:00:00+08:00"}
    return event(declaration.type, data, subject, **times, **given)


def amended(name: str, target: Event, day: str, **data: Any) -> Event:
    department = target["type"].partition(".")[0]
    data |= {"target_event": target["id"], "reason": "虚构原因"}
    times = {"time": f"{day}T09:00:00+08:00", "recordedtime": f"{day}T09:00:00+08:00"}
    return event(f"{department}.event_{name}", data, target.get("subject"), **times)


def withdrawn(target: Event, day: str = "2026-12-01") -> Event:
    return amended("withdrawn", target, day, approver="虚构负责人")


def corrected(target: Event, day: str = "2026-12-01", **changes: Any) -> Event:
    data = {key: value for key, value in (target["data"] | changes).items() if value is not None}
    return amended("corrected", target, day, corrected_payload=data)


def raised(
    flagged: Event,
    *given: Event,
    amendments: Sequence[Event] = (),
    known: date | None = None,
    elsewhere: frozenset[str] = frozenset(),
) -> list[str]:
    """Return what the case flags about one event, with others given before it, and amendments after it."""
    entries = history(recorded(*given, flagged, *amendments), known)
    found = case_flags(
        [(entry.arrival.place(), entry.amended) for entry in entries], People(entries).one, lambda ids: ids & elsewhere
    )
    [place] = [entry.arrival.place() for entry in entries if entry.attributes["id"] == flagged["id"]]
    return found.get(place, [])


def dibao(day: str = "2025-03-31", **changes: Any) -> Event:
    about = {"persons": [FATHER, MOTHER, SON, DAUGHTER], "decided_on": day, "pay_from": "2025-04", "process": "DB-1"}
    return of("dibao_decided", FATHER, day, **(about | changes))


def recognised(day: str = "2025-04-10", **changes: Any) -> Event:
    return of("difficult_family_recognised", FATHER, day, **(CHILDREN | {"effective_from": day} | changes))


def certificate(person: str, day: str = "2025-01-10", **changes: Any) -> Event:
    about = {"cert_no": f"{person}22", "category": "2", "grade": "2", "issued_on": day, "valid_to": "2035-01-10"}
    return of("disability_certificate_issued", person, day, **(about | {"components": None} | changes))


REFUSED = {"decision": "refused", "refuse_reason": "economy", "amount_month": None, "pay_from": None, "amount": None}


# -- any event


@holds("G.9")
def test_what_comes_after_a_case_was_closed_has_no_case() -> None:
    opened, closed = family_opened(time="2025-01-10T09:00:00+08:00"), of("case_closed", FATHER, closed_on="2025-06-30")
    enrolled = of("student_enrolled", day="2025-09-01")
    assert raised(enrolled, opened, closed) == ["no_case"]
    assert raised(enrolled, opened) == []
    assert raised(of("student_enrolled", day="2025-06-30"), opened, closed) == []
    assert raised(of("guardian_designated", day="2025-09-01", from_date="2025-09-01"), opened, closed) == ["no_case"]
    assert raised(enrolled, opened, closed, of("case_reopened", FATHER, "2025-08-01")) == []
    assert raised(enrolled, opened, closed, withdrawn(closed)) == []
    assert raised(of("student_enrolled", day="2025-09-01", legacy=True), opened, closed) == []


@holds("G.9")
def test_what_belongs_to_nobody_with_a_case_waits_under_that_flag(hub: Hub) -> None:
    hub.tell(of("school_age_child_registered"))
    assert [one["flag"] for one in hub.queries.waiting()] == ["no_case"]
    hub.tell(family_opened())
    assert hub.queries.waiting() == []


@holds("G.10")
def test_what_happens_to_a_person_after_the_death_is_flagged_but_what_ends_or_pays_something_is_not() -> None:
    died = of("person_deceased", died_on="2025-05-01")
    assert raised(of("student_enrolled", day="2025-09-01"), died) == ["after_death"]
    assert raised(of("student_enrolled", day="2025-05-01"), died) == []
    assert raised(of("student_enrolled", SON, day="2025-09-01"), died) == []
    assert raised(of("rehab_ended", ended_on="2025-05-02", day="2025-05-02"), died) == []
    assert raised(of("benefit_recovered", day="2025-09-01"), died) == []
    assert raised(of("student_enrolled", day="2025-09-01"), died, corrected(died, died_on="2025-10-01")) == []


@holds("G.11")
def test_a_reference_to_what_nobody_has_on_record_is_flagged_until_it_arrives() -> None:
    report, applied = of("cochlear_report_issued", id="report"), of("cochlear_subsidy_applied", report_event="report")
    assert raised(applied) == ["reference_unknown"]
    assert raised(applied, report) == []
    joined = of("cultural_activity_joined", activity="activity")
    assert raised(joined) == ["reference_unknown"]
    assert raised(joined, elsewhere=frozenset({"activity"})) == []
    assert raised(of("cultural_activity_joined", activity=None)) == []


# -- recognition, and the end of a case


@holds("REG-13.6")
def test_a_recognition_because_of_dibao_needs_dibao_in_force() -> None:
    because_of = recognised(basis="dibao")
    ended = of("dibao_terminated", FATHER, "2025-04-02", process="DB-1", effective_to="2025-03", fade_out_to=None)
    assert raised(because_of) == ["basis_not_evidenced"]
    assert raised(because_of, dibao()) == []
    assert raised(because_of, dibao("2025-04-11")) == ["basis_not_evidenced"]
    assert raised(because_of, dibao(**REFUSED)) == ["basis_not_evidenced"]
    assert raised(because_of, dibao(), ended) == ["basis_not_evidenced"]
    assert raised(recognised(basis="both")) == ["basis_not_evidenced"]
    assert raised(recognised(basis="multi")) == []


@holds("REG-14.3")
def test_a_recognition_does_not_end_while_a_basis_holds() -> None:
    ended = of("difficult_family_ended", FATHER, "2025-09-30", reason="income", effective_to="2025-09-30")
    two = certificate(SON), certificate(DAUGHTER)
    assert raised(ended, recognised(), dibao()) == ["basis_still_holds"]
    assert raised(ended, recognised(), *two) == ["basis_still_holds"]
    assert raised(ended, recognised(), two[0]) == []
    assert (
        raised(ended, recognised(), *two, of("family_member_removed", FATHER, person=SON, left_on="2025-08-01")) == []
    )
    assert raised(ended, recognised(), *two, of("person_deceased", died_on="2025-08-01")) == []
    frozen = of("disability_certificate_frozen", SON, frozen_on="2025-08-01")
    assert raised(ended, recognised(), *two, frozen) == []
    assert raised(ended, recognised(), *two, of("case_closed", FATHER, closed_on="2025-09-30")) == []


@holds("REG-20.2")
@pytest.mark.parametrize(
    ("open_item", "done"),
    [
        (dibao, lambda: of("dibao_terminated", FATHER, process="DB-1", effective_to="2025-10", fade_out_to=None)),
        (
            lambda: of("rehab_started", process="RA", started_on="2025-05-05"),
            lambda: of("rehab_ended", process="RA", ended_on="2025-10-31"),
        ),
        (
            lambda: of("care_service_started", process="CA", started_on="2025-05-05"),
            lambda: of("care_service_ended", process="CA", ended_on="2025-10-31"),
        ),
        (
            lambda: of("cochlear_subsidy_decided", process="CO"),
            lambda: of("benefit_paid", process="CO", benefit="COCHLEAR", period=None, paid_on="2025-10-01"),
        ),
        (
            lambda: of("home_modification_decided", FATHER, process="HM"),
            lambda: of("home_modification_inspected", FATHER, process="HM", inspected_on="2025-10-01", passed=True),
        ),
    ],
)
def test_a_case_is_not_closed_while_something_runs(open_item: Callable[[], Event], done: Callable[[], Event]) -> None:
    closed = of("case_closed", FATHER, "2025-11-03", closed_on="2025-11-03")
    assert raised(closed) == []
    assert raised(closed, open_item()) == ["open_items"]
    assert raised(closed, open_item(), done()) == []


@holds("REG-20.2")
def test_training_that_its_decision_has_let_run_out_is_no_open_item() -> None:
    started, aid = of("rehab_started", process="RA", started_on="2025-05-05"), of("rehab_aid_decided", process="RA")
    assert raised(of("case_closed", FATHER, closed_on="2026-01-02"), started, aid) == []
    assert raised(of("case_closed", FATHER, closed_on="2025-12-30"), started, aid) == ["open_items"]


# -- dibao and the two subsidies


def applied(kind: str, person: str = DAUGHTER, day: str = "2025-05-26") -> Event:
    return of("dibao_applied", FATHER, day, dibao_type=kind, applicant=FATHER, persons=[person], applied_on=day)


def marginal(**changes: Any) -> Event:
    dates = {"valid_from": "2025-05-20", "valid_to": "2026-05-19"}
    return of("marginal_family_decided", FATHER, "2025-05-20", **(dates | changes))


@holds("CIV-01.4")
def test_single_dibao_of_a_marginal_family_needs_a_marginal_family() -> None:
    claim = applied("single_marginal")
    assert raised(claim) == ["conditions_not_evidenced"]
    assert raised(claim, marginal()) == []
    assert raised(claim, marginal(valid_to="2025-05-25")) == ["conditions_not_evidenced"]
    ended = of("marginal_family_ended", FATHER, "2025-05-25", effective_to="2025-05-25")
    assert raised(claim, marginal(), ended) == ["conditions_not_evidenced"]
    assert raised(applied("family")) == []


@holds("CIV-01.5")
def test_single_dibao_is_excluded_by_age_grade_or_job() -> None:
    mild, odd = certificate(MOTHER, grade="3"), ["conditions_not_evidenced"]
    job = of("employment_started", MOTHER, from_date="2025-05-01")
    claim = applied("single_adult", MOTHER)
    assert raised(claim, family_opened(), certificate(MOTHER)) == []
    assert raised(applied("single_adult", DAUGHTER), family_opened()) == odd
    assert raised(claim, mild) == odd
    assert raised(claim, job) == odd
    assert raised(claim, job, of("employment_ended", MOTHER, ended_on="2025-05-20")) == []
    assert raised(applied("single_marginal"), marginal(), certificate(DAUGHTER, grade="3")) == odd
    assert raised(applied("single_marginal"), marginal(), certificate(DAUGHTER, grade="3", category="6")) == []
    several = [{"category": "2", "grade": "3"}, {"category": "5", "grade": "3"}]
    multiple = certificate(DAUGHTER, grade="3", category="7", components=several)
    assert raised(applied("single_marginal"), marginal(), multiple) == []


@holds("CIV-20.a")
def test_a_review_of_the_two_subsidies_needs_an_application_in_its_process() -> None:
    review = of("two_subsidies_reviewed", day="2025-07-22", process="TS-1")
    claim = of("two_subsidies_applied", process="TS-1", applied_on="2025-07-15", day="2025-07-15")
    assert raised(review) == ["decision_without_application"]
    assert raised(review, claim) == []
    assert raised(review, claim | {"process": "TS-2"}) == ["decision_without_application"]
    assert raised(review, claim, withdrawn(claim)) == ["decision_without_application"]


@holds("CIV-21.5")
def test_a_decision_on_the_two_subsidies_needs_the_review_of_its_process() -> None:
    decided = of("two_subsidies_decided", day="2025-08-05", process="TS-1")
    about = {"day": "2025-07-22", "process": "TS-1"}
    review = of("two_subsidies_reviewed", decision="approved", refuse_reason=None, **about)
    no = of("two_subsidies_reviewed", decision="refused", refuse_reason="document", **about)
    refusal = {"decision": "refused", "refuse_reason": "document", "pay_from": None, "monthly_total": None}
    assert raised(decided) == ["review_missing"]
    assert raised(decided, review) == []
    assert raised(decided, no) == ["review_missing"]
    assert raised(of("two_subsidies_decided", day="2025-08-05", process="TS-1", **refusal), no) == []


# -- parents, talents


@holds("HRS-01.2", "HRS-06.2")
@pytest.mark.parametrize(
    ("name", "day"), [("parent_job_need_registered", "registered_on"), ("startup_support_decided", "")]
)
def test_support_for_parents_is_for_those_of_a_child_in_a_recognised_family(name: str, day: str) -> None:
    def asks(person: str) -> Event:
        on = {day: "2026-01-12"} if day else {"as_parent": True}
        return of(name, person, "2026-01-12", **on)

    ended = of("difficult_family_ended", FATHER, "2025-12-31", effective_to="2025-12-31")
    guardian = of("guardian_designated", DAUGHTER, **GUARDIAN)
    father = of("member_relation_recorded", FATHER, from_date="2025-02-10", parent_of=[DAUGHTER])
    assert raised(asks(MOTHER)) == ["not_difficult"]
    assert raised(asks(MOTHER), recognised()) == []
    assert raised(asks(MOTHER), recognised(), ended) == ["not_difficult"]
    assert raised(asks(MOTHER), recognised(), guardian) == []
    assert raised(asks(FATHER), recognised(), guardian) == ["not_difficult"]
    assert raised(asks(FATHER), recognised(), guardian, father) == []


@holds("HRS-06.2")
def test_support_that_is_not_for_a_parent_is_not_asked_for_a_recognition() -> None:
    assert raised(of("startup_support_decided", FATHER, as_parent=False)) == []


@holds("CUL-01.1")
def test_a_talent_needs_a_consent_to_culture_in_force() -> None:
    found = of("talent_identified", day="2027-05-16", identified_on="2027-05-16")
    consent = of("consent_recorded", scopes=["culture"], valid_to=None)
    no_more = of("consent_withdrawn", day="2026-01-10", scopes=["culture"])
    assert raised(found) == ["consent_missing"]
    assert raised(found, consent) == []
    assert raised(found, of("consent_recorded", scopes=None, scope="康复、文体", valid_to=None)) == []
    assert raised(found, of("consent_recorded", scopes=["rehab"], valid_to=None)) == ["consent_missing"]
    assert raised(found, of("consent_recorded", scopes=["culture"], valid_to="2027-05-15")) == ["consent_missing"]
    assert raised(found, of("consent_recorded", SON, scopes=["culture"], valid_to=None)) == ["consent_missing"]
    assert raised(found, consent, no_more) == ["consent_missing"]


# -- payments


@holds("FIN-03.4")
def test_a_payment_needs_a_decision_on_its_benefit_that_covers_its_month() -> None:
    def paid(period: str | None = "2025-05", benefit: str = "DIBAO", subject: str = FATHER) -> Event:
        return of("benefit_paid", subject, "2025-06-10", benefit=benefit, period=period, paid_on="2025-06-10")

    odd = ["no_decision_on_record"]
    ended = of("dibao_terminated", FATHER, "2025-04-20", process="DB-1", effective_to="2025-04", fade_out_to=None)
    fading = ended | {"data": ended["data"] | {"fade_out_to": "2025-07"}}
    subsidies = of("two_subsidies_decided", SON, pay_from="2025-04", benefits=["LIVE_SUB"])
    aid = of("rehab_aid_decided", aid_from="2025-04-09", aid_to="2025-12-31")
    assert raised(paid()) == odd
    assert raised(paid(), dibao()) == []
    assert raised(paid(), dibao(**REFUSED)) == odd
    assert raised(paid("2025-03"), dibao()) == odd
    assert raised(paid(), dibao("2025-06-11")) == odd
    assert raised(paid(), dibao(), ended) == odd
    assert raised(paid("2025-04"), dibao(), ended) == []
    assert raised(paid(), dibao(), fading) == []
    assert raised(paid(benefit="LIVE_SUB", subject=SON), subsidies) == []
    assert raised(paid(benefit="CARE_SUB", subject=SON), subsidies) == odd
    assert raised(paid(benefit="LIVE_SUB", subject=DAUGHTER), subsidies) == odd
    assert raised(paid(benefit="FAMLIV", subject=DAUGHTER), aid) == []
    assert raised(paid("2025-03", benefit="REHAB", subject=DAUGHTER), aid) == odd
    assert raised(paid(None, benefit="COCHLEAR", subject=DAUGHTER)) == odd
    assert raised(paid(None, benefit="COCHLEAR", subject=DAUGHTER), of("cochlear_subsidy_decided")) == []
    assert raised(paid(None, benefit="OTHER")) == []


@holds("FIN-03.5")
def test_no_month_is_paid_that_began_after_the_death() -> None:
    died = of("person_deceased", FATHER, died_on="2025-04-20")

    def paid(period: str) -> Event:
        return of("benefit_paid", FATHER, "2025-06-10", period=period, paid_on="2025-06-10")

    assert raised(paid("2025-05"), dibao(), died) == ["after_death"]
    assert raised(paid("2025-04"), dibao(), died) == []
    assert raised(paid("2025-05"), dibao()) == []


# -- how a flag follows its facts


def test_a_late_fact_a_correction_and_a_withdrawal_change_a_flag_and_an_earlier_view_keeps_it() -> None:
    because_of, decided = recognised(basis="dibao"), dibao()
    late = decided | {"recordedtime": "2025-08-01T09:00:00+08:00"}
    assert raised(because_of, late, known=date(2025, 7, 31)) == ["basis_not_evidenced"]
    assert raised(because_of, late) == []
    assert raised(because_of, decided, withdrawn(decided)) == ["basis_not_evidenced"]
    assert raised(because_of, decided, withdrawn(decided), known=date(2025, 7, 31)) == []
    fixed = corrected(because_of, basis="multi")
    assert raised(because_of, amendments=[fixed]) == []
    assert raised(because_of, amendments=[fixed], known=date(2026, 11, 30)) == ["basis_not_evidenced"]
    assert raised(because_of, amendments=[withdrawn(because_of)]) == []


def test_numbers_of_one_person_count_as_one_as_long_as_the_merge_stands() -> None:
    merge = of("duplicate_merged", FATHER, merged_family=None, merged_person=STRANGER, survivor=DAUGHTER)
    decided = of("cochlear_subsidy_decided", STRANGER)
    paid = of("benefit_paid", DAUGHTER, benefit="COCHLEAR", period=None, paid_on="2025-06-10")
    assert raised(paid, decided) == ["no_decision_on_record"]
    assert raised(paid, decided, merge) == []
    assert raised(paid, decided, merge, withdrawn(merge)) == ["no_decision_on_record"]


def test_what_is_referred_to_may_be_another_departments_and_about_nobody(hub: Hub) -> None:
    donation = of("donation_received", None, id="donation", day="2025-04-01")
    disputes = [of("record_disputed", day="2025-04-02", target_event=id_) for id_ in ("donation", "nothing")]
    hub.tell(family_opened(recordedtime="2025-03-02T09:00:00+08:00"), *disputes)

    def flagged(known: date | None = None) -> list[str]:
        entries = hub.document(known=known)["entries"]
        return [entry["data"]["target_event"] for entry in entries if entry.get("flags")]

    assert flagged() == ["donation", "nothing"]
    hub.tell(donation | {"recordedtime": "2025-05-01T09:00:00+08:00"})
    assert flagged() == ["nothing"]
    assert flagged(date(2025, 4, 30)) == ["donation", "nothing"]


def test_a_history_shows_by_whom_a_flag_is_raised(hub: Hub) -> None:
    hub.tell(*story("b"))
    shown = {
        (entry["id"], flag["code"]): flag["raised_by"]
        for entry in hub.document()["entries"]
        for flag in entry.get("flags", [])
    }
    assert {flag for flag, by in shown.items() if by == BY_CASE} == {
        ("b-041", "merges_nobody_known"),
        ("b-049", "consent_missing"),
    }
    assert BY_DEPARTMENT in shown.values()
    text = as_text(hub.document())
    assert "没有在有效期内的知情同意。（家庭案卷标注）" in text
    assert text.count("（家庭案卷标注）") == 2


def test_neither_story_has_another_flag_of_the_case() -> None:
    expected: dict[str, set[str]] = {"a": set(), "b": {"consent_missing"}}
    for letter, codes in expected.items():
        entries = history(recorded(*story(letter)))
        pairs = [(entry.arrival.place(), entry.amended) for entry in entries]
        found = case_flags(pairs, People(entries).one, lambda _: set())
        assert {code for some in found.values() for code in some} == codes


def test_every_flag_of_the_case_is_about_a_declared_type_and_has_its_sentences() -> None:
    load_catalogue()
    names = {one.type.rpartition(".")[2] for one in CATALOGUE}
    assert {one.name for one in FLAGS} | {one.given for one in FLAGS} <= names | {""}
    assert {one.code for one in FLAGS} <= flags().keys()
    assert all(one.english for one in FLAGS)
