# shellcheck shell=bash disable=SC2034,SC2154,SC2015
# What the table says about a device: checked as a whole before any device is touched, and made into its settings. Sourced after lib-devices.sh, never run.

known_columns=(host name board stethoscope start providers broker_host broker_port broker_tls broker_user timezone site)

# check_rows TEMPLATE: every row that is meant; all that is wrong is collected by `trouble`.
check_rows() {
    local column i j stethoscope
    for column in "${columns[@]}"; do
        [[ $column =~ ^[a-z][a-z0-9_]*$ ]] || { trouble "'$column' is no name of a column."; continue; }
        [[ " ${known_columns[*]} " == *" $column "* ]] || grep -q "@$column@" "$1" || trouble "the column '$column' is used nowhere: neither by this script nor as @$column@ in $1."
    done
    for column in $(grep -v '^[[:space:]]*//' "$1" | grep -o '@[a-z0-9_]*@' | tr -d '@' | sort -u); do
        case " ${known_columns[*]} ${columns[*]} broker_password_file broker_plain_text broker_tls_enabled broker_ca broker_certificate broker_key_file " in
            *" $column "*) ;;
            *) trouble "$1 asks for @$column@, and the table has no such column." ;;
        esac
    done
    for i in "${chosen[@]}"; do
        check_row "$i"
        stethoscope=${cell[$i,stethoscope]:-}
        [[ $stethoscope == *:*:* ]] || continue
        for j in "${chosen[@]}"; do
            if [ "$j" -lt "$i" ] && [ "${cell[$j,stethoscope]:-}" = "$stethoscope" ]; then trouble "${device_names[i]}: the stethoscope $stethoscope is at ${device_names[j]} already."; fi
        done
    done
}

# wrong INDEX COLUMN WHAT: a cell that will not do.
wrong() { trouble "${device_names[$1]}: $2 is '${cell[$1,$2]:-}'; $3."; }

check_row() {
    local i=$1 word host tls
    local name=${device_names[i]}
    word=${cell[$i,board]:-}
    [ -z "$word" ] || [[ $word =~ ^[a-z0-9-]+$ && -e $root/deploy/boards/$word.json ]] || wrong "$i" board "known are: $(cd "$root/deploy/boards" && echo ./*[!a].json | sed 's|\./||g; s/\.json//g; s/ *board\.schema//')"
    [[ ${cell[$i,stethoscope]:-} =~ ^([0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[!-~]+)?)?$ ]] || wrong "$i" stethoscope "vendor:product in four hexadecimal digits each is meant, perhaps with :serial"
    [[ ${cell[$i,start]:-} =~ ^(contact|button|always)?$ ]] || wrong "$i" start "contact, button, always or nothing is meant"
    for word in ${cell[$i,providers]:-}; do [[ $word =~ ^(cpu|cuda|tensorRt)$ ]] || wrong "$i" providers "cpu, cuda and tensorRt are meant, parted by spaces"; done
    [ -z "$(tr ' ' '\n' <<<"${cell[$i,providers]:-}" | sort | uniq -d)" ] || wrong "$i" providers "each may be there once"
    word=${cell[$i,timezone]:-}
    [ -z "$word" ] || { [[ $word =~ ^[A-Za-z0-9_+/-]+$ ]] && { [ ! -d /usr/share/zoneinfo ] || [ -f "/usr/share/zoneinfo/$word" ]; }; } || wrong "$i" timezone "there is no such time zone"
    word=${cell[$i,broker_port]:-}
    [[ $word =~ ^([1-9][0-9]{0,4})?$ ]] && [ "${word:-1}" -le 65535 ] || wrong "$i" broker_port "a number from 1 to 65535 is meant"
    [[ ! ${cell[$i,broker_user]:-} =~ [[:cntrl:]] ]] || wrong "$i" broker_user "it has characters that cannot be seen"

    host=${cell[$i,broker_host]:-} tls=${cell[$i,broker_tls]:-}
    if [ -z "$host" ]; then
        for word in broker_port broker_tls broker_user; do [ -z "${cell[$i,$word]:-}" ] || wrong "$i" "$word" "and there is no broker_host"; done
        return
    fi
    [[ $host =~ ^[A-Za-z0-9:][A-Za-z0-9._:-]*$ ]] || wrong "$i" broker_host "it is no host"
    case $tls in
        yes | plain-text) ;;
        mutual) check_certificate "$i" ;;
        '') local_host "$host" || wrong "$i" broker_tls "a broker on another machine needs yes or mutual; plain-text lets anybody on the way read and change what is said" ;;
        *) wrong "$i" broker_tls "yes, mutual or plain-text is meant" ;;
    esac
    if [ -n "$(password_of "$i")" ]; then
        [ -n "${cell[$i,broker_user]:-}" ] || trouble "$name: there is a password, and no broker_user that it would be for."
    elif [ -n "${cell[$i,broker_user]:-}" ] && [ "$tls" != mutual ]; then
        trouble "$name: broker_user is '${cell[$i,broker_user]}', and --passwords has no line '$name:…' for it."
    fi
}

