#!/bin/sh
# On a device, as root: starts a command as a unit of its own, heartsound-update-ID, that goes on when the line is cut. Sent by scripts/lib-ssh.sh.
#   run.sh ID COMMAND…   what it says goes to …/runs/ID/log, its exit code to …/runs/ID/exit. Does nothing where that ID runs or has run.
set -eu
id=$1
shift
runs=${HEARTSOUND_ROOT:-}/var/lib/heartsound-update/runs
run=$runs/$id
umask 077
mkdir -p "$run"
find "$runs" -mindepth 1 -maxdepth 1 -type d -mtime +30 ! -name "$id" -exec rm -rf {} +
if [ -e "$run/exit" ] || systemctl is-active --quiet "heartsound-update-$id.service"; then exit 0; fi
# shellcheck disable=SC2016 # the text of the unit's own shell
systemd-run --quiet --collect --unit="heartsound-update-$id" --description="HeartSound.Edge: $1" /bin/sh -c '
    run=$1
    shift
    code=0
    "$@" >>"$run/log" 2>&1 </dev/null || code=$?
    echo "$code" >"$run/exit.new"
    mv "$run/exit.new" "$run/exit"
    sync "$run/exit"' heartsound-update "$run" "$@"
