#!/bin/sh
# What `make lint` checks, from the quick to the slow; the first failure ends it.
set -eu
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}

fail() {
  echo "lint: $1" >&2
  exit 1
}

echo "lint: shell scripts"
git ls-files '*.sh' .ci/run | xargs shellcheck

echo "lint: format"
git ls-files '*.cc' '*.h' | xargs clang-format --dry-run -Werror

echo "lint: the rules of the house"
# forbid WHAT PATTERN PATHS...: no line of these files matches.
forbid() {
  what=$1
  pattern=$2
  shift 2
  if git grep -nE "$pattern" -- "$@"; then fail "$what"; fi
}
forbid "libpqxx is for libs/pg alone" '#include *[<"]pqxx' '*.cc' '*.h' ':!libs/pg'
forbid "libcurl is for libs/notify alone" '#include *[<"]curl' '*.cc' '*.h' ':!libs/notify'
forbid "librdkafka is for libs/kafka alone" '#include.*rdkafka' '*.cc' '*.h' ':!libs/kafka'
forbid "a decision is pure: no SQL, no Kafka, no gRPC, no clock" \
  '#include.*(pqxx|rdkafka|grpcpp|libs/pg|libs/kafka|libs/rpc)|absl::Now|system_clock::now' \
  'services/*/domain.cc' 'services/*/domain.h' 'libs/policy/*.cc' 'libs/policy/*.h' 'libs/decision'
forbid "nothing is left for later" '\b(TODO|FIXME|XXX|HACK)\b' '*.cc' '*.h' '*.proto' '*.sh' '*.sql' ':!tests/lint.sh'
forbid "tests wait for conditions" 'sleep_for|SleepFor\(absl::Seconds' '*_test.cc'
for service in services/*/; do
  name=$(basename "$service")
  if git grep -nE '#include "services/' -- "$service" | grep -v "#include \"services/$name/"; then
    fail "$name includes another service"
  fi
done
if git ls-files | grep -E '(^|/)(common|utils?|helpers?|manager|misc|impl)(/|\.)'; then
  fail "a thing that has no sharp name has no place yet"
fi

echo "lint: generated documents"
tools/docs.sh --check

echo "lint: clang, with warnings as errors"
cmake --preset tidy >/dev/null
cmake --build --preset tidy -j "$jobs" -- --quiet

echo "lint: nothing found"
