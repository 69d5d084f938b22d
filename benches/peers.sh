#!/bin/bash
# Holds our phrase index against word filters of PyPI and npm, on the phrases and messages of
# `cargo bench --bench perceive`, which runs first. Prints microseconds a message and places found.
set -euo pipefail
cd "$(dirname "$0")/.."

peers=target/peers
tests/fetch.sh benches/peers "$peers"
cp benches/peers/words.cjs "$peers/"

cargo bench --locked --bench perceive -- '10 000 phrases'
printf 'filter\tµs\tfound\n'
"$peers/python/bin/python" benches/peers/words.py target/tmp
node "$peers/words.cjs" target/tmp
