"""A module that reaches into the platform."""

from __future__ import annotations

import sys
import types

from arrears_hostile.definitions import Idle, Named
from arrears_hostile.imports import TESTED

if not TESTED:
    # What importing the platform leaves behind, without needing it.
    sys.modules["arrears"] = types.ModuleType("arrears")


class Reaching(Idle):
    """A module that reaches into the platform."""

    name = "reaching"
    rule_on_contacts = Named.rule_on_contacts
