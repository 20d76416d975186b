#!/bin/sh
# On a device, as root: the steps of making it a device of ours. Sent by scripts/provision.sh, not meant to be called by people.
#   provision.sh make|say         steps from standard input, each a line `BYTES STEP ARGUMENT…` (parted by \037) with so many bytes behind it: what the step reads. `say` only says what it
#                                 would do. Answers with a line a step: `same`, `changed WHAT` or `missing WHAT`; after one that is missing something the rest is not done
#   provision.sh doctor           what its doctor says, as JSON
#   provision.sh undo yes|no      takes it away again
set -eu
root=${HEARTSOUND_ROOT:-}
mode=$1
state=$root/var/lib/heartsound-update

# change WHAT COMMAND…: says that it changes, and does it unless it is only to be said.
change() {
    echo "changed $1"
    shift
    [ "$mode" = say ] || "$@" >&2
}
same() { echo same; }

installed() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'; }
known() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [^(]'; }

# missing_of WORD…: of each word (`a|b`: whichever there is; `?a`: where there is one) the package that is not there yet.
missing_of() {
    wanted='' nowhere=''
    for word in "$@"; do
        names=${word#\?} found='' candidate=''
        for name in $(echo "$names" | tr '|' ' '); do
            if installed "$name"; then found=yes; elif [ -z "$candidate" ] && known "$name"; then candidate=$name; fi
        done
        [ -z "$found" ] || continue
        if [ -n "$candidate" ]; then wanted="$wanted $candidate"; elif [ "$names" = "$word" ]; then nowhere="$nowhere $names"; fi
    done
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # names of packages
    apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install $wanted
    mkdir -p "$state"
    # shellcheck disable=SC2086
    printf '%s\n' $wanted >>"$state/packages"
}

packages() {
    missing_of "$@"
    if [ -n "$nowhere" ] && [ "$mode" = make ]; then
        # Lists that are missing or old: then the packages are there after all.
        apt-get -q -o Acquire::Retries=3 update >&2 || true
        missing_of "$@"
    fi
    if [ -n "$nowhere" ] && [ "$mode" = make ]; then
        echo "missing$nowhere"
    elif [ -n "$wanted$nowhere" ]; then
        change "packages:$wanted$nowhere" install_packages
    else
        same
    fi
}

# lacks WORD…: only says what is not there.
lacks() {
    lacking=''
    for word in "$@"; do
        [ "${word#\?}" = "$word" ] || continue
        found=''
        for name in $(echo "$word" | tr '|' ' '); do if installed "$name"; then found=yes; fi; done
        [ -n "$found" ] || lacking="$lacking $word"
    done
    if [ -n "$lacking" ]; then echo "missing$lacking"; else same; fi
}

# user: a sysusers.d file from standard input.
user() { if id heartsound >/dev/null 2>&1; then same; else change "user heartsound" make_user; fi; }
make_user() {
    if command -v systemd-sysusers >/dev/null; then
        systemd-sysusers --root="$root/" -
    else
        for group in gpio audio video heartsound; do groupadd --force --system "$group"; done
        useradd --system --gid heartsound --home-dir /var/lib/heartsound --no-create-home --shell /usr/sbin/nologin heartsound
        usermod --append --groups gpio,audio,video heartsound
    fi
}

# put PATH MODE OWNER: a file from standard input, where it differs. What it holds is never said.
put() {
    target=$root$1
    umask 077
    # Held against what is there in memory, so that not even a folder's time changes where nothing does.
    file=$(mktemp "$(existing "$root/run")/.heartsound.XXXXXX")
    cat >"$file"
    if cmp -s "$file" "$target" && [ "$(stat -c %a "$target")" = "${2#0}" ] && [ "$(stat -c %U "$target")" = "$3" ]; then
        rm -f "$file"
        same
    else
        change "$1" place "$2" "$3"
        rm -f "$file"
    fi
}
place() {
    mkdir -p "$(dirname "$target")"
    fresh=$(mktemp "$(dirname "$target")/.heartsound.XXXXXX")
    cat "$file" >"$fresh"
    chmod "$1" "$fresh"
    chown "$2:" "$fresh"
    mv -f "$fresh" "$target"
}
# existing DIR: itself, or the nearest folder above that is there.
existing() { if [ -d "$1" ]; then echo "$1"; else existing "$(dirname "$1")"; fi; }

# folder DIR MODE GROUP
folder() {
    if [ -d "$root$1" ] && [ "$(stat -c %a "$root$1")" = "${2#0}" ] && [ "$(stat -c %G "$root$1")" = "$3" ]; then same; else change "$1/" make_folder "$@"; fi
}
make_folder() {
    mkdir -p "$root$1"
    chgrp "$3" "$root$1"
    chmod "$2" "$root$1"
}

# unpacked NAME SHA256: /opt/heartsound/NAME from the tar that was uploaded.
unpacked() {
    target=$root/opt/heartsound/$1
    if [ "$(cat "$target/.from" 2>/dev/null)" = "$2" ]; then same; else change "/opt/heartsound/$1" unpack "$1" "$2"; fi
}
unpack() {
    rm -rf "$target.new" "$target.old"
    mkdir -p "$target.new"
    tar -xf "$state/incoming/$1.tar.gz" -C "$target.new" --no-same-owner
    chmod -R u=rwX,go=rX "$target.new"
    echo "$2" >"$target.new/.from"
    [ ! -e "$target" ] || mv -T "$target" "$target.old"
    mv -T "$target.new" "$target"
    rm -rf "$target.old" "$state/incoming/$1.tar.gz"
}

# variable NAME VALUE: a line of /etc/heartsound/environment, beside what else is there.
variable() {
    target=$root/etc/heartsound/environment
    if grep -qxF "$1=$2" "$target" 2>/dev/null; then same; else change "/etc/heartsound/environment: $1" set_variable "$1" "$2"; fi
}
set_variable() {
    mkdir -p "$(dirname "$target")"
    { grep -v "^$1=" "$target" 2>/dev/null || true; printf '%s=%s\n' "$1" "$2"; } >"$target.new"
    chmod 644 "$target.new"
    mv -f "$target.new" "$target"
}

zone() {
    if [ "$(readlink "$root/etc/localtime" 2>/dev/null | sed 's/.*zoneinfo.//')" = "$1" ]; then same; else change "time zone $1" set_zone "$1"; fi
}
set_zone() {
    mkdir -p "$state"
    [ -e "$state/zone-before" ] || readlink "$root/etc/localtime" 2>/dev/null | sed 's/.*zoneinfo.//' >"$state/zone-before"
    timedatectl set-timezone "$1"
}

# clock EPOCH: a clock that no time server keeps, and that is over a minute off, is set to the technician's.
clock() {
    synchronized=$(timedatectl show -p NTPSynchronized --value 2>/dev/null || true)
    off=$(($(date +%s) - $1))
    if [ "$synchronized" = yes ] || { [ "$off" -lt 60 ] && [ "$off" -gt -60 ]; }; then same; else change "clock, which was ${off#-} s off" set_clock "$1"; fi
}
set_clock() {
    timedatectl set-ntp true || true
    date -s "@$1"
}

# bootstrap SHA256: the updater of the technician's checkout, for a device that has none yet; a tar from standard input.
bootstrap() {
    target=$state/bootstrap
    if [ "$(cat "$target/.from" 2>/dev/null)" = "$1" ]; then same; else change "$target: the first updater" unpack_bootstrap "$1"; fi
}
unpack_bootstrap() {
    rm -rf "$target"
    mkdir -p "$target"
    tar -xf - -C "$target" --no-same-owner
    chmod -R u=rwX,go=rX "$target"
    echo "$1" >"$target/.from"
}

program() {
    if command -v heartsound >/dev/null; then heartsound "$@"; else "$root/usr/local/bin/heartsound" "$@"; fi
}

# check: settings from standard input, by the program that is there; what is wrong with them goes to standard error.
check() {
    if [ ! -e "$root/opt/heartsound/current" ]; then same; elif program settings check "$payload" >&2; then same; else echo "missing good settings"; fi
}

service() {
    if systemctl is-enabled --quiet heartsound.service && systemctl is-active --quiet heartsound.service && [ "$1" != restart ]; then same; else change "the service: ${1}ed, at every boot" start_service "$1"; fi
}
start_service() {
    systemctl daemon-reload
    systemctl enable --quiet heartsound.service
    systemctl "$1" heartsound.service
    program health --wait 90 >&2
}

# undo yes|no: takes away what provision.sh and the updater put there; with yes also settings, what waits for the broker, records, and the user.
undo() {
    purge=$1
    uninstaller=$root/opt/heartsound/current/scripts/install.sh
    if [ -e "$uninstaller" ]; then
        if [ "$purge" = yes ]; then set -- --purge; else set --; fi
        bash "$uninstaller" ${root:+--root "$root"} --uninstall "$@" >&2
    fi
    rm -rf "$root/opt/heartsound" "$root/usr/local/sbin/heartsound-update" "$root/etc/heartsound/trusted-keys" "$root/etc/heartsound/stick-updates" "$root/etc/heartsound/secrets" "$root/etc/heartsound/ca.crt" \
        "$root/etc/heartsound/device.crt" "$root/etc/credstore/broker-password" "$root/etc/credstore/broker-key" "$root/etc/systemd/system/heartsound.service.d"
    if [ -e "$root/etc/heartsound/environment" ]; then sed -i '/^HEARTSOUND_ONNXRUNTIME=\/opt\/heartsound\//d' "$root/etc/heartsound/environment"; fi
    if [ -s "$state/zone-before" ]; then timedatectl set-timezone "$(cat "$state/zone-before")" || true; fi
    if [ -s "$state/packages" ]; then echo "packages that were installed for it stay; they go with: apt-get remove $(tr '\n' ' ' <"$state/packages")"; fi
    rm -rf "$state"
    if [ "$purge" = yes ]; then rm -rf "$root/etc/heartsound"; fi
    systemctl daemon-reload || true
}

# batch: the steps of standard input, one after the other.
batch() {
    separator=$(printf '\037')
    # In memory, where there is such a place: what it holds may be a secret.
    payload=$(mktemp -p "$(existing "$root/run")")
    answer=$(mktemp -p "$(existing "$root/run")")
    trap 'rm -f "$payload" "$answer"' EXIT
    while IFS= read -r line; do
        bytes=${line%%"$separator"*}
        head -c "$bytes" >"$payload"
        old=$IFS
        IFS=$separator
        # shellcheck disable=SC2086 # the separator parts it
        set -f -- ${line#*"$separator"}
        set +f
        IFS=$old
        case $1 in
            packages | lacks | user | put | folder | unpacked | variable | zone | clock | bootstrap | check | service) "$@" <"$payload" >"$answer" ;;
            *) exit 64 ;;
        esac
        cat "$answer"
        case $(cat "$answer") in missing*) [ "$1" = lacks ] || exit 0 ;; esac
    done
}

umask 077
case $mode in
    make | say) batch ;;
    undo) undo "$2" ;;
    doctor)
        # As root it may look at what systemd gives to the service alone, and so try the broker as the service does.
        for place in "$root/etc/credstore" "$root/etc/heartsound/secrets"; do
            if [ -d "$place" ]; then export CREDENTIALS_DIRECTORY="$place" && break; fi
        done
        program doctor --json || [ $? -eq 8 ]
        ;;
    *) exit 64 ;;
esac
