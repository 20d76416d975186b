"""Models go their own way: a bundle of them comes and goes while the program stays; and a stick does what a line does."""

import subprocess
import time

from field import A, BARE
from technician import CONFIRMED, REFUSED, answer
from bundles import other_goldens

pytestmark = BARE
MODELS = "rig-M001"


def sets(field) -> str:
    return field.guest.run("readlink /opt/heartsound/models || true").strip()


def test_models_come_and_go_without_the_program(working, figures):
    field = working
    began = time.monotonic()
    done = answer(field.technician.start("deploy.sh", "127.0.0.1", field.bundles.models(MODELS), "--keys", field.bundles.keys, "--json"), 400)
    figures["models: new ones, by deploy.sh"] = f"{time.monotonic() - began:.0f} s"
    assert (done.code, done.outcome) == (0, "confirmed"), done.text
    assert sets(field).endswith(MODELS)
    field.works(A)

    code, text = field.install(field.bundles.models("rig-M0XX", other_goldens))
    assert code == REFUSED, text
    assert sets(field).endswith(MODELS)

    done = answer(field.technician.start("deploy.sh", "rollback", "127.0.0.1", "--models", "--json"), 400)
    assert (done.code, done.outcome) == (0, "confirmed"), done.text
    assert not sets(field).endswith(MODELS)
    field.works(A)
