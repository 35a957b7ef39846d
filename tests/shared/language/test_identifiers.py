import pickle
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.language.identifiers import (
    COUNTIES,
    FORMER_COUNTIES,
    REFUSALS,
    TEST_REGIONS,
    CertificateNumber,
    IdentifierError,
    ResidentId,
    birth_certificate_number,
    certificate_number,
    check_character,
    mobile_or_landline,
    normalise,
    person_name,
    resident_id,
    student_number,
    uscc,
)

TODAY = date(2025, 11, 22)

# Everybody here is fabricated: divisions 421299 and 422399 are not assigned.
BOY = "421299201805120011"
GIRL = "42129920180512002X"
# A bank card number published for trying out payment forms.
CARD = "4111111111111111"
# A telephone company's own service number.
MOBILE = "13800138000"


def an_id(text: str, *, today: date = TODAY, legacy: bool = False) -> ResidentId:
    return resident_id(text, today=today, allow_test_regions=True, legacy=legacy)


def a_certificate(text: str) -> CertificateNumber:
    return certificate_number(text, today=TODAY, allow_test_regions=True)


def a_student_number(text: str) -> str:
    return student_number(text, today=TODAY, allow_test_regions=True)


def with_check(body: str) -> str:
    return body + check_character(body)


def of_division(division: str) -> str:
    """Put together a number that passes its check, so that none of a real county stands in this file."""
    return with_check(division + "20180512" + "001")


@st.composite
def fabricated_ids(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(sorted(TEST_REGIONS)))
    born = draw(st.dates(date(1900, 1, 1), TODAY))
    return with_check(f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}")


@st.composite
def credit_codes(draw: st.DrawFn, alphabet: str = "0123456789ABCDEFGHJKLMNPQRTUWXY") -> str:
    """Credit codes with both check characters right, found by trying."""
    kind = draw(st.sampled_from(["11", "12", "13", "51", "52", "53", "59", "91", "92", "93"]))
    organisation = draw(st.text(alphabet, min_size=8, max_size=8))
    for inner in "0123456789X":
        for check in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            code = f"{kind}421299{organisation}{inner}{check}"
            if code_of(uscc, code) is None:
                return code
    raise AssertionError("no check characters fit")


def refusal_of(parse: Callable[..., object], *arguments: object, **options: object) -> IdentifierError | None:
    """Return how a text is refused, or None when it is accepted."""
    try:
        parse(*arguments, **options)
    except IdentifierError as refusal:
        return refusal
    return None


def code_of(parse: Callable[..., object], *arguments: object, **options: object) -> str | None:
    """Return the code a text is refused with, or None when it is accepted."""
    refusal = refusal_of(parse, *arguments, **options)
    return refusal and refusal.code


# --- normalise -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        " 421299 20180512 002x ",
        "421299\u00a020180512\u3000002X",
        "421299\u200b20180512\u2009002\ufeffX\u202c",
        "'42129920180512002X",
        "\u201942129920180512002x",
        "421299-20180512-002X",
        "421299\u201320180512\uff0d002\uff38",
        "421299 - 20180512 - 002X",
        "４２１２９９２０１８０５１２００２ｘ",
        "\t42129920180512002X\r\n",
        "421299\u00ad20180512002X",
    ],
)
def test_an_identifier_is_the_same_however_it_was_typed(typed: str) -> None:
    assert normalise(typed) == GIRL
    assert an_id(typed).number == GIRL


def test_normalising_leaves_wrong_characters_to_be_refused() -> None:
    assert normalise("4212.99*") == "4212.99*"
    assert normalise("-1") == "-1"
    assert normalise("ſı") == "ſı"


def test_digits_of_other_scripts_are_not_digits_of_an_identifier() -> None:
    assert code_of(birth_certificate_number, "R" + "٣" * 9) == "birth_certificate_shape"
    assert code_of(an_id, GIRL[:-1] + "Ⅹ") == "resident_id_shape"


@given(st.text() | st.text("0123456789xXb-‐—' ’\u200b\u3000，＇－Ａｂ＋.(", max_size=30))
@example("- '1- -2' '")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


# --- resident identity number ----------------------------------------------------------------------------------


def test_the_check_character_is_computed_as_the_standard_says() -> None:
    body = "42129920180512001"
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    assert sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) == 275
    assert check_character(body) == "1"


