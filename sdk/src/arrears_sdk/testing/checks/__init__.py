"""Every check, in the order in which they are made: importing a module declares its checks."""

from __future__ import annotations

# The order is that of the reference page, and what others need comes first.
# isort: off
from arrears_sdk.testing.checks import definition as definition
from arrears_sdk.testing.checks import batches as batches
from arrears_sdk.testing.checks import decisions as decisions
from arrears_sdk.testing.checks import scores as scores
from arrears_sdk.testing.checks import registrations as registrations
from arrears_sdk.testing.checks import gateways as gateways
