#!/usr/bin/env bash
# Installs what the tests need besides Rust, on Debian: a browser and two clients that we did not
# write. What is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { # command, package
    command -v "$1" >/dev/null || missing+=("$2")
}
need cc gcc
need git git
need node nodejs
need npm npm
need python3 python3
need chromium chromium
need chromedriver chromium-driver
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
# Not a pipe: grep stops reading at the first hit, and fc-list would fail with a broken one.
grep -qi CJK <<<"$(fc-list 2>/dev/null)" || missing+=(fontconfig fonts-noto-cjk)

if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}"
    root=""
    [ "$(id -u)" -eq 0 ] || root=sudo
    $root apt-get update -q
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

tests/fetch.sh tests/clients target/clients
