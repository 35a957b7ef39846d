from datetime import date

from shared.language import kinds
from shared.language.kinds import Kind
from shared.policy.lists import clauses, code_lists, flags

DERIVED = {"SEX", "CERTSTAT", "STUDENTST", "ECON", "RECTSTAT", "SENS", "DIVOLD"}
"""Lists of what follows from events, or stands inside a number: no field of an event holds their codes."""


def test_every_code_has_its_words_in_both_languages() -> None:
    for name, entry in code_lists().items():
        assert all((entry["zh"], entry["en"], entry["codes"])), name
        for code, words in entry["codes"].items():
            assert all((words["zh"], words["en"])), (name, code)
            assert not {"(", ","} & {*words["zh"]}, (name, code)  # full-width in Chinese


def test_every_list_that_a_field_can_hold_has_a_kind_of_its_own() -> None:
    annotations = [getattr(kinds, name) for name in kinds.__all__]
    named = [part.code_list for one in annotations for part in getattr(one, "__metadata__", ()) if part.code_list]
    assert len(named) == len(set(named))
    assert set(named) == code_lists().keys() - DERIVED
    assert all(isinstance(kinds.code_of(name), Kind) for name in named)


def test_a_code_ends_after_it_begins() -> None:
    for entry in code_lists().values():
        for words in entry["codes"].values():
            first = date.fromisoformat(words.get("valid_from", "0001-01-01"))
            assert first <= date.fromisoformat(words.get("valid_to", "9999-12-31"))


def test_a_code_that_stands_for_a_payment_has_its_clause() -> None:
    assert {words["clause"] for words in code_lists()["BENEFIT"]["codes"].values()} <= clauses().keys()


def test_no_word_of_a_consent_leads_to_two_matters() -> None:
    scopes = code_lists()["CONSENT"]["codes"].values()
    assert all(isinstance(scope["statutory"], bool) for scope in scopes)
    words = [word for scope in scopes for word in scope["words"]]
    assert not [(one, other) for one in words for other in words if one != other and one in other]


def test_every_need_leads_to_rules() -> None:
    assert all(need["rules"] for need in code_lists()["NEED"]["codes"].values())


def test_every_flag_is_one_sentence_in_each_language() -> None:
    for code, words in flags().items():
        assert words["zh"].index("。") == len(words["zh"]) - 1, code
        assert words["en"].index(".") == len(words["en"]) - 1, code
