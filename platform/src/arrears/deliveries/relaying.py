"""Every committed event is noted for the subscribers of the plugins that are enabled where it happened."""

from __future__ import annotations

from collections.abc import Sequence

from arrears.deliveries.model import UNKNOWN_SUBSCRIBER
from arrears.kernel.context import Context
from arrears.kernel.database import Connection
from arrears.kernel.events import RecordedEvent, Subscriber, Subscriptions, subscriptions
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.events import EVENTS
from arrears_sdk.ids import new_id

CHANNEL = "arrears_deliveries"

# An event that is relayed again finds its deliveries there, or delivered: what was taken once may be told twice. Where
# an earlier event of the subject waits for its plugin to run, the later one waits behind it.
_NOTE = """
with wanted as (
    select id, plugin, subscriber
    from unnest(%(ids)s::uuid[], %(plugins)s::text[], %(subscribers)s::text[]) as wanted (id, plugin, subscriber)
), added as (
    insert into delivery (id, event_id, position, plugin, subscriber, client_id, subject_id)
    select distinct on (wanted.plugin, place.subscriber)
           wanted.id, %(event)s::uuid, %(position)s::bigint, wanted.plugin, place.subscriber, %(client)s::uuid,
           %(subject)s::uuid
    from wanted cross join lateral (
        select case when exists (
            select from delivery earlier
            where earlier.plugin = wanted.plugin and earlier.subscriber = %(unknown)s
              and earlier.subject_id = %(subject)s and earlier.position < %(position)s
        ) then %(unknown)s else wanted.subscriber end as subscriber
    ) place
    on conflict on constraint uq_delivery_event_id_plugin_subscriber do nothing
    returning id
)
select pg_notify(%(channel)s, '') from added limit 1
"""


async def note_deliveries(context: Context, event: RecordedEvent) -> None:
    """Note an event for each subscriber of a plugin enabled for its client, or for the deployment if it has none."""
    # Nobody can subscribe in a process that runs no plugins.
    if not context.services.offers(PluginHost):
        return
    offered = await context.service(PluginHost).subscribing(Place(event.client_id))
    wanted = []
    for plugin, found in offered.items():
        if found is None:
            wanted.append((plugin, UNKNOWN_SUBSCRIBER))
        else:
            wanted += [(plugin, bound.port.key) for bound in found if event.name in bound.port.events]
    if wanted:
        async with context.database.pool.connection() as connection:
            await note_for(connection, event, wanted)


async def note_for(connection: Connection, event: RecordedEvent, subscribers: Sequence[tuple[str, str]]) -> None:
    """Note an event for subscribers, each given by its plugin and key."""
    parameters = {
        "event": event.id,
        "position": event.position,
        "client": event.client_id,
        "subject": event.subject_id,
        "ids": [new_id() for _ in subscribers],
        "plugins": [plugin for plugin, _ in subscribers],
        "subscribers": [key for _, key in subscribers],
        "unknown": UNKNOWN_SUBSCRIBER,
        "channel": CHANNEL,
    }
    await connection.execute(_NOTE, parameters)


def subscribe(known: Subscriptions = subscriptions) -> None:
    """Have every event noted that plugins can be told of."""
    for name in EVENTS:
        known.add(Subscriber(f"deliveries.{name}", name, note_deliveries))