# These numbers are published examples, the first two in GB 11643 itself; they stand here in parts because
# a whole number of a real division may not stand in this repository.
PUBLISHED = [
    ("110105", "19491231", "002X"),
    ("440524", "18800101", "0014"),
    ("340524", "19800101", "001X"),
    ("513101", "19820113", "0014"),
    ("370101", "19010203", "9973"),
]


@pytest.mark.parametrize("parts", PUBLISHED)
def test_published_examples_pass_the_check(parts: tuple[str, str, str]) -> None:
    number = "".join(parts)
    assert check_character(number[:17]) == number[17]


@pytest.mark.parametrize("parts", [parts for parts in PUBLISHED if parts[1] >= "1900"])
def test_published_examples_of_the_living_are_accepted_without_test_regions(
    parts: tuple[str, str, str],
) -> None:
    assert resident_id("".join(parts), today=TODAY).division_known == "unknown"


def test_a_check_character_needs_seventeen_digits() -> None:
    with pytest.raises(ValueError, match="zip"):
        check_character("4212992018051200")


def test_a_number_says_birth_date_and_sex() -> None:
    assert an_id(BOY) == ResidentId(BOY, date(2018, 5, 12), "1", "test", ends_000=False)
    assert an_id(GIRL) == ResidentId(GIRL, date(2018, 5, 12), "2", "test", ends_000=False)


def test_a_lower_case_x_is_stored_as_a_capital() -> None:
    assert an_id(GIRL.lower()).number == GIRL


def test_a_birthday_on_29_february_of_a_leap_year_exists() -> None:
    assert an_id("42129920200229002X").born == date(2020, 2, 29)


@pytest.mark.parametrize(
    "number",
    ["421299201902290012", with_check("42129920181301001"), with_check("42129900000101001")],
)
def test_a_birth_date_outside_the_calendar_is_refused_though_the_check_is_right(number: str) -> None:
    assert number[17] == check_character(number[:17])
    assert code_of(an_id, number) == "resident_id_date"


def test_a_person_born_today_has_a_number_and_one_born_tomorrow_has_none() -> None:
    number = with_check("42129920251122001")
    assert an_id(number, today=date(2025, 11, 22)).born == date(2025, 11, 22)
    assert code_of(an_id, number, today=date(2025, 11, 21)) == "resident_id_born_in_future"


def test_nobody_living_was_born_before_1900() -> None:
    assert an_id(with_check("42129919000101001")).born == date(1900, 1, 1)
    assert code_of(an_id, with_check("42129918991231001")) == "resident_id_born_before_1900"


def test_a_wrong_check_character_is_refused() -> None:
    assert code_of(an_id, "421299201805120010") == "resident_id_checksum"


def test_a_number_that_lost_its_last_digits_in_a_spreadsheet_is_called_that() -> None:
    assert code_of(an_id, "421299201805120000") == "resident_id_ruined_by_spreadsheet"
    assert "Excel 科学计数法截断" in REFUSALS["resident_id_ruined_by_spreadsheet"][0]


def test_a_number_ending_000_that_passes_its_check_is_accepted_and_flagged() -> None:
    body = next(body for n in range(366) if check_character(body := f"422399{_day_of_2016(n)}000") == "0")
    assert an_id(body + "0").ends_000
    assert not an_id(BOY).ends_000


def test_two_noughts_at_the_end_are_nothing_special() -> None:
    bodies = [f"422399{_day_of_2016(n)}010" for n in range(366)]
    right = next(body for body in bodies if check_character(body) == "0")
    wrong = next(body for body in bodies if check_character(body) != "0")
    assert not an_id(right + "0").ends_000
    assert code_of(an_id, wrong + "0") == "resident_id_checksum"


def _day_of_2016(n: int) -> str:
    return f"{date(2016, 1, 1) + timedelta(days=n):%Y%m%d}"


@pytest.mark.parametrize(
    "text",
    ["4.21299E+17", "4.21299e+17", "４.21299E+17", "4E17", "4.21299201805120E+17", BOY + ".0", BOY + "."],
)
def test_scientific_notation_and_numeric_cells_are_refused_as_ruined(text: str) -> None:
    assert code_of(an_id, text) == "resident_id_ruined_by_spreadsheet"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "X",
        BOY[:-1],
        BOY + "1",
        "0" + BOY[1:],
        BOY[:16] + "X1",
        "A" + BOY[1:],
        BOY[:6] + "/" + BOY[6:],
        f"{BOY}、{BOY}",
    ],
)
def test_other_shapes_are_refused(text: str) -> None:
    assert code_of(an_id, text) == "resident_id_shape"


