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
from shared.policy.parameters import Unfit, parameters

__all__ = ["families", "persons", "support"]

RULES.after(RecordDisputeResolved, RecordDisputed, same="process", number="REG-26.a")
RULES.after(DataShareAnswered, DataShareRequested, same="process", number="REG-29.a")

RULES.given(
    RecordDisputeResolved,
    "correction_event",
    when=("outcome", "corrected", "withdrawn"),
    code="correction_missing",
    number="REG-26.2",
)


@RULES.invariant(RecordDisputeResolved, number="REG-26.1")
def a_dispute_is_resolved_once(_: RecordDisputeResolved, past: Past) -> Iterator[Fault]:
    """Refuse a second result of the same dispute."""
    if past.events(RecordDisputeResolved, same="process"):
        zh = "该异议已有处理结果；原结果有误的，请报送更正。"
        en = "This dispute is resolved already; if wrongly, send a correction."
        yield Fault("already_answered", "/process", zh, en)


@RULES.invariant(FileImported, number="REG-27.1")
def the_rows_add_up(event: FileImported) -> Iterator[Fault]:
    """Refuse an import in which a row was neither taken nor sent back, or both."""
    if event.rows_total != event.rows_accepted + event.rows_rejected:
        zh, en = "总行数须等于接收行数与退回行数之和。", "The rows accepted and rejected must add up to the total."
        yield Fault("rows_do_not_add_up", "/data/rows_total", zh, en)


@RULES.invariant(PolicyParameterSet, number="REG-30.1")
def a_parameter_is_listed_and_its_value_fits(event: PolicyParameterSet) -> Iterator[Fault]:
    """Refuse a parameter that is not listed, and a value that does not fit its grammar."""
    known = parameters().get(event.parameter)
    if known is None:
        zh, en = "参数表中没有这一参数；请核对编号。", "There is no such parameter in the list; check its id."
        yield Fault("unknown_parameter", "/data/parameter", zh, en)
        return
    try:
        known.read(event.value)
    except Unfit as unfit:
        yield Fault("unknown_parameter", "/data/value", f"参数取值不合规定：{unfit.zh}", f"A wrong value. {unfit.en}")


@RULES.flag(PolicyParameterSet, number="REG-30.2")
def a_parameter_takes_effect_later(event: PolicyParameterSet, past: Past) -> Iterator[Fault]:
    """Flag a parameter that takes effect on a day already past: what was concluded for such days changes."""
    if event.effective_from < past.happened:
        yield flag("effective_in_the_past", "/data/effective_from")
