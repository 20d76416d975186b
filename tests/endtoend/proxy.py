"""A bad network between a device and its broker: a TCP proxy on this machine that delays, swallows and cuts, by a seed."""

import random
import socket
import struct
import threading
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Faults:
    """Of each connection anew. None of them is what a TCP network does not do: bytes are late, or the rest of them never comes."""

    cut_after_bytes: tuple[int, int] | None = None  # between these, either way, wherever in a packet that is
    swallow_share: float = 0  # of the connections that are cut: before the cut, one direction goes nowhere for a while
    swallow_seconds: tuple[float, float] = (0.2, 1.5)
    delay_seconds: tuple[float, float] = (0, 0)  # of every piece


@dataclass
class Counters:
    connections: int = 0
    refused: int = 0
    cut: int = 0
    swallowed: int = 0  # bytes
    passed: int = 0  # bytes
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **counts: int) -> None:
        with self.lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)


def reset(connection: socket.socket) -> None:
    """Ends it the hard way: the other side gets a RST in the middle of whatever it does."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    connection.close()


class Proxy:
    """Lets connections to its ``port`` through to ``target`` while ``gate()`` is true. ``stall`` makes all of them half-open: nothing passes any more, and nobody is told."""

    def __init__(self, target: int, faults: Faults = Faults(), seed: int = 1, gate=lambda: True):
        self._target, self.faults, self._gate = target, faults, gate
        self._random = random.Random(seed)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self.port = self._server.getsockname()[1]
        self.counters = Counters()
        self._links: set[_Link] = set()
        self._closing = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def links(self) -> int:
        return len(self._links)

    def stall(self, direction: str | None = None) -> None:
        """What is connected now stays connected, and nothing gets through: 'up' to the broker, 'down' to the device, both without one."""
        for link in list(self._links):
            link.swallowing |= {"up", "down"} if direction is None else {direction}

    def cut(self) -> None:
        for link in list(self._links):
            link.cut()

    def close(self) -> None:
        self._closing = True
        self._thread.join()
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closing:
            try:
                device, _ = self._server.accept()
            except TimeoutError:
                continue
            try:
                if not self._gate():
                    raise ConnectionError
                broker = socket.create_connection(("127.0.0.1", self._target), timeout=2)
            except OSError:
                self.counters.add(refused=1)
                reset(device)
                continue
            self.counters.add(connections=1)
            self._links.add(_Link(self, device, broker, random.Random(self._random.random())))


class _Link:
    def __init__(self, proxy: Proxy, device: socket.socket, broker: socket.socket, chance: random.Random):
        self._proxy, self._device, self._broker, self._random = proxy, device, broker, chance
        self.swallowing: set[str] = set()
        # Its fate is drawn here and not on the way, where the order of the draws would be that of the pieces: the same seed is the same network.
        self._gate, self._left = threading.Lock(), chance.randint(*proxy.faults.cut_after_bytes) if proxy.faults.cut_after_bytes else None
        self._swallows = chance.choice(["up", "down"]) if chance.random() < proxy.faults.swallow_share else None
        for connection in (device, broker):
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, source, drain in (("up", device, broker), ("down", broker, device)):
            threading.Thread(target=self._pump, args=(name, source, drain), daemon=True).start()

    def _pump(self, name: str, source: socket.socket, drain: socket.socket) -> None:
        faults, counters = self._proxy.faults, self._proxy.counters
        try:
            while data := source.recv(4096):
                if faults.delay_seconds[1]:
                    time.sleep(self._random.uniform(*faults.delay_seconds))
                with self._gate:
                    is_last = self._left is not None and self._left <= len(data)
                    if is_last and not self._swallows:
                        data = data[: self._left]
                    if self._left is not None:
                        self._left = None if is_last else self._left - len(data)
                    if name in self.swallowing:
                        counters.add(swallowed=len(data))
                    else:
                        drain.sendall(data)
                        counters.add(passed=len(data))
                    if is_last and self._swallows:
                        self.swallowing.add(self._swallows)
                if is_last:
                    counters.add(cut=1)
                    if not self._swallows:
                        break
                    threading.Timer(self._random.uniform(*faults.swallow_seconds), self.cut).start()
        except OSError:
            pass
        self.cut()

    def cut(self) -> None:
        self._proxy._links.discard(self)
        for connection in (self._device, self._broker):
            # Both pumps may be inside recv: wake them, then reset.
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                pass
            reset(connection)
