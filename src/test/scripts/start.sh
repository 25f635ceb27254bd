#!/bin/sh
# How long the program takes to start, in milliseconds: a gateway until it is ready, six times on one new directory, so that the
# first makes the database; then commands. Takes the ports 9100 and 9180.
#
#   src/test/scripts/start.sh [TIDEGATE-COMMAND]
set -eu

tidegate=${1:-$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd -P)/tidegate}
work=$(mktemp -d)
chmod 755 "$work"
gateway=
trap '[ -z "$gateway" ] || { kill "$gateway"; wait "$gateway" || :; }; rm -rf "$work"' EXIT
export TIDEGATE_GATEWAY=127.0.0.1:9100

measure() {
    begin=$(date +%s%N)
    "$tidegate" "$@" >/dev/null
    echo "$*: $((($(date +%s%N) - begin) / 1000000))"
}

"$tidegate" --version
for run in 1 2 3 4 5 6; do
    [ -z "$gateway" ] || { kill "$gateway"; wait "$gateway" || :; }
    begin=$(date +%s%N)
    "$tidegate" serve --data-dir "$work/data" --grpc-port 9100 --http-port 9180 --ready-file "$work/ready" >"$work/log" 2>&1 &
    gateway=$!
    until [ -f "$work/ready" ]; do
        kill -0 "$gateway" || { cat "$work/log"; exit 1; }
        sleep 0.01
    done
    echo "serve: $((($(date +%s%N) - begin) / 1000000))"
done
"$tidegate" experiment create start >/dev/null
"$tidegate" push "$(dirname -- "$0")" --artifact start/checkpoints --quiet >/dev/null
for run in 1 2 3 4 5; do
    measure --version
    measure snapshots start/checkpoints
done
