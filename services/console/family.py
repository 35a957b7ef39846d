"""A family's pages: its timeline, what it is owed and why, money, members, story, and two moments side by side.

Programs get JSON under the same addresses; who wants to read gets these pages. All of them can be seen as known on one
day and effective on another. A page of the past has no form that records anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.console import family_view as view
from services.console.roles import may, needs
from services.disability_federation.registry.events import PolicyParameterSet
from services.entitlements import belonging as belongs
from services.entitlements.belonging import Belonging
from services.entitlements.owed import Asked, Owed
from services.entitlements.text import change, process_line
from services.entitlements.words import STATES
from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.story import story
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters
from shared.errors import Fault, Refused
from shared.language.kinds import chinese_day
from shared.log.parameters import CITY
from shared.policy.lists import clauses, code_lists

TABS = (
    ("family.page", "时间线"),
    ("owed.page", "待遇"),
    ("case.money", "资金"),
    ("members.page", "成员"),
    ("story.page", "叙述"),
    ("case.compare", "比较两个时点"),
    ("case.printed", "打印"),
)
"""The pages of a family: endpoint and name."""
DATES = ("known", "effective")
READ_FIRST = "family.page"
"""The address under which a page is meant where nobody says what they want; under others it is JSON."""


class NoSuchEvent(Refused):
    """No such event stands in this family's history."""

    def __init__(self) -> None:
        super().__init__([Fault("no_such_event", "", "本户没有这条记录。", "There is no such event here.")], 404)


@dataclass(frozen=True, slots=True)
class Shown:
    """The family of a page, and the two days of which it is."""

    number: str
    known: date | None
    effective: date | None

    @property
    def dates(self) -> dict[str, str]:
        """The two days as parameters of an address."""
        days = {"known": self.known, "effective": self.effective}
        return {name: day.isoformat() for name, day in days.items() if day}

    @property
    def words(self) -> str:
        """Of when the page is, in words; nothing for a page of now."""
        known = [f"{chinese_day(self.known.isoformat())}当时所知"] if self.known else []
        return "、".join(known + ([f"截至{chinese_day(self.effective.isoformat())}的事实"] if self.effective else []))

    def link(self, endpoint: str, **parameters: Any) -> str:
        """Return the address of a page of the family, of the same two days."""
        values: dict[str, Any] = {"family": self.number} | self.dates | parameters
        return url_for(endpoint, **values)


