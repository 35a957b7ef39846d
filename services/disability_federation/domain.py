"""Which event of the federation may follow which: gathers the pages that the rooms have written."""

from services.disability_federation.certificates import domain as certificates
from services.disability_federation.registry import domain as registry
from services.disability_federation.rehabilitation import domain as rehabilitation
from services.disability_federation.rules import RULES
from services.disability_federation.self_help import domain as self_help

__all__ = ["RULES", "certificates", "registry", "rehabilitation", "self_help"]
