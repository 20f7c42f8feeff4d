"""Whose debts the FDCPA and Regulation F reach: the gate that every rule of theirs asks first."""

from __future__ import annotations

from typing import NamedTuple

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, latest
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Fact, PaymentAttempt
from arrears_sdk.vocabulary import CollectorRole as Role, DebtorKind, Purpose
from arrears_us_federal.packs import ACTIONS, CONTACTS, PAYMENTS

COVERAGE = "15 USC 1692a(5),(6)"
_COLLECTORS = frozenset({Role.THIRD_PARTY, Role.DEBT_BUYER, Role.ATTORNEY})
_NEVER = frozenset({Role.AFFILIATE_OF_CREDITOR, Role.GOVERNMENT})


class _Last(NamedTuple):
    """What was found of the attempt that was asked about last: most rules about one ask the same."""

    attempt: Attempt | None
    accounts: tuple[Account, ...]


# Changed as a whole only, so that threads see the accounts of the attempt that they see.
_last = [_Last(None, ())]


def covered_accounts(attempt: Attempt) -> tuple[Account, ...]:
    """The debts of an attempt that the FDCPA reaches; a contact about several is held to the rules of these."""
    last = _last[0]
    if last[0] is attempt:
        return last[1]
    found = _covered_accounts(attempt)
    _last[0] = _Last(attempt, found)
    return found


def _covered_accounts(attempt: Attempt) -> tuple[Account, ...]:
    accounts = attempt.accounts if isinstance(attempt, ContactAttempt) else (attempt.account,)
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return ()
    if not attempt.facts:
        for account in accounts:
            if account.purpose is not Purpose.CONSUMER or account.collector_role not in _COLLECTORS:
                break
        else:
            return accounts
    return tuple(account for account in accounts if covers(attempt, account))


def covered(attempt: Attempt) -> bool:
    """Whether the FDCPA and Regulation F bind an attempt: at least one of its debts is covered, or none is known."""
    if covered_accounts(attempt):
        return True
    if isinstance(attempt, ContactAttempt) and not attempt.accounts:
        return attempt.debtor.kind is DebtorKind.PERSON
    return False


def covers(attempt: Attempt, account: Account) -> bool:
    """Whether one debt of an attempt is covered.

    A debt buyer, an agency or a lawyer is bound unless the debt was not in default when it was obtained; who serviced
    it before default is bound only if it was; a creditor only in a name that is not its own. What is not known of
    these is read as the role says: an agency's debt was in default, a creditor collects in its own name.
    """
    if account.purpose is not Purpose.CONSUMER or attempt.debtor.kind is not DebtorKind.PERSON:
        return False
    role = account.collector_role
    if role in _NEVER:
        return False
    if role is Role.FIRST_PARTY:
        return _word(attempt, account, FactKind.COLLECTOR_NAME) == "OTHER"
    in_default = _word(attempt, account, FactKind.OBTAINED_IN_DEFAULT)
    if role is Role.SERVICER_PREDEFAULT:
        return in_default == "YES"
    return in_default != "NO"


def _word(attempt: Attempt, account: Account, kind: FactKind) -> str | None:
    """What the latest fact of a kind says of a debt; one of that debt goes before one of all debts."""
    if not attempt.facts:
        return None
    held = [fact for fact in attempt.facts if fact.kind is kind and _holds(fact, attempt, account)]
    own = [fact for fact in held if fact.account_id is not None]
    found = latest(own or held)
    return None if found is None else found.word


def _holds(fact: Fact, attempt: Attempt, account: Account) -> bool:
    if fact.account_id is not None and fact.account_id != account.id:
        return False
    return fact.starts_at <= attempt.at and (fact.ends_at is None or attempt.at < fact.ends_at)


@CONTACTS.rule("us.fdcpa.coverage", citation=COVERAGE, jurisdiction="US")
def contact_coverage(attempt: ContactAttempt) -> Ruling | None:
    """The FDCPA reaches consumer debts that somebody collects for another, or bought in default. It never objects: it
    decides whether the other rules of the FDCPA and of Regulation F are asked.
    """
    return None


@ACTIONS.rule("us.fdcpa.coverage", citation=COVERAGE, jurisdiction="US")
def action_coverage(attempt: ActionAttempt) -> Ruling | None:
    """The FDCPA reaches consumer debts that somebody collects for another, or bought in default. It never objects: it
    decides whether the other rules of the FDCPA and of Regulation F are asked.
    """
    return None


@PAYMENTS.rule("us.fdcpa.coverage", citation=COVERAGE, jurisdiction="US")
def payment_coverage(attempt: PaymentAttempt) -> Ruling | None:
    """The FDCPA reaches consumer debts that somebody collects for another, or bought in default. It never objects: it
    decides whether the other rules of the FDCPA and of Regulation F are asked.
    """
    return None
