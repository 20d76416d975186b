# shellcheck shell=bash
# What the rig's scripts share: where things lie, and the name under which an image is kept. Sourced, never run.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

rig=$root/tests/rig
# shellcheck disable=SC2034 # used by the scripts that source this file
cache=$root/.cache/rig

# kernel_package: Debian's current kernel image, such as linux-image-6.1.0-56-amd64, as far as this machine's package lists know.
kernel_package() { apt-cache depends --no-recommends --no-suggests linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1; }

# dotnet_runtime: version of the newest .NET runtime of this machine.
dotnet_runtime() { dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \([^ ]*\).*/\1/p' | sort -V | tail -n 1; }

dotnet_folder() { dirname "$(readlink -f "$(command -v dotnet)")"; }

short_hash() { sha256sum | cut -c 1-12; }

# image_key: what the image depends on. Another kernel, another .NET runtime or another script gives another image.
image_key() {
    {
        kernel_package
        dotnet_runtime
        cat "$rig/build-image.sh" "$rig/build-module.sh" "$rig/hold_thread.c" "$rig"/gpio/*
    } | short_hash
}

# snapshot_key: what a saved machine state depends on, beside the image.
snapshot_key() {
    {
        qemu-system-x86_64 --version
        cat "$rig/guest.py" "$rig/snapshot.py"
    } | short_hash
}

image_folder() { printf '%s/image-%s' "$cache" "$(image_key)"; }
