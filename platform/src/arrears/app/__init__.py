"""The server: the ASGI application of a deployment, and what runs it."""

from __future__ import annotations

from arrears.app.application import Application, create_app
from arrears.app.health import Check
from arrears.app.server import ServerSettings, run, serve

__all__ = ["Application", "Check", "ServerSettings", "create_app", "run", "serve"]
