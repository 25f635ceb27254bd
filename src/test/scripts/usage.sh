#!/bin/sh
# What du takes: 100 snapshots of 10,000 files, ten of which change from each to the next. Needs a gateway (TIDEGATE_GATEWAY).
set -eu

tidegate=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)/tidegate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
experiment=usage-$$
"$tidegate" experiment create "$experiment" >/dev/null
directory=0
while [ "$directory" -lt 100 ]; do
    mkdir -p "$work/$directory"
    head -c 409600 /dev/urandom | split -a 3 -d -b 4096 - "$work/$directory/file-"
    directory=$((directory + 1))
done
snapshot=0
while [ "$snapshot" -lt 100 ]; do
    change=0
    while [ "$change" -lt 10 ]; do
        head -c 4096 /dev/urandom >"$work/$(((snapshot * 37 + change * 11) % 100))/file-$(printf %03d $(((snapshot * 13 + change * 7) % 100)))"
        change=$((change + 1))
    done
    "$tidegate" push "$work" --artifact "$experiment/checkpoints" --quiet >/dev/null
    snapshot=$((snapshot + 1))
done
measure() {
    begin=$(date +%s%N)
    "$tidegate" du "$@" >/dev/null
    echo "du $*: $((($(date +%s%N) - begin) / 1000000)) ms"
}
for run in 1 2 3; do
    measure "$experiment/checkpoints"
    measure "$experiment/checkpoints" --quick
    measure "$experiment/checkpoints@50"
done
"$tidegate" du "$experiment/checkpoints" --last 3
