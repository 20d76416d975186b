"""The outbox on a disk that is full, failing, read-only or slow, and an outbox that is damaged, locked, older, newer or too small: verdicts go on, and it is said."""

import json
import mmap
import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager

import pytest

from audit import audit, numbered
from delivery import DEVICE, OUTBOX, Bench, health, part, stand_in
from program import OK

SAY = 40


class Disk:
    """tests/standins/disk.c under the outbox of a device: ``fault`` says what is wrong with it from now on."""

    def __init__(self, folder):
        self.outbox = (folder / "outbox").resolve()
        library, control = stand_in(folder / "disk", "disk"), folder / "disk/fault"
        control.write_bytes(b"0")
        with control.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 1)
        self.env = {"LD_PRELOAD": str(library), "STANDIN_DISK": str(self.outbox), "STANDIN_DISK_FAULT": str(control)}

    def fault(self, letter: str) -> None:
        self._page[0:1] = letter.encode()


@contextmanager
def tmpfs(folder, megabytes: int):
    """A disk of its own; needs root."""
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount a tmpfs")
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder) -> None:
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (65536, 4096, 1):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                pass


def tell_of(folder) -> dict:
    """What waits in an outbox that nobody holds: position → verdict."""
    with closing(sqlite3.connect(folder / OUTBOX)) as file:
        return {position: json.loads(text) for position, text in file.execute("SELECT position, json FROM verdict ORDER BY position")}


def disk_is_full(folder):
    """A tmpfs; verdicts still arrive, the device says so, heals, and stores again."""
    with tmpfs(folder / "disk", 2) as disk, Bench(folder, speed=100, outbox=disk / "outbox") as b:
        b.device.start()
        b.device.say(SAY)
        fill(disk)
        told = b.until_part("diskFull")
        assert told["level"] == "degraded" and "room" in told["message"]
        b.device.say(SAY)
        b.catch_up()
        (disk / "filler").unlink()
        b.until_part("ready")
        b.shut()
        b.device.say(SAY)
        b.device.kill()
        b.open()
        b.device.start(quiet=True)
        b.deliver("disk full", "2 MB tmpfs filled and cleared, then SIGKILL with the broker away", unsaid=1)


def disk_is_full_and_the_broker_away(folder):
    with tmpfs(folder / "disk", 2) as disk, Bench(folder, speed=100, outbox=disk / "outbox") as b:
        b.device.start()
        b.device.say(SAY)
        fill(disk)
        b.until_part("diskFull")
        b.shut()
        b.device.say(100)
        b.open()
        b.hear(100)
        (disk / "filler").unlink()
        b.until_part("ready")
        b.deliver("disk full, broker away", "2 MB tmpfs filled, 100 verdicts wait in memory")


def disk_is_full_at_the_start(folder):
    with tmpfs(folder / "disk", 2) as disk, Bench(folder, speed=100, outbox=disk / "outbox") as b:
        fill(disk)
        b.device.start()
        b.device.until(lambda _: (part(b.witness, b.device) or {}).get("level") == "degraded")
        b.device.say(SAY)
        b.catch_up()
        (disk / "filler").unlink()
        b.until_part("ready")
        b.deliver("disk full at the start", "2 MB tmpfs filled before, cleared later")


def disk_is_full_and_the_service_killed(folder):
    """No number is given twice, though the disk could not be told that it was given."""
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env) as b:
        b.device.start()
        b.device.say(SAY)
        disk.fault("f")
        b.until_part("diskFull")
        b.device.say(SAY)
        b.catch_up()
        b.device.kill()
        unheard = len({v["id"] for v in b.device.said} - b.heard())
        disk.fault("0")
        b.device.start()
        b.device.say(SAY)
        new = {v["id"] for v in b.device.said if v["session"] == b.device.said[-1]["session"]}
        b.device.until(lambda _: new <= b.heard())
        b.device.stop()
        result = audit(DEVICE, b.device.said, b.witness.arrivals, unsaid=1)
        assert not result.doubled and not result.invented and not result.disordered and len(result.lost) <= unheard, result.faults()


def disk_fails(folder, letter: str, cause: str, fault: str, how: str):
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env) as b:
        b.device.start()
        b.device.say(SAY)
        disk.fault(letter)
        told = b.until_part(cause)
        assert told["level"] == "degraded" and told["message"]
        b.device.say(SAY)
        b.catch_up()
        disk.fault("0")
        b.until_part("ready")
        b.shut()
        b.device.say(SAY)
        b.device.kill()
        b.open()
        b.device.start(quiet=True)
        b.deliver(fault, how, unsaid=1)


