"""An OpenTelemetry collector, as much of one as a test needs: takes metrics by HTTP and reads the protobuf by its wire format, without anybody's generated code."""

import http.server
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Sent:
    """One message: who speaks, and each metric's points by their attributes."""

    resource: dict[str, str]
    scope: str
    points: dict[str, dict[frozenset, dict]] = field(default_factory=dict)


def fields(data: bytes):
    """(number, value) of each field: integers as they are on the wire, bytes for whatever has a length."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        elif kind == 1:
            value, at = data[at:at + 8], at + 8
        elif kind == 5:
            value, at = data[at:at + 4], at + 4
        else:
            assert kind == 2, kind
            length = varint()
            value, at = data[at:at + length], at + length
        yield key >> 3, value


def all_of(data: bytes, number: int) -> list:
    return [value for n, value in fields(data) if n == number]


def attributes(pairs: list[bytes]) -> dict[str, str]:
    return {all_of(pair, 1)[0].decode(): all_of(all_of(pair, 2)[0], 1)[0].decode() for pair in pairs}


def number_point(point: bytes) -> tuple[frozenset, dict]:
    """NumberDataPoint: attributes 7, as_double 4, as_int 6."""
    double, whole = all_of(point, 4), all_of(point, 6)
    return frozenset(attributes(all_of(point, 7)).items()), {"value": struct.unpack("<d", double[0])[0] if double else struct.unpack("<q", whole[0])[0]}


def histogram_point(point: bytes) -> tuple[frozenset, dict]:
    """HistogramDataPoint: attributes 9, count 4, sum 5, bucket_counts 6, explicit_bounds 7."""
    counts = b"".join(all_of(point, 6))
    bounds = b"".join(all_of(point, 7))
    return frozenset(attributes(all_of(point, 9)).items()), {
        "count": struct.unpack("<Q", all_of(point, 4)[0])[0],
        "buckets": list(struct.unpack(f"<{len(counts) // 8}Q", counts)),
        "bounds": list(struct.unpack(f"<{len(bounds) // 8}d", bounds)),
    }


def decode(body: bytes) -> Sent:
    """ExportMetricsServiceRequest."""
    (resource_metrics,) = all_of(body, 1)
    (scope_metrics,) = all_of(resource_metrics, 2)
    sent = Sent(attributes(all_of(all_of(resource_metrics, 1)[0], 1)), all_of(all_of(scope_metrics, 1)[0], 1)[0].decode())
    for metric in all_of(scope_metrics, 2):
        points = sent.points.setdefault(all_of(metric, 1)[0].decode(), {})
        for kind, read in ((5, number_point), (7, number_point), (9, histogram_point)):
            for data in all_of(metric, kind):
                points.update(read(point) for point in all_of(data, 1))
    return sent


@contextmanager
def collector():
    """(address, list of what was sent so far)"""
    received: list[Sent] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known = self.path == "/v1/metrics" and self.headers["Content-Type"] == "application/x-protobuf"
            if known:
                received.append(decode(body))
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
