"""What the federation announces: importing this module declares the events of all its rooms."""

from services.disability_federation.certificates import events as certificates
from services.disability_federation.registry import events as registry
from services.disability_federation.rehabilitation import events as rehabilitation
from services.disability_federation.rehabilitation.devices import events as devices
from services.disability_federation.rehabilitation.providers import events as providers

__all__ = ["certificates", "devices", "providers", "registry", "rehabilitation"]
