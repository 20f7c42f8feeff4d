"""Every committed event is noted for the subscribers of the plugins that are enabled where it happened."""

from __future__ import annotations

from arrears.kernel.context import Context
from arrears.kernel.events import RecordedEvent, Subscriber, Subscriptions, subscriptions
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.events import EVENTS
from arrears_sdk.ids import new_id

CHANNEL = "arrears_deliveries"

# An event that is relayed again finds its deliveries there, or delivered: what was taken once may be told twice.
_NOTE = """
with added as (
    insert into delivery (id, event_id, position, plugin, subscriber, client_id, subject_id)
    select wanted.id, %(event)s, %(position)s, wanted.plugin, wanted.subscriber, %(client)s::uuid, %(subject)s
    from unnest(%(ids)s::uuid[], %(plugins)s::text[], %(subscribers)s::text[]) as wanted (id, plugin, subscriber)
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
    bound = await context.service(PluginHost).subscribers(event.name, Place(event.client_id))
    if not bound:
        return
    parameters = {
        "event": event.id,
        "position": event.position,
        "client": event.client_id,
        "subject": event.subject_id,
        "ids": [new_id() for _ in bound],
        "plugins": [each.plugin for each in bound],
        "subscribers": [each.port.key for each in bound],
        "channel": CHANNEL,
    }
    async with context.database.pool.connection() as connection:
        await connection.execute(_NOTE, parameters)


def subscribe(known: Subscriptions = subscriptions) -> None:
    """Have every event noted that plugins can be told of."""
    for name in EVENTS:
        known.add(Subscriber(f"deliveries.{name}", name, note_deliveries))
