#!/usr/bin/env bash
# Makes the guest of the rig from Debian's packages and this machine's .NET runtime.
#
#   tests/rig/build-image.sh FOLDER     leaves there: base.img (ext4), vmlinuz, initrd, kernel (its version), id_rig (the key to log in), headers/
#
# Needs root: mmdebstrap and chroot make a root file system. Nothing is installed on this machine. tests/rig/rig.sh calls this when the image that it
# has does not fit any more.
set -euo pipefail
# shellcheck source=tests/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
    '' | -h | --help) usage; exit 0 ;;
esac
[ "$(id -u)" = 0 ] || die "root is needed to make a root file system (mmdebstrap, chroot): run this as root"
target=$(mkdir -p "$1" && cd "$1" && pwd)
guest=$target/rootfs

# What a device has, what scripts/provision.sh would fetch for it (no package archive is reached from the guest: it finds them there), and what the rig
# looks at it with (gpiod, alsa-utils, usbutils, mosquitto-clients).
packages=(
    linux-image-amd64 busybox-static kmod udev systemd systemd-sysv dbus
    openssh-server sudo iproute2 ca-certificates procps adduser
    libportaudio2 libgpiod2 libmosquitto1 libsqlite3-0 libsndfile1 libssl3 libstdc++6 zlib1g
    zstd minisign openssl rsync
    gpiod alsa-utils usbip usbutils mosquitto-clients
)

# Started by nobody here, or slow in an emulated machine and of no use in it.
masked_units=(
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_reap.service e2scrub_all.timer fstrim.timer
    systemd-networkd-wait-online.service systemd-timesyncd.service getty@tty1.service alsa-restore.service alsa-state.service
)

started=$SECONDS
step() { printf '  %4d s  %s\n' $((SECONDS - started)) "$*"; }

