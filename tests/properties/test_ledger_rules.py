"""Laws of the ledger's pure rules: nothing is lost or made when amounts are spread, posted and undone."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from arrears.ledger.model import (
    ALLOCATION_ORDER,
    BOOK_OF,
    DebtComponent,
    LedgerAccount,
    LedgerBook,
    Line,
    allocate,
    change_by_component,
    claim_lines,
    payment_lines,
)

AMOUNTS = st.integers(min_value=0, max_value=2**62)
OWED = st.dictionaries(st.sampled_from(DebtComponent), st.integers(min_value=-(10**6), max_value=10**12))


def sums(lines: tuple[Line, ...]) -> dict[LedgerBook, int]:
    return {
        book: sum(line.amount_minor for line in lines if BOOK_OF[line.ledger_account] is book) for book in LedgerBook
    }


@given(OWED, st.data())
def test_an_allocation_adds_up_to_the_payment_and_overpays_nothing(
    owed: dict[DebtComponent, int], data: st.DataObject
) -> None:
    payable = sum(max(amount, 0) for amount in owed.values())
    amount = data.draw(st.integers(min_value=0, max_value=payable))

    shares = allocate(amount, owed)

    assert sum(shares.values()) == amount
    assert all(0 < share <= owed[component] for component, share in shares.items())
    # Whoever stands later in the order gets something only when everyone before is paid.
    paid = [component for component in ALLOCATION_ORDER if component in shares]
    assert all(shares[component] == owed[component] for component in paid[:-1])


@given(OWED, st.integers(min_value=1, max_value=10**6))
def test_more_than_is_owed_is_never_allocated(owed: dict[DebtComponent, int], excess: int) -> None:
    payable = sum(max(amount, 0) for amount in owed.values())

    with pytest.raises(ValueError, match="exceed what is owed"):
        allocate(payable + excess, owed)


@given(st.dictionaries(st.sampled_from(DebtComponent), AMOUNTS), st.booleans())
def test_every_set_of_lines_balances_in_each_book_and_its_mirror_undoes_it(
    components: dict[DebtComponent, int], into_trust: bool
) -> None:
    for lines in (claim_lines(components), payment_lines(components, into_trust=into_trust)):
        mirror = tuple(line.mirrored() for line in lines)

        assert sums(lines) == {LedgerBook.DEBT: 0, LedgerBook.AGENCY: 0}
        assert change_by_component(lines + mirror) == {}
        assert all(line.amount_minor != 0 or sum(components.values()) == 0 for line in lines)


@given(st.dictionaries(st.sampled_from(DebtComponent), AMOUNTS))
def test_what_goes_into_trust_is_owed_to_the_client(components: dict[DebtComponent, int]) -> None:
    total = sum(components.values())
    lines = payment_lines(components, into_trust=True)

    by_account = {line.ledger_account: line.amount_minor for line in lines if line.component is None}

    assert by_account == {LedgerAccount.TRUST_BANK: total, LedgerAccount.CLIENT_PAYABLE: -total}
