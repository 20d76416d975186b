#!/usr/bin/env bash
# Installs the program that `make build` left in bin/ as a service of this machine, or of a system that lies in a folder. May be run again: what is
# there already stays, what is newer replaces it. Says each step, and at the end how to undo them.
#
#   scripts/install.sh [OPTION…]
#     --root DIR          install into the system that lies in DIR (an image, a guest) and not into this one
#     --settings FILE     settings to install where there are none yet; checked first
#     --dotnet DIR        a .NET runtime (a folder with `dotnet`) to put into /opt/heartsound/dotnet; without it the service uses the `dotnet` of its PATH
#     --onnxruntime DIR   folder with libonnxruntime.so.1 (and its providers) to use; else the one of scripts/get-native.sh
#     --systemd VERSION   systemd's version in DIR, where --root is given; else that of this machine
#     --start             start, or restart, the service at the end
#     --system            only what of a release lies outside its folder: user, units, udev rules, folders, links. scripts/update.sh calls it, from the release
#     --without-updater   with --system: leave alone what ends an update after a power cut, until the release has proved itself
#     --user              only the user and the folders that the service needs
#     --uninstall         take it away again; settings, state and the user stay
#     --purge             with --uninstall: they go too
#     --dry-run           say the steps, do none
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

into='' settings='' dotnet='' onnxruntime='' version='' start='' uninstall='' purge='' dry='' part=all updater=yes
value() { [ -n "${2:-}" ] || die "$1 needs a value. Try --help."; }
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --root) value "$@"; into=${2%/}; shift ;;
        --settings) value "$@"; settings=$2; shift ;;
        --dotnet) value "$@"; dotnet=$2; shift ;;
        --onnxruntime) value "$@"; onnxruntime=$2; shift ;;
        --systemd) value "$@"; version=$2; shift ;;
        --start) start=yes ;;
        --system) part=system ;;
        --user) part=user ;;
        --without-updater) updater='' ;;
        --uninstall) uninstall=yes ;;
        --purge) purge=yes ;;
        --dry-run) dry=yes ;;
        *) die "I do not know '$1'. Try --help." ;;
    esac
    shift
done

opt=$into/opt/heartsound
etc=$into/etc/heartsound
units=$into/etc/systemd/system

# step WORDS COMMAND…: says what is done, and does it unless this is a dry run.
step() {
    say "  $1"
    shift
    [ -n "$dry" ] || "$@"
}

# live: whether systemd runs the system that is installed into.
live() { [ -z "$into" ] && [ -d /run/systemd/system ]; }

# put FILE TARGET: copies a file, readable for all, where it differs.
put() {
    cmp -s "$1" "$2" || step "$2" install -D -m 644 "$1" "$2"
}

remove() {
    local path
    for path in "$@"; do
        if [ -e "$path" ] || [ -L "$path" ]; then step "remove $path" rm -rf "$path"; fi
    done
}

need_root() { [ -n "$into$dry" ] || [ "$(id -u)" = 0 ] || die "root is needed: sudo scripts/install.sh …, or --dry-run to see what it would do."; }

uninstall() {
    title "Taking heartsound away${into:+ from $into}"
    ! live || step "stop and disable the service" systemctl disable --now --quiet heartsound.service || true
    remove "$units/heartsound.service" "$units/heartsound.service.d" "$units/multi-user.target.wants/heartsound.service" "$opt" \
        "$units/heartsound-update.service" "$units/multi-user.target.wants/heartsound-update.service" "$units/heartsound-stick@.service" "$into/etc/udev/rules.d/61-heartsound-stick.rules" \
        "$into/etc/udev/rules.d/60-heartsound.rules" "$into/etc/tmpfiles.d/heartsound.conf" "$into/etc/modules-load.d/heartsound.conf" "$into/etc/sysusers.d/heartsound.conf" "$into/usr/local/bin/heartsound" \
        "$into/usr/local/sbin/heartsound-update"
    ! live || step "systemd reads its units again" systemctl daemon-reload
    if [ -n "$purge" ]; then
        remove "$etc" "$into/var/lib/heartsound" "$into/var/cache/heartsound" "$into/var/lib/heartsound-update"
        if [ -z "$into" ] && id heartsound >/dev/null 2>&1; then step "remove the user heartsound" userdel heartsound; fi
    else
        say "Still there: $etc, $into/var/lib/heartsound and the user heartsound; --uninstall --purge takes them too."
    fi
}

