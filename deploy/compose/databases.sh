#!/bin/sh
# Run by the postgres image when its data are created: a role and a database for each service, with no rights on the
# others'.
set -eu
for service in intake routing followup ombudsman reporting; do
  password=$(cat "/etc/lapor/postgres/$service.password")
  psql -q -v ON_ERROR_STOP=1 -v password="$password" -U postgres -d postgres <<END
CREATE ROLE lapor_$service LOGIN PASSWORD :'password';
CREATE DATABASE lapor_$service OWNER lapor_$service;
REVOKE ALL ON DATABASE lapor_$service FROM PUBLIC;
END
done
