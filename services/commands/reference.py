"""The catalogue as people and programs read it: a list, JSON, JSON Schemas, and the page docs/events.md.

`python -m services.commands.reference` writes docs/events.md, docs/rules.md, docs/asyncapi.json, docs/schemas/ and
deploy/rabbitmq-definitions.json anew.
"""

import json
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from services.commands import rulebook
from services.departments import BY_NAME, load_catalogue
from shared.bus.asyncapi import bus_api
from shared.errors import YihuError
from shared.language.catalogue import CATALOGUE, Declaration, Of
from shared.language.fields import Fact
from shared.language.form import Form
from shared.language.golden import breaks
from shared.language.schemas import json_schema
from shared.policy.lists import clauses, code_lists

DOCS = Path(__file__).resolve().parents[2] / "docs"
LISTS = "代码表 Code lists"
SCOPES = {"family": "家庭", "person": "个人", "organisation": "单位", "event": "事件"}


class NoSuchType(YihuError):
    """Nobody declared this event type."""

    def __init__(self, near: list[str]) -> None:
        meant = " / ".join(near)
        zh = f"没有这类事件；{f'是否指 {meant}？' if near else '用 yihu events 查看全部。'}"
        en = f"Did you mean {meant}?" if near else "`yihu events` lists them all."
        super().__init__("unknown_type", zh, f"No such event type. {en}")


class SchemaBroken(YihuError):
    """A declaration has changed in a way that an old sender, an old reader or an old log could not take."""

    def __init__(self, reasons: list[str]) -> None:
        zh = "已公布的内容格式不得如此更改；请另立新的版本或新的事件类型。"
        en = f"A published schema cannot change so; declare a new version, or a new type. {'; '.join(reasons)}"
        super().__init__("schema_broken", zh, en)
        self.reasons = reasons


def schema_text(type_name: str, *, stored: bool = False) -> str:
    """Return the JSON Schema of a type, or of an older version of it (`….v1`), as sent or as stored.

    Raises NoSuchType.
    """
    load_catalogue()
    form = next((form for known in CATALOGUE for form in known.forms if form.name == type_name), None)
    if form is None:
        raise NoSuchType(_near(type_name))
    return _text(json_schema(form, stored=stored))


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
            "label_en": known.label_en,
            "department": known.department,
            "clauses": list(known.clauses),
            "scope": known.scope,
            "sentence": known.sentence,
            "version": known.version,
            "schema": json_schema(known),
            "stored_schema": json_schema(known, stored=True),
            "earlier": [
                {"version": form.version, "schema": json_schema(form), "stored_schema": json_schema(form, stored=True)}
                for form in known.earlier
            ],
        }
        for known in CATALOGUE
    ]
    laws = {name: asdict(clause) for name, clause in clauses().items()}
    found = {"events": types, "code_lists": code_lists(), "clauses": laws}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def page() -> str:
    """Return docs/events.md."""
    load_catalogue()
    parts = [_HEAD.format(types=len(CATALOGUE), lists=len(code_lists()))]
    for name, department in BY_NAME.items():
        ours = [known for known in CATALOGUE if known.department == name]
        parts.append(f"\n## {department.zh} {department.en} (`{name}`)\n\n")
        parts += [f"- [{known.label} {known.label_en}](#{_anchor(known)})\n" for known in ours]
        parts += [_section(known) for known in ours]
    parts.append(f"\n## {LISTS}\n")
    parts += [_list(name, entry) for name, entry in code_lists().items()]
    return "".join(parts)


_HEAD = """# Event types 事件目录

Generated from the declarations by `make catalogue`; do not edit. 由声明生成，请勿修改。

{types} types by department, each with its fields, an example and its rules; then the {lists}
[code lists](#代码表-code-lists).
各部门共 {types} 类事件，每类列有字段、示例和规则；其后是 {lists} 个[代码表](#代码表-code-lists)。

- **Sensitivity 敏感级别:** P public 公开, I internal 内部, D personal 个人信息, S sensitive personal 敏感个人信息.
- **Sealed 密封:** stored only encrypted. 仅以密文保存。
- **Schemas:** one of the payload as it is sent, one as it is stored and published (persons as tokens, sealed fields as
  ciphertext). 报送格式与入账格式各一份。
- **Version 版本:** of the form. An older one is still taken and recorded as it came; everybody reads the newest.
  旧版本照收照记，读时一律按新版本。
- **Sentence:** what a history says; `[…]` is left out when a field in it is missing. 案卷中的句子，缺项时方括号内省去。
- Persons in the examples are fabricated. 示例中的人员均为虚构。
"""


def rules_of(known: Declaration) -> list[str]:
    """Return what the rules say of a type, a line each: its orders, its invariants, its flags."""
    return [
        f"{one.number} {one.effect} {' '.join(f'`{code}`' for code in one.codes)}: {one.english} {one.chinese}".rstrip()
        for one in rulebook.entries()
        if one.declaration is known
    ]


def schemas() -> dict[str, str]:
    """Return the file of each published schema, by its name in docs/schemas."""
    load_catalogue()
    return {
        f"{form.name}{'.stored' if stored else ''}.json": _text(json_schema(form, stored=stored))
        for known in CATALOGUE
        for form in known.forms
        for stored in (False, True)
    }


def asyncapi() -> str:
    """Return docs/asyncapi.json: what departments publish on the bus."""
    load_catalogue()
    departments = {name: f"{one.zh} {one.en}" for name, one in BY_NAME.items()}
    return _text(bus_api(departments, CATALOGUE, "schemas"))


