"""A module that takes its time."""

from __future__ import annotations

import sys
import time

from arrears_hostile.definitions import Idle, Named
from arrears_hostile.imports import TESTED


def of_the_sdk() -> float:
    """How long the SDK's import took, as the probe that imports this module measured it a moment ago."""
    frame = sys._getframe()
    while frame.f_back is not None and "sdk_seconds" not in frame.f_locals:
        frame = frame.f_back
    return float(frame.f_locals.get("sdk_seconds", 0.5))


if not TESTED:
    # A little more than the check lets pass, on any machine.
    time.sleep(11 * of_the_sdk())


class Sleeping(Idle):
    """A module that takes its time."""

    name = "sleeping"
    rule_on_contacts = Named.rule_on_contacts
