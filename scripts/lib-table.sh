# shellcheck shell=bash disable=SC2034,SC2154
# Many devices side by side: a process each, what each is at as a table on a terminal or as lines elsewhere, and what came of it. Sourced after lib-ssh.sh, never run.

# state PHASE TEXT: what this device is at. Called in the device's process.
state() { printf '%s\t%s\n' "$1" "$2" >"$work/$index.state"; }

# outcome WORD MESSAGE [KEY=VALUE…]: what came of this device; the last word counts. Called in the device's process; elsewhere declare_outcome.
outcome() {
    local word=$1 message=$2
    shift 2
    { printf '%s\n%s\n' "$word" "$message" && printf '%s\n' "$@"; } >"$work/$index.outcome"
}

# outcome_of INDEX: of a device that is through.
declare -A ended=()
outcome_of() { printf '%s' "${ended[$1]:-}"; }
# declare_outcome INDEX WORD MESSAGE: of a device that was not begun with.
declare_outcome() {
    index=$1 outcome "$2" "$3"
    ended[$1]=$2
}

message_of() { sed -n 2p "$work/$1.outcome" 2>/dev/null || true; }

# tell LINE: for people; where standard output is for programs, on standard error.
tell() { if [ -n "$json_output" ]; then printf '%s\n' "$*" >&2; else printf '%s\n' "$*"; fi; }

# mark WORD: the colour of an outcome.
mark() {
    case $1 in
        confirmed | ready | provisioned | unchanged | ok) printf '%s' "$green" ;;
        *) printf '%s' "$red" ;;
    esac
}

live_lines=0
# erase: takes the table of those under way away again, so that a line can stand in its place.
erase() {
    [ $live_lines -eq 0 ] || printf '\e[%dA\e[J' $live_lines >&3
    live_lines=0
}

# show_finished INDEX: the line of a device that is through.
show_finished() {
    local word=${ended[$1]}
    printf '  %s%-12s%s %-20s %s\n' "$(mark "$word")" "$word" "$plain" "${device_names[$1]}" "$(message_of "$1")" >&3
}

# draw: what is under way. On a terminal a table that is drawn anew; elsewhere a line whenever a device begins with something else.
draw() {
    local i phase text width
    if [ -z "$on_terminal" ]; then
        for i in "${!running[@]}"; do
            IFS=$'\t' read -r phase text 2>/dev/null <"$work/$i.state" || continue
            [ "${shown[i]:-}" = "$phase" ] || printf '  %-20s %-8s %s\n' "${device_names[i]}" "$phase" "$text" >&3
            shown[i]=$phase
        done
        return 0
    fi
    width=$(tput cols 2>/dev/null || echo 100)
    erase
    for i in "${!running[@]}"; do
        IFS=$'\t' read -r phase text 2>/dev/null <"$work/$i.state" || { phase='' text=''; }
        printf '  %s%-12s%s %-20s %s\n' "$bold" "$phase" "$plain" "${device_names[i]}" "${text:0:$((width > 60 ? width - 38 : 22))}" >&3
        live_lines=$((live_lines + 1))
    done
    printf '  %s%d through, %d under way, %d waiting%s\n' "$dim" "$through" "${#running[@]}" "${#queue[@]}" "$plain" >&3
    live_lines=$((live_lines + 1))
}

# may_begin: whether another device may begin; scripts that stop after failures say otherwise.
may_begin() { :; }

