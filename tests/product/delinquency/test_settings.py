"""Buckets in the settings: what makes no sense is refused where it is set, with the reason."""

from __future__ import annotations

import pytest

from arrears.delinquency.model import USUAL_BUCKETS, Rules
from arrears.delinquency.settings import DelinquencySettings
from arrears.plugins.configuring import configure
from arrears_sdk.errors import InputError
from arrears_sdk.events import JsonValue


def test_without_settings_the_usual_buckets_hold() -> None:
    # given, when
    settings = configure(DelinquencySettings, "delinquency", {})
    # then
    assert settings.rules() == Rules(0, USUAL_BUCKETS)


@pytest.mark.parametrize(
    ("buckets", "message"),
    [
        ([], "at least 1 item"),
        ([{"name": "a", "from_days": 0}], "greater than or equal to 1"),
        (
            [{"name": "a", "from_days": 1, "until_days": 30}, {"name": "b", "from_days": 20}],
            "the bucket 'b' begins at 20 days, and 'a' goes to 30",
        ),
    ],
)
def test_buckets_that_overlap_or_are_out_of_range_are_refused(buckets: list[JsonValue], message: str) -> None:
    # given, when
    with pytest.raises(InputError) as refused:
        configure(DelinquencySettings, "delinquency", {"buckets": buckets})
    # then
    assert message in str(refused.value)
