"""The first page of whoever has signed in: what waits, what is overdue, what changed since the last visit."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from services.console.navigation import navigation
from services.console.roles import may, needs
from services.entitlements.work import Wanted, WorkLists, bounded
from services.family_case.reading import Queries, Reader
from services.family_case.web.access import reader
from shared.language.envelope import china_now
from shared.policy.lists import code_lists

MOST = 10
"""How many lines a list of the first page has."""
OWN = 5
"""How many families that somebody opened last are named."""
FIRST_VISIT = timedelta(days=1)
"""What counts as changed for whoever is here for the first time."""


def home_pages(queries: Queries, lists: WorkLists | None) -> Blueprint:
    """Return the home page."""
    pages = Blueprint("home", __name__)

    @pages.get("/")
    @needs("home")
    def page() -> ResponseReturnValue:
        who = reader()
        since = g.signed_in.session.visited or china_now() - FIRST_VISIT
        work: dict[bool, Any] = {}
        if lists is not None and may(who.role, "work_list"):
            work = lists.heads(bounded(Wanted(), who), MOST)
        changed, number = queries.changed(who, since, MOST) if may(who.role, "read_family") else ([], 0)
        families = [row["family"] for one in work.values() for row in one["rows"]] + [one["family"] for one in changed]
        if families:
            queries.access.record(who, "page", "work", list(dict.fromkeys(families)))
        return render_template(
            "console_home.html",
            work=work,
            behind=lists.behind() if lists is not None and work else 0,
            changed=changed,
            changed_number=number,
            since=since,
            own=_own(queries, who),
            entries=navigation()[1:],
            kinds=code_lists()["GAPTYPE"]["codes"],
            reads=may(who.role, "read_family"),
        )

    return pages


def _own(queries: Queries, who: Reader) -> list[str]:
    return queries.access.latest(who.name, OWN) if may(who.role, "read_family") else []