def test_fabricated_people_exist_only_where_tests_are_allowed() -> None:
    for region in TEST_REGIONS:
        number = of_division(region)
        assert code_of(resident_id, number, today=TODAY) == "test_region_not_allowed"
        assert an_id(number).division_known == "test"


def test_nobody_is_registered_in_the_placeholder_division() -> None:
    assert code_of(an_id, of_division("421201")) == "placeholder_division"


def test_the_division_is_current_historical_or_unknown_and_never_a_reason_to_refuse() -> None:
    known = {division: an_id(of_division(division)).division_known for division in (*COUNTIES, *FORMER_COUNTIES)}
    assert {division for division, how in known.items() if how == "current"} == set(COUNTIES)
    assert {division for division, how in known.items() if how == "historical"} == set(FORMER_COUNTIES)
    assert an_id(of_division("429998")).division_known == "unknown"


def test_fifteen_digits_are_refused_outside_an_import_of_old_archives() -> None:
    assert code_of(an_id, "422399850315112") == "resident_id_fifteen_digits"


def test_fifteen_digits_from_old_archives_are_converted_and_marked() -> None:
    old = an_id("422399 850315 112", legacy=True)
    assert old == ResidentId(
        with_check("42239919850315112"), date(1985, 3, 15), "2", "test", ends_000=False, converted=True
    )
    assert not an_id(BOY, legacy=True).converted


def test_fifteen_digits_still_need_a_birth_date_in_the_calendar() -> None:
    assert code_of(an_id, "422399850230112", legacy=True) == "resident_id_date"


@pytest.mark.parametrize("sequence", ["996", "997", "998", "999"])
def test_fifteen_digits_of_a_centenarian_are_not_given_the_wrong_century(sequence: str) -> None:
    assert code_of(an_id, "422399850315" + sequence, legacy=True) == "resident_id_born_before_1900"
    assert an_id("422399850315995", legacy=True).born == date(1985, 3, 15)


def test_fifteen_digits_cannot_begin_with_nought() -> None:
    assert code_of(an_id, "022399850315112", legacy=True) == "resident_id_shape"


@given(fabricated_ids())
def test_every_fabricated_number_is_accepted(number: str) -> None:
    assert an_id(number).number == number


