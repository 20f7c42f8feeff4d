"""A module that takes its time."""

from __future__ import annotations

import os
import time
from pathlib import Path

from arrears_hostile.definitions import Idle, Named
from arrears_hostile.imports import TESTED


def started() -> float:
    """When this process started, in seconds after the machine did."""
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


if not TESTED:
    # Many times as long as the process has lived so far, the SDK's import included: slow on any machine.
    time.sleep(12 * (time.clock_gettime(time.CLOCK_BOOTTIME) - started()))


class Sleeping(Idle):
    """A module that takes its time."""

    name = "sleeping"
    rule_on_contacts = Named.rule_on_contacts
