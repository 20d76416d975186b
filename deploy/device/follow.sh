#!/bin/sh
# On a device, as root: says what a detached command says, from a line on. Sent by scripts/lib-ssh.sh.
#   follow.sh ID LINES   skips so many lines; ends with HEARTSOUND-ENDED CODE, or with HEARTSOUND-ENDED lost where the device was off meanwhile
set -u
id=$1 seen=$2 quiet=0
run=${HEARTSOUND_ROOT:-}/var/lib/heartsound-update/runs/$id
while :; do
    ended=''
    if [ -e "$run/exit" ]; then
        ended=$(cat "$run/exit")
    elif ! systemctl is-active --quiet "heartsound-update-$id.service"; then
        # It may have ended between the two questions.
        if [ -e "$run/exit" ]; then ended=$(cat "$run/exit"); else ended=lost; fi
    fi
    # Whole lines only: half a line would be counted as one.
    have=$(wc -l 2>/dev/null <"$run/log" || echo 0)
    if [ "$have" -gt "$seen" ]; then
        tail -n "+$((seen + 1))" "$run/log" | head -n "$((have - seen))"
        seen=$have quiet=0
    fi
    [ -z "$ended" ] || { echo "HEARTSOUND-ENDED $ended"; exit 0; }
    quiet=$((quiet + 1))
    # A word now and then: who follows and is gone shows by that.
    [ $((quiet % 10)) -ne 0 ] || echo HEARTSOUND-ALIVE
    sleep 0.5
done
