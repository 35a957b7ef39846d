from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refused
from shared.json import canonical
from shared.language.envelope import (
    CHINA,
    MASKED,
    china_day,
    civil_day,
    could_be_personal,
    is_json,
    moment,
    name,
    name_before,
    stamp,
)
from shared.language.envelope import read as read_masked
from shared.language.kinds import Setting
from shared.log.record import RecordedEvent, batch, decode, decode_batch

SETTING = Setting(date(2025, 3, 1), allow_test_regions=True)
SUBMISSION = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "urn:yihu:education:desk",
    "type": "education.student_enrolled",
    "time": "2025-03-01T09:00:00+08:00",
    "data": {},
}
NUMBERS = [
    "42129920210512020X",
    "p-13800138000",
    "421299-20210512-020X",
    "X４２１２９９２０２１０５１２０２０Ｘ",
    "4212992021\u200b0512020X",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def mask(identifier: str) -> str:
    """Stand in for the keyed token."""
    return f"k-{identifier.encode().hex()}"


def read(submission: Any, setting: Setting) -> Any:
    return read_masked(submission, setting, mask)


def faults_of(**changes: Any) -> dict[str, str]:
    """Return the codes of the faults by pointer."""
    _, faults = read(SUBMISSION | changes, SETTING)
    return {fault.pointer: fault.code for fault in faults}


def attribute(attribute_name: str, value: Any) -> Any:
    attributes, faults = read(SUBMISSION | {attribute_name: value}, SETTING)
    assert faults == []
    return attributes[attribute_name]


def test_the_least_that_an_event_says_is_accepted() -> None:
    attributes, faults = read(SUBMISSION, SETTING)
    assert faults == []
    assert {key: value for key, value in SUBMISSION.items() if key != "data"} == attributes


def test_every_attribute_is_accepted_and_kept() -> None:
    more = {
        "subject": "42129920210512020X",
        "recordedtime": "2025-03-02T09:00:00+08:00",
        "process": "PL-1 甲",
        "division": "421221",
        "org": "2142000123",
        "correlationid": "c-1",
        "causationid": "e-0",
        "legacy": True,
        "recordedby": "acct-17",
        "approvedby": "urn:accounts:18",
        "filedigest": "0f" * 32,
        "filesheet": "摸底表 1",
        "filerow": 1,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "dataschema": "urn:yihu:education.student_enrolled:1",
        "datacontenttype": "application/json",
    }
    attributes, faults = read(SUBMISSION | more, SETTING)
    assert faults == []
    assert more.items() <= attributes.items()


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type", "time", "data"])
def test_a_required_attribute_is_missed(missing: str) -> None:
    _, faults = read({key: value for key, value in SUBMISSION.items() if key != missing}, SETTING)
    assert [("required", f"/{missing}")] == [(fault.code, fault.pointer) for fault in faults]


def test_every_fault_is_named_at_once() -> None:
    found = faults_of(specversion="0.3", id="", time="yesterday", division="000000", legacy="yes", colour="blue")
    expected = {
        "/specversion": "specversion",
        "/id": "empty",
        "/time": "not_a_time",
        "/division": "unknown_code",
        "/legacy": "not_a_flag",
        "/colour": "unknown_attribute",
    }
    assert expected == found


@pytest.mark.holds("G.6", "REG-23.2")
def test_who_approves_is_another_one_than_who_recorded() -> None:
    assert faults_of(recordedby="acct-17", approvedby="acct-17") == {"/approvedby": "four_eyes"}
    assert faults_of(recordedby="acct-17", approvedby="acct-18") == {}
    assert faults_of(approvedby="acct-17") == {}


@given(st.integers(-2_000_000_000, 7_000_000_000))
def test_the_day_of_a_time_is_that_of_its_moment_on_the_wall(second: int) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert civil_day(stamp(at)) == china_day(at)


def test_a_row_in_a_header_is_text_and_is_read_as_a_number() -> None:
    attributes, _ = read(SUBMISSION | {"filerow": "12"}, SETTING)
    assert attributes["filerow"] == 12


def test_the_high_tech_zone_is_a_division_only_where_the_setting_says_so() -> None:
    assert faults_of(division="4212G1") == {"/division": "unknown_code"}
    _, faults = read(SUBMISSION | {"division": "4212G1"}, replace(SETTING, high_tech_zone=True))
    assert faults == []


@pytest.mark.parametrize("submission", [None, [], "event", 1, True])
def test_what_is_no_object_is_refused(submission: Any) -> None:
    with pytest.raises(Refused) as refused:
        read(submission, SETTING)
    assert refused.value.code == "not_an_object"


@pytest.mark.parametrize("unknown", ["colour", "logged_time", "loggedtime", "fingerprint", "sequence", "stream", "ID"])
def test_an_attribute_that_senders_do_not_have_is_refused(unknown: str) -> None:
    assert list(faults_of(**{unknown: "x"}).values()) == ["unknown_attribute"]


@pytest.mark.parametrize("hostile", ["42129920210512020X", "421299201709030139", "Li", "a/b", "名", "", "x" * 31])
def test_the_name_of_an_unknown_attribute_is_not_repeated_when_it_is_no_plain_word(hostile: str) -> None:
    assert faults_of(**{hostile: "x"}) == {"/?": "unknown_attribute"}


def test_an_unknown_attribute_that_is_nearly_a_known_one_is_told_which() -> None:
    [fault] = read(SUBMISSION | {"devision": "421221"}, SETTING)[1]
    assert fault.en == "The envelope has no such attribute. Did you mean division?"


def test_a_hundred_thousand_unknown_attributes_are_not_answered_one_by_one() -> None:
    assert len(read(SUBMISSION | {f"a{number}": 1 for number in range(100_000)}, SETTING)[1]) == 10


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2025-03-01T09:00:00+08:00", "2025-03-01T09:00:00+08:00"),
        ("2025-03-01T01:00:00Z", "2025-03-01T09:00:00+08:00"),
        ("2025-03-01t01:00:00z", "2025-03-01T09:00:00+08:00"),
        ("2025-02-28T20:00:00-05:00", "2025-03-01T09:00:00+08:00"),
        ("2025-03-01T01:00:00.5Z", "2025-03-01T09:00:00.500+08:00"),
        ("2025-03-01T01:00:00.123456789Z", "2025-03-01T09:00:00.123+08:00"),
        ("2024-02-29T23:59:59+08:00", "2024-02-29T23:59:59+08:00"),
    ],
)
@pytest.mark.parametrize("which", ["time", "recordedtime"])
def test_a_time_is_kept_in_chinas_zone(which: str, written: str, kept: str) -> None:
    assert kept == attribute(which, written)
    assert moment(written.upper()).replace(microsecond=0) == moment(kept).replace(microsecond=0)


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-01",
        "2025-03-01T09:00:00",
        "2025-03-01 09:00:00+08:00",
        "2025-03-01T09:00+08:00",
        "20250301T090000+0800",
        "2025-02-29T09:00:00+08:00",
        "2025-03-01T24:00:00+08:00",
        "2025-03-01T09:00:60+08:00",
        "2025-03-01T09:00:00+25:00",
        "2025-03-01T09:00:00.1234567890+08:00",
        "1899-12-31T09:00:00+08:00",
        "2200-01-01T09:00:00+08:00",
        "２０25-03-01T09:00:00+08:00",
        "20２5-03-01T09:00:00+08:00",
        "2025-03-01T09:00:00.1234567８+08:00",
        "2025-03-01T09:00:00+08:00\n",
        " 2025-03-01T09:00:00+08:00",
        "2025-W09-6T09:00:00+08:00",
        "",
        1_740_790_800,
        ["2025-03-01T09:00:00+08:00"],
    ],
)
@pytest.mark.parametrize("which", ["time", "recordedtime"])
def test_what_is_no_time_with_its_zone_is_refused(which: str, written: Any) -> None:
    assert {f"/{which}": "not_a_time"} == faults_of(**{which: written})


