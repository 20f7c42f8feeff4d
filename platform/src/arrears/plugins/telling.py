"""Exceptions of plugins in one line, without what looks like personal data."""

from __future__ import annotations

from arrears.kernel.log_masking import mask_text
from arrears_sdk.errors import ArrearsError

LONGEST_REASON = 300


def told(error: BaseException) -> str:
    """The kind of an exception and its message, in one short masked line."""
    try:
        problems = error.problems if isinstance(error, ArrearsError) else ()
        text = "; ".join(problem.message for problem in problems) or str(error)
    except Exception:  # noqa: BLE001 -- an exception that cannot be shown is still told of.
        text = ""
    line = " ".join(text.split())
    return mask_text(f"{type(error).__name__}: {line}" if line else type(error).__name__)[:LONGEST_REASON]
