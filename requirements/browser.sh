#!/usr/bin/env bash
# Makes sure of a browser for the tests: chromium on PATH, else Debian's, else Playwright's, else says what to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

present() {
    command -v chromium || command -v chromium-browser || command -v google-chrome ||
        .venv/bin/python -c 'import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p: sys.exit(not os.path.exists(p.chromium.executable_path))'
} >/dev/null 2>&1

by_apt() {
    local as=()
    [ "$(id -u)" = 0 ] || as=(sudo -n)
    command -v apt-get >/dev/null && "${as[@]}" true 2>/dev/null || return 1
    echo "Installing chromium with apt-get."
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
}

present || { by_apt && present; } || { .venv/bin/playwright install chromium && present; } || {
    echo "The tests need a browser. Give this command, then try again: sudo apt-get install -y chromium" >&2
    exit 1
}