local_host() { [[ $1 =~ ^(localhost|127\.[0-9.]+|::1)$ ]]; }

# check_certificate INDEX: ca.crt, NAME.crt and NAME.key of --certificates: there, matching, in force, and of this authority.
check_certificate() {
    local name=${device_names[$1]} file
    [ -n "$certificates" ] || { trouble "$name: broker_tls is mutual, so --certificates DIR must name the folder of scripts/make-certificates.sh."; return; }
    for file in "$certificates/ca.crt" "$certificates/$name.crt" "$certificates/$name.key"; do
        [ -r "$file" ] || { trouble "$name: there is no '$file': scripts/make-certificates.sh '$certificates' client '$name'"; return; }
    done
    [ "$(stat -c %a "$certificates/$name.key")" = 600 ] || trouble "$name: others can read $certificates/$name.key: chmod 600."
    openssl verify -CAfile "$certificates/ca.crt" "$certificates/$name.crt" >/dev/null 2>&1 || trouble "$name: $certificates/$name.crt is not of the authority in $certificates/ca.crt, or not in force."
    openssl x509 -in "$certificates/$name.crt" -noout -checkend 2592000 >/dev/null 2>&1 || trouble "$name: $certificates/$name.crt ends within 30 days: make a new one first."
    [ "$(openssl x509 -in "$certificates/$name.crt" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$certificates/$name.key" -pubout 2>/dev/null </dev/null)" ] ||
        trouble "$name: $certificates/$name.key is not the key of $certificates/$name.crt."
    openssl x509 -in "$certificates/$name.crt" -noout -subject -nameopt multiline 2>/dev/null | grep -q "commonName *= $name\$" || trouble "$name: $certificates/$name.crt is for another device."
}

# password_of INDEX: from the --passwords file. The text goes nowhere but into a pipe.
password_of() {
    [ -n "$passwords" ] || return 0
    awk -v name="${device_names[$1]}" 'index($0, name ":") == 1 { print substr($0, length(name) + 2); exit }' "$passwords"
}

# check_passwords: the file's own rights, and that it says nothing twice.
check_passwords() {
    local twice
    [ -n "$passwords" ] || return 0
    [ -f "$passwords" ] || die "there is no file '$passwords'."
    case $(stat -c %a "$passwords") in 600 | 400) ;; *) die "others can read $passwords: chmod 600 '$passwords'." ;; esac
    twice=$(cut -d : -f 1 "$passwords" | sort | uniq -d | tr '\n' ' ')
    [ -z "$twice" ] || trouble "$passwords has more than one line for: $twice"
}

# settings_of INDEX PASSWORDFILE KEYFILE: its settings, as the template makes them of its row. The paths are empty where systemd brings the secrets.
settings_of() {
    local i=$1 tls=${cell[$1,broker_tls]:-} word line column list=''
    declare -A say=()
    for column in "${columns[@]}"; do say[$column]=${cell[$i,$column]:+$(json_text "${cell[$i,$column]}")}; done
    for word in ${cell[$i,providers]:-}; do list+=", \"$word\""; done
    say[providers]=${list:+[${list#, }]}
    say[broker_port]=${cell[$i,broker_port]:-}
    case $tls in
        yes | mutual)
            say[broker_tls_enabled]='true'
            [ -z "$certificates" ] || [ ! -e "$certificates/ca.crt" ] || say[broker_ca]='"/etc/heartsound/ca.crt"'
            ;;
        plain-text) say[broker_plain_text]='true' ;;
    esac
    if [ "$tls" = mutual ]; then say[broker_certificate]='"/etc/heartsound/device.crt"' say[broker_key_file]=${3:+$(json_text "$3")}; fi
    if [ -n "$(password_of "$i")" ]; then say[broker_password_file]=${2:+$(json_text "$2")}; fi
    printf '// Made by scripts/provision.sh from the table of devices: change it there, and run it again.\n'
    while IFS= read -r line; do
        [[ ! $line =~ ^[[:space:]]*// ]] || continue
        while [[ $line =~ @([a-z0-9_]+)@ ]]; do
            word=${say[${BASH_REMATCH[1]}]:-}
            [ -n "$word" ] || continue 2
            line=${line/"@${BASH_REMATCH[1]}@"/"$word"}
        done
        printf '%s\n' "$line"
    done <"$template"
}
