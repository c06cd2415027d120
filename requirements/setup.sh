#!/usr/bin/env bash
# Makes .venv with the locked packages and the `siskop` command. usage: setup.sh main|test
# A stamp with the hash of locks and interpreter lets a warm start skip everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
want=$1
say() { printf '%s\n' "$*" >&2; }

locks=(requirements/main.txt)
[ "$want" = test ] && locks+=(requirements/test.txt)

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3; do
        if fits "$name"; then "$name" -c 'import sys; print(sys.executable)'; return; fi
        if [ -n "${PYTHON:-}" ]; then break; fi
    done
    say "Siskop needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt-get install python3 python3-venv), or name one: make run PYTHON=/path/to/python3"
    exit 1
}

apt_install() { # as root or through sudo without a password; else the caller says what to give
    local as=()
    [ "$(id -u)" = 0 ] || as=(sudo -n)
    command -v apt-get >/dev/null && "${as[@]}" true 2>/dev/null || return 1
    say "Installing $* with apt-get."
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 &&
        "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

make_venv() {
    rm -rf .venv
    "$1" -c 'import ensurepip' 2>/dev/null || apt_install python3-venv || {
        say "Python's venv module is missing. Give this command, then try again: sudo apt-get install -y python3-venv"
        exit 1
    }
    "$1" -m venv .venv
}

install_packages() {
    local files=() lock
    for lock in "${locks[@]}"; do files+=(-r "$lock"); done
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt
    UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes --no-build-isolation "${files[@]}" && return
    say "uv could not install; pip tries the same, more slowly."
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-build-isolation "${files[@]}"
}

install_command() { # the checkout on the path, and `siskop` (in two languages: a shebang bears no blanks)
    local packages
    packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    pwd >"$packages/siskop.pth"
    printf '#!/bin/sh\n'"'''"'exec'"'"' "%s/.venv/bin/python" "$0" "$@"\n'"' '''"'\nfrom siskop.cli.main import main\n\nmain()\n' "$PWD" >.venv/bin/siskop
    chmod +x .venv/bin/siskop
}

hash() { { pwd; cat requirements/setup.sh requirements/build.txt "$@"; .venv/bin/python -VV; } 2>/dev/null | sha256sum | cut -d' ' -f1; }

if command -v flock >/dev/null; then exec 9<requirements/setup.sh && flock 9; fi # two at once wait for each other
[ -x .venv/bin/siskop ] && [ "$(cat ".venv/stamp-$want" 2>/dev/null)" = "$(hash "${locks[@]}")" ] && exit 0
[ "$want" = main ] && [ "$(cat .venv/stamp-test 2>/dev/null)" = "$(hash requirements/main.txt requirements/test.txt)" ] && exit 0

say "Setting up .venv ($want)."
if [ -n "${PYTHON:-}" ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! fits .venv/bin/python; then
    python=$(find_python)
    make_venv "$python"
fi
install_packages
install_command
hash "${locks[@]}" >".venv/stamp-$want"
