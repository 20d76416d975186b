#!/usr/bin/env bash
# Brings a bundle to devices over ssh, many at a time, and says what came of each. Provisioned devices only (scripts/provision.sh).
#
#   scripts/deploy.sh [OPTION…] HOST… BUNDLE        update them: program or models
#   scripts/deploy.sh rollback [--models] HOST…     the version before, on each of them
#   scripts/deploy.sh status HOST…                  what runs there, and how it is
#   scripts/deploy.sh logs [--follow] [--since TIME] HOST…   the journal of service and updates
#   scripts/deploy.sh --offline DIR BUNDLE          write what a USB stick needs that updates a device without any line
#
# The bundle's signature is checked here before anything is sent, and once more on the device. All devices are looked at before the first one is changed: reachable, root, room,
# platform, no other update under way. Each then runs its own updater (heartsound-update), which no line carries: when the line is cut, the device goes on, and this script takes
# up again where it stopped. A device that does not come up healthy goes back by itself.
#
#   --keys DIR            the makers' public keys (*.pub); else ~/.config/heartsound/trusted-keys, else /etc/heartsound/trusted-keys
#   --first N             N devices first; the others only when all of those are confirmed
#   --max-failures N      begin with no further device after so many failures (default 3)
#   --only-ready          leave out devices that are not ready, and update the others; else one that is not ready stops all
#   --again, --without-engine, --only-newer, --now   as heartsound-update takes them (docs/updates.md)
#   --wait-idle SECONDS   how long a device waits for an examination to end (default 600)
#   --health-timeout SECONDS   how long it may take to be healthy (default 180)
#   --settle SECONDS      how long it must stay healthy before it is confirmed (default 40)
#   --logs-to DIR         keep each device's log there
#   --dry-run             look at everything, say what would be done, change nothing
#
# Exit code: 0 all confirmed; 3 some failed; 10 nothing was changed; 1 called wrongly; 130 interrupted (what has begun goes on on the devices). Undo: scripts/deploy.sh rollback HOST…
# shellcheck disable=SC2317,SC2031 # tasks and traps are called by their names
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib.sh
source "$here/lib.sh"
# shellcheck source=scripts/lib-devices.sh
source "$here/lib-devices.sh"
# shellcheck source=scripts/lib-ssh.sh
source "$here/lib-ssh.sh"
# shellcheck source=scripts/lib-table.sh
source "$here/lib-table.sh"
# shellcheck source=scripts/lib-bundle.sh
source "$here/lib-bundle.sh"

verb=install keys='' first=0 max_failures=3 only_ready='' wait_idle=600 health_timeout=180 logs_to='' dry='' models='' follow_logs='' since='' offline='' updater_options=()
case ${1:-} in status | rollback | logs) verb=$1 && shift ;; esac
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && printf '\n%s\n' "$device_options_help"; exit 0 ;;
        --keys) need_value "$@"; keys=$2; shift ;;
        --first) need_number "$@"; first=$2; shift ;;
        --max-failures) need_number "$@"; max_failures=$2; shift ;;
        --wait-idle) need_number "$@"; wait_idle=$2; shift ;;
        --health-timeout) need_number "$@"; health_timeout=$2; shift ;;
        --settle) need_number "$@"; updater_options+=(--settle "$2"); shift ;;
        --logs-to) need_value "$@"; logs_to=$2; shift ;;
        --since) need_value "$@"; since=$2; shift ;;
        --offline) need_value "$@"; offline=$2; shift ;;
        --only-ready) only_ready=yes ;;
        --dry-run) dry=yes ;;
        --models) models=yes ;;
        --again | --without-engine | --only-newer | --now) updater_options+=("$1") ;;
        --follow) follow_logs=yes ;;
        -*) device_option "$@" || die "I do not know '$1'. Try --help."; [ "$taken" -eq 1 ] || shift ;;
        *) host_words+=("$1") ;;
    esac
    shift
done

interrupted() {
    trap '' INT TERM
    end_running
    case $verb in status | logs) exit 130 ;; esac
    tell ''
    tell "Interrupted. Devices whose update had begun go on with it; look at them with: scripts/deploy.sh status HOST…"
    exit 130
}

finish() {
    [ -z "$logs_to" ] || [ -z "${work:-}" ] || keep_logs
    close_work
}

keep_logs() {
    local i
    mkdir -p "$logs_to"
    for i in "${chosen[@]}"; do [ ! -e "$work/$i.log" ] || cp "$work/$i.log" "$logs_to/${device_names[i]//[^A-Za-z0-9._-]/_}.log"; done
}

