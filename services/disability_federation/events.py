"""What the federation announces: importing this module declares the events of all its rooms."""

from services.disability_federation.certificates import events as certificates
from services.disability_federation.registry import events as registry
from services.disability_federation.rehabilitation import events as rehabilitation
from services.disability_federation.self_help import events as self_help

__all__ = ["certificates", "registry", "rehabilitation", "self_help"]
