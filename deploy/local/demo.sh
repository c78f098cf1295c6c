#!/bin/sh
# make demo: starts the suite at a simulated time, lets three months of reports happen in it, and leaves it running.
# What is given here goes to `lapor demo`, as --reports 1000.
#
# The settings are those of stack.sh (LAPOR_VAR, LAPOR_BIN, LAPOR_BROKER, LAPOR_PORT); LAPOR_BROKER=kafka uses a real
# Apache Kafka.
set -eu
cd "$(dirname "$0")/../.."

LAPOR_VAR=$(mkdir -p "${LAPOR_VAR:-var}" && cd "${LAPOR_VAR:-var}" && pwd)
LAPOR_BIN=${LAPOR_BIN:-build/dev/bin}
LAPOR_BROKER=${LAPOR_BROKER:-embedded}
LAPOR_PORT=${LAPOR_PORT:-7400}
LAPOR_CLOCK=$LAPOR_VAR/clock
export LAPOR_VAR LAPOR_BIN LAPOR_BROKER LAPOR_PORT LAPOR_CLOCK

# There are calendars for 2024 to 2026, so the first demo begins on a Monday of 2025; later ones go on.
now=$("$LAPOR_BIN/lapor" clock --at-least 2025-01-06T07:00:00+07:00)
echo "Clock      simulated, $now ($LAPOR_CLOCK)"

broker="embedded broker"
[ "$LAPOR_BROKER" = embedded ] || broker="Apache Kafka"
echo "Starting   PostgreSQL, the $broker and the five services; logs in $LAPOR_VAR/log"
deploy/local/stack.sh up

"$LAPOR_BIN/lapor" demo "$@"

echo
echo "The suite runs on; its clock stands at $("$LAPOR_BIN/lapor" clock) until somebody moves it (lapor clock --set)"
deploy/local/stack.sh status | sed 's/^/  /'
echo "  data, logs and keys in $LAPOR_VAR"
echo "  lapor is $LAPOR_BIN/lapor; lapor --help lists what it can do"
echo "  stop it with \`make down\`; \`make demo\` goes on from here"
