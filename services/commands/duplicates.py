"""`yihu duplicates`: who may be one person under two numbers."""

from collections.abc import Iterator
from typing import Any

from services.commands.options import HERE, AsJson, Data, as_json

EXAMPLES = ("yihu duplicates", "yihu duplicates --json")


def command(data: Data = HERE, json: AsJson = False) -> None:
    """疑似重复人员。 Who may be one person under two numbers, with what matches and what does not.

    Nobody is merged by this: a person decides, with `yihu act merge` or `yihu act dismiss` and the tokens.
    """
    from services.family_case.duplicate_reading import Duplicates
    from services.processes import assembly
    from services.processes.installation import Installation

    found = Duplicates(assembly.queries(Installation(data).settings())).proposed()
    print(as_json({"duplicates": found}) if json else "\n".join(_lines(found)))


def _lines(found: list[dict[str, Any]]) -> Iterator[str]:
    from services.family_case.duplicates import WORDS

    for number, pair in enumerate(found, 1):
        yield f"{number:>3}. {'  '.join(_who(one) for one in pair['persons'])}"
        for label, names in (("相符", "matches"), ("不符", "differs"), ("不详", "unknown")):
            if pair[names]:
                yield f"     {label}：{'、'.join(WORDS[name][0] for name in pair[names])}"
    yield f"共 {len(found)} 对。核实后用 yihu act merge 合并，或用 yihu act dismiss 排除。"


def _who(one: dict[str, Any]) -> str:
    born = f"{one['born']}年生" if one["born"] else "出生日期不详"
    return f"{one['person']}（{born}，{one['family'] or '未归入案卷'}）"
