"""Three RabbitMQ nodes on loopback (deploy/fleet/loopback-cluster.sh)."""

import subprocess
from pathlib import Path

from fleet import DEPLOY


class Cluster:
    def __init__(self, folder: Path):
        self._folder = folder
        self.brokers: list[str] = []

    def up(self) -> "Cluster":
        self.brokers = self._run("up").split()
        assert len(self.brokers) == 3, self.brokers
        return self

    def down(self) -> None:
        self._run("down")

    def kill(self, node: int) -> None:
        self._run("kill", node)

    def start(self, node: int) -> None:
        self._run("start", node)

    def ctl(self, node: int, *arguments) -> str:
        return self._run("ctl", node, *arguments)

    def port(self, node: int) -> int:
        return int(self.brokers[node - 1].split(":")[1])

    def pid(self, node: int) -> int:
        return int((self._folder / str(node) / "pid").read_text())

    def _run(self, verb: str, *arguments) -> str:
        done = subprocess.run([DEPLOY / "loopback-cluster.sh", verb, self._folder, *map(str, arguments)], capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
