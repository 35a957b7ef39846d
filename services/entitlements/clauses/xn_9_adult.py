"""XN-9 (其他家庭中的成年无业重度残疾人，经本人申请，参照“单人户”): dibao for one disabled adult without work."""

from datetime import date

from services.entitlements.certificates import ABOUT
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import newest_of
from services.entitlements.dibao import allowed_since, below_standard, check_on, dibao_claims, dibao_grants, follow
from services.entitlements.grants import unless_owed
from services.entitlements.rules import rule
from services.entitlements.single_dibao import (
    ADULT,
    Grades,
    ask,
    conform,
    family_came_first,
    family_comes_first,
    known_of,
    lost_since,
    shown_since,
    shows,
)
from services.entitlements.verdicts import State, Verdict
from services.hrss.events import EmploymentEnded, EmploymentStarted


@rule(
    "E18",
    "XN-9",
    "person",
    "成年无业重残“单人户”",
    need="DIBAO",
    alarms=10,
    meant=lambda person: person.told(*ABOUT) and not person.younger(person.param("P-ADULT-AGE")),
)
def of_an_adult_without_work(person: Person, chain: Chain) -> Verdict:
    """Judge dibao for a severely disabled adult without work of another family, on the person's own application."""
    family, of_age = person.family, person.birthday(person.param("P-ADULT-AGE"))
    known_of(person, chain)
    if person.certificate is None or of_age is None or person.on < of_age:
        return chain.state(State.NOT_APPLICABLE)
    grades: Grades = person.param("P-SINGLE-ADULT-GRADES")
    chain.cite(person.last(EmploymentStarted, EmploymentEnded), family.marginal)
    own = dibao_claims(family, ADULT, person.token)
    granted = dibao_grants(family, own, _fallen(person, grades))
    if follow(family, chain, granted, [person.token], below_standard):
        return chain.verdict()
    if _excluded(person, chain, grades):
        return unless_owed(chain, State.NOT_ELIGIBLE)
    over = [family.marginal_over[0]] if family.marginal_over else []
    since = [
        shown_since(person, grades),
        of_age,
        *over,
        *family_came_first(family),
        *allowed_since(family, below_standard),
    ]
    left = person.last(EmploymentEnded)
    since += [left.day] if left else []

    def say_missing() -> None:
        without_work = left.day if left else (person.born or date.min)
        if not chain.covered(EmploymentStarted, family.county, without_work):
            chain.cannot_tell(EmploymentStarted, max(since), family.county, f"/ {EmploymentEnded.__name__}")

    return ask(person, chain, own, granted, since, lambda reason, day: _conform(person, reason, day), say_missing)


def _excluded(person: Person, chain: Chain, grades: Grades) -> bool:
    """Whether a known fact excludes the person: work, the certificate, other help for the family, or a claim to it."""
    economy = person.family.economy
    return (
        person.job is not None
        or not shows(person, grades, person.on)
        or family_comes_first(person, chain)
        or person.family.marginal is not None
        or (economy is not None and below_standard(economy.event))
    )


def _fallen(person: Person, grades: Grades) -> list[date]:
    """Return the days since which a condition does not hold: work, other help for the family, the certificate."""
    facts = (person.job, person.family.marginal, *person.family.dibao())
    return [*(one.day for one in facts if one), *lost_since(person, grades)]


def _conform(person: Person, reason: str, day: date) -> bool:
    """Whether the facts on a day bear out the reason of the refusal of the person's newest claim."""
    check = check_on(person.family, day)
    match reason:
        case "economy":
            helped = person.family.dibao(day) or person.family.marginal_on(day) or person.job_on(day)
            return bool(helped) or (check is not None and below_standard(check.event))
        case "age":
            return person.younger(person.param("P-ADULT-AGE", day), day)
    claim = newest_of(dibao_claims(person.family, ADULT, person.token))
    return conform(person, person.param("P-SINGLE-ADULT-GRADES", day), claim, reason, day)
