#!/bin/sh
# Makes what the local stack needs to speak TLS and to trust tokens, under $LAPOR_VAR (default: var):
#
#   tls/ca.crt ca.key          an authority of this machine's own
#   tls/server.crt server.key  for localhost and for the services' names
#   secrets/token.key .pub     signs the tokens of people and channels (EC P-256)
#   secrets/service.key .pub   signs the tokens of the services
#   secrets/receipt.key        32 random bytes, hexadecimal; receipts are derived from it
#   secrets/sealing.key        the same; identities are sealed with it
#
# What is there already stays, so it may run before every start; a server certificate that ends within a day is made
# anew. Keys have mode 0600, what is public has 0644. Keys begin with the line "local-only": a production process
# refuses them. Needs openssl.
set -eu
umask 077

var=${LAPOR_VAR:-var}
tls=$var/tls
secrets=$var/secrets
mkdir -p "$tls" "$secrets"

# Only one at a time, so that a key and its certificate stay a pair.
exec 9>"$var/.tls.lock"
flock 9

# keep FILE COMMAND...: FILE holds the command's output, unless it is there already; whole or not at all.
keep() {
  keep_file=$1
  shift
  [ -s "$keep_file" ] && return
  "$@" >"$keep_file.new"
  mv "$keep_file.new" "$keep_file"
}

local_only() {
  echo local-only
  "$@"
}

ec_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null
}

ca_certificate() {
  openssl req -x509 -new -key "$tls/ca.key" -days 3650 -subj "/CN=lapor local authority" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
}

server_certificate() {
  names="DNS:localhost,IP:127.0.0.1,IP:::1"
  for service in intake routing followup ombudsman reporting; do
    names="$names,DNS:$service,DNS:lapor-$service"
  done
  cat >"$tls/server.ext" <<END
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = $names
END
  openssl req -new -key "$tls/server.key" -subj "/CN=lapor local server" |
    openssl x509 -req -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -days 365 -extfile "$tls/server.ext" 2>/dev/null
  rm "$tls/server.ext"
}

keep "$tls/ca.key" local_only ec_key
keep "$tls/ca.crt" ca_certificate
keep "$tls/server.key" local_only ec_key
if ! openssl verify -CAfile "$tls/ca.crt" "$tls/server.crt" >/dev/null 2>&1 ||
  ! openssl x509 -checkend 86400 -noout -in "$tls/server.crt" >/dev/null; then
  rm -f "$tls/server.crt"
fi
keep "$tls/server.crt" server_certificate

for signer in token service; do
  keep "$secrets/$signer.key" local_only ec_key
  keep "$secrets/$signer.pub" openssl pkey -in "$secrets/$signer.key" -pubout
done
for key in receipt sealing; do
  keep "$secrets/$key.key" local_only openssl rand -hex 32
done
chmod 755 "$tls" "$secrets"
chmod 644 "$tls"/*.crt "$secrets"/*.pub
