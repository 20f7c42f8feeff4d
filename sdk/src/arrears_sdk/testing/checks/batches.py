"""What holds for every hook that is asked about many things at once: rulings and scores alike."""

from __future__ import annotations

import copy
import itertools
import time
from datetime import UTC, datetime

from arrears_sdk.hooks import HOOKS
from arrears_sdk.testing.batch_hooks import (
    BATCH_HOOKS,
    Answer,
    answer_type,
    answers,
    batch,
    first_difference,
    sequence,
)
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.laws import batches, holds_for_all, orders
from arrears_sdk.testing.machine_clock import shown as machine_clock_shown
from arrears_sdk.testing.samples import Item
from arrears_sdk.testing.trial import Trial

LARGE = 1_000
MACHINE_CLOCKS = (datetime(1987, 6, 5, 3, 0, tzinfo=UTC), datetime(2061, 1, 9, 15, 30, tzinfo=UTC))


@check(
    "batch.answers",
    "A plugin that fails on ordinary accounts stops every contact and payment of its client.",
    hooks=BATCH_HOOKS,
    needs=("plugin.lifecycle", "plugin.hooks"),
)
def answers_at_all(trial: Trial) -> None:
    """Ordinary samples are answered with a sequence."""
    for hook in trial.hooks(BATCH_HOOKS):
        for config in trial.settings:
            with trial.session(config) as session:
                sequence(hook, session.ask(hook, batch(trial, hook)))


@check(
    "batch.count",
    "With an answer too few every later one slips to the wrong debtor: one is called at night because another may be.",
    hooks=BATCH_HOOKS,
    needs=("batch.answers",),
)
def one_answer_for_each(trial: Trial) -> None:
    """There are as many answers as attempts or accounts, whatever their number."""
    for hook in trial.hooks(BATCH_HOOKS):
        with trial.session() as session:
            for count in (1, 2, 7, 40):
                given = sequence(hook, session.ask(hook, batch(trial, hook, count)))
                if len(given) != count:
                    raise Violation(f"{hook} was asked about {count} and gave {len(given)} answers")


@check(
    "batch.types",
    "An answer of another type decides nothing, so the platform denies what the law may demand to be sent.",
    hooks=BATCH_HOOKS,
    needs=("batch.answers",),
)
def answers_have_their_type(trial: Trial) -> None:
    """Every answer is a `Ruling`, or a `Score` for `score_accounts`."""
    for hook in trial.hooks(BATCH_HOOKS):
        with trial.session() as session:
            wanted = answer_type(hook)
            for answer in sequence(hook, session.ask(hook, batch(trial, hook))):
                if type(answer) is not wanted:
                    raise Violation(f"{hook} gave {type(answer).__name__}, where {wanted.__name__} is wanted")


_SOUND = ("batch.count", "batch.types")


@check(
    "batch.empty",
    "A run on a day without work ends in an error, and the work that follows it is not done.",
    hooks=BATCH_HOOKS,
    needs=_SOUND,
)
def nothing_gives_nothing(trial: Trial) -> None:
    """Nothing asked gives nothing answered."""
    for hook in trial.hooks(BATCH_HOOKS):
        with trial.session() as session:
            if given := sequence(hook, session.ask(hook, [])):
                raise Violation(f"{hook} was asked about nothing and gave {len(given)} answers")


@check(
    "batch.input-unchanged",
    "A plugin that changes what it was given changes what every plugin after it rules on.",
    hooks=BATCH_HOOKS,
    needs=_SOUND,
)
def input_stays_as_it_is(trial: Trial) -> None:
    """What it was given is the same afterwards."""
    for hook in trial.hooks(BATCH_HOOKS):
        with trial.session() as session:
            items = batch(trial, hook)
            before = copy.deepcopy(items)
            session.ask(hook, items)
            if items != before:
                raise Violation(f"{hook} changes the attempts or accounts that it is given")


@check(
    "batch.deterministic",
    "Asked twice about the same debtor it says two things, and nobody can explain either to a court.",
    hooks=BATCH_HOOKS,
    needs=_SOUND,
)
def same_question_same_answer(trial: Trial) -> None:
    """The same batch gets the same answers, from the same object and from a new one."""
    for hook in trial.hooks(BATCH_HOOKS):
        items = batch(trial, hook)
        with trial.session() as session:
            first, again = answers(session, hook, items), answers(session, hook, items)
        with trial.session() as session:
            other = answers(session, hook, items)
        if difference := first_difference(items, first, again) or first_difference(items, first, other):
            raise Violation(f"{hook} answers differently when it is asked again {difference}")


