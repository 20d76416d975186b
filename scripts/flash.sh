#!/usr/bin/env bash
# From NVIDIA's archives to a board that starts, is reached by ssh, and waits for scripts/provision.sh: unpacks, applies NVIDIA's binaries, makes the first user, puts in name, key, Wi-Fi,
# time zone and our first start, and flashes with NVIDIA's own tools, or writes an SD card. Needs root and an x86-64 Ubuntu or Debian; the boards are in deploy/flash/boards.table.
#
#   scripts/flash.sh --board BOARD --bsp TAR --rootfs TAR --ssh-key FILE --accept-nvidia-license [OPTION…]
#   scripts/flash.sh --boards        which boards there are
#
#   --bsp TAR, --rootfs TAR   NVIDIA's Jetson Linux driver package and sample root file system, of the same version (Jetson_Linux_R36.4.0_aarch64.tbz2 …)
#   --sums FILE               SHA-256 of both as sha256sum writes them; without it they are asked for in writing
#   --work DIR                where it is unpacked and built (default ./flash-BOARD); 30 GB. What is done there already is not done again
#   --ssh-key FILE            the public key that lets you in
#   --user NAME               the first user (default technician), in the group sudo
#   --password-file FILE      its password, one line; without it nobody logs in with one, and sudo wants none
#   --hostname NAME           '%' in it becomes the end of the module's serial number (default heartsound-%)
#   --wifi SSID --wifi-password-file FILE    a wireless network; the wired one needs nothing
#   --timezone ZONE           as in /usr/share/zoneinfo (default Etc/UTC)
#   --desktop                 leave the desktop on; else it does not start, which saves about 1 GB of memory
#
#   then one of:
#   (nothing)                 flash the board that is connected in recovery mode
#   --massflash N             up to N boards of the same kind at once
#   --sd DEVICE|FILE          write an SD card (for boards that start from one), or a file that another program can write
#   --prepare-only            no board: only make ready
#
#   --yes                     do not ask before a disk is overwritten
#   --dry-run                 check everything, say each step, do none
#
# Undo: what lies in --work is removed with rm -rf; a board or card that was flashed has lost what was on it.
# shellcheck disable=SC2015 # `A && B || trouble` means what it says
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
umask 022

board='' bsp='' rootfs='' sums='' work='' ssh_key='' user=technician password_file='' hostname=heartsound-% wifi='' wifi_password_file='' timezone=Etc/UTC desktop=''
massflash='' sd='' prepare_only='' yes='' dry='' license=''
boards=$root/deploy/flash/boards.table
value() { [ -n "${2:-}" ] || die "$1 needs a value. Try --help."; }
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --boards) grep -v '^#' "$boards" | awk -F '\t' '{ printf "%-26s L4T %s  recovery mode: %-20s %s\n", $1, $2, $3, ($8 == "-" ? "" : "or --sd") }'; exit 0 ;;
        --board) value "$@"; board=$2; shift ;;
        --bsp) value "$@"; bsp=$2; shift ;;
        --rootfs) value "$@"; rootfs=$2; shift ;;
        --sums) value "$@"; sums=$2; shift ;;
        --work) value "$@"; work=$2; shift ;;
        --ssh-key) value "$@"; ssh_key=$2; shift ;;
        --user) value "$@"; user=$2; shift ;;
        --password-file) value "$@"; password_file=$2; shift ;;
        --hostname) value "$@"; hostname=$2; shift ;;
        --wifi) value "$@"; wifi=$2; shift ;;
        --wifi-password-file) value "$@"; wifi_password_file=$2; shift ;;
        --timezone) value "$@"; timezone=$2; shift ;;
        --massflash) value "$@"; massflash=$2; shift ;;
        --sd) value "$@"; sd=$2; shift ;;
        --accept-nvidia-license) license=yes ;;
        --desktop) desktop=yes ;;
        --prepare-only) prepare_only=yes ;;
        --yes) yes=yes ;;
        --dry-run) dry=yes ;;
        *) die "I do not know '$1'. Try --help." ;;
    esac
    shift
done

# --- everything that can be known before anything is changed ---

troubles=()
trouble() { troubles+=("$1"); }

