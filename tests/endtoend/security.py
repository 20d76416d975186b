"""A broker as deploy/mosquitto/ describes it, on free ports of this machine, with certificates of scripts/make-certificates.sh; and authorities that make certificates no script would."""

import datetime
import getpass
import ipaddress
import os
import shutil
import socket
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from broker import MOSQUITTO
from program import DEADLINE, ROOT, wait_until

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def make_certificates(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts/make-certificates.sh", *words[:-2], folder, *words[-2:]] if len(words) > 2 else [ROOT / "scripts/make-certificates.sh", folder, *words], capture_output=True, text=True)


class Authority:
    """Makes certificates for any time and host, in ``folder``."""

    def __init__(self, folder: Path, name: str = "test authority", since=NOW - 10 * DAY):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._builder(self._name, self._key, since, since + 4000 * DAY).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(self._key, hashes.SHA256())
        self.file = folder / "authority.crt"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def make(self, name: str, since=NOW - DAY, until=NOW + 30 * DAY, hosts=("localhost", "127.0.0.1"), client: bool = False) -> tuple[Path, Path]:
        """The files of a certificate and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, since, until)
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if not client:
            builder = builder.add_extension(x509.SubjectAlternativeName([self._alternative(host) for host in hosts]), critical=False)
        files = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        files[0].write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        files[1].chmod(0o600)
        return files

    def _builder(self, subject, key, since, until):
        return x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)

    @staticmethod
    def _alternative(host: str):
        return x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)


class Mosquitto:
    """mosquitto with the lines given; ``port`` is that of its first listener."""

    def __init__(self, folder: Path, lines: list[str], port: int):
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self._log = port, folder / "mosquitto.log"
        (folder / "mosquitto.conf").write_text("\n".join([f"user {getpass.getuser()}", *lines]) + "\n")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", folder / "mosquitto.conf", "-v"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: self._answers() or self._process.poll() is not None, lambda: self.log)
        assert self._process.poll() is None, self.log

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


def encrypted(folder: Path, server: tuple[Path, Path], *more: str) -> Mosquitto:
    """One that speaks TLS with this certificate and lets everybody in, unless ``more`` says otherwise."""
    port = free_port()
    return Mosquitto(folder, [f"listener {port} 127.0.0.1", f"certfile {server[0]}", f"keyfile {server[1]}", "allow_anonymous true", *more], port)


class Deployed(Mosquitto):
    """deploy/mosquitto as it is, but for places and ports: ``port`` asks for a password, ``certificate_port`` for a certificate, ``web_port`` speaks WebSocket."""

    def __init__(self, folder: Path, passwords: dict[str, str], devices: tuple[str, ...]):
        etc, self.certificates = folder / "etc/mosquitto", folder / "etc/mosquitto/certs"
        self.certificates.mkdir(parents=True)
        for words in (("ca",), ("server", "localhost,127.0.0.1"), *(("client", device) for device in devices)):
            done = make_certificates(self.certificates, *words)
            assert done.returncode == 0, done.stderr
        for name, password in passwords.items():
            new = [] if (etc / "heartsound.passwords").exists() else ["-c"]
            subprocess.run(["mosquitto_passwd", *new, "-b", etc / "heartsound.passwords", name, password], check=True)
        shutil.copy(ROOT / "deploy/mosquitto/heartsound.acl", etc / "heartsound.acl")
        (folder / "lib").mkdir()
        ports = {"8883": free_port(), "8884": free_port(), "9443": free_port()}
        lines = ["persistence true", f"persistence_location {folder}/lib/", "log_dest stderr"]  # as Debian's own mosquitto.conf, which includes ours
        for line in (ROOT / "deploy/mosquitto/mosquitto.conf").read_text().splitlines():
            line = line.replace("/etc/mosquitto", str(etc))
            if line.startswith("listener "):
                line = f"listener {ports[line.split()[1]]} 127.0.0.1"
            lines.append(line)
        self.certificate_port, self.web_port = ports["8884"], ports["9443"]
        self.authority, self.passwords = self.certificates / "ca.crt", passwords
        super().__init__(folder, lines, ports["8883"])

    def client(self, tool: str, user: str, *more: str) -> subprocess.CompletedProcess:
        """mosquitto_pub, mosquitto_sub or mosquitto_rr as this user."""
        return subprocess.run(
            [tool, "-h", "127.0.0.1", "-p", str(self.port), "--cafile", self.authority, "-u", user, "-P", self.passwords[user], *more],
            capture_output=True, text=True, timeout=DEADLINE, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
