"""A real mosquitto on a free port of this machine, and Debian's own clients as witnesses of what goes over it."""

import getpass
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from program import DEADLINE, wait_until

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
END = "witness/end"
FORMAT = "%t\t%q\t%r\t%p"


@dataclass(frozen=True)
class Message:
    topic: str
    qos: int
    retained: bool
    payload: str

    @staticmethod
    def of(line: str) -> "Message":
        topic, qos, retained, payload = line.rstrip("\n").split("\t", 3)
        return Message(topic, int(qos), retained == "1", payload)


def end(client: subprocess.Popen) -> None:
    """mosquitto_sub takes leave inside its signal handler, and now and then waits there for a lock that it holds itself: then it is killed."""
    client.terminate()
    try:
        client.wait(5)
    except subprocess.TimeoutExpired:
        client.kill()


class Broker:
    """``passwords`` maps users to passwords; without it everybody is let in. Sessions and retained messages outlive a restart."""

    def __init__(self, folder: Path, passwords: dict[str, str] | None = None):
        folder.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._config, self._log, self._process = folder / "mosquitto.conf", folder / "mosquitto.log", None
        lines = [f"listener {self.port} 127.0.0.1", f"user {getpass.getuser()}", "persistence true", f"persistence_location {folder}/", "log_dest stderr", "log_type all"]
        self._credentials = []
        if passwords:
            for name, password in passwords.items():
                new = [] if (folder / "passwords").exists() else ["-c"]
                subprocess.run(["mosquitto_passwd", *new, "-b", folder / "passwords", name, password], check=True)
                self._credentials = ["-u", name, "-P", password]
            lines += ["allow_anonymous false", f"password_file {folder / 'passwords'}"]
        else:
            lines.append("allow_anonymous true")
        self._config.write_text("\n".join(lines) + "\n")

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def start(self) -> "Broker":
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", self._config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: self._answers() or self._process.poll() is not None, lambda: self.log)
        assert self._process.poll() is None, self.log
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(DEADLINE)
            self._process = None

    def publish(self, topic: str, payload: bytes) -> None:
        subprocess.run(["mosquitto_pub", *self._client, "-q", "1", "-t", topic, "-s" if payload else "-n"], input=payload, check=True, timeout=DEADLINE)

    def remember(self, witness: str) -> None:
        """From now on the broker keeps every message for ``witness``, also over its own restart, until they are read."""
        subprocess.run([*self._witness(witness), "-E"], check=True, timeout=DEADLINE)

    def read(self, witness: str) -> list[Message]:
        """What was kept for ``witness``, in order: everything that was published before this call."""
        self.publish(END, b"end")
        return self.read_until(witness, lambda message: message.topic == END)[:-1]

    def read_until(self, witness: str, condition) -> list[Message]:
        """What was kept for ``witness``, in order, up to and with the first message that fulfils ``condition``, which may still be on its way."""
        messages = []
        with subprocess.Popen([*self._witness(witness), "-W", str(DEADLINE), "-F", FORMAT], stdout=subprocess.PIPE, text=True) as reader:
            for line in reader.stdout:
                messages.append(Message.of(line))
                if condition(messages[-1]):
                    end(reader)
                    return messages
        raise AssertionError(f"the message that was waited for did not come, only {messages}")

    def retained(self, topic: str) -> Message:
        """What a consumer that comes now gets at once."""
        return self.hear(topic, 1)[0]

    def hear(self, topic: str, count: int) -> list[Message]:
        """The next messages on ``topic``, retained ones included."""
        done = subprocess.run(
            ["mosquitto_sub", *self._client, "-q", "2", "-t", topic, "-C", str(count), "-W", str(DEADLINE), "-F", FORMAT], capture_output=True, text=True, check=True
        )
        return [Message.of(line) for line in done.stdout.splitlines()]

    @property
    def _client(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), *self._credentials]

    def _witness(self, name: str) -> list[str]:
        return ["mosquitto_sub", *self._client, "-c", "-i", name, "-q", "2", "-t", "heartsound/#", "-t", END]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False
