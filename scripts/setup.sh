#!/usr/bin/env bash
# Installs what the project needs on a Debian machine that has the .NET 10 SDK, Node.js with npm, and apt.
#
#   scripts/setup.sh [build|publish|demo|test|rig] what to prepare for; `test`, the default, is everything but the rig
#   scripts/setup.sh --list [LEVEL]        only says which Debian packages that takes, and which are missing
#
#   build   checks the .NET SDK, fetches ONNX Runtime (scripts/get-native.sh)
#   publish … and what makes and signs a bundle: zstd, minisign, git
#   demo    build's, and the MQTT broker and its clients, libmosquitto, SQLite, libsndfile, PortAudio, libgpiod, flac, xz
#   test    … and PyTorch, scipy, scikit-learn, pytest, shellcheck, PulseAudio (the virtual stethoscope), systemd's analyser, openssl (certificates), an ssh server (on
#           loopback ports, for scripts/deploy.sh), a C compiler (stand-in libraries), zstd, minisign and signify (bundles), RabbitMQ (a cluster on loopback, tests/fleet), every tested version of ONNX Runtime, and the official schemas
#           of FHIR, AsyncAPI and CycloneDX (scripts/get-schemas.sh), Chromium and the dashboard's npm packages
#   rig     publish's and demo's, and what the virtual device takes (tests/rig): QEMU, mmdebstrap, a C compiler, ssh, pytest
#
# Installs only what is missing, says so first, and may be run again. Debian's mosquitto, rabbitmq-server and openssh-server come with system services:
# where this script is what installs them, those are neither started nor enabled; one that was there before is left alone.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

publish_packages=(git python3 zstd minisign)
demo_packages=(mosquitto mosquitto-clients libmosquitto1 libsqlite3-0 libsndfile1 libportaudio2 libgpiod2 flac xz-utils)
test_packages=(python3 python3-numpy python3-scipy python3-sklearn python3-matplotlib python3-torch python3-torchaudio python3-onnx
    python3-tqdm python3-pytest python3-jsonschema python3-cryptography python3-prometheus-client python3-jinja2 python3-yaml
    openssl shellcheck jq openssh-server openssh-client pulseaudio pulseaudio-utils libasound2-plugins gpiod systemd gcc libc6-dev chromium
    "${publish_packages[@]}" signify-openbsd)
fleet_packages=(rabbitmq-server)
rig_packages=(mmdebstrap openssl qemu-system-x86 qemu-utils e2fsprogs gcc libc6-dev make openssh-client cpio gzip util-linux python3 python3-pytest python3-numpy)

list_only=''
level='test'
for argument in "$@"; do
    case $argument in
        -h | --help) usage; exit 0 ;;
        --list) list_only=yes ;;
        build | publish | demo | test | rig) level=$argument ;;
        *) die "I do not know '$argument'. Try --help." ;;
    esac
done
case $level in
    build) packages=() ;;
    publish) packages=("${publish_packages[@]}") ;;
    demo) packages=("${demo_packages[@]}") ;;
    test) packages=("${demo_packages[@]}" "${test_packages[@]}" "${fleet_packages[@]}") ;;
    rig) packages=("${demo_packages[@]}" "${publish_packages[@]}" "${rig_packages[@]}") ;;
esac

