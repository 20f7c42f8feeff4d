"""The platform's clock: the machine's, moved on in a sandbox by as much as its people asked for."""

from __future__ import annotations

import asyncio
import datetime
import time

from pydantic import AwareDatetime, model_validator

from arrears.kernel.command import Command, Result, command
from arrears.kernel.context import Context
from arrears.kernel.database import Database
from arrears.kernel.records import Event
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError, RefusedError, TemporaryError

REFRESH_SECONDS = 1.0
FURTHEST_INSTANT = datetime.datetime(9000, 1, 1, tzinfo=datetime.UTC)

_OFFSET = "select clock_offset_microseconds from deployment"
_LOCK = "select id, sandbox, clock_offset_microseconds from deployment for update"
_MOVE = "update deployment set clock_offset_microseconds = %s, version = version + 1, updated_at = clock_timestamp()"
_MICROSECOND = datetime.timedelta(microseconds=1)


class PlatformClock:
    """A clock that follows the offset stored in the database.

    It never asks the database while someone waits for the time: `keep_current()` runs in the background of a process,
    and `refresh()` where a moved clock must be seen at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._offset = datetime.timedelta(0)
        self._refreshed = 0.0

    def follow(self, offset: datetime.timedelta) -> None:
        """Go on with an offset that is known to be stored."""
        self._offset, self._refreshed = offset, time.monotonic()

    def now(self) -> datetime.datetime:
        """The present instant of the platform, aware, in UTC."""
        return datetime.datetime.now(datetime.UTC) + self._offset

    async def refresh(self, *, at_most_every_seconds: float = 0.0) -> None:
        """Read the offset again, unless that was done a moment ago."""
        if at_most_every_seconds and time.monotonic() - self._refreshed < at_most_every_seconds:
            return
        rows = await self._database.read(Scope.everything(), _OFFSET)
        self.follow(datetime.timedelta(microseconds=rows[0][0] if rows else 0))

    async def keep_current(self) -> None:
        """Refresh once a second until cancelled; while the database is away the last offset goes on."""
        while True:
            try:
                await self.refresh()
            except TemporaryError:
                self._refreshed = 0.0
            await asyncio.sleep(REFRESH_SECONDS)


class ClockMove(Command):
    """Move the clock to an instant, or by a duration: exactly one of the two."""

    to: AwareDatetime | None = None
    by: datetime.timedelta | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> ClockMove:
        if (self.to is None) == (self.by is None):
            raise ValueError("give either the instant to move to or the duration to move by")
        return self


class ClockMoved(Result):
    """Where the clock stands after the move."""

    now: AwareDatetime


@command("clock.move", permission="deployment.write")
async def move(tx: Transaction, change: ClockMove) -> ClockMoved:
    """Let time jump forwards in a sandbox; a live deployment refuses, and time never runs back."""
    connection = await tx.connection()
    # Row-level security lets only those without a limit lock what belongs to the agency.
    found = await (await connection.execute(_LOCK)).fetchone()
    if found is None:
        raise NotFoundError("There is no deployment that you may change.", code=ErrorCode.NOT_FOUND)
    deployment_id, sandbox, stored = found
    if not sandbox:
        raise RefusedError("The clock can be moved in a sandbox only.", code=ErrorCode.NOT_SANDBOX)
    # From the stored offset and not from this process's, which may be a second old: two moves to one instant are one.
    present = datetime.datetime.now(datetime.UTC) + stored * _MICROSECOND
    by = _distance(change, present)
    offset = stored + by // _MICROSECOND
    await connection.execute(_MOVE, [offset])
    before, after = present.isoformat(), (present + by).isoformat()
    tx.audit(subject="depl", subject_id=deployment_id, before={"now": before}, after={"now": after})
    tx.emit(Event("ClockMoved", "depl", deployment_id, payload={"before": before, "after": after}))
    clock = tx.context.clock
    if isinstance(clock, PlatformClock):
        tx.after_commit(lambda: clock.follow(offset * _MICROSECOND))
    return ClockMoved(now=present + by)


def _distance(change: ClockMove, present: datetime.datetime) -> datetime.timedelta:
    by = change.by if change.to is None else change.to - present
    field = ("input", "by" if change.to is None else "to")
    if by is None or by < datetime.timedelta(0):
        raise InputError("The clock is only moved forwards.", code=ErrorCode.INVALID_INPUT, field=field)
    if by > FURTHEST_INSTANT - present:
        raise InputError("That is too far ahead.", code=ErrorCode.INVALID_INPUT, field=field)
    return by


async def move_clock(
    context: Context,
    *,
    to: datetime.datetime | None = None,
    by: datetime.timedelta | None = None,
    idempotency_key: str | None = None,
) -> datetime.datetime:
    """Move the deployment's clock and give the new instant; this process sees it at once, others within a second."""
    return (await move(context, ClockMove(to=to, by=by), idempotency_key=idempotency_key)).result.now
