#!/usr/bin/env bash
# The figures of docs/fleet.md: 10, 100 and 1,000 simulated devices on a broker of their own, on loopback. Prints Markdown rows; takes about 8 minutes.
#
#   scripts/measure-fleet.sh [mosquitto|rabbitmq|shares]…     default: all three
#
#   mosquitto   one mosquitto with deploy/fleet/mosquitto.conf
#   rabbitmq    three RabbitMQ nodes (deploy/fleet/loopback-cluster.sh), consumers with quorum queues
#   shares      1, 2 and 4 consumers that share the verdicts at mosquitto
#
# Two loads: "real" is what devices do (a verdict every 30 s, live twice a second, and a consumer of both); "full" is a verdict as soon as the broker has
# acknowledged one of the 20 before, without live. Do it on a machine that does nothing else: the load average stands in each row.
# SECONDS_EACH and DEVICES may be set in the environment.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=${SECONDS_EACH:-30}
read -ra fleet <<<"${DEVICES:-10 100 1000}"
whats=("$@")
for what in "$@"; do
    case $what in
        -h | --help) usage; exit 0 ;;
        mosquitto | rabbitmq | shares) ;;
        *) die "I do not know '$what'. Try --help." ;;
    esac
done
[ ${#whats[@]} -gt 0 ] || whats=(mosquitto rabbitmq shares)
[ -x "$root/bin/heartsound" ] || die "bin/heartsound is missing: make build"

folder=$(mktemp -d)
mosquitto_pid=''
end() {
    [ -z "$mosquitto_pid" ] || kill "$mosquitto_pid" 2>/dev/null || true
    [ ! -d "$folder/rabbitmq" ] || "$root/deploy/fleet/loopback-cluster.sh" down "$folder/rabbitmq"
    rm -rf "$folder"
}
trap end EXIT

start_mosquitto() {
    local port
    port=$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    { printf 'listener %s 127.0.0.1\nallow_anonymous true\nuser %s\nlog_type none\npersistence true\npersistence_location %s/\n' "$port" "$(id -un)" "$folder"; cat "$root/deploy/fleet/mosquitto.conf"; } >"$folder/mosquitto.conf"
    mosquitto -c "$folder/mosquitto.conf" >"$folder/mosquitto.log" 2>&1 &
    mosquitto_pid=$! brokers=("127.0.0.1:$port") pids=("$!")
    until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done
}

start_rabbitmq() {
    mapfile -t brokers < <("$root/deploy/fleet/loopback-cluster.sh" up "$folder/rabbitmq")
    pids=()
    local n
    for n in 1 2 3; do pids+=("$(cat "$folder/rabbitmq/$n/pid")"); done
}

# measure NAME DEVICES OPTION…: one row. A verdict that is lost is in the row, and no reason to stop.
measure() {
    local name=$1 devices=$2 row
    shift 2
    row=$("$root/bin/heartsound" fleet-sim --devices "$devices" --broker "${brokers[@]}" --broker-pid "${pids[@]}" --json "$@" 2>"$folder/said") || true
    [ -n "$row" ] || die "$(cat "$folder/said")"
    jq -r --arg name "$name" 'def round1: . * 10 | round / 10; def mib: . / 1048576 | round;
        [$name, .devices, .sentPerSecond, .receivedPerSecond, .verdictsPerSecond, .latency.p50, .latency.p99, .verdicts.lost, .verdicts.duplicates,
         ([.brokers[].peakBytes] | add | mib), ([.brokers[].cores] | add * 100 | round / 100), (.simulator.peakBytes | mib), (.simulator.cores * 100 | round / 100), .loadAverage]
        | map(if type == "number" then (if . > 100 then round elif . < 1 then (. * 100 | round) / 100 else round1 end) else . end) | "| " + (map(tostring) | join(" | ")) + " |"' <<<"$row"
}

title "$(nproc) cores, $(uname -m); load average before: $(cut -d' ' -f1 /proc/loadavg)"
say '| what | devices | sent/s | received/s | verdicts/s | p50 ms | p99 ms | lost | twice | broker MiB | broker cores | simulator MiB | its cores | load |'
say '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|'
real=(--every 30 --live on --consume all --duration "$seconds")
full=(--every 0 --live off --duration "$((seconds / 3))")
for what in "${whats[@]}"; do
    "start_${what/shares/mosquitto}"
    if [ "$what" = shares ]; then
        for consumers in 1 2 4; do
            measure "full, $consumers consumers" 100 "${full[@]}" --consumers "$consumers" --group ward
        done
    else
        durable=()
        [ "$what" = mosquitto ] || durable=(--durable)
        for devices in "${fleet[@]}"; do
            measure "$what, real" "$devices" "${real[@]}" "${durable[@]}"
            measure "$what, full" "$devices" "${full[@]}" "${durable[@]}"
        done
    fi
    [ "$what" = rabbitmq ] || { kill "$mosquitto_pid"; wait "$mosquitto_pid" || true; }
done
