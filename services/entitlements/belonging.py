"""Who belonged to a family from when to when, why, because of which event; its guardians, registrations and county.

On any day F, as known on any day K. Whom another family took in is not led to: a history follows the person.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    FamilyCaseOpened,
    GuardianDesignated,
    HouseholdMoved,
    MemberRelationRecorded,
)
from services.entitlements.engine import Case
from services.entitlements.facts import Fact
from services.entitlements.loading import Loader, read
from services.entitlements.masking import members_seen
from services.family_case.case_file import CaseFile
from services.family_case.domain import Place
from services.family_case.history import People
from services.family_case.membership import DIED, ELSEWHERE, OPENED, Span
from services.family_case.reading import Reader
from shared.language.kinds import chinese_day
from shared.log.amended import Amended, asserted_on
from shared.policy.lists import code_lists

WHY = {DIED: "去世", ELSEWHERE: "归入另一案卷"}
"""Why somebody belongs no longer, beside the reasons that are given for leaving a family (REMOVE)."""


class Belonging:
    """Answers who belonged to families."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def open(
        self, family: str, reader: Reader, purpose: str, known: date | None = None, effective: date | None = None
    ) -> dict[str, Any]:
        """Return the membership of a family as the JSON document of page, API and command.

        `reader` opens it for a `purpose`, and sees of it what is theirs to see. Raises NoSuchFamily or
        AccessNotRecorded.
        """
        queries = self.loader.queries
        file = queries.file_for(family, reader, purpose, known, "members")
        case_, people = read(queries.of_file(file, effective), known)
        document = _Document(file, case_, people, effective or date.max, queries.names).as_json() | {
            "known": known.isoformat() if known else None,
            "effective": effective.isoformat() if effective else None,
        }
        return members_seen(document, reader)


class _Document:
    def __init__(self, file: CaseFile, case_: Case, people: People, on: date, names: dict[str, str]) -> None:
        self.file, self.people, self.on, self.names = file, people, on, names
        self.facts = case_.facts.until(on)
        self.said: dict[Place, Amended] = {(log, one.event.position): one for log, one in file.facts()}

    def as_json(self) -> dict[str, Any]:
        spans = [span for span in self.file.membership.spans if span.family == self.file.number]
        seen = sorted((span for span in spans if span.begins <= self.on), key=lambda one: (one.begins, one.since))
        families = self.file.membership.families.values()
        head = next((one.event.head for one in self.facts.of(FamilyCaseOpened)), None)
        persons = dict.fromkeys(span.person for span in seen)
        return {
            "family": self.file.number,
            "head": head,
            "members": [
                {"person": person, "who": self.people.label(person), "numbers": self._numbers(person)}
                | {"spans": [self._span(span) for span in seen if span.person == person]}
                | {"guardians": list(self._guardians(person)), "registered": list(self._registered(person))}
                for person in sorted(persons, key=lambda one: one != head)
            ],
            "counties": [self._from(one, county) for one, county in self._counties() if one.day <= self.on and county],
            "moves": [self._move(one) for one in self.facts.of(HouseholdMoved)],
            "merged": sorted(one.number for one in families if one.now == self.file.number != one.number),
        }

    def _numbers(self, person: str) -> list[str]:
        """Return the other tokens of a person who has several."""
        membership = self.file.membership
        return sorted(one for one in membership.stands if one != person and membership.one(one) == person)

    def _span(self, span: Span) -> dict[str, Any]:
        over = span.ends <= self.on and span.ends != date.max
        came = "建档时在册" if span.came == OPENED else "加入本户"
        found: dict[str, Any] = {
            "from": None if span.begins == date.min else span.begins.isoformat(),
            "to": span.ends.isoformat() if over else None,
            "came": {"reason": span.came, "zh": came} | self._event(span.since),
        }
        if over:
            zh = WHY.get(span.left) or code_lists()["REMOVE"]["codes"].get(span.left, {}).get("zh", "")
            found["left"] = {"reason": span.left, "zh": zh} | (self._event(span.until) if span.until else {})
        return found

    def _event(self, place: Place) -> dict[str, Any]:
        """Return which event says so, with what corrected it; nothing of another family's."""
        one = self.said.get(place)
        if one is None:
            return {"events": []}
        division = code_lists()["DIV"]["codes"].get(one.event.attributes.get("division"), {}).get("zh", "")
        return {
            "events": [one.event.id, *(by.id for by in one.corrections)],
            "by": division + self.names.get(place[0], place[0]),
            "recorded": asserted_on(one.event).isoformat(),
        }

    def _guardians(self, person: str) -> Iterator[dict[str, Any]]:
        """Yield who spoke for a person from when to when: those designated last."""
        designated = self.facts.of(GuardianDesignated, subject=person)
        days = sorted({one.event.from_date for one in designated})
        for one in designated:
            later = [day for day in days if day > one.event.from_date]
            yield self._from(one, None) | {
                "who": self.people.label(one.event.guardian),
                "guardian": one.event.guardian,
                "relation": one.event.relation,
                "to": later[0].isoformat() if later else None,
            }

    def _registered(self, person: str) -> Iterator[dict[str, Any]]:
        """Yield where a person was registered, as far as that was said of them alone."""
        for one in self.facts.of(MemberRelationRecorded, subject=person):
            if one.event.hukou_division:
                yield self._from(one, one.event.hukou_division)

    def _counties(self) -> Iterator[tuple[Fact[Any], str | None]]:
        """Yield which county held the case, and since which event."""
        for opened in self.facts.of(FamilyCaseOpened)[:1]:
            yield opened, opened.event.division
        for one in self.facts.of(CaseTransferAccepted):
            yield one, one.event.accepted_division

    def _move(self, one: Fact[HouseholdMoved]) -> dict[str, Any]:
        event = one.event
        who = [self.people.label(person) for person in event.persons or ()] or ["全家"]
        return self._from(one, event.to_division) | {
            "kind": event.move_kind,
            "zh": code_lists()["HOUSEBASIS"]["codes"].get(event.move_kind, {}).get("zh", ""),
            "left": event.from_division,
            "who": who,
        }

    def _from(self, one: Fact[Any], division: str | None) -> dict[str, Any]:
        where = {"division": division} if division else {}
        return {"from": date.isoformat(one.day)} | where | self._event(one.place)


def lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of such a document for a terminal."""
    yield f"家庭案卷 {document['family']} 的成员"
    for one in document["members"]:
        yield f"{one['who']}"
        yield from (f"     {sentence}" for sentence in member_sentences(one))
    for one in document["counties"]:
        yield f"案卷所在：{place(one['division'])}，自{chinese_day(one['from'])}起（{source(one)}）"
    yield from map(move_sentence, document["moves"])
    if document["merged"]:
        yield f"并入本卷的案卷：{'、'.join(document['merged'])}"


def member_sentences(member: dict[str, Any]) -> Iterator[str]:
    """Yield what is to be said of a member: when they belonged, who spoke for them, where they were registered."""
    for span in member["spans"]:
        begin = f"自{chinese_day(span['from'])}起" if span["from"] else "自始"
        yield f"{begin}属于本户：{span['came']['zh']}（{source(span['came'])}）"
        if span["to"]:
            yield f"自{chinese_day(span['to'])}起不再属于本户：{span['left']['zh']}（{source(span['left'])}）"
    for one in member["guardians"]:
        until = f"，至{chinese_day(one['to'])}前" if one["to"] else ""
        yield f"监护人：{one['who']}，自{chinese_day(one['from'])}起{until}（{source(one)}）"
    for one in member["registered"]:
        yield f"户籍：{place(one['division'])}，{chinese_day(one['from'])}登记（{source(one)}）"
    if member["numbers"]:
        yield f"另有 {len(member['numbers'])} 个号码，查明为同一人"


def move_sentence(one: dict[str, Any]) -> str:
    """Return a move as a sentence."""
    who, left, into = "、".join(one["who"]), place(one["left"]), place(one["division"])
    return f"{chinese_day(one['from'])}{who}由{left}迁至{into}（{one['zh']}；{source(one)}）"


def source(said: dict[str, Any]) -> str:
    """Return by which event something is known, who wrote it down and when."""
    if not said["events"]:
        return "出处在另一案卷"
    corrected = f"，经{len(said['events']) - 1}次更正" if len(said["events"]) > 1 else ""
    return f"{said['by']}{chinese_day(said['recorded'])}登记，事件 {said['events'][0]}{corrected}"


def place(division: str) -> str:
    """Return a division's name."""
    zh: str = code_lists()["DIV"]["codes"].get(division, {}).get("zh", division)
    return zh
