"""Makes docs/images/deploy.svg: what a terminal shows while scripts/deploy.sh updates a ward, from a real run against the devices of devices.py. Run it after a change of the table:

    /usr/bin/python3 tests/scripts/picture.py
"""

import os
import pty
import re
import select
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

from devices import ROOT, Farm, until

COLUMNS = 120
COLOURS = {"31": "#d9534f", "32": "#5cb85c", "2": "#8a8f98"}


def screen(data: str) -> list[str]:
    """The lines of a terminal after this; it knows what the table uses: new lines, so many lines up, and erasing below."""
    lines, at = [""], 0
    for part in re.split(r"(\x1b\[\d*[AJ]|\r\n)", data):
        if part == "\r\n":
            at += 1
            if at == len(lines):
                lines.append("")
        elif (up := re.fullmatch(r"\x1b\[(\d+)A", part)):
            at = max(0, at - int(up[1]))
        elif part.endswith("J") and part.startswith("\x1b"):
            lines[at:] = [""]
        else:
            lines[at] += part
    return lines


def svg(lines: list[str]) -> str:
    rows = []
    for number, line in enumerate(lines):
        spans, style = "", ""
        for part in re.split(r"(\x1b\[[\d;]*m)", line):
            if (code := re.fullmatch(r"\x1b\[([\d;]*)m", part)):
                style = "" if code[1] in ("", "0") else ' font-weight="bold"' if code[1] == "1" else f' fill="{COLOURS.get(code[1], "#d6dae0")}"'
            elif part:
                spans += f"<tspan{style}>{escape(part)}</tspan>"
        rows.append(f'<text x="16" y="{28 + number * 18}" xml:space="preserve">{spans}</text>')
    height = 28 + len(lines) * 18
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * 8} {height}" role="img" aria-label="A terminal in which deploy.sh updates a ward">'
            f'<rect width="100%" height="100%" rx="8" fill="#1d2129"/><g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" fill="#d6dae0">{"".join(rows)}</g></svg>\n')


def main() -> None:
    farm = Farm(Path(tempfile.mkdtemp(prefix="picture")))
    try:
        names = ["ward-3-bed-1", "ward-3-bed-2", "ward-3-bed-3", "icu-1", "icu-2", "icu-3", "lab-1"]
        devices = [farm.add(name) for name in names]
        table = farm.folder / "devices.csv"
        table.write_text("host,name\n" + "".join(f"{d.host},{d.name}\n" for d in devices))
        for name, slow in (("ward-3-bed-3", "engine"), ("icu-1", "idle"), ("icu-2", "health"), ("icu-3", "engine")):
            devices[names.index(name)].write("slow", slow)
        devices[1].write("fate", "rolledBack")
        bundle = farm.bundle("0.2.1", bulk=100000)
        command = farm.command("deploy.sh", "--hosts", table, "--keys", farm.keys, "--first", "1", "--jobs", "4", bundle)
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe(command[0], command, {**farm.environment(), "TERM": "xterm", "COLUMNS": str(COLUMNS)})
        data = b""

        def look() -> bool:
            nonlocal data
            while select.select([terminal], [], [], 0.05)[0]:
                try:
                    data += os.read(terminal, 65536)
                except OSError:
                    return True
            return False

        def shown() -> str:
            look()
            return "\n".join(screen(data.decode()))

        until(lambda: all(f"{slow}" in shown() for slow in ("at engine", "at idle", "at health")) and "rolledBack" in shown(), 180)
        shot = screen(data.decode())
        for device in devices:
            (device.root / "slow").unlink(missing_ok=True)
        end = time.monotonic() + 120
        while not look() and time.monotonic() < end:
            pass
        os.waitpid(pid, 0)
        shot = ["\x1b[1m$\x1b[0m scripts/deploy.sh --hosts devices.csv --keys keys --first 1 --jobs 4 heartsound-edge-0.2.1-linux-arm64.tar.zst", *shot]
        (ROOT / "docs/images/deploy.svg").write_text(svg([line for line in shot if line.strip()]))
        print("\n".join(shot), "\n...\n", "\n".join(screen(data.decode())[-4:]))
    finally:
        farm.stop()


if __name__ == "__main__":
    main()
