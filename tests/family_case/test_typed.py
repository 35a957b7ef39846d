"""What a mistyped key is answered: what it looks like, never what it was."""

import pytest

from services.family_case.typed import looks_like
from shared.errors import Refused
from shared.keys.persons import LinkKey
from tests.family_case.conftest import Hub
from tests.world import DAUGHTER

BASE = "52421299MJXRE0019W"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("XN-F-C5MG00B", "case_number_shape"),
        ("xn-f-c5mg00b22", "case_number_shape"),
        ("ＸＮ－Ｆ－Ｃ５ＭＧ００ＢＵ", "case_number_shape"),
        ("XNF C5MG 00B", "case_number_shape"),
        (BASE[:-1] + "X", "uscc_checksum"),
        (BASE[:-1], "uscc_shape"),
        (BASE + "1", "uscc_shape"),
        (BASE.replace("X", "I"), "uscc_shape"),
        (BASE.lower(), "code_of_an_organisation"),
        ("JG.0008", "code_of_an_organisation"),
    ],
)
def test_a_mistyped_case_number_or_code_is_called_what_it_looks_like(typed: str, code: str) -> None:
    fault = looks_like(typed)
    assert fault is not None
    assert fault.code == code
    assert typed not in fault.zh + fault.en


@pytest.mark.parametrize(
    "typed",
    [
        "XN-F-C5MG00B2",
        DAUGHTER,
        DAUGHTER[:-1],
        DAUGHTER[:-1] + "Y",
        DAUGHTER.replace("0", "O"),
        DAUGHTER + "43",
        DAUGHTER + "43B1",
        "G" + DAUGHTER,
        "A123456789",
        "4.21299E+17",
        "虚构甲",
        "'; DROP TABLE events; --",
        "x" * 5_000,
        "",
    ],
)
def test_what_may_be_a_number_of_a_person_or_is_nothing_at_all_is_like_neither(typed: str) -> None:
    assert looks_like(typed) is None


def test_the_search_answers_with_it_and_not_with_a_wrong_identity_number(hub: Hub) -> None:
    link = LinkKey(b"\1" * 32)
    for typed, code in (
        ("XN-F-C5MG00B", "case_number_shape"),
        (BASE, "code_of_an_organisation"),
        (DAUGHTER[:-1], "resident_id_shape"),
    ):
        with pytest.raises(Refused) as refused:
            hub.queries.search(typed, link, allow_test_regions=True)
        assert [fault.code for fault in refused.value.faults] == [code]
