"""Which event of the federation may follow which: gathers the pages that the rooms have written."""

from services.disability_federation.certificates import domain as certificates
from services.disability_federation.charity import domain as charity
from services.disability_federation.registry import domain as registry
from services.disability_federation.rehabilitation import domain as rehabilitation
from services.disability_federation.rules import RULES
from services.disability_federation.supervision import domain as supervision

__all__ = ["RULES", "certificates", "charity", "registry", "rehabilitation", "supervision"]
