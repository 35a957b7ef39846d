"""Prepares services whose processes are started otherwise: makes their keys, brings their databases up to date, ends.

`python -m services.processes.prepare` prepares all; names prepare only those departments (or `family_case`). With
`--deployed`, the keys are those that `yihu keys` has made, and a login with a service's name may act as that service.
"""

import sys

from services.processes import assembly
from services.processes.installation import Installation
from shared.logs import start_logging
from shared.settings import Settings

DEPLOYED = "--deployed"


def main(arguments: list[str]) -> None:
    """Prepare services, as the settings of this process say. Raises YihuError."""
    start_logging()
    settings = Settings.from_environment()
    services = assembly.services_named([name for name in arguments if name != DEPLOYED])
    installation = Installation(settings.keys.parent, settings.keys)
    installation.prepare(settings, services, deployed=DEPLOYED in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
