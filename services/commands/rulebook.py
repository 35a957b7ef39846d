"""The rules as people read them, docs/rules.md: each with its number, its words, and the tests that hold it.

What a rule says is taken from the rule itself. Its tests are found in the text of tests/: a `Case` by its number, any
other test by its mark `holds`.
"""

import ast
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from textwrap import dedent
from typing import Any

from services.departments import BY_NAME, DEPARTMENTS, domain_of, load_catalogue
from services.family_case.flags import FLAGS, Flag
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.fields import Fact
from shared.language.rules import Rule
from shared.log.parameters import types_that_set
from shared.policy.lists import flags

ROOT = Path(__file__).resolve().parents[2]
EVERY_RULE_HAS_A_NUMBER = True
"""Whether a rule without a number is a fault of the book: not yet, while departments are being written."""
OF_EVERY_TYPE = {
    "G.1": (
        "refuse",
        "unknown_type",
        "A department takes in events of its own types alone.",
        "各部门只报送本部门的事件。",
    ),
    "G.2": (
        "refuse",
        "dated_in_the_future",
        "An event does not lie after the day on which it was written down, or, if it does not say, received.",
        "发生日期不得晚于登记日期；未写登记日期的，不得晚于收到之日。",
    ),
    "G.3": ("refuse", "refusal_without_reason", "A refusal says why.", "不予同意的决定须写明原因。"),
    "G.4": (
        "refuse",
        "unknown_code",
        "A code is in its list and counts on the day.",
        "代码须在代码表内，且在事件当日有效。",
    ),
    "G.5": ("refuse", "named_twice", "A list names nothing twice.", "列表不得重复列入。"),
    "G.6": ("refuse", "four_eyes", "Who approves is not who recorded.", "批准人与登记人不得为同一人。"),
    "G.7": (
        "refuse",
        "natural_key_taken",
        "The same fact again changes nothing; the same fact with other content is corrected, not sent.",
        "同一事实重复报送不再入账；内容不同的，须用更正事件。",
    ),
    "G.8": (
        "flag",
        "number_ends_000",
        "An identity number that ends in 000 is looked at.",
        "证件号码末三位为000的，须核对。",
    ),
    "REG-22.1": (
        "refuse",
        "no_such_event",
        "What is corrected is on record here, and stands.",
        "更正的须是本部门在案且未撤销的记录。",
    ),
    "REG-22.2": (
        "refuse",
        "",
        "What a correction says is checked as the type that it corrects, without its order.",
        "更正后的内容按原类型核对，不再核对顺序。",
    ),
    "REG-23.1": (
        "refuse",
        "already_withdrawn",
        "What is withdrawn is on record here, and stands.",
        "撤销的须是本部门在案且未撤销的记录。",
    ),
    "REG-23.2": (
        "refuse",
        "four_eyes",
        "Who approves a withdrawal is not who recorded it.",
        "批准人与登记人不得为同一人。",
    ),
    "REG-23.3": (
        "flag",
        "dependants_left",
        "Others rest on what is withdrawn; the receipt lists them.",
        "另有记录以所撤销的记录为依据的，予以提示并在回执中列出。",
    ),
    "REG-23.4": (
        "flag",
        "approval_missing",
        "Others rest on what is withdrawn, and nobody approved it.",
        "所撤销的记录另有记录以其为依据，且无复核人的，予以提示。",
    ),
}
"""What holds for every type, and for every department's corrections and withdrawals: the door sees to it."""
FLAGS_OF_A_TYPE = [one for one in FLAGS if one.name]
FLAGS_OF_ANY_TYPE = [one for one in FLAGS if not one.name]
"""What the family case flags: about one type, and about any."""
_COLUMNS = ("| number 编号 | effect | rule 规则 | fault or flag | tests |", "|---|---|---|---|---|")
_HEAD = """# Rules 规则

Generated from the departments' rules and their tests by `make catalogue`; do not edit.

{} rules. The number of an order has a letter (REH-06.a), that of an invariant has none (REH-06.1). *Refuse* 拒绝:
nothing is recorded, and the sender gets the fault. *Flag* 标注: the event is recorded; its receipt and its entry in a
history show the flag. *Flag, by the case* 家庭案卷标注: the facts of several departments show it; the entry has the
flag for as long as it is so, and no receipt knows of it. Imported history (`legacy`) waives whatever asks the
department's own log, the case, or a parameter. What changes in a sentence is shown as `…`.
"""


