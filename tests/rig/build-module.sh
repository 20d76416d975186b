#!/usr/bin/env bash
# Compiles the virtual GPIO chip for the guest's kernel and puts it where the guest's modprobe finds it.
#
#   tests/rig/build-module.sh FOLDER ROOT     FOLDER has kernel and headers/ (tests/rig/build-image.sh); ROOT is the guest's root file system
#
# The kernel's headers are unpacked under FOLDER, nothing is installed on this machine.
set -euo pipefail
# shellcheck source=tests/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
    '' | -h | --help) usage; exit 0 ;;
esac
target=$1
guest=$2
release=$(cat "$target/kernel")
common=linux-headers-${release%-amd64}-common
unpacked=$target/headers/unpacked
module=$target/gpio

for package in "$target"/headers/*.deb; do dpkg -x "$package" "$unpacked"; done
# The headers name each other, and the compiler's wrapper, by where they would be installed.
sed -i "s#/usr/src/$common#$unpacked/usr/src/$common#g" "$unpacked/usr/src/linux-headers-$release/Makefile"

rm -rf "$module"
cp -r "$rig/gpio" "$module"
log=$target/module.log
make -C "$unpacked/usr/src/linux-headers-$release" M="$module" modules >"$log" 2>&1 || {
    cat "$log" >&2
    die "rig_gpio does not compile for kernel $release; the compiler's messages are above"
}
install -D -m 644 "$module/rig_gpio.ko" "$guest/lib/modules/$release/extra/rig_gpio.ko"
chroot "$guest" depmod "$release"
rm -rf "$module"
