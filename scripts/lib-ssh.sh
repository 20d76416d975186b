# shellcheck shell=bash disable=SC2034,SC2154
# The line to a device: one connection for everything, tried again when it is cut; files that go on where they stopped; commands that outlive it.
# What runs on the device is in deploy/device/. Sourced after lib-devices.sh, never run.

# open_work: a folder for what this run needs, and how ssh is called. The folder's name is short: a socket's path may have 100 characters.
open_work() {
    command -v ssh >/dev/null || die "ssh is missing: apt-get install openssh-client"
    work=$(mktemp -d /tmp/hs.XXXXXX)
    ssh_options=(-o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o LogLevel=ERROR
        -o ControlMaster=auto -o "ControlPath=$work/%C" -o ControlPersist=60)
    [ -z "$identity" ] || ssh_options+=(-i "$identity" -o IdentitiesOnly=yes)
    if [ -n "$accept_new_host_keys" ]; then ssh_options+=(-o StrictHostKeyChecking=accept-new); else ssh_options+=(-o StrictHostKeyChecking=yes); fi
    ssh_options+=("${extra_ssh_options[@]}")
    sudo_password=''
    [ -z "$ask_sudo_password" ] || { read -rsp "sudo's password on the devices: " sudo_password && echo >&2; } || die "no password came."
}

