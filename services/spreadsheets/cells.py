"""What a cell says, by the kind of its column: a value, None where nothing is there, or why it is refused.

A reader takes what the sheet holds (text, a number, a day, true or false) and raises Unreadable, which never holds it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from shared.language import identifiers
from shared.language.kinds import Setting, Unreadable
from shared.language.text import visible
from shared.policy.lists import code_lists

Reader = Callable[[Any, Setting], Any]
NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无"})
"""What stands in a cell that says nothing. It is absent, never 0."""
BROKEN = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_YES, _NO = {"是", "√", "✓", "有", "1", "Y", "YES", "TRUE"}, {"否", "×", "X", "✗", "无", "0", "N", "NO", "FALSE"}
_SERIAL_BASE = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
"""Days 1954 to 2119 as a spreadsheet counts them; a smaller number is no day, but a year or a count."""
_CENT = Decimal("0.01")
_ROUNDING = Decimal("0.000001")
"""How far a computed cell may lie off a whole cent."""
_LARGEST = 15
"""How many places an amount has at most before the point; no cell holds more of them."""
_MONTHS_OF_A_YEAR = range(1, 13)
_OFFERED = 8
"""How many codes a refusal names of a list."""


def plain(value: Any) -> str:
    """Return a cell as text, in half-width signs, without what shows nothing, outer blanks and a leading apostrophe.

    Raises Unreadable for the error of a formula.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", visible(str(value))).strip().lstrip("'‘’`").strip()
    if BROKEN.fullmatch(text.upper()):
        zh, en = "公式出错，没有值；请填写数值。", "The formula here has failed; write the value."
        raise Unreadable("formula_error", zh, en)
    return text


def is_number(value: Any) -> bool:
    """Whether the sheet holds a number here, and not a text that looks like one."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def text(value: Any, _: Setting) -> str | None:
    """Read words in one line."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    found = " ".join(plain(value).split())
    return None if found in NOTHING else found


def number(value: Any, setting: Setting) -> str | None:
    """Read a resident identity number; of a certificate number, its holder's. A numeric cell is refused."""
    found = _identifier(value, "resident_id_ruined_by_spreadsheet")
    if found is None:
        return None
    today, fabricated = setting.today, setting.allow_test_regions
    try:
        if len(found) > 18:  # noqa: PLR2004 - the length of an identity number
            return identifiers.certificate_number(found, today=today, allow_test_regions=fabricated).holder.number
        return identifiers.resident_id(found, today=today, allow_test_regions=fabricated).number
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None


def certificate(value: Any, setting: Setting) -> str | None:
    """Read a disability certificate number. A numeric cell is refused."""
    found = _identifier(value, "certificate_ruined_by_spreadsheet")
    if found is None:
        return None
    if len(found) == 18:  # noqa: PLR2004 - the length of an identity number
        zh = "此处应为残疾人证号（20 位以上），填的是 18 位的公民身份号码。"
        raise Unreadable("id_number_for_certificate", zh, "This is an identity number, not that of a certificate.")
    try:
        found = identifiers.certificate_number(
            found, today=setting.today, allow_test_regions=setting.allow_test_regions
        ).number
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None
    return found


def organisation(value: Any, _: Setting) -> str | None:
    """Read the code of an organisation: a USCC, or a local or school code."""
    if is_number(value) and Decimal(str(value)) >= 10**15:
        zh, en = "代码被表格存成了数值，末几位可能已丢失。", "A spreadsheet made a number of this code."
        raise Unreadable("ruined_by_spreadsheet", zh, en)
    found = identifiers.normalise(plain(value))
    if found in NOTHING:
        return None
    try:
        return identifiers.uscc(found) if len(found) == 18 else found  # noqa: PLR2004 - the length of a USCC
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None


def student_number(value: Any, setting: Setting) -> str | None:
    """Read a student number; the identity number alone stands for G and itself."""
    found = _identifier(value, "resident_id_ruined_by_spreadsheet")
    if found is None:
        return None
    if re.fullmatch(r"[0-9]{17}[0-9X]", found):
        found = f"G{found}"
    try:
        return identifiers.student_number(found, today=setting.today, allow_test_regions=setting.allow_test_regions)
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None


def tail(value: Any, _: Setting) -> str | None:
    """Read an account as its last four digits: no more of it is kept anywhere."""
    if is_number(value) and abs(Decimal(str(value))) >= 10**15:
        zh = "账号被表格存成了数值，末几位可能已丢失；请把该列设为文本后重填，或只填后四位。"
        raise Unreadable("ruined_by_spreadsheet", zh, "A spreadsheet made a number of this account; enter it as text.")
    found = re.sub(r"[\s-]", "", plain(value))
    if found in NOTHING or found.strip("*") == "":
        return None
    if re.fullmatch(r"[0-9*Xx]*[0-9]{4}", found) is None:
        raise Unreadable("not_an_account_number", "账号应以四位数字结尾。", "An account number ends in four digits.")
    return found[-4:]


