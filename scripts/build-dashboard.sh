#!/usr/bin/env bash
# Builds the dashboard's page (src/dashboard) and puts it beside the program, in bin/app/dashboard, where `heartsound dashboard` serves it from.
#
#   scripts/build-dashboard.sh [--force]       does nothing when no source changed since the last build, unless forced
#   scripts/build-dashboard.sh --packages      only fetches the npm packages that package-lock.json names (also the tests'), where they are not there
#
# Where npm is missing, or Node.js is too old for Vite, it says so and ends well: everything but the page works without.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

force='' packages_only=''
case ${1:-} in
    '') ;;
    -h | --help) usage; exit 0 ;;
    --force) force=yes ;;
    --packages) packages_only=yes ;;
    *) die "I do not know '$1'. Try --help." ;;
esac

cd "$root/src/dashboard"
place=$root/bin/app/dashboard
if ! command -v npm >/dev/null; then
    warn "npm is missing, so there is no dashboard. Install Node.js with npm (20.19 or newer) and run this again."
    exit 0
fi

if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)'; then
    warn "Node.js here is $(node --version), so there is no dashboard: it takes 20.19, 22.12 or newer."
    exit 0
fi

# The stamp holds what was installed: another package-lock.json is another set of packages.
fetch_packages() {
    local wanted
    wanted=$(sha256sum package-lock.json)
    [ "$(cat node_modules/.heartsound 2>/dev/null)" != "$wanted" ] || return 0
    say "dashboard: fetching npm packages"
    npm ci --no-audit --no-fund --loglevel=error
    # Where tests/dashboard looks for them.
    ln -sfn ../../src/dashboard/node_modules "$root/tests/dashboard/node_modules"
    printf '%s\n' "$wanted" >node_modules/.heartsound
}

changed_since_build() {
    [ -e dist/.built ] && [ -e dist/index.html ] || return 0
    find . ../../docs/mqtt "$root/scripts/build-dashboard.sh" \( -path ./node_modules -o -path ./dist -o -path ./test-results \) -prune -o -newer dist/.built -print -quit | grep -q .
}

if [ -n "$packages_only" ]; then
    fetch_packages
    exit 0
fi

if [ -n "$force" ] || changed_since_build; then
    fetch_packages
    say "dashboard: building the page"
    mkdir -p dist # made later it would make its parent look changed
    started=$(mktemp)
    npm run --silent build -- --logLevel error
    # As old as the start of the build: a file saved while it ran is seen next time.
    touch -r "$started" dist/.built
    rm -f "$started"
fi

[ -d "$root/bin/app" ] || exit 0
if [ ! -e "$place/.built" ] || ! cmp -s dist/index.html "$place/index.html"; then
    rm -rf "$place"
    cp -a dist "$place"
    say "dashboard: bin/app/dashboard is ready"
fi
