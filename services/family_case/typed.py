"""What somebody typed to find a family or a base, and is neither a number on record nor one of a person. Pure."""

import re

from services.family_case.domain import case_key
from shared.errors import Fault
from shared.language import identifiers

_USCC = re.compile(r"[0-9A-Z]{16,20}")
_LOCAL = re.compile(r"(?=.*[0-9])[0-9A-Z._]{3,15}")
_OF_A_PERSON = re.compile(r"[A-Z]?[0-9OIL]+[0-9A-Z]|[0-9OIL]+X[0-9OIL]{2}")
"""Digits with at most a letter before and one after them, however the digits were misread; or a certificate's."""


def looks_like(text: str) -> Fault | None:
    """Say what is wrong with a mistyped case number or an organisation's code; None for what is like neither.

    The sentence never repeats what was typed.
    """
    typed = identifiers.normalise(text)
    if typed.replace("-", "").startswith("XNF"):
        return (
            None
            if case_key(text)
            else Fault(
                "case_number_shape",
                "/id",
                "这像是案卷编号，但有错漏：应为 XN-F- 后加8位数字或字母（没有字母U）。请对照核对。",
                "This looks like a case number, but after XN-F- come 8 digits or letters (never U); compare it.",
            )
        )
    if _OF_A_PERSON.fullmatch(typed) or not (_USCC.fullmatch(typed) or _LOCAL.fullmatch(typed)):
        return None
    if _USCC.fullmatch(typed):
        try:
            identifiers.uscc(typed)
        except identifiers.IdentifierError as error:
            en = f"This looks like an organisation's code. {error.en}"
            return Fault(error.code, "/id", f"这像是单位代码。{error.zh}", en)
    return Fault(
        "code_of_an_organisation",
        "/id",
        "这像是单位代码，不是证件号码或案卷编号；有记录的服务基地列在 /bases，请对照核对。",
        "This looks like an organisation's code, not a person's or case number; compare it with the bases at /bases.",
    )
