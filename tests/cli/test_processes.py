import os
import subprocess
import sys

from tests.world import ROOT

CODE = "from services.processes.supervisor import die_with_parent; die_with_parent(); print('lives')"


def lives(**environment: str) -> bool:
    ran = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=os.environ | environment, check=True, capture_output=True, text=True
    )
    return ran.stdout == "lives\n"


def test_a_process_ends_when_the_one_that_started_it_is_gone_already() -> None:
    assert lives(YIHU_PARENT=str(os.getpid()))
    assert not lives(YIHU_PARENT="1")


def test_a_process_that_a_service_manager_started_depends_on_nobody() -> None:
    assert lives()
