"""Pytest's side of the rig: the guest with the product in it, USB devices, broker, and the figures that tests measure."""

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import journal
from bundles import PROGRAM, published
from chip import Chip
from device import ROOT, Device, install
from guest import Guest
from recordings import heart
from usb import Description, Usb

RESULTS = ROOT / "TestResults/rig"
sys.path.append(str(ROOT / "tests/endtoend"))
from broker import Broker  # noqa: E402

STETHOSCOPE = Description("1-1", "STETH-0001")
TWIN = Description("1-2", "STETH-0002")
OTHER = Description("1-3", "DESK-77", name="Desk Microphone", vendor=0x0D8C, product=0x0014)

# In this order a start of the service, which is dear in an emulated machine, serves as many tests as it can.
# What needs the bare machine comes last: with it begins another one.
ORDER = [
    "machine", "program", "identity", "gpio", "lights", "button", "verdicts", "unplug", "power", "service",
    "provision", "bad_bundles", "power_cuts", "engine", "models", "deploy",
]

Figures = dict[str, str]
_figures: Figures = {}


class Processors:
    """What others have taken, since this was made, of the processors of this machine, where it is a virtual one itself. A test of timing that fails may have failed by that."""

    def __init__(self) -> None:
        self._since = self._read()

    def taken(self) -> str:
        stolen, all_ = (now - then for now, then in zip(self._read(), self._since, strict=True))
        return f"{100 * stolen / max(1, all_):.0f} %"

    @staticmethod
    def _read() -> tuple[int, int]:
        ticks = [int(number) for number in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return ticks[7], sum(ticks)


_processors = _during_test = Processors()


def machine(state: str = "installed") -> Guest:
    """The guest, resumed: with the product in it, or "bare"."""
    guest = Guest(Path(os.environ["HEARTSOUND_RIG_IMAGE"]), RESULTS / state)
    try:
        guest.resume(Path(os.environ["HEARTSOUND_RIG_SNAPSHOT"]))
        if state == "installed":
            install(guest, published(PROGRAM))
    except BaseException:
        guest.close()
        raise
    return guest


@pytest.fixture(scope="session")
def guest(request):
    """One machine for all tests that want it in the same state; what belongs to it ends with it."""
    guest = machine(getattr(request, "param", "installed"))
    yield guest
    guest.close()


@pytest.fixture(scope="session")
def sockets(guest):
    server = Usb(guest, STETHOSCOPE, TWIN, OTHER)
    yield server
    server.stop()


@pytest.fixture
def usb(sockets):
    """The USB sockets, nothing plugged in, before and after."""
    sockets.unplug_all()
    yield sockets
    sockets.unplug_all()


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    broker = Broker(tmp_path_factory.mktemp("rig") / "broker").start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def messages(broker):
    """What comes to the broker."""
    events = journal.messages(broker.port, RESULTS / "messages.log")
    yield events
    events.stop()


@dataclass(frozen=True)
class Hearts:
    """What the stethoscope plays."""

    normal: Path
    murmur: Path
    noise: Path
    quiet: Path


@pytest.fixture(scope="session")
def hearts(tmp_path_factory) -> Hearts:
    folder, rate = tmp_path_factory.mktemp("hearts"), STETHOSCOPE.rate
    return Hearts(
        heart(folder / "normal.wav", rate),
        heart(folder / "murmur.wav", rate, murmur="systolic", **{"murmur-level": 0.3}),
        heart(folder / "noise.wav", rate, level=0.1, **{"noise-db": 6}),
        heart(folder / "quiet.wav", rate, level=0.0005, **{"noise-db": -10}),
    )


@pytest.fixture(scope="session")
def service(guest, broker):
    device = Device(guest, broker.port, RESULTS / "journal.log")
    yield device
    device.close()


@pytest.fixture
def device(service):
    """The service, stopped before and after."""
    service.stop()
    yield service
    service.stop()


@pytest.fixture
def alone(sockets, hearts):
    """The stethoscope, and nothing else, is plugged in, and plays a normal heart."""
    for other in (TWIN, OTHER):
        if sockets.is_attached(other):
            sockets.unplug(other)
    sockets.play(STETHOSCOPE, hearts.normal)
    if not sockets.is_attached(STETHOSCOPE):
        sockets.plug(STETHOSCOPE)
    return sockets


@pytest.fixture
def listening(service, alone, messages):
    """The service with the settings of this rig, listening to a normal heart. Tests leave it running, and may leave it in any trouble."""
    service.use()
    messages.until('^heartsound/rig/live .*"scene":"listening".*"heartRateBpm":[0-9]', 90, messages.mark())
    return service


@pytest.fixture
def chip(guest):
    """The GPIO chip, its button untouched and its log empty."""
    chip = Chip(guest)
    chip.release()
    chip.clear()
    return chip


@pytest.fixture
def figures() -> Figures:
    """What was measured, by what it is; printed at the end and kept in figures.json."""
    return _figures


def pytest_configure(config) -> None:
    """Whoever stops the tests stops what they started: also by SIGTERM, and by Ctrl-C where a shell has put them into the background."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    config.addinivalue_line("markers", "long: only with `tests/rig/rig.sh all`")


def pytest_collection_modifyitems(items) -> None:
    items.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("test_")))


def pytest_runtest_logstart() -> None:
    global _during_test
    _during_test = Processors()


def pytest_runtest_logreport(report) -> None:
    """A failure is in failures.log as soon as it happens."""
    if report.failed:
        with (RESULTS / "failures.log").open("a") as log:
            log.write(f"{report.nodeid} ({report.when}; others took {_during_test.taken()} of the processors during it)\n{report.longreprtext}\n\n")


def pytest_terminal_summary(terminalreporter) -> None:
    if not _figures:
        return
    _figures["taken of the host's processors by others"] = _processors.taken()
    (RESULTS / "figures.json").write_text(json.dumps(_figures, indent=2) + "\n")
    terminalreporter.section("measured in the emulated machine")
    for name, value in _figures.items():
        terminalreporter.write_line(f"{name}: {value}")
