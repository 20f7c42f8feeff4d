"""What HTTP exchanges, event streams and sockets share."""

from __future__ import annotations

from arrears.graphql.edge.admission import InFlight, OpenStreams
from arrears.graphql.edge.authentication import Gatekeeper
from arrears.graphql.edge.engine import Authenticate, Engine
from arrears.graphql.edge.holding import Holding
from arrears.graphql.edge.origin import Origins
from arrears.graphql.edge.revocation import CredentialWatch
from arrears.graphql.edge.settings import EdgeSettings


class Services:
    """The engine, and everything that bounds what reaches it."""

    def __init__(self, engine: Engine, authenticate: Authenticate, settings: EdgeSettings) -> None:
        self.engine = engine
        self.settings = settings
        self.gatekeeper = Gatekeeper(authenticate, settings)
        self.in_flight = InFlight(
            settings.max_in_flight,
            "requests at once",
            queue=settings.max_queued,
            queue_seconds=settings.queue_seconds,
        )
        self.holding = Holding(settings.refusal_seconds, settings.max_refusal_seconds, settings.max_held)
        self.uploads_in_flight = InFlight(settings.max_uploads_in_flight, "uploads at once")
        self.streams = OpenStreams(settings.max_streams, settings.max_streams_per_credential)
        self.watch = CredentialWatch(self.gatekeeper, settings)
        self.origins = Origins(settings.allowed_origins)

    def drain(self) -> None:
        """Takes no further work and ends the open streams; requests under way finish."""
        self.in_flight.drain()
        self.uploads_in_flight.drain()
        self.streams.drain()
