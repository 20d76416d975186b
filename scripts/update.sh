#!/usr/bin/env bash
# Installs bundles on this device, and takes them back when they are no good: the one updater, whoever calls it (scripts/deploy.sh, a USB stick, Mender, RAUC).
# On a device it is heartsound-update. Never during an examination; a power cut at any point leaves a device that works. docs/updates.md tells how.
#
#   heartsound-update install BUNDLE [OPTION…]   a program (heartsound-edge-…) or a set of models (heartsound-models-…)
#   heartsound-update rollback [--models]        back to the version before, or the models before
#   heartsound-update status [--json]            what is installed, and what came of the last update
#   heartsound-update verify BUNDLE              whether a bundle is ours and fits this machine; changes nothing
#   heartsound-update resume [--files]           ends what a power cut interrupted; at boot heartsound-update.service does that
#   heartsound-update clean [--keep N]           removes releases and sets of models that are older than the last N (2), and what failed
#
#   --wait-idle SECONDS       how long to wait for the end of an examination (600); then exit code 10
#   --health-timeout SECONDS  how long the new one may take until it is well (180); then it is rolled back, for which the one before has 180 s in any case
#   --settle SECONDS          how long it must stay well (40, which a service that hangs does not)
#   --only-newer              refuse what is not newer than what is installed
#   --again                   try again what failed on this device before
#   --without-engine          go on though the GPU's engine cannot be built for the new program or models
#   --now                     of rollback: do not wait for the end of an examination; it gets its verdict over what was heard
#   --dry-run                 verify, say the steps, do none
#   --root DIR                the system that lies in DIR, and not this one
#
# Each phase is a line `PHASE name text`: verify unpack check engine idle switch restart health, then confirmed, rolledBack or broken.
# Exit code: 0 confirmed; 10 refused, nothing has changed; 11 rolled back, the version before works; 12 rolled back, and it does NOT work;
# 13 another update is under way.
set -uo pipefail
export LC_ALL=C TZ=UTC HOME="${HOME:-/root}"
umask 022
trap '' HUP PIPE # a line that is cut is no reason to stop half way

self=$(readlink -f "$0")
here=$(dirname "$self")
readonly OK=0 USAGE=2 REFUSED=10 ROLLED_BACK=11 BROKEN=12 BUSY=13
readonly SERVICE=heartsound.service

verb='' bundle='' prefix='' wait_idle=600 health_timeout=180 least_patience=180 settle=40 keep=2
json='' dry='' models_only='' files_only='' newer='' again='' no_engine='' at_once=''

# --- words ---

log_line() { [ ! -d "$state" ] || [ -n "$dry" ] || printf '%(%FT%TZ)T %s\n' -1 "$*" >>"$state/log" 2>/dev/null || true; }
say() { printf '%s\n' "$*" 2>/dev/null || true; log_line "$*"; }
warn() { printf 'heartsound-update: %s\n' "$*" >&2 || true; log_line "! $*"; }
usage() { sed -n '2,/^[^#]/ { /^#/ s/^# \{0,1\}//p; }' "$self"; }
misuse() { printf 'heartsound-update: %s Try --help.\n' "$*" >&2; exit $USAGE; }
uptime_seconds() { local now; read -r now _ </proc/uptime && printf '%s' "${now%.*}"; } # a clock that nobody sets

