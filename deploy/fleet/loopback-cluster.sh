#!/usr/bin/env bash
# A RabbitMQ cluster of three nodes with its MQTT plugin, all of it on this machine's loopback, from Debian's package rabbitmq-server, for tests and for
# trying things out. It has its own ports, folders, cookie and epmd; the system's service, its settings and its data are not touched.
#
#   loopback-cluster.sh up FOLDER          starts it; FOLDER is made, and must not exist. Prints the MQTT addresses, which are also in FOLDER/brokers
#   loopback-cluster.sh kill FOLDER N      SIGKILL to node N (1 to 3)
#   loopback-cluster.sh start FOLDER N     starts node N again
#   loopback-cluster.sh ctl FOLDER N …     rabbitmqctl for node N
#   loopback-cluster.sh down FOLDER        ends it all; FOLDER stays
#
# Node N's process id is in FOLDER/N/pid, its log in FOLDER/N/log/. Nobody needs a name here (anonymous is let in), on loopback alone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

server=$(compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin' | tail -n 1) || die "RabbitMQ is missing: apt-get install rabbitmq-server (scripts/setup.sh test does)."

# free_ports COUNT: so many ports of loopback that nobody listens at.
free_ports() {
    /usr/bin/python3 -c 'import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))' "$1"
}

# in_node N COMMAND…: with the environment in which RabbitMQ's scripts know node N and nothing of the system's.
in_node() {
    local n=$1 ports
    shift
    read -ra ports <"$folder/ports"
    env -i PATH="$PATH" LANG=C.UTF-8 HOME="$folder/home" \
        ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="${ports[0]}" \
        RABBITMQ_NODENAME="hs$n@localhost" RABBITMQ_CONF_ENV_FILE=/dev/null \
        RABBITMQ_CONFIG_FILE="$folder/$n/rabbitmq.conf" RABBITMQ_CONFIG_FILES="$folder/$n/conf.d" RABBITMQ_ADVANCED_CONFIG_FILE="$folder/$n/none.config" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$folder/$n/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$folder/$n/data" RABBITMQ_LOG_BASE="$folder/$n/log" RABBITMQ_PID_FILE="$folder/$n/pid" \
        RABBITMQ_NODE_PORT="${ports[n]}" RABBITMQ_DIST_PORT="${ports[n + 3]}" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 2:2" \
        "$@"
}

make_node() {
    local n=$1 ports
    read -ra ports <"$folder/ports"
    mkdir -p "$folder/$n/conf.d" "$folder/$n/data" "$folder/$n/log"
    printf '[rabbitmq_mqtt].\n' >"$folder/$n/enabled_plugins"
    : >"$folder/$n/rabbitmq.conf"
    cp "$here/conf.d/10-heartsound.conf" "$folder/$n/conf.d/"
    cat >"$folder/$n/conf.d/90-loopback.conf" <<END
listeners.tcp.1 = 127.0.0.1:${ports[n]}
mqtt.listeners.tcp.1 = 127.0.0.1:${ports[n + 6]}
mqtt.allow_anonymous = true
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = hs1@localhost
cluster_formation.classic_config.nodes.2 = hs2@localhost
cluster_formation.classic_config.nodes.3 = hs3@localhost
cluster_formation.randomized_startup_delay_range.min = 0
cluster_formation.randomized_startup_delay_range.max = 0
raft.wal_max_size_bytes = 67108864
log.console = false
END
}

start_node() {
    rm -f "$folder/$1/pid"
    in_node "$1" setsid "$server/rabbitmq-server" </dev/null >>"$folder/$1/log/console" 2>&1 &
}

# await_node N: until its MQTT port is open, which is the last thing a node does when it starts.
await_node() {
    local ports until=$((SECONDS + 120))
    read -ra ports <"$folder/ports"
    until (: <"/dev/tcp/127.0.0.1/${ports[$1 + 6]}") 2>/dev/null; do
        [ $SECONDS -lt $until ] || die "node $1 does not start; see $folder/$1/log"
        sleep 0.2
    done
}

end_process() {
    local pid=$1 signal=$2 until=$((SECONDS + 30))
    kill "-$signal" "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do
        [ $SECONDS -lt $until ] || kill -KILL "$pid" 2>/dev/null || true
        sleep 0.1
    done
}

up() {
    [ ! -e "$folder" ] || die "$folder exists"
    mkdir -p "$folder/home"
    folder=$(cd "$folder" && pwd)
    free_ports 10 >"$folder/ports" # epmd; AMQP, distribution and MQTT of each node
    head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' >"$folder/home/.erlang.cookie"
    chmod 400 "$folder/home/.erlang.cookie"
    local ports n
    read -ra ports <"$folder/ports"
    setsid epmd -address 127.0.0.1 -port "${ports[0]}" </dev/null >"$folder/epmd.log" 2>&1 &
    printf '%s\n' "$!" >"$folder/epmd.pid"
    for n in 1 2 3; do make_node "$n"; done
    # The first alone: the others find it and join.
    start_node 1
    await_node 1
    start_node 2
    start_node 3
    await_node 2
    await_node 3
    in_node 1 "$server/rabbitmqctl" --quiet await_online_nodes 3 --timeout 60 >"$folder/formed.log" 2>&1 || die "no cluster: $(cat "$folder/formed.log")"
    printf '127.0.0.1:%s\n' "${ports[@]:7:3}" | tee "$folder/brokers"
}

down() {
    local n
    for n in 1 2 3; do [ ! -e "$folder/$n/pid" ] || end_process "$(cat "$folder/$n/pid")" KILL; done
    [ ! -e "$folder/epmd.pid" ] || end_process "$(cat "$folder/epmd.pid")" TERM
}

case ${1:-} in
    '' | -h | --help) sed -n '2,/^[^#]/ { /^#/ s/^# \{0,1\}//p; }' "$0"; exit 0 ;;
esac
[ $# -ge 2 ] || die "FOLDER is missing. Try --help."
verb=$1 folder=$2
shift 2
case $verb in
    up) up ;;
    down) down ;;
    kill) end_process "$(cat "$folder/${1:?which node}/pid")" KILL ;;
    start)
        start_node "${1:?which node}"
        await_node "$1"
        ;;
    ctl)
        node=${1:?which node}
        shift
        in_node "$node" "$server/rabbitmqctl" "$@"
        ;;
    *) die "I do not know '$verb'. Try --help." ;;
esac
