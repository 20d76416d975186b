"""The ward outside: a broker that speaks TLS and lets in who has a certificate of its authority, and a witness beside it that keeps every verdict."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from device import ROOT
from usb import free_port

sys.path.append(str(ROOT / "tests/endtoend"))
from broker import Broker  # noqa: E402
from witness import Witness  # noqa: E402

OUTSIDE = "10.0.2.2"  # this machine, as the guest sees it


class Ward(Broker):
    """``port`` is for those who stand beside it, ``tls_port`` for devices. Retained messages and sessions outlive a restart."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.authority, self.tls_port = folder / "authority", free_port()
        self.make("ca")
        self.make("server", f"{OUTSIDE},localhost")
        lines = [
            f"listener {self.tls_port} 127.0.0.1", "require_certificate true", "use_identity_as_username true",
            f"cafile {self.authority}/ca.crt", f"certfile {self.authority}/server.crt", f"keyfile {self.authority}/server.key",
        ]
        with self._config.open("a") as config:
            config.write("\n".join(lines) + "\n")

    def make(self, *words: str) -> None:
        """A certificate, by scripts/make-certificates.sh."""
        subprocess.run([ROOT / "scripts/make-certificates.sh", self.authority, *words], check=True, capture_output=True)

    def told(self, topic: str) -> dict:
        """What is retained on a topic."""
        return json.loads(self.retained(topic).payload)


class Archive:
    """Every verdict that arrived. A number that is missing between two others is a verdict that was lost."""

    def __init__(self, ward: Ward):
        self._witness = Witness(ward.port, "archive", "heartsound/+/verdict")

    def close(self) -> None:
        self._witness.close()

    def verdicts(self) -> list[dict]:
        """Each once, in the order in which they came first."""
        seen: dict[str, dict] = {}
        for arrival in self._witness.arrivals:
            seen.setdefault(arrival.json["id"], arrival.json)
        return list(seen.values())

    def count(self) -> int:
        return len(self.verdicts())

    def audit(self) -> str:
        """Fails when one was lost, came out of order, or when two have one number; what was counted, to print."""
        series: dict[str, list[int]] = defaultdict(list)
        for verdict in self.verdicts():
            series[verdict["series"]].append(verdict["sequence"])
        for name, numbers in series.items():
            assert numbers == list(range(1, len(numbers) + 1)), f"series {name}: {numbers}"
        return f"{self.count()} verdicts, {len(series)} numbering(s), none lost, {len(self._witness.arrivals) - self.count()} arrived again"
