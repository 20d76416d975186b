#!/bin/sh
# Fetches ONNX Runtime's native library out of the npm package onnxruntime-node, verifies it and lays it down where
# the program looks for it. See --help.
set -eu

# The default is the newest of the versions that the tests run against. 1.11.0 is the last for the Jetson Nano
# (JetPack 4), 1.17.3 the one for JetPack 6.0; the other versions are for tests.
default=1.29.0
all_versions="1.11.0 1.17.3 1.29.0"

usage() {
    cat <<HELP
Usage: scripts/get-native.sh [--all] [--arm64|--x64] [--version VERSION] [--help]

Fetches ONNX Runtime into .native/onnxruntime/<version>/linux-<arch>/ with the npm client, from the package
onnxruntime-node (MIT licence), and compares every library with its SHA-256 in scripts/native.sha256. What is
there already and has the right sum is left alone. .native/onnxruntime/default links to $default.

  (no option)         version $default for x64, or for arm64 when run on such a machine
  --arm64, --x64      for that processor, to be carried to a device
  --version VERSION   that version and not $default: one of $all_versions
  --all               versions $all_versions for x64 and arm64 (the tests need them)
HELP
}

fail() {
    echo "get-native: $*" >&2
    exit 1
}

host=x64
[ "$(uname -m)" = aarch64 ] && host=arm64
versions=$default
architectures=$host
while [ $# -gt 0 ]; do
    case $1 in
        --all) versions=$all_versions; architectures="x64 arm64" ;;
        --arm64) architectures=arm64 ;;
        --x64) architectures=x64 ;;
        --version) versions=${2:-}; [ -n "$versions" ] || fail "--version needs a value: one of $all_versions"; shift ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; fail "unknown option '$1'" ;;
    esac
    shift
done

root=$(cd "$(dirname "$0")/.." && pwd)
sums=$root/scripts/native.sha256
target=$root/.native/onnxruntime
command -v sha256sum >/dev/null || fail "sha256sum is missing: install coreutils"
mkdir -p "$target"
scratch=$(mktemp -d "$target/fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT INT TERM

# matches FILE SUM: whether FILE is there and has that SHA-256.
matches() {
    [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$2" ]
}

# unpacked VERSION: the package's folder, fetched once a version.
unpacked() {
    folder=$scratch/$1
    if [ ! -d "$folder/package" ]; then
        command -v npm >/dev/null || fail "npm is missing: apt-get install npm, or install Node.js"
        echo "get-native: fetching onnxruntime-node $1 with npm" >&2
        mkdir -p "$folder"
        (cd "$folder" && npm pack --silent "onnxruntime-node@$1" >/dev/null) \
            || fail "npm could not fetch onnxruntime-node $1: is a registry reachable (npm ping)?"
        tar -xzf "$folder"/*.tgz -C "$folder" --wildcards '*/linux/*/libonnxruntime.so*' \
            || fail "the package onnxruntime-node $1 does not unpack: run this again"
    fi
    echo "$folder/package"
}

licence() {
    cat <<'TEXT'
MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
TEXT
}

for version in $versions; do
    for architecture in $architectures; do
        entry=$(grep " $version/linux-$architecture/" "$sums") || fail "there is no ONNX Runtime $version for linux-$architecture in $sums: it has $all_versions"
        sum=${entry%% *}
        library=${entry##*/}
        folder=$target/$version/linux-$architecture
        if matches "$folder/$library" "$sum" && [ -e "$folder/libonnxruntime.so.1" ] && [ -f "$folder/LICENSE" ]; then
            echo "get-native: ONNX Runtime $version linux-$architecture is there"
            continue
        fi
        package=$(unpacked "$version")
        found=$(find "$package" -path "*/linux/$architecture/$library" -type f)
        [ -n "$found" ] || fail "onnxruntime-node $version has no $library for $architecture"
        matches "$found" "$sum" || fail "$library $version for $architecture does not have the SHA-256 that scripts/native.sha256 names; \
nothing was installed. Fetch again; if it stays so, the package has changed and is not to be trusted"
        mkdir -p "$folder"
        licence >"$folder/LICENSE"
        mv -f "$found" "$folder/$library"
        # Older packages name the file by its full version; the loader asks for libonnxruntime.so.1.
        [ "$library" = libonnxruntime.so.1 ] || ln -sfn "$library" "$folder/libonnxruntime.so.1"
        echo "get-native: installed ONNX Runtime $version linux-$architecture in ${folder#"$root"/}"
    done
done
[ ! -d "$target/$default" ] || ln -sfn "$default" "$target/default"
