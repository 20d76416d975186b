#!/bin/sh
# Tells RAUC whether the slot that was started is good: it is when the service on it is well. Called by heartsound-mark-good.service. See docs/updates.md.
set -u
if heartsound health --wait "${HEARTSOUND_HEALTH_TIMEOUT:-300}"; then
    exec rauc status mark-good
fi
rauc status mark-bad
exit 1
