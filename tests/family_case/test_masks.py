"""Who sees what: every role, every type, every field, on the documents that leave; and that a mask is one reader's."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from services.departments import BY_NAME, load_catalogue
from services.entitlements.needed import desks
from services.family_case.domain import Arrival
from services.family_case.history import Entry, People, as_json, history
from services.family_case.masking import CONTENT_NOT_SHOWN, NOT_SHOWN, ROLES, masked, sees_families
from services.family_case.reading import Reader
from services.family_case.story import story
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Withdraws
from shared.language.fields import Fact
from shared.language.kinds import PAYLOAD, Setting
from shared.language.persons import Person as NamedPerson
from shared.log.amended import Amended
from shared.log.record import RecordedEvent
from shared.policy.lists import code_lists
from tests.family_case.test_history import recorded, shown
from tests.world import story as told

load_catalogue()

DESKS = desks()
RESTRICTED = set(DESKS.only_for)
NAMES = {name: department.zh for name, department in BY_NAME.items()}
SETTING = Setting(date(2026, 3, 31), allow_test_regions=True)
SOMEBODY, ANOTHER = "p-" + "a" * 32, "p-" + "b" * 32
BOX = {"sealed": "intl", "key": "00", "value": "AA=="}
READERS = [Reader("one", role) for role in ROLES if role != "department_desk"]
READERS += [Reader("one", "department_desk", name) for name in NAMES]
EVERYTHING = {"case_worker", "supervisor", "program", "operator", "itself"}

# What somebody may see is said here once more, in other words than in the table.

CATEGORY_AND_GRADE = {
    (department, f"disability_federation.{of}", name)
    for department in ("civil_affairs", "education", "medical_insurance")
    for of in ("disability_certificate_issued", "disability_certificate_renewed", "disability_grade_changed")
    for name in ("category", "grade")
} | {("civil_affairs", "disability_federation.two_subsidies_reviewed", name) for name in ("category", "grade")}
TO_ACT = {
    "civil_affairs": "disability_federation.disability_certificate_issued disability_federation.household_moved "
    "disability_federation.disability_certificate_renewed disability_federation.disability_grade_changed "
    "disability_federation.disability_certificate_cancelled disability_federation.disability_certificate_frozen "
    "disability_federation.disability_certificate_unfrozen disability_federation.two_subsidies_reviewed "
    "disability_federation.guardian_designated",
    "education": "disability_federation.disability_certificate_issued disability_federation.household_moved "
    "disability_federation.disability_certificate_renewed disability_federation.disability_grade_changed "
    "disability_federation.disability_certificate_cancelled disability_federation.disability_certificate_frozen "
    "disability_federation.disability_certificate_unfrozen",
    "hrss": "disability_federation.difficult_family_recognised disability_federation.difficult_family_ended "
    "disability_federation.needs_surveyed",
    "medical_insurance": "disability_federation.disability_certificate_issued civil_affairs.dibao_decided "
    "disability_federation.disability_certificate_renewed disability_federation.disability_grade_changed "
    "disability_federation.disability_certificate_cancelled disability_federation.disability_certificate_frozen "
    "disability_federation.disability_certificate_unfrozen civil_affairs.marginal_family_decided "
    "civil_affairs.tekun_decided",
    "culture_tourism": "",
    "finance": "civil_affairs.temp_aid_decided disability_federation.cochlear_subsidy_decided "
    "disability_federation.home_modification_decided disability_federation.rehab_aid_decided "
    "disability_federation.self_paid_subsidy_decided hrss.startup_support_decided",
    "disability_federation": "civil_affairs.dibao_decided civil_affairs.marginal_family_decided "
    "civil_affairs.tekun_decided civil_affairs.two_subsidies_applied civil_affairs.two_subsidies_decided "
    "civil_affairs.two_subsidies_stopped finance.benefit_paid",
}


def expected(reader: Reader, of: Declaration, name: str, fact: Fact) -> str:
    """Return how a field is to be seen; a person by the label alone, where not everything is seen."""
    how = _expected(reader, of, name, fact)
    person = fact.kind.name in {"person", "party"} and SOMEBODY in json.dumps(stored(of)[name])
    return "less" if how == "clear" and person and _is_masked(reader, of) else how


def _is_masked(reader: Reader, of: Declaration) -> bool:
    return reader.role not in EVERYTHING and reader.department != of.department


def _expected(reader: Reader, of: Declaration, name: str, fact: Fact) -> str:
    """Return how a field is to be seen: clear, less, sealed, hidden, or `nothing` of the event at all."""
    if reader.role in {"leader", "administrator"}:
        return "nothing"
    if reader.role in EVERYTHING or reader.department == of.department:
        return "sealed" if fact.sealed else "clear"
    if reader.role == "auditor":
        if of.type in RESTRICTED or (name == "reason" and isinstance(of.effect, Corrects | Withdraws)):
            return "hidden"  # what it amends is not here
        less = fact.sensitivity == "S" or (fact.sensitivity == "D" and fact.kind.name not in {"money", "rate"})
        return "sealed" if fact.sealed else "less" if less else "clear"
    if of.type in {"education.education_needs_assessed", "disability_federation.psychological_support_provided"}:
        by = {"education", "disability_federation"} if of.department == "education" else {"disability_federation"}
        if reader.department not in by:
            return "nothing"
    if of.type not in TO_ACT[reader.department or ""].split() or fact.sealed:
        return "hidden"
    if fact.sensitivity == "S":
        return "clear" if (reader.department, of.type, name) in CATEGORY_AND_GRADE else "hidden"
    return "clear"


@cache
def stored(of: Declaration) -> dict[str, Any]:
    """Return an event's payload with every field, as a log has it."""
    found = {}
    for name, fact in of.facts.items():
        values = fact.example if fact.many else [fact.example]
        typed = [in_tokens(fact.parse(one, SETTING)) for one in values]
        found[name] = BOX if fact.sealed else fact.store(typed if fact.many else typed[0])
    return found


