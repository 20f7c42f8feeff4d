"""Whether statements may be made: settings that exist, values that are right wherever they hold, nothing locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from arrears.configuration.faults import config_names, lock_faults, values_faults
from arrears.configuration.groups import KnownGroups
from arrears.configuration.model import ENABLED, Fault, Path, same_value, value_faults
from arrears.configuration.planning import Statement, affected_places, locked_settings, place_order
from arrears.plugins.configuring import HOST_SETTINGS, HostSettings, split
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears_sdk.errors import ErrorCode
from arrears_sdk.events import JsonValue
from arrears_sdk.plugin import Config

PlaceName = Callable[[Place], str]
Told = tuple[str, Place, Path, str]

VALUES = "settings"
LOCKED = "locked"


async def load_groups(groups: KnownGroups, statements: Sequence[Statement], *field: str) -> dict[str, type[Config]]:
    """The settings classes that checking the statements needs; plugins that are only turned off are not imported.

    Raises NotFoundError for a group that there is not, RefusedError for a plugin that cannot be imported.
    """
    classes = {}
    for statement in statements:
        group, settings = statement.group, statement.settings
        if settings.enabled or settings.values or settings.locked or not groups.is_plugin(group):
            classes[group] = await groups.config(group, *field)
        elif settings != GroupSettings() and not groups.knows(group):
            raise groups.unknown(group, *field)
    return classes


def statement_faults(
    old: SettingsSnapshot,
    new: SettingsSnapshot,
    statements: Sequence[Statement],
    classes: Mapping[str, type[Config]],
    groups: KnownGroups,
    name_of: PlaceName,
) -> Iterator[tuple[Statement, Fault]]:
    """Everything that speaks against the statements, which lead from the old settings to the new ones.

    A fault's path begins with the part of the statement that is at fault. A value is checked at every place where it
    comes to hold, so that what a client says of itself and what the deployment says fit together; such a fault names
    the client.
    """
    for locked in locked_settings(new, statements):
        path = (ENABLED,) if locked.name == ENABLED else (VALUES, locked.name)
        message = f"{locked.name!r} is locked by the {locked.locked_at.value.lower()}'s settings."
        yield locked.statement, Fault(path, message, ErrorCode.SETTING_LOCKED)
    stated = {(statement.place, statement.group) for statement in statements}
    told: set[Told] = set()
    for statement in sorted(statements, key=lambda one: place_order(one.place)):
        plugin = groups.is_plugin(statement.group)
        faults = [*_form_faults(statement, plugin=plugin)]
        if not faults and statement.group in classes:
            config = classes[statement.group]
            known = [*config_names(config), *(sorted(HOST_SETTINGS) if plugin else ())]
            faults = [_below(LOCKED, fault) for fault in lock_faults(known, statement.settings.locked)]
            for place in affected_places(new, statement):
                # What a narrower place states itself is told there.
                if place == statement.place or (place, statement.group) not in stated:
                    found = _effective_faults(old, new, statement, config, plugin, place)
                    faults += _not_yet_told(found, statement, place, told, name_of)
        for fault in faults:
            yield statement, fault


def _form_faults(statement: Statement, *, plugin: bool) -> Iterator[Fault]:
    settings = statement.settings
    for fault in value_faults(settings.values):
        yield _below(VALUES, fault)
    if not plugin:
        for name, value in (("enabled", settings.enabled), ("required", settings.required)):
            if value is not None:
                yield Fault((name,), f"{statement.group!r} is a part of the platform: it cannot be turned on or off.")
    elif statement.place != DEPLOYMENT:
        for name in sorted(HOST_SETTINGS & settings.values.keys()):
            yield Fault((VALUES, name), f"{name!r} is for the deployment to decide, not for a client or portfolio.")


def _not_yet_told(
    faults: Iterable[Fault], statement: Statement, place: Place, told: set[Told], name_of: PlaceName
) -> Iterator[Fault]:
    """The faults that no wider place has told of, each naming the place that it is found at."""
    for fault in faults:
        if any((statement.group, wider, fault.path, fault.message) in told for wider in place.outwards()):
            continue
        told.add((statement.group, place, fault.path, fault.message))
        # Beyond the statement's own place the fault may lie in what a client says: it has to be found there.
        where = "" if place == statement.place else f"For {name_of(place)}: "
        yield Fault((VALUES, *fault.path), where + fault.message, fault.code)


def _effective_faults(
    old: SettingsSnapshot,
    new: SettingsSnapshot,
    statement: Statement,
    config: type[Config],
    plugin: bool,
    place: Place,
) -> list[Fault]:
    """What is wrong with the values that come to hold at a place; nothing where nothing changes."""
    before, after = old.effective(statement.group, place), new.effective(statement.group, place)
    active = after.enabled or not plugin
    turned_on = active and not before.enabled
    if not turned_on and same_value(dict(before.values), dict(after.values)):
        return []
    own: Mapping[str, JsonValue] = after.values
    faults: list[Fault] = []
    if plugin:
        parts = split(after.values)
        own = parts.own
        faults += values_faults(HostSettings, parts.host, complete=False)
    return faults + values_faults(config, own, complete=active)


def _below(part: str, fault: Fault) -> Fault:
    return Fault((part, *fault.path), fault.message, fault.code)
