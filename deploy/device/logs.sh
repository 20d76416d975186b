#!/bin/sh
# On a device, as root: the journal of the service and of its updates. Sent by scripts/deploy.sh.
#   logs.sh SINCE yes|no     SINCE as journalctl takes it; yes: go on with what comes
set -u
[ "$2" != yes ] || set -- "$1" --follow
[ "$2" != no ] || set -- "$1"
since=$1
shift
exec journalctl --no-pager --output=short-iso --since="$since" --unit=heartsound.service --unit='heartsound-update*' --unit='heartsound-stick*' "$@"
