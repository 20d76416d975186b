#!/usr/bin/env bash
# Builds ONNX Runtime with CUDA and TensorRT for this Jetson, from its sources, and puts it where the service can use it. Hours; overnight on a Nano. May be stopped and run again: it goes on.
#
#   scripts/build-onnxruntime-l4t.sh [OPTION…]
#     --dry-run        check everything, say what would be done, do nothing
#     --jobs N         compilers at once; otherwise as many as memory and swap bear
#     --work DIR       sources and build; otherwise /var/tmp/heartsound-onnxruntime. May be removed afterwards
#     --target DIR     where DIR/<version> goes; otherwise /opt/heartsound/onnxruntime
#     --cmake DIR      folder with a newer `cmake` than the system's
#     --include DIR    folder with header files that this system lacks (docs/l4t.md: NvInferSafeRuntime.h in containers of L4T 32)
#     --l4t RELEASE    32.7, 35.4 …: in an image, which does not know its own; otherwise /etc/nv_tegra_release
#     --sm LIST        compute capabilities, as 53 or 72;87; otherwise this board's, or, in an image, all of that JetPack's boards
#     --again          build once more although DIR/<version> is there
#
# Version, GPU and options come from deploy/l4t/onnxruntime.table. Everything that is missing is said at once, before anything is changed. Undo it with: rm -rf DIR/<version> and the
# line HEARTSOUND_ONNXRUNTIME in /etc/heartsound/environment, which this script names and does not write.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

dry='' jobs='' work=/var/tmp/heartsound-onnxruntime target=/opt/heartsound/onnxruntime cmake_folder='' headers='' l4t='' sm='' again='' image=''
# Where the system lies that is asked; tests have one of their own.
system=${HEARTSOUND_L4T_SYSTEM:-}
value() { [ -n "${2:-}" ] || die "$1 needs a value. Try --help."; }
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --dry-run) dry=yes ;;
        --again) again=yes ;;
        --jobs) value "$@"; jobs=$2; shift ;;
        --work) value "$@"; work=${2%/}; shift ;;
        --target) value "$@"; target=${2%/}; shift ;;
        --cmake) value "$@"; cmake_folder=$2; shift ;;
        --include) value "$@"; headers=$2; shift ;;
        --l4t) value "$@"; l4t=$2 image=yes; shift ;;
        --sm) value "$@"; sm=$2; shift ;;
        *) die "I do not know '$1'. Try --help." ;;
    esac
    shift
done
[[ -z $jobs || $jobs =~ ^[1-9][0-9]?$ ]] || die "--jobs '$jobs' is no number from 1 to 99."
[[ -z $sm || $sm =~ ^[0-9]{2,3}(\;[0-9]{2,3})*$ ]] || die "--sm '$sm' is no list of compute capabilities: 53, or 72;87."

# --- which device is this, and what fits it? -----------------------------------------------------------------------------------------------------------------------------

# "# R32 (release), REVISION: 7.1, …" is 32.7.1.
if [ -z "$l4t" ]; then
    [ -r "$system/etc/nv_tegra_release" ] || die "this is no Jetson with L4T: $system/etc/nv_tegra_release is missing. In an image, say which L4T it is with --l4t."
    l4t=$(sed -n '1s/^# R\([0-9]*\) (release), REVISION: \([0-9.]*\),.*/\1.\2/p' "$system/etc/nv_tegra_release")
    [ -n "$l4t" ] || die "$system/etc/nv_tegra_release has a form that is not known: $(head -n 1 "$system/etc/nv_tegra_release")"
fi
table=$root/deploy/l4t/onnxruntime.table
[ -r "$table" ] || die "$table is missing: run this from a checkout, or from an installed release."
row=''
while read -r releases rest; do
    [[ -n $releases && $releases != '#'* ]] || continue
    for release in ${releases//,/ }; do
        if [[ $l4t == "$release" || $l4t == "$release".* ]]; then row=$rest; fi
    done
done <"$table"
[ -n "$row" ] || die "no ONNX Runtime is known for L4T $l4t: $table has $(awk '!/^#/ && NF { printf "%s%s", sep, $1; sep = ", " }' "$table"). Update the board (L4T 32.6 to 32.7), or use the CPU: the bundle's own library needs no build."
read -r jetpack cuda tensorrt version table_sm cmake_floor _ _ flags <<<"$row"
[ "$flags" != - ] || flags=''

if [ -z "$sm" ]; then
    case $(tr '\0' ' ' 2>/dev/null <"$system/proc/device-tree/compatible" || true) in
        *tegra210*) sm=53 ;;
        *tegra186*) sm=62 ;;
        *tegra194*) sm=72 ;;
        *tegra234*) sm=87 ;;
        *) sm=$table_sm ;;
    esac
    [[ ";$table_sm;" == *";$sm;"* || $sm == "$table_sm" ]] || die "this board's GPU has compute capability $sm, and JetPack $jetpack knows $table_sm."
