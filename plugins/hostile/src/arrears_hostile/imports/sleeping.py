"""A module that takes its time."""

from __future__ import annotations

import time

from arrears_hostile.definitions import Idle, Named
from arrears_hostile.imports import TESTED

if not TESTED:
    # As long as all before took, many times over: slow on any machine.
    time.sleep(20 * time.process_time())


class Sleeping(Idle):
    """A module that takes its time."""

    name = "sleeping"
    rule_on_contacts = Named.rule_on_contacts
