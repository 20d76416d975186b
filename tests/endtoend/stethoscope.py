"""Stethoscopes without hardware: a real PulseAudio that the real PortAudio listens to through ALSA, and a stand-in for PortAudio that can do every fault."""

import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from program import DEADLINE, ROOT, wait_until

SINK, RATE = "stethoscope", 8000

# Debian's PortAudio 19.6 ends with a failed assertion when every device of ALSA's configuration can be opened (pa_linux_alsa.c, BuildDeviceList), which no real
# configuration lets happen: so there is one more, which cannot.
ALSA = """
pcm.stethoscope {{ type pulse server "unix:{socket}" device "{sink}.monitor" }}
pcm.absent {{ type hw card 99 }}
"""


class VirtualStethoscope:
    """A private PulseAudio whose null sink is the chest and whose monitor is the stethoscope. ``env`` makes a program hear it, as ``stethoscope`` of ALSA.

    The socket's folder is short, whatever the test's folder is: a Unix socket's path has at most 107 bytes."""

    def __init__(self, folder: Path):
        self._folder, self._runtime = folder, tempfile.TemporaryDirectory(prefix="steth-", dir="/tmp")
        self._socket = Path(self._runtime.name) / "native"
        home = folder / "home"
        home.mkdir(parents=True)
        (folder / "alsa.conf").write_text(ALSA.format(socket=self._socket, sink=SINK))
        self.env = {"ALSA_CONFIG_PATH": str(folder / "alsa.conf"), "HOME": str(home), "JACK_NO_START_SERVER": "1"}
        self._own = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": self._runtime.name, "PULSE_RUNTIME_PATH": self._runtime.name,
                     "PULSE_SERVER": f"unix:{self._socket}", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self._server, self._clients = None, []

    def start(self) -> "VirtualStethoscope":
        with (self._folder / "pulseaudio.log").open("ab") as log:
            self._server = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--realtime=no", "--high-priority=no",
                 "-L", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._own,
            )
        wait_until(lambda: self._server.poll() is not None or self._socket.exists(), self._log)
        assert self._server.poll() is None, self._log()
        self.plug()
        return self

    def plug(self) -> None:
        self._pactl("load-module", "module-null-sink", f"sink_name={SINK}", f"rate={RATE}", "channels=1")
        # A second listener who wants it soon: alone, a null sink works in steps of up to two seconds, which no microphone does.
        self._client("parec", f"--device={SINK}.monitor", "--raw", "--latency-msec=20", out=subprocess.DEVNULL)

    def pull(self) -> None:
        self._pactl("unload-module", "module-null-sink")
        self._end_clients()

    def play(self, wav: Path) -> None:
        """Plays it over and over, from now on, to the chest."""
        self._client("sh", "-c", 'while paplay --device="$0" --latency-msec=100 "$1"; do :; done', SINK, str(wav))

    def hang(self) -> None:
        self._server.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._server.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._server.send_signal(signal.SIGCONT)
        self._server.kill()
        self._server.wait()
        self._end_clients()
        self._socket.unlink(missing_ok=True)

    def close(self) -> None:
        if self._server is not None:
            self.kill()
        self._runtime.cleanup()

    def _client(self, *command: str, out=None) -> None:
        self._clients.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, env=self._own, start_new_session=True))

    def _end_clients(self) -> None:
        for client in self._clients:  # each leads a session of its own, its children in it
            try:
                os.killpg(client.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            client.wait()
        self._clients.clear()

    def _pactl(self, *arguments: str) -> None:
        subprocess.run(["pactl", *arguments], env=self._own, stdout=subprocess.DEVNULL, check=True, timeout=DEADLINE)

    def _log(self) -> str:
        return (self._folder / "pulseaudio.log").read_text(errors="replace")


@contextmanager
def virtual_stethoscope(folder: Path):
    """A VirtualStethoscope, plugged in and silent; nothing of it is left afterwards."""
    stethoscope = VirtualStethoscope(folder)
    try:
        yield stethoscope.start()
    finally:
        stethoscope.close()


class StandIn:
    """tests/standins/portaudio.c in the place of PortAudio; ``play`` says what its microphone does, ``env`` makes a program use it."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self._script = folder / "script"
        library = folder / "libportaudio.so.2"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wl,-soname,libportaudio.so.2", "-o", library, ROOT / "tests/standins/portaudio.c"], check=True)
        self.env = {"LD_LIBRARY_PATH": str(folder), "STANDIN_SCRIPT": str(self._script)}
        self.play("sound")

    def play(self, line: str) -> None:
        following = self._script.with_suffix(".next")
        following.write_text(line + "\n")
        following.replace(self._script)
