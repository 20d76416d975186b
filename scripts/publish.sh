#!/usr/bin/env bash
# Makes a bundle: one signed file that holds a version of the program, or the models, as scripts/update.sh installs it on a device (docs/bundle.md).
#
#   scripts/publish.sh [OPTION…]      writes DIST/heartsound-edge-VERSION-PLATFORM.tar.zst and says its SHA-256
#     --platform PLATFORM     linux-arm64 (the default) or linux-x64
#     --version VERSION       letters, digits, dots and dashes; otherwise <version of Directory.Build.props>-g<commit>, with -dirty where something is not committed
#     --key FILE              private key that signs it (scripts/make-signing-key.sh); otherwise $HEARTSOUND_SIGNING_KEY. Devices install nothing unsigned
#     --out DIR               where the bundle goes; otherwise dist/
#     --onnxruntime VERSION   ONNX Runtime for the processor: 1.11.0, 1.17.3 or 1.29.0; otherwise 1.17.3 for linux-arm64, the newest that JetPack 4's glibc 2.27 runs, and 1.29.0 for linux-x64
#     --models ID,ID…         only these models; `none` for none; otherwise all of models/
#     --models-only           a bundle of the models alone, heartsound-models-VERSION.tar.zst, for every platform
#     --self-contained        with the .NET runtime inside, from the package feed
#     --dotnet DIR            … or from a folder: the unpacked ASP.NET Core runtime for the platform (`dotnet`, `host`, `shared`)
#     --ready-to-run          compiled ahead for the platform's processor: the bundle is a fifth larger, and starts with a fifth to a third less computing. Needs the platform's runtime pack from the package feed
#     --program DIR           take the program from DIR (bin/app of scripts/build.sh) and do not compile: for trials; its own version stays what it was compiled with
#     --dry-run               say what would be done, do nothing
#
# Without --self-contained or --dotnet the device brings the runtime: ASP.NET Core 10 in /opt/heartsound/dotnet or on its PATH.
# The same commit, options, key, .NET SDK and zstd give the same bytes (scripts/check-reproducible.sh). Touches nothing but DIST and .cache/publish; undo it by removing the file.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
umask 022
export LC_ALL=C TZ=UTC

platform=linux-arm64 version='' key=${HEARTSOUND_SIGNING_KEY:-} out=$root/dist onnxruntime='' models=all kind=program own_runtime='' ready_to_run='' dotnet_folder='' program='' dry=''
value() { [ -n "${2:-}" ] || die "$1 needs a value. Try --help."; }
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --platform) value "$@"; platform=$2; shift ;;
        --version) value "$@"; version=$2; shift ;;
        --key) value "$@"; key=$2; shift ;;
        --out) value "$@"; out=${2%/}; shift ;;
        --onnxruntime) value "$@"; onnxruntime=$2; shift ;;
        --models) value "$@"; models=$2; shift ;;
        --models-only) kind=models ;;
        --self-contained) own_runtime=feed ;;
        --dotnet) value "$@"; own_runtime=folder; dotnet_folder=$2; shift ;;
        --ready-to-run) ready_to_run=yes ;;
        --program) value "$@"; program=$2; shift ;;
        --dry-run) dry=yes ;;
        *) die "I do not know '$1'. Try --help." ;;
    esac
    shift
done

# --- what cannot be finished is refused here, before anything is written -------------------------------------------------------------------------------------------------

case $platform in
    linux-arm64) machine=b7; : "${onnxruntime:=1.17.3}" ;;
    linux-x64) machine=3e; : "${onnxruntime:=1.29.0}" ;;
    *) die "'$platform' is no platform: linux-arm64 or linux-x64." ;;
esac
[ -n "$key" ] || die "no key to sign with: name one with --key FILE or HEARTSOUND_SIGNING_KEY. scripts/make-signing-key.sh DIR makes one."
[ -r "$key" ] || die "the key $key cannot be read."
for tool in git tar zstd minisign; do
    command -v "$tool" >/dev/null || die "$tool is missing: apt-get install $tool (scripts/setup.sh test brings it)"
