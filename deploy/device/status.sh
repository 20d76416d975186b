#!/bin/sh
# On a device, as root: what its updater or its service says of itself, as JSON. Sent by scripts/deploy.sh.
#   status.sh update|health
set -u
root=${HEARTSOUND_ROOT:-}
updater=$(command -v heartsound-update || echo "$root/usr/local/sbin/heartsound-update")
case $1 in
    update) exec "$updater" status --json ;;
    health)
        program=$(command -v heartsound || echo "$root/usr/local/bin/heartsound")
        # 8 means "not healthy", which its JSON says too.
        "$program" health --json || [ $? -eq 8 ]
        ;;
esac
