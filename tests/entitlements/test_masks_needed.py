"""What a department's desk sees of other departments' events: a rule that the department acts by reads it."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from services.departments import load_catalogue
from services.entitlements import certificates, circumstances, clauses
from services.entitlements.needed import desks
from shared.language.catalogue import CATALOGUE

load_catalogue()
NEEDED, RESTRICTED = desks().needed, desks().only_for


def read_by(module: ModuleType) -> set[str]:
    """Return the event types that a module reads: those whose classes it names."""
    of = {known.cls: known.type for known in CATALOGUE}
    return {of[one] for one in vars(module).values() if isinstance(one, type) and one in of}


def test_whatever_a_desk_sees_of_others_a_rule_reads_beside_the_departments_own_facts() -> None:
    of_every_rule = read_by(circumstances) | read_by(certificates)
    rules = [read_by(import_module(f"{clauses.__name__}.{one.name}")) for one in iter_modules(clauses.__path__)]
    for department, needed in NEEDED.items():
        acts_by = [some for some in rules if any(one.startswith(f"{department}.") for one in some)]
        read = of_every_rule.union(*acts_by)
        assert needed.keys() - read == set(), department


def test_whatever_is_needed_is_another_departments_and_its_sensitive_fields_are_declared_so() -> None:
    for department, needed in NEEDED.items():
        for name, sensitive in needed.items():
            declaration = CATALOGUE.get(name)
            assert declaration is not None
            assert declaration.department != department
            assert {declaration.facts[field].sensitivity for field in sensitive} <= {"S"}
            assert name not in RESTRICTED


def test_what_is_restricted_is_declared() -> None:
    assert all(CATALOGUE.get(name) for name in RESTRICTED)