# release_id: says the same for the same files, something else for others.
release_id() {
    local hash
    hash=$(cd "$root" && {
        find bin/app bin/heartsound models deploy docs systemd scripts/*.sh -type f -print0
        if [ -d "$onnxruntime" ]; then find "$onnxruntime" -name '*.so*' -print0; fi
    } | sort -z | xargs -0 sha256sum | awk '{ print $1 }' | sha256sum)
    printf '%s' "${hash:0:12}"
}

copy_release() {
    local target=$1 fresh=$1.new platform
    platform=linux-$(case $(basename "$onnxruntime") in *arm64) echo arm64 ;; *x64) echo x64 ;; *) uname -m | sed 's/aarch64/arm64/; s/x86_64/x64/' ;; esac)
    rm -rf "$fresh"
    mkdir -p "$fresh/bin" "$fresh/docs" "$fresh/scripts"
    cp -R "$root/bin/app" "$root/bin/heartsound" "$fresh/bin/"
    cp -R "$root/models" "$root/deploy" "$root/systemd" "$root/LICENSE" "$fresh/"
    cp "$root"/scripts/{install,lib,update,verify-bundle,heartsound}.sh "$fresh/scripts/"
    cp "$root"/docs/*.md "$fresh/docs/"
    if [ -d "$onnxruntime" ]; then
        mkdir -p "$fresh/bin/app/runtimes/$platform/native"
        cp -L "$onnxruntime"/*.so* "$fresh/bin/app/runtimes/$platform/native/"
    fi
    chmod -R u=rwX,go=rX "$fresh"
    mv -T "$fresh" "$target"
}

# point LINK TARGET: lets a symbolic link point elsewhere at one stroke.
point() {
    ln -sfn "$2" "$1.new"
    mv -T "$1.new" "$1"
}

make_user() {
    if [ -n "$into" ]; then
        if command -v systemd-sysusers >/dev/null; then systemd-sysusers --root="$into" "$root/systemd/heartsound.sysusers"; fi
    elif command -v systemd-sysusers >/dev/null; then
        systemd-sysusers "$root/systemd/heartsound.sysusers"
    else
        local group
        for group in gpio audio video heartsound; do groupadd --force --system "$group"; done
        id heartsound >/dev/null 2>&1 || useradd --system --gid heartsound --home-dir /var/lib/heartsound --no-create-home --shell /usr/sbin/nologin heartsound
        usermod --append --groups gpio,audio,video heartsound
    fi
}

write_settings() {
    install -d -m 755 "$etc"
    if [ -n "$settings" ]; then
        install -m 644 "$settings" "$etc/settings.json"
    else
        printf '%s\n' '// What is left out is as docs/settings.md says. Try a change with: heartsound settings check' '{' \
            "  \"\$schema\": \"/opt/heartsound/current/deploy/settings.schema.json\"" '}' >"$etc/settings.json"
    fi
}

# The program needs ASP.NET Core's runtime too (the dashboard's files, the host); the .NET runtime alone does not have it.
check_runtime() {
    local runtime=$dotnet/dotnet
    [ -n "$dotnet" ] || runtime=$opt/dotnet/dotnet
    [ -x "$runtime" ] || runtime=$(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v dotnet)
    "$runtime" --list-runtimes | grep -q '^Microsoft\.AspNetCore\.App 10\.' ||
        die "$runtime has no ASP.NET Core 10 runtime, which the program needs: install 'aspnetcore-runtime-10.0' (it brings .NET's own), or name a folder with --dotnet."
}

# link TARGET PATH: a symbolic link, where it does not lead there yet.
link() {
    [ "$(readlink "$2" 2>/dev/null)" = "$1" ] || step "$2" bash -c "mkdir -p '${2%/*}' && ln -sfn '$1' '$2'"
}

# install_user: who the service runs as, and where it keeps things.
install_user() {
    put "$root/systemd/heartsound.sysusers" "$into/etc/sysusers.d/heartsound.conf"
    put "$root/systemd/heartsound.tmpfiles" "$into/etc/tmpfiles.d/heartsound.conf"
    step "user heartsound, in the groups audio, gpio and video" make_user
    if live; then step "folders of the service" systemd-tmpfiles --create /etc/tmpfiles.d/heartsound.conf; fi
}

# install_system: what of a release lies outside its folder.
install_system() {
    [ -n "$version" ] || version=$(systemctl --version 2>/dev/null | awk 'NR == 1 { print $2 }' || true)
    version=${version%%[^0-9]*}
    local dropin
    link /opt/heartsound/current/bin/heartsound "$into/usr/local/bin/heartsound"
    install_user
    put "$root/systemd/heartsound.modules" "$into/etc/modules-load.d/heartsound.conf"
    put "$root/deploy/udev/60-heartsound.rules" "$into/etc/udev/rules.d/60-heartsound.rules"
    if [ -e "$etc/settings.json" ]; then say "  $etc/settings.json is there and stays"; else step "$etc/settings.json" write_settings; fi
    put "$root/systemd/heartsound.service" "$units/heartsound.service"
    # A drop-in's name begins with the version of systemd that knows what is in it.
    for dropin in "$root"/systemd/heartsound.service.d/*.conf; do
        local since=${dropin##*/}
        if [ "${version:-0}" -ge "${since%%-*}" ]; then put "$dropin" "$units/heartsound.service.d/$since"; else remove "$units/heartsound.service.d/$since"; fi
    done
    link ../heartsound.service "$units/multi-user.target.wants/heartsound.service"
    [ -z "$updater" ] || install_updater
    live || return 0
    step "the driver of USB sound cards" modprobe snd-usb-audio || warn "there is none that can be loaded: either it is part of the kernel, or this kernel knows no USB sound cards"
    step "udev reads its rules again" bash -c 'udevadm control --reload && udevadm trigger --subsystem-match=gpio' || warn "udev did not; after the next boot it will have"
    step "systemd reads its units again" systemctl daemon-reload
}

# install_updater: what installs bundles, ends what was interrupted, and takes USB sticks.
install_updater() {
    link /opt/heartsound/current/scripts/update.sh "$into/usr/local/sbin/heartsound-update"
    put "$root/systemd/heartsound-update.service" "$units/heartsound-update.service"
    link ../heartsound-update.service "$units/multi-user.target.wants/heartsound-update.service"
    put "$root/deploy/usb/heartsound-stick@.service" "$units/heartsound-stick@.service"
    put "$root/deploy/usb/61-heartsound-stick.rules" "$into/etc/udev/rules.d/61-heartsound-stick.rules"
}

install_all() {
    if [ ! -e "$root/bin/app/heartsound.dll" ] || [ ! -x "$root/bin/heartsound" ]; then die "bin/ holds no program: run scripts/build.sh first."; fi
    if [ -z "$onnxruntime" ]; then onnxruntime=$root/.native/onnxruntime/default/linux-$(uname -m | sed 's/aarch64/arm64/; s/x86_64/x64/'); fi
    [ -e "$onnxruntime/libonnxruntime.so.1" ] || warn "$onnxruntime holds no libonnxruntime.so.1: the service will look for the system's, or for what HEARTSOUND_ONNXRUNTIME in $etc/environment names"
    [ -z "$dotnet" ] || [ -x "$dotnet/dotnet" ] || die "$dotnet holds no 'dotnet'."
    [ -n "$dotnet" ] || [ -n "$into" ] || [ -x "$opt/dotnet/dotnet" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v dotnet >/dev/null ||
        die "the service would find no 'dotnet' on its PATH: install the .NET 10 runtime, or name a folder with --dotnet."
    if [ -z "$into" ] || [ -n "$dotnet" ]; then check_runtime; fi
    [ -z "$settings" ] || env -i PATH="$PATH" HOME="${HOME:-/}" ${DOTNET_ROOT:+DOTNET_ROOT="$DOTNET_ROOT"} "$root/bin/heartsound" settings check "$settings" || die "nothing was installed."

    local release id
    id=$(release_id)
    release=$opt/releases/$id
    title "Installing heartsound, release $id${into:+, into $into}"
    if [ -d "$release" ]; then say "  $release is there"; else step "$release" copy_release "$release"; fi
    [ "$(readlink "$opt/current" 2>/dev/null)" = "releases/$id" ] || step "$opt/current points to it" point "$opt/current" "releases/$id"
    if [ -n "$dotnet" ] && [ "$(realpath -m "$dotnet")" != "$(realpath -m "$opt/dotnet")" ]; then
        step "$opt/dotnet" bash -c "rm -rf '$opt/dotnet.new' && cp -RL '$dotnet' '$opt/dotnet.new' && rm -rf '$opt/dotnet' && mv -T '$opt/dotnet.new' '$opt/dotnet'"
    fi

    install_system
    if live && [ -n "$start" ]; then step "restart the service" systemctl restart heartsound.service; fi
    title "Done."
    [ -n "$into$start" ] || say "Start it with: systemctl start heartsound. See it with: systemctl status heartsound; journalctl -u heartsound"
    say "Undo it with: scripts/install.sh --uninstall${into:+ --root $into}"
}

need_root
if [ -n "$uninstall" ]; then uninstall; else
    case $part in all) install_all ;; system) install_system ;; user) install_user ;; esac
fi
