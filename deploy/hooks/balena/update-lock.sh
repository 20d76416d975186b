#!/bin/bash
# Beside the service in a balena container: holds balena's update lock while an examination is under way, both for the Supervisor (the file exists) and for the host (flock on it). While an
# update waits for us no new examination begins, so that its turn comes also where they follow one another. See docs/updates.md.
#
#   deploy/hooks/balena/update-lock.sh      until it is ended
set -u
lock=${BALENA_LOCK:-/tmp/balena/updates.lock}
run=${RUNTIME_DIRECTORY:-/run/heartsound}
ours='' asked=-30

# busy: whether an examination is under way, by what the service says of itself; one that hangs or is gone examines nobody.
busy() {
    local said now at
    said=$(cat "$run/state.json" 2>/dev/null) || return 1
    [[ $said =~ \"monotonic\":([0-9]+) ]] || return 1
    at=${BASH_REMATCH[1]}
    read -r now _ </proc/uptime
    [ $((${now%.*} - at)) -lt 15 ] && [[ $said == *'"idle":false'* ]]
}

# look_for_update: holds the service while the Supervisor has an update that waits for us, or is about to end us. The Supervisor is asked every 30 s.
look_for_update() {
    if [ -e "$lock" ] && [ -z "$ours" ]; then touch "$run/updating" && return; fi
    if [ -z "${BALENA_SUPERVISOR_ADDRESS:-}" ] || [ $((SECONDS - asked)) -lt 30 ]; then return; fi
    asked=$SECONDS
    if curl -fsS --max-time 5 "$BALENA_SUPERVISOR_ADDRESS/v1/device?apikey=${BALENA_SUPERVISOR_API_KEY:-}" 2>/dev/null | grep -q '"update_downloaded": *true'; then
        touch "$run/updating"
    else
        rm -f "$run/updating"
    fi
}

take() {
    [ -z "$ours" ] && (set -C && echo heartsound >"$lock") 2>/dev/null || return 0
    ours=yes
    exec 8>>"$lock"
    flock -n 8 || true
}

give() {
    [ -n "$ours" ] || return 0
    rm -f "$lock"
    exec 8>&-
    ours=''
}

mkdir -p "${lock%/*}"
[ "$(cat "$lock" 2>/dev/null)" != heartsound ] || rm -f "$lock" # of a container that was killed
trap give EXIT
trap 'exit 0' INT TERM
while :; do
    look_for_update
    if busy; then take; else give; fi
    sleep 1
done
