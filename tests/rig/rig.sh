#!/usr/bin/env bash
# The virtual device: the product in a Debian machine (QEMU, software emulation) with systemd, a USB stethoscope that can be pulled, a GPIO chip whose lines
# are read and driven, a broker outside, and power that can be cut.
#
#   tests/rig/rig.sh [test] [PYTEST…]   the tests in it (or those that the arguments of pytest name); ends with `N passed, N failed`
#   tests/rig/rig.sh all [PYTEST…]      also those that are marked long: further ways to the same end, minutes each
#   tests/rig/rig.sh long               only names those
#   tests/rig/rig.sh image              only makes the machine, where it does not fit any more
#   tests/rig/rig.sh shell              starts the machine with the product in it, and logs in; all of it is gone afterwards
#   tests/rig/rig.sh clean              removes the machine from .cache/rig
#
# `make rig` is `tests/rig/rig.sh`. What it is and what it has measured: docs/rig.md. The first run takes two minutes longer, for the machine; it is made anew when
# Debian's kernel, QEMU, the .NET runtime or these scripts change. Needs root and about 2 GB of disk; installs what is missing with scripts/setup.sh rig.
# Results lie in TestResults/rig/ afterwards.
set -euo pipefail
# shellcheck source=tests/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

case ${1:-test} in
    -h | --help) usage; exit 0 ;;
    test | all | long | image | shell | clean) action=${1:-test}; shift || true ;;
    -* | */*) action='test' ;;
    *) die "I do not know '$1'. Try --help." ;;
esac

if [ "$action" = clean ]; then
    rm -rf "$cache"
    exit 0
fi

if [ "$action" = long ]; then
    HEARTSOUND_RIG_IMAGE='' HEARTSOUND_RIG_SNAPSHOT='' "$python" -m pytest -p no:cacheprovider --collect-only -q --rootdir="$rig" "$rig" -m long
    exit 0
fi

[ "$(id -u)" = 0 ] || die "root is needed: the machine's root file system is made with chroot, and this installs Debian packages. Run this as root."
[ "$(uname -m)" = x86_64 ] || die "the rig emulates an x86-64 machine and takes the .NET runtime of this one, which is $(uname -m)"

mkdir -p "$cache"
exec {lock}>"$cache/lock"
flock --nonblock "$lock" || die "another run of the rig is under way in $cache"

scripts/setup.sh rig
scripts/build.sh

image=$(image_folder)
snapshot=$image/ready-$(snapshot_key).qcow2
if [ ! -e "$image/base.img" ]; then
    title "Making the machine"
    rm -rf "$cache"/image-* "$cache/making"
    "$rig/build-image.sh" "$cache/making"
    mv "$cache/making" "$image"
fi
if [ ! -e "$snapshot" ]; then
    say "  booting it once, to save it while it runs"
    rm -f "$image"/ready-*
    "$python" "$rig/snapshot.py" "$image" "$snapshot"
fi
say "rig: the machine is ready (kernel $(cat "$image/kernel"), $(du -sm "$image" | cut -f 1) MiB in ${image#"$root"/})"
export HEARTSOUND_RIG_IMAGE=$image HEARTSOUND_RIG_SNAPSHOT=$snapshot
[ "$action" = image ] || "$python" "$rig/bundles.py" # compiled before the machine runs, beside which a compiler gets little of the processor

case $action in
    image) ;;
    shell) exec "$python" "$rig/shell.py" ;;
    test | all)
        results=$root/TestResults/rig
        rm -rf "$results"
        mkdir -p "$results"
        title "Testing"
        status=0
        tests=("$rig")
        for argument in "$@"; do [ ! -e "${argument%%::*}" ] || tests=(); done
        [ "$action" = all ] || [ ${#tests[@]} -eq 0 ] || tests+=(-m 'not long')
        # The lock is ours alone: what the tests start must not hold it when they are gone.
        "$python" -m pytest -p no:cacheprovider -v -rs --tb=short --durations=0 --durations-min=5 --junitxml="$results/rig.junit" --rootdir="$rig" \
            "${tests[@]}" "$@" {lock}>&- &
        child=$!
        trap 'kill -TERM "$child"; wait "$child"; exit 143' TERM
        wait "$child" || status=$?
        trap - TERM
        printf 'rig\tjunit\t%s\t%s\n' "$status" "$SECONDS" >"$results/suites.tsv"
        touch "$results/rig.log" # the failures are on the screen already
        "$python" scripts/test_report.py "$results"
        ;;
esac
