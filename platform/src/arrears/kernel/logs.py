"""Logs: one JSON line an event in production, readable lines in development, masked in either.

The same chain formats what libraries log through the standard library, warnings, and exceptions that nobody caught.
Every event carries the id of the request or job at hand.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Literal, TextIO, cast

import orjson
import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from arrears.kernel.log_masking import MASK, is_sensitive_key, mask_text, mask_value

LogFormat = Literal["auto", "json", "console"]

# Made by this module itself, so that they need no masking: a masked instant would be no instant.
_OWN_KEYS: Final = frozenset({"timestamp", "level", "logger"})
# Identifiers of ours are long runs of digits now and then; they are no one's personal data.
_OUR_IDENTIFIERS: Final = frozenset({"request_id", "chain", "code"})
_TOO_TALKATIVE: Final = ("httpx", "httpcore", "asyncio", "psycopg.pool")


def configure_logs(level: str = "INFO", form: LogFormat = "auto", stream: TextIO | None = None) -> None:
    """Sends every log of the process, masked, to the stream (standard error), as JSON or for people to read.

    `auto` writes for people when the stream is a terminal. May be called again with other settings.
    """
    target = stream or sys.stderr
    for_people = form == "console" or (form == "auto" and target.isatty())
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if for_people
        else structlog.processors.JSONRenderer(serializer=_json)
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            # Masking comes last but one: whatever a processor added has been through it.
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_event, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    _pass_on_to_the_root()
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def bind_request(request_id: str, **more: str) -> None:
    """Puts the id of the request or job on every event that this task logs from now on."""
    clear_contextvars()
    bind_contextvars(request_id=request_id, **more)


@contextmanager
def request_bound(request_id: str, **more: str) -> Iterator[None]:
    """The same for the length of a block."""
    with bound_contextvars(request_id=request_id, **more):
        yield


def mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The event with personal data and secrets starred out, by key and by form."""
    masked: MutableMapping[str, Any] = {}
    for key, value in event.items():
        if key in _OWN_KEYS or (key in _OUR_IDENTIFIERS and isinstance(value, str) and value.isascii()):
            masked[key] = value if key in _OWN_KEYS else _identifier(value)
        elif key == "event":
            masked[key] = mask_text(str(value))
        elif is_sensitive_key(key) and value is not None:
            masked[key] = MASK
        else:
            masked[mask_text(key)] = mask_value(value)
    return masked


def _identifier(text: str) -> str:
    """The identifier as it is while it has the form of one; a caller may have sent anything as its request id."""
    plain = text.replace("-", "").replace("_", "")
    long_hexadecimal = len(plain) >= 32 and all(character in "0123456789abcdefABCDEF" for character in plain)
    return text if long_hexadecimal else mask_text(text)


def _shared() -> list[Processor]:
    return [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        # The plain text of the traceback: the structured one would show the values of local variables.
        structlog.processors.format_exc_info,
    ]


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=lambda value: mask_text(str(value)), option=orjson.OPT_NON_STR_KEYS).decode()


def _pass_on_to_the_root() -> None:
    """Loggers that libraries gave handlers of their own write through the masked one only."""
    for logger in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log = cast("structlog.stdlib.BoundLogger", structlog.get_logger("arrears"))
    log.critical("process.failed", exc_info=(kind, error, trace))
