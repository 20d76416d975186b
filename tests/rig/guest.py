"""The virtual device: a Debian machine in QEMU (software emulation), reached by ssh over ports that are chosen when it starts."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

MEMORY_MIB = 1024
SLOT = "socket"  # where a disk can be plugged in while it runs
BOOT_SECONDS = 240  # until a boot counts as failed; it takes 17 s on a quiet machine

# What a device in QEMU has no use for, and what costs seconds of an emulated boot.
QUIET = (
    "modprobe.blacklist=kvm_amd,kvm_intel,kvm,cfg80211,ahci,libata,iTCO_wdt,i2c_i801,psmouse,pcspkr,lpc_ich,efi_pstore,aesni_intel,sha1_ssse3,sha256_ssse3,"
    "sha512_ssse3,ghash_clmulni_intel,crc32_pclmul,crct10dif_pclmul fstab=no "
    + " ".join(
        f"systemd.mask={unit}"
        for unit in (
            "modprobe@drm.service", "modprobe@fuse.service", "modprobe@efi_pstore.service", "modprobe@dm_mod.service", "systemd-pstore.service",
            "dev-hugepages.mount", "dev-mqueue.mount",
        )
    )
)


def hardware(command: list, **more) -> subprocess.Popen:
    """Starts what plays hardware. It ends with this process, however that ends, and goes before the compiler that may be at work beside it: a stethoscope does not slow
    down because the machine next to it is busy. Its session is its own, as the kernel shares the processor out by session. Its first thread, which carries the sound, goes
    before all others, those that it starts too: the guest asks for the sound of 12 ms, and gets the next when it has that."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], start_new_session=True, **more)
    try:
        Path(f"/proc/{process.pid}/autogroup").write_text("-20")
        os.sched_setscheduler(process.pid, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(10))
    except OSError:
        pass  # a kernel that does not share it out so, or forbids it
    return process


class GuestError(Exception):
    """A command in the guest, or the guest itself, failed."""


