#!/usr/bin/env bash
# Makes the certificates with which a broker and its devices know one another: an authority of your own, a certificate for the broker, one for each device.
#
#   scripts/make-certificates.sh [--days N] DIR ca [NAME]            DIR/ca.crt and DIR/ca.key; NAME is for people
#   scripts/make-certificates.sh [--days N] DIR server HOST[,HOST…]  DIR/server.crt and DIR/server.key, for these names and addresses
#   scripts/make-certificates.sh [--days N] DIR client DEVICE        DIR/DEVICE.crt and DIR/DEVICE.key; mosquitto takes DEVICE for the user's name
#
# For example: scripts/make-certificates.sh ~/ca ca && scripts/make-certificates.sh ~/ca server broker.ward,10.0.0.5 && scripts/make-certificates.sh ~/ca client ward-3
# To the broker go ca.crt, server.crt, server.key; to a device ca.crt, DEVICE.crt, DEVICE.key. ca.key goes nowhere: who has it can be any device.
# An authority lasts 3650 days, the others 730, unless --days says otherwise. Nothing is ever overwritten; private keys (P-256) can be read by their owner alone.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
umask 077

days=''
words=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --days)
            days=${2:-}
            [[ $days =~ ^[1-9][0-9]{0,4}$ ]] || die "--days takes a number of days."
            shift
            ;;
        -*) die "I do not know '$1'. Try --help." ;;
        *) words+=("$1") ;;
    esac
    shift
done
[ ${#words[@]} -ge 2 ] || die "a folder and what to make (ca, server or client) are needed. Try --help."
folder=${words[0]} what=${words[1]} name=${words[2]:-}
command -v openssl >/dev/null || die "openssl is missing: apt-get install openssl"

# ours FILE…: none of these may be there already.
ours() {
    local file
    for file in "$@"; do [ ! -e "$file" ] || die "$file is there already, and is not overwritten."; done
}

# signed NAME SUBJECT EXTENSIONS: a key and a certificate of the authority.
signed() {
    file=$folder/$1 # not local: the trap looks at it when all is over
    { [ -r "$folder/ca.crt" ] && [ -r "$folder/ca.key" ]; } || die "$folder holds no authority: make it first with 'scripts/make-certificates.sh $folder ca'."
    ours "$file.crt" "$file.key"
    trap 'rm -f "$file.csr" "$file.ext"; [ -s "$file.crt" ] || rm -f "$file.key" "$file.crt"' EXIT
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' "$3" >"$file.ext"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$file.key" -subj "$2" -out "$file.csr" 2>/dev/null
    openssl x509 -req -in "$file.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -sha256 -days "${days:-730}" -extfile "$file.ext" -out "$file.crt" 2>/dev/null
    chmod 644 "$file.crt"
    say "$file.crt and $file.key ($(openssl x509 -in "$file.crt" -noout -enddate | sed 's/notAfter=/until /'))"
}

case $what in
    ca)
        name=${name:-HeartSound authority}
        [[ $name != */* ]] || die "the authority's name must not contain '/'."
        mkdir -p "$folder"
        ours "$folder/ca.crt" "$folder/ca.key"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$folder/ca.key" -sha256 -days "${days:-3650}" -subj "/CN=$name" \
            -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$folder/ca.crt" 2>/dev/null
        chmod 644 "$folder/ca.crt"
        say "$folder/ca.crt and $folder/ca.key: keep the key off the broker and the devices"
        ;;
    server)
        [ -n "$name" ] || die "which names and addresses is the broker reached by? Try --help."
        alternatives=''
        IFS=, read -ra hosts <<<"$name"
        for host in "${hosts[@]}"; do
            [[ $host =~ ^[A-Za-z0-9.:*_-]+$ ]] || die "'$host' is no name or address of a host."
            if [[ $host =~ ^[0-9.]+$ || $host == *:* ]]; then alternatives+=",IP:$host"; else alternatives+=",DNS:$host"; fi
        done
        signed server "/CN=${hosts[0]}" "extendedKeyUsage=serverAuth
subjectAltName=${alternatives#,}"
        ;;
    client)
        [[ $name =~ ^[A-Za-z0-9_-]{1,64}$ ]] || die "a device's name has 1 to 64 letters, digits, '-' or '_'."
        case $name in ca | server) die "'$name' is the name of another file here." ;; esac
        signed "$name" "/CN=$name" "extendedKeyUsage=clientAuth"
        ;;
    *) die "'$what' is none of ca, server, client. Try --help." ;;
esac
