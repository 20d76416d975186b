#!/bin/sh
# Starts the program that `make build` left in bin/app, from wherever it is called, also through a symbolic link.
# Copied to bin/heartsound by scripts/build.sh, and from there to a device by scripts/install.sh.
set -eu
here=$(dirname "$(readlink -f "$0")")
program=$here/app/heartsound.dll
# A self-contained bundle has its own runtime, in the program's folder or beside bin/.
if [ -x "$here/app/heartsound" ]; then exec "$here/app/heartsound" "$@"; fi
if [ -x "$here/../dotnet/dotnet" ]; then exec "$here/../dotnet/dotnet" "$program" "$@"; fi
if [ ! -e "$program" ]; then
    echo "heartsound: $program is missing. Run 'make build' in the repository." >&2
    exit 1
fi
if [ -n "${DOTNET_ROOT:-}" ] && [ -x "$DOTNET_ROOT/dotnet" ]; then
    exec "$DOTNET_ROOT/dotnet" "$program" "$@"
elif command -v dotnet >/dev/null; then
    exec dotnet "$program" "$@"
elif [ -x /opt/heartsound/dotnet/dotnet ]; then
    exec /opt/heartsound/dotnet/dotnet "$program" "$@"
fi
echo "heartsound: the .NET runtime is missing: 'dotnet' is not on PATH and DOTNET_ROOT is not set. Install the ASP.NET Core 10 runtime (it brings .NET's) or the .NET 10 SDK." >&2
exit 1
