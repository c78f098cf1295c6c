#!/bin/sh
# The entry point of a service's container: the settings that follow from where the secrets are. Everything else, and
# any of these, can be given as LAPOR_... variables or arguments.
set -eu
peers=""
for peer in intake routing followup ombudsman reporting; do
  peers="$peers --peer $peer=$peer:7400"
done
# shellcheck disable=SC2086
exec lapor-service --address 0.0.0.0:7400 --metrics-address 0.0.0.0:9464 \
  --database "host=postgres dbname=lapor_$LAPOR_SERVICE user=lapor_$LAPOR_SERVICE passfile=/secrets/$LAPOR_SERVICE.pgpass" \
  --brokers kafka:9092 \
  --tls-cert-file /secrets/tls/server.crt --tls-key-file /secrets/tls/server.key \
  --client-tls-ca-file /secrets/tls/ca.crt \
  --token-public-key-file /secrets/secrets/token.pub \
  --service-public-key-file /secrets/secrets/service.pub \
  --service-key-file /secrets/secrets/service.key $peers "$@"
