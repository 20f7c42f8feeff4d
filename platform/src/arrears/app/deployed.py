"""The application of an open deployment, and serving it together with its background jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from arrears.access.authentication import Authenticator
from arrears.access.issuers import Issuer
from arrears.app.application import Application, create_app
from arrears.app.decisions import decision_routes
from arrears.app.server import ServerSettings, serve
from arrears.app.statements import statement_routes
from arrears.app.webhooks import webhook_routes
from arrears.deployment import Deployment
from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.engine import PlanningEngine
from arrears.kernel.migrations import newest_revision
from arrears.kernel.outgoing import Outgoing
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.plugins.host import PluginHost
from arrears.schema import schema_of
from arrears.settings import Settings
from arrears_sdk.errors import FaultError

# A database that needs longer than this for nothing is not ready for anything.
READY_TIMEOUT_MS = 1_500

EXAMPLE = """# The accounts that are longest past due: who owes, to whom, and what happened last.
query Worklist {
  accounts(first: 10, where: { standing: { eq: PAST_DUE } }, orderBy: { field: DUE_ON }) {
    nodes {
      reference
      daysPastDue
      balance { amount currency }
      client { name }
      debtor { displayName }
      interactions(first: 3) { nodes { startedAt channel result } }
    }
    totalCount
    pageInfo { hasNextPage endCursor }
  }
}
"""


def application_of(deployment: Deployment) -> Application:
    """The ASGI application that answers for the deployment."""
    database = deployment.database
    plugins = deployment.services.find(PluginHost)
    engine = PlanningEngine(
        schema_of(plugins),
        database=database,
        clock=deployment.clock,
        vault=deployment.vault,
        services=deployment.services,
    )
    revision = newest_revision()
    authenticator = Authenticator(database, deployment.vault, issuers(deployment.settings))

    async def database_answers() -> None:
        await database.read(Scope.everything(), "select 1", timeout_ms=READY_TIMEOUT_MS)

    async def schema_is_ours() -> None:
        # Somebody may migrate the database while an older version still serves.
        found = await database.read(
            Scope.everything(), "select version_num from public.alembic_version", timeout_ms=READY_TIMEOUT_MS
        )
        if [str(row[0]) for row in found] != [revision]:
            raise FaultError(f"The database has another schema than {revision}, which this version needs.")

    edge = EdgeSettings(allowed_origins=deployment.settings.listed("allowed_origins"))
    checks = {"database": database_answers, "schema": schema_is_ours}
    routes = [*webhook_routes(lambda: deployment.context(Principal.system("webhooks")))]
    routes += [*decision_routes(deployment.context), *statement_routes(deployment.context)]
    return create_app(
        engine, authenticator.authenticate, edge=edge, checks=checks, example_query=EXAMPLE, routes=routes
    )


def issuers(settings: Settings) -> list[Issuer]:
    """The issuers whose access tokens are accepted: the one that the settings name, or none."""
    if settings.token_issuer is None or settings.token_audience is None or settings.token_keys_url is None:
        return []
    issuer = Issuer(
        settings.token_issuer,
        settings.token_audience,
        settings.token_keys_url,
        settings.listed("token_algorithms"),
        outgoing=Outgoing(allow_private=settings.token_keys_private),
    )
    return [issuer]


async def serve_deployment(
    deployment: Deployment,
    stop: asyncio.Event,
    *,
    with_worker: bool,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve the API, and run background jobs beside it when asked to, until `stop`; then end both gracefully."""
    settings = deployment.settings
    listening = ServerSettings(
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.listed("trusted_proxies"),
        https_only=settings.https_only,
    )
    worker = deployment.worker() if with_worker else None
    async with deployment.following_clock(), asyncio.TaskGroup() as tasks:
        if worker is not None:
            tasks.create_task(worker.run(), name="worker")
        try:
            await serve(application_of(deployment), listening, stop, started=started)
        finally:
            # The jobs go on until the last request has been answered.
            if worker is not None:
                worker.stop()
