#!/bin/sh
# The suite on one machine: a private PostgreSQL, a broker, the five services.
#
#   stack.sh up        starts what isn't running and waits until it serves
#   stack.sh down      stops what it started; data stays in $LAPOR_VAR
#   stack.sh wipe      stops it and removes its data for good
#   stack.sh status    says what runs
#   stack.sh restart SERVICE | kill SERVICE | start SERVICE
#
# LAPOR_VAR     where data, logs and secrets are kept     (default: var, under the repository)
# LAPOR_BIN     the programs                              (default: build/dev/bin)
# LAPOR_BROKER  embedded, or kafka for a real Apache Kafka (default: embedded)
# LAPOR_PORT    intake's port; the others follow           (default: 7400)
# LAPOR_POLICY  the policy data                          (default: deploy/policy)
# LAPOR_CLOCK   a file with simulated time; empty for the machine's own
set -eu
cd "$(dirname "$0")/../.."

LAPOR_VAR=$(mkdir -p "${LAPOR_VAR:-var}" && cd "${LAPOR_VAR:-var}" && pwd)
LAPOR_BIN=${LAPOR_BIN:-build/dev/bin}
LAPOR_BROKER=${LAPOR_BROKER:-embedded}
LAPOR_PORT=${LAPOR_PORT:-7400}
LAPOR_CLOCK=${LAPOR_CLOCK:-}
LAPOR_POLICY=${LAPOR_POLICY:-deploy/policy}
export LAPOR_VAR
services="intake routing followup ombudsman reporting"
run=$LAPOR_VAR/run
logs=$LAPOR_VAR/log
mkdir -p "$run" "$logs"

port_of() {
  port=$LAPOR_PORT
  for service in $services; do
    [ "$service" = "$1" ] && break
    port=$((port + 1))
  done
  echo "$port"
}

# was_given NAME ARGUMENT: whether the process of NAME was started with it.
was_given() {
  [ -s "$run/$1.pid" ] && tr '\0' '\n' 2>/dev/null <"/proc/$(cat "$run/$1.pid")/cmdline" | grep -qxF -- "$2"
}

# The pid file may outlive its process and the number be used again: believe it only when the process is ours.
running() {
  was_given "$1" "$run/$1.ready" || was_given "$1" "$run/$1.address"
}

# await SECONDS WHAT COMMAND...: until the command succeeds.
await() {
  limit=$1
  what=$2
  shift 2
  tries=$((limit * 20))
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      echo "stack: $what is not ready after $limit s; see $logs" >&2
      return 1
    fi
    sleep 0.05
  done
}

# The jars are kept under the repository's var, whatever LAPOR_VAR is; the broker's data are in LAPOR_VAR.
kafka() {
  env LAPOR_KAFKA_DIR="$LAPOR_VAR/kafka" LAPOR_VAR=var deploy/kafka/kafka.sh "$1"
}

start_broker() {
  if [ "$LAPOR_BROKER" = kafka ]; then
    kafka start >"$logs/kafka.start.log" 2>&1 || {
      status=$?
      cat "$logs/kafka.start.log" >&2
      exit "$status"
    }
    brokers=127.0.0.1:${LAPOR_KAFKA_PORT:-9092}
    echo "$brokers" >"$run/broker.address" # for lapor events
  else
    if ! running broker; then
      rm -f "$run/broker.address"
      "$LAPOR_BIN/lapor-broker" --topic lapor.report.v1:16 --topic lapor.agency.v1:1 \
        --address-file "$run/broker.address" >>"$logs/broker.log" 2>&1 &
      echo $! >"$run/broker.pid"
    fi
    await 10 "the embedded broker" test -s "$run/broker.address"
    brokers=$(cat "$run/broker.address")
  fi
}

start_service() {
  if running "$1"; then
    if was_given "$1" "$brokers"; then return; fi
    echo "stack: $1 starts again, for the broker at $brokers"
    stop "$1" TERM
  fi
  rm -f "$run/$1.ready"
  set -- "$1" --environment local --address "127.0.0.1:$(port_of "$1")" --ready-file "$run/$1.ready" \
    --database "$(deploy/local/postgres.sh url "$1")" --brokers "$brokers" \
    --tls-cert-file "$LAPOR_VAR/tls/server.crt" --tls-key-file "$LAPOR_VAR/tls/server.key" \
    --client-tls-ca-file "$LAPOR_VAR/tls/ca.crt" \
    --token-public-key-file "$LAPOR_VAR/secrets/token.pub" \
    --service-public-key-file "$LAPOR_VAR/secrets/service.pub" \
    --service-key-file "$LAPOR_VAR/secrets/service.key"
  for peer in $services; do
    set -- "$@" --peer "$peer=localhost:$(port_of "$peer")"
  done
  [ -z "$LAPOR_CLOCK" ] || set -- "$@" --simulated-clock "$LAPOR_CLOCK" --due-scan-interval 50ms
  [ "$1" = reporting ] || set -- "$@" --policy-dir "$LAPOR_POLICY"
  set -- "$@" --reference-dir deploy/reference
  if [ "$1" = intake ]; then
    set -- "$@" --open-counter --receipt-key-file "$LAPOR_VAR/secrets/receipt.key" \
      --sealing-key-file "$LAPOR_VAR/secrets/sealing.key"
  fi
  name=$1
  shift
  "$LAPOR_BIN/lapor-$name" "$@" >>"$logs/$name.log" 2>&1 &
  echo $! >"$run/$name.pid"
}

ready() {
  [ -e "$run/$1.ready" ] && running "$1"
}

await_service() {
  await 30 "$1" ready "$1" || {
    tail -n 5 "$logs/$1.log" >&2
    exit 1
  }
}

# stop NAME SIGNAL
stop() {
  running "$1" || return 0
  kill "-$2" "$(cat "$run/$1.pid")"
  await 20 "the end of $1" sh -c "! kill -0 $(cat "$run/$1.pid")"
  rm -f "$run/$1.pid"
}

start_foundations() {
  deploy/local/tls.sh
  deploy/local/postgres.sh start >"$logs/postgres.start.log" 2>&1 || {
    cat "$logs/postgres.start.log" >&2
    exit 1
  }
  start_broker
}

up() {
  start_foundations
  for service in $services; do start_service "$service"; done
  for service in $services; do await_service "$service"; done
}

down() {
  for service in $services; do stop "$service" TERM; done
  stop broker TERM
  kafka stop >/dev/null 2>&1 || true
  deploy/local/postgres.sh stop >/dev/null
}

status() {
  for service in $services; do
    if running "$service"; then
      echo "$service	localhost:$(port_of "$service")	pid $(cat "$run/$service.pid")"
    else
      echo "$service	stopped"
    fi
  done
}

case "${1:-}" in
  up) up ;;
  down) down ;;
  wipe)
    down
    deploy/local/postgres.sh wipe >/dev/null
    rm -rf "$LAPOR_VAR"
    ;;
  status) status ;;
  kill) stop "$2" KILL ;;
  start)
    start_foundations
    start_service "$2"
    await_service "$2"
    ;;
  restart)
    stop "$2" TERM
    start_foundations
    start_service "$2"
    await_service "$2"
    ;;
  *)
    sed -n '2,16s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
