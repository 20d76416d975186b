#!/usr/bin/python3
"""USB microphones that exist in this process alone: USB Audio Class 1 (16-bit mono), spoken over USB/IP.

    usb_server.py PORT DESCRIPTION…

DESCRIPTION is JSON: {"busid": "1-1", "vendor": 4617, "product": 23166, "serial": "…", "maker": "…", "name": "…", "rate": 16000}. A guest takes one with
Debian's own kernel and tools: modprobe vhci-hcd; usbip --tcp-port PORT attach -r 10.0.2.2 -b 1-1. The guest pulls, so no sample is lost when it is slow.

Commands are lines of JSON on standard input, each answered by one on standard output:

    {"do": "play", "busid": "1-1", "file": "heart.wav"}   this recording, over and over, from its beginning
    {"do": "hold", "busid": "1-1", "value": 0}            the same value for ever; 0 is a silent device
    {"do": "freeze", "busid": "1-1"}                      no samples at all
    {"do": "pace", "busid": "1-1", "factor": 1.02}        more or fewer samples a second than the description says
    {"do": "unplug", "busid": "1-1"}                      as if the cable were pulled: the connection is aborted
    {"do": "state", "busid": "1-1"}                       answers whether it is attached, and how many samples it has given
Ends with its standard input.
"""

import asyncio
import json
import struct
import sys
import time
import wave

EPIPE, ECONNRESET = -32, -104
BATCH = 0.005  # seconds; Linux asks for the sound of 12 ms ahead
PATIENCE = 1.0  # seconds that a guest may come late for its samples and still get all of them: on a busy machine it does, and the device must keep its rate
GET_STATUS, GET_DESCRIPTOR, GET_CONFIGURATION, GET_INTERFACE, SET_INTERFACE = 0, 6, 8, 10, 11
AUDIO_GET_CURRENT = 0x81
SUBMIT, UNLINK, RETURN_SUBMIT, RETURN_UNLINK = 1, 2, 3, 4
IMPORT_REQUEST, IMPORT_REPLY, PROTOCOL = 0x8003, 0x0003, 0x0111


def audio(*content: int) -> bytes:
    """A class-specific interface descriptor."""
    return bytes([len(content) + 2, 0x24, *content])


def interface(number: int, alternate: int, endpoints: int, subclass: int) -> bytes:
    return bytes([9, 4, number, alternate, endpoints, 1, subclass, 0, 0])


