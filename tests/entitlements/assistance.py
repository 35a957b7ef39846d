"""Short histories for tests of social assistance: what civil affairs and finance say about one family."""

from typing import Any

from services.civil_affairs.events import (
    DibaoAcceptanceDecided,
    DibaoApplied,
    DibaoDecided,
    DibaoReviewed,
    DibaoTerminated,
    HouseholdEconomyChecked,
    MarginalFamilyDecided,
)
from services.disability_federation.registry.events import PolicyParameterSet
from services.finance.events import BenefitPaid, BenefitRecovered
from tests.entitlements.histories import CHILD, COUNTY, PARENT, History

REFUSED = {"decision": "refused", "amount_month": None, "pay_from": None}


class Assisted(History):
    """A family that asks for help; what is not said is as usual."""

    def checked(self, day: str, income: str = "402.00", *, property_ok: bool = True, **said: Any) -> "Assisted":
        """Check the household's economy; the standard is 560 a month."""
        economy = {"per_capita_income_month": income, "standard_month": "560.00", "property_ok": property_ok}
        self.say(HouseholdEconomyChecked, day, PARENT, checked_on=day, **{**economy, **said})
        return self

    def applied(self, day: str, process: str = "DB-1", *, kind: str = "family", person: str = CHILD) -> "Assisted":
        """Apply for dibao: of the family, or of one person."""
        persons = [PARENT, CHILD] if kind == "family" else [person]
        said = {"dibao_type": kind, "persons": persons, "applicant": persons[0], "applied_on": day}
        self.say(DibaoApplied, day, PARENT, process=process, **said)
        return self

    def accepted(self, day: str, process: str = "DB-1", decision: str = "approved", **said: Any) -> "Assisted":
        """Accept an application for decision, or not."""
        self.say(DibaoAcceptanceDecided, day, PARENT, process=process, decision=decision, accepted_on=day, **said)
        return self

    def decided(
        self,
        day: str,
        pay_from: str = "",
        process: str = "DB-1",
        *,
        kind: str = "family",
        person: str = CHILD,
        **said: Any,
    ) -> "Assisted":
        """Decide on dibao: granted from a month, or refused."""
        at = said.pop("at", COUNTY)
        granted = {
            "decision": "approved",
            "dibao_type": kind,
            "persons": [PARENT, CHILD] if kind == "family" else [person],
            "amount_month": "600.00",
            "pay_from": pay_from or None,
            "decided_on": day,
        }
        self.say(DibaoDecided, day, PARENT, process=process, at=at, **{**granted, **said})
        return self

    def refused(self, day: str, reason: str, process: str = "DB-1", **said: Any) -> "Assisted":
        """Refuse dibao for a reason."""
        return self.decided(day, process=process, refuse_reason=reason, **{**REFUSED, **said})

    def reviewed(self, day: str, next_due: str, process: str = "DB-1", **said: Any) -> "Assisted":
        """Review dibao, with the day by which it is reviewed again."""
        review = {"reviewed_on": day, "result": "keep", "next_due": next_due, **said}
        self.say(DibaoReviewed, day, PARENT, process=process, **review)
        return self

    def terminated(self, day: str, reason: str, last: str, process: str = "DB-1") -> "Assisted":
        """End dibao after a month."""
        self.say(DibaoTerminated, day, PARENT, process=process, reason=reason, effective_to=last)
        return self

    def marginal(self, day: str, until: str, **said: Any) -> "Assisted":
        """Recognise the family as a marginal one."""
        usual = {"decision": "approved", "per_capita_income_month": "700.00", "multiple": "1.5"}
        self.say(MarginalFamilyDecided, day, PARENT, **{**usual, "valid_from": day, "valid_to": until, **said})
        return self

    def paid(
        self, day: str, *months: str, process: str = "DB-1", benefit: str = "DIBAO", person: str = PARENT
    ) -> "Assisted":
        """Pay months of a benefit, all on one day."""
        for month in months:
            said = {"benefit": benefit, "period": month or None, "amount": "600.00", "payee": PARENT, "paid_on": day}
            self.say(BenefitPaid, day, person, process=process, **said)
        return self

    def recovered(self, day: str, month: str, amount: str = "600.00", benefit: str = "DIBAO") -> "Assisted":
        """Recover what was paid of a month."""
        said = {"benefit": benefit, "period": month or None, "amount": amount, "recovered_on": day}
        self.say(BenefitRecovered, day, PARENT, process="DB-1", **said)
        return self

    def withdrawn(self, day: str) -> "Assisted":
        """Withdraw what was said last."""
        last = self.events[-1]
        said = {"target_event": last["id"], "reason": "误报", "approver": "虚构科长"}
        withdrawal = {**last, "id": f"{last['id']}-w", "type": f"{last['type'].partition('.')[0]}.event_withdrawn"}
        times = {"time": f"{day}T09:00:00+08:00", "recordedtime": f"{day}T10:00:00+08:00"}
        self.events.append({**withdrawal, **times, "data": said})
        return self

    def sets(self, parameter: str, value: str, from_: str, division: str | None = COUNTY) -> "Assisted":
        """Set a parameter of a county, or of the city."""
        said = {"parameter": parameter, "value": value, "effective_from": from_, "division": division}
        self.say(PolicyParameterSet, from_, None, **said)
        return self
