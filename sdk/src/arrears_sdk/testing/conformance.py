"""Three lines that give a plugin its suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from arrears_sdk.plugin import ConfigT, Plugin
from arrears_sdk.testing.check import Check
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.pytest_plugin import PROPERTY, kept
from arrears_sdk.testing.report import Status
from arrears_sdk.testing.samples import ImportSample, Samples
from arrears_sdk.testing.suite import Suite, suite_of


def conformance(
    plugin: type[Plugin[ConfigT]],
    *,
    configs: Sequence[ConfigT] = (),
    exemptions: Mapping[str, str] | None = None,
    samples: Samples | None = None,
    gateway_world: Callable[[], GatewayWorld] | None = None,
    import_sample: ImportSample | None = None,
) -> type:
    """A class of tests for pytest, one for each check that concerns the plugin.

    `TestQuietHours = conformance(QuietHours)` is all that a plugin needs whose settings have defaults.

    configs        settings to try; the first is used throughout, all of them where settings could mix
    exemptions     check id -> why the check does not hold here; once the check passes, its exemption fails
    samples        what to ask about, where the usual debtors and accounts miss what the plugin looks at
    gateway_world  makes a double of the provider; without one a gateway is tried only on what needs no provider
    import_sample  how a file of the importer's format looks
    """
    suite = suite_of(
        plugin,
        configs=configs,
        exemptions=exemptions,
        samples=samples,
        gateway_world=gateway_world,
        import_sample=import_sample,
    )
    tests: dict[str, object] = {_name(check): _test(suite, check) for check in suite.checks}
    return type(f"Test{plugin.__name__}", (), {**tests, "__doc__": f"The conformance of {plugin.__name__}."})


def _name(check: Check) -> str:
    return "test_" + check.id.replace(".", "_").replace("-", "_")


def _test(suite: Suite, check: Check) -> Callable[..., None]:
    import pytest

    def test(self: object, record_property: Callable[[str, object], None]) -> None:
        result = suite.result(check.id)
        record_property(PROPERTY, kept(suite.report_of(result)))
        if result.status is Status.FAILED:
            pytest.fail(f"{check.id}: {result.message}\n\n{check.consequence}", pytrace=False)
        if result.status is Status.EXEMPT:
            pytest.skip(f"exempt: {result.message}")
        if result.status in (Status.BLOCKED, Status.NOT_APPLICABLE):
            pytest.skip(result.message)

    test.__doc__ = check.consequence
    return test
