#!/usr/bin/env bash
# Makes devices of bare machines that can be reached over ssh: packages, user, .NET, keys, certificates, settings, the program, the service, and a doctor at the end. Many at a time.
# May be run again: what is as it should be stays, and where nothing was changed it says so.
#
#   scripts/provision.sh [OPTION…] --hosts devices.csv --bundle BUNDLE [HOST…]
#   scripts/provision.sh --undo [--purge] --hosts devices.csv [HOST…]        take it all away again
#
# The table (deploy/devices.example.csv, docs/technician.md) is checked as a whole, and all devices are looked at, before the first one is changed.
#
#   --bundle FILE         the program; its signature is checked here and on the device
#   --keys DIR            the makers' public keys (*.pub), which the devices will trust; else ~/.config/heartsound/trusted-keys, else /etc/heartsound/trusted-keys
#   --dotnet TAR|DIR      the .NET runtime with ASP.NET Core 10 for the devices' processor; goes to /opt/heartsound/dotnet. Without it, it must be there
#   --onnxruntime DIR     an ONNX Runtime for the devices' L4T (docs/l4t.md); goes to /opt/heartsound/onnxruntime. Without it, the one of the bundle
#   --certificates DIR    the folder of scripts/make-certificates.sh: ca.crt, and NAME.crt with NAME.key for each device whose broker_tls is mutual
#   --passwords FILE      lines NAME:PASSWORD for the broker; the file must be its owner's alone (chmod 600)
#   --template FILE       what settings are made of (default deploy/settings.template.json)
#   --no-packages         install no Debian packages: say which are missing
#   --packages 'A B'      further packages
#   --wait-idle SECONDS, --health-timeout SECONDS, --settle SECONDS
#                         for the device's updater, as of scripts/deploy.sh; a slow device may want more than 180 s until it is well
#   --stick-updates       let a USB stick with the label HEARTSOUND bring signed updates (scripts/deploy.sh --offline writes one)
#   --reports DIR         a report a device (default ./provision-reports)
#   --only-ready          leave out devices that are not ready; else one that is not stops all
#   --dry-run             look at everything, say each change, make none
#   --undo, --purge       take program, keys, certificates and secrets away; with --purge also settings, verdicts that wait, records, and the user
#
# Secrets travel through the encrypted line's standard input only, and lie in files of root (or of the service's user, before systemd 247) with mode 0600.
# Exit code: 0 all are well; 3 some are not; 10 nothing was changed; 1 called wrongly; 130 interrupted.
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
# shellcheck source=scripts/lib-rows.sh
source "$here/lib-rows.sh"
umask 077

bundle='' keys='' dotnet='' onnxruntime='' certificates='' passwords='' template=$root/deploy/settings.template.json no_packages='' more_packages='' reports=provision-reports
only_ready='' dry='' undo='' purge=no stick_updates='' updater_options=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && printf '\n%s\n' "$device_options_help"; exit 0 ;;
        --devices) need_value "$@"; hosts_file=$2; shift ;;
        --bundle) need_value "$@"; bundle=$2; shift ;;
        --keys) need_value "$@"; keys=$2; shift ;;
        --dotnet) need_value "$@"; dotnet=$2; shift ;;
        --onnxruntime) need_value "$@"; onnxruntime=$2; shift ;;
        --certificates) need_value "$@"; certificates=${2%/}; shift ;;
        --passwords) need_value "$@"; passwords=$2; shift ;;
        --template) need_value "$@"; template=$2; shift ;;
        --packages) need_value "$@"; more_packages=$2; shift ;;
        --reports) need_value "$@"; reports=$2; shift ;;
        --wait-idle | --health-timeout | --settle) need_number "$@"; updater_options+=("$1" "$2"); shift ;;
        --no-packages) no_packages=yes ;;
        --stick-updates) stick_updates=yes ;;
        --only-ready) only_ready=yes ;;
        --dry-run) dry=yes ;;
        --undo) undo=yes ;;
        --purge) purge=yes ;;
        -*) device_option "$@" || die "I do not know '$1'. Try --help."; [ "$taken" -eq 1 ] || shift ;;
        *) host_words+=("$1") ;;
    esac
    shift