@dataclass(frozen=True, slots=True)
class Tested:
    """What the tests say of a rule: which ones hold it, and the codes that they expect."""

    tests: set[tuple[str, str]] = field(default_factory=set)
    """File, and function; a case has none, its file says it."""
    codes: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule of the book; parts that have one number are one entry."""

    number: str
    declaration: Declaration
    rules: tuple[Rule, ...]
    tested: Tested

    @property
    def effect(self) -> str:
        """What comes of breaking it: refuse, flag, or the one or the other."""
        return " / ".join(sorted({rule.effect for rule in self.rules}, reverse=True))

    @property
    def english(self) -> str:
        """What it says, in English."""
        return " ".join(dict.fromkeys(_english(rule) for rule in self.rules))

    @property
    def chinese(self) -> str:
        """What it says, in Chinese: the sentences of its faults and flags; what changes in them is `…`."""
        return "".join(dict.fromkeys(chain.from_iterable(_chinese(rule) for rule in self.rules)))

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its faults and flags."""
        known = dict.fromkeys(chain.from_iterable(_codes(rule) for rule in self.rules))
        return tuple(known or self.tested.codes)


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag of the family case in the book."""

    flag: Flag
    declaration: Declaration | None
    """The type that it is about; None for any."""
    tested: Tested

    @property
    def number(self) -> str:
        """Its number."""
        return self.flag.number

    @property
    def effect(self) -> str:
        """It flags, and no receipt knows of it."""
        return "flag, by the case"

    @property
    def english(self) -> str:
        """What it says, in English."""
        return self.flag.english

    @property
    def chinese(self) -> str:
        """What it says, in Chinese."""
        return flags()[self.flag.code]["zh"]

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of the flag."""
        return (self.flag.code,)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of every department."""
    load_catalogue()
    return tuple(chain.from_iterable(domain_of(department.name).RULES for department in DEPARTMENTS))


@cache
def entries(root: Path = ROOT) -> list[Entry | Raised]:
    """Return every rule of a type that has a number, by its number: the departments' and the family case's."""
    tests = tested(root / "tests")
    found: dict[tuple[Any, str], list[Rule]] = defaultdict(list)
    for rule in rules():
        for number in rule.numbers:
            found[rule.cls, number].append(rule)
    book: list[Entry | Raised] = [
        Entry(number, CATALOGUE.of(cls), tuple(parts), tests.get(number, Tested()))
        for (cls, number), parts in found.items()
    ]
    book += raised(tests, FLAGS_OF_A_TYPE)
    return sorted(book, key=lambda one: _order(one.number))


def raised(tests: Mapping[str, Tested], some: Iterable[Flag]) -> list[Raised]:
    """Return flags of the family case, each with the type that it is about."""
    types = {one.type.rpartition(".")[2]: one for one in CATALOGUE}
    return [Raised(one, types[one.name] if one.name else None, tests.get(one.number, Tested())) for one in some]


def lines_of(declaration: Declaration | None, book: Iterable[Entry | Raised], up: str = "..") -> list[str]:
    """Return a table of the rules of one type, or of any; nothing where there are none. `up` leads to the project."""
    rows = [
        f"| {rule.number} | {rule.effect} | {rule.english}<br>{rule.chinese} | "
        f"{_coded(rule.codes)} | {_tests(rule.tested, up)} |"
        for rule in book
        if rule.declaration is declaration
    ]
    return [*_COLUMNS, *rows] if rows else []


def page(root: Path = ROOT) -> str:
    """Return docs/rules.md."""
    book = entries(root)
    held = tested(root / "tests")
    of_any = raised(held, FLAGS_OF_ANY_TYPE)
    general = [
        f"| {number} | {effect} | {en}<br>{zh} | {_coded([code] if code else [])} | {_tests(held.get(number), '..')} |"
        for number, (effect, code, en, zh) in OF_EVERY_TYPE.items()
    ]
    parts = [_HEAD.format(len(book) + len(general) + len(of_any))]
    parts.append("\n## 所有部门 Every department\n\n" + "\n".join([*_COLUMNS, *general]) + "\n")
    parts.append("\n## 家庭案卷 The family case\n\n" + "\n".join(lines_of(None, of_any)) + "\n")
    for name, department in BY_NAME.items():
        known = (one.declaration for one in book if one.declaration)
        types = dict.fromkeys(declaration for declaration in known if declaration.department == name)
        if types:
            parts.append(f"\n## {department.zh} {department.en}\n")
        for declaration in types:
            lines = "\n".join(lines_of(declaration, book))
            parts.append(f"\n### {declaration.label} `{declaration.type}`\n\n{lines}\n")
    return "".join(parts)


def problems(root: Path = ROOT) -> list[str]:
    """Return what is wrong with the book: a rule that nobody tests, a number used twice, a test of no rule.

    And a refusal because of a parameter that another department has set.
    """
    book = entries(root)
    types: dict[str, set[str]] = defaultdict(set)
    for one in (*book, *raised(tested(root / "tests"), FLAGS_OF_ANY_TYPE)):
        types[one.number].add(one.declaration.type if one.declaration else "")
    found = [f"{number}: no test holds it" for number in types if number not in tested(root / "tests")]
    found += [f"{number}: several types have it" for number, having in types.items() if len(having) > 1]
    found += [f"{number}: no test holds it" for number in OF_EVERY_TYPE if number not in tested(root / "tests")]
    for number, tests in tested(root / "tests").items():
        if number not in types and number not in OF_EVERY_TYPE:
            found += [f"{number}: no rule has it ({file})" for file in sorted({file for file, _ in tests.tests})]
    found += [
        f"{rule.cls.__name__}, {rule.name}: what another department has set only flags"
        for rule in rules()
        if rule.effect == "refuse" and not types_that_set(CATALOGUE.of(rule.cls).department) and _asks_a_parameter(rule)
    ]
    if EVERY_RULE_HAS_A_NUMBER:
        found += [f"{rule.cls.__name__}, {rule.name}: it has no number" for rule in rules() if not rule.numbers]
    return found


@cache
def tested(folder: Path) -> dict[str, Tested]:
    """Return what the tests in a folder hold, by the number of the rule."""
    found: dict[str, Tested] = defaultdict(Tested)
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "Case(" not in text and "holds(" not in text:
            continue
        name = path.relative_to(folder.parent).as_posix()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and _called(node) == "Case":
                for number in filter(None, map(_text, node.args[:1])):
                    found[number].tests.add((name, ""))
                    expected = (_text(word.value) for word in node.keywords if word.arg in {"refuses", "flags"})
                    found[number].codes.update({code.split()[0]: None for code in expected if code})
            elif isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and _called(mark) == "holds":
                        for number in filter(None, map(_text, mark.args)):
                            found[number].tests.add((name, node.name))
    return found


def _order(number: str) -> tuple[str, bool, int, str]:
    """Return by what numbers are sorted: orders first, and 10 after 9."""
    kind, _, place = number.partition(".")
    return kind, place.isdigit(), int(place) if place.isdigit() else 0, place


def _english(rule: Rule) -> str:
    if rule.fields:
        return " ".join(_declared(name, CATALOGUE.of(rule.cls).facts[name]) for name in rule.fields)
    if rule.words[1]:
        return rule.words[1]
    return " ".join((inspect.getdoc(rule.check) or rule.name).split("\n\n")[0].split())


def _declared(name: str, fact: Fact) -> str:
    if fact.when is not None:
        only = "" if fact.when.allowed else ", and only then"
        return f"`{name}` is required when `{fact.when.field}` is {' or '.join(fact.when.values)}{only}."
    bounds = fact.bounds
    if bounds is None:
        return f"`{name}` is {'a list of ' if fact.many else ''}{fact.kind.name}."
    limits = {"more than": bounds.over, "at least": bounds.at_least, "at most": bounds.at_most}
    return f"`{name}` is {' and '.join(f'{word} {limit}' for word, limit in limits.items() if limit is not None)}."


def _chinese(rule: Rule) -> Iterator[str]:
    if rule.words[0]:
        yield rule.words[0]
    for name in rule.fields:
        fact = CATALOGUE.of(rule.cls).facts[name]
        if fact.when is not None and fact.when.words is not None:
            yield fact.when.words[1]
    for tree in _sources(rule.check) if not (rule.words[0] or rule.fields) else ():
        yield from _sentences(tree)
        for code in _first_texts(tree, "flag"):
            yield f"{flags()[code]['zh'].rstrip('。')}。"


def _codes(rule: Rule) -> Iterator[str]:
    if rule.code:
        yield rule.code
    elif not rule.fields:
        for tree in _sources(rule.check):
            yield from _first_texts(tree, "Fault", "flag")


def _asks_a_parameter(rule: Rule) -> bool:
    nodes = (node for tree in _sources(rule.check) for node in ast.walk(tree)) if rule.asks and not rule.code else ()
    return any(isinstance(node, ast.Attribute) and node.attr == "parameter" for node in nodes)


def _sources(check: Callable[..., Any]) -> Iterator[ast.AST]:
    """Yield the syntax of a check, and of the functions of its department that it calls."""
    waiting, seen = [check], {check}
    while waiting:
        one = waiting.pop(0)
        tree = ast.parse(dedent(inspect.getsource(one)))
        yield tree
        for node in ast.walk(tree):
            called = one.__globals__.get(node.id) if isinstance(node, ast.Name) else None
            if inspect.isfunction(called) and called.__module__.startswith("services.") and called not in seen:
                seen.add(called)
                waiting.append(called)


def _sentences(node: ast.AST) -> Iterator[str]:
    """Yield the Chinese sentences in some syntax."""
    text = _text(node)
    if isinstance(node, ast.JoinedStr):
        text = "".join(_text(part) or "…" for part in node.values)
    if text is None:
        for child in ast.iter_child_nodes(node):
            yield from _sentences(child)
    elif text.endswith("。"):
        yield text


def _first_texts(tree: ast.AST, *names: str) -> Iterator[str]:
    """Yield the first argument of each call of these functions, where it is a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in names and node.args and (text := _text(node.args[0])):
            yield text


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _coded(codes: Iterable[str]) -> str:
    return " ".join(f"`{code}`" for code in codes)


def _tests(tested: Tested | None, up: str) -> str:
    tests = sorted(tested.tests) if tested else ()
    return "<br>".join(f"[{name or Path(file).stem}]({up}/{file})" for file, name in tests)
