from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE, event
from shared.language.fields import internal, sensitive
from shared.language.kinds import Address, Line, Note, code_of
from shared.policy.lists import clauses

load_catalogue()
COMPLETE: dict[str, Any] = {
    "label": "试",
    "clause": "XN-0",
    "about": "person",
    "says": "{subject}：{word}",
    "department": "testing",
}


def declare(fields: dict[str, tuple[Any, Any]], name: str = "SomethingTried", **changes: Any) -> type[Any]:
    """Declare an event type whose class has these fields (annotation and value), as an `events.py` would."""
    words = COMPLETE | changes
    body = {"__annotations__": {field: kind for field, (kind, _) in fields.items()}, "__module__": "services.testing"}
    body |= {field: value for field, (_, value) in fields.items() if value is not None}
    return event(words.pop("label"), **words)(type(name, (), body))


def word() -> dict[str, tuple[Any, Any]]:
    return {"word": (Line, internal("词"))}


def nothing_was_declared() -> bool:
    return CATALOGUE.get("testing.something_tried") is None


@pytest.mark.parametrize(("missing", "what"), [("label", "label"), ("clause", "clause"), ("says", "sentence")])
def test_a_type_without_its_words_cannot_be_imported(missing: str, what: str) -> None:
    with pytest.raises(TypeError, match=f"without {what}: testing.something_tried"):
        declare(word(), **{missing: ""})
    assert nothing_was_declared()


def test_a_type_under_a_clause_nobody_wrote_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="Unknown clause: XN-99"):
        declare(word(), clause="XN-0 XN-99")
    assert nothing_was_declared()


def test_a_field_without_kind_and_sensitivity_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="Field without kind and sensitivity: bare"):
        declare(word() | {"bare": (str, None)})
    with pytest.raises(TypeError, match="Field without kind and sensitivity: bare"):
        declare(word() | {"bare": (str, "a default is no kind")})
    assert nothing_was_declared()


def test_a_field_without_label_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match=r"Field without label: testing[.]something_tried bare"):
        declare(word() | {"bare": (Line, internal(""))})
    assert nothing_was_declared()


def test_a_field_with_a_code_list_nobody_wrote_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="Unknown code list: NOLIST"):
        code_of("NOLIST")


@pytest.mark.parametrize("kind", [Address, Note])
@pytest.mark.parametrize("place", ["{where}", "{where!r}", "{where:>9}"])
def test_a_sentence_cannot_name_a_sealed_field(kind: Any, place: str) -> None:
    with pytest.raises(TypeError, match=r"can only name unsealed fields: where [(]testing[.]something_tried[)]"):
        declare(word() | {"where": (kind, sensitive("住址"))}, says=place)
    assert nothing_was_declared()


@pytest.mark.parametrize("place", ["{nowhere}", "{word.__class__}", "{word[0]}", "{0}"])
def test_a_sentence_cannot_name_what_is_no_field(place: str) -> None:
    with pytest.raises(TypeError, match="A sentence can only name unsealed fields"):
        declare(word(), says=place)
    assert nothing_was_declared()


def test_a_type_declared_twice_cannot_be_imported() -> None:
    before = CATALOGUE.get("education.student_enrolled")
    with pytest.raises(TypeError, match=r"Event type declared twice: education[.]student_enrolled"):
        declare(word(), name="StudentEnrolled", department="education")
    assert CATALOGUE.get("education.student_enrolled") is before


def test_a_types_name_is_its_department_and_its_class_in_snake_case() -> None:
    assert {known.type.partition(".")[0] for known in CATALOGUE} == {known.department for known in CATALOGUE}
    enrolled = CATALOGUE.get("education.student_enrolled")
    assert enrolled is not None
    assert (enrolled.department, enrolled.dataschema) == ("education", "urn:yihu:education.student_enrolled:1")
    assert CATALOGUE.of(enrolled.cls) is enrolled  # type: ignore[arg-type]


def test_an_event_is_a_plain_frozen_dataclass() -> None:
    withdrawn = CATALOGUE.get("education.event_withdrawn")
    assert withdrawn is not None
    said = withdrawn.cls(target_event="a", reason="b", approver="c")
    with pytest.raises(FrozenInstanceError):
        said.reason = "d"


def test_the_catalogue_lists_its_types_by_name() -> None:
    names = [known.type for known in CATALOGUE]
    assert names == sorted(names)
    assert len(names) == len(CATALOGUE)
    assert CATALOGUE.get("education.nobody_said_this") is None


def test_every_clause_that_a_type_names_has_a_paraphrase() -> None:
    assert all(clauses()[clause].says for known in CATALOGUE for clause in known.clauses)


def test_loading_the_catalogue_again_changes_nothing() -> None:
    before = list(CATALOGUE)
    load_catalogue()
    assert list(CATALOGUE) == before
