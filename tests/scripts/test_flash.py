"""scripts/flash.sh with archives that are laid out as NVIDIA's, whose tools write down how they were called; an SD card is a plain file. No board, and no loop device."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLASH = ROOT / "scripts/flash.sh"
SECRET = "aortic valve \\ 7"

TOOLS = {
    "flash.sh": 'echo "flash.sh $*" >>../calls; [ ! -e ../fail ] || { echo "Error: probing the target board failed."; exit 1; }',
    "apply_binaries.sh": 'echo "apply_binaries.sh $*" >>../calls; echo "# R$(cat nv_tegra/l4t) (release), REVISION: 4.1, GCID: 1" >rootfs/etc/nv_tegra_release',
    "tools/l4t_create_default_user.sh": 'echo "l4t_create_default_user.sh $*" >>../calls; echo "$2:x:1000:1000::/home/$2:/bin/bash" >>rootfs/etc/passwd; '
                                        'echo "$2:\\$6\\$throwaway:19000:0:99999:7:::" >>rootfs/etc/shadow; mkdir -p "rootfs/home/$2"',
    "tools/kernel_flash/l4t_initrd_flash.sh": 'echo "l4t_initrd_flash.sh $*" >>../calls',
    "tools/jetson-disk-image-creator.sh": 'echo "jetson-disk-image-creator.sh $*" >>../../calls; { echo image; cat ../rootfs/etc/hostname; head -c 300000 /dev/zero; } >"$2"',
}


class Bench:
    """A technician's computer: NVIDIA's archives, a key, stand-ins for what asks the hardware."""

    def __init__(self, folder: Path):
        self.folder, self.bin, self.work = folder, folder / "bin", folder / "work"
        self.bin.mkdir()
        for name, text in {"lsusb": f'cat {folder}/usb.$2 2>/dev/null; exit 1', "qemu-aarch64-static": "exit 0", "sgdisk": "exit 0", "losetup": "exit 1", "chown": "exit 0",
                           "id": '[ "$1" = -u ] && echo 0 || exec /usr/bin/id "$@"', "df": 'printf "x\\nx x x 60000 x x\\n"'}.items():
            (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
            (self.bin / name).chmod(0o755)
        (folder / "key.pub").write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKey me@here\n")

    def archives(self, version: str, *confs: str) -> tuple[Path, Path]:
        tree = self.folder / f"made-{version}" / "Linux_for_Tegra"
        for name, text in TOOLS.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(f"#!/bin/bash\n{text}\n")
            (tree / name).chmod(0o755)
        (tree / "rootfs").mkdir()
        (tree / "nv_tegra").mkdir()
        (tree / "nv_tegra/l4t").write_text(version.split(".")[0])
        for conf in confs:
            (tree / f"{conf}.conf").touch()
        fs = self.folder / f"made-{version}" / "fs"
        for name, text in {"etc/passwd": "root:x:0:0::/root:/bin/bash\n", "etc/shadow": "root:*:19000:0:99999:7:::\n", "etc/ssh/sshd_config": "PasswordAuthentication yes\n", "etc/ssh/ssh_host_rsa_key": "shared",
                           "etc/machine-id": "shared\n", "etc/hosts": "127.0.0.1 localhost\n", "etc/systemd/system/x": "", "etc/sudoers.d/README": ""}.items():
            (fs / name).parent.mkdir(parents=True, exist_ok=True)
            (fs / name).write_text(text)
        bsp, rootfs = self.folder / f"Jetson_Linux_R{version}_aarch64.tbz2", self.folder / f"Tegra_Linux_Sample-Root-Filesystem_R{version}_aarch64.tbz2"
        subprocess.run(["tar", "-cjf", bsp, "-C", tree.parent, "Linux_for_Tegra"], check=True)
        subprocess.run(["tar", "-cjf", rootfs, "-C", fs, "."], check=True)
        (self.folder / "sums").write_text("".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in (bsp, rootfs)))
        return bsp, rootfs

    def secret(self, name: str, text: str = SECRET) -> Path:
        file = self.folder / name
        file.write_text(text + "\n")
        file.chmod(0o600)
        return file

    def connect(self, usb_id: str, count: int = 1) -> None:
        (self.folder / f"usb.{usb_id}").write_text(f"Bus 001 Device 004: ID {usb_id} NVidia Corp.\n" * count)

    def flash(self, board: str, archives: tuple[Path, Path], *options) -> subprocess.CompletedProcess:
        words = [FLASH, "--board", board, "--bsp", archives[0], "--rootfs", archives[1], "--sums", self.folder / "sums", "--ssh-key", self.folder / "key.pub", "--work", self.work,
                 "--accept-nvidia-license", *options]
        return subprocess.run(list(map(str, words)), cwd="/", capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}"})

    def calls(self) -> list[str]:
        return (self.work / "calls").read_text().splitlines() if (self.work / "calls").exists() else []


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(tmp_path)


def test_sd_card_of_a_nano_has_everything_in_it_and_no_secret_was_on_a_command_line(bench):
    archives = bench.archives("32.7.1", "jetson-nano-qspi-sd")
    card = bench.folder / "card.img"
    done = bench.flash("jetson-nano-devkit", archives, "--sd", card, "--wifi", "Ward 3; ü", "--wifi-password-file", bench.secret("wifi"), "--timezone", "Europe/Berlin", "--hostname", "ward-%", "--user", "tech")
    assert done.returncode == 0, done.stderr
    assert card.read_bytes().startswith(b"image\nward-%\n") and card.stat().st_size > 300000
    assert [call.split()[0] for call in bench.calls()] == ["apply_binaries.sh", "l4t_create_default_user.sh", "jetson-disk-image-creator.sh"]
    assert bench.calls()[2].endswith("-b jetson-nano -r 300")
    assert "-u tech -p " in bench.calls()[1] and bench.calls()[1].endswith("-n ward-x --accept-license") and " -a" not in bench.calls()[1], "nobody is logged in by himself"
    root = bench.work / "Linux_for_Tegra/rootfs"
    text = {name: (root / name).read_text() for name in ("etc/hostname", "etc/timezone", "etc/shadow", "etc/machine-id", "etc/ssh/sshd_config", "etc/sudoers.d/90-heartsound", "home/tech/.ssh/authorized_keys",
                                                          "etc/NetworkManager/system-connections/heartsound.nmconnection")}
    assert text["etc/hostname"] == "ward-%\n" and text["etc/timezone"] == "Europe/Berlin\n" and text["etc/machine-id"] == "" and "AAAAC3Nz" in text["home/tech/.ssh/authorized_keys"]
    assert "\ntech:*:" in text["etc/shadow"] and text["etc/ssh/sshd_config"].index("PasswordAuthentication no") < text["etc/ssh/sshd_config"].index("PasswordAuthentication yes")
    wifi = root / "etc/NetworkManager/system-connections/heartsound.nmconnection"
    assert wifi.stat().st_mode & 0o777 == 0o600 and "psk=aortic valve \\\\ 7\n" in wifi.read_text() and "ssid=87;97;114;100;32;51;59;32;195;188;\n" in wifi.read_text()
    assert not (root / "etc/ssh/ssh_host_rsa_key").exists(), "no two devices may share a host key"
    assert os.readlink(root / "etc/systemd/system/default.target").endswith("multi-user.target") and os.readlink(root / "etc/localtime") == "/usr/share/zoneinfo/Europe/Berlin"
    assert (root / "etc/systemd/system/multi-user.target.wants/heartsound-firstboot.service").exists() and os.access(root / "usr/local/lib/heartsound/firstboot.sh", os.X_OK)
    assert "aortic" not in done.stdout + done.stderr + " ".join(bench.calls()) + (bench.work / "log").read_text()

    # Again: nothing is done twice but the writing; with another name, what comes after it is.
    again = bench.flash("jetson-nano-devkit", archives, "--sd", card, "--wifi", "Ward 3; ü", "--wifi-password-file", bench.folder / "wifi", "--timezone", "Europe/Berlin", "--hostname", "ward-%", "--user", "tech")
    assert again.returncode == 0 and again.stdout.count("is done") == 6 and len(bench.calls()) == 3
    other = bench.flash("jetson-nano-devkit", archives, "--sd", card, "--hostname", "icu-1", "--user", "tech", "--password-file", bench.secret("password"))
    assert other.returncode == 0 and card.read_bytes().startswith(b"image\nicu-1\n") and not wifi.exists(), other.stderr
    assert [call.split()[0] for call in bench.calls()[3:]] == ["jetson-disk-image-creator.sh"]
    shadow = (root / "etc/shadow").read_text().split("tech:")[1].split(":")[0]
    salt = shadow.split("$")[2]
    assert subprocess.run(["openssl", "passwd", "-6", "-salt", salt, "-stdin"], input=SECRET, capture_output=True, text=True).stdout.strip() == shadow
    assert not (root / "etc/sudoers.d/90-heartsound").exists() and "PasswordAuthentication no" not in (root / "etc/ssh/sshd_config").read_text()


@pytest.mark.parametrize("board, version, usb, conf, words, called", [
    ("jetson-xavier-nx-devkit", "35.4.1", "0955:7e19", "jetson-xavier-nx-devkit", (), ["flash.sh jetson-xavier-nx-devkit mmcblk0p1"]),
    ("jetson-orin-nano-devkit", "36.4.0", "0955:7523", "jetson-orin-nano-devkit", (), ["l4t_initrd_flash.sh --showlogs --network usb0 jetson-orin-nano-devkit internal"]),
    ("jetson-orin-nx-nvme", "36.4.0", "0955:7423", "jetson-orin-nano-devkit", ("--massflash", "3"),
     ["l4t_initrd_flash.sh --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_t234_nvme.xml -p -c bootloader/generic/cfg/flash_t234_qspi.xml --no-flash --massflash 3 --showlogs --network usb0 jetson-orin-nano-devkit internal",
      "l4t_initrd_flash.sh --flash-only --massflash 3 --showlogs --network usb0"]),
])
def test_board_in_recovery_mode_is_flashed_with_nvidias_own_words(bench, board, version, usb, conf, words, called):
    archives = bench.archives(version, conf)
    absent = bench.flash(board, archives, *words)
    assert absent.returncode == 1 and "in recovery mode" in absent.stderr and not bench.work.exists(), "refused before anything was unpacked"
    bench.connect(usb, 2 if words else 1)
    dry = bench.flash(board, archives, *words, "--dry-run")
    assert dry.returncode == 0 and "apply_binaries.sh" in dry.stdout and not bench.work.exists(), dry.stderr
    done = bench.flash(board, archives, *words)
    assert done.returncode == 0 and bench.calls()[2:] == called, done.stderr


def test_flash_that_fails_says_where_to_look_and_can_be_repeated(bench):
    archives = bench.archives("35.4.1", "jetson-xavier-nx-devkit")
    bench.connect("0955:7e19")
    bench.work.mkdir()
    (bench.work / "fail").touch()
    failed = bench.flash("jetson-xavier-nx-devkit", archives)
    assert failed.returncode == 1 and "probing the target board failed" in failed.stderr and "run this again" in failed.stderr
    (bench.work / "fail").unlink()
    assert bench.flash("jetson-xavier-nx-devkit", archives).returncode == 0 and [call.split()[0] for call in bench.calls()].count("apply_binaries.sh") == 1


def test_several_boards_without_massflash_are_refused(bench):
    archives = bench.archives("35.4.1", "jetson-xavier-nx-devkit")
    bench.connect("0955:7e19", 2)
    done = bench.flash("jetson-xavier-nx-devkit", archives)
    assert done.returncode == 1 and "2 boards are connected" in done.stderr and not bench.work.exists()


def test_what_does_not_fit_is_refused_before_anything_is_unpacked(bench):
    old, new = bench.archives("32.7.1", "jetson-nano-qspi-sd"), bench.archives("35.4.1")
    (bench.folder / "open").write_text("12345678\n")
    block = next((f"/dev/{d}" for d in os.listdir("/sys/block") if os.path.exists(f"/dev/{d}") and open(f"/sys/block/{d}/removable").read().strip() == "0"), None)
    cases = [("jetson-nano-devkit", (old[0], new[1]), ("--prepare-only",), "must be of one version"), ("jetson-nano-devkit", new, ("--prepare-only",), "L4T 32"), ("raspberry", new, ("--prepare-only",), "in no line of"),
             ("jetson-nano-devkit", old, ("--prepare-only",), "has no line for"), ("jetson-xavier-nx-emmc", new, ("--sd", "x"), "does not start from an SD card"), ("jetson-nano-devkit", old, ("--massflash", "3"), "not for the Nano"),
             ("jetson-nano-devkit", old, ("--sd", "/dev/nonexistent"), "there is no"), ("jetson-nano-devkit", old, ("--sd", "/dev/null"), "neither a disk nor a file"),
             ("jetson-nano-devkit", old, ("--wifi", "x", "--wifi-password-file", bench.folder / "open", "--user", "root", "--hostname", "-x", "--timezone", "No/Where", "--massflash", "x", "--sd", "y"),
              "others can read|no name for a user|no name for a host|there is no 'No/Where'|a number of boards|exclude one another")]
    if block:
        cases.append(("jetson-nano-devkit", old, ("--sd", block), "is no removable disk|carries|mounted"))
    for board, archives, words, named in cases:
        done = bench.flash(board, archives, *words)
        assert done.returncode == 1, named
        found = [part in done.stderr for part in named.split("|")]
        assert all(found) if "exclude" in named else any(found), f"{named}: {done.stderr}"
    assert not bench.work.exists()


def test_archive_that_was_damaged_is_refused(bench):
    archives = bench.archives("36.4.0", "jetson-orin-nano-devkit")
    archives[1].write_bytes(archives[1].read_bytes()[:-1])
    done = bench.flash("jetson-orin-nano-devkit", archives, "--prepare-only")
    assert done.returncode == 1 and "download it again" in done.stderr and not bench.work.exists()


def test_every_line_of_the_table_is_complete():
    for line in (ROOT / "deploy/flash/boards.table").read_text().splitlines():
        if not line.startswith("#"):
            fields = line.split("\t")
            assert len(fields) == 9 and all(fields) and fields[1] in ("32", "35", "36") and fields[3] in ("flash", "initrd") and all(usb.startswith("0955:") for usb in fields[2].split()), line


def test_first_start_gives_the_device_a_name_and_keys_of_its_own(tmp_path):
    for name, text in {"etc/hostname": "ward-%\n", "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\told\n", "proc/device-tree/serial-number": "1421621012345\0"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "etc/ssh").mkdir()
    done = subprocess.run(["sh", ROOT / "deploy/flash/firstboot.sh"], env={**os.environ, "HEARTSOUND_ROOT": str(tmp_path)}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "etc/hostname").read_text() == "ward-012345\n" == (tmp_path / "var/lib/heartsound-firstboot/ready").read_text()
    assert (tmp_path / "etc/hosts").read_text() == "127.0.0.1\tlocalhost\n127.0.1.1\tward-012345\n" and list((tmp_path / "etc/ssh").glob("ssh_host_*_key.pub")) and (tmp_path / "etc/avahi/services/heartsound.service").exists()


def test_help_and_boards_explain_themselves():
    for words, named in ((["--help"], "--massflash N"), (["--boards"], "jetson-nano-devkit")):
        done = subprocess.run([FLASH, *words], capture_output=True, text=True, timeout=20, cwd="/")
        assert done.returncode == 0 and named in done.stdout and done.stderr == ""
