"""Which plugin violates which check, and what the suite is given to try it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.samples import ImportSample


@dataclass(frozen=True, slots=True)
class Case:
    """One plugin, as `module:Class` inside this package: some modules do harm when they are imported."""

    where: str

    def plugin(self) -> type[Plugin[Config]]:
        """The class."""
        module, _, name = self.where.partition(":")
        return cast("type[Plugin[Config]]", getattr(import_module(f"arrears_hostile.{module}"), name))

    def configs(self) -> tuple[Config, ...]:
        """Two settings where settings of two clients could mix."""
        if not self.where.endswith(":Leaking"):
            return ()
        from arrears_hostile.batches import LeakingConfig

        return (LeakingConfig(), LeakingConfig(warn=True))

    def gateway_world(self) -> Callable[[], GatewayWorld] | None:
        """A provider for gateways."""
        from arrears_hostile.gateways import World

        return World if self.where.startswith(("gateways:", "registrations:")) else None

    def import_sample(self) -> ImportSample | None:
        """A format for importers."""
        from arrears_hostile.importers import SAMPLE

        return SAMPLE if self.where.startswith("importers:") else None


CASES: Mapping[str, Case] = {
    "plugin.name": Case("definitions:Named"),
    "plugin.hooks": Case("definitions:Idle"),
    "import.works": Case("imports.failing:Failing"),
    "import.in-time": Case("imports.sleeping:Sleeping"),
    "import.no-platform": Case("imports.reaching:Reaching"),
    "import.replaces-nothing": Case("imports.replacing:Replacing"),
    "config.unknown-keys": Case("definitions:Loose"),
    "config.frozen": Case("definitions:Soft"),
    "config.schema": Case("definitions:Shapeless"),
    "config.secrets": Case("definitions:Talkative"),
    "plugin.constructs": Case("definitions:Unmakeable"),
    "plugin.lifecycle": Case("definitions:Unstoppable"),
    "batch.answers": Case("batches:Failing"),
    "batch.count": Case("batches:Miscounting"),
    "batch.types": Case("batches:Mistyping"),
    "batch.empty": Case("batches:Overeager"),
    "batch.input-unchanged": Case("batches:Meddling"),
    "batch.deterministic": Case("batches:Wavering"),
    "batch.machine-clock": Case("batches:ClockReading"),
    "batch.law": Case("batches:Gregarious"),
    "batch.order": Case("batches:FirstComes"),
    "batch.instances-apart": Case("batches:Leaking"),
    "batch.in-time": Case("batches:Sluggish"),
    "decision.findings": Case("decisions:Anonymous"),
    "decision.instants": Case("decisions:Zoneless"),
    "decision.defer-later": Case("decisions:Backward"),
    "decision.allow-end": Case("decisions:Expired"),
    "decision.defer-settles": Case("decisions:Procrastinating"),
    "decision.allow-holds": Case("decisions:Overpromising"),
    "decision.plugins-commute": Case("decisions:Listing"),
    "decision.unknown-facts": Case("decisions:Trusting"),
    "decision.bare-facts": Case("decisions:Presuming"),
    "law.rule-ids-unique": Case("law.twice:Twice"),
    "law.citations": Case("law.uncited:Uncited"),
    "law.cases": Case("law.unshown:Unshown"),
    "score.range": Case("batches:Boundless"),
    "score.reasons": Case("batches:Silent"),
    "registration.sync": Case("registrations:Awaiting"),
    "registration.ports": Case("registrations:Lacking"),
    "registration.keys": Case("registrations:Repeating"),
    "registration.pure": Case("registrations:Drifting"),
    "gateway.capabilities": Case("gateways:Boasting"),
    "gateway.webhook-forged": Case("gateways:Gullible"),
    "gateway.outcomes": Case("gateways:Mumbling"),
    "gateway.key-honoured": Case("gateways:Doubling"),
    "gateway.amounts": Case("gateways:Multiplying"),
    "gateway.declined": Case("gateways:Cheering"),
    "gateway.unmapped-status": Case("gateways:Guessing"),
    "gateway.fetch-finds": Case("gateways:Forgetting"),
    "gateway.fetch-invents-nothing": Case("gateways:Inventing"),
    "gateway.refunds": Case("gateways:Withholding"),
    "gateway.token-kept": Case("gateways:Gossiping"),
    "gateway.webhook-old": Case("gateways:Patient"),
    "gateway.webhook-ids": Case("gateways:Renaming"),
    "strategy.frame": Case("strategies:Shortened"),
    "strategy.words": Case("strategies:Neologistic"),
    "strategy.own-accounts": Case("strategies:Mingling"),
    "strategy.empty": Case("strategies:Hungry"),
    "strategy.input-unchanged": Case("strategies:Defacing"),
    "strategy.deterministic": Case("strategies:Dicing"),
    "strategy.machine-clock": Case("strategies:Watching"),
    "strategy.debtor-law": Case("strategies:Comparing"),
    "strategy.order-law": Case("strategies:Queueing"),
    "importer.mapping": Case("importers:Approving"),
    "importer.rows": Case("importers:Skipping"),
    "importer.bad-rows": Case("importers:Fragile"),
    "importer.lazy": Case("importers:Greedy"),
    "subscriber.events": Case("subscribers:Echoing"),
    "subscriber.handles": Case("subscribers:Choking"),
    "subscriber.twice": Case("subscribers:Counting"),
    "graphql.names": Case("schema_parts:Misnaming"),
    "graphql.permissions": Case("schema_parts:Unguarded"),
    "graphql.descriptions": Case("schema_parts:Wordless"),
    "graphql.types": Case("schema_parts:Amorphous"),
    "graphql.answers": Case("schema_parts:Shifting"),
    "duty.honest": Case("keepers:Secretive"),
    "duty.export": Case("keepers:Illegible"),
    "duty.erase": Case("keepers:Clinging"),
    "duty.erase-twice": Case("keepers:Touchy"),
    "memory.steady": Case("batches:Hoarding"),
}
"""The check that each plugin violates, and no other."""
