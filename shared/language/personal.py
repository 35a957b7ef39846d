"""Personal numbers in free text: whether a text seems to hold somebody's identity, card or telephone number."""

import re
from datetime import UTC, date, datetime
from typing import Literal

from shared.language.identifiers import (
    OLDEST_BIRTH,
    USCC,
    IdentifierError,
    calendar_day,
    check_character,
    normalise,
    plain,
    uscc,
)

PersonalNumber = Literal["resident_id", "bank_card", "mobile"]

# In free text a number may stand against any letter and after "1.", but not in a longer number, fraction or amount.
_BEFORE = r"(?<![0-9])(?<!(?<![0-9])0\.)(?<![¥￥$])"
_AFTER = r"(?![0-9])(?!\.[0-9])(?! ?(?:元|万元|%))"
_DIGEST_OR_UUID = re.compile(
    r"(?<![0-9A-Z])(?:(?=[0-9]*[A-F])[0-9A-F]{32,}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})(?![0-9A-Z])",
)
_USCC_IN_TEXT = re.compile(rf"(?<![0-9A-Z]){USCC.pattern}(?![0-9A-Z])")
_RESIDENT_ID_IN_TEXT = re.compile(
    r"(?<![0-9])(?!1[89]|20)"  # no division begins so, but timestamps do
    r"(?=([1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9X])"
    r"(?:[1-7][1-4])?(?![0-9]))",  # a certificate number is an ID and two more digits
)
_MOBILE_IN_TEXT = re.compile(rf"{_BEFORE}(?:(?:00)?86)?1[3-9][0-9][ -]?[0-9]{{4}}[ -]?[0-9]{{4}}{_AFTER}")
# ISO/IEC 7812: no card begins with 0 or 1, and with 2 only 22–27, which keeps years and timestamps out.
_CARDS_IN_TEXT = tuple(
    re.compile(rf"{_BEFORE}(?=(?:[3-9]|2[2-7]))(?=({groups}){_AFTER})")
    for groups in (
        r"[0-9]{15,19}",
        r"[0-9]{4}(?:[ -][0-9]{4}){3}",
        r"[0-9]{4}(?:[ -][0-9]{4}){3}[ -][0-9]{1,3}",
        r"[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}",
        r"[0-9]{6}[ -][0-9]{9,13}",
    )
)


# GB/T 2260, the first two digits of a division: the provinces, Taiwan, Hong Kong and Macao; 83 and 91 stand in the
# numbers of residents from there and from abroad.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
# What cards of Chinese banks and of the international schemes begin with (ISO/IEC 7812), and how long they are:
# UnionPay, the older cards of Chinese banks, Visa, Mastercard, American Express, JCB, Discover.
_ISSUERS = re.compile(
    r"62[0-9]{14,17}|60(?:1382|1428|3[0-9]{3})[0-9]{10,13}|685800[0-9]{10}|690755[0-9]{9,10}|955[0-9]{13,16}|4[0-9]{15}"
    r"|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[01])[0-9]{13}|3[47][0-9]{13}|35[2-8][0-9]{13}|6(?:011|5[0-9]{2})[0-9]{12}"
)
# A file's number in an office often begins with the division (in Hubei: 42) and the year; hardly a card does.
_FILE_NUMBER = re.compile(r"42[0-9]{4}(?:19[5-9]|20[0-4])[0-9]")


def personal_number_in(text: str, *, today: date | None = None) -> PersonalNumber | None:
    """Return which kind of personal number free text seems to hold, or None. Never raises.

    `resident_id`: 17 digits and a digit or X with a province, a birth date from 1900 to `today` and a right check
    character, also inside a certificate or student number; `bank_card`: digits with an issuer's beginning and length
    that pass the Luhn check (ISO/IEC 7812-1) and do not begin like a file number (division, year); `mobile`: a Chinese
    mobile number. Full-width digits, characters that show nothing and the usual groups with spaces or hyphens are seen
    through. Passes over dates, amounts, credit codes, digests and UUIDs.
    """
    if not _DIGITS.search(text):
        return None
    seen = re.sub(r"[^\S\r\n]+", " ", plain(text))
    if not _MANY_DIGITS.search(seen):
        return None
    seen = _DIGEST_OR_UUID.sub("\n", seen)
    if any(_is_resident_id(normalise(found), today) for found in _RESIDENT_ID_IN_TEXT.findall(seen)):
        return "resident_id"
    seen = _USCC_IN_TEXT.sub(lambda found: "\n" if _is_uscc(found[0]) else found[0], seen)
    if any(_is_card(normalise(found)) for card in _CARDS_IN_TEXT for found in card.findall(seen)):
        return "bank_card"
    return "mobile" if _MOBILE_IN_TEXT.search(seen) else None


_DIGITS = re.compile(r"[0-9\uff10-\uff19]")
# The shortest personal number has eleven digits, in groups of three or more.
_MANY_DIGITS = re.compile(r"(?:[0-9][ -]?){11}")


def _is_resident_id(number: str, today: date | None) -> bool:
    born = calendar_day(number[6:14])
    latest = today or datetime.now(UTC).date()
    return (
        born is not None
        and OLDEST_BIRTH <= born <= latest
        and _PROVINCES.match(number) is not None
        and number[17] == check_character(number[:17])
    )


def _is_card(number: str) -> bool:
    return bool(_ISSUERS.fullmatch(number)) and not _FILE_NUMBER.match(number) and _passes_luhn(number)


def _is_uscc(code: str) -> bool:
    try:
        uscc(code)
    except IdentifierError:
        return False
    return True


def _passes_luhn(number: str) -> bool:
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (doubled + sum(int(digit) for digit in number[-1::-2])) % 10 == 0