# missing_packages: those of the packages that dpkg does not know as installed.
missing_packages() {
    [ ${#packages[@]} -gt 0 ] || return 0
    local installed package
    # dpkg-query answers for the packages it knows and fails for the others; both is fine here.
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^.i  *//p') || true
    for package in "${packages[@]}"; do
        grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@"; }

check_tools() {
    command -v dotnet >/dev/null || die "the .NET SDK is missing: 'dotnet' is not on PATH.
  Install the .NET 10 SDK (Debian: the packages of Microsoft's repository, or their dotnet-install.sh) and run this again."
    local problem
    problem=$(cd "$root" && dotnet --version 2>&1) || die "no .NET SDK that fits global.json (10.0.100 or a newer 10.0):
$problem
  Install the .NET 10 SDK beside what is there, and run this again."
    command -v npm >/dev/null || die "npm is missing: ONNX Runtime's native library comes from an npm package.
  Install Node.js with npm (Debian: apt-get install nodejs npm) and run this again."
}

# Debian starts a service as soon as its package is configured, unless policy-rc.d says no. Ours says no to these alone, for as long as apt
# runs; a policy that the machine already has stays in force, and whatever slipped through is stopped afterwards.
policy=/usr/sbin/policy-rc.d
policy_is_ours=''
new_services=() # of the packages that are new

# forbid_new_services PACKAGE…: those that come with one.
forbid_new_services() {
    case " $* " in *' mosquitto '*) new_services+=(mosquitto) ;; esac
    case " $* " in *' rabbitmq-server '*) new_services+=(rabbitmq-server epmd) ;; esac # epmd: Erlang's own, by which its nodes find each other
    case " $* " in *' openssh-server '*) new_services+=(ssh) ;; esac
    [ ${#new_services[@]} -gt 0 ] || return 0
    trap leave_services_off EXIT # also where apt fails half-way
    [ ! -e "$policy" ] || return 0
    policy_is_ours=yes
    local name
    {
        # shellcheck disable=SC2016 # the text of another script
        printf '%s\n' '#!/bin/sh' 'case " $* " in'
        for name in "${new_services[@]}"; do printf '*" %s "* | *" %s.service "* | *" %s.socket "*) exit 101 ;;\n' "$name" "$name" "$name"; done
        printf '%s\n' 'esac' 'exit 0'
    } | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

leave_services_off() {
    trap - EXIT
    [ -z "$policy_is_ours" ] || as_root rm -f "$policy"
    local name
    for name in "${new_services[@]}"; do
        if [ -d /run/systemd/system ]; then as_root systemctl --quiet stop "$name.socket" "$name.service" 2>/dev/null || true; fi
        # Speaks to systemd and to System V init, whichever there is; fails where the package did not get that far, or has no such script.
        as_root update-rc.d "$name" disable >/dev/null 2>&1 || true
        as_root systemctl --quiet disable "$name.socket" >/dev/null 2>&1 || true
        as_root systemctl --quiet disable "$name.service" >/dev/null 2>&1 || true
    done
}

install_packages() {
    command -v apt-get >/dev/null || die "apt-get is missing; this is not Debian or one of its children.
  Install these yourself, under your system's names: $*"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "root is needed to install packages, and there is no sudo. As root, run:
  apt-get update && apt-get install --no-install-recommends $*"

    title "Installing Debian packages (without recommended ones):"
    printf '  %s\n' "$@"
    # A machine without package lists cannot name the packages; one with stale lists fails below, and is helped there.
    apt-cache show "$@" >/dev/null 2>&1 || apt_get update || warn "apt-get update failed; trying with the lists that are there"

    forbid_new_services "$@"
    if ! apt_get install -y --no-install-recommends --no-upgrade "$@"; then
        warn "apt-get install failed; once more, with fresh package lists"
        sleep 3
        apt_get update
        apt_get install -y --no-install-recommends --no-upgrade "$@" || die "apt-get could not install all packages; its messages are above.
  When the machine is online and apt works, run this again: what is there already is not fetched twice."
    fi
    leave_services_off
}

mapfile -t missing < <(missing_packages)
if [ -n "$list_only" ]; then
    say "For '$level': ${packages[*]:-no Debian packages}"
    say "Missing here: ${missing[*]:-none}"
    exit 0
fi

check_tools
if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; else say "setup: no Debian package is missing for '$level'"; fi
if [ "$level" = test ]; then
    "$root/scripts/get-native.sh" --all
    "$root/scripts/get-schemas.sh"
    "$root/scripts/build-dashboard.sh" --packages
else
    "$root/scripts/get-native.sh"
fi
