#!/usr/bin/env bash
# Builds the solution (Release) and leaves the program in bin/app with its launcher, bin/heartsound, and the dashboard's page (scripts/build-dashboard.sh).
#
#   scripts/build.sh [--force]     does nothing when no source changed since the last build, unless forced
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

force=''
case ${1:-} in
    '') ;;
    -h | --help) usage; exit 0 ;;
    --force) force=yes ;;
    *) die "I do not know '$1'. Try --help." ;;
esac

cd "$root"
stamp=bin/.built

# Directories count too: a file that was taken away changes nothing but its directory. The Python trainer and the page are not built here.
changed_since_build() {
    [ -e "$stamp" ] && [ -x bin/heartsound ] && [ -e bin/app/heartsound.dll ] || return 0
    find HeartSound.Edge.sln Directory.*.props global.json .editorconfig scripts/heartsound.sh scripts/build.sh deploy/boards src tests \
        \( -name bin -o -name obj -o -name TestResults -o -name __pycache__ -o -name HeartSound.Trainer -o -name dashboard -o -name '*.py' \
        -o -path tests/scripts \) -prune -o -newer "$stamp" -print -quit | grep -q .
}

if [ -z "$force" ] && ! changed_since_build; then
    say "build: nothing changed, bin/heartsound is up to date"
    exec scripts/build-dashboard.sh
fi

say "build: compiling (Release)"
rm -f "$stamp"
# The build's own folders first: made later they would make their parents look changed.
for project in src/*/*.csproj tests/*/*.csproj; do mkdir -p "${project%/*}/bin" "${project%/*}/obj"; done
mkdir -p bin
started=$(mktemp bin/.started.XXXXXX)
trap 'rm -f "$started"' EXIT
dotnet build HeartSound.Edge.sln -c Release --nologo -v quiet -clp:NoSummary
rm -rf bin/app
dotnet publish src/HeartSound.Edge -c Release --no-build --nologo -v quiet -clp:NoSummary -o bin/app -p:UseAppHost=false
install -m 755 scripts/heartsound.sh bin/heartsound
# As old as the start of the build: a file saved while the compiler ran is seen next time.
mv "$started" "$stamp"
say "build: bin/heartsound is ready"
scripts/build-dashboard.sh
