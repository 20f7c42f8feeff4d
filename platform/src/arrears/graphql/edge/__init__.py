"""The server side of GraphQL over HTTP: everything between the ASGI server and the engine that runs GraphQL."""

from __future__ import annotations
