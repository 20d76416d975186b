#!/usr/bin/env bash
# Installs what a USB stick brings, as heartsound-stick@.service: the newest signed program for this machine, and the newest signed set of models, each only if it is newer than what
# is installed. The stick is mounted read-only, and once more for a moment to write heartsound-NAME-result.json on it.
#
#   deploy/usb/install-from-stick.sh DEVICE [--root DIR]     DEVICE such as /dev/sda1; --root for the tests
#
# Bundles lie in the stick's first folder or in heartsound-update/ (scripts/deploy.sh --offline writes them there). Exit code: the worst of heartsound-update's.
set -uo pipefail
umask 077
export LC_ALL=C HOME="${HOME:-/root}"

usage() { sed -n '2,/^[^#]/ { /^#/ s/^# \{0,1\}//p; }' "$0"; }

device='' prefix=''
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --root) prefix=$(readlink -f "${2:?--root needs a folder}"); shift ;;
        -*) echo "install-from-stick: I do not know '$1'. Try --help." >&2; exit 2 ;;
        *) device=$1 ;;
    esac
    shift
done
[ -n "$device" ] || { echo "install-from-stick: which device? Try --help." >&2; exit 2; }
[ -e "$prefix/etc/heartsound/stick-updates" ] || { echo "install-from-stick: this device takes no updates from sticks; /etc/heartsound/stick-updates would allow it." >&2; exit 10; }

updater=$(command -v heartsound-update || echo "$prefix/usr/local/sbin/heartsound-update")
place=$prefix/run/heartsound-update/stick
incoming=$prefix/var/lib/heartsound-update/incoming
results='' worst=0

# shellcheck disable=SC2317 # by the trap
leave() {
    ! mountpoint -q "$place" || umount "$place"
    rm -f "$incoming"/stick-* "$incoming/.stick"
}
trap leave EXIT
mkdir -p "$place" "$incoming"

# What is on it is a stranger's until a signature says otherwise: nothing of it runs, owns or is a device.
mount -o ro,nosuid,nodev,noexec "$device" "$place" || { echo "install-from-stick: $device cannot be mounted." >&2; exit 10; }

# newest PATTERN: the newest bundle of that name that is ours; the others are said.
newest() {
    local file
    while IFS= read -r file; do
        [ -n "$file" ] || continue
        if "$updater" verify "$file" ${prefix:+--root "$prefix"} >&2; then printf '%s' "$file"; return; fi
    done < <(find "$place" "$place/heartsound-update" -maxdepth 1 -type f -name "$1" 2>/dev/null | sort -u | awk -F / '{ print $NF "\t" $0 }' | sort -Vr | cut -f 2)
}

# fetch FILE: off the stick, which may be pulled from then on.
fetch() {
    [ -z "$1" ] || cp "$1" "$incoming/stick-$(basename "$1")" || { echo "install-from-stick: $(basename "$1") cannot be copied: is the disk full, or the stick gone?" >&2; worst=10; }
}

platform=linux-$(uname -m | sed 's/aarch64/arm64/; s/x86_64/x64/')
fetch "$(newest "heartsound-edge-*-$platform.tar.zst")"
fetch "$(newest 'heartsound-models-*.tar.zst')"
umount "$place"

for bundle in "$incoming"/stick-heartsound-edge-*.tar.zst "$incoming"/stick-heartsound-models-*.tar.zst; do
    [ -f "$bundle" ] || continue
    name=${bundle##*/stick-}
    mv -f "$bundle" "$incoming/$name"
    "$updater" install "$incoming/$name" --only-newer ${prefix:+--root "$prefix"} >"$incoming/.stick" 2>&1
    code=$?
    cat "$incoming/.stick"
    rm -f "$incoming/$name"
    last=$(grep '^PHASE ' "$incoming/.stick" | tail -n 1 | tr -d '"\\\000-\037')
    results+="${results:+,}{\"bundle\":\"$name\",\"exit\":$code,\"text\":\"${last#PHASE }\"}"
    [ "$code" -le "$worst" ] || worst=$code
done
[ -n "$results" ] || { echo "install-from-stick: the stick brings nothing that is signed by a trusted key and fits this machine." >&2; worst=10; }

# Back onto the stick, so that whoever pulls it can read what came of it. A stick that is gone, or cannot be written to, changes nothing.
name=$("$prefix/opt/heartsound/current/bin/heartsound" settings show --json 2>/dev/null | tr -d '\n' | sed -n 's/.*"device": *"\([A-Za-z0-9_-]*\)".*/\1/p')
name=${name:-$(uname -n | tr -cd 'A-Za-z0-9_-')}
if mount -o rw,nosuid,nodev,noexec "$device" "$place" 2>/dev/null; then
    file=$place/heartsound-$name-result.json
    if printf '{"schema":1,"device":"%s","at":"%s","exit":%d,"results":[%s]}\n' "$name" "$(date -u +%FT%TZ)" "$worst" "$results" >"$file.new"; then
        sync "$file.new"
        mv -f "$file.new" "$file"
    fi
    sync -f "$place"
    umount "$place"
else
    echo "install-from-stick: the result cannot be written to the stick; heartsound-update status shows it." >&2
fi
exit "$worst"
