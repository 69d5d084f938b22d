#!/bin/sh
# Gives the fuzzer of the files what it begins with: every file of the example brand, as its target reads them
# (the name, a line end, the text). Begun with nothing, it never finds a table header.
set -eu
cd "$(dirname "$0")/.."
seeds=fuzz/corpus/toml_files
mkdir -p "$seeds"
find config bot-scripts -name '*.toml' | while read -r file; do
    { echo "$file"; cat "$file"; } >"$seeds/example-$(echo "$file" | tr / -)"
done
