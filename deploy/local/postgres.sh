#!/usr/bin/env bash
# The private PostgreSQL of the local stack: a cluster of its own with a database and a role for each service.
# Needs postgresql-15; leaves the machine's other clusters alone.
#
# Usage: postgres.sh start | stop | status | wipe | url SERVICE
#   start   creates the cluster and what is missing in it, starts it; fine if it runs already, or was killed
#   stop    ends it; the data stay
#   status  says whether it runs; exit code 3 if not
#   wipe    ends it and deletes the data for good
#   url     prints the libpq connection string for intake, routing, followup, ombudsman or reporting
#
# LAPOR_VAR      where it lives: $LAPOR_VAR/pg (default: var/ in the repository). Called as root, PostgreSQL runs as
#                the user postgres; where that user can't get to, $LAPOR_VAR/pg is a link to /var/lib/lapor-HASH.
# LAPOR_PG_PORT  listen on this port of 127.0.0.1 too. Roles have no password until ALTER ROLE gives them one, so
#                until then nobody gets in there.
#
# Access is by a unix socket in a folder that only the server's own user and root may enter; there the server trusts
# the role's name. A role may connect to its own database only.
set -euo pipefail

readonly services=(intake routing followup ombudsman reporting)
readonly bin=/usr/lib/postgresql/15/bin
readonly default_port=5432  # of the socket's name; nothing listens there on the network

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
var=$(realpath -m "${LAPOR_VAR:-$repo/var}")
home=$(realpath -m "$var/pg")
data=$home/data
socket=$home/socket
cd /  # PostgreSQL's user may not be allowed where we were called

fail() {
  echo "postgres.sh: $*" >&2
  exit 1
}

# Runs a command as the user that PostgreSQL runs as.
as_server() {
  if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}

# Makes $home, and finds another place for it if the server's user can't enter this one.
make_home() {
  mkdir -p "$var"
  if ((EUID == 0)); then
    if [[ ! -e $home ]] && ! as_server test -x "$var"; then
      home=/var/lib/lapor-$(printf %s "$var" | sha256sum | cut -c1-12)
      ln -sfn "$home" "$var/pg"
      data=$home/data socket=$home/socket
      echo "PostgreSQL's user can't enter $var: the cluster is in $home"
    fi
    install -d -m 0700 -o postgres -g postgres "$home" "$socket"
  else
    install -d -m 0700 "$home" "$socket"
  fi
  # The kernel takes no more than 107 bytes for a socket's name.
  ((${#socket} <= 90)) || fail "the path $socket is too long for a unix socket: set LAPOR_VAR to a shorter one"
}

make_cluster() {
  as_server "$bin/initdb" --pgdata="$home/new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256 --data-checksums >"$home/initdb.log" 2>&1 ||
    fail "initdb failed: $(tail -n 5 "$home/initdb.log")"
  echo "include 'lapor.conf'" | as_server tee -a "$home/new/postgresql.conf" >/dev/null
  as_server mv "$home/new" "$data" # in one step: a half-made cluster is never taken for a whole one
}

# For 2 cores and a few hundred megabytes. Durable: fsync, full_page_writes and synchronous_commit stay on.
write_settings() {
  as_server tee "$data/lapor.conf" >/dev/null <<CONF
listen_addresses = '${LAPOR_PG_PORT:+127.0.0.1}'
port = ${LAPOR_PG_PORT:-$default_port}
unix_socket_directories = '${socket//\'/\'\'}'
max_connections = 80                    # five services with twelve, and room for tools
shared_buffers = 128MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 2GB                      # checkpoints by the clock, not by load
min_wal_size = 256MB
checkpoint_timeout = 15min
random_page_cost = 1.1                  # SSD
max_parallel_workers_per_gather = 0     # statements are short: starting workers or a compiler costs more
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log                  # errors quote values, which may be personal: the services log them without
CONF
}

# The process that postmaster.pid names may be another one by now, so its working folder tells.
is_running() {
  local pid
  pid=$(as_server head -n 1 "$data/postmaster.pid" 2>/dev/null) &&
    [[ $(as_server readlink "/proc/$pid/cwd" 2>/dev/null) == "$data" ]]
}

# After an unclean stop: waits for the orphans of the old server, then clears its locks. (PostgreSQL would do so
# itself, but for a process of ours that happens to have the old one's number.)
clear_locks() {
  local tries
  for ((tries = 100; tries > 0; --tries)); do
    # shellcheck disable=SC2016  # expanded by the inner shell
    as_server sh -c 'for p in /proc/[0-9]*/cwd; do [ "$(readlink "$p")" = "$0" ] && exit 1; done; exit 0' "$data" \
      2>/dev/null && break
    sleep 0.1
  done
  ((tries > 0)) || fail "processes of an earlier server are still at work in $data"
  as_server rm -f "$data/postmaster.pid"
  as_server find "$socket" -name '.s.PGSQL.*' -delete
}

# The port that the running server has, which may have been started with another LAPOR_PG_PORT.
port() {
  as_server sed -n 4p "$data/postmaster.pid" 2>/dev/null || echo "${LAPOR_PG_PORT:-$default_port}"
}

make_databases() {
  as_server "$bin/psql" -XqAt -v ON_ERROR_STOP=1 -h "$socket" -p "$(port)" -U postgres -d postgres \
    -v names="$(printf 'lapor_%s ' "${services[@]}")" >/dev/null <<'SQL'
CREATE TEMP TABLE wanted AS SELECT unnest(string_to_array(trim(:'names'), ' ')) AS name;
SELECT format('CREATE ROLE %I LOGIN', name) FROM wanted WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('CREATE DATABASE %I OWNER %I', name, name) FROM wanted
WHERE name NOT IN (SELECT datname FROM pg_database) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name) FROM wanted \gexec
SQL
}

start() {
  [[ -x $bin/initdb ]] || fail "PostgreSQL 15 is missing in $bin: install postgresql-15"
  make_home
  as_server test -d "$data" || make_cluster
  if ! is_running; then
    clear_locks
    write_settings
    as_server "$bin/pg_ctl" -D "$data" -l "$home/log" -w -t 120 start >/dev/null </dev/null ||
      fail "it doesn't start; the end of $home/log: $(as_server tail -n 5 "$home/log")"
  fi
  make_databases
  status
}

stop() {
  if is_running; then as_server "$bin/pg_ctl" -D "$data" -w -t 60 -m fast stop >/dev/null; fi
  status || true
}

status() {
  if is_running; then
    echo "PostgreSQL is running in $home${LAPOR_PG_PORT:+, also on 127.0.0.1:$(port)}"
  else
    echo "PostgreSQL is stopped"
    return 3
  fi
}

wipe() {
  stop
  rm -rf "$home" "$var/pg"
}

url() {
  local service
  for service in "${services[@]}"; do
    if [[ $service == "${1:-}" ]]; then
      [[ -e $home ]] || fail "there is no cluster yet: run postgres.sh start"
      echo "host='${socket//\'/\\\'}' port=$(port) dbname=lapor_$service user=lapor_$service"
      return
    fi
  done
  fail "url takes the name of a service: ${services[*]}"
}

case ${1:-} in
  start | stop | status | wipe) "$1" ;;
  url) url "${2:-}" ;;
  *) fail "usage: postgres.sh start | stop | status | wipe | url SERVICE" ;;
esac
