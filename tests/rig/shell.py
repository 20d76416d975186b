#!/usr/bin/python3
"""Starts the rig's machine with the product in it and logs in (tests/rig/rig.sh shell). Its USB sockets are empty; all of it is gone afterwards."""

import sys

from machine import machine


def main() -> int:
    guest = machine()
    try:
        return guest.log_in()
    finally:
        guest.close()


if __name__ == "__main__":
    sys.exit(main())