@given(fabricated_ids(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_changing_any_single_digit_of_a_number_is_refused(number: str, place: int, digit: str) -> None:
    assume(number[place] != digit)
    assert code_of(an_id, number[:place] + digit + number[place + 1 :]) is not None


@given(fabricated_ids(), st.integers(0, 16))
def test_swapping_two_neighbouring_digits_of_a_number_is_refused(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assume(swapped != number)
    assert code_of(an_id, swapped) is not None


# --- disability certificate ------------------------------------------------------------------------------------

HOLDER = "42129920210512020X"


def test_a_certificate_number_says_holder_category_and_grade() -> None:
    certificate = a_certificate(HOLDER + "21")
    assert certificate == CertificateNumber(HOLDER + "21", an_id(HOLDER), "2", "1", 0)


@pytest.mark.parametrize(("suffix", "reissue"), [("B1", 1), ("B2", 2), ("b2", 2), (" B12", 12)])
def test_a_reissued_certificate_counts_its_reissues(suffix: str, reissue: int) -> None:
    certificate = a_certificate(HOLDER + "21" + suffix)
    assert certificate.reissue == reissue
    assert certificate.number == f"{HOLDER}21B{reissue}"


def test_a_new_grade_is_a_new_number_of_the_same_holder() -> None:
    before, after = a_certificate(HOLDER + "21"), a_certificate(HOLDER + "22")
    assert before.number != after.number
    assert before.holder == after.holder


@pytest.mark.parametrize("category", "089")
def test_a_category_outside_1_to_7_is_refused(category: str) -> None:
    assert code_of(a_certificate, f"{HOLDER}{category}1") == "certificate_category"


@pytest.mark.parametrize("grade", "059")
def test_a_grade_outside_1_to_4_is_refused(grade: str) -> None:
    assert code_of(a_certificate, f"{HOLDER}2{grade}") == "certificate_grade"


@pytest.mark.parametrize(
    "text", ["", HOLDER, HOLDER + "2", HOLDER + "21B", HOLDER + "21B0", HOLDER + "21B100", HOLDER + "21A1"]
)
def test_other_shapes_of_certificate_numbers_are_refused(text: str) -> None:
    assert code_of(a_certificate, text) == "certificate_shape"


@pytest.mark.parametrize("text", ["4.21299E+19", "42129920180512000000", BOY + "21.0"])
def test_a_certificate_number_ruined_by_a_spreadsheet_is_called_that(text: str) -> None:
    assert code_of(a_certificate, text) == "certificate_ruined_by_spreadsheet"


def test_the_number_inside_a_certificate_is_checked_like_any_other() -> None:
    assert code_of(a_certificate, "42129920180512001021") == "resident_id_checksum"
    assert code_of(a_certificate, "42129920190229001221") == "resident_id_date"
    assert code_of(certificate_number, HOLDER + "21", today=TODAY) == "test_region_not_allowed"


# --- unified social credit code --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["52421299MJXRE0019W", "91350100M000100Y43"])
def test_a_credit_code_passes_both_checks(code: str) -> None:
    assert uscc(code) == code


def test_a_credit_code_is_stored_without_spaces_in_capitals() -> None:
    assert uscc(" 52421299-mjxre001-9ｗ") == "52421299MJXRE0019W"


def test_a_wrong_check_character_of_a_credit_code_is_refused() -> None:
    assert code_of(uscc, "52421299MJXRE00190") == "uscc_checksum"


def test_the_organisation_code_inside_a_credit_code_is_checked_too() -> None:
    refused = {code_of(uscc, f"52421299MJXRE0018{check}") for check in "0123456789ABCDEFGHJKLMNPQRTUWXY"}
    assert refused == {"uscc_checksum", "uscc_organisation_code"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "52421299MJXRE0019",
        "52421299MJXRE0019W1",
        "5242129IMJXRE0019W",
        *(f"52421299MJXRE001{c}W" for c in "IOSVZ"),
    ],
)
def test_other_shapes_of_credit_codes_are_refused(text: str) -> None:
    assert code_of(uscc, text) == "uscc_shape"


@given(credit_codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_changing_any_single_character_of_a_credit_code_is_refused(code: str, place: int, character: str) -> None:
    assume(code[place] != character)
    assert code_of(uscc, code[:place] + character + code[place + 1 :]) is not None


# --- schools and pupils ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    ["G42129920210512020X", "J" + with_check("42129920171209015"), "J" + GIRL, "L421299202105121234"],
)
def test_a_student_number_is_formal_without_id_or_temporary(number: str) -> None:
    assert a_student_number(number.lower()) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LG42129920210512020X",
        HOLDER,
        "K" + HOLDER,
        "J" + with_check("02129920180512001"),
        "L021299202105121234",
        "L42129920210512123X",
        "G" + HOLDER[:-1],
    ],
)
def test_other_shapes_of_student_numbers_are_refused(text: str) -> None:
    assert code_of(a_student_number, text) == "student_number_shape"


@pytest.mark.parametrize(
    "number",
    [
        "L421299202102301234",
        "L421299203001011234",
        "L421299189912311234",
        "J" + with_check("42129920190229001"),
    ],
)
def test_a_student_number_needs_a_possible_birth_date(number: str) -> None:
    assert code_of(a_student_number, number) == "student_number_date"


def test_a_student_number_without_an_id_has_a_check_character_of_its_own() -> None:
    assert code_of(a_student_number, "J421299201805120010") == "student_number_checksum"


def test_the_id_inside_a_student_number_is_checked_like_any_other() -> None:
    assert code_of(a_student_number, "G421299201805120010") == "resident_id_checksum"


@pytest.mark.parametrize("number", ["G" + BOY, "J" + BOY, "L421299202105121234"])
def test_pupils_of_fabricated_schools_exist_only_where_tests_are_allowed(number: str) -> None:
    assert code_of(student_number, number, today=TODAY) == "test_region_not_allowed"


def test_no_school_lies_in_the_placeholder_division() -> None:
    assert code_of(a_student_number, "L421201202105121234") == "placeholder_division"


def test_a_birth_certificate_is_a_letter_and_nine_digits() -> None:
    assert birth_certificate_number("r 123456789") == "R123456789"
    for text in ("", "1234567890", "R12345678", "R1234567890", "RA12345678"):
        assert code_of(birth_certificate_number, text) == "birth_certificate_shape"


# --- telephone and name ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        MOBILE,
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "＋86-13800138000",
        "008613800138000",
        "8613800138000",
        "(+86)13800138000",
    ],
)
def test_a_mobile_number_is_stored_as_eleven_digits(typed: str) -> None:
    assert mobile_or_landline(typed) == MOBILE


