#!/bin/sh
# What an agent takes while it pushes a checkpoint of 10 GiB (or GIB) that does not compress, under its usual options.
# Needs a gateway (TIDEGATE_GATEWAY), Linux, and twice that room on the disk.
set -eu

tidegate=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)/tidegate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
experiment=memory-$$
"$tidegate" experiment create "$experiment" >/dev/null
mkdir -p "$work/checkpoints/model_checkpoint_1"
head -c "$((${GIB:-10} << 30))" /dev/urandom >"$work/checkpoints/model_checkpoint_1/weights"
ln -s model_checkpoint_1 "$work/checkpoints/model.latest_checkpoint"
begin=$(date +%s)
"$tidegate" agent run --experiment "$experiment" --work-dir "$work" -- sleep 5 &
agent=$!
while kill -0 "$agent" 2>/dev/null; do
    grep -E 'VmHWM|RssAnon|RssFile' "/proc/$agent/status" >"$work/memory.new" 2>/dev/null &&
        mv "$work/memory.new" "$work/memory" || :
    sleep 1
done
wait "$agent"
seconds=$(($(date +%s) - begin))
cat "$work/memory"
echo "seconds: $seconds"
