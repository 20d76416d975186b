#!/usr/bin/env bash
# Makes a pair of keys for bundles (Ed25519, minisign's format): the private one signs what scripts/publish.sh makes, the public one goes onto devices.
#
#   scripts/make-signing-key.sh DIR [--name NAME]    writes DIR/NAME.key (600, keep it off devices and out of repositories) and DIR/NAME.pub; NAME is `heartsound` otherwise
#
# Sign with:   scripts/publish.sh --key DIR/NAME.key      (or HEARTSOUND_SIGNING_KEY=DIR/NAME.key)
# Trust it:    copy DIR/NAME.pub into /etc/heartsound/trusted-keys/ of each device; several may lie there, which is how a key is replaced (docs/bundle.md)
# Undo it:     remove both files. A bundle that was signed with the key stays good wherever its public half is trusted.
#
# The private key has no password, so that a build server can sign; whoever has the file can sign bundles that devices install. Refuses to overwrite a key.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder='' name=heartsound
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --name) [ -n "${2:-}" ] || die "--name needs a value. Try --help."; name=$2; shift ;;
        -*) die "I do not know '$1'. Try --help." ;;
        *) [ -z "$folder" ] || die "one folder at a time. Try --help."; folder=$1 ;;
    esac
    shift
done
[ -n "$folder" ] || die "name the folder for the keys. Try --help."
[[ $name =~ ^[0-9A-Za-z][0-9A-Za-z._-]*$ ]] || die "'$name' is no name for a file: letters, digits, dot, dash and underscore."
command -v minisign >/dev/null || die "minisign is missing: apt-get install minisign"
for file in "$folder/$name.key" "$folder/$name.pub"; do
    [ ! -e "$file" ] || die "$file is there already. A key that is overwritten is lost: choose another folder, or --name."
done
mkdir -p "$folder"
if git -C "$folder" rev-parse --is-inside-work-tree >/dev/null 2>&1 && ! git -C "$folder" check-ignore -q "$name.key"; then
    warn "$folder lies in a git repository: see that $name.key is never committed"
fi
(umask 077 && minisign -G -W -p "$folder/$name.pub" -s "$folder/$name.key" >/dev/null) || die "minisign made no key."
chmod 644 "$folder/$name.pub"
say "$folder/$name.key   private: signs bundles; keep it safe, with a copy elsewhere"
say "$folder/$name.pub   public: for /etc/heartsound/trusted-keys/ of each device"
