#!/bin/sh
# Writes docs/events.md and docs/api from the docstrings of the protos; with --check, says what would change instead.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd proto && find lapor -name '*.proto' -print0 | sort -z |
  xargs -0 protoc -I. --include_source_info --include_imports --descriptor_set_out="$work/descriptors")
if [ "${1:-}" = --check ]; then
  /usr/bin/python3 tools/docs.py "$work/descriptors" "$work"
  if ! diff -r "$work/api" docs/api || ! diff "$work/events.md" docs/events.md; then
    echo "docs: docs/ is not what the protos say; run make docs" >&2
    exit 1
  fi
else
  mkdir -p docs/api
  /usr/bin/python3 tools/docs.py "$work/descriptors" docs
  echo "docs: docs/events.md, docs/api"
fi
