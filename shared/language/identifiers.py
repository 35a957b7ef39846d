"""The numbers and names that people and organisations are known by: cleaned and checked.

Every parse function takes what a person typed or a spreadsheet held, returns the one way it is stored, and raises
`IdentifierError` otherwise. None of them is a key: each of these numbers can change during a life.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import starmap
from operator import mul
from string import ascii_lowercase
from typing import Literal

from shared.language.text import visible
from shared.policy.lists import code_lists

Sex = Literal["1", "2"]
DivisionKnown = Literal["current", "historical", "unknown", "test"]

# GB/T 2260, the counties of Xianning since the prefecture became a city at the end of 1998.
COUNTIES = {
    "421202": "咸安区",
    "421221": "嘉鱼县",
    "421222": "通城县",
    "421223": "崇阳县",
    "421224": "通山县",
    "421281": "赤壁市",
}
# GB/T 2260, Xianning Prefecture (4223) before that: the numbers of people registered then keep these codes for life.
FORMER_COUNTIES = frozenset(code_lists()["DIVOLD"]["codes"])
# Not assigned in GB/T 2260: only fabricated people can have them.
TEST_REGIONS = frozenset({"421299", "422399"})
# 市辖区: a line in statistics, nobody is registered there.
_PLACEHOLDER_DIVISION = "421201"
OLDEST_BIRTH = date(1900, 1, 1)

REFUSALS = {
    "resident_id_shape": (
        "公民身份号码应为18位：前17位为数字，末位为数字或X。",
        "A resident identity number has 18 characters: 17 digits, then a digit or X.",
    ),
    "resident_id_fifteen_digits": (
        "15位旧身份证号已停用，请填写18位公民身份号码。",
        "15-digit numbers are no longer valid; the 18-digit number is needed.",
    ),
    "resident_id_ruined_by_spreadsheet": (
        "号码已被电子表格按数值保存（Excel 科学计数法截断），后三位已丢失；请把该列设为文本后重新录入。",
        "A spreadsheet kept this as a number and lost its last three digits; enter it again as text.",
    ),
    "resident_id_date": (
        "公民身份号码中的出生日期不存在。",
        "The birth date inside the number is not in the calendar.",
    ),
    "resident_id_born_in_future": (
        "公民身份号码中的出生日期晚于今天。",
        "The birth date inside the number is in the future.",
    ),
    "resident_id_born_before_1900": (
        "公民身份号码中的出生日期早于1900年，请核对。",
        "The birth date inside the number is before 1900.",
    ),
    "resident_id_checksum": (
        "公民身份号码校验位不符，请逐位核对。",
        "The number's check character does not match; compare it digit by digit.",
    ),
    "placeholder_division": (
        "号码中的行政区划代码是统计用的“市辖区”，不会有人登记在该处。",
        "The division code inside the number is a statistical placeholder where nobody is registered.",
    ),
    "test_region_not_allowed": (
        "号码使用测试专用的虚构区划，不能用于真实业务。",
        "The number uses a fictional division reserved for tests, which is not accepted here.",
    ),
    "certificate_shape": (
        "残疾人证号应为公民身份号码加类别、等级各一位，补发的再加B和次数。",
        "A certificate number is the resident identity number, category, grade, and B with a count if reissued.",
    ),
    "certificate_ruined_by_spreadsheet": (
        "证号已被电子表格按数值保存（Excel 科学计数法截断），末几位已丢失；请把该列设为文本后重新录入。",
        "A spreadsheet kept this as a number and lost its last digits; enter it again as text.",
    ),
    "certificate_category": (
        "残疾人证号中的残疾类别应为1至7。",
        "The disability category inside the certificate number is 1 to 7.",
    ),
    "certificate_grade": (
        "残疾人证号中的残疾等级应为1至4。",
        "The disability grade inside the certificate number is 1 to 4.",
    ),
    "uscc_shape": (
        "统一社会信用代码应为18位数字或大写字母（不用I、O、S、V、Z），第3至8位为数字。",
        "A unified social credit code has 18 digits or letters without I, O, S, V, Z; the third to eighth are digits.",
    ),
    "uscc_checksum": (
        "统一社会信用代码校验位不符，请逐位核对。",
        "The unified social credit code's check character does not match.",
    ),
    "uscc_organisation_code": (
        "统一社会信用代码中的组织机构代码校验位不符。",
        "The check character of the organisation code inside the unified social credit code does not match.",
    ),
    "student_number_shape": (
        "学籍号应为19位：字母G、J或L加18位号码。",
        "A student number has 19 characters: G, J or L, then 18 more.",
    ),
    "student_number_date": (
        "学籍号中的出生日期不存在或不可能。",
        "The birth date inside the student number is impossible.",
    ),
    "student_number_checksum": (
        "学籍号校验位不符，请逐位核对。",
        "The student number's check character does not match.",
    ),
    "phone_shape": (
        "电话应为11位手机号码，或带区号的固定电话。",
        "A telephone number is an 11-digit mobile number or a landline with its area code.",
    ),
    "person_name_length": ("姓名应为2至30个字。", "A name has 2 to 30 characters."),
    "person_name_characters": (
        "姓名只能用汉字和间隔号；外国人姓名可用大写拉丁字母，词间空一格。",
        "A name is written in Chinese characters and the middle dot, or for foreigners in Latin capitals.",
    ),
    "birth_certificate_shape": (
        "出生医学证明编号应为一个字母加9位数字。",
        "A birth certificate number is a letter and nine digits.",
    ),
}
"""Why a number or name can be refused: machine code to one Chinese and one English sentence."""


class IdentifierError(ValueError):
    """A number or name is refused. `code` is for machines, `zh` and `en` are one sentence each for people.

    Nothing in it repeats the refused value: it may be personal. Its text is the code, so it may be logged.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.zh, self.en = REFUSALS[code]


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A resident identity number 公民身份号码 and what it says. `repr` shows neither number nor birth date.

    `number` has 18 characters; `sex` is 1 male or 2 female (GB/T 2261.1). `division_known` says how its first six
    digits stand in our tables: `unknown` deserves a look, not a refusal, as people come from all of China.
    `ends_000`: its check passes, but spreadsheets make such endings, so it deserves a look.
    `converted`: it arrived with 15 digits.
    """

    number: str = field(repr=False)
    born: date = field(repr=False)
    sex: Sex
    division_known: DivisionKnown
    ends_000: bool
    converted: bool = False


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A disability certificate number 残疾人证号 of 20 to 23 characters. `repr` does not show it.

    `category` is 1 to 7 and `grade` 1 (most severe) to 4; `reissue` counts the replacements, 0 for the first card.
    """

    number: str = field(repr=False)
    holder: ResidentId
    category: str
    grade: str
    reissue: int


