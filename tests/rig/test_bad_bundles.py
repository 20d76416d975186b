"""Bundles in which something is wrong: refused before anything changes, or taken back by the device itself; the version before goes on judging hearts."""

import time

import pytest

from bundles import damaged, other_goldens, with_run
from field import A, BARE
from technician import REFUSED, ROLLED_BACK

pytestmark = BARE


def broken_library(folder) -> None:
    """It is what the manifest says, and no program."""
    (folder / "bin/app/heartsound.dll").write_bytes(b"MZ" + bytes(4096))


def broken_unit(folder) -> None:
    unit = folder / "systemd/heartsound.service"
    unit.write_text(unit.read_text().replace("ExecStart=/opt/heartsound/current/bin/heartsound run", "ExecStart=heartsound-that-is-nowhere run"))


def truncated(bundle):
    copy = bundle.parent / "truncated" / bundle.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(bundle.read_bytes()[: bundle.stat().st_size // 2])
    return copy


UNREADABLE = {
    "a key that it does not trust": lambda bundles: bundles.program("rig-KEYS", trusted=False),
    "one byte is another": lambda bundles: damaged(bundles.program("rig-000B")),
    "half of it is missing": lambda bundles: truncated(bundles.program("rig-000B")),
}
USELESS = {
    "no program in it": lambda bundles: bundles.program("rig-DLLS", broken_library),
    "goldens that the model does not reproduce": lambda bundles: bundles.program("rig-GOLD", other_goldens),
}


@pytest.mark.parametrize("faults", [pytest.param(UNREADABLE, id="unreadable"), pytest.param(USELESS, id="useless", marks=pytest.mark.long)])
def test_refused_before_anything_changes(working, faults, figures):
    """One after the other, while the service goes on; it is not even started anew."""
    before = working.active_since()
    since = working.messages.mark()
    for fault, make in faults.items():
        began = time.monotonic()
        code, text = working.install(make(working.bundles))
        figures[f"bad bundle: {fault}"] = f"refused after {time.monotonic() - began:.0f} s"
        assert code == REFUSED, f"{fault}: {text}"
        status = working.technician.status()
        assert (status["result"], status["current"], status["underWay"]) == ("refused", A, False), f"{fault}: {status}"
    assert working.active_since() == before, "the service was started anew"
    working.whole_examinations(since)
    working.works(A)


def falls(fault, make, *options, marks=()):
    return pytest.param(fault, make, options, id=fault, marks=marks)


@pytest.mark.parametrize("fault, make, options", [
    falls("ends as soon as it is started", lambda bundles: bundles.program("rig-FALL", with_run("exit 134"))),
    falls("hangs at the start, never ready", lambda bundles: bundles.program("rig-HANG", with_run("exec sleep 1000")), "--health-timeout", "20", marks=pytest.mark.long),
    falls("a unit that systemd does not take", lambda bundles: bundles.program("rig-UNIT", broken_unit), marks=pytest.mark.long),
])
def test_taken_back_by_itself(working, fault, make, options, figures):
    began = time.monotonic()
    code, text = working.install(make(working.bundles), *options)
    outcome = {REFUSED: "refused", ROLLED_BACK: "rolled back"}.get(code, f"exit code {code}")
    figures[f"bad bundle: {fault}"] = f"{outcome} after {time.monotonic() - began:.0f} s"
    assert code in (ROLLED_BACK, REFUSED), text
    working.works(A)
