"""What the themes of one family's story know of each other: who is in it, and on which day what began."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from services.city import calibration
from services.city.people import Family, Person
from services.city.story import Story


@dataclass(slots=True)
class Life:
    """A family and its story so far; a theme adds what others go by."""

    story: Story
    number: int
    family: Family
    opened: date
    hukou: str
    basis: str | None
    """Why the family is going to be recognised as difficult; None for one that is not."""
    recognised: date | None = None
    adult_category: str = ""
    """What a disabled parent is certified for."""
    certified: date | None = None
    """Since when the child has a certificate."""
    certified_for: str = ""
    consented: bool = False
    consents: list[str] = field(default_factory=list)
    assisted_from: str | None = None
    """Since which month they live on 低保."""
    in_training: bool = False
    move: tuple[str, date, str] | None = None
    """A move to come: its kind, the day, the county."""

    @property
    def child(self) -> Person:
        """The child that the story is about."""
        return self.family.child

    @property
    def county(self) -> str:
        """Where they lived when their case was opened."""
        return self.story.division

    def process(self, kind: str, year: int | str = "") -> str:
        """Return the number of a file, as offices number them."""
        return f"{kind}-{self.number:05}" + (f"-{year}" if year else "")

    def late(self) -> int:
        """Return how many days late something is written down: most often none."""
        rng = self.story.rng
        return rng.randint(31, 75) if rng.random() < calibration.LATE else 0

    def document(self, name: str, suffix: str = "") -> str:
        """Return the name of a paper in the family's file."""
        return f"{name}{self.number:05}{suffix}"

    def soon(self, least: int, most: int) -> date:
        """Return a working day between so many days after the case was opened."""
        return self.story.after(self.opened, least, most)

    @property
    def end(self) -> date:
        """The last day of the story."""
        return min(self.story.ends, calibration.LAST)

    def within(self, day: date, days: int = 0) -> bool:
        """Whether a day, and so many days after it, lie within the story."""
        return day + timedelta(days=days) <= self.end
