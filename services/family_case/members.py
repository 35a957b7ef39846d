"""The members of a family as a page lists them: beside who left or died stands the day. Pure."""

from collections.abc import Iterable

from services.family_case.history import Entry, People
from shared.language.catalogue import Dies, Joins, Leaves, Opens
from shared.language.kinds import chinese_day


def members(people: People, entries: Iterable[Entry]) -> list[str]:
    """Return how each member of a history is called, in the order in which they were named.

    Whoever was named a member again after leaving belongs as before; who died is no more, whatever was said later.
    """
    left: dict[str, str] = {}
    died: dict[str, str] = {}
    for entry in entries:
        effect, data = entry.amended.effect, entry.data
        if not entry.amended.stands:
            continue
        if isinstance(effect, Opens):
            for person in data[effect.members]:
                left.pop(people.one(person), None)
        elif isinstance(effect, Joins):
            left.pop(people.one(data[effect.person]), None)
        elif isinstance(effect, Leaves):
            left[people.one(data[effect.person])] = f"{chinese_day(data[effect.until])}离开"
        elif isinstance(effect, Dies):
            died[people.one(entry.attributes["subject"])] = f"{chinese_day(data[effect.on])}去世"
    gone = left | died
    return [_beside(people.label(person), gone.get(person)) for person in people.members]


def _beside(label: str, gone: str | None) -> str:
    """Return a label with what became of the person: within its brackets, where it ends with some."""
    if gone is None:
        return label
    return f"{label[:-1]}，{gone}）" if label.endswith("）") else f"{label}（{gone}）"
