import hashlib
import json
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.departments import domain_of, load_catalogue
from shared.json import canonical
from shared.language.catalogue import CATALOGUE, Declaration, event, of
from shared.language.fields import internal, sensitive
from shared.language.kinds import (
    DAY,
    MONEY,
    NOTE,
    Address,
    Decision,
    Division,
    Flag,
    Line,
    Note,
    Sealed,
    Setting,
    code_of,
)
from shared.language.persons import Person as NamedPerson
from shared.language.schemas import json_schema
from shared.language.validation import check
from shared.policy.lists import clauses
from tests.departments.past import refusals_of

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
    event_of_it = withdrawn.cls(target_event="a", reason="b", approver="c")
    with pytest.raises(FrozenInstanceError):
        event_of_it.reason = "d"


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


# ── kind and type are one thing ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "annotation",
    [bool, Decimal, str | None, list[Line], dict[str, Line], Line | Note, tuple[str, ...], Annotated[str, "words"]],
)
def test_an_annotation_that_is_no_kind_cannot_be_imported(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"Annotation is no kind: testing[.]something_tried bare"):
        declare(word() | {"bare": (annotation, internal("量"))})
    assert nothing_was_declared()


@pytest.mark.parametrize("contradiction", [Annotated[bool, MONEY], Annotated[str, DAY], Annotated[str, NOTE]])
def test_an_annotation_that_contradicts_its_kind_cannot_be_imported(contradiction: Any) -> None:
    with pytest.raises(TypeError, match="Annotation contradicts its kind"):
        declare(word() | {"bare": (contradiction, internal("量"))})
    assert nothing_was_declared()


@pytest.mark.parametrize("annotation", [tuple[Line], tuple[Line, Line]])
def test_a_list_is_a_tuple_of_any_length(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"A list is tuple\[Kind, ...\]"):
        declare(word() | {"several": (annotation, internal("几项"))})
    fact = internal("几项").fact(tuple[Line, ...] | None)
    assert (fact.many, fact.required) == (True, False)


def test_only_a_number_has_bounds() -> None:
    with pytest.raises(TypeError, match="Only a number has bounds"):
        declare(word() | {"place": (Line, internal("地点", over=0))})


@pytest.mark.parametrize(
    ("annotation", "condition", "reason"),
    [
        (Line, "decision=refused", "A field with a condition is optional"),
        (Line | None, "nothing=refused", "A condition on no field: nothing"),
        (Line | None, "decision=perhaps", "A condition on no code: decision"),
        (Line | None, "decision", "A condition is field=value"),
        (Line | None, "decision=", "A condition is field=value"),
    ],
)
def test_a_condition_that_could_never_be_met_cannot_be_imported(annotation: Any, condition: str, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        declare(
            word() | {"decision": (Decision, internal("决定")), "why": (annotation, internal("原因", when=condition))}
        )
    assert nothing_was_declared()


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("{word},好", "full-width"),
        ("{word}:好", "full-width"),
        ("{word}(好)", "full-width"),
        ("[[{maybe}]]", "full-width, and brackets do not nest"),
        ("{word}[，好]", "Brackets hold an optional field"),
        ("{maybe}", "An optional field stands in brackets: maybe"),
        ("{flag}", "two words in a sentence: flag"),
        ("{flag:是}", "two words in a sentence: flag"),
        ("{word:有|无}", "two words in a sentence: word"),
    ],
)
def test_a_sentence_that_could_not_be_written_for_every_event_cannot_be_imported(says: str, reason: str) -> None:
    fields = {"maybe": (Line | None, internal("或有")), "flag": (Flag, internal("真假"))}
    with pytest.raises(TypeError, match=reason):
        declare(word() | fields, says=says)
    assert nothing_was_declared()


# ── the clause of a payment ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("benefit", "clause"), [("DIBAO", "XN-9"), ("COCHLEAR", "XN-2"), ("HOMEMOD", "XN-3"), ("CARE_SUB", "EXT-2SUB")]
)
def test_a_payment_is_under_the_clause_of_its_benefit_alone(benefit: str, clause: str) -> None:
    paid = CATALOGUE.get("finance.benefit_paid")
    assert paid is not None
    assert paid.clauses_of({"benefit": benefit}) == (clause,)
    assert clause in paid.clauses


