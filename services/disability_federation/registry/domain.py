"""What the federation writes down about its records, and of its parameters, may not contain; with the other pages."""

from collections.abc import Iterator

from services.disability_federation.registry import families, persons, support
from services.disability_federation.registry.events import (
    DataShareAnswered,
    DataShareRequested,
    FileImported,
    PolicyParameterSet,
    RecordDisputed,
    RecordDisputeResolved,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag

__all__ = ["families", "persons", "support"]

RULES.after(RecordDisputeResolved, RecordDisputed, same="process", number="REG-26.a")
RULES.after(DataShareAnswered, DataShareRequested, same="process", number="REG-29.a")

RULES.declared(RecordDisputeResolved, "correction_event", number="REG-26.2")
RULES.given(DataShareAnswered, "refuse_reason", when=("decision", "not_accepted"), code="refusal_without_reason")


@RULES.invariant(RecordDisputeResolved, number="REG-26.1")
def a_dispute_is_resolved_once(_: RecordDisputeResolved, past: Past) -> Iterator[Fault]:
    """Refuse a second result of the same dispute."""
    if past.events(RecordDisputeResolved, same="process"):
        zh, en = "该异议已有处理结果；原结果有误的，请报送更正。", "This dispute is resolved; if wrongly, send a correction."
        yield Fault("already_answered", "/process", zh, en)


@RULES.invariant(FileImported, number="REG-27.1")
def the_rows_add_up(event: FileImported) -> Iterator[Fault]:
    """Refuse an import in which a row was neither taken nor sent back, or both."""
    if event.rows_total != event.rows_accepted + event.rows_rejected:
        zh, en = "总行数须等于接收行数与退回行数之和。", "The rows accepted and rejected must add up to the total."
        yield Fault("rows_do_not_add_up", "/data/rows_total", zh, en)


@RULES.flag(PolicyParameterSet)
def a_parameter_takes_effect_later(event: PolicyParameterSet, past: Past) -> Iterator[Fault]:
    """Flag a parameter that takes effect on a day already past: what was concluded for such days changes."""
    if event.effective_from < past.happened:
        yield flag("effective_in_the_past", "/data/effective_from")
