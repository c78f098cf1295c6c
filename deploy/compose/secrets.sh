#!/bin/sh
# Makes in the volume `secrets` what the containers of docker-compose.yml need and don't find there: a password for
# each service's database role and, for a local instance, certificates and keys as the local stack has them. A
# production instance (LAPOR_ENVIRONMENT=production) brings certificates and keys; this only says which are missing.
#
# What is there stays, so it runs before every start. Then each file belongs to the user who reads it.
set -eu
umask 077
services_user=10001 # lapor in our images
postgres_user=999   # postgres in the official image
export LAPOR_VAR=/etc/lapor
cd "$LAPOR_VAR"

random() {
  openssl rand -hex 24
}

# keep FILE TEXT: FILE holds the text, unless it is there already; whole or not at all.
keep() {
  [ -s "$1" ] && return
  printf '%s\n' "$2" >"$1.new"
  mv "$1.new" "$1"
}

if [ "$LAPOR_ENVIRONMENT" = production ]; then
  missing=""
  for file in tls/ca.crt tls/server.crt tls/server.key secrets/token.pub secrets/service.key secrets/service.pub \
    secrets/receipt.key secrets/sealing.key; do
    [ -s "$file" ] || missing="$missing $file"
  done
  [ -z "$missing" ] || {
    echo "secrets: missing in the volume, and production makes none itself; see docs/operations.md:$missing" >&2
    exit 1
  }
else
  /usr/share/lapor/tls.sh
fi

mkdir -p database postgres
keep postgres/password "$(random)"
for service in intake routing followup ombudsman reporting; do
  keep "postgres/$service.password" "$(random)"
  keep "database/$service.pgpass" "postgres:5432:*:lapor_$service:$(cat "postgres/$service.password")"
done
chown -R "$services_user:$services_user" .
chown -R "$postgres_user:$postgres_user" postgres
chmod 755 .