# version_of FILE: 36.4.0 of Jetson_Linux_R36.4.0_aarch64.tbz2.
version_of() { basename "$1" | sed -n 's/.*[_-][Rr]\([0-9][0-9]*\(\.[0-9][0-9]*\)*\)_.*/\1/p'; }

check_words() {
    local file
    [ -n "$board" ] || trouble "--board is missing; scripts/flash.sh --boards says which there are."
    for file in bsp rootfs ssh_key; do
        if [ -z "${!file}" ]; then trouble "--${file/_/-} is missing."; elif [ ! -r "${!file}" ]; then trouble "--${file/_/-}: there is no file '${!file}'."; fi
    done
    [ -z "$ssh_key" ] || [ ! -r "$ssh_key" ] || grep -qE '^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]+' "$ssh_key" || trouble "--ssh-key: '$ssh_key' is no public key (the one that ends in .pub)."
    [ -n "$license" ] || trouble "NVIDIA's software comes under its licence (Tegra_Software_License_Agreement-Tegra-Linux.txt in the driver package): read it, then --accept-nvidia-license."
    [[ $user =~ ^[a-z][a-z0-9-]{0,30}$ ]] && [ "$user" != root ] || trouble "--user: '$user' is no name for a user."
    [[ $hostname =~ ^[A-Za-z0-9]([A-Za-z0-9-]{0,55}[A-Za-z0-9%])?$ || $hostname =~ ^[A-Za-z0-9-]*%[A-Za-z0-9-]*$ ]] || trouble "--hostname: '$hostname' is no name for a host."
    [[ $timezone =~ ^[A-Za-z0-9_+/-]+$ ]] && { [ ! -d /usr/share/zoneinfo ] || [ -f "/usr/share/zoneinfo/$timezone" ]; } || trouble "--timezone: there is no '$timezone'."
    [ -z "$massflash" ] || [[ $massflash =~ ^[1-9][0-9]?$ ]] || trouble "--massflash takes a number of boards, not '$massflash'."
    [ "$(printf '%s' "${massflash:+x}${sd:+x}${prepare_only:+x}" | wc -c)" -le 1 ] || trouble "--massflash, --sd and --prepare-only exclude one another."
    check_secret --password-file "$password_file"
    check_secret --wifi-password-file "$wifi_password_file"
    if [ -n "$wifi" ] && [ -z "$wifi_password_file" ]; then trouble "--wifi needs --wifi-password-file."; fi
    if [ -n "$wifi_password_file" ] && [ -r "$wifi_password_file" ]; then
        [[ $(head -n 1 "$wifi_password_file") =~ ^[[:print:]]{8,63}$ ]] || trouble "--wifi-password-file: a password of 8 to 63 characters is meant."
        [ -n "$wifi" ] || trouble "--wifi-password-file needs --wifi."
    fi
    [ "${#wifi}" -le 32 ] || trouble "--wifi: a network's name has 32 characters at most."
}

check_secret() {
    [ -n "$2" ] || return 0
    if [ ! -s "$2" ]; then trouble "$1: there is nothing in '$2'."; else case $(stat -c %a "$2") in 600 | 400) ;; *) trouble "$1: others can read '$2': chmod 600." ;; esac; fi
}

# find_board: its line of the table, for this generation of L4T.
find_board() {
    local line
    version=$(version_of "$bsp")
    [ -n "$version" ] || die "'$(basename "$bsp")' does not say its version, as NVIDIA's names do (Jetson_Linux_R36.4.0_aarch64.tbz2)."
    [ "$(version_of "$rootfs")" = "$version" ] || die "the driver package is $version and the root file system '$(basename "$rootfs")' is not: they must be of one version."
    line=$(awk -F '\t' -v board="$board" -v l4t="${version%%.*}" '!/^#/ && $1 == board && $2 == l4t' "$boards")
    [ -n "$line" ] || die "'$board' with L4T ${version%%.*} is in no line of deploy/flash/boards.table. For this board there are: $(awk -F '\t' -v board="$board" '!/^#/ && $1 == board { printf "L4T %s ", $2 }' "$boards")"
    IFS=$'\t' read -r _ _ usb tool conf rootdev options sd_conf sd_options <<<"$line"
    [ "$options" != - ] || options=''
    [ "$sd_options" != - ] || sd_options=''
    [ -z "$sd" ] || [ "$sd_conf" != - ] || die "'$board' does not start from an SD card: connect it in recovery mode, without --sd."
    [ -z "$massflash" ] || [ "$usb" != 0955:7f21 ] || die "NVIDIA's tool for many boards at once is not for the Nano: write SD cards (--sd), or flash one after the other."
    [ -z "$massflash" ] || tool=initrd # whatever flashes one of them
}

