"""A type with several versions: what each becomes, what may differ between them, and how a record's version is known.

The golden pairs in `versions/` say, for each version before the present one, what some payloads of it become. They are
written by hand and never changed: who read a record yesterday reads the same in it tomorrow.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.departments import load_catalogue
from shared.language import catalogue
from shared.language.catalogue import CATALOGUE, Catalogue, Declaration, event
from shared.language.fields import internal
from shared.language.form import Before, Form
from shared.language.kinds import Document, Line
from shared.language.schemas import json_schema
from shared.language.validation import check
from tests.faults.tools import generated
from tests.shared.language.test_catalogue import BOX, SETTING, in_tokens

load_catalogue()
PAIRS = Path(__file__).with_name("versions")
OLDER = [(known, form) for known in CATALOGUE for form in known.earlier]
CONSENT = "disability_federation.consent_recorded"


def consent() -> Declaration:
    known = CATALOGUE.get(CONSENT)
    assert known is not None
    return known


def stored(form: Form) -> Draft202012Validator:
    return Draft202012Validator(json_schema(form, stored=True))


def next_of(known: Declaration, form: Form) -> Form:
    return (*known.earlier, known)[form.version]


# ── golden pairs ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("known", "form"), OLDER, ids=[form.name for _, form in OLDER])
def test_an_older_version_becomes_what_its_golden_pairs_say(known: Declaration, form: Form) -> None:
    pairs = json.loads((PAIRS / f"{form.name}.json").read_text(encoding="utf-8"))
    assert pairs
    for pair in pairs:
        assert list(stored(form).iter_errors(pair["before"])) == []
        given = deepcopy(pair["before"])
        assert form.upcast is not None
        assert form.upcast(given) == pair["after"]
        assert given == pair["before"], "it is made, not changed"
        assert list(stored(next_of(known, form)).iter_errors(pair["after"])) == []


def test_there_is_a_file_of_golden_pairs_for_each_older_version_and_no_other() -> None:
    assert sorted(path.stem for path in PAIRS.iterdir()) == sorted(form.name for _, form in OLDER)


@pytest.mark.parametrize(("known", "form"), OLDER, ids=[form.name for _, form in OLDER])
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_an_older_version_may_say_becomes_a_valid_payload_of_the_next(
    known: Declaration, form: Form, data: st.DataObject
) -> None:
    sent = data.draw(generated.payload(form))
    typed = {name: in_tokens(value) for name, value in check(form, sent, SETTING).items()}
    kept = form.store(typed) | {name: BOX for name in form.sealed if typed[name] is not None}
    assert form.upcast is not None
    found = form.upcast(kept)
    assert list(stored(next_of(known, form)).iter_errors(found)) == []
    assert {name: found.get(name) for name in form.sealed} == {name: kept.get(name) for name in form.sealed}


def test_a_real_type_has_two_versions() -> None:
    assert (consent().version, [form.version for form in consent().earlier]) == (2, [1])
    assert consent().dataschema == f"urn:yihu:{CONSENT}:2"
    assert consent().earlier[0].dataschema == f"urn:yihu:{CONSENT}:1"


# ── which version a record is of ───────────────────────────────────────────────────────────────────────────────────

IN_WORDS = {"consent_by": "p-a", "scope": "康复", "form_doc": BOX}


@pytest.mark.parametrize("named", [None, f"urn:yihu:{CONSENT}:1"])
def test_a_record_that_names_no_version_is_of_the_first(named: str | None) -> None:
    assert CATALOGUE.newest(CONSENT, IN_WORDS, named) == IN_WORDS | {"scopes": ["rehab"]}


@pytest.mark.parametrize("named", [f"urn:yihu:{CONSENT}:2", f"urn:yihu:{CONSENT}:3", "urn:yihu:finance.x:1", 7, ["a"]])
def test_a_record_of_the_present_version_or_of_an_unknown_one_stays_as_it_is(named: Any) -> None:
    assert CATALOGUE.newest(CONSENT, IN_WORDS, named) is IN_WORDS


@pytest.mark.parametrize("garbage", [{}, {"scope": None}, {"scope": 7}, [], "text", None])
def test_what_is_not_of_its_version_stays_as_it_is(garbage: Any) -> None:
    assert CATALOGUE.newest(CONSENT, garbage, None) is garbage


def test_what_nobody_declared_stays_as_it_is() -> None:
    assert CATALOGUE.newest("finance.nobody_knows", IN_WORDS, None) is IN_WORDS


# ── what may differ ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", Catalogue())


def same(data: dict[str, Any]) -> dict[str, Any]:
    return data


def declare(before: dict[str, Any], now: dict[str, Any], **words: Any) -> None:
    older, newer = (
        type("Thing", (), {name: fact for name, (_, fact) in fields.items()}
             | {"__annotations__": {name: kind for name, (kind, _) in fields.items()}, "__doc__": "Recorded when."})
        for fields in (before, now)
    )  # fmt: skip
    event("事", about="person", clause="XN-1", says="好", department="finance", before=(Before(older, same),), **words)(
        newer
    )


LINE, SEALED = (Line, internal("文字")), (Document, internal("文书"))


@pytest.mark.usefixtures("_empty")
@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"doc": SEALED}, {"doc": LINE}, {}),
        ({"doc": LINE}, {"doc": SEALED}, {}),
        ({"doc": SEALED}, {"paper": SEALED}, {}),
        ({"doc": LINE}, {"word": LINE}, {"key": "subject word"}),
        ({"doc": LINE}, {"word": LINE}, {"found_by": "word"}),
        ({"word": (tuple[Line, ...], internal("文字"))}, {"word": LINE}, {"found_by": "word"}),
        ({"base": LINE}, {"word": LINE}, {}),
    ],
)
def test_a_version_may_change_neither_what_is_sealed_nor_by_what_events_are_found(
    before: dict[str, Any], now: dict[str, Any], words: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="A version may not change what is sealed or found by"):
        declare(before, now, **words)


@pytest.mark.usefixtures("_empty")
def test_a_version_may_rename_add_and_drop_everything_else() -> None:
    declare({"doc": SEALED, "old": LINE}, {"doc": SEALED, "new": LINE, "other": SEALED})
