"""A second implementation of docs/records.md, by that page alone, on Python's cryptography."""

import hashlib
import json
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _file_key(key: bytes, header: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=header[24:40], info=b"heartsound record 1").derive(key))


def _nonce(header: bytes, chunk: int, last: bool) -> bytes:
    return header[40:47] + struct.pack(">I", chunk) + bytes([last])


def write(key: bytes, rate: int, chunks: list[bytes], trailer: dict | None, *, examination=bytes(range(16)), start_ms=1_772_366_400_000, salt=b"s" * 16, prefix=b"p" * 7) -> bytes:
    """A record of these chunks; without a trailer it was cut off."""
    header = b"HSRECORD" + struct.pack("<HHI", 1, 80, 65536) + hashlib.sha256(key).digest()[:8] + salt + prefix + b"\0" + struct.pack("<iiq", rate, 0, start_ms) + examination
    assert len(header) == 80
    cipher, out = _file_key(key, header), [header]
    frames = [(chunk, False) for chunk in chunks] + ([(json.dumps(trailer).encode(), True)] if trailer is not None else [])
    for i, (plain, last) in enumerate(frames):
        out.append(struct.pack("<I", len(plain)) + cipher.encrypt(_nonce(header, i, last), plain, header))
    return b"".join(out)


def read(key: bytes, record: bytes) -> tuple[bytes, dict | None]:
    """The samples, and the trailer; None where the record was cut off."""
    header, at, i, samples = record[:80], 80, 0, b""
    cipher = _file_key(key, header)
    while at + 4 <= len(record):
        (length,) = struct.unpack_from("<I", record, at)
        frame = record[at + 4 : at + 4 + length + 16]
        if len(frame) < length + 16:
            break
        try:
            samples += cipher.decrypt(_nonce(header, i, False), frame, header)
        except InvalidTag:
            trailer = cipher.decrypt(_nonce(header, i, True), frame, header)
            assert at + 4 + len(frame) == len(record), "something lies behind the end"
            return samples, json.loads(trailer)
        at, i = at + 4 + length + 16, i + 1
    return samples, None
