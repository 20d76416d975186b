#!/usr/bin/env bash
# Where the public heart-sound recordings are, how to get them, and whether what you have is what was published.
#
#   scripts/get-data.sh list                    the five data sets: what, how much, licence, home page
#   scripts/get-data.sh download SET [DEST]     fetches one from its official page (needs internet), resuming, then verifies it
#   scripts/get-data.sh verify SET [DEST]       compares the SHA-256 sums of the files in DEST with those known
#
# SET is physionet2016, circor, bmdhs, yaseen2018, pascal2011. DEST defaults to ~/.cache/heartsound/data/SET (verify) and
# ~/.cache/heartsound/download/SET (download). The repository itself holds no recordings, and none may be added to it.
#
# What verify knows: PhysioNet publishes SHA256SUMS.txt with its data sets (physionet2016, circor); where DEST holds that file it is
# used. Where DEST holds a records.csv with a sha256 column (the copy made by ../shared/data/unpack.sh), that is used. The few CirCor
# recordings of that copy are in scripts/get-data.sha256. The authors of the other sets publish no sums: those cannot be verified.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sets=(physionet2016 circor bmdhs yaseen2018 pascal2011)
known_sums=$root/scripts/get-data.sha256

# describe SET: sets name, holds, licence, home, fetch (an address, or empty: by hand) and hint.
describe() {
    fetch='' hint=''
    case $1 in
        physionet2016)
            name='PhysioNet/CinC Challenge 2016 (1.0.0)'
            holds='3,240 recordings of 5 to 120 s, 2 kHz, normal or abnormal; about 300 MB'
            licence='Open Data Commons Attribution (ODC-BY) 1.0'
            home='https://physionet.org/content/challenge-2016/1.0.0/'
            fetch='https://physionet.org/files/challenge-2016/1.0.0/' ;;
        circor)
            name='CirCor DigiScope Phonocardiogram Dataset (1.0.3)'
            holds='3,163 public recordings of 942 patients, 4 kHz, murmurs and heart-sound segmentation; about 560 MB'
            licence='Open Data Commons Attribution (ODC-BY) 1.0'
            home='https://physionet.org/content/circor-heart-sound/1.0.3/'
            fetch='https://physionet.org/files/circor-heart-sound/1.0.3/' ;;
        bmdhs)
            name='BUET Multi-disease Heart Sound (BMD-HS)'
            holds='864 recordings of 20 s from 108 patients, 4 kHz, AS, AR, MR, MS, several or none; about 140 MB'
            licence='CC BY-NC-ND 4.0 by the LICENSE in the authors'\'' repository; research only'
            home='https://github.com/mHealthBuet/BMD-HS-Dataset'
            hint='git clone https://github.com/mHealthBuet/BMD-HS-Dataset   (should it be gone: https://github.com/sani002/BMD-HS-Dataset)' ;;
        yaseen2018)
            name='Yaseen et al. 2018'
            holds='1,000 clips of about 2 s, 8 kHz, N, AS, MR, MS, MVP (many are near-duplicates); about 50 MB'
            licence='none stated by the authors: research only'
            home='https://github.com/yaseen21khan/Classification-of-Heart-Sound-Signal-Using-Multiple-Features-'
            hint='git clone the home page above, then unpack its archives, one a class (zip and rar; Debian: apt-get install unar)' ;;
        pascal2011)
            name='PASCAL Classifying Heart Sounds Challenge 2011'
            holds='832 recordings of 1 to 30 s, set A 44.1 kHz, set B 4 kHz, 585 of them labelled; about 150 MB'
            licence='CC0 by the word of one mirror, unverified'
            home='http://www.peterjbentley.com/heartchallenge/'
            hint='download the Atraining_*.zip and Btraining_*.zip of the home page in a browser and unpack them' ;;
        *) die "there is no data set '$1'. There are: ${sets[*]}." ;;
    esac
}

list_sets() {
    local set
    for set in "${sets[@]}"; do
        describe "$set"
        printf '%s%s%s  %s\n' "$bold" "$set" "$plain" "$name"
        printf '    %s\n    licence: %s\n    home:    %s\n' "$holds" "$licence" "$home"
        [ -n "$fetch" ] || printf '    by hand: %s\n' "$hint"
        [ ! -d "$recordings/$set" ] || printf '    here:    %s (%s recordings)\n' "$recordings/$set" "$(find "$recordings/$set" -name '*.wav' | wc -l)"
    done
}

