#!/bin/bash
# fetch.sh FROM TO: installs what FROM/requirements.txt (PyPI) and FROM/package.json (npm) name into TO, unless it
# is there already.
set -euo pipefail
from=$1 to=$2
mkdir -p "$to"
# The marks come last, so that what broke off in the middle is done again; so is what lost its interpreter to an upgrade.
if [ ! -x "$to/python/bin/python" ] || ! cmp -s "$from/requirements.txt" "$to/python.mark"; then
    python3 -m venv --clear "$to/python"
    "$to/python/bin/pip" install --quiet --disable-pip-version-check -r "$from/requirements.txt"
    cp "$from/requirements.txt" "$to/python.mark"
fi
if [ ! -d "$to/node_modules" ] || ! cmp -s "$from/package.json" "$to/node.mark"; then
    cp "$from/package.json" "$to/"
    npm install --prefix "$to" --no-package-lock --no-audit --no-fund --silent
    cp "$from/package.json" "$to/node.mark"
fi
