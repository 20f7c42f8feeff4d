"""A settings file against a deployment: what is wrong with it, what it would change, and the file of what holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from arrears.clients.queries import References, client_references, references
from arrears.configuration.checking import load_groups, statement_faults
from arrears.configuration.commands import PlaceSettings, SettingsApply
from arrears.configuration.document import Document, FileFault, NamedPlace, Written
from arrears.configuration.faults import secret_paths
from arrears.configuration.groups import KnownGroups
from arrears.configuration.model import NOTHING, Path, nearest, same_settings
from arrears.configuration.naming import PlaceNames, place_names
from arrears.configuration.planning import (
    Difference,
    Statement,
    consequences,
    differences,
    place_order,
    with_statements,
)
from arrears.configuration.source import stored_settings
from arrears.configuration.writing import written
from arrears.kernel.context import Context
from arrears.plugins.configuring import split, unreachable
from arrears.plugins.settings import Place, SettingsSnapshot
from arrears_sdk.errors import ArrearsError
from arrears_sdk.plugin import Config


@dataclass(frozen=True)
class Checked:
    """A file whose clients and groups were looked up: what it states, or why it cannot hold.

    `notes` tell of what is no fault of the file, and should be looked at: secrets that this machine does not have.
    """

    snapshot: SettingsSnapshot
    statements: tuple[Statement, ...] = ()
    faults: tuple[FileFault, ...] = ()
    notes: tuple[FileFault, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What applying a file would change, decided upon the settings of a version."""

    version: int
    statements: tuple[Statement, ...]
    differences: tuple[Difference, ...]
    names: PlaceNames

    def change(self, reason: str | None = None) -> SettingsApply:
        """The change that carries it out, as long as nobody has changed any setting since."""
        stated = tuple(
            PlaceSettings(
                client_id=one.place.client_id,
                portfolio_id=one.place.portfolio_id,
                group=one.group,
                enabled=one.settings.enabled,
                required=one.settings.required,
                values=dict(one.settings.values),
                locked=tuple(sorted(one.settings.locked)),
            )
            for one in self.statements
        )
        return SettingsApply(version=self.version, statements=stated, reason=reason)


async def check_file(context: Context, document: Document, *, prune: bool = False) -> Checked:
    """The file as statements about this deployment's places, with every fault of it by path and line.

    Each place that the file names is to say exactly what the file says, and the deployment is always named. Places that
    it does not name stay as they are, unless `prune` empties them.
    """
    groups = KnownGroups(context)
    untouched = await groups.untouched()
    snapshot = await stored_settings(context.database, untouched)
    wanted = {place.client for place in document.places if place.client is not None}
    known = await references(context, client_references=wanted)
    everyone = [] if wanted <= known.clients.keys() else await client_references(context)
    faults = [*_unknown_places(document, known, everyone), *_unknown_groups(document, groups)]
    if faults:
        return Checked(snapshot, faults=_in_order(faults))
    stated = [(Statement(_place(one.place, known), one.group, one.settings), one) for one in document.statements]
    classes: dict[str, type[Config]] = {}
    for statement, one in stated:
        try:
            classes |= await load_groups(groups, [statement])
        except ArrearsError as error:
            faults.append(_fault(document, one.path, error.problems[0].message))
    if faults:
        return Checked(snapshot, faults=_in_order(faults))
    statements = [statement for statement, _ in stated]
    statements += _emptied(document, known, snapshot, statements, prune=prune)
    names = await place_names(context, {*snapshot.places, *(one.place for one in statements)})
    by_key = {(one.place, one.group): said for one, said in stated}
    # Against nothing at all: also what the deployment says already is looked at.
    new = with_statements(snapshot, statements)
    for statement, fault in statement_faults(SettingsSnapshot(), new, statements, classes, groups, names.name):
        said = by_key.get((statement.place, statement.group))
        path = () if said is None else said.fault_path(fault.path)
        faults.append(_fault(document, path, fault.message))
    notes = [note for statement, one in stated for note in _missing_secrets(document, one, classes.get(one.group))]
    return Checked(snapshot, tuple(statements), _in_order(faults), _in_order(notes))


