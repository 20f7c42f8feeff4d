"""The pack's conformance suite."""

from __future__ import annotations

from arrears_other_countries import OtherCountries
from arrears_sdk.testing import conformance

TestOtherCountries = conformance(OtherCountries)
