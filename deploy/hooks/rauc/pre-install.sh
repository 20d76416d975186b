#!/bin/sh
# RAUC's pre-install handler: what the bundle brings for us must be good before RAUC writes a slot. See docs/updates.md.
set -u
for bundle in "${RAUC_BUNDLE_MOUNT_POINT:-${RAUC_UPDATE_SOURCE:?RAUC names no bundle: this is its handler}}"/heartsound-*.tar.zst; do
    [ ! -e "$bundle" ] || "${HEARTSOUND_UPDATE:-heartsound-update}" verify "$bundle" || exit 1
done