def broken(published: Path) -> list[str]:
    """Return what today's declarations no longer keep of the schemas published in a folder (see `golden.py`).

    A version's schema is known by its `$id`: when there is a newer version, it stands under another name.
    """
    today = {schema["$id"]: schema for schema in map(json.loads, schemas().values())}
    return [
        f"{path.name}: {reason}"
        for path in sorted(published.glob("*.json"))
        for before in [json.loads(path.read_text(encoding="utf-8"))]
        for reason in breaks(before, today.get(before["$id"]), stored=path.name.endswith(".stored.json"))
    ]


def write(docs: Path = DOCS) -> None:
    """Write the pages and the schemas. Raises SchemaBroken, and writes nothing, when an old one would be broken."""
    folder = docs / "schemas"
    reasons = broken(folder)
    if reasons:
        raise SchemaBroken(reasons)
    (docs / "events.md").write_text(page(), encoding="utf-8")
    (docs / "rules.md").write_text(rulebook.page(), encoding="utf-8")
    (docs / "asyncapi.json").write_text(asyncapi(), encoding="utf-8")
    (docs.parent / "deploy" / "rabbitmq-definitions.json").write_text(broker_users(), encoding="utf-8")
    folder.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def broker_users() -> str:
    """Return the users of the broker and what each may do, as RabbitMQ's definitions."""
    from services.processes import assembly

    return _text(assembly.broker_users())


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _section(known: Declaration) -> str:
    cited = "；".join(f"{clause} {clauses()[clause]}" for clause in known.clauses)
    by_code = f" The clause of an event is that of its `{known.clause.field}`." if isinstance(known.clause, Of) else ""
    rows = "".join(_row(name, fact) for name, fact in known.facts.items())
    example = json.dumps(known.example(), ensure_ascii=False)
    rules = "".join(f"- {line}\n" for line in rules_of(known))
    return (
        f"\n### {_title(known)}\n\n{known.cls.__doc__}\n\n"
        f"Scope: {SCOPES[known.scope]} {known.scope}. Clauses: {cited}.{by_code} Version {known.version}. "
        f"Schemas: {_schemas_of(known)}.\n\n"
        f"> {known.sentence}\n\n{_FIELDS}{rows}\n```json\n{example}\n```\n{_earlier(known)}" + (rules and f"\n{rules}")
    )


def _schemas_of(form: Form) -> str:
    return f"[sent](schemas/{form.name}.json), [stored](schemas/{form.name}.stored.json)"


def _earlier(known: Declaration) -> str:
    """Return what a page says of the versions before: their fields, and an example."""
    return "".join(
        f"\n旧版本，仍可报送。{form.cls.__doc__} Still taken; its `dataschema` is `{form.dataschema}`. "
        f"Schemas: {_schemas_of(form)}.\n\n"
        f"{_FIELDS}{''.join(_row(name, fact) for name, fact in form.facts.items())}"
        f"\n```json\n{json.dumps(form.example(), ensure_ascii=False)}\n```\n"
        for form in reversed(known.earlier)
    )


_FIELDS = "| field | 名称 name | 类型 kind | 必填 required | 级别 |\n|---|---|---|---|---|\n"


def _title(known: Declaration) -> str:
    return f"{known.label} {known.label_en} `{known.type}`"


def _anchor(known: Declaration) -> str:
    """Return the anchor of a type's heading, as GitHub makes it."""
    kept = (sign for sign in _title(known).lower() if sign.isalnum() or sign in " -_")
    return "".join(kept).replace(" ", "-")


def _list(name: str, entry: dict[str, Any]) -> str:
    codes: dict[str, dict[str, Any]] = entry["codes"]
    rows = "".join(f"| `{code}` | {one['zh']} | {one['en']} | {_remarks(one)} |\n" for code, one in codes.items())
    return f"\n### {name}\n\n{entry['zh']} · {entry['en']}\n\n| code | 中文 | English | |\n|---|---|---|---|\n{rows}"


def _remarks(code: dict[str, Any]) -> str:
    """Return when a code counts, where, and for which clause or rules."""
    since, until = code.get("valid_from", ""), code.get("valid_to", "")
    found = [f"{since}–{until}"] if since or until else []
    found += ["demo 演示"] if code.get("test") else []
    found += [f"`YIHU_{code['setting'].upper()}`"] if "setting" in code else []
    found += [code["clause"]] if "clause" in code else []
    found += code.get("rules", [])
    found += ["statutory 法定"] if code.get("statutory") else []
    return ", ".join(found)


def _row(name: str, fact: Fact) -> str:
    kind = f"{fact.kind.zh} {fact.kind.name.replace('_', ' ')}"
    if fact.code_list:
        kind = f"{fact.kind.zh} [{fact.code_list}](#{fact.code_list.lower()})"
    kind += ("，列表 list" if fact.many else "") + _limits(fact)
    sealed = " 密封" if fact.sealed else ""
    label = f"{fact.label} {name.replace('_', ' ')}"
    return f"| `{name}` | {label} | {kind} | {_required(fact)} | {fact.sensitivity}{sealed} |\n"


def _required(fact: Fact) -> str:
    if fact.when is None:
        return "是 yes" if fact.required else ""
    return f"`{fact.when.field}` = {' / '.join(f'`{value}`' for value in fact.when.values)}"


def _limits(fact: Fact) -> str:
    if fact.bounds is None:
        return ""
    bounds = {">": fact.bounds.over, "≥": fact.bounds.at_least, "≤": fact.bounds.at_most}
    return "".join(f" {sign} {limit}" for sign, limit in bounds.items() if limit is not None)


if __name__ == "__main__":
    write()
