"""How far 应救尽救 has come: by county and rule, month by month as published, and how the numbers came about."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.console.charts import Table as Chart
from services.console.charts import Value, bars, trend
from services.console.language import t
from services.console.roles import may, needs
from services.entitlements.indicators.computing import Computed, Indicators
from services.entitlements.indicators.coverage import COVERAGE, FAMILIES, RECOGNISED
from services.entitlements.indicators.publishing import Publication, as_tables, publications
from services.entitlements.indicators.small_cells import HIDDEN
from services.entitlements.indicators.tables import WHOLE_CITY, Layout, Row, Table
from services.entitlements.indicators.text import named
from services.family_case.web.access import reader
from shared.door.web import only_parameters
from shared.errors import Fault, Refused
from shared.language.envelope import china_now
from shared.policy.lists import code_lists

GOAL = date(2027, 12, 31)
"""The end of the three-year plan (part 三 of the notice)."""
TRENDS = ((FAMILIES, "share_reached"), (RECOGNISED, "share_recognised"))
"""Which shares are followed from month to month."""


def coverage_pages(indicators: Indicators) -> Blueprint:
    """Return the page of coverage."""
    pages = Blueprint("coverage", __name__)

    @pages.get("/coverage")
    @needs("indicators")
    def page() -> ResponseReturnValue:
        only_parameters("county")
        county = request.args.get("county", "").strip() or WHOLE_CITY
        if county != WHOLE_CITY and county not in code_lists()["DIV"]["codes"]:
            raise Refused([Fault("unknown_code", "/county", "没有这个区划。", "There is no such county.")], 400)
        computed = indicators.recent(china_now().date())
        tables = {one.layout.name: one for one in computed.tables}
        families = tables[FAMILIES.name]
        rows = list(_rows(tables[COVERAGE.name], county))
        counties = sorted(key[0] for key in families.rows if key[0] != WHOLE_CITY)
        months = publications(indicators.queries.about_nobody())
        return render_template(
            "coverage.html",
            place=named("county", county),
            county=county,
            counties=[(code, named("county", code)) for code in counties],
            basis=computed.basis,
            events=sum(computed.basis.positions.values()),
            whole=families.rows.get((county,), {}),
            percent=percent,
            words=COVERAGE.columns,
            rows=rows,
            by_county=_by_county(families),
            by_rule=_by_rule(rows, county),
            trend=_trend(months, county),
            goal=GOAL,
            command=_command(computed, county),
        )

    return pages


def percent(value: Any) -> str:
    """Return a share in per cent; nothing where there is nobody to have one, a hidden one as hidden."""
    if value is None or value == "":
        return t("无人适用", "nobody")
    return t("数小，不公布", "small, not shown") if value == HIDDEN else f"{Decimal(str(value)) * 100:.1f}%"


def _number(value: Any) -> Value:
    """Return a share as a picture shows it: a number of per cent, or a word where there is none to show."""
    if value is None or value == "":
        return None
    return percent(value) if value == HIDDEN else (Decimal(str(value)) * 100).quantize(Decimal("0.1"))


def _rows(table: Table, county: str) -> Iterator[dict[str, Any]]:
    """Yield a row for each rule: its numbers, and where the open ones are listed for those who may see them."""
    lists = may(reader().role, "work_list")
    for (clause, rule, where), row in sorted(table.rows.items()):
        if where == county:
            address = url_for("work.page", rule=rule, division="" if county == WHOLE_CITY else county)
            yield {"clause": clause, "rule": rule, "label": named("rule", rule), "link": lists and address} | row


def _by_county(families: Table) -> str:
    title = t("各县（市、区）认定家庭中各项均无逾期的占比（%）", "Families with nothing overdue, by county (%)")
    rows = [(named("county", key[0]), [_number(row["share_reached"])]) for key, row in sorted(families.rows.items())]
    finding = _finding(title, rows)
    return bars(finding, Chart(title, [t("区划", "County"), t("占比", "Share")], rows))


def _by_rule(rows: Sequence[Mapping[str, Any]], county: str) -> str:
    title = t(f"{named('county', county)}各事项已落实占比（%）", f"Settled, by rule, {named('county', county)} (%)")
    shown = [(row["rule"], [_number(row["share_met"])]) for row in rows]
    return bars(_finding(title, shown), Chart(title, [t("事项", "Rule"), t("占比", "Share")], shown))


def _trend(months: Sequence[Publication], county: str) -> str | None:
    """Return the shares of the months that were published; None where none was."""
    newest = {one.month: one for one in months}
    if not newest:
        return None
    tables = {month: {one["name"]: one["rows"] for one in as_tables(newest[month])["tables"]} for month in newest}
    heads = sorted(newest)
    rows = [
        (layout.columns[column], [_number(_cell(tables[month], layout, column, county)) for month in heads])
        for layout, column in TRENDS
    ]
    title = t("已公布月份的走势（%）", "The months that were published (%)")
    return trend(_finding(title, rows), Chart(title, [t("指标", "Indicator"), *heads], rows))


def _cell(tables: Mapping[str, Sequence[Row]], layout: Layout, column: str, county: str) -> Any:
    return next((row[column] for row in tables.get(layout.name, ()) if row["county"] == county), None)


def _finding(title: str, rows: Sequence[tuple[str, Sequence[Value]]]) -> str:
    """Return what a picture shows in a sentence: from the least to the most, or, of a line, from first to last."""
    some = [(name, value) for name, values in rows for value in values if isinstance(value, Decimal)]
    if not some:
        return t(f"{title}：没有可显示的数", f"{title}: no number to show")
    (least, low), (most, high) = min(some, key=lambda one: one[1]), max(some, key=lambda one: one[1])
    return t(f"{title}：最低{least} {low}%，最高{most} {high}%", f"{title}: {least} {low}% to {most} {high}%")


def _command(computed: Computed, county: str) -> str:
    """Return the command that gives the same numbers: as known today."""
    basis = computed.basis
    where = "" if county == WHOLE_CITY else f" --county {county}"
    return f"yihu indicators --on {basis.effective} --table {COVERAGE.name}{where}"
