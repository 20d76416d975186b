# shellcheck shell=bash disable=SC2034
# Which devices are meant and how to reach them: the options that deploy.sh and provision.sh share, and the table of devices (CSV). Sourced after lib.sh, never run.

# What --help of both scripts says at its end.
device_options_help="A HOST is [USER@]HOST[:PORT], or a name in the table of --hosts; an IPv6 address stands in brackets. Options for the way to the devices:
  --hosts FILE                 table of devices (CSV, docs/technician.md); with no HOST named all of them are meant
  --user USER                  user on the devices, root or somebody with sudo (default: as ssh's own configuration says)
  --port PORT, --identity FILE port and private key, where ssh's configuration does not say them
  --ask-sudo-password          sudo on the devices wants a password: asked for once, and given to sudo through the encrypted line only
  --accept-new-host-keys       take the key of a device that this computer has never seen; one that has changed is refused all the same
  --ssh-option OPTION          any further option, as in ssh -o; may be given more than once
  --jobs N                     how many devices at a time (default 8)
  --patience SECONDS           how long to try again when the line is cut (default 300)
  --json                       at the end one JSON object a device on standard output; everything else goes to standard error"

hosts_file='' remote_user='' remote_port='' identity='' ask_sudo_password='' accept_new_host_keys='' json_output='' jobs=8 patience=300
extra_ssh_options=()
host_words=()

# device_option NAME VALUE: takes one of the options above. Returns 1 where it is none of them; `taken` says how many words it was.
device_option() {
    taken=2
    case $1 in
        --hosts) need_value "$@"; hosts_file=$2 ;;
        --user) need_value "$@"; remote_user=$2 ;;
        --port) need_value "$@"; remote_port=$2 ;;
        --identity) need_value "$@"; identity=$2 ;;
        --ssh-option) need_value "$@"; extra_ssh_options+=(-o "$2") ;;
        --jobs) need_number "$@"; jobs=$2 ;;
        --patience) need_number "$@"; patience=$2 ;;
        --ask-sudo-password) ask_sudo_password=yes taken=1 ;;
        --accept-new-host-keys) accept_new_host_keys=yes taken=1 ;;
        --json) json_output=yes taken=1 ;;
        *) return 1 ;;
    esac
}

need_value() { [ -n "${2:-}" ] || die "$1 needs a value. Try --help."; }
need_number() { [[ ${2:-} =~ ^[1-9][0-9]{0,6}$ ]] || die "$1 takes a whole number from 1 on, not '${2:-}'."; }

# read_csv FILE: its rows, fields parted by \x1f, without blank lines and lines that begin with '#'. Quoted fields may hold commas and doubled quotes, but no new line.
read_csv() {
    LC_ALL=C awk '
        { sub(/\r$/, "") }
        NR == 1 { sub(/^\357\273\277/, "") }
        /^[ \t]*(#.*)?$/ { next }
        {
            row = ""; field = ""; quoted = 0; n = length($0)
            for (i = 1; i <= n; i++) {
                c = substr($0, i, 1)
                if (quoted) { if (c != "\"") field = field c; else if (substr($0, i + 1, 1) == "\"") { field = field c; i++ } else quoted = 0 }
                else if (c == "\"") quoted = 1
                else if (c == ",") { row = row trim(field) "\037"; field = "" }
                else field = field c
            }
            if (quoted) { printf "line %d: a quotation mark is never closed\n", NR > "/dev/stderr"; exit 1 }
            print NR "\037" row trim(field)
        }
        function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }' "$1"
}

declare -A cell=()     # cell[INDEX,COLUMN]: what the table says
device_names=() device_targets=() device_ports=() columns=()

