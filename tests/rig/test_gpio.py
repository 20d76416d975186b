"""GPIO that is forbidden, taken, or does not do what it is told degrades the light, and nothing else."""

import subprocess

import pytest

from machine import STETHOSCOPE


@pytest.fixture(scope="module")
def forbidden(service, sockets, guest, hearts, messages):
    """The service, started while the chip is root's alone. The tests follow each other, from trouble to trouble."""
    sockets.unplug_all()
    sockets.play(STETHOSCOPE, hearts.normal)
    sockets.plug(STETHOSCOPE)
    guest.run("chmod 0600 /dev/gpiochip0")
    mark = service.journal.mark()
    told = messages.mark()
    service.start(examination={"start": "always", "seconds": 10})
    yield service, mark, told
    guest.run("chmod 0660 /dev/gpiochip0")
    service.stop()
    sockets.unplug_all()


def test_chip_that_is_forbidden_is_named(forbidden):
    service, mark, _ = forbidden
    service.journal.until("Lights is degraded: forbidden", 30, mark)
    service.journal.until("Button is degraded: forbidden", 30, mark)
    service.wait_status("lights", 20)


@pytest.mark.long
def test_line_that_another_program_holds_is_named_and_taken_when_it_is_free(forbidden, guest):
    service, _, _ = forbidden
    mark = service.journal.mark()
    holder = guest.background("exec gpioset --mode=signal gpiochip0 2=0", subprocess.DEVNULL)
    guest.run("sleep 0.5; chmod 0660 /dev/gpiochip0")
    service.journal.until("Lights is degraded: busy", 90, mark)
    guest.run("kill $(pidof gpioset)")
    holder.wait(30)
    service.journal.until("Lights is well again", 90, mark)


def test_lamp_that_cannot_be_lit_is_read_back_and_named_and_verdicts_come_all_the_same(forbidden, guest, chip, messages):
    service, mark, told = forbidden
    guest.run("chmod 0660 /dev/gpiochip0")
    service.journal.until("Lights is well again|Lights: working", 90, mark)
    mark = service.journal.mark()
    chip.kill("activity")
    assert "activity" in service.journal.until("Lights is degraded: readBack", 30, mark).text.lower()
    messages.until('^heartsound/rig/verdict .*"verdict":"normal"', 60, told)
    chip.kill()
    service.journal.until("Lights is well again", 30, mark)