class FamilyPages:
    """The pages of a family, made of what the family case and the entitlements answer."""

    def __init__(self, queries: Queries, owes: Owed) -> None:
        self.queries = queries
        self.loader = owes.loader
        self.owes = owes
        self.belongs = Belonging(self.loader)

    def timeline(self, family: str) -> str:
        """Return the page of what happened, by department, year and month."""
        shown = asked(family, "year", many=("lane",))
        year, chosen = request.args.get("year", "").strip(), request.args.getlist("lane")
        if year and year != view.ALL and not (year.isascii() and year.isdigit() and len(year) == len("2025")):
            raise Refused([Fault("not_a_year", "/year", "应为年份，如 2025。", "This must be a year, like 2025.")], 400)
        if not set(self.queries.names).issuperset(chosen):
            raise Refused([Fault("unknown_code", "/lane", "没有这个部门。", "There is no such department.")], 400)
        document = self.history(shown)

        def link(**other: Any) -> str:
            return shown.link("family.page", **{"year": year or None, "lane": chosen, **other})

        found = view.timeline(document, year, chosen, link)
        return self._page("family_timeline.html", "时间线", shown, document, line=found, year_link=link)

    def owed(self, family: str) -> str:
        """Return the page of what the family is owed, and why."""
        shown = asked(family, "all")
        document = self.history(shown)
        owed = self.verdicts(shown)
        return self._page("family_owed.html", "待遇", shown, document, owed=owed, **self._explained(document, owed))

    def members(self, family: str) -> str:
        """Return the page of who belonged to the family, when and why."""
        shown = asked(family)
        document, found = self.history(shown), self.membership(shown)
        words = {
            "sentences": belongs.member_sentences,
            "move": belongs.move_sentence,
            "source": belongs.source,
            "place": belongs.place,
        }
        return self._page("family_members.html", "成员", shown, document, found=found, **words)

    def story(self, family: str) -> str:
        """Return the page that tells the history."""
        shown = asked(family)
        document = self.history(shown)
        return self._page("family_story.html", "叙述", shown, document, story=story(document))

    def money(self, family: str) -> str:
        """Return the page of money by source."""
        shown = asked(family)
        document = self.history(shown)
        funds, promises = view.cash(document), view.promised(document)
        return self._page("family_money.html", "资金", shown, document, funds=funds, promises=promises)

    def printed(self, family: str) -> str:
        """Return all of it on one page, for paper."""
        shown = asked(family)
        document = self.history(shown, "print")
        owed = self.verdicts(shown, "print")
        line = view.timeline(document, view.ALL, (), lambda **other: shown.link("family.page", **other))
        parts = self._explained(document, owed) | {"line": line, "funds": view.cash(document)}
        return self._page("family_print.html", "打印", shown, document, owed=owed, **parts)

    def event(self, family: str, log: str, position: int) -> str:
        """Return the page of one event: what it says, by which record, what it caused."""
        shown = asked(family)
        document = self.history(shown)
        entry = view.event(document, log, position)
        if entry is None:
            raise NoSuchEvent
        called = {one["person"]: one["who"] for one in self.membership(shown)["members"]}
        parts = {
            "entry": entry,
            "fields": view.fields(entry, lambda token: called.get(token, "相关人员")),
            "followed": view.followed(document, entry),
            "rests": view.rests_on(self.verdicts(shown), entry),
            "states": STATES,
        }
        return self._page("family_event.html", entry["label"], shown, document, **parts)

    def compare(self, family: str) -> str:
        """Return how two views of the family differ, and because of which events."""
        only_parameters("known", "effective", "known2", "effective2")
        shown = _shown(family)
        other = Shown(family, asked_day("known2"), asked_day("effective2"))
        document = self.history(shown)
        difference = None
        if (shown.known, shown.effective) != (other.known, other.effective):
            views = [(self.history(one), self.verdicts(one)) for one in (shown, other)]
            difference = view.compare(views[0], views[1], STATES)
        return self._page(
            "family_compare.html", "比较两个时点", shown, document, other=other, difference=difference, plain=True
        )

    def parameter_source(self, name: str, county: str | None, shown: Shown) -> str:
        """Return who set a parameter's value in force, since when and by which document; or that nobody did."""
        day = shown.effective or shown.known or self.owes.clock().date()
        facts = self.loader.around(shown.known).city.facts.of(PolicyParameterSet)
        here = [
            one
            for one in facts
            if one.event.parameter == name
            and one.event.effective_from <= day
            and one.event.division in {None, CITY, county}
        ]
        if not here:
            return "缺省值，尚无文件设定"
        last = max(here, key=lambda one: (one.event.division == county, one.event.effective_from, one.place))
        since = chinese_day(last.event.effective_from.isoformat())
        return f"自{since}起，{last.event.basis_doc}（{chinese_day(last.recorded.isoformat())}登记，记录 {last.id}）"

    def history(self, shown: Shown, purpose: str = "page") -> dict[str, Any]:
        """Return the history of a family. Raises NoSuchFamily."""
        return self.queries.open(shown.number, reader(), purpose, shown.known, shown.effective)

    def verdicts(self, shown: Shown, purpose: str = "page") -> dict[str, Any]:
        """Return every verdict about a family and its members."""
        return self.owes.open(shown.number, reader(), purpose, Asked(shown.known, shown.effective, everything=True))

    def membership(self, shown: Shown, purpose: str = "page") -> dict[str, Any]:
        """Return who belonged to a family."""
        return self.belongs.open(shown.number, reader(), purpose, shown.known, shown.effective)

    def _explained(self, document: dict[str, Any], owed: dict[str, Any]) -> dict[str, Any]:
        shown, county = _shown(document["family"]), view.county(document)
        kept: dict[str, str] = {}

        def source(name: str) -> str:
            if name not in kept:
                kept[name] = self.parameter_source(name, county, shown)
            return kept[name]

        groups = view.groups(owed, document, source)
        return {"groups": groups, "states": STATES, "change": change, "process_line": process_line}

    def _page(self, template: str, name: str, shown: Shown, document: dict[str, Any], **parts: Any) -> str:
        """Return a page of a family. Its case number is the one that its history stands under by now."""
        shown = Shown(document["family"], shown.known, shown.effective)
        county = code_lists()["DIV"]["codes"].get(view.county(document) or "", {}).get("zh", "")
        departments = {code: one["zh"] for code, one in code_lists()["DEPT"]["codes"].items()}
        records = not shown.dates and "record.form" in current_app.view_functions and may(reader().role, "record")
        parts = {"clauses": clauses(), "departments": departments, "plain": False, "records": records} | parts
        return render_template(template, tab=name, tabs=TABS, shown=shown, case=document, county=county, **parts)


def asked(family: str, *others: str, many: tuple[str, ...] = ()) -> Shown:
    """Return which family is asked for, of which days. Raises Refused for a parameter that nobody reads."""
    if not many:
        only_parameters(*DATES, *others)
    elif not {*DATES, *others, *many}.issuperset(request.args):
        only_parameters(*DATES, *others, *many)
    elif any(len(values) > 1 for name, values in request.args.lists() if name not in many):
        only_parameters(*DATES, *others)
    return _shown(family)


def _shown(family: str) -> Shown:
    if not family.isprintable():
        raise NoSuchFamily
    return Shown(family, asked_day("known"), asked_day("effective"))


def family_pages(queries: Queries, owes: Owed) -> Blueprint:
    """Return the pages of a family that no program asks for; `owes` answers what it is owed."""
    pages, made = Blueprint("case", __name__), FamilyPages(queries, owes)

    @pages.get("/families/<family>/money")
    @needs("read_money")
    def money(family: str) -> ResponseReturnValue:
        return made.money(family)

    @pages.get("/families/<family>/print")
    @needs("read_family")
    def printed(family: str) -> ResponseReturnValue:
        return made.printed(family)

    @pages.get("/families/<family>/compare")
    @needs("read_family")
    def compare(family: str) -> ResponseReturnValue:
        return made.compare(family)

    @pages.get("/families/<family>/events/<log>/<int:position>")
    @needs("read_family")
    def event(family: str, log: str, position: int) -> ResponseReturnValue:
        return made.event(family, log, position)

    instead = {
        "family.page": made.timeline,
        "owed.page": made.owed,
        "members.page": made.members,
        "story.page": made.story,
    }
    pages.before_app_request(_for_people(instead))
    return pages


def _for_people(instead: Mapping[str, Callable[..., str]]) -> Callable[[], ResponseReturnValue | None]:
    """Return what answers with a page where a program would get JSON under the same address."""

    def answer() -> ResponseReturnValue | None:
        page = instead.get(request.endpoint or "")
        if page is None:
            return None
        offered = ["text/html", "application/json"]
        if request.endpoint != READ_FIRST:
            offered.reverse()
        wanted = request.accept_mimetypes.best_match(offered, offered[0])
        return page(**(request.view_args or {})) if wanted == "text/html" else None

    return answer
