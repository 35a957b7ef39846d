"""Made-up organisations: centres, hospitals, schools, stations, employers, with codes that pass their checks."""

from dataclasses import dataclass
from functools import cache

from services.city.calibration import COUNTIES

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_REGION = "421299"
_ORDINALS = "一二三四"
PUBLIC_BODY, HOSPITAL, COMPANY, SOLE_TRADER, SOCIETY, NON_PROFIT = "11", "12", "91", "92", "51", "52"
"""What a unified social credit code begins with (GB 32100-2015)."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as events name it."""

    code: str
    name: str


def uscc(kind: str, letters: str, number: int) -> str:
    """Return a unified social credit code whose check characters are right (GB 32100-2015, GB 11714)."""
    inner = f"{letters}{number:04}"
    total = sum(int(character, 36) * weight for character, weight in zip(inner, _INNER_WEIGHTS, strict=True))
    body = f"{kind}{_REGION}{inner}{'0123456789X'[-total % 11]}"
    whole = sum(_ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return body + _ALPHABET[-whole % 31]


@cache
def _one(kind: str, letters: str, number: int, name: str) -> Organisation:
    return Organisation(uscc(kind, letters, number), f"虚构{name}")


def place(division: str) -> str:
    """Return the name of a county."""
    return COUNTIES[division][0]


def short(division: str) -> str:
    """Return the name of a county without its last character, as names of its offices begin."""
    return place(division)[:-1]


def _number(division: str) -> int:
    return list(COUNTIES).index(division) + 1


CENTRES = 2
"""How many centres for rehabilitation a county has."""


def centre(division: str, which: int = 0) -> Organisation:
    """Return a centre for rehabilitation of a county."""
    name = ("启明儿童康复中心", "星光康复中心")[which % CENTRES]
    return _one(NON_PROFIT, "MJCE", _number(division) * 10 + which % CENTRES, f"{short(division)}{name}")


def school(division: str, kind: str = "INCL") -> Organisation:
    """Return a school of a county by its ten-digit code: a special one, an ordinary one, or a kindergarten."""
    digit, name = {"SPEC": ("4", "特殊教育学校"), "INCLKG": ("1", "幼儿园")}.get(kind, ("2", "第一小学"))
    return Organisation(f"{digit}142{_number(division):06}", f"虚构{short(division)}{name}")


def hospital(level: str = "3A") -> Organisation:
    """Return the hospital of a level."""
    return _one(HOSPITAL, "MBHP", 3 if level == "3A" else 2, "省立医院" if level == "3A" else "江南医院")


def station(division: str) -> Organisation:
    """Return the community station of a county, where devices are rented."""
    return _one(NON_PROFIT, "MJCB", _number(division), f"{short(division)}社区康复站")


def device_centre(division: str) -> Organisation:
    """Return who fits devices in a county."""
    return _one(NON_PROFIT, "MJDE", _number(division), f"{short(division)}辅具适配站")


def care_home(division: str) -> Organisation:
    """Return the care home of a county."""
    return _one(NON_PROFIT, "MJCA", _number(division), f"{short(division)}阳光之家")


def employer(which: int) -> Organisation:
    """Return an employer of the city."""
    name = ("食品加工公司", "服装公司", "物业公司", "茶业公司", "电子厂", "超市")[which % 6]
    return _one(COMPANY, "MAEM", which, f"第{_ORDINALS[which // 6]}{name}")


def unit(which: int) -> Organisation:
    """Return a public body whose officials look after families."""
    name = ("机关单位", "税务分局", "供电公司", "街道办事处", "中心学校")[which % 5]
    return _one(PUBLIC_BODY, "MBGU", which, f"第{_ORDINALS[which // 5]}{name}")


def base(category: str) -> Organisation:
    """Return the host of the base for a category of self-help."""
    number = int(category[-1])
    name = ("光明之家", "有声世界", "希望之家", "心智之家", "暖阳之家")[number - 1]
    return _one(NON_PROFIT, "MJBA", number, f"{name}服务基地")


CHARITY = _one(SOCIETY, "MJCH", 1, "慈善会")
VOLUNTEERS = _one(SOCIETY, "MJCH", 2, "志愿服务联合会")
COUNSELLORS = _one(NON_PROFIT, "MJPY", 1, "心语心理服务中心")
ASSESSOR = _one(COMPANY, "MALT", 1, "长护评估中心")
ARTS = _one(HOSPITAL, "MBCU", 1, "群众艺术馆")
PARENTS = _one(SOCIETY, "MJPA", 1, "残疾儿童家长协会")
ASSOCIATION = _one(SOCIETY, "MJAC", 1, "省残疾人康复协会")
