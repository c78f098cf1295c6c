#!/usr/bin/env bash
# One Apache Kafka broker (KRaft, one node, loopback only) for tests and the local stack.
#
#   kafka.sh install   obtain the broker's jars from Maven Central and check them against <version>/SHA256SUMS
#   kafka.sh start     install if need be, format an empty data folder, start, wait until the broker answers
#   kafka.sh stop      end it, by its process id
#   kafka.sh status    say whether it runs and answers
#   kafka.sh wipe      stop it and delete its data; the next start is a new, empty cluster
#
# Settings (environment):
#   LAPOR_KAFKA_VERSION          3.9.2 (default) or 4.2.0: any version with a folder beside this script
#   LAPOR_KAFKA_PORT             port of the clients on 127.0.0.1, default 9092
#   LAPOR_KAFKA_CONTROLLER_PORT  port of the controller on 127.0.0.1, default LAPOR_KAFKA_PORT + 1
#   LAPOR_KAFKA_HEAP             largest Java heap, default 512m
#   LAPOR_VAR                    where jars are kept, default var/ of the repository
#   LAPOR_KAFKA_DIR              configuration, data, log and process id, default $LAPOR_VAR/kafka-VERSION
#
# Needs the Debian packages of packages.txt; installs none itself.
# Exit codes: 0 done, 1 failed (or not running), 2 wrong usage, 3 Kafka cannot be had on this machine.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${LAPOR_KAFKA_VERSION:-3.9.2}
port=${LAPOR_KAFKA_PORT:-9092}
controller_port=${LAPOR_KAFKA_CONTROLLER_PORT:-$((port + 1))}
heap=${LAPOR_KAFKA_HEAP:-512m}
var=$(realpath -m "${LAPOR_VAR:-$here/../../var}")
jars=$var/kafka-$version/libs
dir=$(realpath -m "${LAPOR_KAFKA_DIR:-$var/kafka-$version}")
properties=$dir/server.properties
log=$dir/kafka.log
pid_file=$dir/kafka.pid

# Generous, for machines under load: a broker that has ended is noticed at once anyway.
start_limit_s=180
stop_limit_s=30

