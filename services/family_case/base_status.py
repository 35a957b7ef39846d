"""How a base of the self-help programme stands on a day: agreement, conditions, team, cohorts, entries. Pure.

Types are known by their names here, whichever department reports them: what makes a base is in the policy, and the case
goes by what was recorded, not by a department's rules. Persons who take part are counted, never named.

Days are compared as ISO texts. Source: 残疾人自助互助康复服务推广实施方案, part 3 and annex.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.language.envelope import civil_day
from shared.language.rules import months_later, years_later
from shared.log.amended import Amended
from shared.policy.lists import code_lists

_PEERS = frozenset({"PEER", "KIN"})
"""The roles of trainers who are disabled themselves, or close to somebody who is."""
_COMPLETED = "completed"

STATES = {
    "in_force": "在有效期内，可以开班",
    "no_new_cohorts": "已设立，现不得开新班",
    "ended": "已退出",
    "not_established": "尚未设立",
    "elsewhere": "外地基地：本地没有设立协议",
}
"""How a base stands as a whole, in words."""
COHORT_STATES = {"upcoming": "未开班", "running": "在训", "over": "已结班", "not_on_record": "本地没有开班记录"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a status is asked with: the day, the parameters in force then, and how a person is called."""

    day: date
    parameter: Callable[[str], Any]
    label: Callable[[str], str]

    @property
    def today(self) -> str:
        """The day as text."""
        return self.day.isoformat()


def status(facts: Iterable[Amended], setting: Setting) -> dict[str, Any]:
    """Return how a base stands on a day, by the events about it that stand, in the order of their log."""
    by_type: dict[str, list[Amended]] = defaultdict(list)
    for one in facts:
        by_type[one.event.type.partition(".")[2]].append(one)
    known = _Known(by_type, setting.today)
    agreements = [_agreement(known, category, setting) for category in _categories(known)]
    team, manager = _team(known, setting), known.newest("base_manager_appointed", "from_date")
    established = [one for one in agreements if one["established_on"]]
    base_stops = [*_base_stops(team, manager)] if any(not one["ended_on"] for one in established) else []
    opens = [one for one in established if not one["stops"]] if not base_stops else []
    participants, cohorts = _taking_part(known, setting)
    return {
        "day": setting.today,
        "state": (state := _state(by_type, established, opens)),
        "says": STATES[state],
        "name": _name(known, by_type),
        "division": _division(known),
        "agreements": agreements,
        "stops": base_stops,
        "team": team,
        "manager_since": manager["from_date"] if manager else None,
        "plans": _plans(known),
        "cohorts": cohorts,
        "participants": participants,
        "inspections": _inspections(known),
        "inspection_overdue": _is_inspection_overdue(known),
        "incidents": _incidents(known),
        "violations": _violations(known, setting),
    }


class _Known:
    """What had happened by a day, by the day that an event itself names."""

    def __init__(self, by_type: dict[str, list[Amended]], today: str) -> None:
        self.by_type = by_type
        self.today = today

    def events(self, name: str, day: str) -> list[Amended]:
        found = [one for one in self.by_type.get(name, ()) if str(one.data.get(day, "9999")) <= self.today]
        return sorted(found, key=lambda one: (one.data[day], one.event.position))

    def all(self, name: str, day: str) -> list[dict[str, Any]]:
        return [one.data for one in self.events(name, day)]

    def newest(self, name: str, day: str) -> dict[str, Any] | None:
        found = self.all(name, day)
        return found[-1] if found else None

    def agreements(self) -> list[dict[str, Any]]:
        return self.all("base_established", "established_on")

    def assessments(self) -> list[dict[str, Any]]:
        return self.all("base_applicant_assessed", "assessed_on")


def _categories(known: _Known) -> list[str]:
    return sorted({one["category"] for one in (*known.agreements(), *known.assessments())})


