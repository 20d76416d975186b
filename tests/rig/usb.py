"""The USB socket of the guest as a test uses it: devices that are plugged in, pulled out and told what to play (usb_server.py)."""

import json
import shlex
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from guest import Guest, hardware


@dataclass(frozen=True)
class Description:
    """What the device says of itself."""

    busid: str
    serial: str
    name: str = "Virtual Stethoscope"
    maker: str = "Example Medical"
    vendor: int = 0x1209
    product: int = 0x5A7E
    rate: int = 16000

    @property
    def card(self) -> str:
        """The card id that ALSA makes of the name, when no other card has it."""
        return self.name.split()[-1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Usb:
    """The server process. To be used from one thread."""

    def __init__(self, guest: Guest, *devices: Description):
        self._guest, self._port, self._devices = guest, free_port(), {device.busid: device for device in devices}
        self._paths: dict[Description, str] = {}
        program = [sys.executable, str(Path(__file__).with_name("usb_server.py")), str(self._port), *(json.dumps(asdict(device)) for device in devices)]
        self._process = hardware(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)

    def plug(self, device: Description) -> None:
        """Plugs it in, and waits until the guest can record from it. What carries its sound in the guest goes before every program there, as a USB controller would."""
        serial = shlex.quote(device.serial)
        self._paths[device] = self._guest.run(
            f"""
            usbip --tcp-port {self._port} attach -r 10.0.2.2 -b {shlex.quote(device.busid)}
            for thread in $(pgrep -x 'vhci_[rt]x'); do chrt --fifo --pid 50 $thread; done
            for i in $(seq 200); do
                for card in /sys/class/sound/card*/device; do
                    [ "$(cat $card/../serial 2>/dev/null)" = {serial} ] && basename $(dirname $(realpath $card)) && exit 0
                done
                sleep 0.05
            done
            exit 1"""
        ).strip()

    def unplug(self, device: Description, wait: bool = True) -> None:
        """Pulls the cable; with ``wait`` until the guest's kernel has forgotten it. (Existence alone is asked for: while a device goes, reading from it may block.)"""
        self._tell(device, "unplug")
        if wait:
            self._guest.run(f"for i in $(seq 200); do [ -e /sys/bus/usb/devices/{self._paths[device]} ] || exit 0; sleep 0.05; done; exit 1")

    def unplug_all(self) -> None:
        for device in self._devices.values():
            if self.is_attached(device):
                self.unplug(device)

    def is_attached(self, device: Description) -> bool:
        return self._tell(device, "state")["attached"]

    def given(self, device: Description) -> int:
        """Samples that the guest has taken from it since the start."""
        return self._tell(device, "state")["given"]

    def play(self, device: Description, file: Path) -> None:
        self._tell(device, "play", file=str(file))

    def hold(self, device: Description, value: int) -> None:
        self._tell(device, "hold", value=value)

    def freeze(self, device: Description) -> None:
        self._tell(device, "freeze")

    def pace(self, device: Description, factor: float) -> None:
        self._tell(device, "pace", factor=factor)

    def path(self, device: Description) -> str:
        """The port that it was last plugged into, as the guest's kernel writes it."""
        return self._paths[device]

    def _tell(self, device: Description, action: str, **more) -> dict:
        self._process.stdin.write(json.dumps({"do": action, "busid": device.busid, **more}) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        assert "error" not in answer, answer["error"]
        return answer

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        assert line, "the USB server has ended"
        return json.loads(line)
