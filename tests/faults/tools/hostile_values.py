"""Values that a field or an attribute can never have, by its kind. CANARY in them is replaced by a request's canary."""

from typing import Any

from tests.world import DAUGHTER, FATHER, SON

WRONG_CHECKSUM = DAUGHTER[:-1] + "1"
NEVER: list[Any] = [None, 1.5, {"CANARY": SON}, ["CANARY", []], "", "  "]
NEVER += ["\u202eCANARY", "CANARY\x00", "\x1b[31mCANARY", "CAN\u2067ARY", "CANARY\x85b", "a" + "\u0300\u0323" * 20_000]
"""Wrong for every kind: wrong types, nothing, invisible letters, and one that takes long to look at."""
TEXT: list[Any] = ["CANARY" + "长" * 4_000, "CANARY\u2066", 7, True]
LINE: list[Any] = ["CANARY\nb", "CANARY\u2028b", f"CANARY {DAUGHTER}", "CANARY 13800138000", "CANARY" * 40, 7, True]
LINE += [f"{SON}CANARY", f"CANARY {SON[:6]} {SON[6:14]} {SON[14:]}", "1-" * 120]
IDENTIFIER: list[Any] = [
    "CANARY\nb",
    "CANARY\u2028b",
    "CANARY\u0430",
    "CANARY\u0661",
    "CANARY" * 40,
    "1-" * 120,
    7,
    True,
]
"""Not what could be a personal number: it is kept as a token."""
NUMBERS: list[Any] = ["CANARY", WRONG_CHECKSUM, DAUGHTER[:17], "4" * 18, "42129920211313020X", "421299202105120201"]
NUMBERS += [f"{DAUGHTER};{FATHER}", "４２１２９９２０２１０５１２０２０１", "Ａ" * 40, int(SON), "p-" + "A" * 32]
CODED: list[Any] = ["CANARY!", WRONG_CHECKSUM + "Z" * 20, "91421200!CANARY", {"code": "CANARY!", "name": "x"}]
CODED += [{"code": "A1"}, {"code": "A1", "name": f"CANARY {DAUGHTER}"}, {"code": "A1", "name": "x", "CANARY": SON}]
DAYS: list[Any] = ["2025-02-30", "2025-13-01", "2025-1-1", "20250101", "0000-01-01", "２０２５-01-01", "CANARY"]
TIMES: list[Any] = [*DAYS, "2025-01-01", "2025-01-01T00:00:00", "2025-02-30T00:00:00Z", "2025-01-01T25:00:00Z"]
TIMES += ["2025-01-01T00:00:00+99:00", "２０２５-01-01T00:00:00Z", "1899-01-01T00:00:00Z", 1735689600]

KINDS: dict[str, list[Any]] = {
    "person": NUMBERS,
    "party": CODED,
    "organisation": CODED,
    "uscc": CODED,
    "event": IDENTIFIER,
    "process": IDENTIFIER,
    "line": LINE,
    "payload": ["CANARY", 7, [{}]],
    "code": ["CANARY", "CANARY\nb", 7, True, "０１"],
    "day": [*DAYS, "2025-01-01T00:00:00Z", 20250101],
    "month": ["2025-13", "2025-00", "2025-1", "２０２５-01", "CANARY", 202501],
    "year": ["2025", 1899, 2200, -1, True, 10**18, "CANARY"],
    "flag": ["true", "CANARY", 0, 1],
    "count": [-1, 10**9 + 1, "3", True, "CANARY"],
    "money": ["-1", "1.234", "１００", "1e5", "NaN", "1,000", "CANARY", 100, "9" * 40],
    "hours": ["-1", "1.234", "CANARY", True, -1, "１"],
    "rate": ["0.12345", "50%", "CANARY", 1, "-0.5"],
    "digest": ["a" * 63, "A" * 64, "CANARY", 7],
    "component": ["CANARY", {"category": "CANARY", "grade": "1"}, {"category": "1"}, {"category": [1], "grade": {}}],
    "name": ["CANARY1", "x" * 40, 7],
    "phone": ["CANARY", "123", "1380013800", 13800138000],
    "certificate": ["CANARY", WRONG_CHECKSUM + "11", DAUGHTER + "99", 7],
    "student_number": ["CANARY", "G" + WRONG_CHECKSUM, "X" * 19, 7],
    "account_tail": ["12345", "１２３４", 1234, "CANARY"],
}
"""By kind of field; the kinds that are not named hold any text."""

ATTRIBUTES: dict[str, list[Any]] = {
    "specversion": ["0.3", "１.０", "CANARY", 1],
    "id": [*IDENTIFIER, "CANARY b", "CANARY" * 20],
    "type": ["CANARY", "finance.CANARY", "education.event corrected", "x" * 200],
    "time": TIMES,
    "recordedtime": TIMES,
    "subject": NUMBERS,
    "process": IDENTIFIER,
    "division": ["CANARY", "000000", "４２１２２１", 421221],
    "org": CODED[:3],
    "correlationid": IDENTIFIER,
    "causationid": IDENTIFIER,
    "legacy": ["CANARY", 0, 1, "yes"],
    "recordedby": [*LINE, "王CANARY", "CANARY b"],
    "approvedby": [*LINE, "王CANARY", "CANARY b"],
    "filedigest": ["CANARY", "0F" * 32, 7],
    "filesheet": LINE,
    "filerow": ["CANARY", 0, -1, 1.5, True, "１", 2**31],
    "traceparent": LINE,
    "dataschema": ["CANARY", "urn:yihu:education.student_enrolled:99"],
    "datacontenttype": ["application/xml", "CANARY"],
}
"""By attribute of the envelope."""


def put(value: Any, canary: str) -> Any:
    """Return a value with the canary in the places where it belongs."""
    if isinstance(value, str):
        return value.replace("CANARY", canary)
    if isinstance(value, list):
        return [put(item, canary) for item in value]
    return {put(key, canary): put(item, canary) for key, item in value.items()} if isinstance(value, dict) else value