done

# What the program needs of Debian and Ubuntu, whatever the release calls it: `a|b` is whichever there is, `?a` is taken where there is one.
# Ubuntu 18.04 has libgpiod 1.0 only, which is of no use (docs/lights.md); a signature is checked by whichever of minisign, signify and OpenSSL 3 there is.
packages=(libportaudio2 'libasound2t64|libasound2' libmosquitto1 libsqlite3-0 libsndfile1 '?libgpiod3|libgpiod2' openssl ca-certificates zstd '?minisign|signify-openbsd')
# shellcheck disable=SC2206 # words are meant
packages+=($more_packages)

interrupted() {
    trap '' INT TERM
    end_running
    tell ''
    tell "Interrupted. What was begun on a device by its updater goes on there; run this again: what is done is not done again."
    exit 130
}
trap close_work EXIT
trap interrupted INT TERM

# pack NAME DIR FILE…: $work/NAME.tar.gz of these, the same bytes for the same files.
pack() {
    local name=$1 folder=$2
    shift 2
    tar -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --dereference -cf - "$@" | gzip -1n >"$work/$name.tar.gz"
}

# machine_of FILE: arm64 or x64, by the ELF header.
machine_of() {
    case $(od -An -tx1 -j18 -N2 "$1" | tr -d ' ') in b700) echo arm64 ;; 3e00) echo x64 ;; *) echo unknown ;; esac
}

# open_dotnet: checks --dotnet, and packs it as $work/dotnet.tar.gz.
open_dotnet() {
    local folder=$dotnet part parts=()
    [ -n "$dotnet" ] || return 0
    if [ -f "$dotnet" ]; then
        folder=$work/dotnet
        mkdir "$folder"
        tar -xf "$dotnet" -C "$folder" || die "'$dotnet' cannot be unpacked."
    fi
    [ -x "$folder/dotnet" ] || die "'$dotnet' holds no .NET: its top must have the file 'dotnet'."
    compgen -G "$folder/shared/Microsoft.AspNetCore.App/10.*" >/dev/null || die "'$dotnet' has no ASP.NET Core 10: the archive is called aspnetcore-runtime-10.0.…-linux-arm64.tar.gz (it brings .NET's own runtime)."
    dotnet_machine=$(machine_of "$folder/dotnet")
    for part in dotnet host shared LICENSE.txt ThirdPartyNotices.txt; do [ ! -e "$folder/$part" ] || parts+=("$part"); done
    pack dotnet "$folder" "${parts[@]}"
    dotnet_sum=$(sha256sum "$work/dotnet.tar.gz" | cut -d ' ' -f 1)
    [ "$folder" = "$dotnet" ] || rm -rf "$folder"
}

