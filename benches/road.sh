#!/usr/bin/env bash
# The main road, measured: encrypted callbacks over loopback into the release binary, each verified,
# decrypted, perceived, decided, committed with fsync and answered (`make bench` runs this).
#
#   benches/road.sh [BINARY]      default target/release/zhanggui: run `cargo build --release` first
#   SECONDS_EACH=10  length of each load run     CONNECTIONS=256     KIND=wecom-app|group-robot|aibot
#
# The bare route is an axum route that only reads the body, in a process of its own, under the same
# traffic, just before; the disk alone is asked for a page a millisecond, because no durable answer is
# sooner than the disk's. Load generator and server share this machine's cores; compare ratios, not
# machines. The database lies below target/, not in a /tmp that may be memory: there fsync is free.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
binary=${1:-$root/target/release/zhanggui}
busy=$(cut -d ' ' -f 1 /proc/loadavg) each=${SECONDS_EACH:-10} connections=${CONNECTIONS:-256} kind=${KIND:-group-robot}
[ -x "$binary" ] || { echo "$binary is not there: cargo build --release" >&2; exit 2; }
mkdir -p "$root/target"
folder=$(mktemp -d "$root/target/road.XXXXXX")
pid=
stop() { [ -z "$pid" ] || { kill "$pid" && wait "$pid" || true; pid=; }; }
trap 'stop 2>/dev/null; rm -rf "$folder"' EXIT
export RUST_LOG=info

# Runs the binary in the background and waits for the log line that says it is ready.
start() {
    "$binary" "$@" >"$folder/out" 2>"$folder/log" & pid=$!
    local tries=0
    until grep -q ' ready ' "$folder/log"; do
        kill -0 "$pid" 2>/dev/null && [ $((tries += 1)) -lt 4000 ] || { cat "$folder/log" >&2; exit 1; }
        sleep 0.005
    done
}
demo() {
    rm -f "$folder/connection.json"
    start demo --data "$folder/demo" --connection "$folder/connection.json" --listen 127.0.0.1:0
    until [ -e "$folder/connection.json" ]; do kill -0 "$pid" && sleep 0.05; done
}
serve() {
    start serve --config "$folder/demo/config" --scripts "$folder/demo/bot-scripts" \
        --data "$folder/idle" --listen 127.0.0.1:0
}
load() { # SECONDS OPTION...
    "$binary" load --connection "$folder/connection.json" --connections "$connections" --kind "$kind" \
        --pid "$pid" --format json --seconds "$@"
}
# The first number of that name in a report: the bot's, unless the report begins with "bare".
number() { grep -o "\"$2\":[0-9.]*" <<<"$1" | head -n 1 | cut -d : -f 2; }
bare() { number "${1#*\"bare\":}" "$2"; }
disk() { number "${1#*\"disk\":}" "$2"; }
welcome() { number "${1#*\"welcomes\":}" "$2"; }
row() { printf '%-46s %12s   %s\n' "$@"; }

demo; stop # lays the example brand out, with the simulated corp's secrets
starts=$(for _ in 1 2 3 4 5; do
    began=$(date +%s%N); serve; echo $((($(date +%s%N) - began) / 1000000)); stop
done | sort -n | sed -n 3p)
serve; sleep 2
memory=$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/status"); stop

demo
load 3 --max >/dev/null # warms up
# A group heard for the first time is also read from the platform: that work is over before we measure.
until "$binary" status --config "$folder/demo/config" --scripts "$folder/demo/bot-scripts" \
    --data "$folder/demo/bot" | grep '待发 0 ' >/dev/null; do kill -0 "$pid" && sleep 0.2; done
# Whoever writes more than 8 times in half a minute floods, and is warned: that is other work than what is measured.
rest() { sleep 31; }
# Every figure is the machine's as much as ours: three runs of each kind, each with the bare route under the same
# traffic, and the medians of both.
most=() calm=()
for _ in 1 2 3; do most+=("$(load "$each" --max --bare)"); rest; done
# New customers among all those messages: the platform gives their welcomes 20 seconds.
full=$(load "$each" --max --welcomes 5)
rest
median() { # OF-WHAT NAME RUN...: the middle one of the three runs
    local of=$1 name=$2; shift 2
    for run in "$@"; do "$of" "$run" "$name"; done | sort -g | sed -n 2p
}
half=$(awk "BEGIN { printf \"%d\", $(median number per_second "${most[@]}") / 2 }")
for _ in 1 2 3; do calm+=("$(load "$each" --rate "$half" --bare --disk "$folder")"); done
stop
failed=$(grep -o '"broken":[1-9][0-9]*\|"50[0-9]":[0-9]*' <<<"${most[*]} $full ${calm[*]}" || true)

echo "$(nproc) cores, load average $busy when it began"
row "callbacks ($kind), $connections connections" measured wanted
row "bare route, requests/s" "$(printf %.0f "$(median bare per_second "${most[@]}")")" ""
row "bot, durable callbacks/s" "$(printf %.0f "$(median number per_second "${most[@]}")")" ""
row "bot / bare" "$(printf %.2f "$(median number ratio "${most[@]}")")" ">= 0.50"
row "bare route, CPU per request, µs" "$(printf %.1f "$(median bare cpu_us "${most[@]}")")" ""
row "bot, CPU per callback, µs" "$(printf %.1f "$(median number cpu_us "${most[@]}")")" "<= 45"
for share in p50 p90 p99 p999; do
    row "at half that load ($half/s): $share, ms" "$(printf %.2f "$(median number ${share}_ms "${calm[@]}")")" \
        "$([ $share = p99 ] && echo '< 10')"
done
row "bare route under that load: p99, ms" "$(printf %.2f "$(median bare p99_ms "${calm[@]}")")" ""
row "this disk alone, a page a millisecond: p99, ms" "$(printf %.2f "$(median disk p99_ms "${calm[@]}")")" ""
row "welcome of a customer at full load: p50, ms" "$(printf %.0f "$(welcome "$full" p50_ms)")" ""
row "p99 of $(welcome "$full" customers) customers, ms" "$(printf %.0f "$(welcome "$full" p99_ms)")" ""
row "longest, ms" "$(printf %.0f "$(welcome "$full" max_ms)")" "< 20000"
row "welcomed in time" "$(welcome "$full" welcomed)" "$(welcome "$full" customers)"
row "idle memory (VmRSS) of serve, MiB" "$memory" "<= 40"
row "start to ready, ms (median of 5)" "$starts" "<= 200"
row "binary, stripped, MiB" "$(stat -c %s "$binary" | awk '{ printf "%.1f", $1 / 1048576 }')" "<= 30"
[ -z "$failed" ] || { echo "refused or broken: $failed" >&2; exit 1; }
