from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE, event
from shared.language.fields import ADDRESS, CODE, LINE, NOTE, I, S, fact
from shared.policy.lists import clauses

load_catalogue()
COMPLETE: dict[str, Any] = {
    "label": "试",
    "clauses": "XN-0",
    "scope": "person",
    "sentence": "{subject}:{word}",
    "department": "testing",
}


def declare(fields: dict[str, tuple[Any, Any]], name: str = "SomethingTried", **changes: Any) -> type[Any]:
    """Declare an event type whose class has these fields (annotation and value), as an `events.py` would."""
    said = COMPLETE | changes
    body = {"__annotations__": {field: kind for field, (kind, _) in fields.items()}, "__module__": "services.testing"}
    body |= {field: value for field, (_, value) in fields.items() if value is not None}
    return event(said.pop("label"), **said)(type(name, (), body))


def word() -> dict[str, tuple[Any, Any]]:
    return {"word": (str, fact(LINE, I, "词"))}


def nothing_was_declared() -> bool:
    return CATALOGUE.get("testing.something_tried") is None


@pytest.mark.parametrize("missing", ["label", "clauses", "sentence"])
def test_a_type_without_its_words_cannot_be_imported(missing: str) -> None:
    with pytest.raises(TypeError, match=f"without {missing}: testing.something_tried"):
        declare(word(), **{missing: ""})
    assert nothing_was_declared()


def test_a_type_under_a_clause_nobody_wrote_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="Unknown clause: XN-99"):
        declare(word(), clauses="XN-0 XN-99")
    assert nothing_was_declared()


def test_a_field_without_kind_and_sensitivity_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="Field without kind and sensitivity: bare"):
        declare(word() | {"bare": (str, None)})
    with pytest.raises(TypeError, match="Field without kind and sensitivity: bare"):
        declare(word() | {"bare": (str, "a default is no kind")})
    assert nothing_was_declared()


def test_a_field_without_label_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match=r"Field without label: testing[.]something_tried bare"):
        declare(word() | {"bare": (str, fact(LINE, I, ""))})
    assert nothing_was_declared()


def test_a_field_with_a_code_list_nobody_wrote_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match="Unknown code list: NOLIST"):
        declare(word() | {"code": (str, fact(CODE, I, "代码", code_list="NOLIST"))})
    assert nothing_was_declared()


@pytest.mark.parametrize("kind", [ADDRESS, NOTE])
@pytest.mark.parametrize("place", ["{where}", "{where!r}", "{where:>9}"])
def test_a_sentence_cannot_name_a_sealed_field(kind: Any, place: str) -> None:
    with pytest.raises(TypeError, match=r"can only name unsealed fields: testing[.]something_tried where"):
        declare(word() | {"where": (str, fact(kind, S, "住址"))}, sentence=place)
    assert nothing_was_declared()


@pytest.mark.parametrize("place", ["{nowhere}", "{word.__class__}", "{word[0]}", "{0}"])
def test_a_sentence_cannot_name_what_is_no_field(place: str) -> None:
    with pytest.raises(TypeError, match="A sentence can only name unsealed fields"):
        declare(word(), sentence=place)
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
    assert all(clauses()[clause] for known in CATALOGUE for clause in known.clauses)


def test_loading_the_catalogue_again_changes_nothing() -> None:
    before = list(CATALOGUE)
    load_catalogue()
    assert list(CATALOGUE) == before
