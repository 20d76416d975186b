#!/bin/sh
# On a device, at its first start: a name and host keys of its own, then the word that it is ready. Put there by scripts/flash.sh, run by heartsound-firstboot.service, once.
# It installs nothing, grows nothing (NVIDIA's own first start does that) and opens nothing. Undo: remove /usr/local/lib/heartsound, the unit and /var/lib/heartsound-firstboot.
set -eu
root=${HEARTSOUND_ROOT:-}
say() { printf 'heartsound-firstboot: %s\n' "$*"; }

# A '%' in the name is the end of the module's serial number: one image, many devices.
name=$(cat "$root/etc/hostname")
case $name in
    *%*)
        serial=$(tr -dc '0-9A-Za-z' <"$root/proc/device-tree/serial-number" 2>/dev/null | tail -c 6 || true)
        [ -n "$serial" ] || serial=$(tr -dc '0-9a-f' <"$root/etc/machine-id" | tail -c 6)
        name=$(printf '%s' "$name" | sed "s/%/$serial/")
        printf '%s\n' "$name" >"$root/etc/hostname"
        # Where systemd does not run yet, or no longer listens, the file alone does it at the next start.
        [ -n "$root" ] || hostname "$name" || true
        ;;
esac
sed -i '/^127\.0\.1\.1[[:space:]]/d' "$root/etc/hosts" 2>/dev/null || true
printf '127.0.1.1\t%s\n' "$name" >>"$root/etc/hosts"

# The image has none, so that no two devices share one.
ssh-keygen -A ${root:+-f "$root"}

# For `avahi-browse -rt _heartsound._tcp` on the technician's computer.
mkdir -p "$root/etc/avahi/services"
cat >"$root/etc/avahi/services/heartsound.service" <<XML
<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">%h</name>
  <service><type>_heartsound._tcp</type><port>22</port><txt-record>state=bare</txt-record></service>
</service-group>
XML

mkdir -p "$root/var/lib/heartsound-firstboot"
printf '%s\n' "$name" >"$root/var/lib/heartsound-firstboot/ready"
sync "$root/var/lib/heartsound-firstboot/ready"
say "$name is ready for scripts/provision.sh"
