"""The departments, listed once. A new department is a folder beside this file and a line in this list."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from shared.language.amendments import declare_amendments


@dataclass(frozen=True, slots=True)
class Department:
    """A department: its `name` in types, URLs, folders and roles, what people call it, and its code in DEPT, if any."""

    name: str
    zh: str
    en: str
    code: str = ""


DEPARTMENTS = (
    Department("disability_federation", "残联", "Disabled Persons' Federation", "DPF"),
    Department("education", "教育局", "Education Bureau", "EDU"),
    Department("civil_affairs", "民政局", "Civil Affairs Bureau", "CIV"),
    Department("hrss", "人社局", "Human Resources and Social Security Bureau", "HRS"),
    Department("medical_insurance", "医保局", "Medical Insurance Bureau", "MED"),
    Department("culture_tourism", "文旅局", "Culture and Tourism Bureau", "CUL"),
    Department("finance", "财政局", "Finance Bureau", "FIN"),
)
BY_NAME = {department.name: department for department in DEPARTMENTS}


@cache
def load_catalogue() -> None:
    """Fill the catalogue with every department's event types. Calling it again changes nothing."""
    for department in DEPARTMENTS:
        import_module(f"services.{department.name}.events")
        declare_amendments(department.name)


def domain_of(name: str) -> ModuleType:
    """Return the `domain` module of a department: its `RULES`."""
    return import_module(f"services.{name}.domain")