_APOSTROPHES = "\u2018\u2019\u02bc\u0060\u00b4"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_PLAIN = str.maketrans(
    {chr(code): chr(code - 0xFEE0).upper() for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
    | {letter: letter.upper() for letter in ascii_lowercase}
    | dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys(_APOSTROPHES, "'"),
)
_SPACE = re.compile(r"\s+")
_HYPHEN_BETWEEN_GROUPS = re.compile(r"(?<=[0-9A-Z])-+(?=[0-9A-Z])")


def plain(text: str) -> str:
    """Return a text in half-width capitals, with one kind of hyphen and apostrophe, without what shows nothing."""
    return visible(text.translate(_PLAIN))


def normalise(text: str) -> str:
    """Return an identifier as it is stored, however it was typed; doing it twice changes nothing more.

    Takes out spaces of every kind, characters that show nothing, a leading apostrophe and hyphens between groups; turns
    full-width forms into half-width ones and a–z into A–Z. Everything else stays, so a wrong character is still
    there to be refused. Not for names, whose spaces can matter.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    return _HYPHEN_BETWEEN_GROUPS.sub("", _SPACE.sub("", plain(text)).lstrip("'"))


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_ID = re.compile(r"([1-9][0-9]{5})([0-9]{8})[0-9]{3}[0-9X]")
_FIFTEEN_DIGITS = re.compile(r"[0-9]{15}")
_NUMERIC_CELL = re.compile(r"[0-9](?:\.[0-9]*)?E\+?[0-9]+|[0-9]{15,20}\.0*")
_CENTENARIANS = ("996", "997", "998", "999")


def check_character(body: str) -> str:
    """Return the 18th character for the first 17 digits of a resident identity number.

    Raises ValueError unless `body` is 17 digits. Source: GB 11643-1999, 校验码; ISO 7064:1983 MOD 11-2.
    """
    return "10X98765432"[sum(starmap(mul, zip(map(int, body), _ID_WEIGHTS, strict=True))) % 11]


def resident_id(text: str, *, today: date, allow_test_regions: bool = False, legacy: bool = False) -> ResidentId:
    """Return the resident identity number in `text`: division (6), birth date (8), sequence (3), check (1).

    `legacy` also takes the 15-digit numbers of old archives and converts them to 18. `allow_test_regions` also
    takes fabricated people. Raises IdentifierError for another shape, a number that a spreadsheet ruined, a birth
    date outside the calendar, before 1900 or after `today`, a wrong check character, and a division code where
    nobody lives. Source: GB 11643-1999; GB/T 2260 for the division.
    """
    number = normalise(text)
    if _NUMERIC_CELL.fullmatch(number):
        raise IdentifierError("resident_id_ruined_by_spreadsheet")
    converted = bool(_FIFTEEN_DIGITS.fullmatch(number))
    if converted:
        number = _from_fifteen_digits(number, legacy=legacy)
    found = _RESIDENT_ID.fullmatch(number)
    if not found:
        raise IdentifierError("resident_id_shape")
    born = _birth_date(found[2], today)
    if number[17] != check_character(number[:17]):
        ruined = number.endswith("000")
        raise IdentifierError("resident_id_ruined_by_spreadsheet" if ruined else "resident_id_checksum")
    return ResidentId(
        number=number,
        born=born,
        sex="1" if int(number[16]) % 2 else "2",
        division_known=_division(found[1], allow_test_regions=allow_test_regions),
        ends_000=number.endswith("000"),
        converted=converted,
    )


def _from_fifteen_digits(number: str, *, legacy: bool) -> str:
    if not legacy:
        raise IdentifierError("resident_id_fifteen_digits")
    if number.endswith(_CENTENARIANS):
        # GB 11643-1989 kept these sequences for people who were a hundred then: their century is not 19.
        raise IdentifierError("resident_id_born_before_1900")
    body = f"{number[:6]}19{number[6:]}"
    return body + check_character(body)


def _birth_date(digits: str, today: date) -> date:
    born = calendar_day(digits)
    if born is None:
        raise IdentifierError("resident_id_date")
    if born > today:
        raise IdentifierError("resident_id_born_in_future")
    if born < OLDEST_BIRTH:
        raise IdentifierError("resident_id_born_before_1900")
    return born


def calendar_day(digits: str) -> date | None:
    """Return the day that eight digits name, or None for one that is not in the calendar."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _division(code: str, *, allow_test_regions: bool) -> DivisionKnown:
    if code == _PLACEHOLDER_DIVISION:
        raise IdentifierError("placeholder_division")
    if code in TEST_REGIONS:
        if not allow_test_regions:
            raise IdentifierError("test_region_not_allowed")
        return "test"
    if code in COUNTIES:
        return "current"
    return "historical" if code in FORMER_COUNTIES else "unknown"


_CERTIFICATE = re.compile(r"([0-9]{17}[0-9X])([0-9])([0-9])(?:B([1-9][0-9]?))?")


def certificate_number(text: str, *, today: date, allow_test_regions: bool = False) -> CertificateNumber:
    """Return the disability certificate number in `text`: holder's ID (18), category, grade, `B` and reissue count.

    A new category, grade, ID or reissue gives a new number. Raises IdentifierError for another shape, a category
    outside 1–7, a grade outside 1–4, a number that a spreadsheet ruined, and with `resident_id`'s codes when the ID
    inside is refused. Source: 残疾人证管理办法 art. 5.
    """
    number = normalise(text)
    if _NUMERIC_CELL.fullmatch(number) or number[15:] == "00000":
        raise IdentifierError("certificate_ruined_by_spreadsheet")
    found = _CERTIFICATE.fullmatch(number)
    if not found:
        raise IdentifierError("certificate_shape")
    holder, category, grade, reissue = found.groups()
    if category not in "1234567":
        raise IdentifierError("certificate_category")
    if grade not in "1234":
        raise IdentifierError("certificate_grade")
    return CertificateNumber(
        number=number,
        holder=resident_id(holder, today=today, allow_test_regions=allow_test_regions),
        category=category,
        grade=grade,
        reissue=int(reissue or 0),
    )


_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
USCC = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")


def uscc(text: str) -> str:
    """Return the unified social credit code 统一社会信用代码 in `text`: 18 characters.

    Raises IdentifierError for another shape, a wrong check character, or a wrong check character of the
    organisation code inside (characters 9–17). Source: GB 32100-2015; GB 11714 for the organisation code.
    """
    code = normalise(text)
    if not USCC.fullmatch(code):
        raise IdentifierError("uscc_shape")
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(code[:17], _USCC_WEIGHTS, strict=True))
    if code[17] != _USCC_ALPHABET[-total % 31]:
        raise IdentifierError("uscc_checksum")
    inner = sum(int(c, 36) * w for c, w in zip(code[8:16], _ORGANISATION_WEIGHTS, strict=True))
    if code[16] != "0123456789X"[-inner % 11]:
        raise IdentifierError("uscc_organisation_code")
    return code