fi

# --- what is missing? --------------------------------------------------------------------------------------------------------------------------------------------------

problems=()
problem() { problems+=("$*"); }

# at_least HAS NEEDS: whether a version is not older.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

[ "$(uname -m)" = aarch64 ] || problem "this is a $(uname -m), and ONNX Runtime for a Jetson is built on a Jetson (or in an arm64 image of NVIDIA's)."
for tool in git python3 make g++ patch; do
    command -v "$tool" >/dev/null || problem "$tool is missing: apt-get install git python3 make g++ patch"
done
[ -z "$cmake_folder" ] || PATH=$cmake_folder:$PATH
has=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p' || true)
at_least "${has:-0}" "$cmake_floor" || problem "cmake ${has:-is missing and} $cmake_floor or newer is needed: pip3 install 'cmake>=$cmake_floor', or unpack Kitware's for aarch64 and name its bin/ with --cmake."
cuda_home=$system/usr/local/cuda
if [ -x "$cuda_home/bin/nvcc" ]; then
    has=$("$cuda_home/bin/nvcc" --version | sed -n 's/.*release \([0-9.]*\),.*/\1/p')
    [ "$has" = "$cuda" ] || problem "CUDA is ${has:-unknown}, and L4T $l4t has $cuda: do not mix JetPacks."
else
    problem "$cuda_home/bin/nvcc is missing: apt-get install nvidia-jetpack (or cuda-toolkit). In a container of L4T 32 CUDA comes from the host: make nvidia Docker's default runtime."
fi
libraries=$system/usr/lib/aarch64-linux-gnu includes=$system/usr/include/aarch64-linux-gnu
found=$(cd "$libraries" 2>/dev/null && printf '%s\n' libnvinfer.so.*.*.* | sort -V | tail -n 1) || true
has=$(sed -n 's/^libnvinfer\.so\.\([0-9]*\.[0-9]*\)\..*/\1/p' <<<"$found")
if [ -z "$has" ]; then problem "TensorRT is missing ($libraries/libnvinfer.so.*): apt-get install tensorrt"
elif [ "$has" != "$tensorrt" ]; then problem "TensorRT is $has, and ONNX Runtime $version is for $tensorrt, which L4T $l4t has. Built against another it does not load (undefined symbol)."
fi
[ -e "$includes/NvInfer.h" ] || problem "TensorRT's headers are missing ($includes/NvInfer.h): apt-get install libnvinfer-dev libnvinfer-plugin-dev libnvparsers-dev libnvonnxparsers-dev"
if [ -e "$includes/NvInfer.h" ] && [[ $l4t == 32.* ]] && [ ! -e "$includes/NvInferSafeRuntime.h" ] && [ ! -e "$headers/NvInferSafeRuntime.h" ]; then
    problem "NvInferSafeRuntime.h is missing, as in every container of L4T 32: copy it from a device ($includes) into a folder and name that with --include (deploy/l4t/include for Dockerfile.l4t)."
fi
[ -e "$includes/cudnn_version.h" ] || [ -e "$system/usr/include/cudnn_version.h" ] || problem "cuDNN's headers are missing ($includes/cudnn_version.h): apt-get install libcudnn8-dev (JetPack 6: libcudnn9-dev-cuda-12)"

# A compiler for CUDA takes up to 6 GB; less than 10 GB of memory and swap together ends in a killed compiler after hours.
memory=$(awk '/^(MemTotal|SwapTotal):/ { sum += $2 } END { printf "%d", sum / 1000000 }' "$system/proc/meminfo")
[ "$memory" -ge 10 ] || problem "memory and swap are $memory GB together, and 10 are needed: add swap, as fallocate -l 8G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile (undo: swapoff /swapfile && rm /swapfile)."
most=$(((memory - 4) / 6))
if [ "$most" -gt "$(nproc)" ]; then most=$(nproc); fi
if [ "$most" -lt 1 ]; then most=1; fi
: "${jobs:=$most}"
existing=$work
while [ ! -d "$existing" ]; do existing=$(dirname "$existing"); done
free=$(df -Pk "$existing" | awk 'NR == 2 { printf "%d", $4 / 1000000 }')
[ "$free" -ge 15 ] || [ -e "$work/$version/.built" ] || problem "$existing has $free GB free, and sources and build take about 15: name another place with --work."
existing=$target
while [ ! -d "$existing" ]; do existing=$(dirname "$existing"); done
[ -w "$existing" ] || problem "$existing cannot be written to: sudo scripts/build-onnxruntime-l4t.sh …"

