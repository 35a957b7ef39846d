"""The kinds of value an event can carry. An event's class names one kind for each of its fields.

A kind fixes how a value is written in JSON, how it is checked, and whether it is **sealed**: kinds that identify a
person directly, or that hold free text, are stored encrypted under that person's own key and nowhere in clear.
"""

from dataclasses import Field, dataclass, field
from typing import Any, Literal

Sensitivity = Literal["P", "I", "D", "S"]

P: Literal["P"] = "P"
"""公开: may appear in published statistics and notices."""
I: Literal["I"] = "I"
"""内部: government staff with a duty."""
D: Literal["D"] = "D"
"""个人信息: identifies or describes a person."""
S: Literal["S"] = "S"
"""敏感个人信息: health, finance, a child under 14, a precise place (PIPL art. 28)."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation by its code (USCC, school code, or a local one); the name is for readers and may be missing."""

    code: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: `name` for machines, `zh` for people, `sealed` when it is stored only encrypted."""

    name: str
    zh: str
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What a field of an event is: kind, sensitivity, required or not, and its code list if it has one."""

    kind: Kind
    sensitivity: Sensitivity
    required: bool
    code_list: str | None = None
    many: bool = False
    label: str = ""

    @property
    def sealed(self) -> bool:
        """Whether the value is stored only encrypted."""
        return self.kind.sealed


PERSON = Kind("person", "人员")
PARTY = Kind("party", "人员、家庭或单位")
ORGANISATION = Kind("organisation", "单位")
EVENT = Kind("event", "事件编号")
PAYLOAD = Kind("payload", "完整内容")
CODE = Kind("code", "代码")
DAY = Kind("day", "日期")
MONTH = Kind("month", "年月")
YEAR = Kind("year", "年份")
FLAG = Kind("flag", "是否")
COUNT = Kind("count", "整数")
MONEY = Kind("money", "金额(元)")
HOURS = Kind("hours", "小时")
RATE = Kind("rate", "比例")
LINE = Kind("line", "短文字")
USCC = Kind("uscc", "统一社会信用代码")
DIGEST = Kind("digest", "摘要值")
COMPONENT = Kind("component", "残疾类别和等级")
NOTE = Kind("note", "说明文字", sealed=True)
DOCUMENT = Kind("document", "文书", sealed=True)
OFFICER = Kind("officer", "经办人", sealed=True)
NAME = Kind("name", "姓名", sealed=True)
ADDRESS = Kind("address", "地址", sealed=True)
PHONE = Kind("phone", "电话", sealed=True)
CERTIFICATE = Kind("certificate", "残疾人证号", sealed=True)
STUDENT_NUMBER = Kind("student_number", "学籍号", sealed=True)
LOCAL_NUMBER = Kind("local_number", "证件编号", sealed=True)
ACCOUNT_TAIL = Kind("account_tail", "账号后四位", sealed=True)


def fact(
    kind: Kind,
    sensitivity: Sensitivity,
    label: str,
    *,
    required: bool = True,
    code_list: str | None = None,
    many: bool = False,
) -> Any:
    """Declare one field of an event: its kind, its sensitivity and its Chinese label.

    `code_list` names the list for CODE, `many` makes it a list. A field that is not `required` is None when it was
    not said.
    """
    said = Fact(kind, sensitivity, required, code_list, many, label)
    if required:
        return field(metadata={"fact": said})
    return field(default=None, metadata={"fact": said})


def fact_of(declared: "Field[Any]") -> Fact:
    """Return what was declared for a dataclass field. Raises TypeError for a field without it."""
    said = declared.metadata.get("fact")
    if not isinstance(said, Fact):
        raise TypeError(f"Field without kind and sensitivity: {declared.name}")
    return said
