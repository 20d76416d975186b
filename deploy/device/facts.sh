#!/bin/sh
# On a device, as root: what it is and how it is, a line `key=value` each. Reads only. Sent by scripts/deploy.sh and scripts/provision.sh.
set -u
root=${HEARTSOUND_ROOT:-}
fact() { printf '%s=%s\n' "$1" "$2"; }
# Its values are written for a shell; asked for in one of its own, since they have ordinary names.
# shellcheck disable=SC1091
release() { (. "$root/etc/os-release" 2>/dev/null && eval "printf '%s' \"\${$1:-}\""); }
have() { command -v "$1" >/dev/null 2>&1; }

fact arch "$(uname -m)"
fact glibc "$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/.* //')"
fact model "$(tr -d '\000' <"$root/proc/device-tree/model" 2>/dev/null)"
fact compatible "$(tr '\000' ' ' <"$root/proc/device-tree/compatible" 2>/dev/null)"
# "# R32 (release), REVISION: 7.1, …" is 32.7.1.
fact l4t "$(sed -n 's/^# R\([0-9]*\) (release), REVISION: \([0-9.]*\).*/\1.\2/p' "$root/etc/nv_tegra_release" 2>/dev/null)"
fact os "$(release ID)"
fact osVersion "$(release VERSION_ID)"
fact osName "$(release PRETTY_NAME)"
fact systemd "$(systemctl --version 2>/dev/null | awk 'NR == 1 { sub(/[^0-9].*/, "", $2); print $2 }')"
fact ramMegabytes "$(awk '/^MemTotal:/ { print int($2 / 1024) }' "$root/proc/meminfo" 2>/dev/null || true)"
for place in opt var/lib; do
    key=free$(echo "$place" | tr -d '/')
    fact "$key" "$(df -Pm "$root/$place" 2>/dev/null | awk 'NR == 2 { print $4 }')"
done
fact clock "$(timedatectl show -p NTPSynchronized --value 2>/dev/null || timedatectl status 2>/dev/null | sed -n 's/.*\(System clock\|NTP\) synchronized: //p')"
fact now "$(date +%s)"
fact zone "$(readlink "$root/etc/localtime" 2>/dev/null | sed 's/.*zoneinfo.//')"
fact groups "$(for group in audio gpio video; do getent group "$group" | cut -d : -f 1; done | tr '\n' ' ')"
for tool in systemd-run sha256sum tar zstd minisign signify-openbsd openssl apt-get; do have "$tool" && tools="${tools:-}$tool "; done
fact tools "${tools:-}"
for dotnet in "$root/opt/heartsound/dotnet/dotnet" "$(command -v dotnet)"; do
    [ -x "$dotnet" ] || continue
    fact dotnet "$("$dotnet" --list-runtimes 2>/dev/null | sed -n 's/^Microsoft\.AspNetCore\.App \([^ ]*\).*/\1/p' | sort -V | tail -n 1)"
    break
done
fact updater "$(command -v heartsound-update || { [ ! -x "$root/usr/local/sbin/heartsound-update" ] || echo "$root/usr/local/sbin/heartsound-update"; })"
fact current "$(readlink "$root/opt/heartsound/current" 2>/dev/null | sed 's/.*releases.//')"
fact models "$(readlink "$root/opt/heartsound/models" 2>/dev/null | sed 's/.*model-sets.//')"
fact keys "$(find "$root/etc/heartsound/trusted-keys" -name '*.pub' 2>/dev/null | wc -l | tr -d ' ')"
# A unit that has written down its exit code has nothing before it but its own end.
running=''
for id in $(systemctl list-units --plain --no-legend --state=active,activating 'heartsound-update-*' 2>/dev/null | sed -n 's/^heartsound-update-\([^ ]*\)\.service.*/\1/p'); do
    [ -e "$root/var/lib/heartsound-update/runs/$id/exit" ] || running=$id
done
fact running "$running"
fact dotnetFrom "$(cat "$root/opt/heartsound/dotnet/.from" 2>/dev/null)"
fact onnxruntimeFrom "$(cat "$root/opt/heartsound/onnxruntime/.from" 2>/dev/null)"
