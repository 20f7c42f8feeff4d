"""Places in the words that people use for them: the references of clients and portfolios."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from arrears.clients.queries import References, references
from arrears.kernel.context import Context
from arrears.plugins.settings import Place
from arrears_sdk.ids import encode_id


@dataclass(frozen=True)
class PlaceNames:
    """What places are called."""

    references: References

    def client(self, place: Place) -> str | None:
        """The reference of a place's client; its id when it has gone from sight."""
        if place.client_id is None:
            return None
        return self.references.client(place.client_id) or encode_id("clnt", place.client_id)

    def portfolio(self, place: Place) -> str | None:
        """The reference of a place's portfolio; its id when it has gone from sight."""
        if place.portfolio_id is None:
            return None
        return self.references.portfolio(place.portfolio_id) or encode_id("port", place.portfolio_id)

    def name(self, place: Place) -> str:
        """The place for a sentence: the deployment, client ACME, portfolio CARDS of client ACME."""
        if place.client_id is None:
            return "the deployment"
        client = f"client {self.client(place)}"
        return client if place.portfolio_id is None else f"portfolio {self.portfolio(place)} of {client}"


async def place_names(context: Context, places: Iterable[Place]) -> PlaceNames:
    """The names of the places, as far as the principal sees their clients."""
    return PlaceNames(await references(context, ids=[one.client_id for one in places if one.client_id is not None]))
