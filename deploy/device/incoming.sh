#!/bin/sh
# On a device, as root: takes a file in pieces. Sent by scripts/lib-ssh.sh, not meant to be called by people.
#   incoming.sh at SHA256 NAME       says how many bytes are there, or `there` when the file is complete and right
#   incoming.sh write SHA256 OFFSET  a piece from standard input at its place: one that comes late or twice does no harm
#   incoming.sh remove SHA256 NAME   takes it away when it is no longer needed
#   incoming.sh finish SHA256 NAME   checks the whole, and gives it its name; what does not match is thrown away
set -eu
incoming=${HEARTSOUND_ROOT:-}/var/lib/heartsound-update/incoming
part=$incoming/$2.part

is_right() { [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$2" ]; }

case $1 in
    at)
        umask 077
        mkdir -p "$incoming"
        # Parts of other files, that nobody went on with for a week.
        find "$incoming" -name '*.part' ! -name "$2.part" -mtime +7 -exec rm -f {} +
        if [ -f "$incoming/$3" ] && is_right "$incoming/$3" "$2"; then
            echo there
        elif [ -f "$part" ]; then
            stat -c %s "$part"
        else
            echo 0
        fi
        ;;
    write) umask 077 && dd of="$part" bs=65536 iflag=fullblock oflag=seek_bytes seek="$3" conv=notrunc status=none ;;
    remove) rm -f "$incoming/$3" ;;
    finish)
        [ -f "$part" ] || { [ -f "$incoming/$3" ] && is_right "$incoming/$3" "$2" && exit 0; }
        if is_right "$part" "$2"; then
            sync "$part"
            mv -f "$part" "$incoming/$3"
        else
            rm -f "$part"
            echo "incoming: what came is not what was sent" >&2
            exit 21
        fi
        ;;
esac
