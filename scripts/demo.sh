#!/usr/bin/env bash
# Plays recordings through the service's own pipeline and shows the verdicts as they arrive from a real MQTT broker; then lets the device listen by itself.
#
#   scripts/demo.sh                  up to 12 recordings of ../shared/data, or simulated hearts where that is not there
#   scripts/demo.sh FILE|FOLDER…     your own recordings (WAV, FLAC)
#   scripts/demo.sh --simulate       simulated hearts
#
# Sets the machine up (scripts/setup.sh demo) and builds, if that is still to be done. The broker listens on a free port of this machine
# alone and is stopped at the end. Exit code 0: every recording was played and verdicts came back through the broker.
# shellcheck disable=SC2317 # functions that trap and wait_until call by name
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

device=demo
simulate=''
inputs=()
for argument in "$@"; do
    case $argument in
        -h | --help) usage; exit 0 ;;
        --simulate) simulate=yes ;;
        -*) die "I do not know '$argument'. Try --help." ;;
        *) [ -e "$argument" ] || die "there is no '$argument'. Give a WAV or FLAC file, or a folder of them."
            inputs+=("$(realpath -- "$argument")") ;;
    esac
done

cd "$root"
heartsound=$root/bin/heartsound
work=$(mktemp -d "${TMPDIR:-/tmp}/heartsound-demo.XXXXXX")
started=()