# summary: a line, objects for programs, and the exit code.
summary() {
    local i word well=0 changed='' failed=0 text=''
    declare -A count=()
    for i in "${chosen[@]}"; do
        word=$(outcome_of "$i")
        [ -n "$word" ] || { declare_outcome "$i" notStarted "not begun with" && word=notStarted; }
        count[$word]=$((${count[$word]:-0} + 1))
        case $word in
            confirmed | unchanged | ready | ok) well=$((well + 1)) ;;
            *) failed=$((failed + 1)) ;;
        esac
        case $word in confirmed | rolledBack | broken | failed | unknown) changed=yes ;; esac
        [ -z "$json_output" ] || json_device "$i"
    done
    for word in "${!count[@]}"; do text+=", ${count[$word]} $word"; done
    tell ''
    tell "${#chosen[@]} devices: ${text#, }"
    if [ $failed -eq 0 ]; then exit 0; elif [ -n "$changed" ]; then exit 3; else exit 10; fi
}

# enough_failures: whether so many devices failed that no further one is begun with; those that were not even ready do not count.
enough_failures() {
    local i failures=-${#refused[@]}
    for i in "${chosen[@]}"; do
        case ${ended[$i]:-} in '' | confirmed | unchanged | ready) ;; *) failures=$((failures + 1)) ;; esac
    done
    [ "$failures" -ge "$max_failures" ]
}