check_sums() {
    local file expected
    for file in "$bsp" "$rootfs"; do
        if [ -n "$sums" ]; then
            expected=$(awk -v name="$(basename "$file")" '{ sub(/^\*/, "", $2) } $2 == name { print $1 }' "$sums")
            [ -n "$expected" ] || die "$sums has no line for $(basename "$file")."
            say "  SHA-256 of $(basename "$file")"
            [ "$(sha256sum "$file" | cut -d ' ' -f 1)" = "$expected" ] || die "$(basename "$file") is not what $sums says: download it again."
        elif [ -z "$yes$dry" ]; then
            say "  $(sha256sum "$file")"
        fi
    done
    if [ -z "$sums$yes$dry" ]; then ask "Are these the sums that NVIDIA's page says? Type yes: " yes; fi
}

# ask QUESTION ANSWER: goes on only with this answer.
ask() {
    local answer=''
    read -rp "$1" answer || true
    [ "$answer" = "$2" ] || die "nothing was changed."
}

check_host() {
    local tool missing='' needed=(tar bzip2 openssl)
    [ "$(id -u)" = 0 ] || [ -n "$dry" ] || die "root is needed, for the files of the device belong to its root: sudo scripts/flash.sh …, or --dry-run to see what it would do."
    case $(uname -m) in x86_64) needed+=(qemu-aarch64-static) ;; aarch64) warn "NVIDIA's tools are made for an x86-64 computer." ;; esac
    if [ -z "$sd$prepare_only" ]; then needed+=(lsusb); fi
    [ -z "$sd" ] || needed+=(sgdisk losetup)
    for tool in "${needed[@]}"; do command -v "$tool" >/dev/null || missing+=" $tool"; done
    [ -z "$missing" ] || die "these programs are missing:$missing. On Ubuntu and Debian: apt-get install qemu-user-static binfmt-support bzip2 openssl usbutils gdisk util-linux python3"
    local place=$work room needs
    while [ ! -d "$place" ]; do place=$(dirname "$place"); done
    room=$(df -Pm "$place" | awk 'NR == 2 { print $4 }')
    needs=$((($(stat -c %s "$bsp") + $(stat -c %s "$rootfs")) * 4 / 1048576 + 100))
    [ -n "$prepare_only" ] || needs=$((needs + 16000))
    [ -e "$work/.done/unpack" ] || [ "$room" -ge $needs ] || die "$room MB are free in $place, $needs are needed: --work DIR names another place."
}

# in_recovery: how many boards of this kind are.
in_recovery() {
    local id
    for id in $usb; do lsusb -d "$id" || true; done | wc -l
}

check_recovery() {
    local found
    found=$(in_recovery)
    if [ "$found" -eq 0 ]; then
        die "no $board is connected in recovery mode (lsusb shows $usb then). Power off; connect the pins FC REC and GND (or hold the button RECOVERY); USB cable from its device port to this
computer; power on; two seconds later take the bridge off. Nothing was changed."
    fi
    [ "$found" -le "${massflash:-1}" ] || die "$found boards are connected in recovery mode, and ${massflash:-1} $([ -n "$massflash" ] && echo 'are' || echo 'is') meant: disconnect the others, or --massflash $found."
}

