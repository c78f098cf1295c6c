#!/bin/sh
# Installs the Debian packages of deploy/packages.txt that are missing. Needs root or sudo, and does nothing, at once,
# when all are there.
set -eu
cd "$(dirname "$0")/.."

wanted=$(grep -v '^#' deploy/packages.txt)
missing=""
for package in $wanted; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

run=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "setup: these packages are missing; install them as root:$missing" >&2
    exit 1
  }
  run="sudo"
fi
echo "setup: installing$missing"
$run apt-get update -qq
# A private cluster is started under var/; Debian's own isn't wanted.
# shellcheck disable=SC2086
$run env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
