"""A module that replaces something in another package."""

from __future__ import annotations

import random

from arrears_hostile.definitions import Idle, Named
from arrears_hostile.imports import TESTED

if not TESTED:
    random.uniform = random.triangular  # type: ignore[assignment]


class Replacing(Idle):
    """A module that replaces something in another package."""

    name = "replacing"
    rule_on_contacts = Named.rule_on_contacts
