#!/bin/sh
# make bench: builds for release, starts what the figures need in a folder of its own, measures, prints a table and
# writes build/bench.json. Takes some fifteen minutes; run nothing else meanwhile.
#
#   BENCH_FIGURES   which: intake relay projection suggest lifecycle triage duplicates deadlines (default: all)
#   BENCH_PAIRS     rounds that count (default: 5)
#   BENCH_LIFECYCLES_AT_ONCE  citizens who wait at the same time (default: 400)
set -eu
cd "$(dirname "$0")/../.."

cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target lapor-bench lapor-intake-one-tx lapor-broker lapor-intake \
  lapor-routing lapor-followup lapor-ombudsman lapor-reporting

LAPOR_VAR=$(mktemp -d "${TMPDIR:-/tmp}/lapor-bench-XXXXXX")
LAPOR_BIN=build/release/bin
LAPOR_PORT=${LAPOR_PORT:-7500}
one_tx_port=$((LAPOR_PORT + 50))
export LAPOR_VAR LAPOR_BIN LAPOR_PORT LAPOR_SOURCE_DIR="$PWD" LAPOR_BIN_DIR="$PWD/build/release/bin"
one_tx_pid=""
finish() {
  [ -z "$one_tx_pid" ] || kill "$one_tx_pid" 2>/dev/null || true
  deploy/local/stack.sh wipe
}
trap finish EXIT

bench() {
  build/release/bin/lapor-bench --var "$LAPOR_VAR" --port "$LAPOR_PORT" --pairs "${BENCH_PAIRS:-5}" "$@"
}

# More databases in the private cluster, for the peers.
database() {
  deploy/local/postgres.sh url intake | sed "s/dbname=.*/dbname=bench_$1 user=postgres/"
}
create_database() {
  psql -q "$(deploy/local/postgres.sh url intake | sed 's/dbname=.*/dbname=postgres user=postgres/')" \
    -c "CREATE DATABASE bench_$1"
}

for figure in ${BENCH_FIGURES:-intake relay projection suggest lifecycle triage duplicates deadlines}; do
  case $figure in
    intake)
      # Intake alone and its peer, each with its own database and relay.
      deploy/local/stack.sh start intake
      create_database one_tx
      build/release/bin/lapor-intake-one-tx --environment local --address "127.0.0.1:$one_tx_port" \
        --database "$(database one_tx)" --brokers "$(cat "$LAPOR_VAR/run/broker.address")" \
        --tls-cert-file "$LAPOR_VAR/tls/server.crt" --tls-key-file "$LAPOR_VAR/tls/server.key" \
        --client-tls-ca-file "$LAPOR_VAR/tls/ca.crt" --token-public-key-file "$LAPOR_VAR/secrets/token.pub" \
        --service-public-key-file "$LAPOR_VAR/secrets/service.pub" --service-key-file "$LAPOR_VAR/secrets/service.key" \
        --policy-dir deploy/policy --reference-dir deploy/reference --database-connections 24 \
        --receipt-key-file "$LAPOR_VAR/secrets/receipt.key" --sealing-key-file "$LAPOR_VAR/secrets/sealing.key" \
        --ready-file "$LAPOR_VAR/run/one_tx.ready" >"$LAPOR_VAR/log/one_tx.log" 2>&1 &
      one_tx_pid=$!
      tries=400
      until [ -e "$LAPOR_VAR/run/one_tx.ready" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || {
          tail -n 5 "$LAPOR_VAR/log/one_tx.log" >&2
          exit 1
        }
        sleep 0.05
      done
      create_database pgbench
      pg_dump --schema-only --no-owner "$(deploy/local/postgres.sh url intake)" |
        psql -q "$(database pgbench)" >/dev/null
      psql -q "$(database pgbench)" -c 'CREATE SEQUENCE bench_id CACHE 1000'
      bench --one-tx-port "$one_tx_port" --pgbench-database "$(database pgbench)" intake
      kill "$one_tx_pid"
      wait "$one_tx_pid" || true
      one_tx_pid=""
      deploy/local/stack.sh down
      ;;
    suggest)
      deploy/local/stack.sh start routing
      bench suggest
      deploy/local/stack.sh down
      ;;
    lifecycle | triage)
      # On empty databases: else it would measure how long the others read what the figure before has left.
      deploy/local/stack.sh wipe
      deploy/local/stack.sh up
      bench --lifecycles-at-once "${BENCH_LIFECYCLES_AT_ONCE:-400}" "$figure"
      deploy/local/stack.sh down
      ;;
    deadlines)
      # The peer and its packages, in a folder of their own.
      graphile=$PWD/build/graphile
      mkdir -p "$graphile"
      cp tests/bench/graphile/package.json tests/bench/graphile/worker.mjs "$graphile"
      if ! command -v npm >/dev/null; then
        echo "bench: no deadlines_vs_graphile: node and npm aren't there" >&2
        graphile=""
      elif ! npm install --prefix "$graphile" --no-audit --no-fund --silent >&2; then
        echo "bench: no deadlines_vs_graphile: npm couldn't install what package.json names" >&2
        graphile=""
      fi
      bench --graphile-dir "$graphile" deadlines
      ;;
    *) bench "$figure" ;;
  esac
done
echo "bench: build/bench.json"
