"""What the tests of a fleet share with those of one device: the program, and a real mosquitto."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "endtoend"))
