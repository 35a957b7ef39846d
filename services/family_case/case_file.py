"""A case file: everything on record of one family, and who belonged to it when, as known on a day.

Most families never give a member to another one; what stands in their history needs no file (`reading`). A file is for
the others, for earlier days, and for whoever works out more of a family than its history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.family_case.domain import Arrival, Place, filed_event, is_person
from services.family_case.membership import Membership
from services.family_case.places import linked, recorded_membership
from shared.language.envelope import civil_day
from shared.log.amended import Amended, as_amended
from shared.postgres.database import Database


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One family's file, as known on a day.

    `filed` is whatever was filed about anybody who ever belonged to the family, with whom it is about; what was written
    down after the day of `known` is among it.
    """

    number: str
    known: date | None
    membership: Membership
    filed: list[tuple[str, Arrival]]

    def history(self, effective: date | None = None) -> list[Arrival]:
        """Return what stands in the family's history on a day: of each member's facts those of who belongs to it then.

        A person's facts follow the person, a family's stay with the family that the subject belonged to when it
        happened. So every event stands in one history, and in the former family's on the days before.
        """
        roots = _roots(arrival for _, arrival in self.filed)
        return [arrival for about, arrival in self.filed if self._is_here(about, roots[arrival.place()], effective)]

    def of_former_members(self, effective: date | None = None) -> list[Arrival]:
        """Return what happened to persons while they belonged, who belong to another family on a day.

        It stands in the other history. But what this family was on the days before rests on it still.
        """
        roots = _roots(arrival for _, arrival in self.filed)
        left: dict[str, date] = {}
        for span in self.membership.spans:
            if span.family == self.number and span.begins <= (effective or date.max):
                left[span.person] = max(span.ends, left.get(span.person, date.min))
        return [
            arrival
            for about, arrival in self.filed
            if is_person(about)
            and not self._is_here(about, root := roots[arrival.place()], effective)
            and not root.of_family
            and civil_day(root.event.attributes["time"]) < left.get(self.membership.one(about), date.min)
        ]

    def facts(self) -> list[tuple[str, Amended]]:
        """Return all that is filed as it stands, as known on the day of the file, each with its log."""
        by_log: dict[str, list[Arrival]] = {}
        for _, arrival in self.filed:
            by_log.setdefault(arrival.log, []).append(arrival)
        return [
            (log, one)
            for log, some in sorted(by_log.items())
            for one in as_amended((arrival.event for arrival in some), self.known)
        ]

    def _is_here(self, about: str, root: Arrival, effective: date | None) -> bool:
        if not is_person(about):
            return self.membership.stands.get(about) == self.number
        if root.of_family:
            return self.membership.family_at(about, civil_day(root.event.attributes["time"])) == self.number
        return self.membership.family(about, effective or date.max) == self.number


class CaseFiles:
    """Reads case files from the family case's database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = f"{database.schema}.events"
        self.views = f"{database.schema}_views"

    def read(self, key: str, known: date | None = None, upto: Mapping[str, int] | None = None) -> CaseFile | None:
        """Return the file of the family that a case number leads to, or a person belongs to, as known on a day.

        None when there was none by then. `upto`: as of these positions of the logs, whatever was received since.
        """
        statements = self.database.all(linked(self.views), [key], [], [])
        if upto is not None:
            statements = [one for one in statements if one[1] <= upto.get(one[0], 0)]
        found = recorded_membership(statements, known)
        number = found.family(key) if is_person(key) else found.now(key)
        if number is None:
            return None
        about = found.ever(number) | {key for key, family in found.stands.items() if family == number}
        rows = self.database.all(
            f"SELECT entry.about, filed.body FROM {self.views}.entries AS entry JOIN {self.log} AS filed "
            "ON filed.position = entry.filed WHERE entry.about = ANY(%s)",
            sorted(about),
        )
        filed = [(about, filed_event(body)) for about, body in rows]
        if upto is not None:
            filed = [(about, one) for about, one in filed if one.event.position <= upto.get(one.log, 0)]
        return CaseFile(number, known, found, filed)


def _roots(arrivals: Iterable[Arrival]) -> dict[Place, Arrival]:
    """Return for each place the event that is amended there, or the one that stands there."""
    at = {arrival.place(): arrival for arrival in arrivals}
    found: dict[Place, Arrival] = {}
    for place in sorted(at):
        target = at[place].event.target
        found[place] = found.get((place[0], target), at[place]) if target is not None else at[place]
    return found
