"""Which event of the federation may follow which: gathers the pages that the rooms have written."""

from services.disability_federation import granting
from services.disability_federation.care import domain as care
from services.disability_federation.certificates import domain as certificates
from services.disability_federation.charity import domain as charity
from services.disability_federation.home_modification import domain as home_modification
from services.disability_federation.registry import domain as registry
from services.disability_federation.rehabilitation import cochlear, money
from services.disability_federation.rehabilitation import domain as rehabilitation
from services.disability_federation.rehabilitation.devices import domain as devices
from services.disability_federation.rehabilitation.providers import domain as providers
from services.disability_federation.rules import RULES
from services.disability_federation.self_help import domain as self_help
from services.disability_federation.supervision import domain as supervision

__all__ = [
    "RULES",
    "care",
    "certificates",
    "charity",
    "cochlear",
    "devices",
    "granting",
    "home_modification",
    "money",
    "providers",
    "registry",
    "rehabilitation",
    "self_help",
    "supervision",
]
