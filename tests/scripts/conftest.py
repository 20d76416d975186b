"""What the updater's tests and its callers' share: a device on which 1.0.0 runs, in a folder in memory."""

import tempfile
from pathlib import Path

import pytest

from device import Device, memory


@pytest.fixture(scope="module")
def place():
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def installed(place):
    """The tests take copies of it."""
    root = place / "installed"
    root.mkdir()
    device = Device(root, place / "keys")
    done = device.run("install", device.bundle("1.0.0"))
    assert done.returncode == 0, done.stdout + done.stderr
    return device
