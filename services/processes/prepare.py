"""Prepares services whose processes are started otherwise: makes their keys, brings their databases up to date, ends.

`python -m services.processes.prepare` prepares all; names prepare only those departments (or `family_case`).
"""

import sys

from services.processes import assembly
from services.processes.installation import Installation
from shared.logs import start_logging
from shared.settings import Settings


def main(names: list[str]) -> None:
    """Prepare services, as the settings of this process say. Raises YihuError."""
    start_logging()
    settings = Settings.from_environment()
    Installation(settings.keys.parent, settings.keys).prepare(settings, assembly.services_named(names))


if __name__ == "__main__":
    main(sys.argv[1:])
