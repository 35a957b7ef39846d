"""The policy's parameters: each has a default of its grammar, and whatever does not fit a grammar is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.policy.lists import code_lists
from shared.policy.parameters import VALUE_LENGTH, Unfit, parameter, parameters

FITTING: dict[str, dict[str, Any]] = {
    "P-DIBAO-WD": {"30": 30, "0": 0, "3650": 3650},
    "P-REHAB-ANNUAL": {"15800.00": Decimal(15800), "0": Decimal(0), "99.5": Decimal("99.5")},
    "P-COCHLEAR-SECOND": {"true": True, "false": False},
    "P-GRACE": {"immediate": "immediate"},
    "P-COCHLEAR-GRADES": {"1,2": ("1", "2"), "1, 3": ("1", "3")},
    "P-SH-FOLLOWUP": {"1,3,6,12": (1, 3, 6, 12)},
    "P-2SUB-GRADES": {"1,3:5": (("1", None), ("3", "5"))},
    "P-TARGET-DATE": {"2028-02-29": date(2028, 2, 29)},
    "P-LTC-ACTIVE-FROM": {"null": None, "2027-01-01": date(2027, 1, 1)},
    "P-PLAN-DATE": {"02-29": "02-29"},
    "P-WORK-AGE": {"16-59": (16, 59)},
    "P-JOB-SEASON": {"01-01..03-31": ("01-01", "03-31")},
    "P-DIBAO-REVIEW": {'{"stable": 12, "unstable": "6"}': {"stable": 12, "unstable": 6}},
    "P-DIBAO-STD": {
        '[{"division": "*", "urban": "720.00", "rural": "560"}]': (
            {"division": "*", "urban": Decimal(720), "rural": Decimal(560)},
        )
    },
}
UNFIT = {
    "P-DIBAO-WD": ["", "-1", "3651", "30.0", "3O", "null", " 30", "٣٠", "1" * VALUE_LENGTH],
    "P-REHAB-ANNUAL": ["1.234", "100000.01", "1e3", "NaN", "-0.01", "1."],
    "P-COCHLEAR-SECOND": ["True", "1", "null"],
    "P-GRACE": ["later", ""],
    "P-COCHLEAR-GRADES": ["", "1,", "1,1", "5", "1;2"],
    "P-SH-FOLLOWUP": ["0", "1,x"],
    "P-2SUB-GRADES": ["3:", "3:9", ":5", "3:5:6"],
    "P-TARGET-DATE": ["2027-02-29", "20271231", "2027-1-1", "null"],
    "P-PLAN-DATE": ["02-30", "3-31", "13-01"],
    "P-WORK-AGE": ["59-16", "16", "16-", "16..59", "null"],
    "P-JOB-SEASON": ["03-31..01-01", "01-01-03-31"],
    "P-DIBAO-REVIEW": ["{}", '{"stable": 12}', '{"stable": 12, "unstable": 6, "x": 1}', "[]", "12",
                       '{"stable": 12.5, "unstable": 6}', '{"stable": true, "unstable": 6}',
                       '{"stable": 1, "stable": 1, "unstable": 6}'],
    "P-DIBAO-STD": ["[]", "{}", '[{"division": "999999", "urban": "1", "rural": "1"}]', "[1]", "[" * 999,
                    '[{"division": "*", "urban": 720.5, "rural": "1"}]'],
}  # fmt: skip


def test_every_parameter_has_its_words_and_a_default_that_fits() -> None:
    assert len(parameters()) == 153
    for name, one in parameters().items():
        assert name == one.id
        assert one.zh
        assert one.en
        assert one.who
        assert one.standard is not None or one.grammar["null"]
        assert len(one.default or "") <= VALUE_LENGTH
    assert {one.grammar["kind"] for one in parameters().values()} == {
        parameter(name).grammar["kind"] for name in FITTING
    }
    lists = [one.grammar["of"]["list"] for one in parameters().values() if "list" in one.grammar.get("of", {})]
    assert set(lists) <= set(code_lists())


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, values in FITTING.items() for text in values])
def test_a_value_is_read_as_what_it_is(name: str, text: str) -> None:
    found = parameter(name).read(text)
    assert (found, type(found)) == (FITTING[name][text], type(FITTING[name][text]))


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, values in UNFIT.items() for text in values])
def test_a_value_of_another_grammar_is_refused_in_words_that_do_not_repeat_it(name: str, text: str) -> None:
    with pytest.raises(Unfit) as refused:
        parameter(name).read(text)
    assert refused.value.zh.endswith("。")
    assert refused.value.en.endswith(".")
    assert len(text) < 9 or text not in refused.value.zh


def test_nobody_reads_a_parameter_that_is_not_listed() -> None:
    with pytest.raises(KeyError):
        parameter("P-TYPO")
