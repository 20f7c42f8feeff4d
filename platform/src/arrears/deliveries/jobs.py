"""Makes deliveries part of what a worker does with events."""

from __future__ import annotations

from arrears.deliveries.relaying import subscribe

subscribe()