@check(
    "batch.machine-clock",
    "A rule that asks the machine's clock judges a contact planned for tomorrow by tonight's hour.",
    hooks=BATCH_HOOKS,
    needs=("batch.deterministic",),
)
def time_is_a_parameter(trial: Trial) -> None:
    """The machine's clock is not looked at: the instant is the attempt's `at`, the day the account's `as_of`."""
    for hook in trial.hooks(BATCH_HOOKS):
        items = batch(trial, hook)
        given = []
        for at in MACHINE_CLOCKS:
            with machine_clock_shown(trial.plugin, at) as looks, trial.session() as session:
                looks.calls.clear()
                given.append(answers(session, hook, items))
                if looks.calls:
                    raise Violation(f"{hook} reads the machine's clock ({looks.calls[0]}); use the attempt's `at`")
        if difference := first_difference(items, given[0], given[1]):
            raise Violation(f"{hook} answers differently when the machine's clock is another {difference}")


@check(
    "batch.law",
    "A debtor's ruling that depends on who else is in the batch lets chance decide who is called.",
    hooks=BATCH_HOOKS,
    needs=("batch.deterministic",),
)
def batch_equals_one_by_one(trial: Trial) -> None:
    """A batch gets the answers that its members get one by one."""
    for hook in trial.hooks(BATCH_HOOKS):
        with trial.session() as session:

            def law(items: list[Item], hook: str = hook) -> None:
                together = answers(session, hook, items)
                alone = [answers(session, hook, [item])[0] for item in items]
                if difference := first_difference(items, together, alone):
                    raise Violation(f"{hook} answers differently in a batch of {len(items)} than alone {difference}")

            holds_for_all(batches(trial.samples, hook), law)


@check(
    "batch.order",
    "A ruling that depends on the order of the work can be had by sorting the work until it suits.",
    hooks=BATCH_HOOKS,
    needs=("batch.deterministic",),
)
def order_does_not_matter(trial: Trial) -> None:
    """Asked in another order, everything in a larger batch gets the answer it had."""
    for hook in trial.hooks(BATCH_HOOKS):
        items = batch(trial, hook)
        with trial.session() as session:
            straight = answers(session, hook, items)

            def law(
                order: list[int], hook: str = hook, items: list[Item] = items, straight: list[Answer] = straight
            ) -> None:
                shuffled = [items[index] for index in order]
                expected = [straight[index] for index in order]
                if difference := first_difference(shuffled, expected, answers(session, hook, shuffled)):
                    raise Violation(f"{hook} answers differently in another order {difference}")

            holds_for_all(orders(len(items)), law)


@check(
    "batch.instances-apart",
    "Settings of one client that reach another's objects apply one creditor's rules to another creditor's debtors.",
    hooks=BATCH_HOOKS,
    needs=("batch.deterministic",),
)
def objects_keep_to_themselves(trial: Trial) -> None:
    """An object answers the same, whatever other objects of the plugin were made or asked meanwhile."""
    settings = trial.settings if len(trial.settings) > 1 else trial.settings * 2
    for hook in trial.hooks(BATCH_HOOKS):
        items = batch(trial, hook)
        for config, other_config in itertools.pairwise(settings):
            with trial.session(config) as session:
                before = answers(session, hook, items)
                with trial.session(other_config) as other:
                    answers(other, hook, batch(trial, hook, first=500))
                    between = answers(session, hook, items)
            if difference := first_difference(items, before, between):
                raise Violation(f"{hook} answers differently once another object of the plugin exists {difference}")


@check(
    "batch.in-time",
    "An answer that comes too late counts as a refusal: a whole client's contacts and payments stand still.",
    hooks=BATCH_HOOKS,
    needs=_SOUND,
)
def answers_within_its_budget(trial: Trial) -> None:
    """A batch of 1,000 is answered within the hook's time budget, at least at the second of two attempts."""
    for hook in trial.hooks(BATCH_HOOKS):
        items = batch(trial, hook, LARGE)
        with trial.session() as session:
            taken = _seconds(session.ask, hook, items)
            if taken > HOOKS[hook].budget_seconds:
                taken = min(taken, _seconds(session.ask, hook, items))
        if taken > HOOKS[hook].budget_seconds:
            raise Violation(f"{hook} takes {taken:.1f} s for {LARGE} of them, and has {HOOKS[hook].budget_seconds:g} s")


def _seconds(ask: object, hook: str, items: list[Item]) -> float:
    assert callable(ask)
    began = time.perf_counter()
    ask(hook, items)
    return time.perf_counter() - began
