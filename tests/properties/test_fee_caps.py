"""Whatever rules and debts there are: no cap is ever exceeded, and nothing is charged twice."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings, strategies as st

from arrears.charges.covering import FeeMove, Move, covers
from arrears.charges.model import Debt, FeeKind, FeePeriod, FeeState, KnownFee, Lateness, Part
from arrears.charges.settings import FeeRule
from arrears.charges.weighing import fees_on
from arrears.ledger.history import Rounding
from arrears_sdk.ids import new_id

FIRST = date(2026, 1, 31)
CURRENCIES = {"USD": 2, "JPY": 0, "KWD": 3}
NOBODY = UUID(int=1)


def amounts(currency: str, most: int) -> st.SearchStrategy[str]:
    places = CURRENCIES[currency]
    return st.integers(1, most).map(lambda minor: f"{minor / 10**places:.{places}f}")


@st.composite
def fee_rules(draw: st.DrawFn, currency: str, name: str) -> FeeRule:
    given: dict[str, object] = {"id": name, "kind": FeeKind.LATE, "currency": currency}
    given["after_days"] = draw(st.integers(1, 60))
    given["period"] = draw(st.sampled_from([FeePeriod.ONCE, FeePeriod.MONTHLY, FeePeriod.PER_INSTALMENT]))
    given["from_on"] = FIRST - timedelta(days=400)
    given["rounding"] = draw(st.sampled_from(list(Rounding)))
    given["account_total"] = draw(st.none() | amounts(currency, 50_000))
    given["principal_percent"] = draw(
        st.none() | st.integers(1, 2_000).map(lambda hundredths: f"{hundredths / 100:.2f}")
    )
    if draw(st.booleans()):
        given["amount"] = draw(amounts(currency, 20_000))
        return FeeRule.model_validate(given)
    given["percent"] = draw(st.integers(1, 10_000).map(lambda hundredths: f"{hundredths / 100:.2f}"))
    bounds = sorted(draw(st.lists(st.integers(1, 20_000), min_size=2, max_size=2)))
    for bound, minor in zip(("minimum", "maximum"), bounds, strict=True):
        places = CURRENCIES[currency]
        given[bound] = draw(st.none() | st.just(f"{minor / 10**places:.{places}f}"))
    return FeeRule.model_validate(given)


@st.composite
def books(draw: st.DrawFn) -> tuple[Debt, list[FeeRule], list[Lateness]]:
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    rules = [draw(fee_rules(currency, f"rule-{number}")) for number in range(draw(st.integers(1, 3)))]
    due_on = FIRST - timedelta(days=draw(st.integers(0, 90)))
    debt = Debt(NOBODY, NOBODY, None, NOBODY, "LOAN", currency, due_on, due_on)
    principal = draw(st.integers(0, 1_000_000))
    parts = draw(st.integers(1, 3))
    days = []
    for passed in range(draw(st.integers(1, 120))):
        if draw(st.integers(0, 9)) == 0:
            principal = draw(st.integers(0, principal))
        share = principal // parts
        unpaid = tuple(Part(due_on + timedelta(days=30 * number), share, share) for number in range(parts) if share > 0)
        days.append(Lateness(FIRST + timedelta(days=passed), unpaid, principal, has_instalments=parts > 1))
    return debt, rules, days


@settings(max_examples=150, deadline=None)
@given(books())
def test_no_cap_is_exceeded_and_no_key_is_charged_twice(book: tuple[Debt, list[FeeRule], list[Lateness]]) -> None:
    debt, rules, days = book
    known: list[KnownFee] = []
    for late in days:
        for fee in fees_on(debt, late, rules, (), known):
            total = sum(one.amount_minor for one in known) + fee.amount_minor
            rule = fee.rule
            assert 0 < fee.amount_minor <= fee.computed_minor
            if rule.maximum is not None:
                assert fee.amount_minor <= rule.minor("maximum")
            if rule.minimum is not None:
                assert fee.amount_minor >= rule.minor("minimum")
            if rule.account_total is not None:
                assert total <= rule.minor("account_total")
            if rule.principal_percent is not None:
                assert total * 100 <= Fraction(rule.principal_percent) * late.principal_minor
            if rule.percent is None:
                assert fee.amount_minor <= rule.minor("amount")
            elif rule.minimum is None:
                exact = Fraction(rule.percent) * fee.occasion.base_minor / 100
                assert abs(fee.computed_minor - exact) < 1 or rule.maximum is not None
            assert fee.key not in {(one.rule, one.period) for one in known}
            assert fee.occasion.days_past_due >= rule.after_days
            known.append(KnownFee(new_id(), *fee.key, FeeState.QUOTED, fee.amount_minor, 0, fee.claim_on))
        # Asked again on the same day, there is nothing more.
        assert fees_on(debt, late, rules, (), known) == []


@st.composite
def ledgers(draw: st.DrawFn) -> list[tuple[str, int]]:
    return draw(
        st.lists(st.tuples(st.sampled_from(["raise", "pay", "back", "forgive"]), st.integers(1, 500)), max_size=30)
    )


@settings(max_examples=150, deadline=None)
@given(ledgers())
def test_what_is_paid_and_forgiven_of_fees_never_exceeds_them_and_none_of_it_is_lost(
    moves: list[tuple[str, int]],
) -> None:
    raised = paid = forgiven = 0
    told: list[FeeMove] = []
    for passed, (what, minor) in enumerate(moves):
        day = FIRST + timedelta(days=passed)
        if what == "raise":
            raised += minor
            told.append(FeeMove(day, Move.RAISED, new_id(), minor))
            continue
        room = raised - paid - forgiven
        taken = min(minor, paid) if what == "back" else min(minor, room)
        if not taken:
            continue
        if what == "forgive":
            forgiven += taken
            told.append(FeeMove(day, Move.FORGIVEN, new_id(), taken))
        else:
            paid += -taken if what == "back" else taken
            told.append(FeeMove(day, Move.PAID, new_id(), -taken if what == "back" else taken))
    found = covers(told)
    assert sum(one.paid_minor for one in found.values()) == paid
    assert sum(one.forgiven_minor for one in found.values()) == forgiven
    assert all(one.open_minor >= 0 and one.paid_minor >= 0 for one in found.values())
    still_open = [one.open_minor > 0 for one in found.values()]
    # The oldest are paid first: behind the first one that is open nothing was paid later, unless money was given back.
    if not any(what == "back" for what, _ in moves) and True in still_open:
        first = still_open.index(True)
        assert all(not one.paid_minor and not one.forgiven_minor for one in list(found.values())[first + 1 :])
