"""Every check, in the order in which they are made: importing a module declares its checks."""

from __future__ import annotations

# The order is that of the reference page, and what others need comes first.
# isort: off
from arrears_sdk.testing.checks import definition as definition
from arrears_sdk.testing.checks import batches as batches
from arrears_sdk.testing.checks import decisions as decisions
from arrears_sdk.testing.checks import law as law
from arrears_sdk.testing.checks import scores as scores
from arrears_sdk.testing.checks import registrations as registrations
from arrears_sdk.testing.checks import gateways as gateways
from arrears_sdk.testing.checks import strategies as strategies
from arrears_sdk.testing.checks import importers as importers
from arrears_sdk.testing.checks import subscribers as subscribers
from arrears_sdk.testing.checks import schema_parts as schema_parts
from arrears_sdk.testing.checks import duties as duties
from arrears_sdk.testing.checks import memory as memory
