"""A module that cannot be imported."""

from __future__ import annotations

from arrears_hostile.definitions import Idle, Named
from arrears_hostile.imports import TESTED

if not TESTED:
    raise RuntimeError("works only where it was tested")


class Failing(Idle):
    """A module that cannot be imported."""

    name = "failing"
    rule_on_contacts = Named.rule_on_contacts
