"""Writing the search tokens: with the rows they come from, and again when those change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from arrears.debtors.tables import DebtorClientRow, DebtorRow
from arrears.debtors.tokens import SearchedLink, Token, tokens_for_link, tokens_for_reference
from arrears.kernel.command import load
from arrears.kernel.transaction import Transaction


@dataclass(frozen=True)
class AccountReference:
    """A client's reference of one of a debtor's accounts, by which the debtor is found."""

    account_id: UUID
    client_id: UUID
    debtor_id: UUID
    reference: str


async def write_tokens(tx: Transaction, tokens: Sequence[Token]) -> None:
    """Writes search tokens in one statement; those that stand already are left as they are."""
    if not tokens:
        return
    connection = await tx.connection()
    await connection.execute(
        """insert into search_token (kind, token, subject_id, debtor_id, client_id)
           select * from unnest(%s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[])
           on conflict do nothing""",
        (
            [token.kind.value for token in tokens],
            [token.token for token in tokens],
            [token.subject_id for token in tokens],
            [token.debtor_id for token in tokens],
            [token.client_id for token in tokens],
        ),
    )


async def replace_tokens(tx: Transaction, subject_ids: Iterable[UUID], tokens: Sequence[Token]) -> None:
    """Gives the rows with these ids the tokens instead of the ones they had."""
    connection = await tx.connection()
    await connection.execute("delete from search_token where subject_id = any(%s)", (list(subject_ids),))
    await write_tokens(tx, tokens)


async def add_reference_tokens(tx: Transaction, references: Iterable[AccountReference]) -> None:
    """Makes debtors searchable by references of their accounts, given as they are stored; for new accounts."""
    await write_tokens(tx, _reference_tokens(references))


async def replace_reference_tokens(tx: Transaction, references: Sequence[AccountReference]) -> None:
    """The same for accounts whose reference, client or debtor changed."""
    await replace_tokens(tx, [one.account_id for one in references], _reference_tokens(references))


def _reference_tokens(references: Iterable[AccountReference]) -> list[Token]:
    return [
        token
        for one in references
        for token in tokens_for_reference(one.debtor_id, one.account_id, one.client_id, one.reference)
    ]


async def renew_name_tokens(tx: Transaction, debtor_id: UUID) -> None:
    """Makes a debtor searchable by its present name for every client in scope that sees it."""
    debtor = await load(tx, DebtorRow, debtor_id, kind="dbtr")
    found = await tx.session.execute(select(DebtorClientRow).where(col(DebtorClientRow.debtor_id) == debtor.id))
    links = [SearchedLink(link.id, link.client_id, link.reference) for link in found.scalars()]
    tokens = [token for link in links for token in tokens_for_link(debtor.id, debtor.display_name, link)]
    await replace_tokens(tx, [link.subject_id for link in links], tokens)
