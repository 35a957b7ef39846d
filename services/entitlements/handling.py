"""What is being done about gaps: actions with their holds, declines and referrals; and what is to be escalated. Pure.

All of them are events of the federation: nothing is kept beside the logs. A hold that ran out while its gap is still
open, and a process that nobody answered in time, go to who supervises (rules A12, A21, A22).
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from services.disability_federation.registry.events import (
    GapActionRecorded,
    ReferralAnswered,
    ReferralMade,
    ServiceDeclined,
)
from services.entitlements.circumstances import Family
from services.entitlements.engine import WHOLE_FAMILY, Judged
from services.entitlements.facts import Fact
from services.entitlements.processes import answers, clocks
from services.entitlements.verdicts import CITY_DPF, State
from shared.language.kinds import chinese_day
from shared.policy.lists import code_lists

Label = Callable[[str], str]


def handled(one: Judged, family: Family) -> list[dict[str, Any]]:
    """Return what was done about a verdict's gaps, in order: each an event, with the day and a sentence."""
    found = [
        *(_action(fact, family) for fact in _actions(one, family)),
        *(_decline(fact, family, one) for fact in _declines(one, family)),
        *(each for fact in _referrals(one, family) for each in _referral(fact, family)),
    ]
    return sorted(found, key=lambda each: each["day"])


def processes(family: Family, label: Label) -> list[dict[str, Any]]:
    """Return the processes that wait or were answered: referrals, disputes, rectifications, requests for data."""
    found = []
    for rule, process, verdict in clocks(family.facts, family.policy, family.on):
        asked, gap = verdict.evidence[0], next(iter(verdict.gaps), None)
        due = gap.due if gap else verdict.due
        found.append(
            {
                "rule": rule.id,
                "label": rule.label,
                "process": process,
                "who": label(asked.subject) if asked.subject else "",
                "person": asked.subject or None,
                "state": str(verdict.state),
                "asked": asked.day.isoformat(),
                "due": due.isoformat() if due else None,
                "overdue_since": gap.since.isoformat() if gap else None,
                "department": gap.department if gap else None,
                "evidence": [fact.id for fact in verdict.evidence],
            }
        )
    return found


def escalations(judged: list[Judged], family: Family, label: Label) -> Iterator[dict[str, Any]]:
    """Yield what goes to who supervises: holds that ran out, and processes that nobody answered in time."""
    department, division = CITY_DPF
    to = {"department": department, "division": division}
    for one in judged:
        open_ = {gap.type for gap in one.verdict.gaps if gap.held_until is None}
        newest = {fact.event.gap_type: fact for fact in _actions(one, family) if fact.event.hold_until}
        for type_, fact in newest.items():
            since = _held_until(fact, family) + timedelta(1)
            if type_ in open_ and since <= family.on:
                who = "全家" if one.subject == WHOLE_FAMILY else label(one.subject)
                says = f"{who}“{one.rule.label}”暂缓至{_chinese(since - timedelta(1))}，已到期，仍未落实"
                yield (
                    {"kind": "hold_ran_out", "rule": one.rule.id, "gap": type_, "since": since.isoformat()}
                    | to
                    | {"says": says}
                )
    for process in processes(family, label):
        if process["state"] == State.GAP:
            says = f"{process['label']}逾期：应于{chinese_day(process['due'])}前答复，至今未答复"
            yield (
                {"kind": "unanswered", "rule": process["rule"], "gap": "G2", "since": process["overdue_since"]}
                | to
                | {"says": says}
            )


def _actions(one: Judged, family: Family) -> list[Fact[GapActionRecorded]]:
    """Return the actions about a rule's gaps of this person, or of all the family."""
    return [
        fact
        for fact in family.facts.of(GapActionRecorded)
        if fact.event.entitlement == one.rule.id and fact.event.person in {None, one.subject}
    ]


def _declines(one: Judged, family: Family) -> list[Fact[ServiceDeclined]]:
    return [fact for fact in family.facts.of(ServiceDeclined) if _meets(fact, one)]


def _referrals(one: Judged, family: Family) -> list[Fact[ReferralMade]]:
    return [fact for fact in family.facts.of(ReferralMade) if _meets(fact, one)]


def _meets(fact: Fact[Any], one: Judged) -> bool:
    """Whether a fact about a need is about a rule's subject."""
    return bool(one.rule.need) and fact.event.need == one.rule.need and one.subject in {WHOLE_FAMILY, fact.subject}


def _held_until(fact: Fact[GapActionRecorded], family: Family) -> date:
    """Return the last day on which an action holds a gap: at most P-HOLD-MAX-D after it (rules A12)."""
    latest = fact.day + timedelta(family.param("P-HOLD-MAX-D", fact.day))
    return min(fact.event.hold_until or fact.day, latest)


def _action(fact: Fact[GapActionRecorded], family: Family) -> dict[str, Any]:
    event = fact.event
    says = f"{_chinese(fact.day)}登记处置（{_zh('GAPTYPE', event.gap_type)}）"
    found = _event("action", fact) | {"gap": event.gap_type}
    if event.hold_until is None:
        return found | {"says": says}
    until = _held_until(fact, family)
    over = "，已到期" if until < family.on else ""
    return found | {"held_until": until.isoformat(), "says": f"{says}，暂缓至{_chinese(until)}{over}"}


def _decline(fact: Fact[ServiceDeclined], family: Family, one: Judged) -> dict[str, Any]:
    person = None if one.subject == WHOLE_FAMILY else one.subject
    known = [each for each in family.declines(one.rule.need, person) if each.fact is fact]
    says = f"{_chinese(fact.day)}谢绝{_zh('NEED', fact.event.need)}"
    if not known:
        return _event("decline", fact) | {"says": f"{says}（谢绝人不能代为谢绝，不作数）"}
    until = known[0].until
    return _event("decline", fact) | {"until": until.isoformat(), "says": f"{says}，有效至{_chinese(until)}"}


def _referral(fact: Fact[ReferralMade], family: Family) -> Iterator[dict[str, Any]]:
    due = family.policy.due("P-REFERRAL-WD", fact.day, fact.division).day
    answered = [one for one in family.facts.of(ReferralAnswered) if answers(one, fact)][:1]
    late = "，逾期未答复" if not answered and due < family.on else ""
    to = _zh("DEPT", fact.event.to_dept)
    says = f"{_chinese(fact.day)}转介至{to}，应于{_chinese(due)}前答复{late}"
    yield _event("referral", fact) | {"due": due.isoformat(), "says": says}
    for one in answered:
        says = f"{_chinese(one.day)}转介答复：{_zh('DECISION', one.event.decision)}"
        yield _event("answer", one) | {"says": says}


def _event(kind: str, fact: Fact[Any]) -> dict[str, Any]:
    return {"kind": kind, "event": fact.id, "day": fact.day.isoformat()}


def _chinese(day: date) -> str:
    return chinese_day(date.isoformat(day))


def _zh(list_: str, code: str) -> str:
    zh: str = code_lists()[list_]["codes"].get(code, {}).get("zh", "")
    return zh