# side_by_side TASK INDEX…: runs TASK in a process for each device, $jobs at a time. What is written by TASK goes to the device's log.
declare -A running=()
queue=() shown=() through=0
side_by_side() {
    local task=$1 i
    shift
    queue=("$@") shown=() through=0
    if [ -n "$json_output" ]; then exec 3>&2; else exec 3>&1; fi
    # Nothing ever comes from here: waiting for it costs no process, as `sleep` does.
    exec 9<> <(:)
    on_terminal=''
    [ ! -t 3 ] || [ "${TERM:-dumb}" = dumb ] || on_terminal=yes
    while [ ${#queue[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
        while [ ${#queue[@]} -gt 0 ] && [ ${#running[@]} -lt "$jobs" ] && may_begin; do
            i=${queue[0]} queue=("${queue[@]:1}")
            rm -f "$work/$i.outcome" "$work/$i.state"
            unset "ended[$i]"
            # A process group of its own: an interrupt is told to this script alone, which then ends them.
            set -m
            (
                set +m
                enter_device "$i"
                log=$work/$i.log
                "$task" "$i"
            ) >>"$work/$i.log" 2>&1 </dev/null 3>&- 9>&- &
            running[$i]=$!
            set +m
        done
        [ ${#running[@]} -gt 0 ] || break
        for i in "${!running[@]}"; do
            kill -0 "${running[$i]}" 2>/dev/null && continue
            wait "${running[$i]}" || true
            unset "running[$i]"
            through=$((through + 1))
            [ -s "$work/$i.outcome" ] || index=$i outcome failed "ended by itself: $(tail -n 1 "$work/$i.log" 2>/dev/null)"
            read -r "ended[$i]" <"$work/$i.outcome"
            draw
            erase
            show_finished "$i"
        done
        draw
        read -rt 0.1 -u 9 || true
    done
    erase
    exec 3>&- 9>&-
}

# end_running: ends what runs on this computer; what runs on the devices goes on.
end_running() {
    local i
    for i in "${!running[@]}"; do kill -TERM -- "-${running[$i]}" 2>/dev/null || true; done
    for i in "${!running[@]}"; do wait "${running[$i]}" 2>/dev/null || true; done
    erase 2>/dev/null || true
}

# json_text TEXT: as a JSON string.
json_text() {
    local text=$1
    text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\t'/\\t} text=${text//$'\n'/\\n}
    printf '"%s"' "$(printf '%s' "$text" | tr -d '\000-\037')"
}

# json_device INDEX: what came of it, as an object on a line.
json_device() {
    local key value text
    text="{\"name\":$(json_text "${device_names[$1]}"),\"host\":$(json_text "${device_targets[$1]#*@}"),\"outcome\":$(json_text "$(outcome_of "$1")"),\"message\":$(json_text "$(message_of "$1")")"
    while IFS='=' read -r key value; do
        [ -z "$key" ] || text+=",$(json_text "$key"):$(if [[ $value =~ ^(0|[1-9][0-9]{0,9})$ ]]; then printf '%s' "$value"; else json_text "$value"; fi)"
    done < <(sed -n '3,$p' "$work/$1.outcome" 2>/dev/null)
    printf '%s}\n' "$text"
}

# flat_json: standard input's JSON as lines `path.to.0.key<TAB>value`, texts without their marks; good for what our own program writes.
flat_json() {
    LC_ALL=C awk '
        { text = text $0 "\n" }
        END { n = length(text); at = 1; value("") ; exit bad }
        function space() { while (at <= n && index(" \t\r\n", substr(text, at, 1))) at++ }
        function string(   s, c) {
            s = ""
            for (at++; at <= n; at++) {
                c = substr(text, at, 1)
                if (c == "\"") { at++; return s }
                if (c == "\\") { at++; c = substr(text, at, 1); if (c == "n" || c == "t" || c == "r") c = " "; else if (c == "u") { c = unicode(substr(text, at + 1, 4)); at += 4 } }
                s = s c
            }
            bad = 1; return s
        }
        function hex(s,   i, v) { v = 0; for (i = 1; i <= length(s); i++) v = v * 16 + index("0123456789abcdef", tolower(substr(s, i, 1))) - 1; return v }
        function unicode(s,   v) {
            v = hex(s)
            if (v < 128) return sprintf("%c", v)
            if (v < 2048) return sprintf("%c%c", 192 + int(v / 64), 128 + v % 64)
            return sprintf("%c%c%c", 224 + int(v / 4096), 128 + int(v / 64) % 64, 128 + v % 64)
        }
        function value(path,   c, key, i, start) {
            space(); c = substr(text, at, 1)
            if (c == "{" || c == "[") {
                at++; i = 0
                for (;;) {
                    space()
                    if (at > n) { bad = 1; return }
                    if (index("}]", substr(text, at, 1))) { at++; return }
                    if (substr(text, at, 1) == ",") { at++; continue }
                    if (c == "{") { key = string(); space(); at++ } else key = i++
                    value(path == "" ? key : path "." key)
                    if (bad) return
                }
            }
            if (c == "\"") { print path "\t" string(); return }
            start = at
            while (at <= n && !index(",]} \t\r\n", substr(text, at, 1))) at++
            if (at == start) { bad = 1; return }
            print path "\t" substr(text, start, at - start)
        }'
}

# value_of KEY: of lines `KEY<TAB>VALUE` (flat_json) on standard input.
value_of() { awk -F '\t' -v key="$1" '$1 == key { print substr($0, length(key) + 2); exit }'; }