say "L4T $l4t (JetPack $jetpack): ONNX Runtime $version with TensorRT $tensorrt and CUDA $cuda, for compute capability $sm, $jobs compilers at once."
place=$target/$version
if [ ${#problems[@]} -gt 0 ]; then
    warn "it cannot be built here yet; nothing was changed:"
    printf '  - %s\n' "${problems[@]}" >&2
    exit 1
fi

# --- step by step; each that is done leaves a mark, and is not done twice -------------------------------------------------------------------------------------------------

home=$work/$version
source=$home/onnxruntime
build=$home/build

# step MARK WORDS COMMAND…
step() {
    local mark=$home/.$1
    if [ -e "$mark" ]; then
        say "  $2: done before"
        return 0
    fi
    say "  $2"
    [ -z "$dry" ] || return 0
    "${@:3}"
    touch "$mark"
}

fetch() {
    rm -rf "$source.part"
    git clone --quiet --depth 1 --branch "v$version" --recurse-submodules --shallow-submodules https://github.com/microsoft/onnxruntime.git "$source.part"
    rm -rf "$source"
    mv -T "$source.part" "$source"
}

# GitLab packs Eigen's archive anew from time to time, so that its checksum in cmake/deps.txt no longer holds (microsoft/onnxruntime #18286, #26707). The commit in its address does.
fetch_eigen() {
    local commit
    commit=$(sed -n 's|^eigen;https://gitlab.com/libeigen/eigen/-/archive/\([0-9a-f]\{40\}\)/.*|\1|p' "$source/cmake/deps.txt" 2>/dev/null || true)
    [ -n "$commit" ] || return 0 # up to 1.13 it is a submodule, and later the mirror's archive
    rm -rf "$home/eigen"
    git init --quiet "$home/eigen"
    git -C "$home/eigen" fetch --quiet --depth 1 https://gitlab.com/libeigen/eigen.git "$commit"
    git -C "$home/eigen" checkout --quiet FETCH_HEAD
}

compile() {
    local cxx="-Wno-unused-variable -I$cuda_home/include" defines options
    [ -z "$headers" ] || cxx="$cxx -I$(realpath "$headers")"
    defines=("CMAKE_CXX_FLAGS=$cxx" "CMAKE_CUDA_ARCHITECTURES=$sm" "CMAKE_INSTALL_PREFIX=$home/installed" onnxruntime_BUILD_UNIT_TESTS=OFF)
    [ ! -d "$home/eigen" ] || defines+=("FETCHCONTENT_SOURCE_DIR_EIGEN=$home/eigen")
    IFS=, read -ra options <<<"$flags"
    # The library itself is built only with --build_shared_lib. nice: the device may be in use meanwhile.
    (cd "$source" && nice -n 10 ./build.sh --config Release --update --build --parallel "$jobs" --build_shared_lib --skip_tests --skip_submodule_sync --build_dir "$build" \
        --cuda_home "$cuda_home" --cudnn_home "$libraries" --use_tensorrt --tensorrt_home "$libraries" ${options[@]+"${options[@]}"} --cmake_extra_defines "${defines[@]}")
}

install_it() {
    local library release=$build/Release fresh=$place.new
    rm -rf "$fresh"
    mkdir -p "$fresh"
    # The loader's name, the providers beside it: it looks for them where it lies.
    cp -L "$release/libonnxruntime.so.$version" "$fresh/libonnxruntime.so.1"
    for library in shared cuda tensorrt; do cp -L "$release/libonnxruntime_providers_$library.so" "$fresh/"; done
    cp "$source/LICENSE" "$source/ThirdPartyNotices.txt" "$fresh/"
    printf '%s\n' "onnxruntime $version" "l4t $l4t" "cuda $cuda" "tensorrt $tensorrt" "sm $sm" >"$fresh/build.txt"
    chmod -R u=rwX,go=rX "$fresh"
    rm -rf "$place"
    mv -T "$fresh" "$place"
}

title "ONNX Runtime $version for this device"
if [ -n "$again" ] && [ -z "$dry" ]; then rm -f "$home/.built"; fi
if [ -e "$place/build.txt" ] && [ -z "$again" ]; then
    say "  $place is there; --again builds it once more"
else
    [ -n "$dry" ] || mkdir -p "$home"
    step fetched "sources of version $version into $source" fetch
    step eigen "Eigen, by its commit" fetch_eigen
    step built "compile (log on this terminal; stop it with Ctrl-C, and go on by running this again)" compile
    say "  install into $place"
    [ -n "$dry" ] || install_it
fi

environment="HEARTSOUND_ONNXRUNTIME=$place/libonnxruntime.so.1"
if [ -z "$dry$image" ] && command -v heartsound >/dev/null; then
    say "  check: the model's goldens, with this library"
    env "$environment" heartsound model verify || die "the library is there, and the model's goldens do not come out of it; the service still uses the one it had. Leave $environment out."
fi
title "${dry:+It would be }done."
say "Let the service use it: add this line to /etc/heartsound/environment, then systemctl restart heartsound"
say "  $environment"
say "Undo it: remove the line, restart, and rm -rf $place. The build may go any time: rm -rf $home"
