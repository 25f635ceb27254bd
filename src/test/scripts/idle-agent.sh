#!/bin/sh
# What an idle agent costs: 10,000 files in lossy, the usual cadence. Needs a gateway (TIDEGATE_GATEWAY) and Linux.
set -eu

tidegate=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)/tidegate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
experiment=idle-$$
"$tidegate" experiment create "$experiment" >/dev/null
directory=0
while [ "$directory" -lt 100 ]; do
    mkdir -p "$work/lossy/$directory"
    file=0
    while [ "$file" -lt 100 ]; do
        echo "$directory $file" >"$work/lossy/$directory/$file"
        file=$((file + 1))
    done
    directory=$((directory + 1))
done
"$tidegate" agent run --experiment "$experiment" --work-dir "$work" -- sleep 250 2>/dev/null &
agent=$!
ticks() { awk '{ print $14 + $15 }' "/proc/$agent/stat"; }
sleep 120
before=$(ticks)
sleep 120
after=$(ticks)
echo "CPU of one core: $(awk -v n=$((after - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f", n * 100 / hz / 120 }') %"
grep -E 'VmHWM|VmRSS' "/proc/$agent/status"
wait "$agent"
