# shellcheck shell=bash disable=SC2034,SC2154,SC2015
# A bundle on the technician's computer: whether it may be sent, and what its manifest says. Sourced after lib-devices.sh, never run.

# open_bundle FILE: checks signature and content by scripts/verify-bundle.sh; then bundle_version, bundle_kind, bundle_platform, bundle_glibc, bundle_size, bundle_room, bundle_sum are known.
open_bundle() {
    bundle=$1 bundle_name=$(basename "$1")
    [ -r "$bundle" ] && [ -f "$bundle" ] || die "there is no bundle '$bundle'. scripts/publish.sh makes one."
    [[ $bundle_name =~ ^heartsound-(edge|models)-[0-9A-Za-z.-]+\.tar\.zst$ ]] || die "'$bundle_name' is not called as bundles are: heartsound-edge-VERSION-PLATFORM.tar.zst or heartsound-models-VERSION.tar.zst."
    if [ -z "$keys" ]; then
        for keys in "${XDG_CONFIG_HOME:-$HOME/.config}/heartsound/trusted-keys" /etc/heartsound/trusted-keys ''; do [ ! -d "$keys" ] || break; done
    fi
    [ -n "$keys" ] && [ -n "$(find "$keys" -maxdepth 1 -name '*.pub' -print -quit 2>/dev/null)" ] ||
        die "whose bundles are to be trusted? --keys DIR names a folder with the makers' public keys (*.pub)."
    local manifest flat
    manifest=$(mktemp)
    "$root/scripts/verify-bundle.sh" "$bundle" --keys "$keys" --manifest "$manifest" >&2 || { rm -f "$manifest"; warn "the bundle is no good; nothing was sent to any device."; exit 10; }
    flat=$(flat_json <"$manifest") || die "the manifest of '$bundle' cannot be read."
    rm -f "$manifest"
    bundle_version=$(value_of version <<<"$flat")
    bundle_kind=$(value_of kind <<<"$flat")
    bundle_platform=$(value_of platform <<<"$flat")
    bundle_glibc=$(value_of minGlibc <<<"$flat")
    bundle_size=$(stat -c %s "$bundle")
    bundle_sum=$(sha256sum "$bundle" | cut -d ' ' -f 1)
    # The bundle, what is in it, and room to breathe.
    bundle_room=$(awk -F '\t' -v packed="$bundle_size" '$1 ~ /\.size$/ { bytes += $2 } END { printf "%d", (bytes + packed) / 1048576 + 64 }' <<<"$flat")
    [ -n "$bundle_version" ] && [ -n "$bundle_platform" ] || die "the manifest of '$bundle' says neither version nor platform."
}

# fact KEY: of what deploy/device/facts.sh has said about the device.
declare -A facts=()
fact() { printf '%s' "${facts[$1]:-}"; }
load_facts() {
    local key value
    facts=()
    while IFS='=' read -r key value; do [ -z "$key" ] || facts[$key]=$value; done <"$work/$index.facts"
}

# older A B: whether version A is below B.
older() { [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# learn: asks the device for the facts. Says in $why what is wrong.
learn() {
    state preflight "what it is, and how it is"
    as_root facts.sh </dev/null >"$work/$index.facts" 2>>"$log" || { why="it does not answer as it should: $(tail -n 1 "$log")"; return 1; }
    load_facts
    [ -n "$(fact arch)" ] || { why="it does not answer as it should: $(head -c 80 "$work/$index.facts")"; return 1; }
}

# bundle_fits: what of the facts stands against the bundle, a line each.
bundle_fits() {
    local arch
    arch=$(fact arch | sed 's/aarch64/arm64/; s/x86_64/x64/')
    if [ "$bundle_platform" != any ] && [ "$bundle_platform" != "linux-$arch" ]; then echo "the bundle is for $bundle_platform, the device is linux-$arch"; fi
    if [ -n "$bundle_glibc" ] && older "$(fact glibc)" "$bundle_glibc"; then echo "its C library is $(fact glibc), the bundle needs $bundle_glibc: a younger JetPack"; fi
    [ "$(fact freeopt)" -ge "$bundle_room" ] 2>/dev/null || echo "$(fact freeopt) MB are free below /opt, $bundle_room are needed: heartsound-update clean"
    [ "$(fact freevarlib)" -ge $((bundle_size / 1048576 + 64)) ] 2>/dev/null || echo "$(fact freevarlib) MB are free below /var/lib, $((bundle_size / 1048576 + 64)) are needed: journalctl --vacuum-size=50M"
    local tool
    for tool in systemd-run sha256sum tar; do [[ " $(fact tools)" == *" $tool "* ]] || echo "it has no '$tool'"; done
}

# outcome_of_update CODE: what the updater's exit code means for people and programs.
outcome_of_update() {
    local text
    text=$(sed -n 's/^PHASE [^ ]* //p' "$log" | tail -n 1)
    [ -n "$text" ] || text=$(grep -v '^$' "$log" | tail -n 1 || true)
    case $1 in
        0) outcome confirmed "$2" "version=$3" "exit=0" ;;
        10) outcome refused "nothing was changed: $text" "exit=10" ;;
        11) outcome rolledBack "the version before works again: $text" "exit=11" ;;
        12) outcome broken "rolled back, and the version before does NOT work: $text" "exit=12" ;;
        13) outcome refused "another update is under way there; look again with: scripts/deploy.sh status" "exit=13" ;;
        *) outcome failed "the updater ended with $1: $text" "exit=$1" ;;
    esac
}