open_onnxruntime() {
    local files
    [ -n "$onnxruntime" ] || return 0
    [ -e "$onnxruntime/libonnxruntime.so.1" ] || die "'$onnxruntime' holds no libonnxruntime.so.1."
    mapfile -t files < <(cd "$onnxruntime" && printf '%s\n' ./*.so*)
    onnxruntime_machine=$(machine_of "$onnxruntime/libonnxruntime.so.1")
    pack onnxruntime "$onnxruntime" "${files[@]}"
    onnxruntime_sum=$(sha256sum "$work/onnxruntime.tar.gz" | cut -d ' ' -f 1)
}

# ready INDEX: looks at a device, and changes nothing there.
ready() {
    local problems=() arch line board=${cell[$1,board]:-} found text
    connect || { outcome refused "$why"; return; }
    learn || { outcome refused "$why"; return; }
    text="$(fact model | grep . || echo 'no Jetson'), L4T $(fact l4t | grep . || echo none), $(fact osName), systemd $(fact systemd), $(fact ramMegabytes) MB"
    if [ -n "$undo" ]; then outcome ready "$text"; return; fi
    arch=$(fact arch | sed 's/aarch64/arm64/; s/x86_64/x64/')
    while IFS= read -r line; do problems+=("$line"); done < <(bundle_fits)
    [ -z "$(fact running)" ] || problems+=("an update is under way there ($(fact running))")
    found=$(board_of)
    if [ -n "$board" ] && [ "$found" != "$board" ]; then problems+=("the table says $board, and it is ${found:-no board that is known} ($(fact model | grep . || fact osName))"); fi
    [ -n "$(fact systemd)" ] && [ "$(fact systemd)" -ge 237 ] || problems+=("systemd 237 or younger is needed, it has '$(fact systemd)'")
    [ "$(fact ramMegabytes)" -ge 900 ] || problems+=("$(fact ramMegabytes) MB of memory are too few: 900 are needed")
    if [ -n "$dotnet" ]; then
        [ "$dotnet_machine" = "$arch" ] || problems+=("--dotnet is for $dotnet_machine, the device is $arch")
    elif ! [[ $(fact dotnet) =~ ^10\. ]]; then
        problems+=("it has no ASP.NET Core 10 runtime: --dotnet")
    fi
    [ -z "$onnxruntime" ] || [ "$onnxruntime_machine" = "$arch" ] || problems+=("--onnxruntime is for $onnxruntime_machine, the device is $arch")
    [ -n "$no_packages" ] || [[ " $(fact tools) " == *' apt-get '* ]] || problems+=("it has no apt-get: --no-packages, and the packages by hand")
    if [ ${#problems[@]} -gt 0 ]; then
        outcome refused "$(printf '%s; ' "${problems[@]}" | sed 's/; $//')"
    else
        outcome ready "$text$([ "$(fact clock)" = yes ] || printf '; its clock is kept by no time server')"
    fi
}

# board_of: the board file whose device tree names fit.
board_of() {
    local word
    for word in $(fact compatible); do
        word=$(grep -lF "\"$word\"" "$root"/deploy/boards/*.json | head -n 1 || true)
        if [ -n "$word" ]; then basename "$word" .json && return; fi
    done
}

# step [--restart] WORDS…: puts a step of deploy/device/provision.sh on the list, with what it is to read; --restart: the service must be started anew where it changes something.
step() {
    local flag='' size words
    if [ "$1" = --restart ]; then flag=restart && shift; fi
    cat >"$work/$index.payload"
    size=$(stat -c %s "$work/$index.payload")
    words=$(printf '\037%s' "$@")
    { printf '%s%s\n' "$size" "$words" && cat "$work/$index.payload"; } >>"$work/$index.steps"
    rm -f "$work/$index.payload"
    step_names+=("$1") step_flags+=("$flag")
}

# make_steps: does what is on the list, in one go; what it changed is kept for the report. Ends the device's run where a step fails.
make_steps() {
    local answers=() answer i mode=make errors=$work/$index.errors code=0
    [ -z "$dry" ] || mode=say
    [ ${#step_names[@]} -gt 0 ] || return 0
    mapfile -t answers < <(as_root provision.sh "$mode" <"$work/$index.steps" 2>"$errors" || echo "failed $?")
    cat "$errors" >&2
    for i in "${!answers[@]}"; do
        answer=${answers[i]}
        case $answer in
            changed*)
                changes+=("${answer#changed }")
                note "$([ -z "$dry" ] || printf 'would be ')changed: ${answer#changed }"
                [ -z "${step_flags[i]}" ] || restart=restart
                ;;
            missing*)
                case ${step_names[i]} in
                    lacks) note "packages that are missing: ${answer#missing }" ;;
                    packages) give_up "apt knows no package: ${answer#missing }. Does it reach its servers? Else --no-packages" ;;
                    *) give_up "the program there refuses the settings: $(grep -v '^$' "$errors" | head -n 3 | tr '\n' ' ')" ;;
                esac
                ;;
            failed*) give_up "${step_names[i]:-end}: $(grep -v '^$' "$errors" | tail -n 1 || true)" ;;
        esac
    done
    step_names=() step_flags=()
    rm -f "$work/$index.steps"
}

# give_up TEXT: this device's run ends here.
give_up() {
    note "FAILED: $1"
    report
    outcome failed "$1$([ ${#changes[@]} -eq 0 ] || printf ' (%d steps were made; run it again)' ${#changes[@]})"
    exit 0
}

notes=() changes=()
note() {
    notes+=("$1")
    printf '%s\n' "$1"
}

# bring NAME SHA256: a tar of ours to the device, and unpacked, where it has another one.
bring() {
    [ "$(fact "$1From")" != "$2" ] || return 0
    state "$1" "$1"
    if [ -z "$dry" ]; then upload "$work/$1.tar.gz" "$1.tar.gz" "$2" || give_up "$1 did not get there: $(tail -n 1 "$log")"; fi
    step unpacked "$1" "$2" </dev/null
}

# provision INDEX: the story of a device.
provision() {
    local secrets_path='' key_path='' owner=root systemd file restart=''
    load_facts
    systemd=$(fact systemd)
    notes=() changes=() step_names=() step_flags=()

    # 1. What Debian has for it, the user, the clock; then keys, certificates and secrets.
    state packages "packages, user, clock, keys"
    if [ -n "$no_packages" ]; then step lacks "${packages[@]}" </dev/null; else step packages "${packages[@]}" </dev/null; fi
    step user <"$root/systemd/heartsound.sysusers"
    step clock "$(date +%s)" </dev/null
    [ -z "${cell[$1,timezone]:-}" ] || step zone "${cell[$1,timezone]}" </dev/null
    for file in "$keys"/*.pub; do step put "/etc/heartsound/trusted-keys/${file##*/}" 644 root <"$file"; done
    [ -z "$certificates" ] || [ ! -e "$certificates/ca.crt" ] || step --restart put /etc/heartsound/ca.crt 644 root <"$certificates/ca.crt"
    [ -z "$stick_updates" ] || step put /etc/heartsound/stick-updates 644 root </dev/null
    bring_secrets "$1"
    make_steps

    # 2. What it runs on, and its settings: checked by the program that is there before they take the place of others.
    [ -z "$dotnet" ] || bring dotnet "$dotnet_sum"
    if [ -n "$onnxruntime" ]; then
        bring onnxruntime "$onnxruntime_sum"
        step --restart variable HEARTSOUND_ONNXRUNTIME /opt/heartsound/onnxruntime </dev/null
    fi
    state settings "settings"
    settings_of "$1" "$secrets_path" "$key_path" >"$work/$index.settings"
    step check <"$work/$index.settings"
    step --restart put /etc/heartsound/settings.json 644 root <"$work/$index.settings"
    make_steps

    # 3. The program, by the updater; the service; and the doctor's word.
    first_install
    state service "the service"
    step service "${restart:-start}" </dev/null
    make_steps
    examine
}

