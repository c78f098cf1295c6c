#!/bin/bash
# As the official image: the first start makes the data with the password in POSTGRES_PASSWORD_FILE and runs the
# scripts of /docker-entrypoint-initdb.d against a server that can't be reached by TCP; then the server, as postgres.
set -euo pipefail

[[ $1 == postgres ]] || exec "$@"
if ((EUID == 0)); then
  POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
  export POSTGRES_PASSWORD
  chown postgres "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [[ ! -s $PGDATA/PG_VERSION ]]; then
  # shellcheck disable=SC2086  # several arguments in one variable
  initdb --username=postgres --pwfile=<(echo "$POSTGRES_PASSWORD") --auth-local=trust --auth-host=trust \
    ${POSTGRES_INITDB_ARGS:-}
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl -o "-c listen_addresses=''" -w start
  for script in /docker-entrypoint-initdb.d/*.sh; do "$script"; done
  pg_ctl -m fast -w stop
fi
unset POSTGRES_PASSWORD
exec "$@" -c "listen_addresses=*"
