"""Which event of the federation may follow which: gathers the pages that the rooms have written."""

from services.disability_federation.certificates import domain as certificates
from services.disability_federation.registry import domain as registry
from services.disability_federation.rehabilitation import cochlear, money
from services.disability_federation.rehabilitation import domain as rehabilitation
from services.disability_federation.rehabilitation.devices import domain as devices
from services.disability_federation.rehabilitation.providers import domain as providers
from services.disability_federation.rules import RULES

__all__ = ["RULES", "certificates", "cochlear", "devices", "money", "providers", "registry", "rehabilitation"]
