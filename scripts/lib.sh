# shellcheck shell=bash
# What every script here shares: where the repository is, how to speak, what to do when something is missing. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Debian's interpreter: its packages (torch, scipy …) belong to it, whatever `python3` comes first on PATH.
# shellcheck disable=SC2034 # used by the scripts that source this file
python=/usr/bin/python3

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en PYTHONDONTWRITEBYTECODE=1

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    # shellcheck disable=SC2034
    bold='' dim='' red='' green='' plain=''
fi

say() { printf '%s\n' "$*"; }
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
    warn "$@"
    exit 1
}

# usage: prints the comment at the head of the running script, without its marks.
usage() { sed -n '2,/^[^#]/ { /^# shellcheck/d; /^#/ s/^# \{0,1\}//p; }' "$0"; }

# The recordings that lie beside the repository, and where they are unpacked to.
# shellcheck disable=SC2034
shared_data=$root/../shared/data
recordings=${XDG_CACHE_HOME:-$HOME/.cache}/heartsound/data

# unpack_recordings: unpacks ../shared/data where it is there. Returns 1 where it is not.
unpack_recordings() {
    [ -x "$shared_data/unpack.sh" ] || return 1
    local set
    for set in "$shared_data"/*/; do
        set=$(basename "$set")
        [ -e "$recordings/$set/.complete" ] && continue
        say "Unpacking the recordings of $shared_data into $recordings"
        "$shared_data/unpack.sh" "$recordings"
        return
    done
}
