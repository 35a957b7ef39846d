"""A sheet made of a table of texts, read as a roster; and whether its events are what a door takes."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.departments import load_catalogue
from services.spreadsheets.rosters.declaring import Context, Known, OnRecord, Outcome, Place, Roster, Row
from services.spreadsheets.rosters.understanding import rows_of
from shared.language import envelope
from shared.language.catalogue import CATALOGUE
from shared.language.identifiers import check_character
from shared.language.kinds import Setting
from shared.language.validation import check

load_catalogue()
SETTING = Setting(today=date(2026, 12, 1), allow_test_regions=True)


def number(nth: int, born: str = "20180412") -> str:
    """Return the identity number of a fabricated person."""
    body = f"421299{born}{nth:03}"
    return body + check_character(body)


def read(
    roster: Roster,
    table: Sequence[Mapping[str, Any]],
    *,
    title: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    record: OnRecord | None = None,
    totals: Mapping[str, Decimal] | None = None,
    digest: str = "a file",
) -> Outcome:
    """Read rows, given by column name, as a roster: the first stands in row 3."""
    context = Context(
        SETTING,
        f"urn:yihu:{roster.department}:sheets",
        hashlib.sha256(digest.encode()).hexdigest(),
        "421299",
        dict(title or {}),
        dict(answers or {}),
        record or OnRecord(),
        totals=dict(totals or {}),
        scope=roster.scope,
    )
    rows: list[Row] = []
    for at, cells in enumerate(table, 3):
        rows += rows_of(roster, "表1", at, cells, context)
    outcome = roster.understand(rows, context)
    vars(outcome)["said"] = (rows, context)
    for planned in outcome.events:
        takes(planned.event)
    return outcome


def after(outcome: Outcome, rows: int | None = None) -> OnRecord:
    """Return what is on record once a file was imported, perhaps one with more rows than were read here."""
    said, context = vars(outcome)["said"]
    kept, counts = context.record.after(outcome, said, context)
    return OnRecord(kept, counts if rows is None else dict.fromkeys(counts, rows))


def takes(event: Mapping[str, Any]) -> None:
    """Raise unless envelope and payload of an event have the form that a door takes."""
    _, faults = envelope.read(dict(event), SETTING, lambda _: "p-" + "a" * 32)
    assert not faults, faults
    declaration = CATALOGUE.get(event["type"])
    assert declaration is not None
    check(declaration.form(None), event["data"], SETTING)


def faults(outcome: Outcome, row: int = 3) -> list[str]:
    """Return the codes for which a row was refused."""
    return [fault.code for fault in outcome.faults.get(Place("表1", row), [])]


def warnings(outcome: Outcome) -> list[str]:
    """Return the codes of what is to be looked at."""
    return [one.code for one in outcome.warnings]


def types(outcome: Outcome) -> list[str]:
    """Return the types of the events, without their department."""
    return [one.event["type"].partition(".")[2] for one in outcome.events]


def proposed(outcome: Outcome) -> list[str]:
    """Return the types of the proposals, without their department."""
    return [one.type.partition(".")[2] for one in outcome.proposals]


__all__ = ["Known", "OnRecord", "after", "faults", "number", "proposed", "read", "types", "warnings"]
