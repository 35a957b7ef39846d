"""Every rule has a number, its words and a test that holds it; docs/rules.md says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.commands import rulebook
from services.disability_federation.rehabilitation.events import RehabMonthReported
from services.medical_insurance.events import LtcBenefitDecided
from shared.errors import Fault
from shared.language.catalogue import CATALOGUE
from shared.language.rules import Past, Rules

SUM = "REH-06.1"


def test_every_rule_with_a_number_is_tested_and_no_number_is_used_twice() -> None:
    assert rulebook.problems() == []


def folder_of(folder: Path, text: str) -> Path:
    (folder / "tests").mkdir()
    (folder / "tests" / "test_some.py").write_text(text)
    return folder


def test_a_rule_that_nobody_tests_and_a_test_of_no_rule_are_problems(tmp_path: Path) -> None:
    root = folder_of(tmp_path, '@holds("REH-06.99")\ndef test_this() -> None: ...\n')
    found = rulebook.problems(root)
    assert f"{SUM}: no test holds it" in found
    assert "REH-06.99: no rule has it (tests/test_some.py)" in found


def test_a_refusal_because_of_another_departments_parameter_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules()

    @rules.invariant(LtcBenefitDecided)
    def refuses(event: LtcBenefitDecided, past: Past) -> Iterator[Fault]:
        """Refuse by a parameter."""
        if int(event.level) < past.parameter("P-LTC-MIN-LEVEL"):
            yield Fault("too_low", "/data/level", "等级过低。", "Too low.")

    monkeypatch.setattr(rulebook, "rules", lambda: tuple(rules))
    problem = "LtcBenefitDecided, refuses: what another department has set only flags"
    assert problem in rulebook.problems()


def test_cases_and_marked_tests_hold_what_they_name(tmp_path: Path) -> None:
    text = f"""
CASES = [Case("{SUM}", RehabMonthReported, refuses="a_code /data")]

@holds("{SUM}", "REH-06.2")
def test_this() -> None: ...
"""
    found = rulebook.tested(folder_of(tmp_path, text) / "tests")
    assert found[SUM].tests == {("tests/test_some.py", ""), ("tests/test_some.py", "test_this")}
    assert list(found[SUM].codes) == ["a_code"]
    assert found["REH-06.2"].tests == {("tests/test_some.py", "test_this")}


def test_a_type_has_its_rules_in_words_of_both_languages_orders_first() -> None:
    lines = rulebook.lines_of(CATALOGUE.of(RehabMonthReported), rulebook.entries())
    assert lines[2].startswith("| REH-06.a | refuse | Out of order")
    assert "一办件的“康复机构接收开训”记录。 | `out_of_order` | [" in lines[2]
    [line] = [line for line in lines if line.startswith("| REH-06.4 | flag | Flag a month")]
    assert "累计金额超过年度限额。 | `above_annual_limit` | " in line