_STUDENT_NUMBER = re.compile(r"G[0-9]{17}[0-9X]|J[1-9][0-9]{16}[0-9X]|L[1-9][0-9]{17}")


def student_number(text: str, *, today: date, allow_test_regions: bool = False) -> str:
    """Return the national student number 全国学籍号 in `text`: 19 characters, kept for life.

    `G` + resident identity number; `J` + a number built like one, for pupils without; `L` + school's division (6),
    birth date (8) and four random digits, temporary and without check. Raises IdentifierError for another shape, an
    impossible birth date, a wrong check character, a division where nobody lives, and for `G` with `resident_id`'s
    codes. The ID inside may differ from one corrected later. Source: the ministry's rule for the student number.
    """
    number = normalise(text)
    if not _STUDENT_NUMBER.fullmatch(number):
        raise IdentifierError("student_number_shape")
    inner = number[1:]
    if number[0] == "G":
        resident_id(inner, today=today, allow_test_regions=allow_test_regions)
        return number
    born = calendar_day(inner[6:14])
    if born is None or not OLDEST_BIRTH <= born <= today:
        raise IdentifierError("student_number_date")
    if number[0] == "J" and inner[17] != check_character(inner[:17]):
        raise IdentifierError("student_number_checksum")
    _division(inner[:6], allow_test_regions=allow_test_regions)
    return number


