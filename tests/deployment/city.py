"""A city of seven departments on a real container engine, put through what happens to one. Some ten minutes; as root.

`python -m tests.deployment.city` makes stand-ins for the base images, builds the image, brings up every part as
deploy/compose/yihu does, tells both stories, and then sends a small city while parts are stopped, paused, cut off and
wiped. Afterwards every event stands once, all evidence holds, and nothing of what was shown before has changed. Prints
what it counted; exits with 1 at the first thing that does not hold.

An engine of its own is started (`dockerd`) unless DOCKER_HOST names one; with YIHU_COMPOSE the command can be another
one than `docker-compose` of Debian's packages.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests

from services.processes import assembly
from services.processes.deployment import hand_out
from tests.deployment import stand_ins
from tests.world import ROOT

FAMILIES = {"a": "XN-F-C5MG00B2", "b": "XN-F-8VZX7999"}
GENERATED = 30
CAUGHT_UP_S, START_S = 180, 300
CASE, FIRST_PORT = "http://127.0.0.1:8420", 8421
YIHU = "from services.commands.cli import main; main()"


class City:
    """The parts of a city on this machine's engine."""

    def __init__(self, directory: Path, host: str) -> None:
        self.directory = directory
        self.secrets = directory / "secrets"
        self.environment = os.environ | {
            "DOCKER_HOST": host, "YIHU_SECRETS": str(self.secrets), "YIHU_ALLOW_TEST_REGIONS": "1",
            "YIHU_COMPOSE": os.environ.get("YIHU_COMPOSE", "docker-compose"),
        }  # fmt: skip
        self.names = sorted(assembly.NAMES)
        self.urls = {name: f"http://127.0.0.1:{FIRST_PORT + n}" for n, name in enumerate(self.names)}

    def compose(self, part: str, *arguments: str) -> str:
        """Run deploy/compose/yihu; return what it printed."""
        return self._run([str(ROOT / "deploy" / "compose" / "yihu"), part, *arguments])

    def docker(self, *arguments: str) -> str:
        """Run the engine's command; return what it printed."""
        return self._run([stand_ins.DOCKER, *arguments])

    def send(self, file: Path) -> dict[str, int]:
        """Send a file of events to the departments' doors as an operator would; return the answers by verdict."""
        environment = self.environment | {"YIHU_KEYS": str(self.secrets / "desks"), "YIHU_DATABASE_URL": "door"}
        environment |= {f"YIHU_URL_{name.upper()}": url for name, url in self.urls.items()}
        command = [sys.executable, "-c", YIHU, "emit", str(file)]
        found = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        verdicts: dict[str, int] = {}
        for line in found.stdout.splitlines():
            verdict = json.loads(line).get("verdict", "refused")
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        return verdicts

    def asked(self, url: str) -> Any:
        """Return what an address answers, asked with the hub's key."""
        key = (self.secrets / "family_case" / "keys" / "hub.api").read_text().strip()
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        answer = requests.get(url, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def positions(self) -> dict[str, int]:
        """Return how long each department's log is, as its door says."""
        return {name: int(self.asked(f"{url}/{name}/health")["position"]) for name, url in self.urls.items()}

    def received(self) -> dict[str, int]:
        """Return how much of each log the family case has."""
        return {one["log"]: one["received"] for one in self.asked(f"{CASE}/health")["sources"]}

    def caught_up(self) -> bool:
        """Whether the family case has everything."""
        return self.positions() == self.received()

    def histories(self) -> dict[str, str]:
        """Return a digest of what is shown of each story's family."""
        found = {}
        for letter, number in FAMILIES.items():
            entries = self.asked(f"{CASE}/families/{number}/history")["entries"]
            shown = json.dumps([[one["happened"], one["sentence"]] for one in entries], ensure_ascii=False)
            found[letter] = f"{len(entries)} {sha256(shown.encode()).hexdigest()}"
        return found

    def _run(self, command: list[str]) -> str:
        found = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if found.returncode:
            raise RuntimeError(f"{' '.join(command[:4])}: {found.stderr[-600:]}")
        return found.stdout


def main() -> int:
    """Prove it; 1 if something does not hold."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yihu-city-") as temporary, engine(Path(temporary)) as host:
        os.environ["DOCKER_HOST"] = host
        stand_ins.main(ROOT / "build" / "stand-ins")
        city = City(Path(temporary), host)
        city.docker("build", "--quiet", "--file", "deploy/Dockerfile", "--tag", "yihu:0.1.0", str(ROOT))
        hand_out(city.secrets)
        try:
            prove(city)
        finally:
            city.compose("all", "down", "--volumes")
    say(f"{time.monotonic() - begun:.0f} s in all")
    return 0


def prove(city: City) -> None:
    """Bring the city up and put it through everything."""
    since = time.monotonic()
    city.compose("all", "up")
    wait(lambda: answers(city), START_S, "every door answers")
    say(f"up after {time.monotonic() - since:.0f} s: {len(city.docker('ps', '--quiet').split())} containers")
    hardened(city)
    for letter in FAMILIES:
        say(f"story {letter}: {city.send(ROOT / 'samples' / f'family_{letter}.jsonl')}")
    wait(city.caught_up, CAUGHT_UP_S, "the stories are filed")
    before = city.histories()
    parts = generated(city.directory)
    for fault, part in zip(FAULTS, parts, strict=True):
        with fault(city):
            sent = city.send(part)
        say(f"{fault.__name__.replace('_', ' ')}: {sent}")
        if refused := city.send(part).get("refused", 0):  # what had no answer is sent again
            say(f"  sent again: {refused} refused by a rule, since what they follow was refused")
        wait(city.caught_up, CAUGHT_UP_S, f"the city is filed after: {fault.__name__}")
    if city.histories() != before:
        raise SystemExit("the stories are not what they were")
    say(city.compose("family_case", "run", "--rm", "tools", "yihu", "verify").replace("\n", " ")[:300])
    say(city.compose("family_case", "run", "--rm", "tools", "yihu", "replay", "--check").replace("\n", " ")[:300])
    say(f"{sum(city.positions().values())} events")


def hardened(city: City) -> None:
    """See that every container runs as nobody in particular, writes nowhere, and holds no secret in its environment."""
    secrets = {line for file in city.secrets.rglob("*") if file.is_file() for line in secret_in(file)}
    for name in city.docker("ps", "--format", "{{.Names}}").split():
        found: dict[str, Any] = json.loads(city.docker("inspect", name))[0]
        if found["Config"]["User"] in {"", "0", "root"} or not found["HostConfig"]["ReadonlyRootfs"]:
            raise SystemExit(f"{name} is root, or may write")
        shown = json.dumps(found["Config"]) + json.dumps(found["Args"])
        if any(secret in shown for secret in secrets):
            raise SystemExit(f"{name} has a secret in its environment or command")
    layers = city.docker("history", "--no-trunc", "yihu:0.1.0")
    if any(secret in layers for secret in secrets):
        raise SystemExit("a secret is in the image")
    reached = "import socket; socket.create_connection(('{}', 5432), 3)"
    other = city.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
                        "yihu-finance_database_1").strip()  # fmt: skip
    try:
        city.docker("exec", "yihu-education_web_1", "python", "-c", reached.format(other))
    except RuntimeError:
        say("every container: not root, read-only, no secret in sight; finance's database is out of education's reach")
    else:
        raise SystemExit("education reaches the database of finance")


def secret_in(file: Path) -> Iterator[str]:
    """Yield what in a file must not be seen elsewhere."""
    text = file.read_text()
    if file.suffix in {".master", ".signing", ".api", ".sandbox"} or file.name in {"link", "owner"}:
        yield text.strip()
    elif file.suffix == ".pgpass" or file.name == "pgpass":
        yield text.strip().rpartition(":")[2]
    elif file.name == "amqp" or file.suffix == ".amqp":
        yield text.split(":")[2].partition("@")[0]


def generated(directory: Path) -> list[Path]:
    """Make a small city, in as many files as there are faults."""
    command = ["-c", YIHU, "generate", "--families", str(GENERATED)]
    found = subprocess.run([sys.executable, *command, "--seed", "7"], cwd=ROOT, capture_output=True, check=True).stdout
    lines = found.splitlines(keepends=True)
    each = -(-len(lines) // len(FAULTS))
    files = []
    for n in range(len(FAULTS)):
        files.append(directory / f"city-{n}.jsonl")
        files[-1].write_bytes(b"".join(lines[n * each : (n + 1) * each]))
    return files


# -- what happens to a city


@contextmanager
def a_department_is_stopped(city: City) -> Iterator[None]:
    """Its events have no answer; everybody else's have."""
    city.compose("finance", "stop")
    yield
    city.compose("finance", "up")
    wait(lambda: answers(city), START_S, "finance answers again")


@contextmanager
def a_worker_is_paused(city: City) -> Iterator[None]:
    """A relay that hangs."""
    city.docker("pause", "yihu-disability_federation_worker_1")
    yield
    city.docker("unpause", "yihu-disability_federation_worker_1")


@contextmanager
def half_the_city_is_cut_off_from_the_broker(city: City) -> Iterator[None]:
    """They go on recording."""
    half = city.names[: len(city.names) // 2]
    for name in half:
        city.docker("network", "disconnect", "yihu-bus", f"yihu-{name}_worker_1")
    yield
    for name in half:
        city.docker("network", "connect", "yihu-bus", f"yihu-{name}_worker_1")


@contextmanager
def the_broker_is_wiped(city: City) -> Iterator[None]:
    """With everything that was in it."""
    city.compose("broker", "down", "--volumes")
    yield
    city.compose("broker", "up")


@contextmanager
def a_database_is_killed(city: City) -> Iterator[None]:
    """And started again, by the engine's restart policy or by us."""
    city.docker("kill", "--signal", "KILL", "yihu-education_database_1")
    city.docker("start", "yihu-education_database_1")
    yield


@contextmanager
def the_case_is_down(city: City) -> Iterator[None]:
    """All of it."""
    city.compose("family_case", "stop")
    yield
    city.compose("family_case", "up")
    wait(lambda: answers(city), START_S, "the case answers again")


FAULTS = (
    a_department_is_stopped,
    a_worker_is_paused,
    half_the_city_is_cut_off_from_the_broker,
    the_broker_is_wiped,
    a_database_is_killed,
    the_case_is_down,
)


# -- the engine


@contextmanager
def engine(directory: Path) -> Iterator[str]:
    """Start an engine of our own, unless one is named; stop it by its own pid."""
    if host := os.environ.get("DOCKER_HOST"):
        yield host
        return
    if not shutil.which("dockerd"):
        raise SystemExit("apt-get install docker.io docker-compose debootstrap")
    host = f"unix://{directory}/docker.sock"
    places = [f"--data-root={ROOT / 'build' / 'docker'}", f"--exec-root={directory}/exec"]
    with (directory / "dockerd.log").open("wb") as log:
        started = subprocess.Popen(
            ["dockerd", *places, f"--pidfile={directory}/pid", "--host", host], stdout=log, stderr=log
        )
    try:
        wait((directory / "docker.sock").exists, START_S, "the engine listens")
        yield host
    finally:
        started.terminate()
        started.wait(60)


def answers(city: City) -> bool:
    """Whether every door and the case answer."""
    try:
        return len(city.positions()) == len(city.names) and bool(city.received())
    except (OSError, KeyError, ValueError):  # not yet
        return False


def wait(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not _holds(holds):
        if time.monotonic() > until:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.5)


def _holds(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except (OSError, KeyError, ValueError):
        return False


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
