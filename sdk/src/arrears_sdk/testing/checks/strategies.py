"""What holds for strategies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from hypothesis import strategies as values

from arrears_sdk.errors import InputError
from arrears_sdk.frames import ACCOUNTS, ACTIONS, check as frame_of, empty
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.frames import accounts_frame
from arrears_sdk.testing.laws import holds_for_all
from arrears_sdk.testing.machine_clock import shown as machine_clock_shown
from arrears_sdk.testing.trial import Trial
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel

if TYPE_CHECKING:
    import polars

HOOK = ("register_strategies",)
DAY = date(2026, 3, 2)
DEBTORS = 60
KNOWN_ACTIONS = {"CONTACT", "TASK", "PAUSE", *(kind.value for kind in ActionKind)}
MACHINE_CLOCKS = (datetime(1987, 6, 5, 3, 0, tzinfo=UTC), datetime(2061, 1, 9, 15, 30, tzinfo=UTC))
_SEEDS = values.integers(0, 100_000)


class Decider:
    """A strategy under some settings, asked as the platform asks it."""

    def __init__(self, call: Callable[..., object], strategy: Strategy) -> None:
        self.key = strategy.key
        self._call = call
        self._strategy = strategy

    def decide(self, accounts: polars.DataFrame, as_of: date = DAY) -> object:
        """What it answers, as it is; what it raises is a `Violation`."""
        try:
            return self._call(self._strategy.decide, accounts, as_of=as_of)
        except Violation:
            raise
        except Exception as error:
            raise Violation(
                f"{self.key} raised {type(error).__name__} on {accounts.height} accounts: {error}"
            ) from error

    def actions(self, accounts: polars.DataFrame, as_of: date = DAY) -> polars.DataFrame:
        """Its actions, in a frame that was checked."""
        try:
            return frame_of(self.decide(accounts, as_of), ACTIONS)
        except InputError as error:
            raise Violation(f"{self.key} gives a frame that nobody can read: {error}") from error

    def rows(self, accounts: polars.DataFrame, as_of: date = DAY) -> list[str]:
        """Its actions as texts, in an order that does not depend on theirs."""
        return sorted(map(repr, self.actions(accounts, as_of).rows()))


def deciders(trial: Trial) -> Iterator[Decider]:
    """Every strategy under all of the settings."""
    for config in trial.settings:
        with trial.session(config) as session:
            for strategy in session.ports("register_strategies"):
                assert isinstance(strategy, Strategy)
                yield Decider(session.call, strategy)


def crowd(seed: int = 0, debtors: int = DEBTORS) -> polars.DataFrame:
    """A frame of accounts."""
    return accounts_frame(Builder(seed), debtors, DAY)


@check(
    "strategy.frame",
    "A column that is missing or of another type stops the night's run, and no debtor is written to.",
    hooks=HOOK,
    needs=("registration.ports",),
)
def gives_the_frame_of_actions(trial: Trial) -> None:
    """The answer has exactly the columns of `ACTIONS`, with their types."""
    for decider in deciders(trial):
        decider.actions(crowd())


@check(
    "strategy.words",
    "An action that the platform cannot carry out is left undone, and nobody notices that a debtor waits.",
    hooks=HOOK,
    needs=("strategy.frame",),
)
def uses_known_words(trial: Trial) -> None:
    """Actions and channels are known ones; a CONTACT has a channel and nothing else has."""
    for decider in deciders(trial):
        for row in decider.actions(crowd()).iter_rows(named=True):
            action, channel = row["action"], row["channel"]
            if action not in KNOWN_ACTIONS:
                raise Violation(f"{decider.key} proposes {action!r}, where one of {sorted(KNOWN_ACTIONS)} is wanted")
            if action == "CONTACT" and channel not in set(CommunicationChannel):
                raise Violation(f"{decider.key} proposes a CONTACT by {channel!r}, which is no CommunicationChannel")
            if action != "CONTACT" and channel is not None:
                raise Violation(f"{decider.key} proposes a {action} by {channel}, where only a CONTACT has a channel")
            if not row["reason"].strip() or not row["step"].strip():
                raise Violation(f"{decider.key} proposes a {action} without naming its step and its reason")


@check(
    "strategy.own-accounts",
    "An action that covers another debtor's account tells one person about another person's debt.",
    hooks=HOOK,
    needs=("strategy.frame",),
)
def actions_stay_with_their_debtor(trial: Trial) -> None:
    """Every action is about accounts that were asked about, all of one debtor, the leading one among them."""
    frame = crowd()
    debtor_of = dict(frame.select("account_id", "debtor_id").iter_rows())
    for decider in deciders(trial):
        for row in decider.actions(frame).iter_rows(named=True):
            covered = row["account_ids"]
            if row["account_id"] not in covered:
                raise Violation(f"{decider.key} proposes an action whose account is not among its account_ids")
            if strange := [account for account in covered if account not in debtor_of]:
                raise Violation(f"{decider.key} proposes an action about {strange[0]}, which was not asked about")
            if len({debtor_of[account] for account in covered}) != 1:
                raise Violation(f"{decider.key} proposes one action that covers accounts of several debtors")


@check(
    "strategy.empty",
    "A client without accounts ends the run of all clients after it.",
    hooks=HOOK,
    needs=("strategy.frame",),
)
def nothing_gives_nothing(trial: Trial) -> None:
    """A frame without rows gives a frame without rows."""
    for decider in deciders(trial):
        if height := decider.actions(empty(ACCOUNTS)).height:
            raise Violation(f"{decider.key} proposes {height} actions for no accounts")


@check(
    "strategy.input-unchanged",
    "A strategy that changes the frame changes what is decided after it on the same accounts.",
    hooks=HOOK,
    needs=("strategy.frame",),
)
def frame_stays_as_it_is(trial: Trial) -> None:
    """The frame is the same afterwards."""
    for decider in deciders(trial):
        frame = crowd()
        before = frame.clone()
        decider.decide(frame)
        if not frame.equals(before) or frame.schema != before.schema:
            raise Violation(f"{decider.key} changes the frame that it is given")


@check(
    "strategy.deterministic",
    "A preview that differs from the run promises a debtor's treatment that never comes.",
    hooks=HOOK,
    needs=("strategy.frame",),
)
def same_accounts_same_actions(trial: Trial) -> None:
    """The same accounts and day give the same actions."""
    for decider in deciders(trial):
        for seed in range(3):
            if decider.rows(crowd(seed)) != decider.rows(crowd(seed)):
                raise Violation(f"{decider.key} proposes other actions for the same accounts and day")


@check(
    "strategy.machine-clock",
    "A strategy that asks the machine's clock cannot be tried on another day, and judges by the server's midnight.",
    hooks=HOOK,
    needs=("strategy.deterministic",),
)
def day_is_a_parameter(trial: Trial) -> None:
    """The machine's clock is not looked at: the day is `as_of`."""
    given = []
    for at in MACHINE_CLOCKS:
        with machine_clock_shown(trial.plugin, at) as looks:
            found = []
            for decider in deciders(trial):
                looks.calls.clear()
                found.append(decider.rows(crowd()))
                if looks.calls:
                    raise Violation(f"{decider.key} reads the machine's clock ({looks.calls[0]}); use `as_of`")
            given.append(found)
    if given[0] != given[1]:
        raise Violation("proposes other actions when the machine's clock is another")


