"""How a column becomes a JSON value: outside forms, masks, and objects of more than fifty pairs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from arrears.graphql.declarations import Mask

# A function call takes at most 100 arguments in PostgreSQL, hence 50 pairs.
_PAIRS = 50


def quoted(text: str) -> str:
    """A text literal of SQL inside a psycopg query: percent signs doubled, backslashes plain."""
    doubled = text.replace("'", "''").replace("%", "%%")
    return f"'{doubled}'"


def public_id(prefix: str, expression: str) -> str:
    """The outside form of an id."""
    return f"('{prefix}_' || replace({expression}::text, '-', ''))"


def leaf(expression: str, python_type: Any) -> str:
    """The JSON value of a column by the Python type that its field is declared with."""
    if python_type is datetime.datetime:
        return f"to_char(({expression}) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    if python_type is Decimal:
        return f"({expression})::text"
    return expression


def masked(expression: str, mask: Mask) -> str:
    """What a role sees that may not see the value."""
    match mask:
        case Mask.PHONE:
            return f"(left({expression}, 3) || '…' || right({expression}, 2))"
        case Mask.EMAIL:
            return f"(left({expression}, 1) || '…@' || split_part({expression}, '@', 2))"
        case Mask.CONTACT:
            # A number, an e-mail address or a handle: each as its own kind, told apart by their forms.
            return (
                f"(case when strpos({expression}, '@') > 0 then {masked(expression, Mask.EMAIL)}"
                f" when left({expression}, 1) = '+' then {masked(expression, Mask.PHONE)}"
                f" else {masked(expression, Mask.TEXT)} end)"
            )
        case Mask.TEXT:
            return f"(left({expression}, 1) || '…')"
        case Mask.HIDDEN:
            return f"nullif({expression}, {expression})"


def money_text(minor: str, currency: str) -> str:
    """The exact decimal text of minor units."""
    return f"money_text({minor}, {currency})"


def json_object(pairs: Sequence[tuple[str, str]]) -> str:
    """A JSON object with its keys in the order given, of any number of pairs."""
    chunks = [pairs[start : start + _PAIRS] for start in range(0, len(pairs), _PAIRS)] or [()]
    built = [
        "json_build_object(" + ", ".join(f"{quoted(key)}, {value}" for key, value in chunk) + ")" for chunk in chunks
    ]
    if len(built) == 1:
        return built[0]
    # Spliced as text: each chunk without its braces, so that the order of the keys is the caller's.
    inner = " || ',' || ".join(f"substr({part}::text, 2, length({part}::text) - 2)" for part in built)
    return f"('{{' || {inner} || '}}')::json"
