#!/bin/sh
# The journeys of tests/e2e on the containers of docker-compose.yml: makes the images, starts the suite, lives through
# the journeys (a service is killed on the way), and removes it. On a machine that reaches no registry the official
# images are stood in for. Exit code 77, with the reason, where there is no docker.
#
# LAPOR_BIN   our programs, journeys_test among them   (default: build/dev/bin)
# LAPOR_PORT  intake's port; the others follow         (default: 17400)
# LAPOR_VAR   for logs, and the jars of a stand-in for Kafka (default: var)
set -eu
cd "$(dirname "$0")/../.."

skip() {
  echo "containers: skipped: $*" >&2
  exit 77
}
command -v docker >/dev/null || skip "there is no docker: apt-get install docker.io docker-compose"
docker info >/dev/null 2>&1 || skip "no docker daemon answers: start dockerd, or join the group docker"
if docker compose version >/dev/null 2>&1; then
  LAPOR_COMPOSE="docker compose"
elif command -v docker-compose >/dev/null; then
  LAPOR_COMPOSE=docker-compose
else
  skip "there is no compose: apt-get install docker-compose"
fi

LAPOR_BIN=$(cd "${LAPOR_BIN:-build/dev/bin}" && pwd)
[ -x "$LAPOR_BIN/journeys_test" ] || {
  echo "containers: there is no $LAPOR_BIN/journeys_test: make build" >&2
  exit 1
}
LAPOR_VAR=$(mkdir -p "${LAPOR_VAR:-var}" && cd "${LAPOR_VAR:-var}" && pwd)
tests/containers/standins.sh
$LAPOR_COMPOSE build

LAPOR_VAR=$LAPOR_VAR/containers
LAPOR_CLOCK=$LAPOR_VAR/clock/now
LAPOR_POLICY=$LAPOR_VAR/policy
LAPOR_PORT=${LAPOR_PORT:-17400}
LAPOR_SOURCE_DIR=$PWD
LAPOR_E2E_STACK=$PWD/tests/containers/stack.sh
export LAPOR_COMPOSE LAPOR_BIN LAPOR_VAR LAPOR_CLOCK LAPOR_POLICY LAPOR_PORT LAPOR_SOURCE_DIR LAPOR_E2E_STACK
umask 022 # the containers' user reads the clock and the policy
mkdir -p "$LAPOR_VAR/clock"
"$LAPOR_E2E_STACK" down 2>/dev/null # what an interrupted run left
trap '"$LAPOR_E2E_STACK" down' INT TERM
cd tests/e2e
"$LAPOR_BIN/journeys_test"
