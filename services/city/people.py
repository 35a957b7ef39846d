"""Made-up people: numbers in regions that were never assigned, each of them only once, and names nobody bears."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from services.city import calibration
from shared.language.identifiers import check_character

T = TypeVar("T")
LARGEST = 80_000
"""How many families have numbers of their own."""
FATHERS, MOTHERS, ELDERS, OFFICIALS = range(1976, 1999), range(1978, 2001), range(1944, 1966), range(1966, 1976)
"""In which years they are born: no generation shares a year with another, so their numbers cannot meet."""
PLACES_FOR_CHILDREN = 4
_REGIONS = ("421299", "422399")
_DAYS, _SEQUENCES = 365, 440
_NUMBERS = _DAYS * len(_REGIONS) * _SEQUENCES
_MOTHERS_APART, _ELDERS_APART = 91_003, 201_011
_STEP = 104_729
"""A prime: neighbours' birthdays and numbers lie far apart."""
_MALE = [f"{sequence:03}" for sequence in range(101, 1000, 2)][:_SEQUENCES]
# a number ending in 00 could end in 000, as spreadsheets leave them
_FEMALE = [f"{sequence:03}" for sequence in range(102, 1000, 2) if sequence % 100][:_SEQUENCES]

SURNAMES = ("虚", "构", "假", "设", "拟", "佚")
GIVEN = (
    *("大川", "小溪", "麦穗", "禾苗", "远航", "星野", "青山", "桂香", "明月", "春燕", "秋实", "冬青", "晓峰", "雨晴"),
    *("立夏", "若水", "知行", "向阳", "安宁", "永康", "子墨", "一诺", "家和", "海棠", "白露", "长庚", "南枝", "北辰"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: the number, the day of birth and the sex (1 male, 2 female) in it, and a name."""

    number: str
    born: date
    sex: str
    name: str

    def age(self, on: date) -> int:
        """Return how old they are on a day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))

    def birthday(self, years: int) -> date:
        """Return the day on which they reach an age."""
        return self.born.replace(year=self.born.year + years)


def person(seed: int, slot: int, year: int, sex: str, name: str, apart: int = 0) -> Person:
    """Return the person who has a slot in a year of birth; two slots never get the same number.

    `apart` is one for all of a sex and generation: without it, the members of a family would share their birthday.
    """
    code = (slot * _STEP + seed + apart) % _NUMBERS
    day, rest = code % _DAYS, code // _DAYS
    born = date(2023, 1, 1) + timedelta(days=day)
    born = born.replace(year=year)
    sequence = (_MALE if sex == "1" else _FEMALE)[rest // len(_REGIONS)]
    body = f"{_REGIONS[rest % len(_REGIONS)]}{born:%Y%m%d}{sequence}"
    return Person(body + check_character(body), born, sex, name)


@dataclass(slots=True)
class Family:
    """Who lives together: the adults, the children, and the child that the story is about."""

    adults: list[Person]
    elders: list[Person]
    children: list[Person]
    child: Person
    category: str
    grade: str
    disabled_adult: Person | None
    mother: Person | None
    born_later: list[Person] = field(default_factory=list)

    @property
    def parent(self) -> Person:
        """Who speaks for the child: the mother if she lives here, else the father, else a grandparent."""
        return self.mother or [*self.adults, *self.elders][0]

    @property
    def head(self) -> Person:
        """Whose household it is."""
        return [*self.adults, *self.elders][0]

    @property
    def members(self) -> list[Person]:
        """Everybody who lived here when the case was opened."""
        return [*self.adults, *self.elders, *self.children]


def drawn(rng: Random, weights: Mapping[T, int]) -> T:
    """Return one of the keys, each as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def family(seed: int, number: int, opened: date, rng: Random) -> Family:
    """Return the family of a number: it follows from the seed and the number alone."""
    surname = rng.choice(SURNAMES)
    given = iter(rng.sample(GIVEN, 8))
    count = drawn(rng, calibration.CHILDREN)
    youngest, oldest = drawn(rng, calibration.AGES)
    age = rng.randint(youngest, oldest)
    year = opened.year - 1 - age
    father = rng.random() < calibration.FATHER
    mother = rng.random() < calibration.MOTHER
    oldest_possible = year - 20
    adults, found_mother = [], None
    if father or not mother:
        born = min(max(oldest_possible - rng.randint(0, 8), FATHERS.start), FATHERS.stop - 1)
        adults.append(person(seed, number, born, "1", surname + next(given)))
    if mother:
        born = min(max(oldest_possible - rng.randint(0, 6), MOTHERS.start), MOTHERS.stop - 1)
        found_mother = person(seed, number, born, "2", rng.choice(SURNAMES) + next(given), _MOTHERS_APART)
        adults.append(found_mother)
    elders = []
    if rng.random() < calibration.GRANDPARENT:
        sex = rng.choice("12")
        name = (surname if sex == "1" else rng.choice(SURNAMES)) + next(given)
        elders.append(person(seed, number, rng.choice(ELDERS), sex, name, _ELDERS_APART))
    slot = number * PLACES_FOR_CHILDREN
    child = person(seed, slot, year, drawn(rng, {"1": 60, "2": 40}), surname + next(given))
    children = [child]
    for place in range(1, count):
        apart = rng.choice((-6, -4, -3, 2, 3, 4)) - place
        born = min(year + apart, opened.year - 1)
        children.append(person(seed, slot + place, born, rng.choice("12"), surname + next(given)))
    children.sort(key=lambda one: one.born)
    disabled = rng.choice(adults) if rng.random() < 0.35 else None
    return Family(
        adults, elders, children, child, drawn(rng, calibration.CATEGORIES), drawn(rng, calibration.GRADES), disabled,
        found_mother,
        [person(seed, slot + PLACES_FOR_CHILDREN - 1, 2025, rng.choice("12"), surname + next(given))],
    )