def in_tokens(value: Any) -> Any:
    return SOMEBODY if isinstance(value, NamedPerson) else value


def other(fact: Fact, value: Any, *, alike: bool = False) -> Any:
    """Return another value of a field; with `alike`, one that looks the same to whoever sees less of it."""
    if isinstance(value, list):
        return [other(fact, one, alike=alike) for one in value]
    kind = fact.kind.name
    if fact.sealed or fact.kind is PAYLOAD:
        return {**BOX, "value": "BB=="} if fact.sealed else value
    if fact.code_list:
        return next(code for code in code_lists()[fact.code_list]["codes"] if code != value)
    if kind == "day":
        return value[:8] + ("28" if value[8:] != "28" else "27") if alike else f"{int(value[:4]) - 1}{value[4:]}"
    if kind == "month":
        return f"{value[:5]}{'02' if value[5:] != '02' else '03'}" if alike else f"{int(value[:4]) - 1}{value[4:]}"
    if kind in {"person", "party"} and isinstance(value, str):
        return value if alike else ANOTHER
    if kind == "year":
        return value if alike else value - 1
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7
    if isinstance(value, dict):
        return {
            part: f"{one}乙" if isinstance(one, str) and part in {"name", "evidence"} else one
            for part, one in value.items()
        } | (
            {"code": "2142009999"}
            if "code" in value
            else {"category": "3", "grade": "4"}
            if "grade" in value
            else {"no": "7"}
        )
    return f"9{value}" if kind in {"money", "hours", "rate"} else f"{value}乙"


def entry_of(of: Declaration, data: dict[str, Any]) -> Entry:
    attributes: dict[str, Any] = {"id": "one", "source": f"urn:yihu:{of.department}:desk", "type": of.type}
    attributes |= {"time": "2025-06-17T09:00:00+08:00", "recordedtime": "2025-06-18T09:00:00+08:00"}
    attributes |= {"subject": SOMEBODY, "process": "P-1", "division": "421221"}
    attributes |= {"recordedby": "wang.1", "flags": "number_ends_000"}
    record = RecordedEvent(None, 1, attributes, data, position=1)
    return Entry(Arrival(of.department, record, b""), Amended(record, data))


def documented(of: Declaration, data: dict[str, Any]) -> dict[str, Any]:
    entry = entry_of(of, data)
    return {"family": "XN-F-TEST0000", "entries": [as_json(entry, 1, People([entry]), NAMES)]}


def read_by(reader: Reader, document: dict[str, Any], of: Declaration) -> dict[str, Any]:
    people = People([entry_of(of, stored(of))])
    return masked(document, reader, people.label, DESKS)


def cells() -> Iterator[tuple[Declaration, str, Fact]]:
    for of in CATALOGUE:
        for name, fact in of.facts.items():
            if fact.kind is not PAYLOAD:
                yield of, name, fact


@pytest.mark.parametrize("reader", READERS, ids=lambda one: f"{one.role} {one.department or ''}".strip())
def test_every_field_of_every_type_is_seen_as_the_table_says_and_what_is_hidden_changes_nothing(reader: Reader) -> None:
    """Another value in a hidden field gives the same document: nothing that is made of it can tell them apart."""
    if not sees_families(reader):
        assert {expected(reader, of, name, fact) for of, name, fact in cells()} == {"nothing"}
        return
    wrong = []
    for of, name, fact in cells():
        data, how = stored(of), expected(reader, of, name, fact)
        seen = read_by(reader, documented(of, data), of)["entries"]
        changed = read_by(reader, documented(of, data | {name: other(fact, data[name])}), of)["entries"]
        alike = read_by(reader, documented(of, data | {name: other(fact, data[name], alike=True)}), of)["entries"]
        found = seen[0]["data"].get(name) if seen else None
        holds = {
            "nothing": seen == changed == [],
            "hidden": seen == changed and found is None,
            "sealed": seen == changed and found == {"sealed": True},
            "less": seen == alike and (found != data[name] or fact.kind.name == "year"),
            "clear": seen != changed and found == data[name],
        }
        if not holds[how]:
            wrong.append((of.type, name, how))
    assert wrong == [], wrong[:12]


