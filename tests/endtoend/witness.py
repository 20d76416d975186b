"""A consumer of verdicts that is no relative of the product's: MQTT 3.1.1 by hand, a durable session, QoS 1, and a memory of all that ever arrived.

It reads a connection to its very end also when the broker was killed under it: what the broker has acknowledged to the device, and was written to this consumer before,
counts as arrived. (paho and libmosquitto drop what they have not read yet as soon as one of their own acknowledgements cannot be written.)
"""

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass
from functools import cached_property

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90


@dataclass(frozen=True)
class Arrival:
    at: float  # by CLOCK_MONOTONIC, which the device's monotonicSeconds counts too
    topic: str
    qos: int
    retained: bool  # sent because we came, and not because somebody published
    payload: bytes

    @cached_property
    def json(self) -> dict:
        try:
            return json.loads(self.payload)
        except ValueError as e:
            raise AssertionError(f"what arrived on {self.topic} is no JSON: {self.payload!r}") from e


def packet(kind: int, body: bytes) -> bytes:
    length, size = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        size.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([kind]) + bytes(size) + body


def text(value: str) -> bytes:
    return struct.pack("!H", len(value.encode())) + value.encode()


def cut_packets(buffer: bytearray):
    """Takes the whole packets out of ``buffer``: (first byte, body)."""
    while len(buffer) >= 2:
        length, shift, at = 0, 0, 1
        while True:
            if at >= len(buffer):
                return
            length |= (buffer[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not buffer[at - 1] & 0x80:
                break
        if len(buffer) < at + length:
            return
        kind, body = buffer[0], bytes(buffer[at : at + length])
        del buffer[: at + length]
        yield kind, body


class Witness:
    """Connects, and connects again, until it is closed. ``is_there`` says whether the broker would hand it a message right now."""

    def __init__(self, port: int, name: str = "witness", topic: str = "heartsound/#"):
        self._port, self._name, self._topic = port, name, topic
        self._arrivals: list[Arrival] = []
        self._subscribed, self._closing = threading.Event(), threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def arrivals(self) -> list[Arrival]:
        return list(self._arrivals)

    def is_there(self) -> bool:
        return self._subscribed.is_set()

    def on(self, topic: str) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.topic == topic]

    def close(self) -> None:
        self._closing.set()
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=2) as connection:
                    connection.settimeout(None)
                    self._socket = connection
                    # Keep-alive 0: a broker that is paused is waited for.
                    connection.sendall(packet(CONNECT, text("MQTT") + bytes([4, 0]) + struct.pack("!H", 0) + text(self._name)))
                    self._follow(connection)
            except OSError:
                pass
            finally:
                self._subscribed.clear()
                self._socket = None
            self._closing.wait(0.02)

    def _follow(self, connection: socket.socket) -> None:
        buffer = bytearray()
        while data := connection.recv(65536):
            at = time.monotonic()
            buffer += data
            for kind, body in cut_packets(buffer):
                if kind == CONNACK:
                    assert body[1] == 0, f"the broker refuses the witness: {body[1]}"
                    self._send(connection, packet(SUBSCRIBE, struct.pack("!H", 1) + text(self._topic) + bytes([1])))
                elif kind == SUBACK:
                    self._subscribed.set()
                elif kind & 0xF0 == PUBLISH:
                    self._take(connection, at, kind, body)

    def _take(self, connection: socket.socket, at: float, kind: int, body: bytes) -> None:
        size = struct.unpack_from("!H", body)[0]
        topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
        qos = kind >> 1 & 3
        if qos:
            self._send(connection, packet(PUBACK, rest[:2]))
            rest = rest[2:]
        self._arrivals.append(Arrival(at, topic, qos, bool(kind & 1), rest))

    @staticmethod
    def _send(connection: socket.socket, data: bytes) -> None:
        try:
            connection.sendall(data)
        except OSError:
            pass  # a broker that is gone; what it has sent before is read on