def day(value: Any, _: Setting) -> date | None:
    """Read a day, in any of the ways in which sheets write it."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = plain(value)
    if is_number(value) or re.fullmatch(r"[0-9]{5}", found):
        return _of_serial(found)
    if found in NOTHING:
        return None
    found = _in_digits(_WEEKDAY.sub("", _CLOCK.sub("", found)))
    parts = _DAY.fullmatch(found)
    if parts is None:
        raise _not_a_day(two_digits=_SHORT_YEAR.match(found) is not None)
    try:
        return date(*(int(part) for part in parts.groups() if part))
    except (ValueError, TypeError):
        raise _not_a_day() from None


_DAY = re.compile(
    r"((?:19|20|21)[0-9]{2})(?:[-/.、年]([0-9]{1,2})[-/.、月]([0-9]{1,2})[日号]?\.?"
    r"|(?=[0-9]{4}$)([0-9]{2})([0-9]{2}))"
)
_CLOCK = re.compile(r"(?:T|\s+)(?:上午|下午)?\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:\+08:?00)?$")
_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?")
_STROKES = str.maketrans("—–−‐―\\", "-----/")
_ONES = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_NUMERAL = re.compile(r"[〇○零一二三四五六七八九]?十[一二三四五六七八九]?|[〇○零一二三四五六七八九]+")
_SHORT_YEAR = re.compile(r"'?[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?$|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}$")


def _in_digits(found: str) -> str:
    """Return a date's text without blanks, with one kind of stroke, and 二〇二六年十二月 in digits."""
    found = re.sub(r"\s", "", found).translate(_STROKES)
    return _NUMERAL.sub(_digits, found) if "年" in found or "月" in found else found


def _digits(numeral: re.Match[str]) -> str:
    said = numeral[0].translate(_ONES)
    tens, ten, ones = said.partition("十")
    return str(int(tens or 1) * 10 + int(ones or 0)) if ten else said


def _of_serial(found: str) -> date:
    if re.fullmatch(r"(?:19|20|21)[0-9]{6}", found):  # 20250307 in a cell of numbers
        parsed = identifiers.calendar_day(found)
        if parsed is not None:
            return parsed
    try:
        serial = int(Decimal(found))
    except (InvalidOperation, ValueError, OverflowError):
        raise _not_a_day() from None
    if serial not in _SERIALS:
        raise _not_a_day()
    return _SERIAL_BASE + timedelta(days=serial)


def _not_a_day(*, two_digits: bool = False) -> Unreadable:
    if two_digits:
        return Unreadable("two_digit_year", "年份须写四位。", "A year has four digits.")
    return Unreadable("not_a_date", "应为存在的日期，如 2025-04-09。", "This must be a day, like 2025-04-09.")


def months(value: Any, _: Setting, year: int | None = None) -> tuple[str, ...] | None:
    """Read a month, or several (`1-3月`), as YYYY-MM. A month alone takes the year of the title."""
    if isinstance(value, date):
        return (f"{value:%Y-%m}",)
    found = plain(value)
    if found in NOTHING:
        return None
    found = _in_digits(_CLOCK.sub("", found)).removesuffix("份")
    if is_number(value) and re.fullmatch(r"[0-9]{4}\.1", found):
        zh = "这格存成了数值，分不清是 1 月还是 10 月（末位 0 被表格省去）；请写成 2026-01 这样的文本。"
        raise Unreadable("ambiguous_month", zh, "As a number this may be January or October; write it like 2026-01.")
    if (serial := is_number(value) and re.fullmatch(r"[0-9]{5}", found)) and serial:
        return (f"{_of_serial(found):%Y-%m}",)
    parts = _MONTHS.fullmatch(found)
    whole = parts or _WHOLE_DAY.fullmatch(found)
    if whole is None:
        raise Unreadable("not_a_month", "应为年月，如 2026-03。", "This must be a month, like 2026-03.")
    of, first, between, last = (*whole.groups(""), "", "")[:4]
    if not of and year is None:
        zh, en = "月份没有写年份，标题里也没有。", "Neither the month nor the title names a year."
        raise Unreadable("year_missing", zh, en)
    begins, ends = int(first), int(last or first)
    if begins not in _MONTHS_OF_A_YEAR or ends not in _MONTHS_OF_A_YEAR or ends < begins:
        raise Unreadable("not_a_month", "应为年月，如 2026-03。", "This must be a month, like 2026-03.")
    said = (begins, ends) if between and between in "、," else range(begins, ends + 1)
    return tuple(dict.fromkeys(f"{of or year}-{each:02}" for each in said))


_MONTHS = re.compile(
    r"(?:((?:19|20|21)[0-9]{2})[-/.年]?)?([0-9]{1,2})月?(?:([-~至、,])([0-9]{1,2}))?月?(?<![0-9]{4}[0-9]{3})"
)
_WHOLE_DAY = re.compile(r"((?:19|20|21)[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]0?1日?")


