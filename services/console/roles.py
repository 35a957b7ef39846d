"""Who may do what: one table, role by ability. What does not stand in it is denied.

A view of a blueprint here says by `@needs(...)` which ability it asks for; the endpoints of the family case and the
entitlements, which know no console, stand in ENDPOINTS below. A view that says nothing is closed to everybody.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

ROLES = {
    "case_worker": ("个案人员", "Case worker"),
    "department_desk": ("部门窗口", "Department desk"),
    "supervisor": ("督导", "Supervisor"),
    "auditor": ("审计", "Auditor"),
    "leader": ("领导", "Leader"),
    "administrator": ("管理员", "Administrator"),
}
"""The roles of people, as they call themselves."""
PROGRAM = "program"
"""The role of a request with an API key that may read everything."""

ABILITIES = {
    "home": ("首页与个人设置", "Home and own settings"),
    "find_family": ("查找家庭", "Find a family"),
    "read_family": ("查看家庭案卷", "Read a family's case"),
    "read_money": ("查看资金明细", "Read money by source"),
    "open_sealed": ("打开密封信息", "Open sealed fields"),
    "record": ("登记办理情况", "Record what was done"),
    "approve": ("复核他人申请的撤销", "Approve what another asked to withdraw"),
    "work_list": ("待办清单", "Work lists"),
    "import_sheets": ("上传表格", "Upload spreadsheets"),
    "unmatched": ("未归入案卷的事件", "Events in no case"),
    "programme": ("服务基地", "Self-help bases"),
    "indicators": ("统计指标", "Indicators"),
    "parameters": ("政策参数与试算", "Parameters and rehearsal"),
    "audit": ("重建与核验", "Replay and verification"),
    "access_log": ("查阅访问记录", "Search the record of access"),
    "who_looked": ("谁看过档案（监护人告知单）", "Who looked: the statement for guardians"),
    "accounts": ("账号管理", "Accounts"),
}
"""What somebody may be able to do, in both languages."""

MAY: Mapping[str, frozenset[str]] = {
    "case_worker": frozenset(
        {
            "home",
            "find_family",
            "read_family",
            "read_money",
            "open_sealed",
            "record",
            "work_list",
            "programme",
            "who_looked",
        }
    ),
    "department_desk": frozenset(
        {"home", "find_family", "read_family", "record", "work_list", "import_sheets", "unmatched"}
    ),
    "supervisor": frozenset(
        {"home", "find_family", "read_family", "read_money", "open_sealed", "record", "approve", "work_list"}
        | {"import_sheets", "unmatched", "programme", "indicators", "parameters", "who_looked"}
    ),
    "auditor": frozenset(
        {"home", "find_family", "read_family", "work_list", "unmatched", "programme", "indicators"}
        | {"parameters", "audit", "access_log", "who_looked"}
    ),
    "leader": frozenset({"home", "indicators", "programme", "parameters"}),
    "administrator": frozenset({"home", "accounts"}),
    PROGRAM: frozenset(
        {"find_family", "read_family", "read_money", "work_list", "unmatched", "programme", "indicators"}
    ),
}

PUBLIC = "public"
"""What a view needs that is open to everybody: signing in, the style sheet, what says nothing of a family."""

ENDPOINTS: Mapping[str, str] = {
    "service.get_health": PUBLIC,
    "service.get_openapi": PUBLIC,
    "search.home": "find_family",
    "search.search": "find_family",
    "family.page": "read_family",
    "family.history": "read_family",
    "story.page": "read_family",
    "owed.page": "read_family",
    "members.page": "read_family",
    "work.page": "work_list",
    "desk.get_waiting": "unmatched",
    "desk.unmatched": "unmatched",
    "desk.duplicates": "unmatched",
    "base.listed": "programme",
    "base.page": "programme",
    "base.history": "programme",
    "indicators.page": "indicators",
}
"""What the views of other rooms need, by endpoint."""

FORM_BYTES = 16_384
"""How large a form may be, unless its view says otherwise."""

View = TypeVar("View", bound=Callable[..., Any])


def needs(ability: str, *, most: int = FORM_BYTES) -> Callable[[View], View]:
    """Declare which ability a view asks for, and how many bytes it takes: `@needs("record")` below the route."""
    if ability != PUBLIC and ability not in ABILITIES:
        raise ValueError(ability)

    def declare(view: View) -> View:
        view.__dict__["needs"], view.__dict__["most"] = ability, most
        return view

    return declare


def needed(endpoint: str | None, view: object) -> str | None:
    """Return which ability an endpoint asks for; None where nobody said, so that nobody may."""
    declared: str | None = getattr(view, "needs", None)
    return declared or ENDPOINTS.get(endpoint or "")


def may(role: str, ability: str | None) -> bool:
    """Whether a role has an ability. Every question of who may what ends here."""
    return ability is not None and ability in MAY.get(role, ())
