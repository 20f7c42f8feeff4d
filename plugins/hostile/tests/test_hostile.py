"""Every check bites the plugin that violates it, and no other check does."""

from __future__ import annotations

from importlib.metadata import distribution

import pytest

import arrears_sdk.testing.checks  # noqa: F401 - declares every check
from arrears_hostile.cases import CASES
from arrears_sdk.testing import CHECKS, Status
from arrears_sdk.testing.suite import suite_of

FEW_CALLS = 400


def test_every_check_has_its_plugin() -> None:
    assert list(CASES) == list(CHECKS)
    assert len({case.where for case in CASES.values()}) == len(CASES)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("check_id", CASES)
def test_a_check_bites_its_plugin_and_no_other_check_does(check_id: str) -> None:
    case = CASES[check_id]
    suite = suite_of(
        case.plugin(),
        configs=case.configs(),
        gateway_world=case.gateway_world(),
        import_sample=case.import_sample(),
    )
    if check_id != "memory.steady":
        suite.trial.calls = FEW_CALLS
    failed = {result.check_id: result.message for result in suite.report().having(Status.FAILED)}
    assert failed.keys() == {check_id}, failed
    assert "Traceback" not in failed[check_id]


def test_they_cannot_be_found_as_plugins() -> None:
    assert [entry for entry in distribution("arrears-hostile").entry_points if entry.group == "arrears.plugins"] == []