def month(value: Any, setting: Setting, year: int | None = None) -> str | None:
    """Read one month as YYYY-MM."""
    found = months(value, setting, year)
    if found is not None and len(found) > 1:
        raise Unreadable("several_months", "一格只能写一个月份。", "One cell names one month.")
    return found[0] if found else None


def amount(value: Any, _: Setting) -> Decimal | None:
    """Read an amount in yuan, with two places; it may be negative."""
    found = plain(value).replace(" ", "")
    if found in NOTHING:
        return None
    parts = _AMOUNT.fullmatch(found)
    if parts is None and not (is_number(value) and re.fullmatch(r"-?[0-9.]+E[-+]?[0-9]+", found.upper())):
        raise Unreadable("not_an_amount", "应为金额，如 1250.00。", "This must be an amount, like 1250.00.")
    exact = Decimal((parts[1] + parts[2] if parts else found).replace(",", ""))
    if exact.adjusted() > _LARGEST:
        raise Unreadable("not_an_amount", "应为金额，如 1250.00。", "This must be an amount, like 1250.00.")
    rounded = exact.quantize(_CENT)
    if abs(exact - rounded) > _ROUNDING:
        raise Unreadable("too_many_places", "金额最多两位小数。", "An amount has two places at most.")
    return rounded


_AMOUNT = re.compile(r"(?=[-¥0-9])(-?)[¥]?((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?)(?:元|元整)?")


def quantity(value: Any, _: Setting) -> Decimal | None:
    """Read hours or another number that is not negative, with its unit if it has one."""
    found = plain(value).replace(" ", "")
    if found in NOTHING:
        return None
    parts = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(?:小时|课时|节|学时|h|H)?", found)
    if parts is None:
        raise Unreadable("not_a_number", "应为数字。", "This must be a number.")
    return Decimal(parts[1]).normalize() + 0


def count(value: Any, _: Setting) -> int | None:
    """Read how many: a whole number, with its unit if it has one. `无` is none."""
    found = plain(value).replace(" ", "")
    if found in NOTHING:
        return None
    parts = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?(?:次|天|人|日|节)?", found)
    if parts is None:
        raise Unreadable("not_a_count", "应为整数。", "This must be a whole number.")
    return int(parts[1])


def yes_no(value: Any, _: Setting) -> bool | None:
    """Read yes or no."""
    if isinstance(value, bool):
        return value
    found = plain(value).upper()
    if found in _YES or found in _NO:
        return found in _YES
    if found in NOTHING:
        return None
    raise Unreadable("not_yes_or_no", "应为“是”或“否”。", "This must be yes or no.")


def code(name: str, aliases: Mapping[str, str] | None = None, unsure: Mapping[str, str] | None = None) -> Reader:
    """Return the reader of the codes of one list: by code, Chinese name or alias.

    `unsure` are words that could be several codes: they are refused, and the codes that they could be are offered.
    """
    return partial(_code, name, _words(name) | dict(aliases or {}), dict(unsure or {}))


def codes(name: str, aliases: Mapping[str, str] | None = None) -> Reader:
    """Return the reader of several codes in one cell, separated by commas or blanks."""
    one = code(name, aliases)

    def read(value: Any, setting: Setting) -> tuple[str, ...] | None:
        parts = [part for part in re.split(r"[、,;；，\s]+", plain(value)) if part not in NOTHING]
        return tuple(dict.fromkeys(one(part, setting) for part in parts)) or None

    return read


def _code(name: str, words: dict[str, str], unsure: dict[str, str], value: Any, _: Setting) -> str | None:
    found = re.sub(r"\s", "", plain(value))
    if found in words:
        return words[found]
    if found in NOTHING:
        return None
    if found in unsure:
        zh = f"“{unsure[found]}”须由人确认，不能推断；请填写其中一个。"
        raise Unreadable("ambiguous_code", zh, "This could be several codes; write the one that is meant.")
    without = re.sub(r"[(\[].*?[)\]]", "", found)  # 二级(重度)
    if without in words:
        return words[without]
    known = code_lists()[name]
    some = "、".join(one["zh"] for one in list(known["codes"].values())[:_OFFERED])
    more = " 等" if len(known["codes"]) > _OFFERED else ""
    zh = f"不在代码表“{known['zh']}”中；可填：{some}{more}。"
    raise Unreadable("unknown_code", zh, f"This is not in the list {name}; it has: {some}{more and ' …'}.")


def _words(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for known, entry in code_lists()[name]["codes"].items():
        shown = unicodedata.normalize("NFKC", entry["zh"])
        # the words without their hint stand for the code too, and so does each of two that a stroke parts
        for word in (known, shown, re.sub(r"\(.*?\)", "", shown), *shown.split("/")):
            found.setdefault(word, known)
    return found


def _identifier(value: Any, ruined: str) -> str | None:
    """Return an identifier as text. Raises Unreadable for a number: what a spreadsheet has counted is no number."""
    found = identifiers.normalise(plain(value))
    if found in NOTHING:
        return None
    if is_number(value):
        raise Unreadable(ruined, *identifiers.REFUSALS[ruined])
    return found
