"""What the command line says about an error, and the exit code that a script sees.

0 done; 1 a check found something wrong; 2 the input or the settings are wrong; 3 refused, forbidden or not found;
4 not available now, try again; 70 a fault of the platform; 130 interrupted.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

CHECK_FAILED = 1
WRONG_INPUT = 2
REFUSED = 3
UNAVAILABLE = 4
FAULT = 70
INTERRUPTED = 130


@dataclass(frozen=True)
class Failure:
    """One sentence for people and one number for scripts."""

    sentence: str
    exit_code: int


def explain(error: BaseException) -> Failure | None:
    """The failure to report for an error; None for one that must not be caught."""
    import typer

    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return Failure("Interrupted.", INTERRUPTED)
    if isinstance(error, typer.TyperException):
        return _misuse(error)
    if isinstance(error, BaseExceptionGroup):
        return explain(error.exceptions[0])
    if not isinstance(error, Exception):
        return None
    return _known(error) or Failure(
        f"Arrears failed unexpectedly ({type(error).__name__}: {_first_line(error)}). "
        "Run the command again as `arrears --debug ...` to see where.",
        FAULT,
    )


def _known(error: Exception) -> Failure | None:
    from arrears_sdk import errors

    if isinstance(error, errors.ArrearsError):
        sentence = "\n".join(_sentence(problem.message) for problem in error.problems)
        if isinstance(error, errors.InputError):
            return Failure(sentence, WRONG_INPUT)
        if isinstance(error, (errors.TemporaryError, errors.LimitError)):
            return Failure(sentence, UNAVAILABLE)
        if isinstance(error, errors.FaultError):
            return Failure(sentence, FAULT)
        return Failure(sentence, REFUSED)
    if "psycopg" in sys.modules:
        import psycopg

        if isinstance(error, psycopg.OperationalError):
            return Failure(f"The database cannot be used now: {_sentence(_first_line(error))}", UNAVAILABLE)
    if isinstance(error, OSError) and error.strerror:
        named = f" {error.filename}" if error.filename else ""
        return Failure(f"The operating system refused{named}: {_sentence(error.strerror)}", WRONG_INPUT)
    return None


def _misuse(error: BaseException) -> Failure:
    import typer

    assert isinstance(error, typer.TyperException)
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if context is None or type(error).__name__ == "NoArgsIsHelpError":
        return Failure(message, error.exit_code)
    return Failure(f"{_sentence(message)} See `{context.command_path} --help`.", error.exit_code)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else "no message"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