async def plan_file(context: Context, checked: Checked) -> Plan:
    """What a file without faults would change."""
    changes = consequences(checked.snapshot, checked.statements)
    names = await place_names(context, (one.place for one in changes))
    found = tuple(differences(checked.snapshot, changes))
    return Plan(checked.snapshot.version, checked.statements, found, names)


async def export_file(context: Context) -> str:
    """The file of all that is set, clients and portfolios by their references; applied again, it changes nothing."""
    snapshot = await stored_settings(context.database)
    groups = KnownGroups(context)
    names = await place_names(context, snapshot.places)
    said = [
        (NamedPlace(names.client(place), names.portfolio(place)), group, groups.is_plugin(group), settings)
        for place in sorted(snapshot.places, key=place_order)
        for group, settings in sorted(snapshot.places[place].items())
    ]
    said.sort(key=lambda one: (one[0].client or "", one[0].portfolio or "", one[2], one[1]))
    return written(said, note=f"The settings of the deployment at version {snapshot.version}.")


def _place(named: NamedPlace, known: References) -> Place:
    if named.client is None:
        return Place()
    client = known.clients[named.client]
    return Place(client, None if named.portfolio is None else known.portfolios[client, named.portfolio])


def _unknown_places(document: Document, known: References, everyone: list[str]) -> Iterator[FileFault]:
    for place in document.places:
        if place.client is None:
            continue
        client = known.clients.get(place.client)
        if client is None:
            if place.portfolio is None:
                hint = nearest(place.client, everyone)
                yield _fault(document, place.path, f"There is no client {place.client!r}.{hint}")
        elif place.portfolio is not None and (client, place.portfolio) not in known.portfolios:
            own = [reference for owner, reference in known.portfolios if owner == client]
            message = f"Client {place.client} has no portfolio {place.portfolio!r}.{nearest(place.portfolio, own)}"
            yield _fault(document, place.path, message)


def _unknown_groups(document: Document, groups: KnownGroups) -> Iterator[FileFault]:
    for one in document.statements:
        if one.is_plugin and not groups.is_plugin(one.group):
            message = f"{one.group!r} is a part of the platform: its settings stand under `settings`, not `plugins`."
        elif not one.is_plugin and groups.is_plugin(one.group):
            known = groups.knows(one.group)
            message = (
                f"{one.group!r} is a plugin: it stands under `plugins`, not `settings`."
                if known
                else f"There is no group of settings {one.group!r}.{nearest(one.group, groups.names())}"
            )
        elif not groups.knows(one.group):
            message = f"There is no plugin {one.group!r}.{nearest(one.group, groups.names())}"
        else:
            continue
        yield _fault(document, one.path, message)


def _emptied(
    document: Document, known: References, snapshot: SettingsSnapshot, stated: Iterable[Statement], *, prune: bool
) -> list[Statement]:
    """The groups of which a named place shall say nothing any more, since the file does not mention them there."""
    mentioned = {(statement.place, statement.group) for statement in stated}
    named = {_place(place, known) for place in document.places}
    return [
        Statement(place, group, NOTHING)
        for place in sorted(snapshot.places, key=place_order)
        if prune or place in named
        for group, settings in sorted(snapshot.places[place].items())
        if (place, group) not in mentioned and not same_settings(settings, NOTHING)
    ]


def _missing_secrets(document: Document, said: Written, config: type[Config] | None) -> Iterator[FileFault]:
    """What the settings refer to and this machine does not have; the servers may."""
    if config is None:
        return
    values = split(said.settings.values).own if said.is_plugin else said.settings.values
    for path in secret_paths(config, values):
        value = _at(values, path)
        reason = unreachable(value) if isinstance(value, dict) else None
        if reason is not None:
            yield _fault(document, said.fault_path(("settings", *path)), f"On this machine it {reason}.")


def _at(values: Mapping[str, object], path: Path) -> object:
    found: object = values
    for step in path:
        found = found[step]  # type: ignore[index]
    return found


def _fault(document: Document, path: Path, message: str) -> FileFault:
    return FileFault(path, document.line(path), message)


def _in_order(faults: Iterable[FileFault]) -> tuple[FileFault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.where, fault.message)))
