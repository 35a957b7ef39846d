"""What `yihu check` found, in words, and for programs that collect test results (JUnit)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from services.commands.emitter import Line
from services.commands.kit import CASES, Case
from shared.language.catalogue import CATALOGUE


@dataclass
class Own:
    """What came of the events of one type of an integrator's own file; `lines` is where each reason came first."""

    recorded: int = 0
    again: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    words: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Count what came of one line."""
        if line.recorded:
            self.recorded, self.again = self.recorded + line.new, self.again + (not line.new)
            self.flags.update(line.answer.get("flags", ()))
            return
        self.refused += 1
        for fault in line.answer.get("errors", ()):
            reason = (fault["code"], fault["pointer"])
            self.reasons[reason] += 1
            self.words.setdefault(reason, (line.number, fault["zh"], fault["en"]))

    def as_json(self, kind: str) -> dict[str, Any]:
        """Return it for programs."""
        reasons = [
            {"code": code, "pointer": pointer, "count": number}
            | dict(zip(("line", "zh", "en"), self.words[code, pointer], strict=True))
            for (code, pointer), number in self.reasons.most_common()
        ]
        found = {"type": kind, "recorded": self.recorded, "again": self.again, "refused": self.refused}
        return found | {"flags": dict(self.flags), "reasons": reasons}


def own_events(lines: Iterable[Line], departments: Sequence[str]) -> tuple[dict[str, Own], list[str]]:
    """Return what came of an integrator's own events by type, and the types that its departments have beside."""
    found: dict[str, Own] = defaultdict(Own)
    for line in lines:
        found[line.type if CATALOGUE.get(line.type) else ""].take(line)
    unseen = [known.type for known in CATALOGUE if known.department in departments and known.type not in found]
    return dict(found), unseen


def kit_lines(cases: Sequence[Case]) -> Iterator[str]:
    """Yield the report of the kit: a line a type, and below it what did not hold and why."""
    for kind in sorted({case.type for case in cases}, key=lambda kind: (not kind, kind)):
        of_type = [case for case in cases if case.type == kind]
        passed = sum(case.passed for case in of_type)
        yield f"{'✓' if passed == len(of_type) else '✗'} {_label(kind)}  {passed}/{len(of_type)}"
        for case in of_type:
            if not case.passed:
                guarantee, zh, en = CASES[case.name]
                yield f"    [{guarantee} {case.name}] 应当 {zh} / expected: {en}"
                yield f"        实得 got: {case.found}"


def own_lines(found: dict[str, Own], unseen: Sequence[str]) -> Iterator[str]:
    """Yield the report of an integrator's own events: by type what to fix, and the types that did not come."""
    for kind, own in sorted(found.items()):
        counts = f"可记录 {own.recorded}，重复 {own.again}，拒绝 {own.refused}"
        yield f"{'✗' if own.refused else '✓'} {_label(kind)}  {counts}"
        for (code, pointer), number in own.reasons.most_common():
            line, zh, en = own.words[code, pointer]
            yield f"    {number} × [{code} {pointer}".rstrip() + f"] {zh} {en}（首见第 {line} 行 first in line {line}）"
        for flag, number in own.flags.most_common():
            yield f"    {number} × 提示 flag {flag}"
    if unseen:
        yield f"未见的类型 Types that did not come: {len(unseen)}"
        yield from (f"    {_label(kind)}" for kind in unseen)


def junit(cases: Sequence[Case]) -> bytes:
    """Return the cases as a JUnit report: a suite a department, a class a type."""
    root = ET.Element("testsuites")
    by_suite: dict[str, list[Case]] = defaultdict(list)
    department = ""
    for case in cases:
        department = case.type.partition(".")[0] or department
        by_suite[department].append(case)
    for suite, some in by_suite.items():
        failed = sum(not case.passed for case in some)
        inside = ET.SubElement(root, "testsuite", name=suite, tests=str(len(some)), failures=str(failed))
        for case in some:
            name = f"{case.name} ({case.guarantee}) {CASES[case.name][1]}"
            one = ET.SubElement(inside, "testcase", classname=case.type or suite, name=name)
            if not case.passed:
                ET.SubElement(one, "failure", message=CASES[case.name][2]).text = case.found
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _label(kind: str) -> str:
    declaration = CATALOGUE.get(kind)
    return f"{declaration.label} {kind}" if declaration else "（不属于某一类型 of no type）"