def test_the_matrix_has_thousands_of_cells() -> None:
    assert len(list(cells())) * len(READERS) > 10_000
    assert len(CATALOGUE) >= 200


def test_whoever_stands_in_no_table_sees_no_family() -> None:
    assert not sees_families(Reader("one", "nobody"))
    of = next(iter(CATALOGUE))
    assert read_by(Reader("one", "nobody"), documented(of, stored(of)), of)["entries"] == []


def test_a_mask_is_one_readers_and_changes_nothing_for_the_others() -> None:
    for of in CATALOGUE:
        document = documented(of, stored(of))
        before = json.dumps(document)
        assert read_by(READERS[0], document, of) is document
        for reader in READERS:
            read_by(reader, document, of)
        assert json.dumps(document) == before


@pytest.mark.parametrize("reader", READERS, ids=lambda one: f"{one.role} {one.department or ''}".strip())
def test_every_masked_sentence_reads_as_an_official_would_write_it(reader: Reader) -> None:
    for of in CATALOGUE:
        for entry in read_by(reader, documented(of, stored(of)), of)["entries"]:
            text = entry["sentence"].replace(NOT_SHOWN, "某项")
            assert not any(sign in text for sign in ("None", "True", "False", "{", "}", "[", "未填", "p-")), text
            assert text[-1] not in "，；：", text


# Two families' whole histories


def read_story(reader: Reader, letter: str) -> dict[str, Any]:
    arrivals = recorded(*told(letter))
    entries = shown(arrivals)
    document: dict[str, Any] = {
        "family": "XN-F-C5MG00B2",
        "known": None,
        "effective": None,
        "members": [],
        "sources": [],
    }
    return masked(document | {"entries": entries}, reader, People(history(arrivals)).label, DESKS)


def test_a_desk_reads_of_other_departments_that_something_happened_and_no_more() -> None:
    found = read_story(Reader("desk", "department_desk", "culture_tourism"), "a")
    text = json.dumps(found, ensure_ascii=False)
    others = [one for one in found["entries"] if one["log"] != "culture_tourism"]
    assert {one["sentence"] for one in others} == {one["label"] + CONTENT_NOT_SHOWN for one in others}
    assert "植入人工耳蜗，侧别" not in text
    assert "元" not in "".join(one["sentence"] for one in others)
    assert "专家委员会评估" not in text


def test_where_something_may_not_be_known_of_the_numbers_close_up() -> None:
    whole = read_story(Reader("one", "case_worker"), "b")["entries"]
    assessed = [one["label"] for one in whole if one["type"] in RESTRICTED]
    found = read_story(Reader("desk", "department_desk", "finance"), "b")["entries"]
    assert assessed
    assert [one["number"] for one in found] == list(range(1, len(whole) - len(assessed) + 1))


def test_an_auditor_reads_amounts_and_months_but_neither_what_for_nor_the_day() -> None:
    found = read_story(Reader("audit", "auditor"), "a")
    sentences = {one["id"]: one["sentence"] for one in found["entries"]}
    assert sentences["a-026"].startswith("成员（女，2021年生）于2025年6月在虚构省立医院植入人工耳蜗，侧别：〔不公开〕")
    corrected = next(one for one in found["entries"] if one["id"] == "a-027")
    assert corrected["sentence"] == "更正先前记录，原因：〔不公开〕。所涉记录：2025年6月18日登记的“人工耳蜗植入”"
    text = json.dumps(found, ensure_ascii=False)
    assert "左" not in text
    assert "右" not in text
    assert any("元" in sentence for sentence in sentences.values())


def test_a_story_says_no_more_than_the_masked_history_that_it_is_made_of() -> None:
    found = story(read_story(Reader("audit", "auditor"), "a"))
    text = json.dumps(found, ensure_ascii=False)
    assert "侧别：〔不公开〕" in text
    assert "左" not in text


@pytest.mark.parametrize("letter", "ab")
@pytest.mark.parametrize("reader", READERS, ids=lambda one: f"{one.role} {one.department or ''}".strip())
def test_no_correction_shows_more_than_the_event_itself(reader: Reader, letter: str) -> None:
    for entry in read_story(reader, letter)["entries"]:
        declaration = CATALOGUE.get(entry["type"])
        assert declaration is not None
        if isinstance(declaration.effect, Corrects) and reader.role not in EVERYTHING:
            target = entry["amends"]
            [original] = [
                one
                for one in read_story(reader, letter)["entries"]
                if (one["log"], one["position"]) == (target["log"], target["position"])
            ]
            restated = entry["data"].get(declaration.effect.payload, {})
            assert restated.keys() <= original["data"].keys()
