"""What a set of statements would change: the statements that say something new, and what their locks take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from arrears.configuration.model import ENABLED, NOTHING, same_settings, same_value
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingScope, SettingsSnapshot
from arrears_sdk.events import JsonValue


@dataclass(frozen=True)
class Statement:
    """All that one place is to say about one group; a group of which nothing is said is left to wider places."""

    place: Place
    group: str
    settings: GroupSettings


@dataclass(frozen=True)
class LockedSetting:
    """A statement about something that a wider place has locked."""

    statement: Statement
    name: str
    locked_at: SettingScope


@dataclass(frozen=True)
class Difference:
    """One thing that would be said otherwise: `enabled`, `required`, `locked`, or `settings.NAME`."""

    place: Place
    group: str
    name: str
    before: JsonValue
    after: JsonValue
    was_set: bool
    is_set: bool


def says(snapshot: SettingsSnapshot, place: Place, group: str) -> GroupSettings:
    """What a place itself says about a group."""
    return snapshot.places.get(place, {}).get(group, NOTHING)


def with_statements(snapshot: SettingsSnapshot, statements: Iterable[Statement]) -> SettingsSnapshot:
    """The snapshot as it would be, under the same version."""
    places = {place: dict(groups) for place, groups in snapshot.places.items()}
    for statement in statements:
        groups = places.setdefault(statement.place, {})
        groups.pop(statement.group, None)
        if not same_settings(statement.settings, NOTHING):
            groups[statement.group] = statement.settings
    return replace(snapshot, places={place: groups for place, groups in places.items() if groups})


def locked_settings(snapshot: SettingsSnapshot, statements: Iterable[Statement]) -> Iterator[LockedSetting]:
    """Where statements speak of something that a wider place of the snapshot has locked."""
    for statement in statements:
        locks = wider_locks(snapshot, statement.place, statement.group)
        for name in _names(statement.settings):
            if name in locks:
                yield LockedSetting(statement, name, locks[name])


def wider_locks(snapshot: SettingsSnapshot, place: Place, group: str) -> dict[str, SettingScope]:
    """What the places around a place have locked, each with the widest scope that did."""
    found = dict.fromkeys(snapshot.defaults.get(group, NOTHING).locked, SettingScope.DEFAULT)
    for wider in place.outwards():
        if wider != place:
            for name in says(snapshot, wider, group).locked:
                found.setdefault(name, wider.scope)
    return found


def consequences(snapshot: SettingsSnapshot, statements: Sequence[Statement]) -> list[Statement]:
    """The statements that say something new, and after them those of narrower places whose settings a lock takes away.

    So no place ever says what is not heard: what is stored is what holds.
    """
    new = with_statements(snapshot, statements)
    stated = {(statement.place, statement.group) for statement in statements}
    cleared = [
        Statement(place, group, kept)
        for group in sorted({statement.group for statement in statements})
        for place in sorted(new.places, key=place_order)
        if group in new.places[place] and (place, group) not in stated
        if (kept := _without(says(new, place, group), wider_locks(new, place, group))) is not None
    ]
    return [
        statement
        for statement in (*statements, *cleared)
        if not same_settings(says(snapshot, statement.place, statement.group), statement.settings)
    ]


def differences(snapshot: SettingsSnapshot, statements: Iterable[Statement]) -> Iterator[Difference]:
    """What the statements change, one thing at a time, in the order of places, groups and names."""
    for statement in sorted(statements, key=lambda one: (place_order(one.place), one.group)):
        before, after = says(snapshot, statement.place, statement.group), statement.settings
        switches = (("enabled", before.enabled, after.enabled), ("required", before.required, after.required))
        for name, was, now in switches:
            if was is not now:
                yield _difference(statement, name, was, now, was is not None, now is not None)
        if before.locked != after.locked:
            old, new = sorted(before.locked), sorted(after.locked)
            yield _difference(statement, "locked", [*old], [*new], bool(old), bool(new))
        for name in sorted({*before.values, *after.values}):
            was_set, is_set = name in before.values, name in after.values
            old_value, new_value = before.values.get(name), after.values.get(name)
            if was_set != is_set or not same_value(old_value, new_value):
                yield _difference(statement, f"settings.{name}", old_value, new_value, was_set, is_set)


def affected_places(snapshot: SettingsSnapshot, statement: Statement) -> list[Place]:
    """The statement's own place, and every narrower one that says something about the group itself."""
    narrower = [
        place
        for place, groups in snapshot.places.items()
        if place != statement.place and statement.group in groups and statement.place in set(place.outwards())
    ]
    return [statement.place, *sorted(narrower, key=place_order)]


def place_order(place: Place) -> tuple[bool, str, bool, str]:
    """Places in the order in which they are shown: the deployment, then clients, each with its portfolios."""
    return (
        place != DEPLOYMENT,
        str(place.client_id or ""),
        place.portfolio_id is not None,
        str(place.portfolio_id or ""),
    )


def _difference(
    statement: Statement, name: str, before: JsonValue, after: JsonValue, was_set: bool, is_set: bool
) -> Difference:
    return Difference(statement.place, statement.group, name, before, after, was_set, is_set)


def _names(settings: GroupSettings) -> list[str]:
    return [*([ENABLED] if settings.enabled is not None else []), *sorted(settings.values)]


def _without(settings: GroupSettings, names: Iterable[str]) -> GroupSettings | None:
    """The settings without those names; None when it has none of them."""
    taken = set(names) & set(_names(settings))
    if not taken:
        return None
    return replace(
        settings,
        enabled=None if ENABLED in taken else settings.enabled,
        values={name: value for name, value in settings.values.items() if name not in taken},
    )
