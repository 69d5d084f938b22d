#!/bin/bash
# Holds our phrase index against word filters of PyPI and npm, on the phrases and messages of
# `cargo bench --bench perceive`, which runs first. Prints microseconds a message and places found.
set -euo pipefail
cd "$(dirname "$0")/.."

peers=target/peers
mkdir -p "$peers"
if [ ! -x "$peers/python/bin/python" ] || ! cmp -s benches/peers/requirements.txt "$peers/requirements.txt"; then
    python3 -m venv "$peers/python"
    "$peers/python/bin/pip" install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
    cp benches/peers/requirements.txt "$peers/"
fi
if [ ! -d "$peers/node_modules/mint-filter" ] || ! cmp -s benches/peers/package.json "$peers/package.json"; then
    cp benches/peers/package.json "$peers/"
    npm install --prefix "$peers" --no-package-lock --no-audit --no-fund --silent
fi
cp benches/peers/words.cjs "$peers/"

cargo bench --locked --bench perceive -- '10 000 phrases'
printf 'filter\tµs\tfound\n'
"$peers/python/bin/python" benches/peers/words.py target/tmp
node "$peers/words.cjs" target/tmp