def disk_says_it_is_full(folder):
    disk_fails(folder, "f", "diskFull", "disk full (stand-in)", "ENOSPC on every write, then SIGKILL with the broker away")


def disk_fails_to_write(folder):
    disk_fails(folder, "w", "unwritable", "disk fails to write", "EIO on every write, then SIGKILL with the broker away")


def disk_fails_to_sync(folder):
    disk_fails(folder, "s", "unwritable", "disk fails to sync", "EIO on every fsync, then SIGKILL with the broker away")


def disk_fails_to_sync_and_the_broker_is_away(folder):
    """What seemed not to be written may have been: it is neither sent under two numbers nor before what is older."""
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env, there=False) as b:
        b.device.start()
        b.device.say(SAY)
        for _ in range(3):
            healthy = b.device.run.err.count("Outbox is well again")
            disk.fault("s")
            b.device.say(SAY)
            disk.fault("0")
            b.device.until(lambda run: run.err.count("Outbox is well again") > healthy)
            b.device.say(5)
        b.open()
        b.deliver("disk fails to sync, broker away", "3 × EIO on every fsync for 40 verdicts")


def disk_is_read_only_at_the_start(folder):
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env, there=False) as b:
        b.device.start()
        b.device.say(SAY)
        b.device.stop()
        disk.fault("o")
        b.open()
        b.device.start()
        b.until_part("unwritable")
        b.device.say(SAY)
        before = len(b.device.said)
        b.device.until(lambda _: b.arrived() >= before - SAY)
        disk.fault("0")
        b.until_part("ready")
        b.deliver("disk read-only at the start", "EROFS on opening; writable again later")


def disk_cannot_be_read_while_verdicts_wait(folder):
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env, there=False) as b:
        b.device.start()
        b.device.say(300)
        disk.fault("r")
        b.open()
        b.device.say(SAY)
        disk.fault("0")
        b.deliver("disk fails to read", "EIO on every read while 300 verdicts wait")


def disk_hangs(folder):
    """A sync that does not come back holds up verdicts, and nothing else: the device is still heard twice a second, and its health is asked for."""
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env) as b:
        live = lambda: len(b.witness.on(f"heartsound/{DEVICE}/live"))  # noqa: E731
        b.device.start()
        b.device.say(SAY)
        disk.fault("h")
        b.proxy.cut()  # a part changes: health is told anew
        gone = b.device.run.err.count("Connected to")
        b.device.until(lambda d: d.err.count("Connected to") > gone)
        before = live()
        b.device.until(lambda _: live() >= before + 8)
        disk.fault("0")
        b.device.say(SAY)
        b.deliver("disk hangs", "fsync does not come back for some seconds")


def verdict_is_said_before_it_is_stored(folder):
    """It is not: what the disk has not taken is not said to anybody, so that a power cut takes back nothing."""
    disk = Disk(folder)
    with Bench(folder, speed=100, outbox=disk.outbox, env=disk.env, there=False) as b:
        b.device.start()
        b.device.say(SAY)
        disk.fault("h")
        time.sleep(1)  # several verdicts' worth of sound; nothing must come of them
        b.device.kill()
        disk.fault("0")
        b.open()
        b.device.start(quiet=True)
        b.deliver("disk hangs, power cut", "fsync does not come back, SIGKILL", unsaid=1)


def stored(b: Bench, count: int = SAY) -> None:
    """A device that was stopped with that many verdicts waiting."""
    b.device.start()
    b.device.say(count)
    assert b.device.stop().code == OK
    assert len(b.device.stored()) >= count


def go_on(b: Bench, *causes: str) -> dict:
    """Starts it with the broker there; it gives verdicts, they arrive, and it says one of these of its outbox. Returns that, and what is known of all that arrived."""
    b.open()
    b.device.start()
    before = b.device.count()
    b.device.say(SAY)
    new = {v["id"] for v in b.device.said[before:]}
    b.device.until(lambda _: new <= b.heard())
    b.device.until(lambda _: part(b.witness, b.device)["cause"] in causes)
    told = part(b.witness, b.device)
    result = audit(DEVICE, b.device.said, b.witness.arrivals, dropped=True)
    assert not result.faults(), f"{result.faults()}\n{b.device.run.err[-2000:]}"
    assert b.device.stop().code == OK
    return told


def overwrite(path, at: float, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * at))
        file.write(os.urandom(size))


def file_with(damage, *causes: str):
    def scenario(folder):
        with Bench(folder, speed=100, there=False) as b:
            stored(b)
            damage(b.device.outbox / OUTBOX)
            told = go_on(b, *causes)
            assert told["cause"] == "ready" or told["message"], told
            b.device.start(quiet=True)  # and afterwards it is a good one
            b.until_part("ready", "outbox")

    return scenario