class Microphone:
    """One device and what it plays. All of it runs on one event loop."""

    def __init__(self, description: dict):
        self.busid, self.rate = description["busid"], description["rate"]
        self.identity = struct.pack("<HHH", description["vendor"], description["product"], 0x0102)
        self.texts = {1: description["maker"], 2: description["name"], 3: description["serial"]}
        self.alternate, self.begins = 0, True  # the stream is off, and begins with the next request for sound
        self.samples, self.at, self.held, self.frozen, self.factor, self.given = b"", 0, 0, False, 1.0, 0
        self.connection = None

    @property
    def device(self) -> bytes:
        return bytes([18, 1]) + struct.pack("<H", 0x0200) + bytes([0, 0, 0, 64]) + self.identity + bytes([1, 2, 3, 1])

    @property
    def configuration(self) -> bytes:
        header, microphone, output = audio(1, 0, 1, 30, 0, 1, 1), audio(2, 1, 0x01, 0x02, 0, 1, 0, 0, 0, 0), audio(3, 2, 0x01, 0x01, 0, 1, 0)
        frequency = self.rate.to_bytes(3, "little")
        packet = ((self.rate + 999) // 1000 * 2 + 8).to_bytes(2, "little")
        body = (
            interface(0, 0, 0, 1) + header + microphone + output
            + interface(1, 0, 0, 2) + interface(1, 1, 1, 2) + audio(1, 2, 1, 1, 0) + audio(2, 1, 1, 2, 16, 1, *frequency)
            + bytes([9, 5, 0x81, 0x05, *packet, 1, 0, 0]) + bytes([7, 0x25, 1, 1, 0, 0, 0])
        )
        return bytes([9, 2]) + struct.pack("<H", 9 + len(body)) + bytes([2, 1, 0, 0x80, 50]) + body

    def text(self, index: int) -> bytes | None:
        if index == 0:
            return bytes([4, 3, 9, 4])
        if index not in self.texts:
            return None
        encoded = self.texts[index].encode("utf-16-le")
        return bytes([len(encoded) + 2, 3]) + encoded

    def control(self, setup: bytes) -> tuple[int, bytes]:
        """The answer to a request on endpoint 0: status and data."""
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        if kind & 0x60 != 0:
            if request == AUDIO_GET_CURRENT:
                return 0, self.rate.to_bytes(3, "little")
            return (EPIPE if kind & 0x80 else 0), b""
        if request == GET_DESCRIPTOR:
            wanted = {1: lambda i: self.device, 2: lambda i: self.configuration, 3: self.text}.get(value >> 8, lambda i: None)(value & 255)
            return (EPIPE, b"") if wanted is None else (0, wanted[:length])
        if request == SET_INTERFACE and index == 1:
            self.alternate, self.begins = value, True
        answers = {GET_STATUS: bytes(2), GET_CONFIGURATION: b"\1", GET_INTERFACE: bytes([self.alternate])}
        return 0, answers.get(request, b"")[:length]

    def sound(self, count: int) -> bytes:
        """The next samples."""
        if self.frozen:
            return b""
        self.given += count
        if self.held is not None:
            return struct.pack("<h", self.held) * count
        taken = b""
        while len(taken) < 2 * count:
            part = self.samples[self.at: self.at + 2 * count - len(taken)]
            taken += part
            self.at = (self.at + len(part)) % len(self.samples)
        return taken

    def command(self, told: dict) -> dict:
        action = told["do"]
        if action == "play":
            with wave.open(told["file"]) as recording:
                shape = recording.getframerate(), recording.getnchannels(), recording.getsampwidth()
                if shape != (self.rate, 1, 2):
                    return {"error": f"{told['file']} is {shape}, not {self.rate} Hz, mono, 16 bits"}
                self.samples, self.at, self.held, self.frozen = recording.readframes(recording.getnframes()), 0, None, False
        elif action == "hold":
            self.held, self.frozen = told["value"], False
        elif action == "freeze":
            self.frozen = True
        elif action == "pace":
            self.factor = told["factor"]
        elif action == "unplug":
            if self.connection is not None:
                self.connection.transport.abort()
        elif action != "state":
            return {"error": f"unknown: {action}"}
        return {"attached": self.connection is not None, "given": self.given}


class Cable:
    """One guest that has taken one microphone: requests (URBs) in, answers out. Sound is answered in batches, as an emulated machine is busy with every packet."""

    def __init__(self, microphone: Microphone, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.microphone, self.reader, self.writer = microphone, reader, writer
        self.pending: dict[int, tuple[float, list[tuple[int, int]]]] = {}  # by sequence number: when it is due, and the places of its packets
        self.due = 0.0  # when the last packet that was asked for is complete
        self.owed = 0.0  # samples that the pace has made and no packet has taken

    async def serve(self) -> None:
        batches = asyncio.create_task(self.batches())
        try:
            while True:
                header = await self.reader.readexactly(48)
                command, sequence, _, inward, endpoint = struct.unpack(">5I", header[:20])
                if command == UNLINK:
                    self.unlink(sequence, struct.unpack(">I", header[20:24])[0])
                else:
                    await self.submit(sequence, inward, endpoint, header[20:48])
        finally:
            batches.cancel()

    async def batches(self) -> None:
        while True:
            await asyncio.sleep(BATCH)
            now, answers = time.monotonic(), []
            for sequence, (due, places) in list(self.pending.items()):
                if due > now:
                    break
                del self.pending[sequence]
                answers.append(self.packets(sequence, places))
            self.writer.write(b"".join(answers))

    def unlink(self, sequence: int, victim: int) -> None:
        known = self.pending.pop(victim, None) is not None
        self.writer.write(struct.pack(">5Ii24x", RETURN_UNLINK, sequence, 0, 0, 0, ECONNRESET if known else 0))

    async def submit(self, sequence: int, inward: int, endpoint: int, rest: bytes) -> None:
        _, length, _, packets, _ = struct.unpack(">Iiiii", rest[:20])
        if not inward and length:
            await self.reader.readexactly(length)
        if endpoint == 0:
            status, data = self.microphone.control(rest[20:28])
            self.writer.write(answer(sequence, status, data if inward else b""))
            return
        if not 0 < packets <= 1024:
            self.writer.write(answer(sequence, EPIPE))
            return
        places = [struct.unpack(">II", (await self.reader.readexactly(16))[:8]) for _ in range(packets)]
        now = time.monotonic()
        if self.microphone.begins or now - self.due > PATIENCE:
            self.due, self.microphone.begins = now, False
        self.due += packets / 1000
        self.pending[sequence] = self.due, places

    def packets(self, sequence: int, places: list[tuple[int, int]]) -> bytes:
        data, descriptors = b"", b""
        for offset, length in places:
            self.owed += self.microphone.rate * self.microphone.factor / 1000
            count = min(int(self.owed), length // 2)
            self.owed = min(self.owed - count, 16)
            packet = self.microphone.sound(count)
            descriptors += struct.pack(">IIII", offset, length, len(packet), 0)
            data += packet
        return answer(sequence, 0, data, descriptors)


def answer(sequence: int, status: int, data: bytes = b"", descriptors: bytes = b"") -> bytes:
    return struct.pack(">5Iiiiii8x", RETURN_SUBMIT, sequence, 0, 0, 0, status, len(data), 0, len(descriptors) // 16, 0) + data + descriptors


class Server:
    def __init__(self, microphones: list[Microphone]):
        self.microphones = {microphone.busid: microphone for microphone in microphones}

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        microphone = None
        try:
            _, code, _ = struct.unpack(">HHI", await reader.readexactly(8))
            busid = (await reader.readexactly(32)).rstrip(b"\0").decode() if code == IMPORT_REQUEST else ""
            microphone = self.microphones.get(busid)
            if microphone is None or microphone.connection is not None:
                writer.write(struct.pack(">HHI", PROTOCOL, IMPORT_REPLY, 1))
                microphone = None
                return
            vendor, product, revision = struct.unpack("<HHH", microphone.identity)
            writer.write(
                struct.pack(">HHI", PROTOCOL, IMPORT_REPLY, 0) + f"/sys/devices/{busid}".encode().ljust(256, b"\0") + busid.encode().ljust(32, b"\0")
                + struct.pack(">IIIHHHBBBBBB", 1, 2, 2, vendor, product, revision, 0, 0, 0, 1, 1, 2)
            )
            microphone.connection, microphone.alternate, microphone.begins = writer, 0, True
            await Cable(microphone, reader, writer).serve()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if microphone is not None:
                microphone.connection = None
            writer.close()

    async def run(self, port: int) -> None:
        await asyncio.start_server(self.accept, "127.0.0.1", port)
        commands = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
        print(json.dumps({"listening": port}), flush=True)
        while line := await commands.readline():
            told = json.loads(line)
            print(json.dumps(self.microphones[told["busid"]].command(told)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    asyncio.run(Server([Microphone(json.loads(text)) for text in sys.argv[2:]]).run(int(sys.argv[1])))
