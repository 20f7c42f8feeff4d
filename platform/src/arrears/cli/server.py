"""`arrears serve`, `arrears worker` and `arrears health`."""

from __future__ import annotations

from typing import Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, PluginOption, settings_for
from arrears.cli.output import note, print_json, say, serve_until_stopped

HostOption = Annotated[str | None, typer.Option(help="The address to listen on; else ARREARS_HOST, else 127.0.0.1.")]
PortOption = Annotated[int | None, typer.Option(min=0, max=65535, help="The port; else ARREARS_PORT, else 8000.")]


def serve(
    data: DataOption = None,
    host: HostOption = None,
    port: PortOption = None,
    worker: Annotated[
        bool | None,
        typer.Option("--worker/--no-worker", help="Run background jobs too; by default with the embedded database."),
    ] = None,
    plugin: PluginOption = None,
) -> None:
    """Serve the GraphQL API; with the embedded database, run background jobs as well."""
    given = {"host": host, "port": port, "worker_in_server": worker}

    async def run() -> None:
        from arrears.app.deployed import serve_deployment
        from arrears.cli.stopping import stop_requests
        from arrears.deployment import open_deployment

        chosen = {name: value for name, value in given.items() if value is not None}
        settings = settings_for(data, quiet=False, plugins=plugin, **chosen)
        with stop_requests() as stop:
            async with open_deployment(settings, strict=True) as deployment:
                await serve_deployment(
                    deployment,
                    stop,
                    with_worker=settings.runs_worker,
                    started=lambda address: note(f"Serving {address}/graphql; GraphiQL at {address}/graphiql."),
                )

    serve_until_stopped(run())


def worker(
    data: DataOption = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=64, help="Jobs to run at a time.")] = None,
    plugin: PluginOption = None,
) -> None:
    """Run background jobs; start as many of these as needed, on as many machines."""

    async def run() -> None:
        from arrears.cli.stopping import stop_requests
        from arrears.deployment import open_deployment

        given = {} if concurrency is None else {"worker_concurrency": concurrency}
        with stop_requests() as stop:
            async with (
                open_deployment(settings_for(data, quiet=False, plugins=plugin, **given), strict=True) as deployment,
                deployment.following_clock(),
            ):
                note("Working; Ctrl-C ends it after the jobs under way.")
                await deployment.worker().run_until(stop)

    serve_until_stopped(run())


def health(
    url: Annotated[str | None, typer.Option(help="Where the server is; else by ARREARS_HOST and ARREARS_PORT.")] = None,
    json: JsonOption = False,
) -> None:
    """Ask a running server whether it is ready; exit code 1 when it is not."""
    import httpx

    settings = settings_for(None)
    address = (url or f"http://{settings.host}:{settings.port}").rstrip("/")
    answer: dict[str, object]
    try:
        response = httpx.get(f"{address}/readyz", timeout=5.0)
        ready, answer = response.status_code == 200, response.json()
    except (httpx.HTTPError, ValueError) as error:
        ready, answer = False, {"status": "unreachable", "reason": str(error) or type(error).__name__}
    if json:
        print_json({"url": address, "ready": ready, **answer})
    else:
        details = answer.get("checks") or answer.get("reason") or ""
        say(f"{address} is {answer.get('status', 'of unknown state')}{f': {details}' if details else ''}.")
    if not ready:
        raise typer.Exit(1)