# Stops only what this script started, newest first, and takes its folder away.
clean_up() {
    local i
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do kill "${started[i]}" 2>/dev/null || true; done
    # mosquitto_sub takes leave inside its signal handler and now and then waits there for a lock that it holds itself: then it is killed.
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        wait_until 5 ended "${started[i]}" || kill -9 "${started[i]}" 2>/dev/null || true
        wait "${started[i]}" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# A process that has ended and was not waited for yet still has an entry, as a zombie.
ended() {
    local state
    state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 0
    [ "$state" = Z ]
}

# wait_until SECONDS COMMAND…   asks ten times a second; 1 when the time is over
wait_until() {
    local tries=$(($1 * 10))
    shift
    until "$@"; do
        ((tries-- > 0)) || return 1
        sleep 0.1
    done
}

# Step 1: what to listen to -----------------------------------------------------------------------------------------------------------

recordings_of() { find -L "$1" -type f \( -iname '*.wav' -o -iname '*.flac' \) -print0 | sort -z; }

# From the test part (fold 0: never trained on) of PhysioNet 2016: the first recording by name of every database and label that the
# annotators called good, and the first two that they were unsure about. Lines: path, label, quality.
choose_recordings() {
    local folder=$recordings/physionet2016
    sort "$folder/records.csv" | awk -F, -v folder="$folder" '
        $9 == "0" {
            label = $4 == "1" ? "abnormal" : "normal"
            if ($5 == "1" && !seen[$3 label]++) print folder "/" $1 "\t" label "\tgood"
            if ($5 == "0" && unsure++ < 2) print folder "/" $1 "\t" label "\tunsure"
        }'
}

simulate_recordings() {
    title "Simulating hearts"
    local heart=(--seconds 20 --seed 1)
    "$heartsound" simulate --out "$work/1-normal.wav" "${heart[@]}"
    "$heartsound" simulate --out "$work/2-systolic-murmur.wav" "${heart[@]}" --murmur systolic --murmur-level 0.4
    "$heartsound" simulate --out "$work/3-noise.wav" "${heart[@]}" --noise-db -12
    "$heartsound" simulate --out "$work/4-contact-lost.wav" "${heart[@]}" --contact-loss-from 2 --contact-loss-to 19
    files=("$work"/*.wav)
}

files=()
gather_recordings() {
    local input file label quality
    if [ ${#inputs[@]} -gt 0 ]; then
        for input in "${inputs[@]}"; do
            if [ -d "$input" ]; then
                while IFS= read -r -d '' file; do files+=("$file"); done < <(recordings_of "$input")
            else
                files+=("$input")
            fi
        done
        [ ${#files[@]} -gt 0 ] || die "no WAV or FLAC file in ${inputs[*]}."
        title "Listening to ${#files[@]} recording(s) of yours"
    elif [ -z "$simulate" ] && unpack_recordings; then
        title "Listening to recordings of PhysioNet 2016 that the model was never shown"
        printf '  %-10s %-20s %s\n' recording 'reference label' 'quality, by ear'
        while IFS=$'\t' read -r file label quality; do
            files+=("$file")
            printf '  %-10s %-20s %s\n' "$(basename "$file" .wav)" "$label" "$quality"
        done < <(choose_recordings)
        [ ${#files[@]} -gt 0 ] || die "no recording of fold 0 in $recordings/physionet2016/records.csv."
    else
        [ -n "$simulate" ] || say "There is no ../shared/data here; scripts/get-data.sh says where recordings are."
        simulate_recordings
    fi
}

# Step 2: a broker --------------------------------------------------------------------------------------------------------------------

broker_answers() {
    kill -0 "$1" 2>/dev/null || return 0 # it ended: no use waiting
    mosquitto_pub -h 127.0.0.1 -p "$port" -t heartsound-demo/ready -n 2>/dev/null
}

# Sets port. A port that somebody else takes in between makes mosquitto end at once; the next one is tried.
start_broker() {
    local broker
    for _ in 1 2 3 4 5 6 7 8; do
        port=$((20000 + (RANDOM << 15 | RANDOM) % 40000))
        printf '%s\n' "listener $port 127.0.0.1" 'allow_anonymous true' 'persistence false' 'log_dest stderr' 'log_type error' 'log_type warning' \
            'log_type subscribe' >"$work/mosquitto.conf"
        mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
        broker=$!
        wait_until 10 broker_answers "$broker" || true
        if kill -0 "$broker" 2>/dev/null; then
            started+=("$broker")
            return 0
        fi
    done
    warn "mosquitto does not start. What it says:"
    cat "$work/mosquitto.log" >&2
    return 1
}

# Step 3: a viewer, a witness, and the device -----------------------------------------------------------------------------------------

subscriptions() { [ "$(grep -c ' heartsound/' "$work/mosquitto.log")" -ge "$1" ]; }
device_stopped() { grep -q "^heartsound/$device/status.*stopped" "$work/witness.txt"; }
verdicts() { grep -c "^heartsound/$device/verdict " "$work/witness.txt" || true; }

run_demo() {
    local broker=127.0.0.1:$port viewer played=0

    # The witness is not ours: Debian's own client writes down what really went over the wire.
    mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -t "heartsound/$device/status" -t "heartsound/$device/verdict" -F '%t %p' >"$work/witness.txt" 2>&1 &
    started+=($!)
    wait_until 10 subscriptions 2 || die "the MQTT client mosquitto_sub did not reach the broker."

    title "Verdicts, as they come from the broker at $broker"
    "$heartsound" watch --broker "$broker" 2>"$work/viewer.txt" &
    viewer=$!
    started+=("$viewer")
    if ! wait_until 20 subscriptions 3; then
        cat "$work/viewer.txt" >&2
        die "'bin/heartsound watch' did not subscribe at the broker."
    fi

    "$heartsound" replay --fast --publish-file-names --broker "$broker" --device "$device" "${files[@]}" >"$work/device.txt" 2>&1 || played=$?
    # The device's last message says that it stopped; what it said before has arrived by then.
    wait_until 10 device_stopped || warn "the device did not say good-bye on heartsound/$device/status."
    sleep 0.5

    if [ $played -ne 0 ]; then
        title "What the device said (exit code $played)"
        tail -n 30 "$work/device.txt"
    fi
    local count
    count=$(verdicts)
    title "$count verdict(s) on ${#files[@]} recording(s) came through the broker."
    [ "$played" -eq 0 ] || return "$played"
    [ "$count" -gt 0 ]
}

# Step 4: the device itself -----------------------------------------------------------------------------------------------------------

has_verdict() { [ -s "$work/live.txt" ] || ended "$1"; }

show_device() {
    local live
    title "And by itself, as a device: a simulated heart, its lamps, a verdict after 10 s of sound"
    "$heartsound" run --simulate --examination-seconds 10 --lights terminal --broker "127.0.0.1:$port" --device "$device" >"$work/live.txt" 2>"$work/lamps.txt" &
    live=$!
    started+=("$live")
    wait_until 60 has_verdict "$live" || true
    kill "$live" 2>/dev/null || true
    wait "$live" 2>/dev/null || true
    sed -n 's/^lights: /  lamps: /p' "$work/lamps.txt"
    if [ ! -s "$work/live.txt" ]; then
        tail -n 30 "$work/lamps.txt"
        return 1
    fi
    cat "$work/live.txt"
}

scripts/setup.sh demo
scripts/build.sh
gather_recordings
start_broker
status=0
run_demo || status=$?
[ $status -ne 0 ] || show_device || status=$?
[ $status -eq 0 ] || warn "the demo failed (exit code $status)."
say "${dim}A research tool, not a medical device.${plain}"
say "Next: make demo WAV=path/to/your.wav, or bin/heartsound classify --help"
say "All devices of a broker in a browser: bin/heartsound dashboard --broker-url ws://HOST:PORT   (docs/dashboard.md)"
exit $status
