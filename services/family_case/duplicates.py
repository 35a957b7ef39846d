"""Who may be one person under two numbers: pairs with what matches and what does not, for a person to decide. Pure.

Numbers differ, names and certificates are sealed, so a pair rests on what is left: born, sex, guardian, household,
county. Nothing is merged here: whoever looks records `duplicate_merged`, or `duplicate_dismissed`, at the federation.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

WORDS = {
    "born": ("出生日期", "date of birth"),
    "sex": ("性别", "sex"),
    "guardian": ("监护人", "guardian"),
    "household": ("案卷", "case"),
    "division": ("区划", "county"),
}
"""What is compared, in Chinese and English."""
BORN, SEX, GUARDIAN, HOUSEHOLD, DIVISION = "born", "sex", "guardian", "household", "division"
Pair = tuple[str, str]


@dataclass(slots=True)
class Known:
    """What is known of a person by one number: empty where nothing is. Without a `family` what is about them waits."""

    token: str
    born: str = ""
    sex: str = ""
    family: str = ""
    division: str = ""
    guardians: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two numbers that may be one person's; what of both matches, what does not, and what is not known of one."""

    one: Known
    other: Known
    matches: tuple[str, ...]
    differs: tuple[str, ...]
    unknown: tuple[str, ...]


def candidates(persons: Iterable[Known], together: Collection[Pair]) -> set[Pair]:
    """Return the pairs worth a closer look: born on one day, of one sex, one in no family or both of one county.

    Whom one opening names (`together`) are two: twins.
    """
    alike: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for person in persons:
        if person.born:
            alike[person.born, person.sex].append(person)
    return {
        pair
        for group in alike.values()
        for one, other in combinations(group, 2)
        if (pair := pair_of(one.token, other.token)) not in together
        and (not (one.family and other.family) or (one.family != other.family and one.division == other.division))
    }


def proposals(pairs: Iterable[Pair], known: dict[str, Known]) -> list[Proposal]:
    """Return which of some pairs may be one person: those that match most first."""
    found = [one for pair in pairs if (one := _compare(known[pair[0]], known[pair[1]])) is not None]
    return sorted(found, key=lambda one: (-len(one.matches), len(one.differs), one.one.token, one.other.token))


def pair_of(one: str, other: str) -> Pair:
    """Return a pair in one order, whichever way it was named."""
    return (one, other) if one < other else (other, one)


def _compare(one: Known, other: Known) -> Proposal | None:
    said: dict[str, bool | None] = {
        BORN: _same(one.born, other.born),
        SEX: _same(one.sex, other.sex),
        GUARDIAN: bool(one.guardians & other.guardians) if one.guardians and other.guardians else None,
        HOUSEHOLD: _same(one.family, other.family),
        DIVISION: _same(one.division, other.division),
    }
    if not _is_likely(one, other, said):
        return None
    by = {answer: tuple(name for name, given in said.items() if given is answer) for answer in (True, False, None)}
    return Proposal(one, other, by[True], by[False], by[None])


def _is_likely(one: Known, other: Known, said: dict[str, bool | None]) -> bool:
    """Whether two may be one: a guardian in common, or one of them in no family and nothing against it."""
    if said[BORN] is False or said[SEX] is False:
        return False
    if said[GUARDIAN]:
        return True
    waits = not (one.family and other.family)
    return waits and bool(said[BORN]) and said[GUARDIAN] is None and said[DIVISION] is not False


def _same(one: str, other: str) -> bool | None:
    return one == other if one and other else None


def unborn(persons: Iterable[Known], of_family: dict[str, list[str]], family_of: dict[str, str]) -> Iterator[Pair]:
    """Yield pairs of somebody whose birth date is not known, as of a newborn, and of their guardian's family."""
    for person in persons:
        if not person.born:
            for guardian in sorted(person.guardians):
                for other in of_family.get(family_of.get(guardian, ""), ()):
                    if other not in {person.token, guardian}:
                        yield pair_of(person.token, other)