def _agreement(known: _Known, category: str, setting: Setting) -> dict[str, Any]:
    """Return the newest agreement for a category, with the newest assessment; what was agreed after an end counts."""
    agreed = [one for one in known.agreements() if one["category"] == category]
    agreement = agreed[-1] if agreed else {}
    since, valid_to = agreement.get("established_on"), agreement.get("valid_to")
    ends = [one["ended_on"] for one in known.all("base_ended", "ended_on") if since and one["ended_on"] >= since]
    assessment = _assessment([one for one in known.assessments() if one["category"] == category], setting.today)
    lapsed = [one["no"] for one in assessment["conditions"] if one["lapsed"]] if assessment else []
    found = {
        "category": category,
        "label": _word("SHCAT", category),
        "established_on": since,
        "valid_to": valid_to,
        "mode": agreement.get("mode"),
        "ended_on": ends[0] if ends else None,
        "agreement_lapsed": bool(valid_to and valid_to < setting.today),
        "conditions_lapsed": lapsed,
        "assessment": assessment,
    }
    return found | {"stops": [*_agreement_stops(found)] if since else []}


def _assessment(known: list[dict[str, Any]], today: str) -> dict[str, Any] | None:
    if not known:
        return None
    newest = known[-1]
    passed = [one["capacity"] for one in known if one["passed"]]
    conditions = [
        {"no": one["no"], "met": one["met"], "evidence": one["evidence"], "valid_to": one.get("valid_to")}
        | {"lapsed": not one["met"] or one.get("valid_to", today) < today}
        for one in sorted(newest["conditions_met"], key=lambda one: one["no"])
    ]
    about = {"assessed_on": newest["assessed_on"], "passed": newest["passed"], "conditions": conditions}
    return about | {"capacity": passed[-1] if passed else None}


def _agreement_stops(found: dict[str, Any]) -> Iterator[dict[str, str]]:
    if found["ended_on"]:
        yield _stop("base_ended", "基地已退出。", "The base has ended.")
        return
    if found["agreement_lapsed"]:
        yield _stop("condition_lapsed", "协议已过期，须续签。", "The agreement has expired and must be renewed.")
    if numbers := found["conditions_lapsed"]:
        zh = f"依托单位条件第 {'、'.join(numbers)} 项不具备或证明已过期，须重新评估。"
        en = f"Conditions not met, or no longer: {', '.join(numbers)}. The host must be assessed again."
        yield _stop("condition_lapsed", zh, en)


def _base_stops(team: dict[str, Any], manager: dict[str, Any] | None) -> Iterator[dict[str, str]]:
    if not team["enough"]:
        zh = f"师资不足：须有 {team['needed']} 名以上，其中残疾人或残疾人亲友 {team['peers_needed']} 名以上。"
        en = f"Too few trainers: {team['needed']} are needed, {team['peers_needed']} of them disabled or relatives."
        yield _stop("below_base_minimum", zh, en)
    if manager is None:
        yield _stop("no_manager", "没有管理人员。", "Nobody is appointed to run the base.")


def _stop(code: str, zh: str, en: str) -> dict[str, str]:
    return {"code": code, "zh": zh, "en": en}


def _team(known: _Known, setting: Setting) -> dict[str, Any]:
    """Return who teaches on the day; who left is taken from the stint that began last before, until that last day."""
    assigned = known.events("trainer_assigned", "from_date")
    until: dict[int, str] = {}
    for one in known.by_type.get("trainer_removed", ()):
        day = one.data["to_date"]
        begun = [own for own in assigned if own.data["trainer"] == one.data["trainer"] and own.data["from_date"] <= day]
        if begun:
            until[begun[-1].event.position] = day
    there = [one.data for one in assigned if until.get(one.event.position, setting.today) >= setting.today]
    roles = {one["trainer"]: one["role"] for one in there}
    peers = sum(role in _PEERS for role in roles.values())
    needed, peers_needed = setting.parameter("P-SH-TRAINERS"), setting.parameter("P-SH-PEERS")
    return {
        "trainers": len(roles),
        "peers": peers,
        "needed": needed,
        "peers_needed": peers_needed,
        "enough": len(roles) >= needed and peers >= peers_needed,
        "members": [
            {"label": setting.label(one["trainer"]), "role": _word("SHROLE", one["role"]), "since": one["from_date"]}
            for one in there
        ],
    }


