#!/bin/sh
# The suite of docker-compose.yml with those verbs of deploy/local/stack.sh that tests/e2e uses, for LAPOR_E2E_STACK:
#
#   stack.sh up               starts it with simulated time and waits until it serves
#   stack.sh down | wipe      writes the containers' logs to $LAPOR_VAR/log, and removes containers and volumes
#   stack.sh kill SERVICE     SIGKILL
#   stack.sh start SERVICE    and waits until it serves
#   stack.sh restart SERVICE  the same, of one that runs
#
# LAPOR_VAR      a folder for what the client needs: the certificate authority and the key of tokens
# LAPOR_CLOCK    the file with simulated time, in a folder of its own, set before `up`
# LAPOR_POLICY   a folder for a copy of the policy data, made anew by `up`
# LAPOR_PORT     intake's port on 127.0.0.1; the others follow
# LAPOR_BIN      where our programs are
# LAPOR_COMPOSE  docker-compose (default), or "docker compose"
set -eu
: "${LAPOR_VAR:?}" "${LAPOR_CLOCK:?}" "${LAPOR_POLICY:?}" "${LAPOR_PORT:?}" "${LAPOR_BIN:?}"
lapor=$(cd "$LAPOR_BIN" && pwd)/lapor
cd "$(dirname "$0")/../.."

LAPOR_CLOCK_DIR=$(dirname "$LAPOR_CLOCK")
LAPOR_INTAKE_PORT=$LAPOR_PORT
LAPOR_ROUTING_PORT=$((LAPOR_PORT + 1))
LAPOR_FOLLOWUP_PORT=$((LAPOR_PORT + 2))
LAPOR_OMBUDSMAN_PORT=$((LAPOR_PORT + 3))
LAPOR_REPORTING_PORT=$((LAPOR_PORT + 4))
export LAPOR_CLOCK_DIR LAPOR_INTAKE_PORT LAPOR_ROUTING_PORT LAPOR_FOLLOWUP_PORT LAPOR_OMBUDSMAN_PORT LAPOR_REPORTING_PORT

compose() {
  # shellcheck disable=SC2086  # may be two words
  ${LAPOR_COMPOSE:-docker-compose} -p lapor-journeys -f docker-compose.yml -f tests/containers/compose.yml "$@"
}

await() {
  "$lapor" health --wait 60s --var "$LAPOR_VAR" --clock-file none --port "$LAPOR_PORT" >/dev/null
}

up() {
  rm -rf "$LAPOR_POLICY"
  cp -r deploy/policy "$LAPOR_POLICY"
  compose up -d
  compose exec -T intake tar -C /etc/lapor -c tls/ca.crt secrets/token.key | tar -C "$LAPOR_VAR" -x
  await
}

down() {
  mkdir -p "$LAPOR_VAR/log"
  compose logs --no-color >"$LAPOR_VAR/log/containers.log" 2>&1
  compose down -v --remove-orphans
  rm -f "$LAPOR_CLOCK" # the next journey begins at another time
}

case "${1:-}" in
  up) up ;;
  down | wipe) down ;;
  kill) compose kill -s SIGKILL "$2" ;;
  start)
    compose start "$2"
    await
    ;;
  restart)
    compose restart "$2"
    await
    ;;
  *)
    sed -n '2,16s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
