#!/usr/bin/env bash
# Whether the same commit gives the same bundle: clones HEAD to two folders with paths of different lengths, makes the bundle in each, under another time zone, language and
# umask, at another time, and compares the bytes. Takes a minute or two; leaves nothing behind.
#
#   scripts/check-reproducible.sh [--keep DIR] [OPTION…]     OPTION… go to scripts/publish.sh; --keep DIR leaves both bundles in DIR/a and DIR/b
#
# Exit code 0: byte-identical. 1: not; what differs is named. What is not committed is not looked at.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

keep='' options=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --keep) [ -n "${2:-}" ] || die "--keep needs a value. Try --help."; mkdir -p "$2"; keep=$(realpath "$2"); shift ;;
        *) options+=("$1") ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/scripts/make-signing-key.sh" "$work/keys" >/dev/null

# bundle LETTER FOLDER UMASK ENVIRONMENT…: a clone in that folder, and its bundle in $work/LETTER.
bundle() {
    local letter=$1 folder=$work/$2 mask=$3
    shift 3
    git clone -q --no-local "file://$root" "$folder"
    git -C "$folder" checkout -q "$(git -C "$root" rev-parse HEAD)"
    # The fetched libraries have checksums of their own and need not be fetched twice.
    ln -s "$(realpath "$root/.native")" "$folder/.native"
    echo .native >>"$folder/.git/info/exclude"
    say "$letter: in $folder, umask $mask, with $*"
    (umask "$mask" && env "$@" "$folder/scripts/publish.sh" --key "$work/keys/heartsound.key" --out "$work/$letter" "${options[@]}")
}

bundle a clone 022 TZ=UTC LC_ALL=C
bundle b a/folder/with-a-longer-name/clone 077 TZ=Asia/Kathmandu LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=1
if [ -n "$keep" ]; then cp -R "$work/a" "$work/b" "$keep/"; fi

first=$(echo "$work"/a/*.tar.zst) second=$(echo "$work"/b/*.tar.zst)
if [ "$(basename "$first")" = "$(basename "$second")" ] && cmp -s "$first" "$second"; then
    say "${green}Byte-identical${plain}: $(basename "$first"), SHA-256 $(sha256sum "$first" | cut -d ' ' -f 1)"
    exit 0
fi
warn "the two bundles differ:"
for letter in a b; do
    mkdir "$work/unpacked-$letter"
    zstd -qdc "$work/$letter"/*.tar.zst | tar -x -C "$work/unpacked-$letter" --strip-components=1
done
diff -rq "$work/unpacked-a" "$work/unpacked-b" >&2 || true
exit 1
