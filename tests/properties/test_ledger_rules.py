"""Laws of the ledger's pure rules: nothing is lost or made when amounts are spread, posted and undone."""

from __future__ import annotations

from hypothesis import given, strategies as st

from arrears.ledger.history import Effect
from arrears.ledger.model import (
    ALLOCATION_ORDER,
    BOOK_OF,
    DebtComponent,
    EntryKind,
    LedgerAccount,
    LedgerBook,
    Line,
    change_by_component,
    lines_of,
)
from arrears.ledger.waterfalls import USUAL, spread

AMOUNTS = st.dictionaries(st.sampled_from(DebtComponent), st.integers(min_value=-(2**60), max_value=2**60))
OWED = st.dictionaries(st.sampled_from(DebtComponent), st.integers(min_value=0, max_value=10**12))
KINDS = st.sampled_from([kind for kind in EntryKind if kind is not EntryKind.CORRECTION])


def sums(lines: tuple[Line, ...]) -> dict[LedgerBook, int]:
    return {
        book: sum(line.amount_minor for line in lines if BOOK_OF[line.ledger_account] is book) for book in LedgerBook
    }


def by_account(lines: tuple[Line, ...]) -> dict[LedgerAccount, int]:
    found: dict[LedgerAccount, int] = {}
    for line in lines:
        found[line.ledger_account] = found.get(line.ledger_account, 0) + line.amount_minor
    return found


@given(OWED, st.data())
def test_a_payment_adds_up_and_overpays_nothing(owed: dict[DebtComponent, int], data: st.DataObject) -> None:
    payable = sum(owed.values())
    money = data.draw(st.integers(min_value=0, max_value=payable + 100))

    lines, left = spread(money, owed, USUAL)

    shares = {line.component: line.paid_minor for line in lines}
    assert left == max(0, money - payable)
    assert sum(shares.values()) + left == money
    assert all(component and 0 < share <= owed[component] for component, share in shares.items())
    # Whoever stands later in the order gets something only when everyone before is paid.
    paid = [component for component in ALLOCATION_ORDER if component in shares]
    assert all(shares[component] == owed[component] for component in paid[:-1])


@given(AMOUNTS, AMOUNTS, st.integers(-(2**60), 2**60), KINDS, st.booleans())
def test_every_set_of_lines_balances_in_each_book_and_its_mirror_undoes_it(
    owed: dict[DebtComponent, int],
    written_off: dict[DebtComponent, int],
    surplus: int,
    kind: EntryKind,
    into_trust: bool,
) -> None:
    lines = lines_of(Effect(owed, written_off, surplus), kind, into_trust=into_trust)

    assert sums(lines) == {LedgerBook.DEBT: 0, LedgerBook.AGENCY: 0}
    assert change_by_component(lines) == {component: minor for component, minor in owed.items() if minor}
    assert change_by_component(lines + tuple(line.mirrored() for line in lines)) == {}
    assert all(line.amount_minor for line in lines)


@given(AMOUNTS, AMOUNTS, st.integers(0, 2**60))
def test_money_of_a_payment_is_what_it_recovers_and_what_is_owed_back(
    owed: dict[DebtComponent, int], written_off: dict[DebtComponent, int], surplus: int
) -> None:
    found = by_account(lines_of(Effect(owed, written_off, surplus), EntryKind.PAYMENT, into_trust=True))

    money = -sum(owed.values()) - sum(written_off.values()) + surplus
    assert found.get(LedgerAccount.RECOVERED, 0) - found.get(LedgerAccount.REFUNDS_PAYABLE, 0) == money
    assert found.get(LedgerAccount.TRUST_BANK, 0) == money
    assert found.get(LedgerAccount.CLIENT_PAYABLE, 0) == surplus - money


@given(AMOUNTS)
def test_what_is_given_up_stands_as_written_off(owed: dict[DebtComponent, int]) -> None:
    given_up = {component: -minor for component, minor in owed.items()}

    found = by_account(lines_of(Effect(owed, given_up), EntryKind.WRITE_OFF, into_trust=False))

    assert found.get(LedgerAccount.WRITTEN_OFF, 0) == -sum(owed.values())
    assert found.keys() <= {LedgerAccount.RECEIVABLE, LedgerAccount.WRITTEN_OFF}
