"""What leads where: the entries of the navigation. Each is shown to whose role has the ability of its view."""

from dataclasses import dataclass

from flask import current_app, g, request

from services.console.language import Text
from services.console.roles import may, needed
from services.family_case.web.access import reader


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation: the endpoint it leads to, and what it is called."""

    endpoint: str
    label: Text


ENTRIES = (
    Entry("home.page", Text("首页", "Home")),
    Entry("search.home", Text("查找家庭", "Find a family")),
    Entry("work.page", Text("待办清单", "Work list")),
    Entry("desk.unmatched", Text("未归入案卷", "In no case")),
    Entry("desk.duplicates", Text("疑似重复", "Duplicates")),
    Entry("base.listed", Text("服务基地", "Bases")),
    Entry("coverage.page", Text("覆盖率", "Coverage")),
    Entry("indicators.page", Text("统计指标", "Indicators")),
    Entry("report.page", Text("报告", "Report")),
    Entry("who_looked.search", Text("访问记录", "Access record")),
    Entry("accounts.listed", Text("账号", "Accounts")),
)
"""In this order; a page that is not there yet, or not served, is left out."""


def navigation() -> list[tuple[str, Text, bool]]:
    """Return for the reader of a page: endpoint, label, and whether this is the page."""
    if "reader" not in g:
        return []
    views, role = current_app.view_functions, reader().role
    return [
        (one.endpoint, one.label, one.endpoint == request.endpoint)
        for one in ENTRIES
        if one.endpoint in views and may(role, needed(one.endpoint, views[one.endpoint]))
    ]
