"""Long-term care insurance on the day F: whether it exists in the county, who is insured, who is assisted (XN-10)."""

from datetime import date
from functools import cached_property

from services.disability_federation.registry.events import PolicyParameterSet
from services.entitlements.circumstances import Person
from services.entitlements.facts import Fact
from services.medical_insurance.events import LtcEnrolled, LtcPremiumAssisted
from shared.log.parameters import CITY

STARTS = "P-LTC-ACTIVE-FROM"
"""The parameter that says from when the scheme exists in a county."""


class LongTermCare:
    """The scheme as it is for one person on their day."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.on = person.on

    @cached_property
    def starts(self) -> date | None:
        """The day from which the scheme exists in the county that holds the case; None where none is set."""
        found: date | None = self.person.param(STARTS)
        return found

    @cached_property
    def in_force(self) -> bool:
        """Whether the scheme exists on this day."""
        return self.starts is not None and self.starts <= self.on

    @cached_property
    def decided_by(self) -> list[Fact[PolicyParameterSet]]:
        """What set from when it exists here: the newest value for the county, else for the city."""
        every = self.person.family.city.facts.of(PolicyParameterSet)
        ours = [one for one in every if one.event.parameter == STARTS]
        for places in ({self.person.family.county}, {None, CITY}):
            if here := [one for one in ours if one.event.division in places]:
                return here[-1:]
        return []

    @property
    def began(self) -> date:
        """The day from which this year counts: 1 January, in the first year the start of the scheme."""
        first = date(self.on.year, 1, 1)
        return max(first, self.starts or first)

    @property
    def is_first_year(self) -> bool:
        """Whether the scheme began this year."""
        return self.starts is not None and self.starts.year == self.on.year

    @cached_property
    def enrolment(self) -> Fact[LtcEnrolled] | None:
        """The enrolment for this year."""
        found = [one for one in self.person.facts(LtcEnrolled) if one.event.year == self.on.year]
        return found[0] if found else None

    @cached_property
    def assistance(self) -> Fact[LtcPremiumAssisted] | None:
        """The assistance with this year's premium."""
        found = [one for one in self.person.facts(LtcPremiumAssisted) if one.event.year == self.on.year]
        return found[0] if found else None


def in_force(person: Person) -> bool:
    """Whether the scheme exists on the day of a person, in the county that holds the family's case."""
    return LongTermCare(person).in_force
