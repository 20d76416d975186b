"""The program under the system-call filter of its unit: listens, gives verdicts, is stopped. systemd itself runs it so in tests/rig; here the kernel's filter is enough."""

import ctypes
import errno
import platform
import re
import signal
import struct
import subprocess
from pathlib import Path

import pytest

from broker import Broker
from program import OK, ROOT
from standin import Gpu
from supervisor import supervised

UNIT = ROOT / "systemd/heartsound.service"
NUMBERS = Path(f"/usr/include/{platform.machine()}-linux-gnu/asm/unistd_64.h")
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the system calls are looked up for x86-64 only")


def expand(words: list[str]) -> set[str]:
    calls = set()
    for word in words:
        if word.startswith("@"):
            lines = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", word], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
            calls |= expand([line.strip() for line in lines if line.strip() and not line.strip().startswith("#")])
        else:
            calls.add(word)
    return calls


@pytest.fixture(scope="module")
def allowed() -> set[str]:
    return expand(["@default", *(word for line in UNIT.read_text().splitlines() if line.startswith("SystemCallFilter=") for word in line.split("=", 1)[1].split())])


def boxed_in(calls: set[str]):
    """Something for ``preexec_fn``: from then on every other system call fails with EPERM."""
    numbers = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)", NUMBERS.read_text())}
    code = [(LOAD, 0, 0, 0)]
    for number in sorted(numbers[call] for call in calls if call in numbers):
        code += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    code.append((RETURN, 0, 0, ERRNO | errno.EPERM))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)

    def enter():
        keep = program  # the kernel reads it through its address
        assert keep and libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) == 0, errno.errorcode[ctypes.get_errno()]

    return enter


def test_filter_is_in_force(allowed):
    done = subprocess.run(["/bin/sh", "-c", "kill -0 $$ && chown 0 /"], capture_output=True, text=True, preexec_fn=boxed_in(allowed))
    assert done.returncode != 0 and "Operation not permitted" in done.stderr


def test_run_under_the_filter_gives_verdicts_to_the_broker_and_stops(tmp_path, allowed):
    broker = Broker(tmp_path / "broker").start()
    try:
        with supervised(
            tmp_path, "run", "--simulate", "--json", "--examination-seconds", "5", "--device", "boxed", "--broker", f"localhost:{broker.port}", preexec_fn=boxed_in(allowed),
        ) as service:
            service.until(lambda s: s.out.count("\n") >= 1)
            assert service.all("READY") == ["1"]
            service.send(signal.SIGTERM)
            done = service.wait()
    finally:
        broker.stop()
    assert done.code == OK, done.err  # 6 if a verdict had not been acknowledged
    assert done.lines


def test_engine_is_built_loaded_and_asked_under_the_filter(tmp_path, allowed):
    """Its processes inherit the filter: starting them, their priority and their pipes must be in it."""
    gpu = Gpu(tmp_path / "gpu")
    with supervised(
        tmp_path / "run", "run", "--verbose", "--simulate", "--speed", "10", "--json", "--examination", "always", "--examination-seconds", "10", "--lights", "none",
        env={"XDG_CACHE_HOME": str(tmp_path / "cache"), **gpu.env}, preexec_fn=boxed_in(allowed),
    ) as service:
        service.until(lambda s: '"windows":{"TensorRt":' in s.out)
        service.send(signal.SIGTERM)
        done = service.wait()
    assert done.code == OK and gpu.count("build") == 1, done.err
    assert "cannot set niceness" not in done.err
