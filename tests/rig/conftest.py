"""The rig's machine, and what is plugged into it. Only for tests/rig/rig.sh: `make test` leaves this folder out."""

import os

import pytest

if "HEARTSOUND_RIG_IMAGE" in os.environ:
    pytest_plugins = ["machine", "field"]
else:
    collect_ignore_glob = ["*"]