@pytest.mark.parametrize(
    "typed",
    [
        "0715-8123456",
        "07158123456",
        "（0715）8123456",
        "(0715)-812 3456",
        "+86 715 8123456",
        "+86 (0)715-8123456",
        "0086-715-8123456",
    ],
)
def test_a_landline_is_stored_with_its_area_code(typed: str) -> None:
    assert mobile_or_landline(typed) == "07158123456"


def test_area_codes_have_three_or_four_digits() -> None:
    assert mobile_or_landline("027-87654321") == "02787654321"
    assert mobile_or_landline("010 12345678") == "01012345678"
    assert mobile_or_landline("0371-12345678") == "037112345678"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8123456",
        "12800138000",
        "1380013800",
        "138001380001",
        "0715-8123456转801",
        "013800138000",
        "+1 212 5550100",
        "1.38E+10",
    ],
)
def test_other_telephone_numbers_are_refused(text: str) -> None:
    assert code_of(mobile_or_landline, text) == "phone_shape"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张三", "张三"),
        (" 张\u3000三 ", "张三"),
        ("'张\u200b三", "张三"),
        ("𬱖𠮷", "𬱖𠮷"),
        ("㐂〇", "㐂〇"),
        ("Müller".replace("ü", "u"), "MULLER"),
        (" Ｊohn  smith ", "JOHN SMITH"),
        ("Jean\u2010Luc O\u2019Neill", "JEAN-LUC O'NEILL"),
    ],
)
def test_a_name_is_chinese_characters_or_latin_capitals(typed: str, stored: str) -> None:
    assert person_name(typed) == stored


@pytest.mark.parametrize("dot", "·•‧・．･∙⋅.")
def test_any_middle_dot_becomes_the_one_of_the_standard(dot: str) -> None:
    assert person_name(f"阿依古丽 {dot} 买买提") == "阿依古丽·买买提"


@pytest.mark.parametrize(
    "text",
    [
        "张3",
        "张三A",
        "张三SMITH",
        "·张三",
        "张··三",
        "张三·",
        "张-三",
        "张\ue000",
        "张？",
        "J.SMITH",
        "SMITH1",
        "Müller",
    ],
)
def test_other_characters_in_a_name_are_refused(text: str) -> None:
    assert code_of(person_name, text) == "person_name_characters"


@pytest.mark.parametrize("text", ["", "  ", "张", "𠮷", "张" * 31, "A" * 31])
def test_a_name_has_two_to_thirty_characters(text: str) -> None:
    assert code_of(person_name, text) == "person_name_length"


def test_names_of_two_and_of_thirty_characters_are_names() -> None:
    assert person_name("𠮷" * 30) == "𠮷" * 30
    assert person_name("LI") == "LI"


# --- what an error and a value tell ----------------------------------------------------------------------------

PARSERS = [
    an_id,
    lambda text: an_id(text, legacy=True),
    lambda text: resident_id(text, today=TODAY),
    a_certificate,
    uscc,
    a_student_number,
    birth_certificate_number,
    mobile_or_landline,
    person_name,
]


@given(
    st.sampled_from(PARSERS),
    fabricated_ids().map(lambda number: number[:17] + "0")
    | st.text("0123456789X", min_size=6, max_size=22)
    | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=31, max_size=40),
)
def test_an_error_never_repeats_the_value(parse: Callable[[str], object], value: str) -> None:
    refusal = refusal_of(parse, value)
    assume(refusal is not None)
    told = " ".join([str(refusal), repr(refusal), refusal.zh, refusal.en, *map(str, refusal.args)])
    assert value not in told
    assert refusal.__cause__ is None
    assert refusal.__context__ is None
    assert str(refusal) == refusal.code


def test_every_refusal_has_one_sentence_in_each_language() -> None:
    for code in REFUSALS:
        refusal = IdentifierError(code)
        assert refusal.zh.endswith("。")
        assert refusal.zh.count("。") == 1
        assert refusal.en.endswith(".")
        assert refusal.en.count(". ") == 0


def test_a_refusal_can_cross_a_process_boundary() -> None:
    refusal = pickle.loads(pickle.dumps(IdentifierError("uscc_shape")))  # noqa: S301 - our own bytes
    assert (refusal.code, refusal.zh) == ("uscc_shape", REFUSALS["uscc_shape"][0])


def test_a_value_shown_for_debugging_hides_number_and_birth_date() -> None:
    shown = repr(a_certificate(HOLDER + "21"))
    assert HOLDER[:6] not in shown
    assert "2021" not in shown
