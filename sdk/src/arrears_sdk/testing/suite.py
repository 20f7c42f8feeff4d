"""Runs the checks on one plugin, each once, and those that others need before them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from arrears_sdk.hooks import ENTRY_POINT_GROUP
from arrears_sdk.plugin import ConfigT, Plugin
from arrears_sdk.testing.check import CHECKS, Check, NotApplicable, Violation
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.report import CheckResult, Report, Status
from arrears_sdk.testing.samples import ImportSample, Samples
from arrears_sdk.testing.trial import PluginClass, Trial


class ExemptionError(ValueError):
    """An exemption names no check, or gives no reason."""


class Suite:
    """The checks that concern one plugin, with what is known of them so far."""

    def __init__(self, trial: Trial, exemptions: Mapping[str, str]) -> None:
        self.trial = trial
        self.exemptions = exemptions
        self.checks = [check for check in CHECKS.values() if check.concerns(trial.plugin)]
        self._results: dict[str, CheckResult] = {}
        for id, reason in exemptions.items():
            if id not in CHECKS:
                raise ExemptionError(f"{id!r} is no check that anybody could be exempt from")
            if not CHECKS[id].concerns(trial.plugin):
                raise ExemptionError(f"{id} does not concern {trial.plugin.__name__}; remove the exemption")
            if not reason.strip():
                raise ExemptionError(f"the exemption from {id} needs a reason that a client could be shown")

    def result(self, id: str) -> CheckResult:
        """How a check came out; made now if it was not yet."""
        if id not in self._results:
            self._results[id] = self._exempted(id, self._run(CHECKS[id]))
        return self._results[id]

    def report(self) -> Report:
        """Every check that concerns the plugin."""
        return self.report_of(*(self.result(check.id) for check in self.checks))

    def report_of(self, *results: CheckResult) -> Report:
        """A report on some of the results."""
        plugin = self.trial.plugin
        return Report(plugin=str(plugin.name), version=version_of(plugin), results=results)

    def _run(self, check: Check) -> CheckResult:
        for id in check.needs:
            if not CHECKS[id].concerns(self.trial.plugin):
                continue
            needed = self.result(id)
            if needed.status in (Status.FAILED, Status.BLOCKED, Status.EXEMPT):
                return CheckResult(check_id=check.id, status=Status.BLOCKED, message=f"needs {id}, which did not pass")
        try:
            check.function(self.trial)
        except NotApplicable as reason:
            return CheckResult(check_id=check.id, status=Status.NOT_APPLICABLE, message=str(reason))
        except Violation as violation:
            notes = "".join(f"\n  {note}" for note in getattr(violation, "__notes__", ()))
            return CheckResult(check_id=check.id, status=Status.FAILED, message=f"{violation}{notes}")
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises is a result, never the end of the suite
            message = f"raised {type(error).__name__}: {error}"
            return CheckResult(check_id=check.id, status=Status.FAILED, message=message)
        return CheckResult(check_id=check.id, status=Status.PASSED)

    def _exempted(self, id: str, found: CheckResult) -> CheckResult:
        reason = self.exemptions.get(id)
        if reason is None:
            return found
        if found.status is Status.FAILED:
            return CheckResult(check_id=id, status=Status.EXEMPT, message=f"{reason} ({found.message})")
        if found.status is Status.PASSED:
            message = f"passes, so the exemption ({reason}) has to go"
            return CheckResult(check_id=id, status=Status.FAILED, message=message)
        return found


def suite_of(
    plugin: type[Plugin[ConfigT]],
    *,
    configs: Sequence[ConfigT] = (),
    exemptions: Mapping[str, str] | None = None,
    samples: Samples | None = None,
    gateway_world: Callable[[], GatewayWorld] | None = None,
    import_sample: ImportSample | None = None,
) -> Suite:
    """The checks that concern a plugin, none of them made yet."""
    import arrears_sdk.testing.checks  # noqa: F401 - declares every check

    trial = Trial(
        plugin=cast("PluginClass", plugin),
        configs=tuple(configs),
        samples=samples or Samples(),
        gateway_world=gateway_world,
        import_sample=import_sample,
    )
    return Suite(trial, exemptions or {})


def run_checks(
    plugin: type[Plugin[ConfigT]],
    *,
    configs: Sequence[ConfigT] = (),
    exemptions: Mapping[str, str] | None = None,
    samples: Samples | None = None,
    gateway_world: Callable[[], GatewayWorld] | None = None,
    import_sample: ImportSample | None = None,
) -> Report:
    """The report on a plugin; needs no pytest. The arguments are those of `conformance`."""
    return suite_of(
        plugin,
        configs=configs,
        exemptions=exemptions,
        samples=samples,
        gateway_world=gateway_world,
        import_sample=import_sample,
    ).report()


def version_of(plugin: PluginClass) -> str:
    """The version of the distribution whose entry point names the plugin; of a single file the class's own."""
    package = plugin.__module__.partition(".")[0]
    for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        if entry.value.partition(":")[0].partition(".")[0] == package and entry.dist is not None:
            return entry.dist.version
    return plugin.version