@given(st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)), st.integers(-720, 720))  # noqa: DTZ001 - zone follows
def test_a_stamped_time_is_the_same_moment_to_the_millisecond(naive: datetime, minutes: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    kept = moment(stamp(at))
    assert timedelta(0) <= at - kept < timedelta(milliseconds=1)
    assert stamp(kept) == attribute("time", stamp(kept))
    assert kept.utcoffset() == timedelta(hours=8)


def test_business_time_is_chinas() -> None:
    assert stamp(datetime(2024, 12, 31, 16, 30, tzinfo=UTC)) == "2025-01-01T00:30:00+08:00"
    assert timedelta(hours=8) == CHINA.utcoffset(None)


@pytest.mark.parametrize("which", ["id", "source", "correlationid", "causationid", "dataschema"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a b", "not_an_id"),
        ("a\u00a0b", "not_an_id"),
        ("a\nb", "not_one_line"),
        ("a\u2028b", "not_one_line"),
        ("x" * 121, "not_an_id"),
        ("x" * 201, "too_long"),
        ("a\x00b", "illegal_character"),
        ("a\x1bb", "illegal_character"),
        ("\u202egnp.exe", "illegal_character"),
        ("\ud800", "illegal_character"),
        ("\u200b", "empty"),
        ("\u3164\u2800", "empty"),
        ("\ufdfa" * 100, "too_long"),
        ("x\u0430", "mistakable_character"),
        ("\u0661", "mistakable_character"),
        (1, "not_text"),
        ([], "not_text"),
        ({}, "not_text"),
    ],
)
def test_a_hostile_name_is_refused(which: str, value: Any, code: str) -> None:
    assert {f"/{which}": code} == faults_of(**{which: value})


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("which", MASKED)
def test_an_identifier_that_could_be_a_personal_number_is_kept_as_a_token(which: str, number: str) -> None:
    kept = attribute(which, number)
    assert kept.startswith("k-")
    assert kept == attribute(which, f" {number} ")
    if which == "id":
        assert name(SUBMISSION | {"id": number}, mask) == (SUBMISSION["source"], kept)


@pytest.mark.parametrize(
    "number",
    ["XN-2025-000123", "421299-甲-7", "0af76519-16cd-43dd-8448-eb211c80319c", "20250601", "嘉民救（2025）12号"],
)
@pytest.mark.parametrize("which", MASKED)
def test_an_identifier_that_cannot_be_one_is_kept_as_it_is(which: str, number: str) -> None:
    assert attribute(which, number) == number


@pytest.mark.parametrize("which", MASKED)
@pytest.mark.parametrize("number", ["4212212025000008", "421221" + "202506010001", "421221202500001", "13800138000"])
def test_an_office_may_number_its_files_as_it_likes(which: str, number: str) -> None:
    assert attribute(which, number) == (mask(number) if could_be_personal(number) else number)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("which", ["source", "dataschema"])
def test_a_personal_number_has_no_place_in_what_is_agreed_upon(which: str, number: str) -> None:
    assert faults_of(**{which: number}) == {f"/{which}": "personal_number_in_clear"}


@pytest.mark.parametrize(
    ("typed", "kept"), [("x\u200b", "x"), ("ｘ１", "x1"), ("x\u2014\u0031", "x-1"), ("x\ufe0f", "x")]
)
@pytest.mark.parametrize("which", [*MASKED, "source"])
def test_what_looks_the_same_is_the_same_identifier(which: str, typed: str, kept: str) -> None:
    assert attribute(which, typed) == kept


def test_a_case_number_has_one_blank_where_it_shows_one() -> None:
    assert attribute("process", "PL-1\u3000 甲") == attribute("process", "PL-1 甲") == "PL-1 甲"


def test_a_retry_is_found_under_the_name_that_the_version_before_kept() -> None:
    submission = SUBMISSION | {"id": "ｘ\u200b1"}
    assert name(submission, mask) == (SUBMISSION["source"], "x1")
    assert name_before(submission) == (SUBMISSION["source"], "ｘ\u200b1")
    assert name_before(SUBMISSION) is None
    assert name_before([]) is None


@pytest.mark.parametrize(
    "absent", ["subject", "process", "legacy", "traceparent", "recordedtime", "dataschema", "colour"]
)
def test_an_attribute_that_is_null_is_absent(absent: str) -> None:
    assert read(SUBMISSION | {absent: None}, SETTING) == read(SUBMISSION, SETTING)


@pytest.mark.parametrize("required", ["specversion", "id", "source", "type", "time", "data"])
def test_a_required_attribute_that_is_null_is_missed(required: str) -> None:
    assert faults_of(**{required: None}) == {f"/{required}": "required"}


@pytest.mark.parametrize(
    "written",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/vnd.example.v1+json",
        "text/json",
        " application/cloudevents+json ; profile=x",
    ],
)
def test_every_media_type_that_is_json_is_json(written: str) -> None:
    assert is_json(written)
    assert attribute("datacontenttype", written) == "application/json"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "text/xml",
            "application/jsonp",
            "json",
            "application/",
            "application/json+xml",
            "",
            "application/json,text/xml",
        ),
        *("application/json; charset=gbk", "application/json; charset=utf-8; charset=utf-16", "application/+json"),
        *("application/" + "x" * 61 + "+json", ["application/json"], 1),
    ],
)
def test_a_media_type_that_is_not_json_in_utf_8_is_refused(written: Any) -> None:
    assert faults_of(datacontenttype=written) == {"/datacontenttype": "datacontenttype"}


