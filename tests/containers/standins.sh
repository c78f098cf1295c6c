#!/bin/sh
# Makes stand-ins for the official images that docker-compose.yml and deploy/Dockerfile name, on a machine that reaches
# no registry: for tests, not for operators. An image that is there, or can be pulled, is left as it is.
#
# Needs root (for debootstrap), Debian's packages and, for Kafka, what deploy/kafka/kafka.sh needs.
set -eu
cd "$(dirname "$0")/../.."

# missing IMAGE: it isn't here, and no registry gives it.
missing() {
  if docker image inspect "$1" >/dev/null 2>&1 || docker pull -q "$1" >/dev/null 2>&1; then return 1; fi
  echo "standins: $1 can't be pulled; making a stand-in"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if missing debian:bookworm-slim; then
  debootstrap --variant=minbase bookworm "$scratch/root" >"$scratch/log" 2>&1 || {
    tail "$scratch/log" >&2
    exit 1
  }
  rm -rf "$scratch"/root/var/cache/apt/archives/*.deb "$scratch"/root/var/lib/apt/lists/*
  tar -C "$scratch/root" -c . |
    docker import --change 'LABEL lapor.stand-in="debian:bookworm-slim, for machines without a registry"' \
      - debian:bookworm-slim >/dev/null
fi

if missing postgres:15; then
  docker build -q -t postgres:15 tests/containers/standins/postgres
fi

kafka=$(sed -n 's/^ *image: \(apache\/kafka:.*\)/\1/p' docker-compose.yml)
if missing "$kafka"; then
  LAPOR_VAR=${LAPOR_VAR:-var} LAPOR_KAFKA_VERSION=${kafka#*:} deploy/kafka/kafka.sh install
  cp -r tests/containers/standins/kafka "$scratch/kafka"
  cp -r "${LAPOR_VAR:-var}/kafka-${kafka#*:}/libs" "$scratch/kafka/"
  docker build -q -t "$kafka" "$scratch/kafka"
fi