# bring_secrets INDEX: password and key, to where this systemd can give them to the service and to nobody else.
bring_secrets() {
    local folder=/etc/credstore password
    if [ "$systemd" -lt 252 ]; then folder=/etc/heartsound/secrets; fi
    if [ "$systemd" -lt 247 ]; then owner=heartsound secrets_path=$folder/broker-password key_path=$folder/broker-key; fi
    password=$(password_of "$1" | wc -c)
    [ "$password" -gt 1 ] || [ "${cell[$1,broker_tls]:-}" = mutual ] || return 0
    if [ "$systemd" -lt 247 ]; then step folder "$folder" 750 heartsound </dev/null; else step folder "$folder" 700 root </dev/null; fi
    if [ "$password" -gt 1 ]; then step --restart put "$folder/broker-password" 600 "$owner" < <(password_of "$1"); fi
    if [ "${cell[$1,broker_tls]:-}" = mutual ]; then
        step --restart put /etc/heartsound/device.crt 644 root <"$certificates/$name.crt"
        step --restart put "$folder/broker-key" 600 "$owner" <"$certificates/$name.key"
    fi
    # Between 247 and 251 systemd can load a credential, and does not look into /etc/credstore.
    if [ "$systemd" -ge 247 ] && [ "$systemd" -lt 252 ]; then
        step --restart put /etc/systemd/system/heartsound.service.d/10-secrets.conf 644 root < <(
            echo '[Service]'
            [ "$password" -le 1 ] || echo "LoadCredential=broker-password:$folder/broker-password"
            [ "${cell[$1,broker_tls]:-}" != mutual ] || echo "LoadCredential=broker-key:$folder/broker-key"
        )
    fi
}