# add_device NAME HOST LINE: HOST is [USER@]HOST[:PORT].
add_device() {
    local name=$1 target=$2 where=$3 user='' port=$remote_port i
    if [[ $target == *@* ]]; then user=${target%@*} target=${target##*@}; fi
    if [[ $target =~ ^\[([0-9A-Fa-f:.%a-z]+)\](:([0-9]+))?$ ]]; then
        target=${BASH_REMATCH[1]} port=${BASH_REMATCH[3]:-$port}
    elif [[ $target =~ ^([^:]+):([0-9]+)$ ]]; then
        target=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
    fi
    # A colon that is left belongs to an IPv6 address, which has two at least.
    [[ $target =~ ^[A-Za-z0-9:][A-Za-z0-9._:%-]*$ && ( $target != *:* || $target == *:*:* ) ]] || { trouble "$where: '$2' is no host: [USER@]HOST[:PORT] is meant."; return; }
    [[ $user =~ ^[A-Za-z0-9._-]*$ && $user != -* ]] || { trouble "$where: '$user' is no user."; return; }
    [[ $port =~ ^([1-9][0-9]{0,4})?$ ]] || { trouble "$where: '$port' is no port."; return; }
    user=${user:-$remote_user}
    for i in "${!device_names[@]}"; do
        [ "${device_names[i]}" != "$name" ] || { trouble "$where: the name '$name' is there twice."; return; }
        [ "${device_targets[i]#*@}:${device_ports[i]}" != "$target:$port" ] || { trouble "$where: the host '$target${port:+:$port}' is there twice."; return; }
    done
    device_names+=("$name") device_targets+=("${user:+$user@}$target") device_ports+=("$port")
}

# trouble TEXT: collects what is wrong, so that all of it is said at once.
troubles=()
trouble() { troubles+=("$1"); }
refuse_troubles() {
    [ ${#troubles[@]} -gt 0 ] || return 0
    printf '%s\n' "${troubles[@]}" >&2
    die "${1:-nothing was changed on any device.}"
}

# load_devices: fills the tables above from --hosts and the HOSTs of the command line.
load_devices() {
    local word i line rows=() fields=() wanted='' found
    if [ -n "$hosts_file" ]; then
        [ -r "$hosts_file" ] || die "there is no table of devices '$hosts_file'."
        mapfile -t rows < <(read_csv "$hosts_file" || echo broken)
        [ "${rows[*]: -1}" != broken ] || die "$hosts_file is no table; nothing was changed on any device."
        [ ${#rows[@]} -ge 2 ] || die "$hosts_file names no device: a line with the names of the columns comes first, then a line a device (deploy/devices.example.csv)."
        IFS=$'\x1f' read -ra columns <<<"${rows[0]#*$'\x1f'}"
        for word in host name; do [[ " ${columns[*]} " == *" $word "* ]] || die "$hosts_file has no column '$word' (deploy/devices.example.csv)."; done
        for i in "${!columns[@]}"; do
            for ((word = 0; word < i; word++)); do [ "${columns[i]}" != "${columns[word]}" ] || die "$hosts_file has the column '${columns[i]}' twice."; done
        done
        for line in "${rows[@]:1}"; do load_row "$line"; done
        refuse_troubles "$hosts_file: nothing was changed on any device."
    fi
    # HOSTs choose from the table; without a table each is a device of its own.
    if [ -z "$hosts_file" ]; then
        for word in "${host_words[@]}"; do add_device "$word" "$word" "$word"; done
        refuse_troubles
    elif [ ${#host_words[@]} -gt 0 ]; then
        for word in "${host_words[@]}"; do
            found=''
            for i in "${!device_names[@]}"; do
                if [ "${device_names[i]}" = "$word" ] || [ "${device_targets[i]#*@}" = "${word#*@}" ] || [ "${cell[$i,host]:-}" = "$word" ]; then wanted+=" $i" found=yes; fi
            done
            [ -n "$found" ] || trouble "'$word' is not in $hosts_file."
        done
        refuse_troubles
    fi
    mapfile -t chosen < <(if [ -n "$wanted" ]; then tr ' ' '\n' <<<"${wanted# }" | sort -nu; else printf '%s\n' "${!device_names[@]}"; fi)
    [ ${#device_names[@]} -gt 0 ] || die "which devices? Name a HOST, or a table with --hosts. Try --help."
}

# load_row ROW: one line of the table.
load_row() {
    local fields=() line=${1%%$'\x1f'*} i index=${#device_names[@]} name='' host=''
    IFS=$'\x1f' read -ra fields <<<"${1#*$'\x1f'}"
    [ ${#fields[@]} -le ${#columns[@]} ] || { trouble "line $line has ${#fields[@]} fields for ${#columns[@]} columns."; return; }
    for i in "${!columns[@]}"; do
        case ${columns[i]} in
            name) name=${fields[i]:-} ;;
            host) host=${fields[i]:-} ;;
        esac
    done
    [[ $name =~ ^[A-Za-z0-9_-]{1,64}$ ]] || { trouble "line $line: '$name' is no name of a device: 1 to 64 letters, digits, '-' or '_'."; return; }
    [ -n "$host" ] || { trouble "line $line: $name has no host."; return; }
    add_device "$name" "$host" "line $line"
    [ ${#device_names[@]} -gt "$index" ] || return 0
    for i in "${!columns[@]}"; do cell[$index,${columns[i]}]=${fields[i]:-}; done
}