@pytest.mark.parametrize(
    "written", ["x", "00-" + "0" * 32, "42129920210512020X", "00-" + "G" * 32 + "-" + "0" * 16 + "-01", 1]
)
def test_a_trace_that_is_none_is_refused(written: Any) -> None:
    assert faults_of(traceparent=written) == {"/traceparent": "not_a_traceparent"}


def test_a_trace_of_digits_is_no_card_number() -> None:
    trace = f"00-{'4111111111111111' * 2}-4111111111111111-01"
    assert attribute("traceparent", trace) == trace


def test_data_in_base64_is_refused_by_its_name() -> None:
    without = {key: value for key, value in SUBMISSION.items() if key != "data"}
    [fault] = read(without | {"data_base64": "e30="}, SETTING)[1]
    assert (fault.code, fault.pointer) == ("data_base64", "/data_base64")
    assert read(SUBMISSION | {"data_base64": None}, SETTING)[1] == []


@pytest.mark.parametrize(
    ("which", "value", "code"),
    [
        ("specversion", 1.0, "not_text"),
        ("specversion", "1.1", "specversion"),
        ("type", "Education.Student", "type_shape"),
        ("type", "education.学生", "type_shape"),
        ("type", "education/../x", "type_shape"),
        ("datacontenttype", "text/xml", "datacontenttype"),
        ("subject", "", "not_text"),
        ("subject", "x" * 65, "not_text"),
        ("subject", 42129920210512020, "not_text"),
        ("division", ["421221"], "not_text"),
        ("division", {}, "not_text"),
        ("division", "999999", "unknown_code"),
        ("org", "甲单位", "organisation_code_shape"),
        ("org", {"code": "1", "name": "2"}, "not_text"),
        ("legacy", 1, "not_a_flag"),
        ("legacy", "True", "not_a_flag"),
        ("process", "a\nb", "not_one_line"),
        ("recordedby", "王小明", "not_an_account"),
        ("recordedby", "acct 17", "not_an_account"),
        ("approvedby", "42129920210512020X", "personal_number_in_clear"),
        ("approvedby", "13800138000", "personal_number_in_clear"),
        ("approvedby", "a" * 121, "not_an_account"),
        ("approvedby", 17, "not_text"),
        ("filedigest", "0F" * 32, "not_a_digest"),
        ("filesheet", "甲\n乙", "not_one_line"),
        ("filerow", 0, "too_small"),
        ("filerow", "0", "too_small"),
        ("filerow", True, "not_a_count"),
        ("filerow", 1.5, "not_a_count"),
        ("filerow", "１", "not_a_count"),
        ("filerow", "99999999999", "not_a_count"),
    ],
)
def test_a_wrong_attribute_is_refused_with_its_reason(which: str, value: Any, code: str) -> None:
    assert {f"/{which}": code} == faults_of(**{which: value})