# first_install: the bundle, by the updater that is there, or by the one of this checkout on a machine that has none.
first_install() {
    local sum
    [ "$(fact current)" != "$bundle_version" ] || return 0
    if [ -n "$dry" ]; then
        changes+=("the program")
        note "would bring $bundle_name ($(megabytes "$bundle_size")) and install $bundle_version"
        return
    fi
    upload "$bundle" "$bundle_name" "$bundle_sum" || give_up "the bundle did not get there: $(tail -n 1 "$log")"
    if [ -z "$(fact updater)" ]; then
        sum=$(sha256sum "$work/bootstrap.tar" | cut -d ' ' -f 1)
        step bootstrap "$sum" <"$work/bootstrap.tar"
        make_steps
    fi
    state install "starting the updater"
    run_detached "$run_id" install "$bundle_name" "${updater_options[@]}" || give_up "the updater could not be started: $(tail -n 1 "$log")"
    follow "$run_id" || give_up "the line was cut for over $patience s while it was being installed; it goes on there, run this again"
    [ "$code" != lost ] || give_up "it was switched off while it was being installed; run this again"
    as_root incoming.sh remove "$bundle_sum" "$bundle_name" </dev/null || true
    outcome_of_update "$code" installed "$bundle_version"
    [ "$code" -eq 0 ] || give_up "$(message_of "$index")"
    changes+=("the program: $bundle_version")
    note "changed: the program, $(fact current | grep . || echo nothing) → $bundle_version"
    restart=''
}