@check(
    "strategy.debtor-law",
    "A debtor's treatment that depends on other debtors is chance, and cannot be explained to either.",
    hooks=HOOK,
    needs=("strategy.deterministic", "strategy.own-accounts"),
)
def a_debtor_alone_as_in_the_crowd(trial: Trial) -> None:
    """Some of the debtors asked alone get what they get among all."""
    import polars

    for decider in deciders(trial):

        def law(given: tuple[int, int], decider: Decider = decider) -> None:
            seed, count = given
            frame = crowd(seed, 12)
            some = frame["debtor_id"].unique(maintain_order=True).head(count)
            own = frame.filter(polars.col("debtor_id").is_in(some.to_list()))
            ids = own["account_id"].to_list()
            among = decider.actions(frame).filter(polars.col("account_id").is_in(ids))
            if sorted(map(repr, among.rows())) != decider.rows(own):
                raise Violation(f"{decider.key} treats {count} of 12 debtors differently when they are asked alone")

        holds_for_all(values.tuples(_SEEDS, values.integers(1, 11)), law)


@check(
    "strategy.order-law",
    "Actions that depend on the order of the rows depend on how the database felt that night.",
    hooks=HOOK,
    needs=("strategy.deterministic",),
)
def order_does_not_matter(trial: Trial) -> None:
    """Shuffled rows give the same actions."""
    for decider in deciders(trial):

        def law(given: tuple[int, int], decider: Decider = decider) -> None:
            seed, order = given
            frame = crowd(seed, 12)
            if decider.rows(frame) != decider.rows(frame.sample(fraction=1.0, shuffle=True, seed=order)):
                raise Violation(f"{decider.key} proposes other actions when the rows come in another order")

        holds_for_all(values.tuples(_SEEDS, _SEEDS), law)
