"""Each rule of the federation on pairing and social organisations: what it refuses or flags, and what it lets pass."""

from datetime import date

import pytest

from services.disability_federation.charity.events import (
    PairingEnded,
    PairingEstablished,
    PairingVisited,
    SocialOrgEngaged,
    SocialOrgEvaluated,
)
from services.disability_federation.registry.events import ConsentRecorded, DifficultFamilyRecognised
from tests.departments.cases import SUBJECT, Case, check
from tests.departments.past import On
from tests.world import MOTHER


def paired(from_date: str, to_date: str | None, process: str = "P-1") -> On:
    pairing = (PairingEstablished, {"from_date": from_date, "to_date": to_date})
    return On(pairing, "family", of=SUBJECT, process=process)


def ended(ended_on: str, process: str = "P-1") -> On:
    return On((PairingEnded, {"ended_on": ended_on}), "family", of=SUBJECT, process=process)


def consent(of: str, *scopes: str) -> On:
    return On((ConsentRecorded, {"scopes": [*scopes], "valid_to": None}), "person", of=of, happened=date(2025, 2, 10))


RUNNING = paired("2025-01-01", None)
CASES = [
    Case("CHA-04.a", PairingEstablished, flags="not_difficult", fine_given=[(DifficultFamilyRecognised, "family")]),
    Case("CHA-04.1", PairingEstablished, refuses="already_paired /data/from_date", given=[RUNNING],
         fine_given=[paired("2025-04-11", None)]),
    Case("CHA-04.1", PairingEstablished, refuses="already_paired /data/from_date",
         given=[paired("2025-01-01", "2025-04-10")], fine_given=[paired("2025-01-01", "2025-04-09")]),
    Case("CHA-04.1", PairingEstablished, refuses="already_paired /data/from_date", given=[RUNNING, ended("2025-04-11")],
         fine_given=[RUNNING, ended("2025-04-10")]),
    Case("CHA-04.1", PairingEstablished, refuses="already_paired /data/from_date",
         given=[RUNNING, ended("2025-04-10", "P-2")], fine_given=[RUNNING, ended("2025-04-10")]),
    Case("CHA-04.2", PairingEstablished, {"to_date": "2025-04-09"}, refuses="period_reversed /data/to_date",
         fine={"to_date": "2025-04-10"}),
    Case("CHA-04.3", PairingEstablished, flags="consent_missing", given=[consent(SUBJECT, "rehab")],
         fine_given=[consent(SUBJECT, "rehab", "pairing")]),
    Case("CHA-04.3", PairingEstablished, flags="consent_missing", given=[consent(MOTHER, "pairing")],
         fine_about={"family": [SUBJECT, MOTHER]}),
    Case("CHA-05.a", PairingVisited, refuses="out_of_order /process", given=[(PairingEstablished, "family")],
         fine_given=[(PairingEstablished, "process")]),
    Case("CHA-06.a", PairingEnded, refuses="out_of_order /process", given=[(PairingEstablished, "family")],
         fine_given=[(PairingEstablished, "process")]),
    Case("CHA-06.1", PairingEnded, refuses="already_ended /process", given=[(PairingEnded, "process")],
         fine_given=[(PairingEnded, "family")]),
    Case("CHA-09.a", SocialOrgEvaluated, flags="not_engaged", fine_given=[(SocialOrgEngaged, "organisation")]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
