#!/bin/sh
# Writes what deploy/docker/compose.yml has to know of this board: numbers that differ from one system to the next.
#
#   deploy/docker/env.sh IMAGE >deploy/docker/.env     IMAGE as it was built: heartsound-edge:1.2.3
#
# Changes nothing. Run it again after an update of JetPack.
set -eu
system=${HEARTSOUND_L4T_SYSTEM:-}
case ${1:-} in
    -h | --help) sed -n '2,/^[^#]/ { /^#/ s/^# \{0,1\}//p; }' "$0"; exit 0 ;;
    '' | -*) echo "env: name the image: deploy/docker/env.sh heartsound-edge:1.2.3" >&2; exit 1 ;;
esac
image=$1

# group NAME: its number on this system.
group() {
    number=$(awk -F : -v name="$1" '$1 == name { print $3 }' "$system/etc/group")
    [ -n "$number" ] || { echo "env: there is no group '$1' here. Make it (groupadd --system $1), and give it the nodes: deploy/udev/60-heartsound.rules." >&2; exit 1; }
    echo "$number"
}

# The kernel gives GPIO chips the number that was free; sound has 116 for ever.
major=$(awk '$2 == "gpiochip" { print $1 }' "$system/proc/devices")
[ -n "$major" ] || { echo "env: this kernel has no GPIO chips (no 'gpiochip' in /proc/devices), so lamps and button cannot work. Is this a Jetson?" >&2; exit 1; }
audio=$(group audio)
gpio=$(group gpio)
video=$(group video)
printf '%s\n' "HEARTSOUND_IMAGE=$image" "GPIO_MAJOR=$major" "AUDIO_GID=$audio" "GPIO_GID=$gpio" "VIDEO_GID=$video"
