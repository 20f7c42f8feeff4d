"""The rows that lists of debtors are taken from: those of a client, and those that a search finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from arrears.access.model import Permission
from arrears.debtors.model import SearchKind
from arrears.debtors.tokens import wanted_tokens
from arrears.graphql.declare import Argument
from arrears.graphql.planner.source import SourceRequest
from arrears.kernel.vault import Vault

SEARCH_ARGUMENTS = (
    Argument("text", str, "What to look for, as a person would type it."),
    Argument("kind", SearchKind | None, "What to compare it with; names and references unless given."),
)

# Whoever may not read a value may not find debtors by it either: else a masked number is found digit by digit.
_NEEDED = {
    SearchKind.PHONE: Permission.CONTACTS_REVEAL,
    SearchKind.EMAIL: Permission.CONTACTS_REVEAL,
    SearchKind.NATIONAL_ID: Permission.IDENTITY_REVEAL,
}
_COLUMNS = (("kind", "text[]"), ("low", "text[]"), ("high", "text[]"), ("part", "integer[]"), ("parts", "integer[]"))


def debtors_of_client(request: SourceRequest) -> str:
    """All debtors, or those that one client sees."""
    client = request.argument("client_id")
    if client is None:
        return "debtor"
    return (
        "(select seen.* from debtor_client link join debtor seen on seen.id = link.debtor_id"
        f" where link.client_id = {client})"
    )


def search_source(request: SourceRequest) -> str:
    """The debtors that have a token in a range of each part of the text, for one of the kinds asked for.

    The ranges are compared with `>=` and `<`, which keep their index under row-level security also where the bounds
    come from a join.
    """
    kind = request.choice("kind")
    kinds = (SearchKind.NAME, SearchKind.REFERENCE) if kind is None else (SearchKind(str(kind)),)
    for asked in kinds:
        request.require(_NEEDED.get(asked), f"debtorSearch by {asked.value}")
    bounds = ", ".join(request.derived(_column_of(kinds, name), sql_type, "text") for name, sql_type in _COLUMNS)
    return f"""(
        select seen.* from debtor seen where seen.id in (
            select found.debtor_id
            from unnest({bounds}) as wanted (kind, low, high, part, parts)
            join search_token found on found.kind = wanted.kind
                and found.token >= wanted.low and found.token < wanted.high
            group by found.debtor_id, wanted.kind
            having count(distinct wanted.part) = max(wanted.parts)))"""


def _column_of(kinds: tuple[SearchKind, ...], name: str) -> Callable[[Vault, str], list[Any]]:
    return lambda vault, text: [getattr(wanted, name) for wanted in wanted_tokens(vault, kinds, text)]
