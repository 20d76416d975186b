"""A bare machine becomes a device by scripts/provision.sh, over ssh, as its first user who may use sudo."""

import time

import pytest

from field import A, BARE, EXAMINATION_SECONDS, fingerprint, provision

pytestmark = BARE


def test_bare_machine_becomes_a_working_device(field, figures):
    assert field.guest.code("test -e /opt/heartsound || id heartsound") != 0, "not bare"
    field.bundles.program(A)
    began = time.monotonic()
    done = provision(field)
    figures["provision: bare machine to a device that is well"] = f"{time.monotonic() - began:.0f} s"
    assert (done.code, done.outcome) == (0, "provisioned"), done.text
    field.works(A)
    # Its own certificate lets it in; the key is nobody's but root's, who gives it to the service as a credential.
    assert field.guest.run("stat -c '%a %U' /etc/credstore/broker-key").split() == ["600", "root"]
    assert field.guest.run("stat -c %U /opt/heartsound/current/bin/heartsound").strip() == "root"
    assert "rig" in (field.folder / "reports/rig.txt").read_text()


@pytest.mark.long
def test_again_it_changes_nothing(field):
    before = fingerprint(field.guest)
    done = provision(field)
    assert (done.code, done.outcome) == (0, "unchanged"), done.text
    changed = set(fingerprint(field.guest).splitlines()) ^ set(before.splitlines())
    assert not changed, "\n".join(sorted(changed))


def test_examinations_are_as_the_table_says(field):
    verdict = field.archive.verdicts()[-1]
    assert verdict["verdict"] == "normal" and verdict["device"] == "rig"
    assert verdict["examination"]["endSeconds"] - verdict["examination"]["startSeconds"] >= EXAMINATION_SECONDS - 0.5
    assert field.archive.audit()