def as_folder(path):
    path.unlink()
    path.mkdir()
    (path / "something").touch()


header_is_overwritten = file_with(lambda path: overwrite(path, 0, 64), "replaced")
middle_is_overwritten = file_with(lambda path: overwrite(path, 0.4, 9000), "replaced")
file_is_truncated = file_with(lambda path: os.truncate(path, path.stat().st_size * 2 // 3), "replaced")
file_is_of_zero_length = file_with(lambda path: os.truncate(path, 0), "replaced", "ready")
file_is_gone = file_with(lambda path: path.unlink(), "ready")
for name in ("header_is_overwritten", "middle_is_overwritten", "file_is_truncated", "file_is_of_zero_length", "file_is_gone"):
    globals()[name].__name__ = name


def folder_is_in_its_place(folder):
    """Nobody would delete a folder; the device goes on in memory and says so."""
    with Bench(folder, speed=100, there=False) as b:
        stored(b)
        as_folder(b.device.outbox / OUTBOX)
        told = go_on(b, "unwritable", "replaced")
        assert told["message"]


def file_in_the_place_of_its_folder(folder):
    with Bench(folder, speed=100, there=False) as b:
        b.device.outbox.parent.mkdir(parents=True)
        b.device.outbox.write_text("no folder")
        assert go_on(b, "unwritable")["level"] == "degraded"


def verdict_in_the_file_is_altered(folder):
    """Bytes that change on the disk and still look like a verdict: it is lost and counted, and never sent."""
    with Bench(folder, speed=100, there=False) as b:
        stored(b)
        path = b.device.outbox / OUTBOX
        data = path.read_bytes()
        altered = data.replace(b'"alarm":false', b'"alarm":true ', 3)
        assert altered != data
        path.write_bytes(altered)
        go_on(b, "ready", "replaced", "dropping")
        assert len({v["id"] for v in b.device.said} - b.heard()) == 3 == health(b.witness, b.device)[-1]["outbox"]["dropped"]


def file_is_damaged_while_it_is_used(folder):
    """What is lost so is counted."""
    with Bench(folder, speed=100, there=False) as b:
        b.device.start()
        b.device.say(1200)  # beyond the first checkpoint
        path = b.device.outbox / OUTBOX
        overwrite(path, 0.2, 60_000)
        b.open()
        known = {v["id"] for v in b.device.said}
        b.device.until(lambda run: "is no good" in run.err or known <= b.heard())
        b.device.say(SAY)
        last = b.device.said[-1]["id"]
        b.device.until(lambda _: last in b.heard())
        b.device.stop()
        b.device.start(quiet=True)
        b.until_part("ready")
        lost = lambda: len({v["id"] for v in b.device.said} - b.heard())  # noqa: E731
        b.device.until(lambda _: lost() <= health(b.witness, b.device)[-1]["outbox"]["dropped"])
        result = audit(DEVICE, b.device.said, b.witness.arrivals, dropped=True)
        assert not result.faults(), result.faults()


def file_is_locked_by_another(folder):
    with Bench(folder, speed=100, there=False) as b:
        stored(b)
        with closing(sqlite3.connect(b.device.outbox / OUTBOX, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            b.open()
            b.device.start()
            assert b.until_part("locked")["level"] == "degraded"
            b.device.say(SAY)
            last = b.device.said[-1]["id"]
            b.device.until(lambda _: last in b.heard())
        b.until_part("ready")
        b.device.say(SAY)
        b.deliver("outbox locked", "another process holds it when the service starts, and lets go later")


def two_services_share_one_outbox(folder):
    """Somebody starts the program by hand while the service runs: neither takes the other's numbers."""
    with Bench(folder, speed=100) as b:
        b.device.start()
        b.device.say(SAY)
        first = b.device.run
        b.device.start("--set", "device=by-hand")
        second = b.device.run
        second.until(lambda run: run.out.count("\n") >= SAY)
        says = [[numbered(json.loads(line)) for line in run.out.split("\n")[:-1]] for run in (first, second)]
        assert not set(says[0]) & set(says[1])
        second.kill()
        first.until(lambda run: run.out.count("\n") >= 3 * SAY)
        b.device._runs.remove(second)
        b.deliver("two services, one outbox", "a second one is started by hand and killed")


def file_of_an_older_version(folder):
    """Made by hand as version 1 was; what waits in it arrives, and the numbers go on."""
    with Bench(folder, speed=100, there=False) as b:
        stored(b, 3)
        waiting = list(tell_of(b.device.outbox).values())
        (b.device.outbox / OUTBOX).unlink()
        with closing(sqlite3.connect(b.device.outbox / OUTBOX)) as file, file:
            file.execute("PRAGMA application_id = 0x48536f62")
            file.execute("PRAGMA user_version = 1")
            file.execute("CREATE TABLE numbering (series TEXT NOT NULL, last INTEGER NOT NULL)")
            file.execute("CREATE TABLE verdict (position INTEGER PRIMARY KEY, json BLOB NOT NULL)")
            file.execute("INSERT INTO numbering VALUES (?, ?)", numbered(waiting[-1]))
            file.executemany("INSERT INTO verdict (json) VALUES (?)", [(json.dumps(v).encode(),) for v in waiting])
        b.open()
        b.device.start()
        b.device.say(SAY)
        result = b.deliver("outbox of an older version", "migrated at the start")
        assert result.verdicts == len(b.device.said) and len({v["series"] for v in b.device.said}) == 1


def file_of_a_newer_version(folder):
    with Bench(folder, speed=100, there=False) as b:
        stored(b)
        with closing(sqlite3.connect(b.device.outbox / OUTBOX)) as file, file:
            file.execute("PRAGMA user_version = 99")
        b.open()
        b.device.start()
        assert b.until_part("replaced")["message"]
        b.device.say(SAY)
        b.deliver("outbox of a newer version", "put aside; what waits in it is kept")


def outbox_is_too_small(folder):
    """1 MB, the broker away: the oldest go, it is counted and said, the hole can be seen, the newest arrive; also over a kill."""
    small = ("--set", "outbox.maxMegabytes=1")
    with Bench(folder, there=False) as b:
        b.device.start(*small)
        b.device.say(1300)
        b.device.kill()
        b.device.start(*small)
        b.device.say(100)
        b.open()
        b.hear(500)
        dropped = max(m["outbox"]["dropped"] for m in health(b.witness, b.device))
        b.device.stop()
        last, run = b.device.said[-1]["id"], health(b.witness, b.device)[-1]["session"]
        b.device.start(quiet=True)
        b.device.until(lambda _: last in b.heard() and health(b.witness, b.device)[-1]["session"] != run)
        result = audit(DEVICE, b.device.said, b.witness.arrivals, unsaid=1, dropped=True)
        assert not result.faults()
        numbers = {a.json["sequence"] for a in b.witness.on(f"heartsound/{DEVICE}/verdict")}
        last = b.device.said[-1]["sequence"]
        holes = set(range(1, last + 1)) - numbers
        assert dropped > 0 and 1 in holes and max(numbers) == last and all(n in numbers for n in range(last - 500, last + 1)), "the oldest go"
        assert 0 <= health(b.witness, b.device)[-1]["outbox"]["dropped"] - len(holes) <= 20, "as many as was said, and what was on its way"


def verdict_is_too_old(folder):
    """A device that has run for years with its outbox, which is locked when it starts: what it says now is not years old."""
    with Bench(folder, speed=100, there=False) as b:
        stored(b)
        with closing(sqlite3.connect(b.device.outbox / OUTBOX)) as file, file:
            file.execute("UPDATE numbering SET lived = lived + 1e9")
            file.execute("UPDATE verdict SET lived = lived + 1e9")
        with closing(sqlite3.connect(b.device.outbox / OUTBOX, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            b.device.start()
            b.device.say(SAY)
        b.device.until(lambda run: "Outbox is well again" in run.err)
        b.open()
        b.deliver("outbox locked, years old", "the file has lived 30 years when it is had at last")


@pytest.mark.parametrize("scenario", [
    disk_is_full, disk_is_full_and_the_broker_away, disk_is_full_at_the_start, disk_is_full_and_the_service_killed, disk_says_it_is_full, disk_fails_to_write,
    disk_fails_to_sync, disk_fails_to_sync_and_the_broker_is_away, disk_is_read_only_at_the_start, disk_cannot_be_read_while_verdicts_wait, disk_hangs,
    verdict_is_said_before_it_is_stored,
], ids=lambda scenario: scenario.__name__)
def test_verdicts_go_on_and_arrive_when(scenario, outcomes):
    outcomes[scenario].result()


@pytest.mark.parametrize("scenario", [
    header_is_overwritten, middle_is_overwritten, file_is_truncated, file_is_of_zero_length, file_is_gone, folder_is_in_its_place, file_in_the_place_of_its_folder,
    verdict_in_the_file_is_altered, file_is_damaged_while_it_is_used, file_is_locked_by_another, two_services_share_one_outbox, file_of_an_older_version, file_of_a_newer_version, outbox_is_too_small,
    verdict_is_too_old,
], ids=lambda scenario: scenario.__name__)
def test_outbox_heals_when(scenario, outcomes):
    outcomes[scenario].result()