def test_the_clause_of_another_event_is_that_of_its_type() -> None:
    enrolled = CATALOGUE.get("education.student_enrolled")
    assert enrolled is not None
    assert enrolled.clauses_of({}) == enrolled.clauses == ("XN-8",)


@pytest.mark.parametrize("field", ["word", "nothing", "division"])
def test_a_clause_comes_from_a_field_whose_codes_have_clauses(field: str) -> None:
    with pytest.raises(TypeError, match=f"No field whose codes have clauses: {field}"):
        declare(word() | {"division": (Division, internal("地区"))}, clause=of(field))
    assert nothing_was_declared()


def test_a_clause_of_the_plan_has_its_place_in_the_document() -> None:
    assert str(clauses()["XN-2"]).startswith("二（一）2 ")
    assert {clause.document for name, clause in clauses().items() if name.startswith("XN")} == {
        "咸宁市困难残疾儿童家庭康复救助三年行动实施方案（2025-2027）"
    }
    assert all(clause.place for name, clause in clauses().items() if not name.startswith("EXT"))
    assert str(clauses()["EXT-PIPL"]) == "个人信息保护"


# ── what follows from a declaration ────────────────────────────────────────────────────────────────────────────────

SETTING = Setting(date(2026, 3, 31), allow_test_regions=True)
BOX = {"sealed": "intl", "key": "00", "value": "AA=="}


def in_tokens(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(in_tokens(item) for item in value)
    if isinstance(value, NamedPerson):
        return "p-" + hashlib.sha256(value.number.encode()).hexdigest()[:32].translate(str.maketrans("0189", "abcd"))
    return value


def typed_example(known: Declaration) -> dict[str, Any]:
    return {name: in_tokens(value) for name, value in check(known, known.example(), SETTING).items()}


def stored_example(known: Declaration) -> dict[str, Any]:
    payload = typed_example(known)
    return known.store(payload) | {name: BOX for name in known.sealed if payload[name] is not None}


@pytest.mark.parametrize("known", list(CATALOGUE), ids=lambda known: known.type)
def test_every_type_has_an_example_that_its_own_rules_take(known: Declaration) -> None:
    rules = domain_of(known.department).RULES
    division = known.example().get("accepted_division", "421221")
    about = {"happened": date(2025, 6, 1), "division": division, "legacy": True}
    assert refusals_of(rules, known.cls(**typed_example(known)), **about) == []
    assert Draft202012Validator(json_schema(known)).is_valid(known.example())


@pytest.mark.parametrize("known", list(CATALOGUE), ids=lambda known: known.type)
def test_what_is_stored_fits_the_stored_schema_and_loads_again(known: Declaration) -> None:
    data = stored_example(known)
    assert list(Draft202012Validator(json_schema(known, stored=True)).iter_errors(data)) == []
    loaded = known.load(json.loads(canonical(data)))
    for name, value in typed_example(known).items():
        assert getattr(loaded, name) == (Sealed(BOX) if name in known.sealed and value is not None else value), name


def test_a_sealed_value_loads_closed_and_shows_nothing_of_itself() -> None:
    paid = CATALOGUE.get("finance.benefit_paid")
    assert paid is not None
    assert paid.sealed == ("account_tail",)
    loaded = paid.load(stored_example(paid))
    assert isinstance(loaded.account_tail, Sealed)
    assert "AA==" not in repr(loaded)


def test_the_stored_form_leaves_out_what_is_absent_and_what_is_sealed() -> None:
    paid = CATALOGUE.get("finance.benefit_paid")
    assert paid is not None
    stored = paid.store(typed_example(paid) | {"period": None, "supplement": None})
    assert stored == {
        "benefit": "DIBAO",
        "amount": "632.00",
        "payee": typed_example(paid)["payee"],
        "fund": "county",
        "paid_on": "2025-04-10",
    }


def test_every_person_in_an_example_is_fabricated() -> None:
    for known in CATALOGUE:
        for name, value in check(known, known.example(), SETTING).items():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, NamedPerson):
                    assert one.number[:6] in {"421299", "422399"}, (known.type, name)
