#!/bin/sh
# Makes an Ubuntu or Debian image ready for the program: its libraries, its user, its folders. Run by Dockerfile.l4t, as root, once; may be run again.
set -eu
[ "$(id -u)" = 0 ] || { echo "prepare-image: root is needed; this is for an image, not for a device (scripts/install.sh)." >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive

# The same number in every image, so that what one has written into a volume the next can read.
id=990

apt-get update -q
# OpenSSL for .NET: 1.1 on 18.04 and 20.04, 3 later. libgpiod 1.1 or newer is not in 18.04: there the lamps stay dark until libgpiod.so.2 of 1.6 is brought (docs/lights.md).
packages='ca-certificates libasound2 libmosquitto1 libportaudio2 libsndfile1 libsqlite3-0 libstdc++6 zlib1g'
for one in libssl3 libssl1.1; do
    if apt-cache show "$one" >/dev/null 2>&1; then packages="$packages $one"; break; fi
done
if apt-cache show libgpiod2 >/dev/null 2>&1; then packages="$packages libgpiod2"; else echo "prepare-image: this system has no libgpiod2, so there will be no lamps; see docs/lights.md" >&2; fi
# shellcheck disable=SC2086 # a list
apt-get install -q -y --no-install-recommends $packages
rm -rf /var/lib/apt/lists/*

getent group heartsound >/dev/null || groupadd --system --gid "$id" heartsound
getent passwd heartsound >/dev/null || useradd --system --uid "$id" --gid heartsound --home-dir /var/lib/heartsound --no-create-home --shell /usr/sbin/nologin heartsound
install -d -m 755 /etc/heartsound /opt/heartsound
install -d -m 700 -o heartsound -g heartsound /var/lib/heartsound /var/cache/heartsound
install -d -m 755 -o heartsound -g heartsound /run/heartsound
