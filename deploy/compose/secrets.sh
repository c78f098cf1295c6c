#!/bin/sh
# Makes, once, what the containers of docker-compose.yml need: certificates and keys (as the local stack does), and a
# password for each service's database role. In the volume `secrets`, readable by the services' user only.
set -eu
export LAPOR_VAR=/secrets
/usr/share/lapor/tls.sh
for service in intake routing followup ombudsman reporting; do
  file=/secrets/$service.pgpass
  [ -s "$file" ] || {
    (umask 077 && printf 'postgres:5432:*:lapor_%s:%s\n' "$service" "$(openssl rand -hex 24)" >"$file.new")
    mv "$file.new" "$file"
  }
done
[ -s /secrets/postgres.password ] || openssl rand -hex 24 >/secrets/postgres.password
chown -R 10001:10001 /secrets
