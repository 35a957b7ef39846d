"""What is done about gaps stands beside them: actions, declines, referrals; and what nobody did goes to the city."""

from datetime import date
from typing import Any

from services.disability_federation.registry.events import (
    GapActionRecorded,
    RecordDisputed,
    ReferralAnswered,
    ReferralMade,
    ServiceDeclined,
)
from services.entitlements.engine import judge_family
from services.entitlements.handling import escalations, handled, processes
from services.finance.events import BenefitPaid
from tests.entitlements.evaluate import known, logs
from tests.entitlements.histories import CHILD, PARENT, History


def told() -> History:
    """A child with a certificate, for whom nobody asked for rehabilitation aid: overdue since spring."""
    return History().opened("2025-01-08").certified("2025-01-10").surveyed("2025-01-10", "REHAB")


def shown(history: History, day: str, rule: str = "E02") -> tuple[list[dict[str, Any]], Any, list[dict[str, Any]]]:
    """Return what was done about a rule's gaps by a day, the processes, and what is escalated."""
    on = date.fromisoformat(day)
    case, city, policy = known(logs(history.events), on)
    family, judged = judge_family(case, policy, on, city.until(on))
    done = [each for one in judged if one.rule.id == rule for each in handled(one, family)]
    return done, processes(family, lambda _: "孩子"), list(escalations(judged, family, lambda _: "孩子"))


def test_an_action_holds_its_gap_until_its_day_and_then_goes_to_who_supervises() -> None:
    history = told()
    history.say(
        GapActionRecorded, "2025-04-01", PARENT, entitlement="E02", gap_type="G1", hold_until="2025-04-20", person=CHILD
    )

    done, _, escalated = shown(history, "2025-04-20")
    assert [(one["kind"], one["gap"], one["held_until"]) for one in done] == [("action", "G1", "2025-04-20")]
    assert "暂缓至2025年4月20日" in done[0]["says"]
    assert escalated == []

    done, _, escalated = shown(history, "2025-04-21")
    assert done[0]["says"].endswith("已到期")
    assert [(one["kind"], one["rule"], one["gap"], one["since"]) for one in escalated] == [
        ("hold_ran_out", "E02", "G1", "2025-04-21")
    ]
    assert (escalated[0]["department"], escalated[0]["division"]) == ("DPF", "421200")


def test_a_new_hold_ends_the_escalation_of_the_one_before() -> None:
    history = told()
    for day, until in (("2025-04-01", "2025-04-20"), ("2025-04-25", "2025-05-31")):
        history.say(GapActionRecorded, day, PARENT, entitlement="E02", gap_type="G1", hold_until=until, person=CHILD)

    assert shown(history, "2025-05-01")[2] == []
    assert [one["since"] for one in shown(history, "2025-06-01")[2]] == ["2025-06-01"]


def test_a_referral_is_shown_with_its_clock_until_it_is_answered() -> None:
    history = told()
    history.say(ReferralMade, "2025-02-10", process="r-1", to_dept="EDU", need="REHAB")

    done, [process], escalated = shown(history, "2025-02-12")
    assert [one["kind"] for one in done] == ["referral"]
    assert (process["rule"], process["state"], process["due"]) == ("C-REFERRAL", "PENDING", "2025-02-17")
    assert escalated == []

    done, [process], escalated = shown(history, "2025-02-18")
    assert (process["state"], process["department"]) == ("GAP", "EDU")
    assert done[0]["says"].endswith("逾期未答复")
    assert [(one["kind"], one["since"]) for one in escalated] == [("unanswered", "2025-02-18")]

    history.say(ReferralAnswered, "2025-02-20", process="r-1", decision="approved")
    done, [process], escalated = shown(history, "2025-02-20")
    assert [one["kind"] for one in done] == ["referral", "answer"]
    assert process["state"] == "MET"
    assert escalated == []


def test_a_decline_is_shown_with_how_long_it_counts() -> None:
    history = told()
    history.say(ServiceDeclined, "2025-03-20", CHILD, need="REHAB", declined_by=PARENT, until="2025-06-30")

    done, _, _ = shown(history, "2025-04-01")
    assert [(one["kind"], one["until"]) for one in done] == [("decline", "2025-06-30")]
    assert "谢绝康复训练，有效至2025年6月30日" in done[0]["says"]


def test_what_is_done_about_another_rule_or_need_is_not_shown() -> None:
    history = told()
    history.say(GapActionRecorded, "2025-04-01", PARENT, entitlement="E06", gap_type="G1", hold_until="2025-04-20")
    history.say(ReferralMade, "2025-02-10", process="r-1", to_dept="EDU", need="EDU")

    assert shown(history, "2025-04-10")[0] == []


def test_a_dispute_goes_to_the_department_that_is_named_else_to_that_of_the_disputed_record() -> None:
    history = told()
    paid = history.say(BenefitPaid, "2025-02-10", CHILD)
    for day, record, named in (("2025-03-03", paid, None), ("2025-03-04", paid, "CIV"), ("2025-03-05", "none", None)):
        history.say(RecordDisputed, day, CHILD, process=f"RD-{day}", target_event=record, target_dept=named)

    assert [(one["rule"], one["department"]) for one in shown(history, "2025-08-01")[1]] == [
        ("C-DISPUTE", "FIN"),
        ("C-DISPUTE", "CIV"),
        ("C-DISPUTE", "DPF"),
    ]
