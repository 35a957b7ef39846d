"""A history reads every record in the newest version of its type; a version that nobody knows yet waits."""

from dataclasses import replace
from typing import Any

from services.family_case.waiting import UNKNOWN_TYPE
from shared.log.record import decode
from tests.family_case.conftest import Hub
from tests.world import DAUGHTER, MOTHER, event, family_opened

FEDERATION = "disability_federation"
CONSENT = f"{FEDERATION}.consent_recorded"
FORM = {"consent_by": MOTHER, "form_doc": "同意书A-01"}
IN_WORDS = FORM | {"scope": "康复、结对"}


def consent(data: dict[str, Any]) -> dict[str, Any]:
    return event(CONSENT, data, DAUGHTER)


def corrected(original: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    said = {"target_event": original["id"], "corrected_payload": data, "reason": "录入有误"}
    return event(f"{FEDERATION}.event_corrected", said, None)


def entry(hub: Hub, of: dict[str, Any]) -> dict[str, Any]:
    [found] = [one for one in hub.document()["entries"] if one["id"] == of["id"]]
    return dict(found)


def test_an_entry_is_in_the_newest_version_whichever_was_recorded(hub: Hub) -> None:
    older, newer = consent(IN_WORDS), consent(IN_WORDS | {"scopes": ["rehab", "pairing"]})
    hub.tell(family_opened(), older, newer)
    assert entry(hub, older)["data"] == entry(hub, newer)["data"]
    assert entry(hub, older)["sentence"] == entry(hub, newer)["sentence"]
    assert "事项：康复服务、结对帮扶，同意书写明：康复、结对" in entry(hub, older)["sentence"]


def test_a_correction_in_the_other_version_changes_what_it_says_otherwise_and_nothing_else(hub: Hub) -> None:
    older, newer = consent(IN_WORDS), consent(IN_WORDS | {"scopes": ["rehab", "pairing"]})
    now = [
        corrected(older, IN_WORDS | {"scopes": ["rehab", "pairing"], "valid_to": "2027-12-31"}),
        corrected(newer, FORM | {"scope": "康复"}),
    ]
    hub.tell(family_opened(), older, newer, *now)
    changes = [[one["field"] for one in entry(hub, of)["corrected"]["changes"]] for of in (older, newer)]
    assert changes == [["valid_to"], ["scopes", "scope"]]
    assert entry(hub, older)["corrected"]["before"]["scopes"] == ["rehab", "pairing"]
    assert entry(hub, newer)["data"]["scopes"] == ["rehab"]
    assert "同意事项由“康复服务、结对帮扶”改为“康复服务”" in entry(hub, now[1])["sentence"]


def test_an_event_of_a_version_that_nobody_knows_yet_waits_for_who_does(hub: Hub) -> None:
    told = hub.say(family_opened(), consent(IN_WORDS))
    later = replace(told[1][1], attributes=told[1][1].attributes | {"dataschema": f"urn:yihu:{CONSENT}:9"}, exact=b"")
    hub.receive([told[0], (FEDERATION, replace(decode(later.encode()), position=later.position))])
    assert hub.waiting() == [(FEDERATION, UNKNOWN_TYPE, 1)]
    assert len(hub.ids()) == 1
