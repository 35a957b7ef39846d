"""The catalogue as people and programs read it: a list, JSON, JSON Schemas, and the page docs/events.md.

`python -m services.commands.reference` writes docs/events.md and docs/schemas/ anew.
"""

import json
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path

from services.departments import BY_NAME, load_catalogue
from shared.errors import YihuError
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.fields import Fact
from shared.language.schemas import json_schema
from shared.policy.lists import clauses, code_lists

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCOPES = {"family": "家庭", "person": "个人", "organisation": "单位", "event": "事件"}


class NoSuchType(YihuError):
    """Nobody declared this event type."""

    def __init__(self, near: list[str]) -> None:
        meant = " / ".join(near)
        zh = f"没有这类事件;{f'是否指 {meant}?' if near else '用 yihu events 查看全部。'}"
        en = f"Did you mean {meant}?" if near else "`yihu events` lists them all."
        super().__init__("unknown_type", zh, f"No such event type. {en}")


def schema_text(type_name: str) -> str:
    """Return the JSON Schema of a type. Raises NoSuchType."""
    load_catalogue()
    declaration = CATALOGUE.get(type_name)
    if declaration is None:
        raise NoSuchType(_near(type_name))
    return json.dumps(json_schema(declaration), ensure_ascii=False, indent=1) + "\n"


def _near(text: str) -> list[str]:
    """Return the types most like what was typed: a type, its last part, or its Chinese name."""
    names = {known.type: known.type for known in CATALOGUE}
    short = {known.type.rpartition(".")[2]: known.type for known in CATALOGUE}
    labels = {known.label: known.type for known in CATALOGUE}
    inside = [type_name for label, type_name in labels.items() if text and (text in label or label in text)]
    alike = labels | short | names
    return list(dict.fromkeys([*inside, *(alike[near] for near in get_close_matches(text, alike, 2))]))[:3]


def as_list() -> str:
    """Return the types and their Chinese names, a line each."""
    load_catalogue()
    return "".join(f"{known.type:<60} {known.label}\n" for known in CATALOGUE)


def as_json() -> str:
    """Return the whole catalogue as JSON."""
    load_catalogue()
    types = [
        {
            "type": known.type,
            "label": known.label,
            "department": known.department,
            "clauses": list(known.clauses),
            "scope": known.scope,
            "sentence": known.sentence,
            "version": known.version,
            "schema": json_schema(known),
            "stored_schema": json_schema(known, stored=True),
        }
        for known in CATALOGUE
    ]
    laws = {name: asdict(clause) for name, clause in clauses().items()}
    found = {"events": types, "code_lists": code_lists(), "clauses": laws}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def page() -> str:
    """Return docs/events.md."""
    load_catalogue()
    head = (
        "# Event types 事件目录\n\nGenerated from the declarations by `make catalogue`; do not edit.\n\n"
        f"{len(CATALOGUE)} types. Sensitivity: P 公开, I 内部, D 个人信息, S 敏感个人信息. "
        "A sealed field (密封) is stored only encrypted.\n"
    )
    parts = [head]
    for name, department in BY_NAME.items():
        parts.append(f"\n## {department.zh} {department.en} (`{name}`)\n")
        parts += [_section(known) for known in CATALOGUE if known.department == name]
    return "".join(parts)


def write() -> None:
    """Write the page and the schemas."""
    load_catalogue()
    (DOCS / "events.md").write_text(page(), encoding="utf-8")
    folder = DOCS / "schemas"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for known in CATALOGUE:
        (folder / f"{known.type}.json").write_text(schema_text(known.type), encoding="utf-8")


def _section(known: Declaration) -> str:
    cited = "; ".join(f"{clause} {clauses()[clause]}" for clause in known.clauses)
    rows = "".join(_row(name, said) for name, said in known.facts.items())
    return (
        f"\n### {known.label} `{known.type}`\n\n{known.cls.__doc__}\n\n"
        f"Scope: {SCOPES[known.scope]} {known.scope}. Clauses: {cited}. Version {known.version}.\n\n"
        f"> {known.sentence}\n\n| field | 名称 | kind | required | sensitivity |\n|---|---|---|---|---|\n{rows}"
    )


def _row(name: str, said: Fact) -> str:
    kind = f"{said.kind.zh} {said.code_list or ''}".strip() + (" (列表)" if said.many else "")
    sealed = " 密封" if said.sealed else ""
    return f"| `{name}` | {said.label} | {kind} | {'是' if said.required else ''} | {said.sensitivity}{sealed} |\n"


if __name__ == "__main__":
    write()
