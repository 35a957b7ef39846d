"""nameko's own client asks the family case over a real RabbitMQ."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.settings import Settings
from tests.family_case.conftest import Hub, hub
from tests.faults.tools import processes
from tests.faults.tools.broker import RabbitMQ
from tests.faults.tools.processes import forget_queue
from tests.world import ROOT, story, wait_for

__all__ = ["hub"]

ASKER = """
import json, sys, warnings
warnings.simplefilter("ignore")
from nameko.exceptions import RemoteError
from nameko.standalone.rpc import ClusterRpcProxy

with ClusterRpcProxy({"AMQP_URI": sys.argv[1]}, timeout=20) as cluster:
    for name, args, kwargs in json.loads(sys.argv[2]):
        try:
            print(json.dumps({"result": getattr(cluster.family_case, name)(*args, **kwargs)}))
        except RemoteError as error:
            print(json.dumps({"error": [error.exc_type, error.value]}))
        except Exception as error:
            print(json.dumps({"error": [type(error).__name__, str(error)]}))
"""


@pytest.fixture
def asked(hub: Hub, settings: Settings, broker: RabbitMQ, tmp_path: Path) -> Iterator[Callable[..., list[Any]]]:
    """Ask as nameko does; the worker that answers runs meanwhile as a process of its own."""
    hub.tell(*story("a"))
    log = tmp_path / "log"
    log.touch()
    forget_queue(broker.uri)
    environment = os.environ | replace(settings, amqp_uri=broker.uri).environment()
    worker = processes.starter("services.processes.worker", ["family_case"], environment, log)

    def ask(*questions: Any) -> list[Any]:
        words = [sys.executable, "-c", ASKER, broker.uri, json.dumps(questions)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    try:
        wait_for(lambda: b"worker started" in log.read_bytes())
        yield ask
    finally:
        worker.terminate()
        worker.wait(20)


def test_nameko_gets_the_history_and_what_is_owed_and_for_what_it_asks_wrongly_an_error_with_a_code(
    hub: Hub, asked: Callable[..., list[Any]]
) -> None:
    [family] = hub.families
    days = {"known": "2025-12-31", "effective": "2025-12-31"}
    history, owed, everything, wrong, unknown, number, none = asked(
        ["history", [family], {"known": "2025-06-24"}],
        ["owed", [], {"family": family, **days}],
        ["owed", [], {"family": family, **days, "all": True}],
        ["owed", [family], {"known": "gestern", "other": 1}],
        ["delete", [family], {}],
        ["history", ["421299201709030139"], {}],
        ["history", ["XN-F-00000000"], {}],
    )

    assert history["result"] == json.loads(json.dumps(hub.document(family, known=date(2025, 6, 24))))
    assert 0 < len(owed["result"]["verdicts"]) < len(everything["result"]["verdicts"])
    kind, value = wrong["error"]
    assert kind == "unknown_parameter"
    assert [one["code"] for one in value["faults"]] == ["unknown_parameter", "not_a_date"]
    assert "gestern" not in json.dumps(wrong)
    assert unknown["error"][0] == "MethodNotFound"
    assert number["error"][0] == "not_a_case"
    assert "421299201709030139" not in json.dumps(number)
    assert none["error"][0] == "no_such_family"
