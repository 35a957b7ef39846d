import re
from typing import Any

import pytest

from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.sentence import sentence

load_catalogue()
SUBJECT = "p-" + "a2" * 16
BOX = {"sealed": "intl", "key": "00", "value": "AA=="}
ORGANISATION = {"code": "52421299MJXRE0019W", "name": "虚构服务中心"}


def stored(known: Declaration, *, required_alone: bool = False) -> dict[str, Any]:
    """Return the example of a type as a log would hold it, with persons as one token."""
    data = {}
    for name, value in known.example().items():
        fact = known.facts[name]
        if required_alone and not fact.required:
            continue
        one = {"person": SUBJECT, "party": SUBJECT, "organisation": ORGANISATION}.get(fact.kind.name, value)
        data[name] = BOX if fact.sealed else [one] if fact.many and one is SUBJECT else one
    return data


def written(type_name: str, **changes: Any) -> str:
    known = CATALOGUE.get(type_name)
    assert known is not None
    data = {name: value for name, value in (stored(known) | changes).items() if value is not None}
    return sentence(known, data, SUBJECT, lambda _: "成员甲")


@pytest.mark.parametrize("required_alone", [False, True])
@pytest.mark.parametrize("known", list(CATALOGUE), ids=lambda known: known.type)
def test_every_sentence_reads_as_an_official_would_write_it(known: Declaration, required_alone: bool) -> None:
    text = sentence(known, stored(known, required_alone=required_alone), SUBJECT, lambda _: "成员甲")
    assert not re.search(r"[,;:()\[\]{}!?]|True|False|None|未填|密封", text), text
    assert not re.search(r"（）|：(?:[，；]|$)|[：，]是(?:，|；|$)|[：，]否(?:，|；|$)", text), text
    assert not re.search(r"^[，；：]|[，；：]$|[，；：][，；]", text), text
    assert SUBJECT not in text


def test_a_flag_is_written_in_its_own_words() -> None:
    hidden = written("civil_affairs.dibao_notice_posted", minors_hidden=True)
    assert hidden == "低保审核意见于2025年3月21日至2025年3月28日在虚构村村务公开栏公示，未成年人信息已隐去"
    assert written("civil_affairs.dibao_notice_posted", minors_hidden=False) == hidden.replace("已隐去", "未隐去")


def test_half_a_sentence_without_its_field_goes_away() -> None:
    paid = "finance.benefit_paid"
    assert written(paid) == "2025年4月10日为成员甲发放低保金632.00元，所属月份：2025年4月，资金来源：县级财政"
    assert written(paid, period=None) == "2025年4月10日为成员甲发放低保金632.00元，资金来源：县级财政"


def test_brackets_of_two_fields_go_away_when_one_is_missing() -> None:
    aid = "disability_federation.rehab_aid_decided"
    assert "救助期自2025年4月9日至2025年12月31日" in written(aid)
    assert "救助期" not in written(aid, aid_to=None)


def test_an_absent_flag_is_not_a_no() -> None:
    recommended = "hrss.job_recommended"
    assert written(recommended, accepted=False).endswith("，本人不接受")
    assert "本人" not in written(recommended, accepted=None)


def test_a_refusal_says_why() -> None:
    refused = {"decision": "refused", "refuse_reason": "economy", "amount": None, "fund": None}
    text = written("civil_affairs.temp_aid_decided", **refused)
    assert text == "2025年4月10日临时救助决定：不予同意，不予同意原因：经济状况不符"


def test_a_code_that_a_list_no_longer_has_is_shown_as_it_stands() -> None:
    assert written("finance.benefit_paid", fund="gone").endswith("资金来源：gone")


def test_a_sealed_or_absent_value_is_named_as_such() -> None:
    paid = CATALOGUE.get("finance.benefit_paid")
    assert paid is not None
    assert paid.facts["account_tail"].show(BOX, str) == "〔密封〕"
    assert paid.facts["period"].show(None, str) == "未填"
    assert paid.facts["payee"].show(ORGANISATION, str) == "虚构服务中心"
    assert paid.facts["payee"].show("XN-F-0A1B2C3D", str) == "XN-F-0A1B2C3D"