# Writes the sums to check as `sha256sum --check` reads them, on stdout; says on stderr where they come from. 1 when none are known.
known_sums_of() {
    local set=$1 folder=$2
    if [ -e "$folder/SHA256SUMS.txt" ]; then
        echo "The sums are those in $folder/SHA256SUMS.txt, as PhysioNet publishes them." >&2
        # Archives that hold the same files again are not downloaded, and not asked for.
        awk '$1 ~ /^[0-9a-f]+$/ && length($1) == 64 && !/\.zip$/ { sum = $1; sub(/^[0-9a-f]+ +\*?/, ""); print sum "  " $0 }' "$folder/SHA256SUMS.txt"
    elif [ -e "$folder/records.csv" ] && head -n 1 "$folder/records.csv" | tr -d '\r' | grep -qE '(^|,)sha256(,|$)'; then
        echo "The sums are those in $folder/records.csv (for PhysioNet 2016 they are the official ones)." >&2
        tr -d '\r' <"$folder/records.csv" | awk -F, '
            NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "file") file = i; if ($i == "sha256") sum = i }; next }
            { print $sum "  " $file }'
    elif grep -q "  $set/" "$known_sums"; then
        echo "The sums are those in scripts/get-data.sha256: the recordings of $set that this project is developed with, as published." >&2
        sed -n "s#^\([0-9a-f]*\)  $set/#\1  #p" "$known_sums"
    else
        return 1
    fi
}

# verify SET FOLDER: 0 when every file that has a known sum is there and equal.
verify() {
    local set=$1 folder=$2 sums checked=0 wrong
    describe "$set"
    [ -d "$folder" ] || die "there is no folder $folder. 'download $set' fetches $name; see also 'list'."
    sums=$(mktemp)
    known_sums_of "$set" "$folder" >"$sums" || { rm -f "$sums"; die "its authors publish no checksums, and $folder holds none: $set cannot be verified."; }
    checked=$(wc -l <"$sums")
    [ "$checked" -gt 0 ] || { rm -f "$sums"; die "the list of checksums for $folder is empty."; }
    wrong=$(cd "$folder" && sha256sum --check --quiet -- "$sums" 2>/dev/null | sed 's/: FAILED.*//') || true
    rm -f "$sums"
    if [ -n "$wrong" ]; then
        head -n 20 <<<"$wrong" | sed 's/^/  differs or is missing: /'
        die "$(wc -l <<<"$wrong") of $checked files in $folder are not as published. Remove those that differ and fetch them again."
    fi
    say "$set: all $checked files in $folder are as published."
}

download() {
    local set=$1 folder=$2 depth
    describe "$set"
    say "$name: $holds"
    say "Licence: $licence. Home page, with what to cite: $home"
    [ -n "$fetch" ] || { say "Its authors offer no stable addresses for single files. By hand:"; die "$hint"; }
    command -v wget >/dev/null || die "wget is missing, which fetches a folder of files: apt-get install wget"
    wget --quiet --spider --timeout=20 --tries=1 "$fetch" ||
        die "$fetch does not answer. This machine may have no internet, or must use a proxy (https_proxy); nothing was downloaded."
    mkdir -p "$folder"
    say "Downloading into $folder; may be interrupted and run again."
    depth=$(tr -cd / <<<"${fetch#*://}" | wc -c)
    wget --recursive --no-parent --no-host-directories --cut-dirs=$((depth - 1)) --continue --timestamping --no-verbose --reject 'index.html*,*.zip' \
        --tries=5 --timeout=60 --directory-prefix="$folder" "$fetch" || die "the download stopped early. Run this again to go on where it stopped."
    [ -e "$folder/SHA256SUMS.txt" ] || die "$fetch came without SHA256SUMS.txt: the files are in $folder, and cannot be verified."
    verify "$set" "$folder"
}

case ${1:-list} in
    -h | --help) usage; exit 0 ;;
    list) list_sets; exit 0 ;;
    download | verify) [ $# -ge 2 ] || die "which set? There are: ${sets[*]}." ;;
    *) die "I do not know '$1'. Try --help." ;;
esac
case $1 in
    download) download "$2" "${3:-${XDG_CACHE_HOME:-$HOME/.cache}/heartsound/download/$2}" ;;
    verify) verify "$2" "${3:-$recordings/$2}" ;;
esac
