"""Whom others were granted what before a difficult family (G7 of E06 and E10), for one family on two days.

As known now, that is what is kept of all families' grants. As known on an earlier day, it is read anew: only of grants
that the question leaves open, since each of them asks whether another family was a difficult one then.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.entitlements.circumstances import APPROVED, Family
from services.entitlements.city import Approval, City, year_of
from services.entitlements.facts import Fact, fact
from services.entitlements.judging import Judging
from services.entitlements.loading import Around, read
from services.family_case.bases import AMENDED
from services.family_case.domain import filed_event
from shared.language.catalogue import CATALOGUE
from shared.log.amended import as_amended
from shared.log.record import RecordedEvent


class Priority:
    """Answers what is known beside a family."""

    def __init__(self, judging: Judging) -> None:
        self.judging = judging

    def beside(self, around: Around, day: date, known: date | None) -> City:
        """Return what counts beside a family by the end of a day, as known on another; None for all that is known."""
        city = around.until(day)
        return self.judging.beside(city, day) if known is None else _AsKnown(self.judging, around, city, day, known)


class _AsKnown(City):
    """The city as known on an earlier day, which looks for grants when it is asked for them."""

    def __init__(self, judging: Judging, around: Around, city: City, on: date, known: date) -> None:
        super().__init__(city.facts)
        self.judging, self.around, self.on, self.known = judging, around, on, known

    def overtaken(
        self, cls: type[Any], division: str | None, family: str, year: int, applied: date, decided: date | None
    ) -> Approval | None:
        """Return the first such grant, as known then (see `City.overtaken`)."""
        waited = [
            one
            for one in self._granted(cls, division)
            if applied <= one.day < (decided or date.max) and one.day <= self.on and year_of(one) == year
        ]
        for one in sorted(waited, key=lambda one: one.order):
            other = self._family(one)
            if other is not None and other.number != family and other.recognition(one.day) is None:
                return Approval(other.number, False, one)
        return None

    def _family(self, grant: Fact[Any]) -> Family | None:
        """Return the family that something was granted to."""
        queries = self.judging.queries
        file = queries.case_file(grant.subject, self.known)
        if file is None:
            return None
        case, _ = read(queries.of_file(file, self.on), self.known)
        return Family(
            case.number,
            case.facts.until(self.on),
            self.around.policy,
            self.on,
            case.born,
            self,
            case.spans,
            case.numbers,
        )

    def _granted(self, cls: type[Any], division: str | None) -> Iterator[Fact[Any]]:
        """Yield the grants of a kind in a division: those that stand now, and those that were amended since."""
        queries, type_ = self.judging.queries, CATALOGUE.of(cls).type
        log, views = type_.partition(".")[0], queries.views
        rows = queries.database.all(
            f"WITH targets AS (SELECT DISTINCT log, split_part(key, '/', 2)::bigint AS position "
            f"FROM {views}.mentions WHERE kind = '{AMENDED}' AND log = %s), "
            f"granted AS (SELECT log, position FROM {self.judging.schema}.grants WHERE kind = %s "
            f"UNION SELECT one.log, one.position FROM targets JOIN {views}.entries AS one USING (log, position) "
            f"JOIN {queries.log} AS filed ON filed.position = one.filed WHERE filed.body LIKE %s), "
            f"every AS (SELECT log, position FROM granted UNION "
            f"SELECT one.log, one.position FROM granted JOIN {views}.mentions AS one "
            f"ON one.kind = '{AMENDED}' AND one.key = granted.log || '/' || granted.position) "
            f"SELECT filed.body FROM every JOIN {views}.entries AS one USING (log, position) "
            f"JOIN {queries.log} AS filed ON filed.position = one.filed",
            log,
            f"{cls.__name__}/{division}",
            f"%{type_}%".encode(),
        )
        said: list[RecordedEvent] = [filed_event(body).event for (body,) in rows]
        for one in as_amended(said, self.known):
            made = fact(log, one) if one.event.type == type_ else None
            if made and made.division == division and made.event.decision == APPROVED:
                yield made