@pytest.mark.parametrize("written", [True, "true"])
def test_a_flag_may_come_as_the_text_of_a_header(written: Any) -> None:
    assert attribute("legacy", written) is True


@pytest.mark.parametrize("written", [False, "false", None])
def test_a_flag_that_is_false_is_absent(written: Any) -> None:
    assert read(SUBMISSION | {"legacy": written}, SETTING) == read(SUBMISSION, SETTING)


def test_a_fabricated_region_is_known_only_where_it_is_allowed() -> None:
    assert attribute("division", "421299") == "421299"
    _, faults = read(SUBMISSION | {"division": "421299"}, Setting(SETTING.today, allow_test_regions=False))
    assert [fault.code for fault in faults] == ["unknown_code"]


@given(
    st.dictionaries(
        st.sampled_from([*SUBMISSION, "subject", "org", "legacy", "process"]), TEXT | st.none() | st.integers()
    )
)
def test_whatever_a_sender_says_is_read_or_has_faults_that_do_not_repeat_it(changes: dict[str, Any]) -> None:
    marked = {key: f"{value}zq7731" if isinstance(value, str) else value for key, value in changes.items()}
    attributes, faults = read(SUBMISSION | marked, SETTING)
    assert not any("zq7731" in str(fault.as_dict()) for fault in faults)
    assert all(fault.pointer.startswith("/") and fault.zh and fault.en for fault in faults)
    assert attributes.keys() | {fault.pointer[1:] for fault in faults} >= SUBMISSION.keys() - {"data"}