# close_work: ends the lines, and takes the folder away.
close_work() {
    [ -n "${work:-}" ] || return 0
    local socket
    for socket in "$work"/*; do
        [ ! -S "$socket" ] || ssh -o "ControlPath=$socket" -O exit - 2>/dev/null || true
    done
    rm -rf "$work"
}

# quoted WORD…: the words as a shell on the device takes them for these words.
quoted() {
    local word text=''
    for word in "$@"; do text+=" '${word//\'/\'\\\'\'}'"; done
    printf '%s' "${text# }"
}

# enter_device INDEX: from here on $name, $target and the functions below mean this device. Called in a process of its own.
enter_device() {
    index=$1 name=${device_names[$1]} target=${device_targets[$1]}
    line_options=("${ssh_options[@]}")
    [ -z "${device_ports[$1]}" ] || line_options+=(-p "${device_ports[$1]}")
    privilege=$(cat "$work/$index.privilege" 2>/dev/null || true)
}

# on_device COMMAND…: as the user of the line; standard input goes along. Exit code 255: the line.
on_device() { ssh "${line_options[@]}" -- "$target" "$(quoted "$@")"; }

# as_root SCRIPT ARGUMENT…: a script of deploy/device/ as root on the device; standard input goes along. A password is sudo's first line of it, and never an argument.
as_root() {
    local words=(sh -c "$(cat "$root/deploy/device/$1")" "$@")
    case $privilege in
        root) on_device "${words[@]}" ;;
        free) on_device sudo -n "${words[@]}" ;;
        password) { printf '%s\n' "$sudo_password"; cat; } | on_device sudo -k -S -p '' "${words[@]}" ;;
    esac
}

# patiently COMMAND…: again and again for as long as the line is what fails. Its output is what it wrote each time; it must be fit to be run again.
patiently() {
    local code=0 since=0 waited=1
    while :; do
        "$@" && return 0 || code=$?
        [ $code -eq 255 ] || return $code
        [ "$since" -gt 0 ] || since=$SECONDS
        [ $((SECONDS - since)) -lt "$patience" ] || return 255
        state waiting "the line is cut; trying again since $((SECONDS - since)) s"
        sleep "$waited"
        [ $waited -ge 8 ] || waited=$((waited * 2))
    done
}

# connect: reaches the device, and finds out how to be root there. Says in $why what is wrong and what to do where it cannot.
connect() {
    state connect "connecting"
    local answer errors=$work/$index.ssh
    # shellcheck disable=SC2016 # the text of another shell
    answer=$(on_device sh -c 'if [ "$(id -u)" = 0 ]; then echo root; elif ! command -v sudo >/dev/null; then echo nosudo; elif sudo -n -k true 2>/dev/null; then echo free; else echo password; fi' </dev/null 2>"$errors") || {
        why=$(explain_line "$errors")
        return 1
    }
    privilege=$answer
    case $privilege in
        root | free) ;;
        nosudo) why="the user is not root there, and there is no sudo: log in as root (--user root), or install sudo on the device"; return 1 ;;
        password)
            [ -n "$sudo_password" ] || { why="sudo wants a password there: --ask-sudo-password, or let the user do without (docs/technician.md, \"sudo\")"; return 1; }
            printf '%s\n' "$sudo_password" | on_device sudo -k -S -p '' true 2>"$errors" || { why="sudo refuses the password, or the user may not use sudo: $(tail -n 1 "$errors")"; return 1; }
            ;;
        *) why="the shell there answered '${answer:0:60}': does its profile print something?"; return 1 ;;
    esac
    printf '%s' "$privilege" >"$work/$index.privilege"
}

# explain_line FILE: what ssh complained of, and what to do.
explain_line() {
    local text host=${target#*@}
    text=$(tr -d '\r' <"$1" | grep -v '^$' | tail -n 1 || true)
    case $(cat "$1") in
        *'IDENTIFICATION HAS CHANGED'*) text="its host key has CHANGED. If it was flashed anew: ssh-keygen -R '$host'; if not, somebody may stand in between" ;;
        *'Host key verification failed'*) text="this computer does not know its host key: log in once with ssh and compare, or --accept-new-host-keys" ;;
        *'Permission denied'*) text="it does not take our key: ssh-copy-id $target, or --identity FILE, or --user USER" ;;
        *'Could not resolve'*) text="nobody knows the name '$host'" ;;
        *'Connection refused'*) text="it is there, and no ssh server listens: is it still starting? --port?" ;;
        *'timed out'* | *'No route'* | *'unreachable'*) text="no answer: is it on, and on this network?" ;;
    esac
    printf '%s' "${text:-the line was cut at once}"
}

# upload FILE NAME SHA256: puts a file into the device's incoming folder, piece by piece at its place, so that after a cut line it goes on where it stopped.
upload() {
    local file=$1 as=$2 sum=$3 size at piece=4194304 tries=0
    size=$(stat -c %s "$file")
    while :; do
        at=$(patiently as_root incoming.sh at "$sum" "$as" </dev/null 2>>"$log") || return
        [ "$at" != there ] || return 0
        while [ "$at" -lt "$size" ]; do
            state upload "$((at * 100 / size)) % of $(megabytes "$size")"
            if send_piece; then at=$((at + piece < size ? at + piece : size)); else
                [ $? -eq 255 ] || return 1
                at=$(patiently as_root incoming.sh at "$sum" "$as" </dev/null 2>>"$log") || return
                [ "$at" != there ] || return 0
            fi
        done
        state upload "checking the sum"
        patiently as_root incoming.sh finish "$sum" "$as" </dev/null 2>>"$log" && return 0
        tries=$((tries + 1))
        [ $tries -lt 2 ] || return 1
    done
}

# send_piece: the next piece of the upload. 255: the line.
send_piece() {
    local codes
    dd if="$file" bs="$piece" iflag=skip_bytes,fullblock skip="$at" count=1 status=none | as_root incoming.sh write "$sum" "$at" 2>>"$log"
    codes=("${PIPESTATUS[@]}")
    return "${codes[1]}"
}

megabytes() { awk -v bytes="$1" 'BEGIN { printf bytes < 10485760 ? "%.1f MB" : "%.0f MB", bytes / 1e6 }'; }

# run_detached ID VERB…: starts the device's updater as a unit of its own, which no line carries; where it was started already nothing happens.
run_detached() { patiently as_root run.sh "$@" </dev/null 2>>"$log"; }

# follow ID: what the detached command says, until it has ended; its phases become our state. $code is its exit code, or `lost` where the device was switched off meanwhile.
follow() {
    local id=$1 seen=0 line since=0 waited=1
    code=''
    while :; do
        # Read line by line: what has come is counted, so that after a cut line nothing is said twice.
        while IFS= read -r line; do
            since=0 waited=1
            case $line in
                'HEARTSOUND-ENDED '*) code=${line#* } ;;
                HEARTSOUND-ALIVE) ;;
                *)
                    seen=$((seen + 1))
                    printf '%s\n' "$line" >>"$log"
                    case $line in 'PHASE '*) line=${line#PHASE } && state "${line%% *}" "${line#* }" ;; esac
                    ;;
            esac
        done < <(as_root follow.sh "$id" "$seen" </dev/null 2>>"$log")
        [ -z "$code" ] || return 0
        [ $since -gt 0 ] || since=$SECONDS
        [ $((SECONDS - since)) -lt "$patience" ] || return 255
        state waiting "the line is cut, the device goes on; trying again since $((SECONDS - since)) s"
        sleep $waited
        [ $waited -ge 8 ] || waited=$((waited * 2))
    done
}