def _state(by_type: dict[str, list[Amended]], established: list[dict[str, Any]], opens: list[dict[str, Any]]) -> str:
    if not established:
        here = by_type.get("base_established") or by_type.get("base_applicant_assessed")
        return "not_established" if here else "elsewhere"
    if all(one["ended_on"] for one in established):
        return "ended"
    return "in_force" if opens else "no_new_cohorts"


def _name(known: _Known, by_type: dict[str, list[Amended]]) -> str:
    """Return what a base is called: by its agreement, its assessment, or whoever named it last."""
    for found, field in ((known.agreements(), "base_name"), (known.assessments(), "org_name")):
        if found:
            return str(found[-1][field])
    names = (one.data.get("base") for some in by_type.values() for one in some)
    said = [one["name"] for one in names if isinstance(one, dict) and one.get("name")]
    return str(said[-1]) if said else ""


def _division(known: _Known) -> str | None:
    found = known.agreements()
    return str(found[-1]["division"]) if found else None


def _plans(known: _Known) -> list[dict[str, Any]]:
    """Return the plans of the years, each with the cohorts that began in it."""
    begun = Counter(one["starts_on"][:4] for one in known.all("cohort_opened", "starts_on"))
    plans = {one.data["year"]: one.data for one in known.by_type.get("base_service_plan_made", ())}
    return [
        {
            "year": year,
            "cohorts_planned": plan["cohorts_planned"],
            "participants_planned": plan["participants_planned"],
            "cohorts_begun": begun[str(year)],
        }
        for year, plan in sorted(plans.items())
    ]


@dataclass(slots=True)
class _Participation:
    """How far one person got in one cohort: counted, and then forgotten."""

    cohort: str = ""
    outcome: str | None = None
    finished_on: str = ""
    rounds: frozenset[int] = frozenset()
    entry: str = "due"

    def days_since(self, day: date) -> int:
        """Return how many days ago it was finished, on a day."""
        return (day - date.fromisoformat(self.finished_on)).days