# examine: asks the device's own doctor, and says what came of the device.
examine() {
    local flat i level id failed=() warned=()
    if [ -n "$dry" ]; then
        report
        outcome ready "$([ ${#changes[@]} -eq 0 ] && echo "nothing would be changed" || echo "would change: $(printf '%s; ' "${changes[@]}" | sed 's/; $//')")" "changes=${#changes[@]}"
        return
    fi
    state doctor "asking its doctor"
    flat=$(as_root provision.sh doctor </dev/null 2>>"$log" | flat_json) || give_up "its doctor says nothing: $(tail -n 1 "$log")"
    doctor=()
    for ((i = 0; ; i++)); do
        id=$(value_of "findings.$i.id" <<<"$flat")
        [ -n "$id" ] || break
        level=$(value_of "findings.$i.level" <<<"$flat")
        # No stethoscope yet is what a device on a technician's bench is like.
        [ "$id $level" != 'microphones failed' ] || level=warning
        case $level in failed) failed+=("$id") ;; warning) warned+=("$id") ;; esac
        doctor+=("$(printf '%-8s %-12s %s' "$level" "$id" "$(value_of "findings.$i.message" <<<"$flat")")")
        [ "$level" = ok ] || [ -z "$(value_of "findings.$i.fix" <<<"$flat")" ] || doctor+=("$(printf '%-21s → %s' '' "$(value_of "findings.$i.fix" <<<"$flat")")")
    done
    report
    local said
    said="doctor: $i asked$([ ${#failed[@]} -eq 0 ] || printf ', FAILED: %s' "${failed[*]}")$([ ${#warned[@]} -eq 0 ] || printf ', to look at: %s' "${warned[*]}")"
    if [ ${#failed[@]} -gt 0 ]; then
        outcome unhealthy "${#changes[@]} changes; $said" "changes=${#changes[@]}" "failed=${failed[*]}" "warnings=${warned[*]}"
    elif [ ${#changes[@]} -eq 0 ]; then
        outcome unchanged "nothing was changed; $said" "changes=0" "warnings=${warned[*]}"
    else
        outcome provisioned "${#changes[@]} changes; $said" "changes=${#changes[@]}" "warnings=${warned[*]}"
    fi
}

doctor=()
# report: what is known about the device and what was done, for the file that belongs to it. No secret comes near it.
report() {
    {
        printf 'device    %s\nhost      %s\nsite      %s\nwhen      %s\nbundle    %s\n\n' "$name" "$target" "${cell[$index,site]:-}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$bundle_name"
        cat "$work/$index.facts"
        echo
        printf '%s\n' "${notes[@]:-nothing was changed}"
        [ ${#doctor[@]} -eq 0 ] || { echo && printf '%s\n' "${doctor[@]}"; }
    } >"$work/$index.report"
}

take_back() {
    notes=() changes=()
    state undo "taking it away"
    local answer
    if [ -n "$dry" ]; then outcome ready "would take away program, keys, certificates and secrets$([ "$purge" = no ] || echo ", settings, verdicts that wait, records and the user")"; return; fi
    answer=$(as_root provision.sh undo "$purge" </dev/null) || { outcome failed "not all of it is away: $(tail -n 1 "$log")"; return; }
    outcome provisioned "taken away$([ "$purge" = yes ] || echo "; settings, state and the user stay (--purge)"). $answer"
}

# summary: reports, a line, objects for programs, the exit code.
summary() {
    local i word well=0 touched='' findings
    for i in "${chosen[@]}"; do
        word=$(outcome_of "$i")
        case $word in provisioned | unchanged | ready) well=$((well + 1)) ;; esac
        case $word in provisioned | unhealthy | failed) touched=yes ;; esac
        if [ -z "$dry" ] && [ -s "$work/$i.report" ]; then
            mkdir -p "$reports"
            cp "$work/$i.report" "$reports/${device_names[i]}.txt"
            findings=$(grep -E '^(failed|warning) ' "$work/$i.report" || true)
            [ -z "$findings" ] || tell "$bold${device_names[i]}$plain"$'\n'"  ${findings//$'\n'/$'\n'  }"
        fi
        [ -z "$json_output" ] || json_device "$i"
    done
    tell ''
    tell "$well of ${#chosen[@]} devices are well$([ ! -d "$reports" ] || [ -n "$dry$undo" ] || printf '; reports: %s' "$reports")"
    if [ "$well" -eq ${#chosen[@]} ]; then exit 0; elif [ -n "$touched" ]; then exit 3; else exit 10; fi
}

[ -n "$hosts_file" ] || die "a table of the devices is needed: --hosts devices.csv (deploy/devices.example.csv is one)."
load_devices
if [ -z "$undo" ]; then
    [ -n "$bundle" ] || die "which program? --bundle FILE. Try --help."
    [ -r "$template" ] || die "there is no template '$template'."
    check_passwords
    check_rows "$template"
    refuse_troubles "nothing was changed on any device."
    open_bundle "$bundle"
    [ "$bundle_kind" = program ] || die "'$bundle' holds no program: models go to devices with scripts/deploy.sh."
fi
open_work
dotnet_machine='' dotnet_sum='' onnxruntime_machine='' onnxruntime_sum=''
open_dotnet
open_onnxruntime
if [ -z "$undo" ]; then
    [ -x "$root/scripts/update.sh" ] || die "scripts/update.sh is missing in this checkout."
    tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 -cf "$work/bootstrap.tar" scripts/update.sh scripts/verify-bundle.sh scripts/lib.sh
    run_id=${bundle_sum:0:12}-$(date -u +%Y%m%dT%H%M%SZ)
fi

tell "${bold}Looking at ${#chosen[@]} devices; nothing is changed yet$plain"
side_by_side ready "${chosen[@]}"
begin=()
for i in "${chosen[@]}"; do [ "$(outcome_of "$i")" != ready ] || begin+=("$i"); done
if [ ${#begin[@]} -lt ${#chosen[@]} ] && [ -z "$only_ready" ]; then
    tell "Not all are ready, so nothing was changed on any. Without those: --only-ready"
    summary
fi
[ ${#begin[@]} -gt 0 ] || summary
tell "${bold}${#begin[@]} devices, $jobs at a time$plain"
if [ -n "$undo" ]; then side_by_side take_back "${begin[@]}"; else side_by_side provision "${begin[@]}"; fi
summary