# The kernel's headers come with it, through the guest's own package lists, so that both are of one version.
make_root() {
    rm -rf "$guest"
    local list=${packages[*]} fetch_headers
    # shellcheck disable=SC2016 # expanded by the hook's own shell, in which $1 is the guest's root
    fetch_headers='
        release=$(ls "$1/lib/modules")
        mkdir -p "$1/headers"
        cd "$1/headers"
        APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q download "linux-headers-$release" "linux-headers-${release%-amd64}-common" "linux-kbuild-${release%%.0-*}"'
    mmdebstrap --quiet --mode=root --architectures=amd64 --variant=minbase --include="${list// /,}" \
        --aptopt='APT::Install-Recommends "false"' \
        --aptopt='APT::Sandbox::User "root"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/etc/kernel/postinst.d/initramfs-tools' \
        --customize-hook="$fetch_headers" \
        bookworm "$guest" /etc/apt/sources.list.d/debian.sources
    rm -rf "$target/headers"
    mv "$guest/headers" "$target/headers"
    rm -rf "$guest"/var/cache/apt/* "$guest"/var/lib/apt/lists/*
}

configure() {
    local unit
    echo rig >"$guest/etc/hostname"
    echo '127.0.0.1 localhost rig' >"$guest/etc/hosts"
    echo '/dev/vda / ext4 defaults,noatime 0 1' >"$guest/etc/fstab"
    echo 'nameserver 10.0.2.3' >"$guest/etc/resolv.conf"
    printf '%s\n' '[Match]' 'Name=eth0' '[Network]' 'Address=10.0.2.15/24' 'Gateway=10.0.2.2' >"$guest/etc/systemd/network/eth0.network"

    rm -f "$target"/id_rig*
    ssh-keygen -q -t ed25519 -N '' -C rig -f "$target/id_rig"
    install -d -m 700 "$guest/root/.ssh"
    install -m 600 "$target/id_rig.pub" "$guest/root/.ssh/authorized_keys"
    # The first user of a board that was flashed: no root, and allowed to become it.
    chroot "$guest" useradd --create-home --shell /bin/bash --password '*' technician # no password is right; `!` would lock the account for keys too
    echo 'technician ALL=(ALL) NOPASSWD: ALL' >"$guest/etc/sudoers.d/technician"
    chmod 440 "$guest/etc/sudoers.d/technician"
    install -d -m 700 "$guest/home/technician/.ssh"
    install -m 600 "$target/id_rig.pub" "$guest/home/technician/.ssh/authorized_keys"
    chroot "$guest" chown -R technician: /home/technician/.ssh
    printf '%s\n' 'PermitRootLogin prohibit-password' 'UseDNS no' 'UsePAM no' 'MaxSessions 40' >"$guest/etc/ssh/sshd_config.d/rig.conf"
    compgen -G "$guest/etc/ssh/ssh_host_*" >/dev/null || chroot "$guest" ssh-keygen -A

    # The stethoscope's and the lamps' hardware; the sound card itself is loaded when one is plugged in.
    printf '%s\n' vhci-hcd rig_gpio >"$guest/etc/modules-load.d/rig.conf"

    for unit in systemd-networkd ssh; do chroot "$guest" systemctl --quiet enable "$unit"; done
    for unit in "${masked_units[@]}"; do chroot "$guest" systemctl --quiet mask "$unit" 2>/dev/null || true; done
}

# The runtime that the product runs on: of a .NET SDK only what a device would have.
add_dotnet() {
    local from version part
    from=$(dotnet_folder)
    version=$(dotnet_runtime)
    mkdir -p "$guest/usr/share/dotnet"
    cp -a "$from/dotnet" "$guest/usr/share/dotnet/"
    for part in host/fxr shared/Microsoft.NETCore.App shared/Microsoft.AspNetCore.App; do
        [ -d "$from/$part/$version" ] || die "$from/$part/$version is missing: the .NET runtime here is not whole"
        mkdir -p "$guest/usr/share/dotnet/$part"
        cp -a "$from/$part/$version" "$guest/usr/share/dotnet/$part/"
    done
    ln -s /usr/share/dotnet/dotnet "$guest/usr/bin/dotnet"
}

# Debian's initrd has 30 MB; this one (busybox, virtio, ext4) saves seconds of every emulated boot.
make_initrd() {
    local release=$1 inside=$target/initrd.d module
    rm -rf "$inside"
    mkdir -p "$inside"/{bin,lib/modules,proc,sys,dev,newroot}
    cp "$guest/bin/busybox" "$inside/bin/busybox"
    chroot "$guest" modprobe --set-version "$release" --show-depends --all virtio_pci virtio_blk ext4 crc32c_generic |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
        while read -r module; do
            cp "$guest/$module" "$inside/lib/modules/"
            basename "$module" >>"$inside/modules"
        done
    cat >"$inside/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do /bin/busybox insmod "/lib/modules/$module"; done </modules
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do
    /bin/busybox usleep 50000
    tries=$((tries + 1))
done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /newroot || exec /bin/busybox sh
for folder in dev proc sys; do /bin/busybox mount --move "/$folder" "/newroot/$folder"; done
exec /bin/busybox switch_root /newroot /lib/systemd/systemd
INIT
    chmod 755 "$inside/init"
    (cd "$inside" && find . | cpio --create --format=newc --quiet | gzip -1) >"$target/initrd"
    rm -rf "$inside"
}

make_root
step "Debian's packages ($(du -sm "$guest" | cut -f 1) MiB)"
configure
add_dotnet
release=$(ls "$guest/lib/modules")
printf '%s\n' "$release" >"$target/kernel"
cp -L "$guest/boot/vmlinuz-$release" "$target/vmlinuz"
make_initrd "$release"
step "configured; kernel $release, .NET $(dotnet_runtime)"
"$rig/build-module.sh" "$target" "$guest"
gcc -O1 -Wall -Werror -static -o "$guest/usr/local/bin/hold-thread" "$rig/hold_thread.c"
step "rig_gpio.ko, hold-thread"
rm -f "$target/base.img"
mke2fs -q -F -t ext4 -L root -d "$guest" "$target/base.img" 3000M >/dev/null
chmod 444 "$target/base.img"
rm -rf "$guest" "$target/headers"
step "base.img ($(du -m "$target/base.img" | cut -f 1) MiB on disk)"