def birth_certificate_number(text: str) -> str:
    """Return the number of a birth certificate 出生医学证明: a letter and nine digits.

    It stands in for the resident identity number of a newborn until there is one. Raises IdentifierError.
    """
    number = normalise(text)
    if not re.fullmatch(r"[A-Z][0-9]{9}", number):
        raise IdentifierError("birth_certificate_shape")
    return number


_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:(?:\+|00)860?|0)((?:10|2[0-9]|[3-9][0-9]{2})[0-9]{7,8})")


def mobile_or_landline(text: str) -> str:
    """Return the telephone number in `text` as domestic digits: 11 for a mobile, area code and 7–8 for a landline.

    +86 (or 0086) is taken off, the 0 of an area code put back, brackets and hyphens removed. Raises IdentifierError
    for anything else, extensions included.
    """
    number = re.sub(r"[()-]", "", normalise(text))
    if mobile := _MOBILE.fullmatch(number):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(number):
        return "0" + landline[1]
    raise IdentifierError("phone_shape")


# Unified ideographs with their extension A, compatibility forms, 〇, and the two supplementary ideographic planes; each
# perhaps with the selector of its shape.
_VARIANT = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_HAN = rf"(?:[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]{_VARIANT.pattern}?)"
_HAN_NAME = re.compile(rf"{_HAN}+(?:·{_HAN}+)*")
_LATIN_NAME = re.compile(r"[A-Z]+(?:[ '-][A-Z]+)*")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•‧・･∙⋅.", "·"))
_NAME_LENGTH = range(2, 31)


def person_name(text: str) -> str:
    """Return the name in `text`: 2–30 characters, in one script.

    Either Chinese characters, also rare ones outside the Basic Multilingual Plane and with a variation selector, with
    the middle dot `·` (U+00B7) between parts, whichever dot was typed, and without spaces; or, for foreigners, words in
    Latin capitals joined by single spaces, hyphens or apostrophes. Digits, mixed scripts and private-use stand-ins for
    rare characters raise IdentifierError.
    """
    name = _SPACE.sub(" ", plain(text)).lstrip("' ").rstrip(" ")
    if not _LATIN_NAME.fullmatch(name):
        name = name.replace(" ", "").translate(_MIDDLE_DOTS)
    if len(_VARIANT.sub("", name)) not in _NAME_LENGTH:
        raise IdentifierError("person_name_length")
    if not (_HAN_NAME.fullmatch(name) or _LATIN_NAME.fullmatch(name)):
        raise IdentifierError("person_name_characters")
    return name
