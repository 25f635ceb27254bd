#!/usr/bin/env bash
# Backs up a gateway while pushes run, restores it in another place, and pulls every snapshot that the backup has: what
# docs/operations.md tells, in the same order. Needs PostgreSQL's programs and its user; run as root.
#
#   src/test/scripts/backup-drill.sh [TIDEGATE-COMMAND]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
tidegate=${1:-$root/tidegate}
binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
work=$(mktemp -d)
chmod 755 "$work"
gateway=
pushes=

as_postgres() { (cd / && runuser -u postgres -- "$@"); }

finish() {
    [[ -z $pushes ]] || kill "$pushes" 2>/dev/null || true
    [[ -z $gateway ]] || { kill "$gateway" 2>/dev/null && wait "$gateway"; } || true
    as_postgres "$binaries/pg_ctl" -D "$work/cluster" -m fast stop >/dev/null 2>&1 || true
    [[ -n ${KEEP:-} ]] || rm -rf "$work"
}
trap finish EXIT

serve() { # database, data directory
    rm -f "$work/ready"
    # shellcheck disable=SC2086  # a command with its options
    $tidegate serve --data-dir "$2" --database-url "postgresql://postgres@127.0.0.1:$port/$1" --grpc-port 0 --http-port 0 \
        --ready-file "$work/ready" >>"$work/gateway.out" 2>>"$work/gateway.err" &
    gateway=$!
    until [[ -s $work/ready ]]; do
        kill -0 "$gateway" || { cat "$work/gateway.err"; exit 1; }
        sleep 0.2
    done
    TIDEGATE_GATEWAY=127.0.0.1:$(sed 's/.*"grpc_port":\([0-9]*\).*/\1/' "$work/ready")
    export TIDEGATE_GATEWAY
}

port=$((20000 + RANDOM % 10000))
install -d -o postgres -m 700 "$work/cluster"
as_postgres "$binaries/initdb" -D "$work/cluster" -A trust -E UTF8 --locale=C >/dev/null
as_postgres "$binaries/pg_ctl" -D "$work/cluster" -w -l "$work/cluster/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null
sql=(-h 127.0.0.1 -p "$port" -U postgres)
"$binaries/createdb" "${sql[@]}" tidegate

serve tidegate "$work/data"
experiment=$($tidegate experiment create backup | grep -o 'exp_[0-9a-z]*' | head -1)
mkdir "$work/tree"
(
    for ((i = 0; ; i++)); do
        head -c 8000000 /dev/urandom >"$work/tree/$((i % 4))"
        $tidegate push "$work/tree" --artifact "$experiment/crud" >>"$work/push.log" 2>&1
    done
) &
pushes=$!
snapshots() { "$binaries/psql" "${sql[@]}" -d "$1" -Atc "SELECT number FROM snapshot ORDER BY number"; }
until [[ $(snapshots tidegate | wc -l) -ge 3 ]]; do sleep 0.2; done

# The database first: what it names is in packs already, and stays there.
"$binaries/pg_dump" "${sql[@]}" -Fc -f "$work/tidegate.dump" tidegate
at_dump=$(snapshots tidegate | wc -l)
until [[ $(snapshots tidegate | wc -l) -gt $((at_dump + 1)) ]]; do sleep 0.2; done
mkdir "$work/restored"
cp -a "$work/data/packs" "$work/restored/packs"
kill "$pushes"
pushes=
kill "$gateway"
wait "$gateway" || true

# Somewhere else: nothing of the old place is read.
mv "$work/data" "$work/lost"
"$binaries/createdb" "${sql[@]}" restored
"$binaries/pg_restore" "${sql[@]}" -d restored --exit-on-error "$work/tidegate.dump"
serve restored "$work/restored"
restored=$(snapshots restored)
for number in $restored; do
    $tidegate pull --verify "$experiment/crud@$number" "$work/pulled-$number" >>"$work/pull.log"
done
# And it takes pushes.
$tidegate push "$work/tree" --artifact "$experiment/crud" >>"$work/push.log"
echo "backup-drill: $(wc -w <<<"$restored") snapshots in the backup, each pulled and verified; $(("$(wc -w <<<"$restored")" + 1)) after a push"