# field FILE NAME: the text of a field of JSON that has one field a line.
field() { sed -n "/^ *\"$2\": null,\{0,1\}\$/q; s/^ *\"$2\": \"\{0,1\}\([^\"]*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p; t end; b; :end; q" "$1" 2>/dev/null; }
quoted() {
    local text=${1//\"/\'}
    text=${text//\\//}
    if [ -n "$1" ]; then printf '"%s"' "${text//[$'\001'-$'\037']/ }"; else printf null; fi
}

# --- files that survive a power cut ---

# keep_file FILE: standard input becomes FILE at one stroke, on the disk when this returns.
keep_file() {
    cat >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1" && sync "${1%/*}"
}

# point LINK TARGET: lets a symbolic link point elsewhere at one stroke; without a target it goes.
point() {
    if [ -z "$2" ]; then rm -f "$1"; else ln -sfn "$2" "$1.new" && mv -fT "$1.new" "$1"; fi && sync "${1%/*}"
}

# --- the journal: what is under way, and what came of it ---

# What is in it is set here, so that what is read back is nothing else.
readonly JOURNAL='phase kind version target old fresh verb brokerBefore tries blameless reason'
phase='' kind='' version='' target='' old='' fresh='' brokerBefore='' tries=0 blameless='' reason=''

write_journal() {
    local name
    for name in $JOURNAL; do printf '%s=%s\n' "$name" "${!name//$'\n'/ }"; done | keep_file "$state/pending"
}

read_journal() {
    local name value
    while IFS='=' read -r name value; do
        case " $JOURNAL " in *" $name "*) printf -v "$name" '%s' "$value" ;; esac
    done <"$state/pending"
}

# write_state RESULT: what `status` says.
write_state() {
    {
        printf '{\n  "schema": 1,\n'
        printf '  "phase": %s,\n  "result": ' "\"$phase\"" && quoted "$1"
        printf ',\n  "verb": "%s",\n  "kind": ' "$verb" && quoted "$kind"
        printf ',\n  "version": ' && quoted "$version"
        printf ',\n  "reason": ' && quoted "$reason"
        printf ',\n  "at": "%(%FT%TZ)T"\n}\n' -1
    } | keep_file "$state/state.json"
}

# enter PHASE WORDS…: on the disk before anything of it is done.
enter() {
    phase=$1
    shift
    say "PHASE $phase $*"
    write_journal && write_state ''
}

# conclude PHASE RESULT CODE WORDS…: the end of it.
conclude() {
    local code=$3 result=$2
    phase=$1
    shift 3
    if [ -z "$dry" ]; then
        [ "$result" = refused ] || write_journal
        write_state "$result"
        rm -f "$state/pending" "$state/before.json"
        sync "$state"
        release_hold
    fi
    say "PHASE $([ "$result" = refused ] && echo refused || echo "$phase") $*"
    exit "$code"
}

# refuse WORDS…: nothing has changed, and what was unpacked goes.
refuse() {
    reason=$*
    warn "$*"
    [ -n "$dry" ] || drop_leftovers
    conclude "${phase:-verify}" refused $REFUSED "$*"
}

drop_leftovers() {
    local left
    for left in "$opt"/releases/*.unpacking.* "$opt"/model-sets/*.unpacking.* "$opt"/*.new; do
        if [ -e "$left" ] || [ -L "$left" ]; then rm -rf "$left"; fi
    done
    if [ -n "$fresh" ] && [ -n "$target" ] && ! in_use "$target"; then rm -rf "${opt:?}/$target"; fi
    rm -rf "$state/new" "$state/updater.new"
}

# in_use TARGET: whether a link points to it.
in_use() {
    local link
    for link in current previous models models-previous; do [ "$(readlink "$opt/$link" 2>/dev/null)" != "$1" ] || return 0; done
    return 1
}

# --- the service ---

# unlocked COMMAND…: without the lock, which it must not keep when this script is killed; and a pipe that breaks ends it, as it expects.
unlocked() (
    trap - PIPE
    exec 9>&-
    "$@"
)

active() { unlocked systemctl is-active --quiet $SERVICE; }

restarts() { unlocked systemctl show -p NRestarts --value $SERVICE 2>/dev/null | grep -x '[0-9]*' || echo 0; }

# as_service COMMAND…: as the unit's user, with the unit's environment, and with nothing of ours.
as_service() {
    local line name words=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$prefix/var/lib/heartsound" XDG_CACHE_HOME="$prefix/var/cache/heartsound"
        DOTNET_ROOT="$opt/dotnet" DOTNET_EnableDiagnostics=0 DOTNET_gcServer=0 DOTNET_TieredPGO=0 DOTNET_NOLOGO=1
        STATE_DIRECTORY="$prefix/var/lib/heartsound" CACHE_DIRECTORY="$prefix/var/cache/heartsound" RUNTIME_DIRECTORY="$prefix/run/heartsound")
    [ -z "$prefix" ] || words+=(PATH="$PATH" HEARTSOUND_SETTINGS="$etc/settings.json")
    while IFS= read -r line || [ -n "$line" ]; do
        if [[ $line =~ ^[[:space:]]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]]; then
            name=${BASH_REMATCH[1]} line=${BASH_REMATCH[2]}
            if [[ $line =~ ^\"(.*)\"[[:space:]]*$ ]] || [[ $line =~ ^\'(.*)\'[[:space:]]*$ ]]; then line=${BASH_REMATCH[1]}; fi
            words+=("$name=$line")
        fi
    done < <(cat "$etc/environment" 2>/dev/null)
    [ ! -d "$credentials" ] || words+=(CREDENTIALS_DIRECTORY="$credentials")
    if [ -n "$prefix" ]; then unlocked env -i "${words[@]}" "$@"; else (cd / && unlocked runuser -u heartsound -- env -i "${words[@]}" "$@"); fi
}

# lend_credentials: what systemd would give the service from /etc/credstore, for as long as this runs.
lend_credentials() {
    local name
    for name in broker-password broker-key; do
        if [ -n "$prefix" ] || [ ! -f "/etc/credstore/$name" ]; then continue; fi
        [ -d "$credentials" ] || install -d -o heartsound -m 500 "$credentials" || return 0
        install -o heartsound -m 400 "/etc/credstore/$name" "$credentials/$name" || true
    done
}

# hold: no examination begins, until release_hold or the end of this script, however it ends.
hold() {
    [ -z "$holder" ] || return 0
    touch_hold
    (
        exec 9>&- >/dev/null 2>&1
        trap - HUP PIPE INT
        trap 'exit 0' TERM # between two touches, so that none comes after the end of the hold
        while sleep 1 & wait $!; kill -0 $$; do touch_hold; done
    ) &
    holder=$!
}

# By a rename from a folder of root's: in the service's folder a file may be a link that the service has made.
touch_hold() {
    mkdir -p "$prefix/run/heartsound" "$run" && : >"$run/updating" && mv -fT "$run/updating" "$prefix/run/heartsound/updating"
}

release_hold() {
    if [ -n "$holder" ]; then kill "$holder" 2>/dev/null; wait "$holder" 2>/dev/null; fi
    holder=''
    rm -f "$prefix/run/heartsound/updating"
}

# health PROGRAM OPTION…: what `heartsound health` of a program says of the service that runs.
health() {
    local program=$1
    shift
    as_service "$program" health --state "$prefix/run/heartsound/state.json" "$@"
}

# wait_until_idle PROGRAM: lets the examination under way be the last one, and waits for its verdict. A service that is not running examines nobody.
wait_until_idle() {
    if [ -n "$at_once" ] || ! active; then return 0; fi
    hold
    why=$(health "$1" --idle --wait "$wait_idle" 2>&1) && return 0
    active || return 0
    return 1
}

# --- what is installed ---

# goes_by_kind: where such things lie, and which links point to them.
goes_by_kind() {
    case $kind in
        program) folder=releases link=current before=previous ;;
        models) folder=model-sets link=models before=models-previous ;;
    esac
}

installed() { readlink "$opt/$1" 2>/dev/null; }

# whole DIR: whether what was unpacked there is still as its manifest says.
whole() {
    [ -f "$1/manifest.json" ] || return 0 # installed from a checkout: nothing to hold it against
    (cd "$1" && sed -n 's/^    "\([^"]*\)": {"sha256": "\([0-9a-f]\{64\}\)".*/\2  \1/p' manifest.json | unlocked sha256sum --quiet --strict -c - >/dev/null 2>&1)
}

# install_system RELEASE [OPTION…]: what of a release lies outside its folder. One that was installed by a program older than this script has no such part.
install_system() {
    local release=$1
    shift
    if [ ! -x "$release/scripts/install.sh" ]; then
        say "  $(basename "$release") brings no scripts/install.sh: units and rules stay as they are"
    else
        unlocked "$release/scripts/install.sh" --system "$@" ${prefix:+--root "$prefix"} >"$work/system" 2>&1 || { why=$(tail -n 2 "$work/system" | tr '\n' ' '); log_line "$(cat "$work/system")"; return 1; }
    fi
    unlocked systemctl daemon-reload || true
}

restart_service() {
    unlocked timeout 90 systemctl stop $SERVICE || true # it gives its verdict, if there is one to give
    rm -f "$prefix/run/heartsound/state.json"
    unlocked systemctl reset-failed $SERVICE 2>/dev/null || true
    unlocked systemctl start --no-block $SERVICE
}

# program_in_use: with which what is installed is asked.
program_in_use() { printf '%s/current/bin/heartsound' "$opt"; }

# version_in RELEASE: as its program says it of itself; empty where it came in no bundle.
version_in() { field "$1/manifest.json" version; }

# well PROGRAM VERSION SECONDS OPTION…: waits until the service is well, and stays so for $settle seconds. Says in $why why not.
well() {
    local program=$1 expected=$2 until left ended
    until=$(($(uptime_seconds) + $3))
    shift 3
    local asked=(${expected:+--software "$expected"} --settle "$settle" "$@")
    while :; do
        left=$((until - $(uptime_seconds))) ended=$(restarts)
        # Nothing of ours computes beside a service that starts: on a slow device it would not be ready in time. After that one asker does it all, for on such a device its start
        # takes the processor for seconds, from who listens there; it gives up now and then, so that a service that ends again and again is seen.
        if ! active; then
            why='the service is not ready'
            sleep 1
        elif why=$(health "$program" "${asked[@]}" --wait $((left > 15 ? 15 : left > 0 ? left : 0)) --json 2>&1); then
            # What it says of itself is believed for 15 s after its death; systemd knows better.
            if active && [ "$(restarts)" = "$ended" ]; then return 0; fi
            why='it was well, and ended'
        elif [[ $why == *'"wasWell":true'* ]]; then
            why=$(words_of "$why")
            return 1
        fi
        ended=$(restarts)
        if [ "$ended" -ge 3 ]; then why="the service ended $ended times on its own: $(words_of "$why")"; return 1; fi
        if [ "$left" -le 0 ]; then why="not well in time: $(words_of "$why")"; return 1; fi
    done
}

# words_of JSON: the reasons in what `health --json` says; other text as it is.
words_of() {
    local reasons
    reasons=$(printf '%s' "$1" | sed -n 's/.*"reasons":\[\([^]]*\)\].*/\1/p' | tr -d '"')
    printf '%s' "${reasons:-$1}" | tr '\n' ' ' | cut -c 1-400
}

# --- the way of an update ---

take_lock() {
    if ! { mkdir -p "$state/incoming" "$opt/releases" "$opt/model-sets" "$run" && chmod 700 "$state" && chmod 711 "$run"; }; then
        warn "$state and $opt must be writable; are they on a disk that is full, or mounted read-only?"
        exit $REFUSED
    fi
    exec 9>>"$state/lock"
    flock -n 9 || { warn "another update is under way: heartsound-update status"; exit $BUSY; }
    is_locked=yes
    [ "$(stat -c %s "$state/log" 2>/dev/null || echo 0)" -lt 262144 ] || mv -f "$state/log" "$state/log.1"
}

# leave_a_copy: what ends this update after a power cut is this script, and not the one that comes with what is being installed.
leave_a_copy() {
    [ "$here" != "$state/updater" ] || return 0
    rm -rf "$state/updater.new" && mkdir "$state/updater.new" && cp "$self" "$here/verify-bundle.sh" "$state/updater.new/" && sync "$state/updater.new"/* "$state/updater.new" || return 1
    rm -rf "$state/updater" && mv -T "$state/updater.new" "$state/updater" && sync "$state"
}

verify_bundle() {
    unlocked "$here/verify-bundle.sh" "$bundle" --keys "$etc/trusted-keys" --for-this-machine "$@" 2>"$work/verify"
}

install_bundle() {
    local depth=()
    phase=verify
    say "PHASE verify $(basename "$bundle")"
    rm -f "$work/manifest.json"
    # What it holds is compared where it is unpacked: a slow device reads it once.
    if [ -z "$dry" ]; then depth=(--signature-only); fi
    verify_bundle --manifest "$work/manifest.json" ${depth[@]+"${depth[@]}"} || refuse "$(tr '\n' ' ' <"$work/verify")"
    kind=$(field "$work/manifest.json" kind) version=$(field "$work/manifest.json" version)
    [[ $version =~ ^[0-9A-Za-z.-]+$ && $version != *.failed && $version != *.new && $version != *.unpacking* && $version != -* && $version != .* ]] || refuse "the bundle's version '$version' is no good."
    goes_by_kind
    target=$folder/$version old=$(installed "$link")
    [ "$kind" = program ] || [ -n "$(installed current)" ] || refuse "there is no program here yet that could use these models: install a heartsound-edge bundle first."
    if [ "$old" = "$target" ]; then
        cmp -s "$work/manifest.json" "$opt/$target/manifest.json" || refuse "another bundle calls itself $version too, and is installed. Build this one under a version of its own."
        conclude confirmed confirmed $OK "$version is installed already"
    fi
    if [ -n "$newer" ] && [ -n "$old" ] && ! newer_than "$version" "$(basename "$old")"; then refuse "$version is not newer than $(basename "$old"), which is installed. heartsound-update install without --only-newer takes it all the same."; fi
    if [ -z "$again" ] && cmp -s "$work/manifest.json" "$opt/$target.failed/manifest.json"; then refuse "$version failed on this device before ($(head -n 1 "$opt/$target.failed/FAILED" 2>/dev/null)). Try again with --again."; fi
    if [ -n "$dry" ]; then
        say "  would unpack it to $opt/$target, try it there, wait for the end of an examination, let $opt/$link point to it,${old:+ instead of to $old,} restart the service,"
        say "  see whether it is well within $health_timeout s and stays so for $settle s, and else go back${old:+ to $(basename "$old")}"
        exit $OK
    fi

    trap 'interrupted=yes' INT TERM
    unpack
    check
    build_engine
    switch_over
}

# newer_than A B: by the numbers in them.
newer_than() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$1" ]; }

unless_interrupted() { [ -z "$interrupted" ] || refuse "interrupted before anything was changed."; }

unpack() {
    local megabytes free
    unless_interrupted
    leave_a_copy || refuse "$state cannot be written to; is the disk full?"
    megabytes=$(sed -n 's/.*"size": \([0-9]*\).*/\1/p' "$work/manifest.json" | awk '{ sum += $1 } END { printf "%d", sum / 1048576 * 1.1 + 64 }')
    free=$(free_megabytes)
    if [ "$free" -lt "$megabytes" ]; then
        say "  $free MB are free in $opt, $megabytes are needed: removing what is older than the version before"
        clean 2
        free=$(free_megabytes)
    fi
    [ "$free" -ge "$megabytes" ] || refuse "$free MB are free in $opt, $megabytes are needed. Make room there, and try again."
    fresh=yes
    if [ -d "$opt/$target" ] && in_use "$target"; then fresh=''; fi
    enter unpack "$opt/$target" || refuse "$state cannot be written to; is the disk full?"
    if [ -z "$fresh" ]; then
        { cmp -s "$work/manifest.json" "$opt/$target/manifest.json" && whole "$opt/$target"; } || refuse "$opt/$target is there and is not what the bundle holds. Build the bundle under a version of its own."
        return
    fi
    rm -rf "${opt:?}/$target"
    verify_bundle --unpack "$opt/$target" || refuse "$(tr '\n' ' ' <"$work/verify")"
    cmp -s "$work/manifest.json" "$opt/$target/manifest.json" || refuse "the bundle was changed while it was read."
}

free_megabytes() { df -Pm "$opt" | awk 'NR == 2 { print $4 }'; }

# last_words FILE: what a program said last, without its tables.
last_words() { grep -v -e '^│' -e '^╭' -e '^├' -e '^╰' "$1" | tail -n 5 | tr '\n' ' '; }

# try WORDS COMMAND…: does it as the service would, or refuses.
try() {
    local what=$1
    shift
    unless_interrupted
    as_service "$@" >"$work/try" 2>&1 || refuse "$what: $(last_words "$work/try")"
}

# Every start of .NET takes a slow device's processor from the service that listens: no question is asked twice.
check() {
    local program=$opt/$target/bin/heartsound set=() settings=()
    enter check "whether it works here" || refuse "$state cannot be written to; is the disk full?"
    [ ! -e "$etc/settings.json" ] || settings=(--settings "$etc/settings.json")
    if [ "$kind" = program ]; then
        if [ -z "$old" ]; then
            install_user || refuse "the user heartsound cannot be made: $why"
        fi
        [ ! -e "$etc/settings.json" ] || try "the new program does not start, or does not take this device's settings, $etc/settings.json" "$program" settings check "$etc/settings.json"
    else
        program=$(program_in_use)
        set=(env "HEARTSOUND_MODELS=$opt/$target") # before those that are in use
    fi
    try "this machine does not reproduce the model's goldens" ${set[@]+"${set[@]}"} "$program" model verify ${settings[@]+"${settings[@]}"}
}

# install_user: on a bare machine: user and folders, without which nothing can be tried.
install_user() {
    unlocked "$opt/$target/scripts/install.sh" --user ${prefix:+--root "$prefix"} >"$work/system" 2>&1 || { why=$(tail -n 2 "$work/system" | tr '\n' ' '); return 1; }
}

build_engine() {
    local program=$opt/$target/bin/heartsound set=() settings=() status
    [ ! -e "$etc/settings.json" ] || settings=(--settings "$etc/settings.json")
    if [ "$kind" = models ]; then program=$(program_in_use) set=(env "HEARTSOUND_MODELS=$opt/$target"); fi
    unless_interrupted
    enter engine "building what the GPU needs; the service goes on meanwhile" || refuse "$state cannot be written to; is the disk full?"
    as_service ${set[@]+"${set[@]}"} "$program" engine build ${settings[@]+"${settings[@]}"} 2>&1 | while IFS= read -r line; do say "  $line"; done
    status=${PIPESTATUS[0]}
    [ "$status" != 0 ] || return 0
    # Where the CPU computes today it will tomorrow; what the GPU computes today must not end for want of an engine without anybody having said so.
    gpu_computes || { say "  no engine can be used ($status), see above: the CPU computes, as it does now"; return 0; }
    [ -n "$no_engine" ] || refuse "the engine cannot be built ($status), see above. With --without-engine it is installed all the same, and the CPU computes."
}

# gpu_computes: whether the service that runs has its network computed by the GPU.
gpu_computes() { as_service cat "$prefix/run/heartsound/state.json" 2>/dev/null | grep -q '"provider":"\(TensorRt\|Cuda\)"'; }

switch_over() {
    local program=$opt/$target/bin/heartsound
    unless_interrupted
    [ "$kind" = program ] || program=$(program_in_use)
    enter idle "waiting for the end of an examination, at most $wait_idle s" || refuse "$state cannot be written to; is the disk full?"
    wait_until_idle "$program" || refuse "the device is in use: $why Try again later, or with a longer --wait-idle."
    unless_interrupted
    trap '' INT TERM # from here on it ends in a device that works, and not before
    rm -f "$state/before.json" && brokerBefore=''
    if active && as_service cat "$prefix/run/heartsound/state.json" >"$state/before.json" 2>/dev/null; then
        ! grep -q '"connected":true' "$state/before.json" || brokerBefore=yes
    else
        rm -f "$state/before.json"
    fi
    hold
    tries=0
    if ! enter switch "$link → $target${old:+ (was $old)}"; then
        release_hold
        refuse "$state cannot be written to; is the disk full?"
    fi
    if [ "$kind" = program ]; then install_system "$opt/$target" --without-updater || roll_back "its system part cannot be installed: $why"; fi
    point "$opt/$link" "$target" || roll_back "$opt/$link cannot be changed"
    enter restart $SERVICE
    restart_service || roll_back "systemd does not start it: $(unlocked systemctl status --no-pager -n 0 $SERVICE 2>&1 | tr '\n' ' ' | cut -c 1-300)"
    see_whether_well
}

# see_whether_well: the second half, also after a power cut. A service that is ready has reproduced the model's goldens itself, with what is installed now.
see_whether_well() {
    local program expected compared=()
    program=$(program_in_use) expected=$(version_in "$opt/current")
    enter health "at most $health_timeout s${brokerBefore:+, the broker included}"
    [ "$(installed "$link")" = "$target" ] || roll_back "$opt/$link does not point to it"
    lend_credentials
    if [ -e "$state/before.json" ] && install -m 644 "$state/before.json" "$run/before.json"; then compared=(--no-worse-than "$run/before.json"); fi
    [ -z "$brokerBefore" ] || compared+=(--broker)
    well "$program" "$expected" "$health_timeout" ${compared[@]+"${compared[@]}"} || roll_back "$why"
    confirm
}

confirm() {
    if [ "$kind" = program ]; then install_system "$opt/current" || roll_back "its system part cannot be installed: $why"; fi
    point "$opt/$before" "$old"
    rm -rf "$opt/$target.failed"
    if [ "$verb" != rollback ]; then clean "$keep"; fi
    conclude confirmed confirmed $OK "$version is installed and well"
}

# roll_back WORDS…: back to what was there before; never returns.
roll_back() {
    reason=$*
    warn "$version is no good: $*"
    take_back
    bring_back
}

# take_back: the files, and nothing else.
take_back() {
    enter rollback "$link → ${old:-nothing}: $reason"
    if [ -n "$old" ]; then
        point "$opt/$link" "$old"
        [ "$kind" != program ] || install_system "$opt/$old" || warn "the system part of $old cannot be installed: $why"
    else
        point "$opt/$link" ''
        if [ "$kind" = program ]; then
            unlocked systemctl stop $SERVICE || true
            rm -f "$prefix/etc/systemd/system/multi-user.target.wants/$SERVICE" # or it would fail at every boot
            unlocked systemctl daemon-reload || true
        fi
    fi
}

# bring_back: the service, with what was there before; then the end.
bring_back() {
    local program
    if [ "$kind" = program ] && [ -z "$old" ]; then
        put_aside
        conclude broken broken $BROKEN "$version is no good, and there is none before it: $reason"
    fi
    hold
    restart_service || true
    program=$(program_in_use)
    settle=$((settle < 10 ? settle : 10))
    lend_credentials
    # Whoever has little patience with the new one has some with the old: behind it there is nothing.
    well "$program" "$(version_in "$opt/current")" $((health_timeout > least_patience ? health_timeout : least_patience)) || { put_aside; conclude broken broken $BROKEN "$version is no good ($reason), and $(basename "${old:-what the program brings}") does not work either: $why"; }
    put_aside
    conclude rolledBack rolledBack $ROLLED_BACK "$(basename "${old:-what the program brings}") is back: $reason"
}

# put_aside: what failed stays as evidence, the last one only; a release that was there before this update stays where it is. One that a power cut stopped has not failed.
put_aside() {
    [ -n "$fresh" ] && [ -d "$opt/$target" ] && ! in_use "$target" || return 0
    if [ -n "$blameless" ]; then
        rm -rf "${opt:?}/$target"
        return 0
    fi
    rm -rf "$opt/$folder"/*.failed
    {
        printf '%s\n\n' "$reason"
        [ -n "$prefix" ] || unlocked journalctl -u $SERVICE -n 200 --no-pager 2>/dev/null
    } >"$opt/$target/FAILED"
    mv -T "$opt/$target" "$opt/$target.failed" && sync "$opt/$folder"
}

roll_back_by_hand() {
    kind=program
    [ -z "$models_only" ] || kind=models
    goes_by_kind
    phase=check
    target=$(installed "$before") old=$(installed "$link")
    if [ "$kind" = models ] && [ -z "$target" ] && [ -n "$old" ]; then
        refuse "there is no set of models before $(basename "$old"). To use those of the program again: rm $opt/models && systemctl restart heartsound"
    fi
    if [ -z "$target" ] || [ ! -d "$opt/$target" ]; then refuse "there is no version before that could be taken."; fi
    version=$(basename "$target")
    [ "$target" != "$old" ] || refuse "$version is what is installed."
    whole "$opt/$target" || refuse "$opt/$target is damaged; install a bundle instead."
    if [ -n "$dry" ]; then
        say "  would let $opt/$link point to $target instead of to $old, restart the service, and see whether it is well"
        exit $OK
    fi
    leave_a_copy || refuse "$state cannot be written to; is the disk full?"
    trap 'interrupted=yes' INT TERM
    switch_over
}

# --- after a power cut ---

resume() {
    if [ ! -e "$state/pending" ]; then
        drop_leftovers
        [ -n "$files_only" ] || say "Nothing was interrupted."
        exit $OK
    fi
    read_journal
    [ -n "$kind" ] || kind=program
    goes_by_kind
    trap '' INT TERM
    # Step 1: files, before the service starts.
    case $phase in
        unpack | check | engine | idle)
            reason="interrupted by a power cut or a kill in the phase '$phase'; nothing has changed. Install it again."
            drop_leftovers
            refuse_resumed
            ;;
        switch)
            reason="interrupted by a power cut or a kill in the middle of the switch. Install it again." blameless=yes
            take_back
            ;;
        restart | health)
            if [ -n "$files_only" ]; then
                tries=$((tries + 1))
                write_journal
            fi
            [ "$tries" -le 2 ] || { reason="the device was started anew $tries times before it was well" && take_back; }
            ;;
        rollback) take_back ;;
        *) conclude "$phase" "$phase" $OK "it was over already" ;;
    esac
    [ -z "$files_only" ] || exit $OK

    # Step 2: is it well?
    hold
    case $phase in
        rollback) bring_back ;;
        restart)
            restart_service || roll_back "systemd does not start it"
            see_whether_well
            ;;
        *)
            active || unlocked systemctl start --no-block $SERVICE || true
            see_whether_well
            ;;
    esac
}

# Of an update that had changed nothing: that it is over is no fault of the boot.
refuse_resumed() {
    write_state refused
    rm -f "$state/pending" && sync "$state"
    release_hold
    say "PHASE refused $reason"
    exit $OK
}

# --- the rest ---

clean() {
    local keep=$1 folder entry name kept
    for folder in releases model-sets; do
        kept=$(count_in_use $folder)
        # The newest first; what is in use always stays.
        while IFS= read -r entry; do
            name=$folder/$(basename "$entry")
            if in_use "$name" || [ "$name" = "$target" ]; then continue; fi
            case $name in
                *.failed) [ "$verb" = clean ] || continue ;;
                *.unpacking.*) ;;
                *) if [ "$kept" -lt "$keep" ]; then kept=$((kept + 1)); continue; fi ;;
            esac
            say "  remove $entry"
            [ -n "$dry" ] || rm -rf "$entry"
        done < <(find "$opt/$folder" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' 2>/dev/null | sort -rn | cut -d ' ' -f 2-)
    done
}

count_in_use() {
    local entry count=0
    for entry in "$opt/$1"/*; do if in_use "$1/$(basename "$entry")"; then count=$((count + 1)); fi; done
    printf '%s' "$count"
}

status() {
    local failed evidence name
    evidence=$(find "$opt/releases" "$opt/model-sets" -maxdepth 1 -name '*.failed' 2>/dev/null | head -n 1)
    failed=${evidence##*/} failed=${failed%.failed}
    if [ -n "$json" ]; then
        printf '{\n'
        printf '  "schema": 1,\n  "current": %s,\n  "previous": %s,\n' "$(quoted "$(version_of current)")" "$(quoted "$(version_of previous)")"
        printf '  "models": %s,\n  "modelsPrevious": %s,\n  "failed": %s,\n' "$(quoted "$(version_of models)")" "$(quoted "$(version_of models-previous)")" "$(quoted "$failed")"
        printf '  "underWay": %s' "$([ -e "$state/pending" ] && echo true || echo false)"
        for name in phase result verb kind version reason at; do printf ',\n  "%s": %s' "$name" "$(quoted "$(field "$state/state.json" $name)")"; done
        printf '\n}\n'
        return
    fi
    printf 'program:  %s%s\n' "$(version_of current || true)" "$([ -z "$(version_of previous)" ] || printf ' (before: %s)' "$(version_of previous)")"
    printf 'models:   %s\n' "$(version_of models | grep . || echo 'those of the program')"
    [ -z "$failed" ] || printf 'failed:   %s, see %s/FAILED\n' "$failed" "$evidence"
    [ ! -e "$state/state.json" ] || printf 'last:     %s %s: %s %s\n' "$(field "$state/state.json" verb)" "$(field "$state/state.json" version)" "$(field "$state/state.json" result | grep . || field "$state/state.json" phase)" "$(field "$state/state.json" reason)"
    [ ! -e "$state/pending" ] || printf 'An update is under way, or was interrupted: heartsound-update resume\n'
}

version_of() { installed "$1" | sed 's|.*/||'; }

# --- what was asked for ---

number() { [[ ${2:-} =~ ^[0-9]{1,5}$ ]] || misuse "$1 needs a number of seconds or things, and not '${2:-}'."; }

while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --wait-idle) number "$@"; wait_idle=$2; shift ;;
        --health-timeout) number "$@"; health_timeout=$2; shift ;;
        --settle) number "$@"; settle=$2; shift ;;
        --keep) number "$@"; keep=$2; shift ;;
        --root) [ -d "${2:-}" ] || misuse "--root needs a folder."; prefix=$(readlink -f "$2"); shift ;;
        --only-newer) newer=yes ;;
        --again) again=yes ;;
        --without-engine) no_engine=yes ;;
        --now) at_once=yes ;;
        --models) models_only=yes ;;
        --files) files_only=yes ;;
        --json) json=yes ;;
        --dry-run) dry=yes ;;
        -*) misuse "I do not know '$1'." ;;
        *)
            if [ -z "$verb" ]; then verb=$1
            elif [ -z "$bundle" ]; then bundle=$1
            else misuse "one bundle at a time: '$bundle' and '$1' were named."; fi ;;
    esac
    shift