def _taking_part(known: _Known, setting: Setting) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the counts of those who took part at the base, and those of each of its cohorts."""
    people = _participations(known)
    by_cohort: dict[str, list[_Participation]] = defaultdict(list)
    for person in people.values():
        by_cohort[person.cohort].append(person)
    opened = [one for one in known.by_type.get("cohort_opened", ()) if _is_known_by(one, setting)]
    opened.sort(key=lambda one: (one.data["starts_on"], one.event.position))
    filed = known.all("service_archive_filed", "filed_on")
    archived: dict[str, str] = {one["cohort"]: one["filed_on"] for one in filed}
    cohorts: list[dict[str, Any]] = []
    for one in opened:
        number: str = one.event.attributes.get("process") or ""
        row = {name: one.data.get(name) for name in ("category", "starts_on", "ends_on", "seats", "place")}
        row |= {"cohort": number, "label": _word("SHCAT", one.data["category"]), "state": _cohort_state(one, setting)}
        taking_part = by_cohort.pop(number, []) if number else []
        cohorts.append(row | {"archived_on": archived.pop(number, None)} | _counts(taking_part, setting))
    for number in sorted({*by_cohort, *archived}):
        row = {"cohort": number, "state": "not_on_record", "archived_on": archived.get(number)}
        cohorts.append(row | _counts(by_cohort.get(number, []), setting))
    for row in cohorts:
        row["says"] = COHORT_STATES[row["state"]]
    return _referrals(known) | _counts(list(people.values()), setting), cohorts


def _is_known_by(one: Amended, setting: Setting) -> bool:
    """Whether a cohort was fixed by the day, or had begun."""
    return civil_day(one.event.attributes["time"]) <= setting.day or one.data["starts_on"] <= setting.today


def _cohort_state(one: Amended, setting: Setting) -> str:
    if setting.today < one.data["starts_on"]:
        return "upcoming"
    return "running" if setting.today <= one.data["ends_on"] else "over"


_Key = tuple[str, str]


def _key(one: Amended) -> _Key:
    """Return by what the steps of one participation belong together: the process, or without one the person."""
    process = one.event.attributes.get("process")
    return ("process", process) if process else ("subject", one.event.subject or "")


def _participations(known: _Known) -> dict[_Key, _Participation]:
    """Return the participations that had begun by the day, by what anybody reported of them."""
    found: dict[_Key, _Participation] = {}
    for one in known.events("participant_enrolled", "enrolled_on"):
        found[_key(one)] = _Participation(one.data["cohort"])
    for one in known.events("training_session_held", "held_on"):
        found.setdefault(_key(one), _Participation())
    for one in known.events("participant_finished", "finished_on"):
        person = found.setdefault(_key(one), _Participation())
        person.outcome, person.finished_on = one.data["outcome"], one.data["finished_on"]
    for one in known.events("follow_up_done", "done_on"):
        person = found.setdefault(_key(one), _Participation())
        person.rounds |= {one.data["round"]}
    steps = [
        *((one, "exported") for one in known.events("service_record_exported", "exported_on")),
        *((one, "entered") for one in known.events("service_record_uploaded", "uploaded_on")),
        *((one, "rejected") for one in known.events("service_record_rejected", "rejected_on")),
    ]
    for one, entry in sorted(steps, key=lambda step: step[0].event.position):
        found.setdefault(_key(one), _Participation()).entry = entry
    return found


def _counts(people: list[_Participation], setting: Setting) -> dict[str, Any]:
    finished = [one for one in people if one.finished_on]
    completed = [one for one in finished if one.outcome == _COMPLETED]
    entries = Counter(one.entry for one in people if one.finished_on or one.entry != "due")
    limit = setting.parameter("P-SH-UPLOAD-D")
    return {
        "enrolled": len(people),
        "unfinished": len(people) - len(finished),
        "outcomes": {code: sum(one.outcome == code for one in finished) for code in code_lists()["SHEND"]["codes"]},
        "follow_ups": [
            {
                "round": months,
                "due": sum(_after(one.finished_on, months) <= setting.today for one in completed),
                "done": sum(months in one.rounds for one in completed),
            }
            for months in setting.parameter("P-SH-FOLLOWUP")
        ],
        "entries": {name: entries[name] for name in ("due", "exported", "entered", "rejected")}
        | {"overdue": sum(one.entry != "entered" and one.days_since(setting.day) > limit for one in finished)},
    }


def _after(day: str, months: int) -> str:
    return months_later(date.fromisoformat(day), months).isoformat()


def _referrals(known: _Known) -> dict[str, Any]:
    """Return how many were referred to the base, and how many of them still wait for an answer."""
    referred = {_key(one) for one in known.events("participant_referred", "referred_on")}
    answers = known.events("participant_referral_answered", "answered_on")
    settled = {_key(one) for one in answers if one.data["decision"] != "returned"}
    return {"referred": len(referred), "unanswered": len(referred - settled)}


def _inspections(known: _Known) -> list[dict[str, Any]]:
    found = known.all("base_inspected", "inspected_on")
    return [{name: one.get(name) for name in ("inspected_on", "passed", "next_due")} for one in found]


def _is_inspection_overdue(known: _Known) -> bool:
    newest = known.newest("base_inspected", "inspected_on")
    return bool(newest and newest.get("next_due", known.today) < known.today)


def _incidents(known: _Known) -> list[dict[str, Any]]:
    closed = {_key(one): one.data["closed_on"] for one in known.events("safety_incident_closed", "closed_on")}
    return [
        {name: one.data[name] for name in ("occurred_on", "kind", "injured")} | {"closed_on": closed.get(_key(one))}
        for one in known.events("safety_incident_reported", "occurred_on")
    ]


def _violations(known: _Known, setting: Setting) -> list[dict[str, Any]]:
    """Return the violations; one counts against a new assessment for some years."""
    years = setting.parameter("P-SH-CLEAN-Y")
    return [
        {
            "occurred_on": one["occurred_on"],
            "kind": _word("VIOLATION", one["kind"]),
            "counts_until": years_later(date.fromisoformat(one["occurred_on"]), years).isoformat(),
        }
        for one in known.all("violation_recorded", "occurred_on")
    ]


def _word(code_list: str, code: str) -> str:
    return str(code_lists()[code_list]["codes"].get(code, {}).get("zh", code))