# ready INDEX: looks at a device, and changes nothing there.
ready() {
    local problems=() line
    connect || { outcome refused "$why"; return; }
    learn || { outcome refused "$why"; return; }
    [ -n "$(fact updater)" ] || problems+=("it has no updater: scripts/provision.sh first")
    if [ -n "$(fact running)" ] && { [ -z "${bundle_sum:-}" ] || [[ $(fact running) != "${bundle_sum:0:12}"-* ]]; }; then problems+=("another update is under way there ($(fact running))"); fi
    if [ "$verb" = install ]; then while IFS= read -r line; do problems+=("$line"); done < <(bundle_fits); fi
    if [ ${#problems[@]} -gt 0 ]; then
        outcome refused "$(printf '%s; ' "${problems[@]}" | sed 's/; $//')"
    elif [ "$verb" = install ] && [ -z "$(fact running)" ] && [ "$(installed)" = "$bundle_version" ]; then
        outcome unchanged "$bundle_version is what it has" "version=$bundle_version"
    else
        outcome ready "$(fact model | grep . || fact osName), $(installed | grep . || echo nothing) is there"
    fi
}

# installed: the version that the bundle would take the place of.
installed() { if [ "$bundle_kind" = models ]; then fact models; else fact current; fi; }

# update INDEX: brings the bundle there, starts the updater, and follows it.
update() {
    local began=$SECONDS before id
    load_facts
    before=$(installed) id=$run_id
    if [ -n "$(fact running)" ]; then
        id=$(fact running)
    else
        upload "$bundle" "$bundle_name" "$bundle_sum" || { lost_or_failed "$?" "the bundle did not get there"; return; }
        state start "starting the updater"
        run_detached "$id" install "$bundle_name" --wait-idle "$wait_idle" --health-timeout "$health_timeout" "${updater_options[@]}" ||
            { lost_or_failed "$?" "the updater could not be started"; return; }
    fi
    watch_update "$id" "$bundle_version" || return 0
    as_root incoming.sh remove "$bundle_sum" "$bundle_name" </dev/null || true
    outcome_of_update "$code" "${before:-nothing} → $bundle_version in $((SECONDS - began)) s" "$bundle_version"
}

# go_back INDEX: the version before.
go_back() {
    local began=$SECONDS words=(rollback --health-timeout "$health_timeout" "${updater_options[@]}")
    load_facts
    [ -z "$models" ] || words+=(--models)
    state start "starting the updater"
    run_detached "$run_id" "${words[@]}" || { lost_or_failed "$?" "the updater could not be started"; return; }
    watch_update "$run_id" '' || return 0
    learn || true
    outcome_of_update "$code" "back at $(fact current)${models:+, models $(fact models)} in $((SECONDS - began)) s" "$(fact current)"
}

lost_or_failed() {
    if [ "$1" -eq 255 ]; then outcome failed "$2: the line was cut for over $patience s; what came is kept, run this again"; else outcome failed "$2: $(tail -n 1 "$log")"; fi
}

# watch_update ID VERSION: follows it to its end, also over a power cut of the device; then $code is the updater's exit code.
watch_update() {
    follow "$1" || { outcome unknown "the line was cut for over $patience s while the update was under way; it goes on there: scripts/deploy.sh status $name"; return 1; }
    [ "$code" = lost ] || return 0
    # The device was switched off. At its start it finishes the update or takes it back; what it says then counts.
    local end=$((SECONDS + health_timeout + patience)) flat result
    while [ "$SECONDS" -lt "$end" ]; do
        state waiting "it was switched off; waiting for what it makes of the update"
        flat=$(patiently as_root status.sh update </dev/null 2>/dev/null | flat_json) || flat=''
        result=$(value_of result <<<"$flat")
        [ -z "$2" ] || [ "$(value_of version <<<"$flat")" = "$2" ] || result=refused # of another one: this one had not begun
        case $(value_of underWay <<<"$flat")/$result in
            false/confirmed) code=0 ;;
            false/rolledBack) code=11 ;;
            false/broken) code=12 ;;
            false/*) code=10 ;;
            *) sleep 2 && continue ;;
        esac
        printf 'PHASE %s it was switched off in the middle. %s\n' "${result:-refused}" "$(value_of reason <<<"$flat")" >>"$log"
        return 0
    done
    outcome unknown "it was switched off in the middle, and has not said since what came of the update: scripts/deploy.sh status $name"
    return 1
}

# how_it_is INDEX: for `status`.
how_it_is() {
    local update health text level
    connect || { outcome unreachable "$why"; return; }
    learn || { outcome unreachable "$why"; return; }
    [ -n "$(fact updater)" ] || { outcome bare "not provisioned: $(fact model | grep . || fact osName)"; return; }
    update=$(as_root status.sh update </dev/null 2>/dev/null | flat_json) || true
    health=$(as_root status.sh health </dev/null 2>/dev/null | flat_json) || true
    text="$(fact current | grep . || echo 'no program')"
    [ -z "$(fact models)" ] || text+=", models $(fact models)"
    [ "$(value_of underWay <<<"$update")" != true ] || text+=", UPDATE UNDER WAY"
    level=$(value_of level <<<"$health")
    if [ -n "$health" ]; then
        text+="; $(value_of scene <<<"$health"), $(value_of provider <<<"$health") $(value_of model.id <<<"$health")"
        if [ "$(value_of broker.configured <<<"$health")" = true ]; then
            if [ "$(value_of broker.connected <<<"$health")" = true ]; then text+=", broker connected"; else text+=", broker AWAY"; fi
        fi
    else
        text+="; the service says nothing: scripts/deploy.sh logs $name"
    fi
    [ "$(value_of ready <<<"$health")" = true ] || level=notReady
    case $level in ok | warning | '') level=ok ;; esac
    outcome "$level" "$text" "version=$(fact current)" "models=$(fact models)" "level=$(value_of level <<<"$health")" "scene=$(value_of scene <<<"$health")" \
        "provider=$(value_of provider <<<"$health")" "model=$(value_of model.id <<<"$health")" "brokerConnected=$(value_of broker.connected <<<"$health")" \
        "previous=$(value_of previous <<<"$update")" "lastUpdate=$(value_of result <<<"$update")" "failed=$(value_of failed <<<"$update" | sed 's/^null$//')"
}

# read_journal INDEX: for `logs`; each line with the device's name before it.
read_journal() {
    connect || { outcome unreachable "$why"; return; }
    while :; do
        as_root logs.sh "${since:--1h}" "${follow_logs:-no}" </dev/null 2>&1 | sed -u "s/^/$name | /" >&4 || [ -n "$follow_logs" ] || { outcome failed "the line was cut"; return; }
        [ -n "$follow_logs" ] || break
        printf '%s | (the line was cut; again from here on)\n' "$name" >&4
        since=now
        sleep 2
    done
    outcome ok "read"
}

# write_stick: what a USB stick needs.
write_stick() {
    open_bundle "${host_words[0]}"
    title "Writing the stick in $offline: $bundle_kind $bundle_version for $bundle_platform"
    local room label
    [ -d "$offline" ] || die "'$offline' is no folder: mount the stick (FAT, exFAT or ext4), and name where it is."
    room=$(df -Pm "$offline" | awk 'NR == 2 { print $4 }')
    [ "$room" -gt $((bundle_size / 1048576 + 1)) ] || die "$room MB are free in $offline, $((bundle_size / 1048576 + 1)) are needed. Nothing was written."
    local folder=$offline/heartsound-update
    say "  $folder/$bundle_name"
    say "  $folder/SHA256SUMS"
    say "  $folder/README.txt"
    [ -z "$dry" ] || return 0
    mkdir -p "$folder"
    cp "$bundle" "$folder/$bundle_name.new"
    sync "$folder/$bundle_name.new"
    [ "$(sha256sum "$folder/$bundle_name.new" | cut -d ' ' -f 1)" = "$bundle_sum" ] || { rm -f "$folder/$bundle_name.new"; die "what was written is not what is read back: the stick is damaged."; }
    mv "$folder/$bundle_name.new" "$folder/$bundle_name"
    (cd "$folder" && sha256sum -- *.tar.zst >SHA256SUMS)
    sed "s|@BUNDLE@|$bundle_name|; s|@VERSION@|$bundle_version|; s|@SUM@|$bundle_sum|" "$root/deploy/usb/README.stick.txt" >"$folder/README.txt"
    sync -f "$folder"
    title "Done."
    label=$(lsblk -no LABEL "$(findmnt -no SOURCE -T "$offline" 2>/dev/null)" 2>/dev/null || true)
    [ "$label" = HEARTSOUND ] || say "Devices take it only with the label HEARTSOUND (it has '${label:-none}'): fatlabel, exfatlabel or e2label give it one."
    say "Unmount it, and put it into a device: what happens then is in README.txt on it. Undo it with: rm -r $folder"
}

trap finish EXIT
trap interrupted INT TERM

if [ -n "$offline" ]; then
    [ ${#host_words[@]} -eq 1 ] || die "--offline takes one bundle, and no host. Try --help."
    write_stick
    exit 0
fi

if [ "$verb" = install ]; then
    [ ${#host_words[@]} -gt 0 ] || die "which bundle, and which devices? Try --help."
    bundle=${host_words[-1]}
    unset 'host_words[-1]'
    [[ $bundle == *.tar.zst ]] || die "the last word must be a bundle (….tar.zst), and '$bundle' is none. Try --help."
fi
load_devices
bundle_kind=''
[ "$verb" != install ] || open_bundle "$bundle"
open_work
run_id=${bundle_sum:-$verb}
run_id=${run_id:0:12}-$(date -u +%Y%m%dT%H%M%SZ)

case $verb in
    status)
        side_by_side how_it_is "${chosen[@]}"
        summary
        ;;
    logs)
        exec 4>&1
        [ -z "$follow_logs" ] || jobs=${#chosen[@]}
        json_output=yes # what is said about the devices goes to standard error: standard output is for the journals
        side_by_side read_journal "${chosen[@]}"
        for i in "${chosen[@]}"; do [ "$(outcome_of "$i")" = ok ] || exit 3; done
        exit 0
        ;;
esac

tell "${bold}Looking at ${#chosen[@]} devices; nothing is changed yet$plain"
side_by_side ready "${chosen[@]}"
begin=() refused=()
for i in "${chosen[@]}"; do
    case $(outcome_of "$i") in
        ready) begin+=("$i") ;;
        unchanged) ;;
        *) refused+=("$i") ;;
    esac
done
if [ ${#refused[@]} -gt 0 ] && [ -z "$only_ready" ]; then
    tell "${#refused[@]} of ${#chosen[@]} are not ready, so nothing was changed on any. Without them: --only-ready"
    summary
fi
if [ -n "$dry" ]; then
    if [ "$verb" = install ]; then what="bring $bundle_name ($(megabytes "$bundle_size")) and update to $bundle_version"; else what="go back to the version before${models:+ of the models}"; fi
    for i in "${begin[@]}"; do tell "  would $what: ${device_names[i]}"; done
    summary
fi

task=update
[ "$verb" = install ] || task=go_back
may_begin() { ! enough_failures; }
if [ "$first" -gt 0 ] && [ "$first" -lt ${#begin[@]} ]; then
    tell "${bold}The first $first of ${#begin[@]}$plain"
    side_by_side "$task" "${begin[@]:0:first}"
    for i in "${begin[@]:0:first}"; do
        [ "$(outcome_of "$i")" = confirmed ] || { tell "Not all of the first are confirmed: the others stay as they are." && first_failed=yes; }
    done
    rest=("${begin[@]:first}")
else
    rest=("${begin[@]}")
fi
if [ -z "${first_failed:-}" ] && [ ${#rest[@]} -gt 0 ]; then
    tell "${bold}${#rest[@]} devices, $jobs at a time$plain"
    side_by_side "$task" "${rest[@]}"
    ! enough_failures || tell "$max_failures failures: no further device was begun with."
fi
for i in "${begin[@]}"; do [ "$(outcome_of "$i")" != ready ] || declare_outcome "$i" notStarted "not begun with: others failed"; done
summary