done
[ -x "$python" ] || die "$python is missing: apt-get install python3"
commit=$(git -C "$root" rev-parse HEAD 2>/dev/null) || die "$root is no git checkout with a commit, and the bundle says which commit it is."
epoch=$(git -C "$root" show -s --format=%ct HEAD)
if [ -z "$version" ]; then
    version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")-g${commit:0:10}
    if [ -n "$(git -C "$root" status --porcelain)" ]; then
        version=$version-dirty
        warn "something here is not committed, so this version is called $version"
    fi
fi
[[ $version =~ ^[0-9A-Za-z][0-9A-Za-z.-]*$ && ${#version} -le 100 ]] || die "'$version' is no version: letters, digits, dots and dashes, 100 at most."
if [ "$kind" = models ]; then
    [ -z "$own_runtime$program$ready_to_run" ] || die "a bundle of models has no program: --models-only does not go with --self-contained, --dotnet, --ready-to-run or --program."
    [ "$models" != none ] || die "--models-only --models none leaves nothing."
    platform=any
    name=heartsound-models-$version
else
    name=heartsound-edge-$version-$platform
fi
model_ids=()
if [ "$models" = all ]; then
    for folder in "$root"/models/*/; do model_ids+=("$(basename "$folder")"); done
elif [ "$models" != none ]; then
    IFS=, read -ra model_ids <<<"$models"
    for id in "${model_ids[@]}"; do
        if [[ $id == */* ]] || [ ! -e "$root/models/$id/model.onnx" ]; then die "there is no model '$id' in models/: $(cd "$root/models" && printf '%s ' *)"; fi
    done
fi
if [ "$kind" = program ]; then
    grep -q " $onnxruntime/$platform/" "$root/scripts/native.sha256" || die "there is no ONNX Runtime $onnxruntime for $platform; there are: $(sed -n "s:.* \(.*\)/$platform/.*:\1:p" "$root/scripts/native.sha256" | tr '\n' ' ')"
    [ -z "$program" ] || [ -z "$ready_to_run" ] || die "--ready-to-run compiles, and --program does not: leave one of them out."
    [ -z "$program" ] || [ -e "$program/heartsound.dll" ] || die "$program holds no heartsound.dll: run scripts/build.sh first."
    [ -n "$program" ] || command -v dotnet >/dev/null || die "the .NET SDK is missing: 'dotnet' is not on PATH."
    if [ -n "$dotnet_folder" ]; then
        for part in dotnet host/fxr shared/Microsoft.NETCore.App shared/Microsoft.AspNetCore.App; do
            [ -e "$dotnet_folder/$part" ] || die "$dotnet_folder has no $part. Unpack the official archive of the ASP.NET Core 10 runtime (aspnetcore-runtime-10.0.x-$platform.tar.gz) into a folder and name that."
        done
        # e_machine of the ELF header.
        [ "$(od -An -tx1 -j18 -N1 "$dotnet_folder/dotnet" | tr -d ' ')" = "$machine" ] || die "$dotnet_folder/dotnet is not for $platform. Take aspnetcore-runtime-10.0.x-$platform.tar.gz."
        compgen -G "$dotnet_folder/shared/Microsoft.AspNetCore.App/10.*" >/dev/null || die "$dotnet_folder has ASP.NET Core $(cd "$dotnet_folder/shared/Microsoft.AspNetCore.App" && printf '%s ' *), and the program needs 10."
    fi
fi

if [ -n "$dry" ]; then
    say "Would make $out/$name.tar.zst (commit ${commit:0:10}, models: ${model_ids[*]:-none}${own_runtime:+, with the .NET runtime}), signed with $key."
    exit 0
fi

# --- step by step --------------------------------------------------------------------------------------------------------------------------------------------------------

# Beside the sources, so that the compiler's names for files are the same wherever the checkout lies (PathMap).
work=$root/.cache/publish/$$
trap 'rm -rf "$work"' EXIT
bundle=$work/$name
mkdir -p "$bundle"

# tracked PATTERN…: the files of the checkout that are no rubbish: those that git knows, or would take.
tracked() { (cd "$root" && git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu); }

# ship PATTERN…: copies them into the bundle, without those that were deleted and not yet committed.
ship() {
    local file present=()
    while IFS= read -r -d '' file; do
        [ ! -f "$root/$file" ] || present+=("$file")
    done < <(tracked "$@")
    printf '%s\0' "${present[@]}" | tar -C "$root" --dereference --null -T - -cf - | tar -x -C "$bundle"
}

compile() {
    say "publish: compiling for $platform"
    local log=$work/compile.log options=()
    if [ "$own_runtime" = feed ]; then options=(--self-contained true); else options=(--self-contained false -p:UseAppHost=false); fi
    [ "$own_runtime" != feed ] && [ -z "$ready_to_run" ] || options+=(-r "$platform")
    [ -z "$ready_to_run" ] || options+=(-p:PublishReadyToRun=true)
    # No symbols: without them a program's bytes depend on its sources alone. The commit is in the version, so nothing asks git for it again.
    if ! dotnet publish "$root/src/HeartSound.Edge" -c Release --nologo -v quiet -clp:NoSummary --artifacts-path "$work/artifacts" -o "$bundle/bin/app" "${options[@]}" \
        "-p:InformationalVersion=$version" -p:IncludeSourceRevisionInInformationalVersion=false -p:EnableSourceControlManagerQueries=false -p:EnableSourceLink=false \
        -p:Deterministic=true -p:ContinuousIntegrationBuild=true -p:DeterministicSourcePaths=false "-p:PathMap=$work=/_/work%2C$root=/_" \
        -p:DebugType=none -p:CopyDocumentationFilesFromPackages=false -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false >"$log" 2>&1; then
        cat "$log" >&2
        if grep -q 'NU110[12].*\.\(Runtime\|Host\)\.linux' "$log"; then
            [ -z "$ready_to_run" ] || die "the package feed does not serve the .NET runtime for $platform (its runtime pack), against which --ready-to-run compiles. Without that option the device compiles as it starts."
            die "the package feed does not serve the .NET runtime for $platform (its runtime pack), so it cannot be put in from there. Download the official ASP.NET Core 10 runtime,
  aspnetcore-runtime-10.0.x-$platform.tar.gz, unpack it into a folder, and run this again with --dotnet FOLDER in place of --self-contained. Or leave both out, and install the runtime on the device."
        fi
        die "it does not compile; the compiler's messages are above."
    fi
}

# The dashboard's page: what scripts/build-dashboard.sh makes of this checkout, or the given program's.
add_page() {
    [ -z "$program" ] || return 0
    "$root/scripts/build-dashboard.sh"
    if [ -e "$root/src/dashboard/dist/index.html" ]; then
        cp -R "$root/src/dashboard/dist" "$bundle/bin/app/dashboard"
        rm -f "$bundle/bin/app/dashboard/.built"
    else
        warn "the bundle will have no dashboard; what to do is said above"
    fi
}

# What builds, tests, measures, trains, or reaches devices from a PC, has no business on one.
host_scripts='build|build-dashboard|check-reproducible|demo|deploy|flash|get-data|get-native|get-schemas|lib-.*|make-signing-key|measure-.*|provision|publish|setup|test|train'

assemble_program() {
    mkdir -p "$bundle/bin/app"
    if [ -n "$program" ]; then cp -RL "$program/." "$bundle/bin/app/"; else compile; fi
    add_page
    find "$bundle/bin/app" \( -name '*.pdb' -o -name '*.xml' -o -name .built \) -type f -delete
    install -m 755 "$root/scripts/heartsound.sh" "$bundle/bin/heartsound"
    "$root/scripts/get-native.sh" "--${platform#linux-}" --version "$onnxruntime"
    rm -rf "$bundle/bin/app/runtimes"
    install -D -m 644 "$root/.native/onnxruntime/$onnxruntime/$platform/libonnxruntime.so.1" "$bundle/bin/app/runtimes/$platform/native/libonnxruntime.so.1"
    if [ -n "$dotnet_folder" ]; then
        mkdir -p "$bundle/dotnet"
        cp -RL "$dotnet_folder/dotnet" "$dotnet_folder/host" "$dotnet_folder/shared" "$bundle/dotnet/"
        find "$dotnet_folder" -maxdepth 1 -name '*.txt' -exec cp {} "$bundle/dotnet/" \;
    fi
    [ ${#model_ids[@]} -eq 0 ] || ship "${model_ids[@]/#/models/}"
    ship LICENSE deploy systemd scripts ':(glob)docs/*.md'
    local file
    for file in "$bundle"/scripts/*; do
        [[ ! $(basename "$file") =~ ^($host_scripts)\.sh$ && $file != *.py && $file != *.sha256 ]] || rm -f "$file"
    done
    set_modes
    "$python" "$root/scripts/bundle_files.py" parts "$bundle" "${facts[@]}"
}

assemble_models() {
    ship "${model_ids[@]/#/models/}"
    mv "$bundle/models"/* "$bundle/"
    rmdir "$bundle/models"
    set_modes
}

# Packages come with whatever mode they were packed with: of the program, only what is started may be executed.
set_modes() {
    find "$bundle" -type d -empty -delete # a manifest knows folders only by what is in them
    find "$bundle" -type d -exec chmod 755 {} +
    [ ! -e "$bundle/dotnet/dotnet" ] || chmod u+x "$bundle/dotnet/dotnet"
    find "$bundle" -type f -perm -u+x -exec chmod 755 {} +
    find "$bundle" -type f ! -perm -u+x -exec chmod 644 {} +
    local tree
    for tree in "$bundle/bin/app" "$bundle/dotnet"; do
        [ ! -d "$tree" ] || find "$tree" -type f ! -name heartsound ! -name dotnet ! -name createdump -exec chmod 644 {} +
    done
}

facts=(--kind "$kind" --version "$version" --platform "$platform" --commit "$commit" --epoch "$epoch" --onnxruntime "$onnxruntime")
"assemble_$kind"
"$python" "$root/scripts/bundle_files.py" manifest "$bundle" "${facts[@]}"

say "publish: signing and packing $name"
# The comments hold no time, and Ed25519 no random number: the same key signs the same manifest with the same bytes. -l: over the file itself (docs/bundle.md).
minisign -S -l -s "$key" -m "$bundle/manifest.json" -x "$bundle/manifest.json.minisig" -c "signature of a HeartSound.Edge bundle" -t "$name" </dev/null >"$work/minisign.log" 2>&1 ||
    die "minisign does not sign with $key: $(cat "$work/minisign.log")"

# Manifest and signature lie in front: they are judged before anything else is read.
(cd "$work" && {
    printf '%s\n' "$name" "$name/manifest.json" "$name/manifest.json.minisig"
    find "$name" -mindepth 1 ! -name manifest.json ! -name manifest.json.minisig | sort
    find "$name" -mindepth 2 \( -name manifest.json -o -name manifest.json.minisig \) | sort
} >list)
# ustar: what the tar 1.29 of Ubuntu 18.04 reads, and without times of access.
tar -C "$work" --format=ustar --no-recursion --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -cf "$work/bundle.tar" -T "$work/list"
mkdir -p "$out"
# Most of it are weights, which do not compress: higher levels take minutes for some kilobytes. One thread, for the same bytes on every machine.
zstd -q -10 --single-thread --check -f "$work/bundle.tar" -o "$work/bundle.tar.zst"
install -m 644 "$work/bundle.tar.zst" "$out/.$name.new"
mv -f "$out/.$name.new" "$out/$name.tar.zst"
say "$out/$name.tar.zst: $(stat -c %s "$out/$name.tar.zst" | numfmt --to=si)B, $(find "$bundle" -type f | wc -l) files$(sed -n 's/^  "minGlibc": "\(.*\)",$/, glibc \1 or newer/p' "$bundle/manifest.json")"
say "SHA-256 $(sha256sum "$out/$name.tar.zst" | cut -d ' ' -f 1)"
