"""Clocks of single processes (rules A22): referrals, disputes, rectifications, and requests for data."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.disability_federation.registry.events import (
    DataShareAnswered,
    DataShareRequested,
    RecordDisputed,
    RecordDisputeResolved,
    ReferralAnswered,
    ReferralMade,
)
from services.disability_federation.supervision.events import RectificationDone, RectificationOrdered
from services.entitlements.chain import Chain
from services.entitlements.facts import Fact, Facts
from services.entitlements.policy import Due, Policy, source_of
from services.entitlements.rules import Rule
from services.entitlements.verdicts import Verdict

Asked = tuple[str, str, type[Any], type[Any], str]

CLOCKS: tuple[Asked, ...] = (
    ("C-REFERRAL", "转介答复", ReferralMade, ReferralAnswered, "P-REFERRAL-WD"),
    ("C-DISPUTE", "异议答复", RecordDisputed, RecordDisputeResolved, "P-DISPUTE-WD"),
    ("C-RECTIFY", "整改", RectificationOrdered, RectificationDone, ""),
    ("C-SHARE", "数据共享答复", DataShareRequested, DataShareAnswered, "P-SHARE-WD"),
)
"""For each clock: its number and name, what begins it, what ends it, and the parameter of its length."""


def clocks(facts: Facts, policy: Policy, on: date) -> Iterator[tuple[Rule, str, Verdict]]:
    """Yield for each process that waits or was answered its clock's rule, the process, and the verdict."""
    for id_, label, begins, ends, parameter in CLOCKS:
        rule = Rule(id_, "XN-S1", "process", "", "policy", label, lambda *_: Verdict.__new__(Verdict))
        for one in facts.of(begins):
            verdict = _verdict(one, facts.of(ends), parameter, policy, on, _responsible(one, facts))
            yield rule, one.process or one.id, verdict


def _verdict(
    asked: Fact[Any], later: list[Fact[Any]], parameter: str, policy: Policy, on: date, department: str
) -> Verdict:
    chain = Chain(policy, on, asked.day, asked.division).cite(asked)
    answered = [one for one in later if answers(one, asked)]
    if answered:
        return chain.cite(answered[:1]).verdict()
    due = policy.due(parameter, asked.day, asked.division) if parameter else Due(asked.event.due_on)
    chain.clock("G2", due, department, asked.division, asked)
    return chain.verdict()


def answers(one: Fact[Any], asked: Fact[Any]) -> bool:
    """Whether a fact answers another: later, in its process, or where none is named about the same person."""
    if one.order < asked.order:
        return False
    return one.process == asked.process if asked.process else one.subject == asked.subject


def _responsible(asked: Fact[Any], facts: Facts) -> str:
    """Return the code of the department that has to answer: who is named, else whose record it is about."""
    event = asked.event
    for name in ("to_dept", "target_dept", "responsible_dept", "provider_dept"):
        if found := getattr(event, name, None):
            return str(found)
    record = getattr(event, "target_event", None)
    return next((source_of(one.cls) for one in facts.known.all if record and one.id == record), "DPF")
