"""The writers of settings. Each change is one version; all changes of one command are made together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from pydantic import Field, JsonValue

from arrears.access.model import Permission
from arrears.clients.queries import client_named
from arrears.configuration.checking import load_groups, statement_faults
from arrears.configuration.groups import KnownGroups
from arrears.configuration.model import Fault, refused, stored
from arrears.configuration.naming import PlaceNames, place_names
from arrears.configuration.planning import Statement, consequences, says, with_statements
from arrears.configuration.source import CHANGES, DatabaseSettings, after_changes
from arrears.configuration.tables import SettingsVersionRow
from arrears.kernel.command import Command, Result, command
from arrears.kernel.database_errors import stale
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.plugins.settings import GroupSettings, Place, SettingsSnapshot
from arrears_sdk.errors import AccessError, ErrorCode, InputError, RefusedError
from arrears_sdk.ids import encode_id

SETTINGS_LOCK: Final = 0x41525253455454
_TAKE_LOCK: Final = "select pg_advisory_xact_lock(%s)"
_LAST_OF_GROUP: Final = (
    "select coalesce(max(number), 0) from settings_version where group_name = %s"
    " and client_id is not distinct from %s and portfolio_id is not distinct from %s"
)
LONGEST_REASON: Final = 1000


class SettingsChange(Command):
    """What one place is to say about one group; what is left out stays.

    `settings` gives new values by name, each in place of the whole earlier one; `reset` names those that this place
    shall no longer say. `enabled` and `required` may be None, which leaves them to wider places; `locked` is the whole
    set of names that narrower places may not change.
    """

    client_id: UUID | None = None
    portfolio_id: UUID | None = None
    group: str
    version: int
    enabled: bool | None = None
    required: bool | None = None
    settings: dict[str, JsonValue] | None = None
    reset: tuple[str, ...] = ()
    locked: tuple[str, ...] | None = None
    reason: str | None = None


class PlaceSettings(Command):
    """All that one place is to say about one group."""

    client_id: UUID | None = None
    portfolio_id: UUID | None = None
    group: str
    enabled: bool | None = None
    required: bool | None = None
    values: dict[str, JsonValue] = Field(default_factory=dict)
    locked: tuple[str, ...] = ()

    def statement(self) -> Statement:
        """The same as a statement."""
        settings = GroupSettings(self.enabled, self.required, self.values, frozenset(self.locked))
        return Statement(Place(self.client_id, self.portfolio_id), self.group, settings)


class SettingsApply(Command):
    """What several places are to say, all at once, decided upon the settings of a version."""

    version: int
    statements: tuple[PlaceSettings, ...]
    reason: str | None = None


class SettingsChanged(Result):
    """The version after the change, and the ids of what was written: the change itself, then what its locks took."""

    version: int
    settings_version_ids: tuple[UUID, ...]

    @property
    def settings_version_id(self) -> UUID | None:
        """The change that was asked for; None when everything was as asked already."""
        return self.settings_version_ids[0] if self.settings_version_ids else None


@command("settings.change", permission=Permission.SETTINGS_WRITE)
async def settings_change(tx: Transaction, change: SettingsChange) -> SettingsChanged:
    """Changes what one place says about one group.

    CONFLICT when it was changed since the caller's version, SETTING_LOCKED where a wider place decides, SECRET_IN_PLAIN
    for a secret itself, NOT_FOUND for an unknown group; each other fault with the path of the setting.
    """
    place = await _place(tx, change.client_id, change.portfolio_id, ("input",))
    _check_writer(tx)
    groups = KnownGroups(tx.context)
    # A first look without the lock: importing a plugin may take its time, and nobody else has to wait for that.
    untouched = await groups.untouched()
    draft = _patched(await current_settings(tx, untouched), place, change)
    classes = await load_groups(groups, [draft], "input", "group")
    snapshot = await _locked_settings(tx, untouched)
    if change.version < await _last_number(tx, place, change.group) or change.version > snapshot.version:
        raise stale(("input", "version"))
    statement = _patched(snapshot, place, change)
    named = await _names(tx, snapshot)
    new = with_statements(snapshot, [statement])
    _refuse(fault for _, fault in statement_faults(snapshot, new, [statement], classes, groups, named.name))
    return await _write(tx, snapshot, [statement], change.reason)


@command("settings.apply", permission=Permission.SETTINGS_WRITE)
async def settings_apply(tx: Transaction, change: SettingsApply) -> SettingsChanged:
    """Makes places say exactly what is listed, as `arrears config apply` does; places not listed stay.

    CONFLICT when any setting was changed since the version that the list was made for.
    """
    _check_writer(tx)
    groups = KnownGroups(tx.context)
    statements = [one.statement() for one in change.statements]
    classes = await load_groups(groups, statements, "input", "statements")
    snapshot = await _locked_settings(tx, await groups.untouched())
    if change.version != snapshot.version:
        raise stale(("input", "version"))
    for number, one in enumerate(change.statements):
        await _place(tx, one.client_id, one.portfolio_id, ("input", "statements", str(number)))
    new = with_statements(snapshot, statements)
    named = await _names(tx, new)
    _refuse(
        replace(fault, message=f"{named.name(statement.place)}, {statement.group}: {fault.message}")
        for statement, fault in statement_faults(snapshot, new, statements, classes, groups, named.name)
    )
    return await _write(tx, snapshot, statements, change.reason)


async def current_settings(tx: Transaction, untouched: SettingsSnapshot) -> SettingsSnapshot:
    """The settings as this transaction sees them."""
    connection = await tx.connection()
    rows = await (await connection.execute(CHANGES.encode(), {"known": 0})).fetchall()
    return after_changes(untouched, rows)


def _check_writer(tx: Transaction) -> None:
    # Settings choose which code runs and which secrets it is given, which concerns everyone.
    if tx.context.principal.scope.kind != "all":
        raise AccessError("Only someone who may see every client can change settings.", code=ErrorCode.FORBIDDEN)


async def _place(tx: Transaction, client_id: UUID | None, portfolio_id: UUID | None, field: tuple[str, ...]) -> Place:
    return Place(await client_named(tx, client_id, portfolio_id, field), portfolio_id)


def _patched(snapshot: SettingsSnapshot, place: Place, change: SettingsChange) -> Statement:
    """All that the place is to say: what it says, with the change."""
    kept = says(snapshot, place, change.group)
    given = change.model_fields_set
    new = change.settings or {}
    if both := sorted(set(new) & set(change.reset)):
        raise InputError(f"{both[0][:60]!r} is both given and reset.", field=("input", "reset"))
    values = {name: value for name, value in kept.values.items() if name not in change.reset} | new
    settings = GroupSettings(
        enabled=change.enabled if "enabled" in given else kept.enabled,
        required=change.required if "required" in given else kept.required,
        values=values,
        locked=kept.locked if change.locked is None else frozenset(change.locked),
    )
    return Statement(place, change.group, settings)


async def _locked_settings(tx: Transaction, untouched: SettingsSnapshot) -> SettingsSnapshot:
    """The settings, which nobody else changes until this transaction ends."""
    connection = await tx.connection()
    await connection.execute(_TAKE_LOCK, [SETTINGS_LOCK])
    return await current_settings(tx, untouched)


async def _last_number(tx: Transaction, place: Place, group: str) -> int:
    connection = await tx.connection()
    cursor = await connection.execute(_LAST_OF_GROUP, [group, place.client_id, place.portfolio_id])
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _names(tx: Transaction, snapshot: SettingsSnapshot) -> PlaceNames:
    return await place_names(tx.context, snapshot.places)


def _refuse(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if not found:
        return
    # What the state forbids is told apart from what the input has wrong; with both, the input comes first.
    locked = [fault for fault in found if fault.code == ErrorCode.SETTING_LOCKED]
    wrong = [fault for fault in found if fault.code != ErrorCode.SETTING_LOCKED]
    if wrong:
        raise refused(wrong, "input")
    raise RefusedError.of(refused(locked, "input").problems)


async def _write(
    tx: Transaction, snapshot: SettingsSnapshot, statements: Sequence[Statement], reason: str | None
) -> SettingsChanged:
    principal = tx.context.principal
    told = reason if reason is not None else tx.context.reason
    if told is not None and len(told) > LONGEST_REASON:
        raise InputError(f"A reason may have {LONGEST_REASON} characters.", field=("input", "reason"))
    ids = []
    number = snapshot.version
    for statement in consequences(snapshot, statements):
        number += 1
        place = statement.place
        row = SettingsVersionRow(
            number=number,
            client_id=place.client_id,
            portfolio_id=place.portfolio_id,
            group_name=statement.group,
            before=stored(says(snapshot, place, statement.group)),
            after=stored(statement.settings),
            principal_id=principal.id,
            principal_name=principal.name if principal.kind == "SYSTEM" else None,
            reason=None if told is None else mask_card_numbers(told),
            changed_at=tx.now,
        )
        tx.session.add(row)
        where = _where(statement)
        tx.audit(
            subject="sett",
            subject_id=row.id,
            client_id=place.client_id,
            before={**where, "says": row.before},
            after={**where, "says": row.after, "version": number},
        )
        tx.emit(Event("SettingsChanged", "sett", row.id, place.client_id, {**where, "version": number}))
        ids.append(row.id)
    services = tx.context.services
    if services.offers(DatabaseSettings):
        tx.after_commit(services.find(DatabaseSettings).changed)
    return SettingsChanged(version=number, settings_version_ids=tuple(ids))


def _where(statement: Statement) -> dict[str, str | None]:
    client_id, portfolio_id = statement.place.client_id, statement.place.portfolio_id
    return {
        "group": statement.group,
        "client_id": None if client_id is None else encode_id("clnt", client_id),
        "portfolio_id": None if portfolio_id is None else encode_id("port", portfolio_id),
    }