def test_an_event_is_known_by_source_and_id_as_they_are_stored() -> None:
    submission = SUBMISSION | {"id": " cafe\u0301 ", "source": " urn:yihu:education:desk"}
    attributes, _ = read(submission, SETTING)
    assert (attributes["source"], attributes["id"]) == name(submission, mask)


@pytest.mark.parametrize(
    "submission", [None, [], {}, {"id": "1"}, {"id": 1, "source": "s"}, SUBMISSION | {"id": "a\x00"}]
)
def test_what_has_no_readable_name_is_not_known(submission: Any) -> None:
    assert name(submission, mask) is None


def record(position: int = 1, **data: Any) -> RecordedEvent:
    kept = dict.fromkeys(("time", "recordedtime"), "2025-03-01T09:00:00+08:00")
    kept |= {"type": "t", "id": "一", "source": "s", "stream": "a", "streamversion": position, "data": data}
    body = canonical(kept)
    return decode(body, position)


def encoded(events: list[RecordedEvent]) -> bytes:
    return batch((event.position, event.encode()) for event in events)


RECORDS = st.lists(st.builds(record, st.integers(1, 2**62), note=TEXT, amount=st.integers(0, 9)), max_size=5)


@given(RECORDS)
def test_a_batch_gives_back_the_exact_bytes_and_positions(events: list[RecordedEvent]) -> None:
    found = decode_batch(encoded(events))
    assert events == found
    assert [(event.position, event.encode()) for event in events] == [(read.position, read.encode()) for read in found]
    assert [event.exact for event in events] == [read.exact for read in found]


def test_a_batch_is_a_json_array_of_cloudevents_with_their_sequence() -> None:
    body = encoded([record(7)])
    at = "2025-03-01T09:00:00+08:00"
    assert body.decode() == (
        f'[{{"sequence":"7","data":{{}},"id":"一","recordedtime":"{at}","source":"s","stream":"a","streamversion":7,'
        f'"time":"{at}","type":"t"}}]'
    )
    assert encoded([]) == b"[]"


def test_a_record_that_was_never_stored_travels_in_its_canonical_bytes() -> None:
    event = record(3, b=1, a=2)
    assert encoded([event]) == encoded([replace(event, exact=b"")])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b'"x"',
        b"7",
        b"[1]",
        b'["x"]',
        b"[null]",
        b"[[]]",
        b"[{}]",
        b'[{"sequence":"x"}]',
        b'[{"sequence":"1"}]',
        b'[{"sequence":null,"data":{}}]',
        b'[{"sequence":"1","data":{}}]',
        b'[{"sequence":"1","data":{},"stream":"s"}]',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_batch_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads its words
        decode_batch(body)


@pytest.mark.parametrize("sequence", [None, 1, 1.5, "0", "-1", "01", " 1", "1_0", "１", "x", "9" * 20, [], {}])
def test_a_position_is_a_positive_number_written_one_way(sequence: Any) -> None:
    [published] = orjson.loads(encoded([record()]))
    assert decode_batch(canonical([published]))
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads its words
        decode_batch(canonical([published | {"sequence": sequence}]))


@pytest.mark.parametrize("wrong", [None, [], 1.5])
@pytest.mark.parametrize(
    "name", ["id", "source", "type", "time", "recordedtime", "stream", "streamversion", "data", "sequence"]
)
def test_a_batch_with_a_record_that_lacks_something_is_no_batch(name: str, wrong: Any) -> None:
    [published] = orjson.loads(encoded([record()]))
    without = {key: value for key, value in published.items() if key != name}
    lacking = [[published, without]] if name != "stream" else []  # it is left out where it follows from the rest
    for wanting in (*lacking, [published | {name: wrong}]):
        with pytest.raises(ValueError):  # noqa: PT011 - nobody reads its words
            decode_batch(canonical(wanting))


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"", b"\xff", b"[" * 10_000])
def test_what_is_no_record_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads its words
        decode(body)
