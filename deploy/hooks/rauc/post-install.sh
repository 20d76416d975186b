#!/bin/sh
# RAUC's post-install handler, after the slots are written: heartsound-update installs what the bundle brings for us, the program before the models. If that is taken back, RAUC's
# installation has failed, and the slot that was written is not started. See docs/updates.md.
#
# HEARTSOUND_WAIT_IDLE: seconds to wait for the end of an examination (3600).
set -u
source=${RAUC_BUNDLE_MOUNT_POINT:-${RAUC_UPDATE_SOURCE:?RAUC names no bundle: this is its handler}}
for bundle in "$source"/heartsound-edge-*.tar.zst "$source"/heartsound-models-*.tar.zst; do
    [ ! -e "$bundle" ] || "${HEARTSOUND_UPDATE:-heartsound-update}" install "$bundle" --wait-idle "${HEARTSOUND_WAIT_IDLE:-3600}" || exit 1
done
