#!/bin/sh
# On a device, as root: starts its updater as a unit of its own, heartsound-update-ID, that goes on when the line is cut. Sent by scripts/lib-ssh.sh.
#   run.sh ID install NAME [OPTION…]     NAME is a file of the incoming folder
#   run.sh ID rollback [OPTION…]
# What it says goes to …/runs/ID/log, its exit code to …/runs/ID/exit. Does nothing where that ID runs or has run.
set -eu
id=$1
shift
root=${HEARTSOUND_ROOT:-}
state=$root/var/lib/heartsound-update
run=$state/runs/$id
umask 077
mkdir -p "$run"
find "$state/runs" -mindepth 1 -maxdepth 1 -type d -mtime +30 ! -name "$id" -exec rm -rf {} +
if [ -e "$run/exit" ] || systemctl is-active --quiet "heartsound-update-$id.service"; then exit 0; fi

# The one that is installed; on a machine that has none, the one that scripts/provision.sh brought.
updater=$(command -v heartsound-update || true)
for place in "$root/usr/local/sbin/heartsound-update" "$state/bootstrap/scripts/update.sh"; do
    if [ -z "$updater" ] && [ -x "$place" ]; then updater=$place; fi
done
[ -n "$updater" ] || { echo "there is no updater" >&2; exit 1; }
if [ "$1" = install ]; then
    file=$state/incoming/$2
    shift 2
    set -- install "$file" "$@"
fi
# shellcheck disable=SC2016 # the text of the unit's own shell
systemd-run --quiet --collect --unit="heartsound-update-$id" --description="HeartSound.Edge: $1" /bin/sh -c '
    run=$1
    shift
    code=0
    "$@" >>"$run/log" 2>&1 </dev/null || code=$?
    echo "$code" >"$run/exit.new"
    mv "$run/exit.new" "$run/exit"
    sync "$run/exit"' heartsound-update "$run" "$updater" "$@"