say() { printf 'kafka.sh: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
unobtainable() { say "Apache Kafka $version cannot be had: $*" >&2; exit 3; }

needs_package() {
  unobtainable "$1. Remedy: apt-get install $(tr '\n' ' ' <"$here/packages.txt")"
}

check_java() {
  command -v java >/dev/null || needs_package "there is no java"
  local major
  major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [[ ${major:-0} -ge 17 ]] || needs_package "java is version ${major:-unknown}, 17 is needed"
}

jars_are_sound() {
  [[ -d $jars ]] && (cd "$jars" && sha256sum --check --strict --quiet "$here/$version/SHA256SUMS") >/dev/null 2>&1 &&
    [[ $(find "$jars" -name '*.jar' | wc -l) -eq $(wc -l <"$here/$version/SHA256SUMS") ]]
}

install_jars() {
  if [[ ! -f $here/$version/pom.xml ]]; then
    say "LAPOR_KAFKA_VERSION=$version is not supported; choose one of: $(cd "$here" && printf '%s ' [0-9]*)" >&2
    exit 2
  fi
  mkdir -p "$var/kafka-$version"
  exec 9>"$var/kafka-$version/install.lock" # several test programs may start at once
  flock 9
  if ! jars_are_sound; then
    download_jars
  fi
  exec 9>&-
}

download_jars() {
  check_java
  command -v mvn >/dev/null || needs_package "there is no mvn"
  local mvn_log=$var/kafka-$version/install.log
  rm -rf "$jars"
  say "obtaining Apache Kafka $version from Maven Central"
  if ! mvn -B -f "$here/$version/pom.xml" dependency:copy-dependencies -DoutputDirectory="$jars" \
    >"$mvn_log" 2>&1; then
    grep -m 3 '^\[ERROR\]' "$mvn_log" >&2 || true
    unobtainable "mvn failed, see $mvn_log. Remedy: give this machine access to Maven Central, or copy" \
      "the jars named in $here/$version/SHA256SUMS to $jars"
  fi
  if ! jars_are_sound; then
    local refused=$jars.refused
    rm -rf "$refused" && mv "$jars" "$refused"
    fail "the jars obtained are not those of $here/$version/SHA256SUMS; they are kept in $refused and not used"
  fi
}

java_command=(java "-Xmx$heap" "-Dlapor.kafka.log=$log" "-Dlog4j.configuration=file:$here/log4j.properties"
  "-Dlog4j2.configurationFile=$here/log4j2.xml" -cp "$jars/*")

# The pid file may outlive its process and the number be used again: believe it only when the process is
# the broker of this folder.
running_pid() {
  local pid
  [[ -f $pid_file ]] && pid=$(<"$pid_file") && [[ -r /proc/$pid/cmdline ]] &&
    tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF "$properties" && printf '%s' "$pid"
}

# Ready means: the broker answers a Metadata request (version 1, no topics) and counts itself as alive.
answers() {
  local brokers
  brokers=$(
    exec 2>/dev/null
    exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
    printf '\0\0\0\016\0\003\0\001\0\0\0\001\377\377\0\0\0\0' >&3
    timeout 2 head -c 12 <&3 | od -An -tx1 -j8 | tr -d ' \n'
  ) && [[ $brokers == 00000001 ]]
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

write_properties() {
  cat >"$properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/data
# Topics are made by the suite with the partitions it needs; a misspelt name must not make one.
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
# One node, few members: joining a group need not wait for more, and a killed member is missed soon.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
PROPERTIES
}

format_storage() {
  local id
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
  id=A${id:1} # an id that begins with '-' would be read as an option
  "${java_command[@]}" kafka.tools.StorageTool format --cluster-id "$id" --config "$properties" >"$dir/format.log" 2>&1 ||
    fail "formatting $dir/data failed, see $dir/format.log"
}

start() {
  local pid
  if pid=$(running_pid); then
    await_answer "$pid"
    return
  fi
  install_jars
  check_java
  for taken in "$port" "$controller_port"; do
    ! port_is_taken "$taken" ||
      fail "port $taken of 127.0.0.1 is taken by another process; set LAPOR_KAFKA_PORT to a free one"
  done
  mkdir -p "$dir/data"
  write_properties
  [[ -f $dir/data/meta.properties ]] || format_storage
  # A session of its own: a Ctrl-C meant for the caller does not end the broker.
  setsid "${java_command[@]}" kafka.Kafka "$properties" >"$dir/kafka.out" 2>&1 </dev/null 8>&- &
  pid=$!
  printf '%s' "$pid" >"$pid_file"
  await_answer "$pid"
}

await_answer() {
  local pid=$1 deadline=$((SECONDS + start_limit_s))
  until answers; do
    kill -0 "$pid" 2>/dev/null || fail "the broker ended while starting: $(tail -n 5 "$log" "$dir/kafka.out" 2>&1)"
    ((SECONDS < deadline)) || fail "the broker does not answer on 127.0.0.1:$port within $start_limit_s s, see $log"
    sleep 0.1
  done
  say "Apache Kafka $version answers on 127.0.0.1:$port (process $pid)"
}

stop() {
  local pid deadline=$((SECONDS + stop_limit_s))
  if ! pid=$(running_pid); then
    say "not running"
    return
  fi
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS >= deadline)); then
      say "process $pid did not end within $stop_limit_s s, killing it"
      kill -KILL "$pid"
    fi
    sleep 0.1
  done
  rm -f "$pid_file"
  say "stopped"
}

status() {
  local pid
  pid=$(running_pid) || fail "not running"
  answers || fail "process $pid runs but does not answer on 127.0.0.1:$port"
  say "Apache Kafka $version answers on 127.0.0.1:$port (process $pid)"
}

wipe() {
  stop
  rm -rf "$dir/data"
  say "data deleted"
}

# A stop that comes while a start is under way waits for it, so that nothing is left running.
alone() {
  mkdir -p "$dir"
  exec 8>"$dir/lock"
  flock 8
  "$1"
}

case ${1:-} in
  install) install_jars && say "Apache Kafka $version is in $jars" ;;
  start) alone start ;;
  stop) alone stop ;;
  status) status ;;
  wipe) alone wipe ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
