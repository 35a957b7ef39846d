"""Rounds, medians and the table. What is ours and its raw limit are measured in turn, so a busy machine slows both."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: medians of the rounds. `ratio` is ours to the limit; `goal` is what it should reach.

    A `floor` is a figure to reach whatever the limit, a `ceiling` one to stay below.
    """

    name: str
    unit: str
    ours: float
    limit: float | None = None
    limit_is: str = ""
    goal: float | None = None
    floor: float | None = None
    ceiling: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to the limit."""
        return None if self.limit is None else self.ours / self.limit

    @property
    def holds(self) -> bool:
        """Whether the goal is reached. Where the unit is a time, less is better."""
        ratio = self.ratio
        if (
            self.goal is not None
            and ratio is not None
            and (ratio > self.goal if self.unit == "ms" else ratio < self.goal)
        ):
            return False
        return (self.floor is None or self.ours >= self.floor) and (self.ceiling is None or self.ours <= self.ceiling)

    @property
    def goal_is(self) -> str:
        """The goal in words."""
        sign = "≤" if self.unit == "ms" or self.ceiling is not None else "≥"
        if self.floor is not None or self.ceiling is not None:
            return f"{sign} {self.floor or self.ceiling:,.0f} {self.unit}"
        return f"{sign} {self.goal} ×" if self.goal is not None else ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self) | {"ratio": self.ratio, "holds": self.holds}


def seconds(work: Callable[[], Any]) -> float:
    """Return how long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(*works: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """Measure each work once a round, and return each one's median."""
    found = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*found, strict=True)]


def table(lines: list[Line]) -> str:
    """Return the lines as Markdown."""
    text = ["| | ours | raw limit, same run | ratio | goal | |", "|---|---:|---:|---:|---:|---|"]
    for line in lines:
        limit = f"{_number(line.limit)} {line.limit_is}" if line.limit is not None else line.limit_is
        ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
        holds = "" if not line.goal_is else "✓" if line.holds else "✗"
        text.append(
            f"| {line.name} | {_number(line.ours)} {line.unit} | {limit} | {ratio} | {line.goal_is} | {holds} |"
        )
    return "\n".join(text) + "\n"


def say(text: str) -> None:
    """Say what is being measured."""
    sys.stderr.write(f"{text}\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
