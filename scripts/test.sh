#!/usr/bin/env bash
# Every check and test there is. Ends with the line `N passed, N failed` over all of them; the exit code is 0 only if none failed.
#
#   scripts/test.sh              all suites
#   scripts/test.sh NAME…        only the suites whose name contains one of these (case does not matter)
#   scripts/test.sh --list       the names
#
# Sets the machine up first (scripts/setup.sh test), builds, and unpacks ../shared/data where that is there; tests that need those
# recordings skip themselves, and say so, where it is not. A suite that crashes, hangs (over 10 minutes) or runs no test counts as failed.
# Logs and results lie in TestResults/ afterwards.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

results=$root/TestResults
wanted=()
list_only=''
for argument in "$@"; do
    case $argument in
        -h | --help) usage; exit 0 ;;
        --list) list_only=yes ;;
        -*) die "I do not know '$argument'. Try --help." ;;
        *) wanted+=("${argument,,}") ;;
    esac
done

is_wanted() {
    [ ${#wanted[@]} -gt 0 ] || return 0
    local part
    for part in "${wanted[@]}"; do [[ ${1,,} == *"$part"* ]] && return 0; done
    return 1
}

# suite NAME KIND COMMAND…   runs the command, keeps its log, and notes how it went. KIND is check (one test: the exit code), trx or
# junit (the tests in the file NAME.KIND that the command writes). Never fails itself.
suite() {
    local name=$1 kind=$2 status=0 started=$EPOCHREALTIME seconds
    shift 2
    is_wanted "$name" || return 0
    if [ -n "$list_only" ]; then
        say "$name"
        return 0
    fi
    timeout --kill-after=10 600 "$@" >"$results/$name.log" 2>&1 </dev/null || status=$?
    seconds=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
    printf '%s\t%s\t%s\t%s\n' "$name" "$kind" "$status" "$seconds" >>"$results/suites.tsv"
    local outcome="${green}ok$plain    "
    [ $status -eq 0 ] || outcome="${red}FAILED$plain"
    printf '  %s  %s (%s s)\n' "$outcome" "$name" "$seconds"
    # What failed is said at once; why, by the report at the end.
    [ $status -eq 0 ] || grep -E '^(FAILED|ERROR) |^ +Failed |Test host process crashed' "$results/$name.log" | head -n 8 | cut -c 1-200 | sed 's/^/          /' || true
    return 0
}

# report: the table, the failures, the count. Its exit code is the script's.
report() { "$python" "$root/scripts/test_report.py" "$results"; }

check_shell() {
    local file files=()
    while IFS= read -r file; do
        [[ $file == *.sh ]] || head -n 1 "$file" | grep -qE '^#!.*\b(ba|da)?sh\b' || continue
        files+=("$file")
    done < <(find . \( -name .git -o -name bin -o -name obj -o -name node_modules -o -name .native -o -name .cache -o -name runs -o -name TestResults \) -prune \
        -o -type f -size -256k \( -name '*.sh' -o -path './.ci/*' -o -path './scripts/*' -o -path './deploy/*' -o -path './tests/rig/*' \) -print)
    printf '%s\n' "${files[@]}"
    shellcheck --external-sources "${files[@]}"
}

check_format() { dotnet format HeartSound.Edge.sln --verify-no-changes --no-restore; }

csharp() {
    local project=$1 name=$2
    shift 2
    suite "$name" trx env "$@" dotnet test "$project" -c Release --no-build --nologo --logger "trx;LogFileName=$results/$name.trx"
}

python_tests() {
    local name=$1
    shift
    suite "$name" junit env PYTHONPATH="$root/src/HeartSound.Trainer" "$python" -m pytest -p no:cacheprovider -q -rfEs --junitxml="$results/$name.junit" "$@"
}

if [ -z "$list_only" ]; then
    rm -rf "$results"
    mkdir -p "$results"
    if ! scripts/setup.sh test; then
        say "The machine could not be set up, so nothing was tested; what to do is said above."
        say "0 passed, 1 failed"
        exit 1
    fi
    unpack_recordings || say "There is no ../shared/data beside the repository: tests that need recordings will skip."
    title "Testing"
fi

export -f check_shell check_format
suite build check scripts/build.sh
if [ -z "$list_only" ] && [ -e "$results/suites.tsv" ] && ! awk -F'\t' '$1 == "build" && $3 != 0 { exit 1 }' "$results/suites.tsv"; then
    report || exit 1
fi
suite shellcheck check bash -c check_shell
for project in tests/*.Tests; do
    csharp "$project" "${project##*/}"
    # The vector code's scalar halves, and the widths that a processor without SIMD has.
    [[ $project != *.Signal.Tests ]] || csharp "$project" "${project##*/}-no-SIMD" DOTNET_EnableHWIntrinsic=0
done

# What mostly waits, for sound in real time, for brokers, for a broken network, goes beside what mostly computes.
device_tests=()
broker_tests=()
delivery_tests=()
recording_tests=()
for file in tests/endtoend/test_*.py; do
    case $file in
        *_doctor.py | *_lights.py | *_record.py | *_sandbox.py | *_service.py | *_stethoscope.py) device_tests+=("$file") ;;
        *_broker_security.py | *_commands.py | *_contract.py | *_home_assistant.py | *_metrics.py | *_mqtt.py) broker_tests+=("$file") ;;
        *_delivery.py | *_delivery_*.py) delivery_tests+=("$file") ;;
        *) recording_tests+=("$file") ;;
    esac
done

waiting_suites() {
    python_tests endtoend-device "${device_tests[@]}"
    python_tests endtoend-broker "${broker_tests[@]}"
    python_tests fleet tests/fleet
    python_tests scripts tests/scripts
}

computing_suites() {
    [ ! -d src/HeartSound.Trainer ] || python_tests trainer src/HeartSound.Trainer
    python_tests endtoend-recordings "${recording_tests[@]}"
    # Verdicts while the broker, the network, the service, its disk and its clock are broken.
    for file in "${delivery_tests[@]}"; do
        name=${file##*/test_}
        python_tests "endtoend-${name%.py}" "$file"
    done
    suite dashboard junit src/dashboard/node_modules/.bin/vitest run --config tests/dashboard/vitest.config.mts --reporter=default --reporter=junit --outputFile.junit="$results/dashboard.junit"
    suite format check bash -c check_format
}

if [ -n "$list_only" ]; then
    waiting_suites
    computing_suites
    exit 0
fi
waiting_suites &
waiting=$!
trap 'kill "$waiting" 2>/dev/null || true' EXIT
computing_suites
wait "$waiting"

report