# check_disk: whether --sd may be overwritten.
check_disk() {
    local name parent system
    if [ ! -e "$sd" ] || [ -f "$sd" ]; then
        [[ $sd != /dev/* ]] || die "there is no '$sd'."
        return
    fi
    [ -b "$sd" ] || die "'$sd' is neither a disk nor a file."
    name=$(basename "$(readlink -f "$sd")")
    parent=$(lsblk -ndo PKNAME "$sd" 2>/dev/null || true)
    [ -z "$parent" ] || die "'$sd' is a part of /dev/$parent: name the whole disk."
    # Every disk below what / and /boot lie on, through partitions, RAID, LVM and encryption.
    for system in / /boot /home; do
        if lsblk -nso NAME "$(findmnt -nvo SOURCE -T "$system" 2>/dev/null || echo none)" 2>/dev/null | grep -qE "(^|[^A-Za-z0-9])$name\$"; then die "'$sd' carries $system of this computer."; fi
    done
    if lsblk -nro MOUNTPOINT "$sd" | grep -q .; then die "something on '$sd' is mounted: umount $(lsblk -nro MOUNTPOINT "$sd" | grep . | tr '\n' ' ')"; fi
    [ "$(cat "/sys/block/$name/removable" 2>/dev/null)" = 1 ] || [[ $name == mmcblk* ]] || die "'$sd' is no removable disk ($(lsblk -ndo MODEL,SIZE "$sd")): write a file with --sd FILE, and that with a program of yours."
    if [ -z "$yes$dry" ]; then
        lsblk -o NAME,SIZE,MODEL,FSTYPE,LABEL "$sd"
        ask "All of this will be lost. Type $name to go on: " "$name"
    fi
}

# --- the steps; what is done leaves a mark in $work/.done, and is not done again ---

# once MARK WORDS COMMAND…: does it where it was not done before with the same INPUT. A step before it that is done anew takes its mark away.
once() {
    local mark=$work/.done/$1 words=$2
    shift 2
    if [ "$(cat "$mark" 2>/dev/null)" = "$input" ] && [ -z "$again" ]; then
        say "  $words: is done"
        return
    fi
    again=yes
    say "  $words"
    [ -z "$dry" ] || return 0
    rm -f "$mark"
    "$@"
    mkdir -p "$work/.done"
    printf '%s' "$input" >"$mark"
    sync "$mark"
}

unpack() {
    rm -rf "$tree"
    mkdir -p "$work"
    tar -xpf "$bsp" -C "$work"
    [ -x "$tree/flash.sh" ] && [ -x "$tree/apply_binaries.sh" ] || die "'$bsp' is no Jetson Linux driver package: it has no Linux_for_Tegra/flash.sh."
    [ -f "$tree/$conf.conf" ] || die "this driver package does not know the board '$conf' ($conf.conf is missing)."
    [ "$tool" = flash ] || [ -x "$tree/tools/kernel_flash/l4t_initrd_flash.sh" ] || die "this driver package has no tools/kernel_flash/l4t_initrd_flash.sh."
}

unpack_rootfs() {
    tar -xpf "$rootfs" -C "$tree/rootfs"
    [ -e "$tree/rootfs/etc/passwd" ] || die "'$rootfs' is no root file system."
}

apply_binaries() {
    (cd "$tree" && ./apply_binaries.sh) >>"$log" 2>&1 || die "apply_binaries.sh failed: $(tail -n 3 "$log" | tr '\n' ' ') (all of it: $log)"
    grep -q "^# R${version%%.*} " "$tree/rootfs/etc/nv_tegra_release" || die "what was installed is not L4T ${version%%.*}: $(head -n 1 "$tree/rootfs/etc/nv_tegra_release")"
}

# The tool takes a password on its command line, where others could read it: it gets one that nobody will ever use, and the right one is set in the file.
make_user() {
    local throwaway hash='*'
    throwaway=$(head -c 24 /dev/urandom | base64)
    if ! grep -q "^$user:" "$tree/rootfs/etc/passwd"; then
        # A device that says its name at the first start needs another one until then: the tool takes letters and digits only.
        (cd "$tree" && tools/l4t_create_default_user.sh -u "$user" -p "$throwaway" -n "${hostname//%/x}" --accept-license) >>"$log" 2>&1 ||
            die "l4t_create_default_user.sh failed: $(tail -n 3 "$log" | tr '\n' ' ') (all of it: $log)"
    fi
    [ -z "$password_file" ] || hash=$(head -n 1 "$password_file" | openssl passwd -6 -stdin)
    awk -F : -v OFS=: -v user="$user" 'NR == FNR { hash = $0; next } $1 == user { $2 = hash } { print }' <(printf '%s\n' "$hash") "$tree/rootfs/etc/shadow" >"$tree/rootfs/etc/shadow.new"
    chmod 640 "$tree/rootfs/etc/shadow.new"
    chown --reference="$tree/rootfs/etc/shadow" "$tree/rootfs/etc/shadow.new"
    mv "$tree/rootfs/etc/shadow.new" "$tree/rootfs/etc/shadow"
}

# put MODE PATH: a file of the device's root, from standard input.
put() {
    install -d "$(dirname "$tree/rootfs$2")"
    install -m "$1" /dev/stdin "$tree/rootfs$2"
}

customise() {
    local home uid gid etc=$tree/rootfs/etc
    IFS=: read -r _ _ uid gid _ home _ < <(grep "^$user:" "$etc/passwd")
    install -d -m 700 "$tree/rootfs$home/.ssh"
    install -m 600 "$ssh_key" "$tree/rootfs$home/.ssh/authorized_keys"
    chown -R "$uid:$gid" "$tree/rootfs$home/.ssh"
    # The first word on a matter counts for sshd, and up to OpenSSH 8.1 it knows no folder of its own settings.
    sed -i '/^# heartsound: /,/^# heartsound\.$/d' "$etc/ssh/sshd_config"
    if [ -z "$password_file" ]; then
        sed -i '1i # heartsound: keys alone let in\nPasswordAuthentication no\nChallengeResponseAuthentication no\n# heartsound.' "$etc/ssh/sshd_config"
        printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$user" | put 440 /etc/sudoers.d/90-heartsound
    else
        rm -f "$etc/sudoers.d/90-heartsound"
    fi
    # Of each device its own: made at the first start.
    rm -f "$etc"/ssh/ssh_host_*_key "$etc"/ssh/ssh_host_*_key.pub
    : >"$etc/machine-id"
    printf '%s\n' "$hostname" | put 644 /etc/hostname
    ln -sfn "/usr/share/zoneinfo/$timezone" "$etc/localtime"
    printf '%s\n' "$timezone" | put 644 /etc/timezone
    [ -n "$desktop" ] || ln -sfn /lib/systemd/system/multi-user.target "$etc/systemd/system/default.target"
    rm -f "$etc/NetworkManager/system-connections/heartsound.nmconnection"
    if [ -n "$wifi" ]; then network | put 600 /etc/NetworkManager/system-connections/heartsound.nmconnection; fi
    put 755 /usr/local/lib/heartsound/firstboot.sh <"$root/deploy/flash/firstboot.sh"
    put 644 /etc/systemd/system/heartsound-firstboot.service <"$root/deploy/flash/heartsound-firstboot.service"
    install -d "$etc/systemd/system/multi-user.target.wants"
    ln -sfn ../heartsound-firstboot.service "$etc/systemd/system/multi-user.target.wants/heartsound-firstboot.service"
}

# network: NetworkManager's file; the name as numbers, which no sign in it can spoil.
network() {
    local password
    password=$(head -n 1 "$wifi_password_file")
    printf '[connection]\nid=heartsound\ntype=wifi\n\n[wifi]\nmode=infrastructure\nssid=%s\n\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=%s\n\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n' \
        "$(printf '%s' "$wifi" | od -An -tu1 -v | tr -s ' \n' ';' | sed 's/^;//; s/;*$/;/')" "$(printf '%s' "$password" | sed 's/\\/\\\\/g; s/^ /\\s/')"
}

# --- onto the board ---

flash_board() {
    local words=()
    # The options of the table have quotes in them.
    eval "words=($options)"
    if [ "$tool" = flash ]; then words=(./flash.sh "${words[@]}" "$conf" "$rootdev"); else words=(./tools/kernel_flash/l4t_initrd_flash.sh "${words[@]}" --showlogs --network usb0 "$conf" "$rootdev"); fi
    run_tool "${words[@]}"
}

# The images are made with one board connected, whose kind NVIDIA's tool reads off; they then go to all.
make_massflash() {
    local words=()
    eval "words=($options)"
    run_tool ./tools/kernel_flash/l4t_initrd_flash.sh "${words[@]}" --no-flash --massflash "$massflash" --showlogs --network usb0 "$conf" "$rootdev"
}
flash_many() { run_tool ./tools/kernel_flash/l4t_initrd_flash.sh --flash-only --massflash "$massflash" --showlogs --network usb0; }

run_tool() {
    say "    $(printf '%q ' "$@")"
    (cd "$tree" && "$@") >>"$log" 2>&1 || die "$1 failed: $(grep -v '^$' "$log" | tail -n 3 | tr '\n' ' ') (all of it: $log). Put the board into recovery mode again, and run this again: what is done is not done twice."
}

make_image() {
    local words=()
    eval "words=($sd_options)"
    rm -f "$work/sd.img"
    (cd "$tree/tools" && ./jetson-disk-image-creator.sh -o "$work/sd.img" -b "$sd_conf" "${words[@]}") >>"$log" 2>&1 || die "jetson-disk-image-creator.sh failed: $(tail -n 3 "$log" | tr '\n' ' ') (all of it: $log)"
    [ -s "$work/sd.img" ] || die "jetson-disk-image-creator.sh has made no image; $log"
}

write_card() {
    local size
    size=$(stat -c %s "$work/sd.img")
    if [ -b "$sd" ]; then
        [ "$(blockdev --getsize64 "$sd")" -ge "$size" ] || die "the card is smaller than the image ($((size / 1000000)) MB). Nothing was written."
        dd if="$work/sd.img" of="$sd" bs=4M conv=fsync status=none
        # What is read back comes from the card and not from memory.
        blockdev --flushbufs "$sd"
    else
        cp --sparse=always "$work/sd.img" "$sd"
        sync "$sd"
    fi
    cmp -n "$size" "$work/sd.img" "$sd" || die "what was written is not what is read back: the card is no good."
}

check_words
if [ ${#troubles[@]} -gt 0 ]; then
    printf '%s\n' "${troubles[@]}" >&2
    die "nothing was changed. Try --help."
fi
find_board
work=$(realpath -m "${work:-flash-$board}")
tree=$work/Linux_for_Tegra log=$work/log
check_host
[ -z "$sd" ] || check_disk
[ -n "$sd$prepare_only" ] || check_recovery
title "$board, L4T $version, in $work"
check_sums

again='' input="$(basename "$bsp") $(stat -c '%s %Y' "$bsp")"
once unpack "unpack $(basename "$bsp")" unpack
input+=" $(basename "$rootfs") $(stat -c '%s %Y' "$rootfs")"
once rootfs "unpack $(basename "$rootfs") into rootfs/" unpack_rootfs
once binaries "apply_binaries.sh: NVIDIA's packages into rootfs/" apply_binaries
input+=" $user $(sha256sum "$ssh_key" ${password_file:+"$password_file"} ${wifi_password_file:+"$wifi_password_file"} "$root"/deploy/flash/*first* | cut -d ' ' -f 1 | tr '\n' ' ') $hostname $wifi $timezone $desktop"
input=$(sha256sum <<<"$input")
once user "user $user, $([ -n "$password_file" ] && echo 'with a password' || echo 'with your key alone')" make_user
once customise "name $hostname, key, ${wifi:+Wi-Fi $wifi, }time zone $timezone, $([ -n "$desktop" ] || echo 'no desktop, ')first start" customise

if [ -n "$prepare_only" ]; then
    title "Ready in $tree; nothing was flashed."
elif [ -n "$sd" ]; then
    once image "an image of the card, by jetson-disk-image-creator.sh ($sd_conf $sd_options)" make_image
    say "  write $sd"
    [ -n "$dry" ] || write_card
    title "Done: put the card into the board, and power on."
elif [ -n "$massflash" ]; then
    once "massflash-$massflash" "images for $massflash boards at a time" make_massflash
    [ -n "$dry" ] || [ "$(in_recovery)" -gt 0 ] || die "the images are made, and no board is in recovery mode any more. Put them into it, and run the same line again."
    say "  flash the boards that are connected"
    [ -n "$dry" ] || flash_many
    title "Done: the boards start by themselves. For the next $massflash: connect them in recovery mode, and run the same line again."
else
    say "  flash the board that is connected"
    [ -n "$dry" ] || flash_board
    title "Done: the board starts by itself."
fi
say "Next: find it (avahi-browse -rt _heartsound._tcp, or your DHCP server; over the USB cable it is 192.168.55.1), log in once (ssh $user@…), then scripts/provision.sh."
say "Undo: rm -rf $work"
