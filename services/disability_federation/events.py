"""What the federation announces: importing this module declares the events of all its rooms."""

from services.disability_federation.care import events as care
from services.disability_federation.certificates import events as certificates
from services.disability_federation.charity import events as charity
from services.disability_federation.home_modification import events as home_modification
from services.disability_federation.registry import events as registry
from services.disability_federation.rehabilitation import events as rehabilitation
from services.disability_federation.rehabilitation.devices import events as devices
from services.disability_federation.rehabilitation.providers import events as providers
from services.disability_federation.self_help import events as self_help
from services.disability_federation.supervision import events as supervision

__all__ = [
    "care",
    "certificates",
    "charity",
    "devices",
    "home_modification",
    "providers",
    "registry",
    "rehabilitation",
    "self_help",
    "supervision",
]