done

opt=$prefix/opt/heartsound
etc=$prefix/etc/heartsound
state=$prefix/var/lib/heartsound-update
run=$prefix/run/heartsound-update
credentials=$run/credentials
holder='' is_locked='' why='' folder='' link='' before='' interrupted=''

case $verb in
    install | verify)
        [ -n "$bundle" ] || misuse "which bundle?"
        [ -f "$bundle" ] || { warn "there is no file '$bundle'."; exit $REFUSED; }
        ;;
    rollback | status | resume | clean) [ -z "$bundle" ] || misuse "'$bundle' is too much." ;;
    '') misuse "what shall be done?" ;;
    *) misuse "I do not know '$verb'." ;;
esac

work=$(mktemp -d) || { echo "heartsound-update: no temporary folder can be made: is the disk full?" >&2; exit $REFUSED; }
leave() {
    [ -z "$holder" ] || release_hold
    rm -rf "$work"
    # Who only asks, or is refused because another update is under way, leaves that one's things alone.
    [ -z "$is_locked" ] || rm -rf "$credentials" "$run/before.json"
}
trap leave EXIT

case $verb in
    verify)
        verify_bundle || { code=$?; cat "$work/verify" >&2; exit $code; }
        say "$(basename "$bundle") is signed by a key of $etc/trusted-keys, whole, and fits this machine."
        exit $OK
        ;;
    status) status; exit $OK ;;
esac

[ -n "$prefix$dry" ] || [ "$(id -u)" = 0 ] || { warn "root is needed: sudo heartsound-update $verb …"; exit $REFUSED; }
[ -n "$dry" ] || take_lock
case $verb in
    resume) resume ;;
    *)
        if [ -e "$state/pending" ] && [ -z "$dry" ]; then
            say "An update was interrupted; it is ended first."
            (resume)
        fi
        case $verb in
            install) install_bundle ;;
            rollback) roll_back_by_hand ;;
            clean) clean "$keep" ;;
        esac
        ;;
esac
