"""Applying a whole list of statements: all at once, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from arrears.configuration.commands import PlaceSettings, SettingsApply, SettingsChange, settings_apply, settings_change
from arrears.configuration.source import stored_settings
from arrears.plugins.settings import Place
from arrears_sdk.errors import ConflictError, ErrorCode, InputError, RefusedError
from tests.conftest import Deployment
from tests.product.configuration.conftest import Agency


async def test_a_list_is_applied_whole_or_not_at_all(deployment: Deployment, agency: Agency) -> None:
    good = PlaceSettings(group="quiet", enabled=True, values={"first_hour": 9})
    bad = PlaceSettings(group="quiet", client_id=agency.acme, values={"first_hour": 99})

    with pytest.raises(InputError) as refused:
        await settings_apply(deployment.context(), SettingsApply(version=0, statements=(good, bad)))
    nothing = await stored_settings(deployment.database)
    done = await settings_apply(deployment.context(), SettingsApply(version=0, statements=(good,)))
    again = await settings_apply(deployment.context(), SettingsApply(version=1, statements=(good,)))

    assert refused.value.problems[0].message == ("client ACME, quiet: Input should be less than or equal to 23.")
    assert nothing.version == 0
    assert done.result.version == 1
    assert (again.result.version, again.result.settings_version_ids) == (1, ())


async def test_a_plan_does_not_outlive_any_change(deployment: Deployment, agency: Agency) -> None:
    await settings_change(deployment.context(), SettingsChange(group="pay", version=0, settings={"currency": "EUR"}))

    with pytest.raises(ConflictError):
        await settings_apply(
            deployment.context(), SettingsApply(version=0, statements=(PlaceSettings(group="quiet", enabled=True),))
        )


async def test_of_two_lists_applied_at_once_one_is_a_conflict(deployment: Deployment, agency: Agency) -> None:
    lists = [
        SettingsApply(version=0, statements=(PlaceSettings(group="quiet", values={"first_hour": hour}),))
        for hour in (1, 2)
    ]

    outcomes = await asyncio.gather(
        *(settings_apply(deployment.context(), one) for one in lists), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ConflictError", "Receipt"]


async def test_a_list_that_contradicts_its_own_lock_is_refused(deployment: Deployment, agency: Agency) -> None:
    locking = PlaceSettings(group="quiet", values={"first_hour": 9}, locked=("first_hour",))
    differing = PlaceSettings(group="quiet", client_id=agency.acme, values={"first_hour": 10})
    change = SettingsApply(version=0, statements=(locking, differing))

    with pytest.raises(RefusedError) as refused:
        await settings_apply(deployment.context(), change)

    assert [problem.code for problem in refused.value.problems] == [ErrorCode.SETTING_LOCKED]


async def test_a_lock_takes_narrower_words_with_it_each_as_a_version(deployment: Deployment, agency: Agency) -> None:
    places = (
        PlaceSettings(group="quiet", client_id=agency.acme, values={"first_hour": 10, "last_hour": 20}),
        PlaceSettings(group="quiet", client_id=agency.zenith, values={"first_hour": 11}),
    )
    await settings_apply(deployment.context(), SettingsApply(version=0, statements=places))

    locking = PlaceSettings(group="quiet", locked=("first_hour",))
    done = await settings_apply(deployment.context(), SettingsApply(version=2, statements=(locking,)))

    after = await stored_settings(deployment.database)
    assert (done.result.version, len(done.result.settings_version_ids)) == (5, 3)
    assert after.places[Place(agency.acme)]["quiet"].values == {"last_hour": 20}
    assert Place(agency.zenith) not in after.places
