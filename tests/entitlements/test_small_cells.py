"""Small cells: what is hidden, and that nothing hidden can be computed from what is shown."""

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.entitlements.indicators.small_cells import HIDDEN, changes, published, shown
from services.entitlements.indicators.tables import WHOLE_CITY, Counts, Layout, Table, share

LEAST = 5
PARTS = ("met", "gap", "unknown")
LAYOUT = Layout(
    "tried",
    "试",
    ("rule", "county"),
    {"all": "应落实", "met": "已落实", "gap": "逾期", "unknown": "不详", "share_met": "占比"},
    ("all", *PARTS),
    {"all": PARTS},
    {"share_met": ("all", "met")},
)
FEW = st.one_of(st.integers(0, 7), st.integers(0, 60))
PAIRS = st.lists(st.tuples(FEW, FEW), min_size=2, max_size=2)
GRIDS = st.lists(st.tuples(FEW, FEW, FEW), min_size=1, max_size=4)
Grid = list[tuple[int, int, int]]
Pairs = list[tuple[int, int]]
Place = tuple[str, str]


def table(grid: Grid) -> Table:
    counts = Counts()
    for number, parts in enumerate(grid):
        for column, count in zip(PARTS, parts, strict=True):
            counts.add(("E02", f"42122{number}"), column, count)
    rows = counts.rows(LAYOUT)
    for row in rows.values():
        row["share_met"] = share(row["met"], row["all"])
    return Table(LAYOUT, rows)


def lines(of: Table) -> Iterator[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """Yield every total with its parts, as a reader adds them up."""
    counties = [county for _, county in of.rows]
    for column in LAYOUT.people:
        yield (WHOLE_CITY, column), [(county, column) for county in counties if county != WHOLE_CITY]
    for county in counties:
        yield (county, "all"), [(county, part) for part in PARTS]


def computed(of: Table) -> set[tuple[str, str]]:
    """Return the hidden cells that a patient reader can compute, who takes each line with one unknown in turn."""
    values = {(county, column): of.rows["E02", county][column] for _, county in of.rows for column in LAYOUT.people}
    unknown = {cell for cell, value in values.items() if value == HIDDEN}
    left = set(unknown)
    while True:
        found = None
        for total, parts in lines(of):
            open_ = [cell for cell in (total, *parts) if cell in left]
            if len(open_) == 1:
                found = open_[0]
                known = sum(values[part] for part in parts if part != found)
                values[found] = known if found == total else values[total] - known
                break
        if found is None:
            return unknown - left
        left.discard(found)


@given(GRIDS)
@settings(max_examples=100, deadline=None)
def test_nothing_hidden_can_be_computed_from_rows_and_columns(grid: Grid) -> None:
    assert computed(published(table(grid), LEAST)) == set()


@given(GRIDS)
@settings(max_examples=100, deadline=None)
def test_no_small_count_is_shown_and_zero_is(grid: Grid) -> None:
    real, public = table(grid), published(table(grid), LEAST)
    for (key, column), value in shown(public).items():
        assert value == 0 or value >= LEAST
        assert value == real.rows[key][column]
    assert all(public.rows[key][column] == 0 for key, row in real.rows.items() for column in PARTS if not row[column])


@given(GRIDS)
@settings(max_examples=100, deadline=None)
def test_what_is_left_of_a_total_is_never_small_where_both_are_shown(grid: Grid) -> None:
    for row in published(table(grid), LEAST).rows.values():
        for part in PARTS:
            if HIDDEN not in {row["all"], row[part]}:
                assert not 0 < row["all"] - row[part] < LEAST


@given(GRIDS)
@settings(max_examples=60, deadline=None)
def test_a_share_is_hidden_with_its_numerator_and_denominator(grid: Grid) -> None:
    for row in published(table(grid), LEAST).rows.values():
        assert (row["share_met"] == HIDDEN) == (HIDDEN in {row["all"], row["met"]})


@given(st.lists(st.tuples(FEW, FEW), min_size=2, max_size=2), st.lists(st.tuples(FEW, FEW), min_size=2, max_size=2))
@settings(max_examples=100, deadline=None)
def test_of_two_months_no_change_of_a_few_can_be_computed(
    before: list[tuple[int, int]], now: list[tuple[int, int]]
) -> None:
    first = published(table([(*one, 0) for one in before]), LEAST)
    second = published(table([(*one, 0) for one in now]), LEAST, shown(first))

    assert computed(second) == set()
    for cell, value in shown(second).items():
        earlier = shown(first).get(cell)
        assert earlier is None or not 0 < abs(value - earlier) < LEAST


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=2))
@settings(max_examples=12, deadline=None)
def test_a_reader_who_tries_every_count_finds_more_than_one_for_each_hidden_cell(grid: list[tuple[int, int]]) -> None:
    public = published(table([(*one, 0) for one in grid]), LEAST)
    hidden = [
        (county, column)
        for _, county in public.rows
        for column in LAYOUT.people
        if public.rows["E02", county][column] == HIDDEN
    ]
    possible = [
        answer
        for tried in product(range(7), repeat=4)
        if (answer := _fits(public, [tried[:2], tried[2:]], set(hidden))) is not None
    ]
    for cell in hidden:
        assert len({answer[cell] for answer in possible}) > 1, cell


def _fits(
    public: Table, tried: list[tuple[int, ...]], hidden: set[tuple[str, str]]
) -> dict[tuple[str, str], int] | None:
    """Return the counts of a grid that somebody tries, if nothing that is shown speaks against it."""
    other = table([(one[0], one[1], 0) for one in tried])
    found = {
        (county, column): other.rows["E02", county][column] for _, county in other.rows for column in LAYOUT.people
    }
    for (county, column), value in found.items():
        is_hidden = (county, column) in hidden
        if (is_hidden and value == 0) or (not is_hidden and value != public.rows["E02", county][column]):
            return None
    return found


def test_a_change_of_a_few_is_published_as_such() -> None:
    first = published(table([(40, 20, 10), (60, 30, 20), (80, 40, 30)]), LEAST)
    real = table([(42, 20, 10), (75, 30, 20), (90, 55, 42)])
    second = published(real, LEAST, shown(first))
    said = changes(real, second, LEAST, shown(first))

    assert (said[("E02", "421220"), "met"], second.rows["E02", "421220"]["met"]) == ("<5", HIDDEN)
    assert (said[("E02", "421222"), "gap"], second.rows["E02", "421222"]["gap"]) == ("+15", 55)


def test_a_sum_of_money_is_hidden_with_those_whom_it_went_to() -> None:
    layout = Layout(
        "money", "钱", ("county",), {"persons": "人数", "paid": "发放"}, ("persons",), {}, {"paid": ("persons",)}
    )
    rows = {
        ("421221",): {"persons": 2, "paid": 900},
        ("421222",): {"persons": 9, "paid": 5000},
        ("*",): {"persons": 11, "paid": 5900},
    }
    public = published(Table(layout, rows), LEAST)

    assert public.rows["421221",] == {"persons": HIDDEN, "paid": HIDDEN}
    assert [public.rows[key]["paid"] for key in rows].count(HIDDEN) > 1
