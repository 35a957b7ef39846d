"""Opening sealed fields: who may asks with a purpose, sees the values once, and both sides have it on record.

On ours the record of access, on the department's its log of openings; each before a value is there. Values stand in
one answer to one POST: in no address, no session and no store.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request

from services.console.roles import needs
from services.family_case.access import CLASSES, Reader
from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.web.access import reader
from shared.door.client import Client, DepartmentUnavailable
from shared.door.opening import read as read_opening
from shared.errors import Fault, Refused
from shared.json import canonical
from shared.language.catalogue import CATALOGUE, Corrects
from shared.language.fields import Fact

STATES = {
    "destroyed": ("密钥已销毁，不能再打开", "The key was destroyed; it cannot be opened any more"),
    "broken": ("密封内容被改动或移位，不能打开", "What is sealed was changed or moved; it does not open"),
}
"""Why a field was not opened."""
KIND = "sealed"


class DoorClosed(Refused):
    """The department's door gave no answer, or refused: nothing was opened."""

    def __init__(self) -> None:
        zh = "该部门的接口暂不可用，没有打开任何信息；请稍后再试。"
        super().__init__([Fault("department_unavailable", "", zh, "The department gave no answer; try again.")], 503)


Sealed = dict[tuple[str, int, str], tuple[str, Fact]]
"""Sealed fields of a history: by log, position in it and name, whose or what it is, and what was declared of it."""


def opening_pages(queries: Queries, client: Callable[[], Client]) -> Blueprint:
    """Return the pages on which sealed fields are opened. `client` asks the departments' doors."""
    pages = Blueprint("opening", __name__, template_folder="templates")
    pages.record(lambda state: state.app.jinja_env.globals.update(opens=True))

    @pages.route("/families/<family>/open/<log>/<int:position>", methods=["GET", "POST"])
    @needs("open_sealed")
    def page(family: str, log: str, position: int) -> Any:
        document = _opened(queries, family)
        entry = next((one for one in document["entries"] if (one["log"], one["position"]) == (log, position)), None)
        if entry is None:
            raise NoSuchFamily
        sealed = _of_entry(entry, document["entries"])
        if not sealed:
            raise NoSuchFamily
        return _answer(document, sealed, entry["label"])

    @pages.route("/families/<family>/names", methods=["GET", "POST"])
    @needs("open_sealed")
    def names(family: str) -> Any:
        document = _opened(queries, family)
        return _answer(document, _names(document["entries"]), "成员姓名")

    def _answer(document: dict[str, Any], sealed: Sealed, title: str) -> Any:
        purpose = request.form.get("purpose", "").strip()
        shown: dict[str, Any] = {"family": document["family"], "title": title, "sealed": sealed, "purpose": purpose}
        if request.method == "GET" or not sealed:
            return render_template("opening.html", **shown, faults=[], values=None)
        try:
            values = _open(document["family"], sealed, purpose)
        except Refused as refused:
            if refused.status != 422:  # noqa: PLR2004 - what was typed is at fault
                raise
            return render_template("opening.html", **shown, faults=refused.faults, values=None), 422
        return render_template("opening.html", **shown, faults=[], values=values, states=STATES)

    def _open(family: str, sealed: Sealed, purpose: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Return whose, which field, and what came of it. Raises Refused, and nothing was opened then."""
        who = reader()
        asked = {log: _asking(who, purpose, sealed, log) for log in dict.fromkeys(log for log, _, _ in sealed)}
        for one in asked.values():
            read_opening(canonical(one))  # the door would refuse it: nothing is on record of what was not asked
        shows = {CLASSES[fact.sensitivity] for _, fact in sealed.values()}
        queries.access.record(who, "opening", KIND, [family], shows)
        door, found = client(), []
        for log, one in asked.items():
            for opened in _asked(door, log, one):
                whose, fact = sealed[log, opened["position"], opened["field"]]
                found.append((whose, fact.label, opened))
        return found

    return pages


def _opened(queries: Queries, family: str) -> dict[str, Any]:
    if not family.isprintable():
        raise NoSuchFamily
    return queries.open(family, reader(), "opening")


def _asking(who: Reader, purpose: str, sealed: Sealed, log: str) -> dict[str, Any]:
    """Return what a department's door is asked for."""
    by_record: dict[int, list[str]] = {}
    for at, position, name in sealed:
        if at == log:
            by_record.setdefault(position, []).append(name)
    records = [{"position": position, "fields": names} for position, names in by_record.items()]
    return {"user": who.name, "role": who.role, "purpose": purpose, "records": records}


def _asked(client: Client, log: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a department's door opened. Raises Refused."""
    try:
        answer = client.open(log, asked)
    except DepartmentUnavailable:
        raise DoorClosed from None
    if answer.status == 200:  # noqa: PLR2004 - it is
        fields: list[dict[str, Any]] = answer.body["fields"]
        return fields
    raise DoorClosed


def _of_entry(entry: dict[str, Any], entries: list[dict[str, Any]]) -> Sealed:
    """Return the sealed fields of an entry as it stands: of what was corrected, those of the newest correction."""
    standing = entry
    if "corrected" in entry:
        standing = next((one for one in entries if _corrects(one, entry)), entry)
    return {
        (entry["log"], standing["position"], name): (entry["subject"] or "", fact)
        for name, fact in _sealed_in(standing, entry["type"])
    }


def _corrects(entry: dict[str, Any], original: dict[str, Any]) -> bool:
    amends = entry.get("amends", {})
    place = (amends.get("log"), amends.get("position"))
    return place == (original["log"], original["position"]) and entry["id"] == original["corrected"]["id"]


def _sealed_in(entry: dict[str, Any], about: str) -> list[tuple[str, Fact]]:
    """Return the sealed fields of an entry, and of what it restates of a type, with their names at the door."""
    declaration, restated = CATALOGUE.get(entry["type"]), CATALOGUE.get(about)
    if declaration is None or restated is None:
        return []
    facts = declaration.facts
    found = [(name, facts[name]) for name, value in entry["data"].items() if name in facts and _is_sealed(value)]
    if isinstance(declaration.effect, Corrects) and entry["type"] != about:
        inside = entry["data"].get(declaration.effect.payload, {})
        within = [(name, restated.facts[name]) for name in restated.facts if _is_sealed(inside.get(name))]
        return [(f"{declaration.effect.payload}/{name}", fact) for name, fact in within]
    return found


def _is_sealed(value: Any) -> bool:
    return bool(value == {"sealed": True})


def _names(entries: list[dict[str, Any]]) -> Sealed:
    """Return the sealed names of those whom a history's standing events register, each newest one."""
    newest: dict[str, Sealed] = {}
    for entry in entries:
        declaration = CATALOGUE.get(entry["type"])
        if declaration is None or "withdrawn" in entry or "amends" in entry or declaration.scope != "person":
            continue
        own = {place: of for place, of in _of_entry(entry, entries).items() if of[1].kind.name == "name"}
        if own and entry["subject"]:
            newest[entry["subject"]] = own
    return {place: of for own in newest.values() for place, of in own.items()}
