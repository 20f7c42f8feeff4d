"""The database's errors in the words that a caller can act upon."""

from __future__ import annotations

import psycopg
import psycopg_pool
import sqlalchemy.exc
from sqlalchemy.orm.exc import StaleDataError

from arrears_sdk.errors import (
    ArrearsError,
    ConflictError,
    ErrorCode,
    FaultError,
    InputError,
    LimitError,
    NotFoundError,
    RefusedError,
    TemporaryError,
)

# Serialisation failure and deadlock: the same transaction, run again, is likely to succeed.
REPEATABLE = frozenset({"40001", "40P01"})

_READ_ONLY = "25006"

# Disk full, out of memory, too many connections, read-only, shutting down, starting up, cannot lock in time.
_TEMPORARY_STATES = frozenset(
    {_READ_ONLY, "53000", "53100", "53200", "53300", "55P03", "57P01", "57P02", "57P03", "57P05"}
)

# Where PostgreSQL checks rows against policies; unlike the message it is the same in every language.
_ROW_CHECK = "ExecWithCheckOptions"

_RETRY_AFTER_SECONDS = 1.0


def cause(error: BaseException) -> BaseException:
    """The driver's own error inside SQLAlchemy's wrapping."""
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        return error.orig
    return error


def state(error: BaseException) -> str | None:
    """The five-letter SQLSTATE of an error that came from the server, else None."""
    inner = cause(error)
    return inner.sqlstate if isinstance(inner, psycopg.Error) else None


def is_connection_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that the transaction on it is gone too, unless its commit was under way."""
    inner = cause(error)
    if isinstance(inner, (psycopg.errors.PipelineAborted, psycopg_pool.PoolTimeout)):
        return False
    if isinstance(inner, psycopg.OperationalError):
        return inner.sqlstate is None or (inner.sqlstate[:2] in ("08", "57") and inner.sqlstate != "57014")
    return isinstance(error, sqlalchemy.exc.DBAPIError) and error.connection_invalidated


def spoils_connections(error: BaseException) -> bool:
    """Whether connections made before this error are of no use after it: the server went away, or became read-only."""
    return is_connection_lost(error) or state(error) == _READ_ONLY


def translate(error: BaseException, *, reading: bool = False) -> ArrearsError | None:
    """The error for the caller, or None when this is not an error of the database."""
    if isinstance(error, (psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed, sqlalchemy.exc.TimeoutError)):
        return unavailable("The database has no connection free at the moment.")
    if isinstance(error, StaleDataError):
        return stale()
    inner = cause(error)
    if not isinstance(inner, psycopg.Error):
        return None
    code = inner.sqlstate
    if code in REPEATABLE:
        return TemporaryError(
            "Others changed the same records at the same moment.",
            code=ErrorCode.UNAVAILABLE,
            retry_after_seconds=_RETRY_AFTER_SECONDS,
        )
    if code == "57014":
        return LimitError("This takes longer than one request may take.", code=ErrorCode.LIMIT_EXCEEDED)
    if reading and code == _READ_ONLY:
        # A read that tries to write is our mistake; a write that cannot is the database's state.
        return _refusal(inner, code)
    if code in _TEMPORARY_STATES or is_connection_lost(error):
        return unavailable("The database cannot take this at the moment.")
    return _refusal(inner, code)


def stale(field: tuple[str, ...] = ()) -> ConflictError:
    """The error for a change that was decided upon an earlier state of the record."""
    message = "Someone else changed this since you read it. Reload and try again."
    return ConflictError(message, code=ErrorCode.CONFLICT, field=field)


def unavailable(message: str) -> TemporaryError:
    """An error that asks the caller to send the same again in a moment."""
    return TemporaryError(message, code=ErrorCode.UNAVAILABLE, retry_after_seconds=_RETRY_AFTER_SECONDS)


def _refusal(error: psycopg.Error, code: str | None) -> ArrearsError:
    constraint = error.diag.constraint_name
    match code:
        case "23505":
            return ConflictError(
                f"A record like this exists already ({constraint}).", code=ErrorCode.DUPLICATE_REFERENCE
            )
        case "23503":
            return NotFoundError("Nothing with this id exists among the records that you may see.")
        case "42501" if error.diag.source_function == _ROW_CHECK:
            # A row that row-level security refuses lies outside the caller's scope: as if its client did not exist.
            return NotFoundError("Nothing with this id exists among the records that you may see.")
        case "AR003":
            return RefusedError("The person's data was erased.", code=ErrorCode.PERSON_ERASED)
        case "23502" | "23514" | "22001" | "22003" | "22007" | "22008" | "22021" | "22P02" | "22P05":
            named = f" ({constraint})" if constraint else ""
            return InputError(f"A value is outside what can be stored{named}.", code=ErrorCode.INVALID_INPUT)
    return FaultError("The database refused a statement of the platform.", code=ErrorCode.INTERNAL)