class Guest:
    """One machine. ``image`` is the folder of build-image.sh, ``folder`` takes the disk and the console's log. To be used from one thread, except ``run``."""

    def __init__(self, image: Path, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._image, self.disk, self.console = image.resolve(), folder.resolve() / "disk.qcow2", folder.resolve() / "console.log"
        # Sockets: their paths must be short.
        self._sockets = Path(tempfile.mkdtemp(prefix="rig-"))
        self._machine: subprocess.Popen | None = None
        self._master: subprocess.Popen | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]  # the same after every boot, as a device keeps its address

    def boot(self, fresh: bool = True) -> None:
        """A cold boot: of a fresh disk, or of the one that is there."""
        if fresh:
            self.disk.unlink(missing_ok=True)
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self._image / "base.img", self.disk], check=True)
        self._start()
        self._connect()

    def resume(self, snapshot: Path) -> None:
        """A machine that was saved while it ran goes on, on a copy of its disk."""
        shutil.copyfile(snapshot, self.disk)
        # The snapshot names the image by where it was then.
        subprocess.run(["qemu-img", "rebase", "-q", "-u", "-F", "raw", "-b", self._image / "base.img", self.disk], check=True)
        self._start("-loadvm", "ready")
        self._connect()
        self.run(f"date -s @{time.time():.3f} >/dev/null")

    def save(self, snapshot: Path) -> None:
        """Saves the running machine, memory and disk, and ends it."""
        self._hang_up()
        answer = self.monitor("savevm ready")
        if answer.strip():
            raise GuestError(f"the machine's state cannot be saved: {answer}")
        self.stop()
        # Whole or not at all.
        partial = snapshot.with_suffix(".part")
        shutil.move(self.disk, partial)
        partial.rename(snapshot)

    def stop(self) -> None:
        """The machine's plug is pulled, its disk is closed in order; nothing happens where none runs."""
        self._hang_up()
        if self._machine is not None:
            try:
                self.monitor("quit")
            except (GuestError, OSError):
                self._machine.terminate()
            self._machine.wait(30)
            self._machine = None

    def cut_power(self) -> None:
        self._machine.kill()
        self._machine.wait(30)
        self._machine = None
        self._hang_up()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def run(self, command: str, timeout: float = 120, check: bool = True, stdin: bytes | None = None) -> str:
        """A shell command, as root; what it printed. Thread-safe. Raises GuestError when it fails, or takes longer."""
        return self.bytes(command, timeout, check, stdin).decode(errors="replace")

    def bytes(self, command: str, timeout: float = 120, check: bool = True, stdin: bytes | None = None) -> bytes:
        """The same, undecoded."""
        try:
            done = subprocess.run(self._ssh(command), input=stdin if stdin is not None else b"", capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired as e:
            raise GuestError(f"took over {timeout} s: {command}\n{(e.stdout or b'').decode(errors='replace')}") from e
        if check and done.returncode != 0:
            raise GuestError(f"exit code {done.returncode}: {command}\n{(done.stdout + done.stderr).decode(errors='replace')}")
        return done.stdout

    def code(self, command: str, timeout: float = 120) -> int:
        """The command's exit code."""
        return subprocess.run(self._ssh(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout).returncode

    def background(self, command: str, out) -> subprocess.Popen:
        """A command that goes on; it ends with the returned process."""
        return subprocess.Popen(self._ssh(command), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

    @property
    def port(self) -> int:
        """Where its sshd is reached on this machine's loopback."""
        return self._port

    @property
    def key(self) -> Path:
        """What opens it to root, and to technician, who may use sudo."""
        return self._image / "id_rig"

    def plug_disk(self, image: Path) -> None:
        """A disk is plugged in, as a stick is: /dev/vdb."""
        for command in (f"drive_add 0 if=none,id=stick,format=raw,file={image}", f"device_add virtio-blk-pci,drive=stick,id=stick,bus={SLOT}"):
            said = self.monitor(command).strip()
            if said not in ("", "OK"):
                raise GuestError(f"{command}: {said}")

    def unplug_disk(self) -> None:
        """It is pulled out again; returns when the guest's kernel has let go of it."""
        self.monitor("device_del stick")
        self.run("for i in $(seq 200); do [ -e /dev/vdb ] || exit 0; sleep 0.1; done; exit 1")

    def log_in(self) -> int:
        """A shell on this terminal; its exit code."""
        return subprocess.run([*self._ssh(None, "-t")]).returncode

    def put(self, folder: Path, target: str, *names: str) -> None:
        """Copies these (files or folders in ``folder``; without names, all), links followed."""
        packed = subprocess.Popen(["tar", "-C", folder, "-chf", "-", *(names or ["."])], stdout=subprocess.PIPE)
        command = f"mkdir -p {shlex.quote(target)} && tar -xf - -C {shlex.quote(target)} --no-same-owner"
        done = subprocess.run(self._ssh(command), stdin=packed.stdout, capture_output=True, timeout=300)
        packed.stdout.close()
        if packed.wait() != 0 or done.returncode != 0:
            raise GuestError(f"{folder} could not be copied: {done.stderr.decode(errors='replace')}")

    def write(self, path: str, text: str) -> None:
        self.run(f"mkdir -p $(dirname {shlex.quote(path)}) && cat >{shlex.quote(path)}", stdin=text.encode())

    def monitor(self, command: str) -> str:
        """What QEMU's monitor says to a command."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._sockets / "monitor"))
            with connection.makefile("rw") as stream:
                stream.readline()
                self._ask(stream, "qmp_capabilities")
                return self._ask(stream, "human-monitor-command", {"command-line": command})

    @staticmethod
    def _ask(stream, command: str, arguments: dict | None = None) -> str:
        stream.write(json.dumps({"execute": command, **({"arguments": arguments} if arguments else {})}) + "\n")
        stream.flush()
        for line in stream:
            answer = json.loads(line)
            if "error" in answer:
                raise GuestError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"] or ""
        raise GuestError(f"{command}: the machine has ended")

    def _start(self, *more: str) -> None:
        self._machine = hardware(
            [
                "qemu-system-x86_64",
                "-accel", "tcg,thread=multi", "-M", "q35,usb=off", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MIB), "-nodefaults", "-display", "none",
                "-serial", f"file:{self.console}", "-qmp", f"unix:{self._sockets / 'monitor'},server=on,wait=off",
                "-kernel", self._image / "vmlinuz", "-initrd", self._image / "initrd",
                "-append", f"root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off tsc=reliable clocksource=tsc systemd.show_status=0 {QUIET}",
                "-drive", f"file={self.disk},if=none,id=disk,format=qcow2,cache=writeback", "-device", "virtio-blk-pci,drive=disk",
                "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self._port}-:22", "-device", "virtio-net-pci,netdev=net,romfile=",
                "-device", "virtio-rng-pci", "-device", f"pcie-root-port,id={SLOT},chassis=1", *more,
            ],
            stdin=subprocess.DEVNULL,
        )

    def _connect(self) -> None:
        """One connection for all commands: in an emulated machine its handshake is what costs."""
        until = time.monotonic() + BOOT_SECONDS
        while True:
            if self._machine.poll() is not None:
                raise GuestError(f"QEMU ended with {self._machine.returncode}")
            if self._answers():
                self._master = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self._ssh(None, "-M", "-N")], stdin=subprocess.DEVNULL)
                while self._master.poll() is None:
                    if (self._sockets / "ssh").exists() and self.code("true") == 0:
                        return
                    time.sleep(0.05)
            if time.monotonic() > until:
                raise GuestError(f"the guest does not answer after {BOOT_SECONDS} s; its console: {self.console}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        """Whether sshd greets: QEMU accepts connections long before."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
                connection.settimeout(5)
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _hang_up(self) -> None:
        if self._master is not None:
            # It has nothing to save, and where the machine is gone it may wait for it.
            self._master.kill()
            self._master.wait(10)
            self._master = None
        (self._sockets / "ssh").unlink(missing_ok=True)

    def _ssh(self, command: str | None, *options: str) -> list[str]:
        return [
            "ssh", *options, "-i", str(self._image / "id_rig"), "-p", str(self._port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", f"ControlPath={self._sockets / 'ssh'}", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15", "-F", os.devnull,
            "root@127.0.0.1", *([command] if command is not None else []),
        ]
