#!/usr/bin/python3
"""Boots the guest of an image once, warms it up, and saves the running machine: a test starts with it in two seconds.

    snapshot.py IMAGE SNAPSHOT     the folder of build-image.sh, the file to make
"""

import sys
import tempfile
from pathlib import Path

from guest import Guest

PREPARE = """
set -e
systemctl is-system-running --wait >/dev/null || systemctl --failed --no-legend --no-pager
# The runtime is read once, so that it is in memory when the snapshot is taken.
cat /usr/share/dotnet/shared/Microsoft.NETCore.App/*/*.dll /usr/share/dotnet/shared/Microsoft.NETCore.App/*/*.so >/dev/null
sync
"""


def main(image: Path, snapshot: Path) -> None:
    with tempfile.TemporaryDirectory(dir=image) as folder:
        guest = Guest(image, Path(folder))
        try:
            guest.boot()
            failed = guest.run(PREPARE)
            if failed:
                sys.exit(f"units that failed in the guest:\n{failed}")
            guest.save(snapshot)
        finally:
            guest.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
