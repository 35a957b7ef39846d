"""The browser of the tests: the system's Chromium, or Debian's package, if root may install it.

`python -m tests.browser.chromium ensure` makes sure that there is one. No browser is downloaded from elsewhere.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
"""Tests run as root in a container too, with little shared memory and no screen."""
INSTALL_S = 600
MISSING = """\
测试需要 Chromium，本机没有，也无权安装：请安装 chromium 后再运行一次。
The tests need Chromium, which is not here and may not be installed: install chromium and run again."""


def installed() -> Path | None:
    """Return the browser's program, if there is one."""
    found = (shutil.which(name) for name in NAMES)
    return next((Path(one) for one in found if one), None)


def ensure_installed() -> Path:
    """Return the browser's program; get Debian's package where there is none. Raises RuntimeError without one."""
    found = installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("取得 Chromium（Debian 软件包，只在第一次） Getting Chromium (Debian's package, once)\n")
        for words in (("update",), ("install", "--yes", "--no-install-recommends", "chromium")):
            command = ["apt-get", "--quiet", *words]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=INSTALL_S)
        found = installed()
    if found is None:
        raise RuntimeError(MISSING)
    return found


if __name__ == "__main__":
    if sys.argv[1:] != ["ensure"]:
        sys.exit("python -m tests.browser.chromium ensure")
    try:
        ensure_installed()
    except RuntimeError as error:
        sys.exit(str(error))
