#!/bin/sh
# Looks whether a bundle (scripts/publish.sh) is ours, whole and nothing else, and unpacks it if asked. See --help and docs/bundle.md.
set -eu
LC_ALL=C
export LC_ALL
umask 022

usage() {
    cat <<'HELP'
Usage: scripts/verify-bundle.sh BUNDLE --keys DIR [--for-this-machine] [--manifest FILE] [--signature-only | --unpack TARGETDIR]

Checks a bundle, heartsound-*.tar.zst: first the signature of its manifest, with the public keys DIR/*.pub; only then
that the archive holds the manifest's files, each as it was signed, and nothing besides. Nothing of it is run.

  --keys DIR           folder of the trusted public keys; on a device /etc/heartsound/trusted-keys
  --for-this-machine   also refuse a bundle for another processor, or for a newer glibc than this system's
  --manifest FILE      write the manifest to FILE, once its signature is known to be good
  --signature-only     look at the manifest and its signature alone, and not at what the archive holds; --unpack does all of it
  --unpack TARGETDIR   unpack to TARGETDIR, which must not exist yet, and check each file where it lies; TARGETDIR appears only when
                       everything was right and is on the disk, and becomes what the bundle's one folder holds

Needs tar, zstd, sha256sum, awk, and one of minisign, signify-openbsd or OpenSSL 3: on JetPack 4 and 5 (Ubuntu 18.04, 20.04) that is
`apt-get install zstd signify-openbsd`; from JetPack 6 on OpenSSL is there.

Exit code: 0 good · 1 could not be checked (a tool or a file is missing, no space, wrong use) · 20 not signed by a trusted key
           21 damaged: cut off, a checksum, a file too many or too few · 22 does not fit this machine, or is of a newer kind of bundle
HELP
}

note() { printf 'verify-bundle: %s\n' "$*" >&2; }
fail() { # CODE WORDS…
    code=$1
    shift
    note "$*"
    exit "$code"
}

bundle='' keys='' here='' copy='' target='' brief=''
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --for-this-machine) here=yes ;;
        --signature-only) brief=yes ;;
        --keys | --manifest | --unpack)
            [ -n "${2:-}" ] || fail 1 "$1 needs a value. Try --help."
            case $1 in --keys) keys=$2 ;; --manifest) copy=$2 ;; *) target=${2%/} ;; esac
            shift ;;
        -*) fail 1 "I do not know '$1'. Try --help." ;;
        *) [ -z "$bundle" ] || fail 1 "one bundle at a time: '$bundle' and '$1' were named."; bundle=$1 ;;
    esac
    shift
done
[ -n "$bundle" ] || fail 1 "no bundle was named. Try --help."
[ -n "$keys" ] || fail 1 "--keys DIR is missing: the folder of the trusted public keys, on a device /etc/heartsound/trusted-keys."
[ -f "$bundle" ] || fail 1 "$bundle is no file."
[ -z "$brief" ] || [ -z "$target" ] || fail 1 "--signature-only and --unpack exclude each other: what is unpacked is looked at whole."
for tool in tar zstd sha256sum awk; do
    command -v "$tool" >/dev/null || fail 1 "$tool is missing: apt-get install $tool"
done
if [ -n "$target" ]; then
    if [ -e "$target" ] || [ -L "$target" ]; then fail 1 "$target is there already; name a folder that is not."; fi
    [ -d "$(dirname "$target")" ] || fail 1 "$(dirname "$target") is no folder."
fi
name=$(basename "$bundle")

work=$(mktemp -d) || fail 1 "no temporary folder can be made: is the disk full?"
staging=''
leave() {
    rm -rf "$work"
    [ -z "$staging" ] || rm -rf "$staging"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

# stream BYTES: what the archive holds, BYTES of it at most. Whether zstd could read it is in $work/zstd afterwards.
stream() {
    { rc=0; zstd -q -d -c -- "$bundle" 2>"$work/zstd.log" || rc=$?; echo "$rc" >"$work/zstd"; } | head -c "$1"
}
damaged() { fail 21 "$name is damaged: $*. Copy it here again; if it stays so, it is not what was published."; }

# Step 1: the manifest and its signature, which lie in front. Nothing behind the first 4 MiB is read before the signature is known to be good.
[ -s "$bundle" ] || damaged "it is empty"
[ "$(head -c 4 "$bundle" | od -An -tx1 | tr -d ' \n')" = 28b52ffd ] || damaged "it is no zstd file"
stream 4194304 >"$work/head"
if [ "$(cat "$work/zstd")" != 0 ] && [ "$(wc -c <"$work/head")" -lt 4194304 ]; then damaged "zstd cannot read it to the end ($(head -n 1 "$work/zstd.log"))"; fi
folder=$(tar -tf "$work/head" --quoting-style=escape 2>/dev/null | awk 'NR == 1') || true
folder=${folder%%/*}
case $folder in
    heartsound-edge-* | heartsound-models-*) ;;
    *) damaged "it does not begin with a folder heartsound-edge-… or heartsound-models-…" ;;
esac
case $folder in *[!0-9A-Za-z.-]*) damaged "its folder has an impossible name" ;; esac
for file in manifest.json manifest.json.minisig; do
    tar -xOf "$work/head" --occurrence=1 "$folder/$file" >"$work/$file" 2>/dev/null || true
    [ -s "$work/$file" ] || fail 20 "$name is not signed: it has no $file in front. Use a bundle that scripts/publish.sh made."
done
rm -f "$work/head"

# Step 2: the signature. minisign's older form, Ed25519 over the file itself, which all three tools know.
base64 -d >"$work/signature" 2>/dev/null <<DATA || true
$(sed -n 2p "$work/manifest.json.minisig")
DATA
if [ "$(head -c 2 "$work/signature")" != Ed ] || [ "$(wc -c <"$work/signature")" -ne 74 ]; then
    fail 20 "the signature of $name has a form that is not used here (minisign -S -l makes the right one). Use a bundle that scripts/publish.sh made."
fi

verifier=''
openssl_3() { case $(openssl version 2>/dev/null) in 'OpenSSL '[3-9].*) return 0 ;; *) return 1 ;; esac; }
if command -v minisign >/dev/null; then verifier=minisign
elif command -v signify-openbsd >/dev/null; then verifier=signify-openbsd
elif openssl_3; then verifier=openssl
else fail 1 "nothing here can check a signature: apt-get install signify-openbsd (or minisign, or OpenSSL 3). Nothing was checked."; fi

# is_signed_by KEYFILE: whether the manifest's signature is that key's.
is_signed_by() {
    case $verifier in
        minisign) minisign -V -q -p "$1" -x "$work/manifest.json.minisig" -m "$work/manifest.json" >/dev/null 2>&1 ;;
        signify-openbsd) signify-openbsd -V -q -p "$1" -x "$work/manifest.json.minisig" -m "$work/manifest.json" >/dev/null 2>&1 ;;
        openssl)
            sed -n 2p "$1" | base64 -d >"$work/key" 2>/dev/null || return 1
            if [ "$(head -c 2 "$work/key")" != Ed ] || [ "$(wc -c <"$work/key")" -ne 42 ]; then return 1; fi
            # The DER head of an Ed25519 public key (RFC 8410), then its 32 bytes.
            { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32 "$work/key"; } >"$work/key.der"
            tail -c 64 "$work/signature" >"$work/signature.raw"
            openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/key.der" -sigfile "$work/signature.raw" -in "$work/manifest.json" >/dev/null 2>&1 ;;
    esac
}

signer='' trusted=0
for key in "$keys"/*.pub; do
    [ -f "$key" ] || continue
    trusted=$((trusted + 1))
    if is_signed_by "$key"; then signer=$(basename "$key"); break; fi
done
[ "$trusted" -gt 0 ] || fail 20 "$keys holds no public key (*.pub), so nothing is trusted. Put the publisher's there, by a way you trust."
[ -n "$signer" ] || fail 20 "$name is not signed by any of the $trusted trusted keys in $keys, or its manifest was changed. It was not unpacked. Ask where it came from; a new key of the publisher belongs into $keys."

# Step 3: the manifest, one file a line as publish.sh writes it; read strictly, although it is signed.
schema=$(sed -n '2s/^  "schema": \([0-9][0-9]*\),$/\1/p' "$work/manifest.json")
case $schema in
    1) ;;
    '') fail 22 "the manifest of $name has a form that is not known here. Update this machine's scripts/verify-bundle.sh first." ;;
    *) fail 22 "$name is a bundle of kind $schema, and this machine knows kind 1. Install the newest bundle of kind 1 first; it brings what reads the newer ones." ;;
esac
awk '
    function bad(why) { print NR ": " why; failed = 1; exit 1 }
    function value(line) { sub(/^[^:]*: "/, "", line); sub(/",?$/, "", line); return line }
    NR == 1 { if ($0 != "{") bad("no object"); next }
    state == "" && /^  "(kind|name|version|platform|commit|created|minGlibc|onnxRuntime)": "[0-9A-Za-z.:+-]*",$/ {
        key = $1; gsub(/[":]/, "", key)
        print key "\t" value($0) >facts; next
    }
    state == "" && /^  "(schema|dotnet|models)": / { next }
    state == "" && $0 == "  \"files\": {" { state = "files"; next }
    state == "files" && /^    "[0-9A-Za-z._+@\/-]+": \{"sha256": "[0-9a-f]+", "size": [0-9]+, "mode": "(644|755)"\},?$/ {
        split($0, part, "\"")
        path = part[2]; sum = part[6]; mode = part[12]; size = part[9]
        gsub(/[^0-9]/, "", size)
        if (length(sum) != 64) bad("a checksum of the wrong length")
        if (path ~ /^\// || path ~ /\/$/ || path ~ /\/\// || ("/" path "/") ~ /\/\.\.?\//) bad("the path " path " leads elsewhere")
        if (path == "manifest.json" || path == "manifest.json.minisig") bad(path " lists itself")
        if (path in seen) bad(path " stands there twice")
        seen[path] = 1
        print path "\t" sum "\t" size "\t" mode >files
        next
    }
    state == "files" && $0 == "  }" { state = "end"; next }
    state == "end" && $0 == "}" { state = "done"; next }
    { bad("not understood") }
    END { if (!failed && state != "done") { print NR ": it is cut off"; exit 1 } }
' facts="$work/facts" files="$work/files" "$work/manifest.json" >"$work/why" || damaged "its manifest cannot be understood, line $(cat "$work/why")"
fact() { awk -F '\t' -v key="$1" '$1 == key { print $2; exit }' "$work/facts"; }
[ -s "$work/files" ] || damaged "its manifest lists no file"
kind=$(fact kind) version=$(fact version) platform=$(fact platform)
case $kind in
    program) expected=heartsound-edge-$version-$platform ;;
    models) expected=heartsound-models-$version ;;
    *) fail 22 "$name is of the kind '$kind', which this machine does not know. Install a newer heartsound-edge bundle first." ;;
esac
[ "$folder" = "$expected" ] || damaged "its folder is $folder, and the manifest says $expected"

# Step 4: does it fit?
if [ -n "$here" ]; then
    case $(uname -m) in aarch64) machine=linux-arm64 ;; x86_64) machine=linux-x64 ;; *) machine=linux-$(uname -m) ;; esac
    [ "$platform" = any ] || [ "$platform" = "$machine" ] || fail 22 "$name is for $platform, and this machine is $machine. Take the bundle for $machine."
    floor=$(fact minGlibc)
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | awk '{ print $2 }')
    if [ -n "$floor" ]; then
        [ -n "$glibc" ] || fail 22 "$name needs glibc $floor, and this system's cannot be found out (getconf GNU_LIBC_VERSION)."
        awk -v has="$glibc" -v needs="$floor" 'BEGIN { split(has, h, "."); split(needs, n, "."); exit !(h[1] + 0 > n[1] + 0 || (h[1] + 0 == n[1] + 0 && h[2] + 0 >= n[2] + 0)) }' ||
            fail 22 "$name needs glibc $floor or newer, and this system has $glibc. Take a bundle made with an older ONNX Runtime (publish.sh --onnxruntime), or a newer JetPack."
    fi
fi

if [ -n "$brief" ]; then
    [ -z "$copy" ] || cp "$work/manifest.json" "$copy"
    printf '%s: %s %s for %s, its manifest signed by %s (checked with %s); what it holds was not looked at\n' "$name" "$kind" "$version" "$platform" "$signer" "$verifier"
    exit 0
fi

# Step 5: the archive's list, against the manifest's. A third more than the files take is enough for tar's own blocks; a stream that is longer is cut, and found out.
awk -F '\t' -v folder="$folder" -v files="$work/files" '
    BEGIN { while ((getline <files) > 0) print folder "/" $1 "\t" $3 "\t" ($4 == "755" ? "-rwxr-xr-x" : "-rw-r--r--") }' >"$work/wanted"
for file in manifest.json manifest.json.minisig; do
    printf '%s\t%s\t-rw-r--r--\n' "$folder/$file" "$(wc -c <"$work/$file" | tr -d ' ')" >>"$work/wanted"
done
bytes=$(awk -F '\t' '{ sum += $2 + 4096 } END { printf "%.0f", sum + 1048576 }' "$work/wanted")
rc=0
stream "$bytes" | tar -tvf - --numeric-owner --quoting-style=escape >"$work/list" 2>"$work/tar.log" || rc=$?
[ "$(cat "$work/zstd")" = 0 ] || damaged "zstd cannot read it to the end ($(head -n 1 "$work/zstd.log"))"
[ "$rc" = 0 ] || damaged "tar cannot read it to the end ($(head -n 1 "$work/tar.log"))"
awk -v folder="$folder" -v wanted="$work/wanted" '
    function bad(why) { print why; exit 1 }
    BEGIN {
        while ((getline line <wanted) > 0) {
            split(line, part, "\t")
            size[part[1]] = part[2]; mode[part[1]] = part[3]; left++
            path = part[1]
            while (sub(/\/[^\/]*$/, "", path)) parent[path "/"] = 1
        }
    }
    { entry = $6 }
    NF != 6 || substr($1, 1, 1) !~ /^[-d]$/ { bad("it holds something that is no plain file or folder: " $0) }
    /^d/ {
        if (!(entry in parent)) bad("the folder " entry " is not the manifest\047s")
        if ($1 != "drwxr-xr-x") bad("the folder " entry " has the mode " $1)
        if (entry in seen) bad(entry " is there twice")
        seen[entry] = 1
        next
    }
    !(entry in size) { bad(entry " is not in the manifest") }
    entry in seen { bad(entry " is there twice") }
    $3 != size[entry] { bad(entry " has " $3 " bytes, and the manifest says " size[entry]) }
    $1 != mode[entry] { bad(entry " has the mode " $1 ", and the manifest says " mode[entry]) }
    { seen[entry] = 1; left-- }
    END { if (left > 0) for (path in size) if (!(path in seen)) { print path " is missing"; exit 1 } }
' "$work/list" >"$work/why" || damaged "$(head -n 1 "$work/why")"
[ ! -s "$work/why" ] || damaged "$(head -n 1 "$work/why")"

# Step 6: every checksum; on the disk where it is unpacked, on the way through where it is not.
{ awk -F '\t' '{ print $2 "  " $1 }' "$work/files"; (cd "$work" && sha256sum manifest.json manifest.json.minisig); } >"$work/sums"
total=$(awk -F '\t' '{ sum += $3 } END { printf "%.0f", sum / 1048576 }' "$work/files")
count=$(awk 'END { print NR }' "$work/files")
if [ -n "$target" ]; then
    free=$(df -Pk "$(dirname "$target")" | awk 'NR == 2 { printf "%.0f", $4 / 1024 }')
    [ "$free" -gt $((total + total / 10 + 16)) ] || fail 1 "$name takes $total MB unpacked, and $(dirname "$target") has $free MB free. Make room there (heartsound-update clean)."
    staging=$(mktemp -d "$target.unpacking.XXXXXX") || fail 1 "$(dirname "$target") cannot be written to."
    rc=0
    stream "$bytes" | tar -xpf - --no-same-owner --strip-components=1 -C "$staging" 2>"$work/tar.log" || rc=$?
    [ "$rc$(cat "$work/zstd")" = 00 ] || fail 1 "$name could not be unpacked to $staging: $(head -n 1 "$work/tar.log")"
    chmod 755 "$staging"
    # Nobody else wrote the archive in the meantime, and the disk took it as it was: what lies there is compared, not what was meant to.
    (cd "$staging" && sha256sum --quiet --strict -c "$work/sums") >"$work/why" 2>&1 || damaged "$(head -n 1 "$work/why")"
    [ "$(find "$staging" -type f | wc -l)" -eq $((count + 2)) ] || damaged "more files came out of it than the manifest has"
    odd=$(find "$staging" ! -type f ! -type d | head -n 1)
    [ -z "$odd" ] || damaged "$odd is no plain file"
    awk -F '\t' '{ print "./" $1 "\t" $4 } END { print "./manifest.json\t644"; print "./manifest.json.minisig\t644" }' "$work/files" | sort >"$work/modes"
    (cd "$staging" && find . -type f -exec stat -c '%n	%a' {} +) | sort >"$work/modes.there"
    cmp -s "$work/modes" "$work/modes.there" || damaged "the modes of its files are not the manifest's"
    sync -f "$staging" 2>/dev/null || sync
    mv -T "$staging" "$target"
    staging=''
    sync -f "$target" 2>/dev/null || sync
else
    # tar gives one file after the other to a sha256sum of its own, in the order of the list.
    rc=0
    stream "$bytes" | tar -xf - --to-command='exec sha256sum' >"$work/read" 2>"$work/tar.log" || rc=$?
    [ "$rc$(cat "$work/zstd")" = 00 ] || damaged "tar cannot read it to the end ($(head -n 1 "$work/tar.log"))"
    awk 'NR == FNR { sum[NR] = $1; next } !/^d/ { sub(/^[^\/]*\//, "", $6); print sum[++n] "  " $6 }' "$work/read" "$work/list" >"$work/sums.there"
    sort "$work/sums" >"$work/sums.sorted"
    odd=$(sort "$work/sums.there" | comm -3 "$work/sums.sorted" - | awk '{ print $NF; exit }')
    [ -z "$odd" ] || damaged "the checksum of $odd is not the manifest's"
fi

[ -z "$copy" ] || cp "$work/manifest.json" "$copy"
printf '%s: good. %s %s for %s, %s files, %s MB, signed by %s (checked with %s)%s\n' "$name" "$kind" "$version" "$platform" "$count" "$total" "$signer" "$verifier" "${target:+; unpacked to $target}"
