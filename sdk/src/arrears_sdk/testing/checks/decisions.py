"""What holds for rulings: who says what and why, until when, and what not knowing does to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

from arrears_sdk.law.words import Attestation
from arrears_sdk.ruling import Finding, Ruling, Verdict
from arrears_sdk.testing.batch_hooks import DECISION_HOOKS, Attempt, answers, batch, shown, spoken
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.laws import batches, holds_for_all
from arrears_sdk.testing.samples import Item
from arrears_sdk.testing.trial import Session, Trial
from arrears_sdk.views import Account, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import ConsentState

MANY = 120
MOST_ROUNDS = 50
_SOUND = ("batch.count", "batch.types")


def rulings(session: Session, hook: str, items: Sequence[Item]) -> list[tuple[Attempt, Ruling]]:
    """Each attempt with its ruling."""
    given = zip(items, answers(session, hook, items), strict=True)
    return [(item, ruling) for item, ruling in given if isinstance(ruling, Ruling) and not isinstance(item, Account)]


def ruled(trial: Trial) -> Iterator[tuple[str, Attempt, Ruling]]:
    """Many attempts with their rulings, under all of the settings, and where the clock stands on edges."""
    for hook in trial.hooks(DECISION_HOOKS):
        for config in trial.settings:
            with trial.session(config) as session:
                for attempt, ruling in rulings(session, hook, batch(trial, hook, MANY)):
                    yield hook, attempt, ruling


def findings(trial: Trial) -> Iterator[tuple[str, Attempt, Finding]]:
    """Every finding of these rulings."""
    for hook, attempt, ruling in ruled(trial):
        for finding in ruling.findings:
            yield hook, attempt, finding


@check(
    "decision.findings",
    "A refusal without its rule and reason cannot be explained to the debtor, nor to the regulator who asks.",
    hooks=DECISION_HOOKS,
    needs=_SOUND,
)
def findings_say_which_rule_and_why(trial: Trial) -> None:
    """Every finding names its rule and gives a reason in words."""
    for hook, attempt, finding in findings(trial):
        if not finding.rule.strip():
            raise Violation(f'{hook} finds {finding.reason!r} for {shown(attempt)} without a `rule="..."`')
        if not finding.reason.strip():
            raise Violation(f"{hook} gives no reason for {finding.rule} about {shown(attempt)}")


@check(
    "decision.instants",
    "An instant without a zone is read as another hour elsewhere, and the call is made at night.",
    hooks=DECISION_HOOKS,
    needs=_SOUND,
)
def instants_have_a_zone(trial: Trial) -> None:
    """Every instant in a finding says how far it is from UTC."""
    for hook, attempt, finding in findings(trial):
        if finding.until is not None and finding.until.utcoffset() is None:
            raise Violation(f"{hook} names {finding.until} for {shown(attempt)}, an instant without a zone")


@check(
    "decision.defer-later",
    "A deferral to the past is over at once, and the contact that it should hold back is made.",
    hooks=DECISION_HOOKS,
    needs=("decision.instants",),
)
def defers_lie_in_the_future(trial: Trial) -> None:
    """A DEFER names an instant after the attempt's."""
    for hook, attempt, finding in findings(trial):
        if finding.verdict is Verdict.DEFER and finding.until is not None and finding.until <= attempt.at:
            raise Violation(f"{hook} defers {shown(attempt)} to {finding.until.isoformat()}, which is not later")


@check(
    "decision.allow-end",
    "A permission that ended before it began lets a call start that nobody may make any more.",
    hooks=DECISION_HOOKS,
    needs=("decision.instants",),
)
def permissions_end_later(trial: Trial) -> None:
    """An ALLOW that has an end has it after the attempt's instant."""
    for hook, attempt, finding in findings(trial):
        if finding.verdict is Verdict.ALLOW and finding.until is not None and finding.until <= attempt.at:
            raise Violation(f"{hook} allows {shown(attempt)} until {finding.until.isoformat()}, which is not later")


@check(
    "decision.defer-settles",
    "A deferral that never ends is a refusal that nobody sees: the debtor who asked for a call never gets one.",
    hooks=DECISION_HOOKS,
    needs=("decision.defer-later",),
)
def deferrals_come_to_an_end(trial: Trial) -> None:
    """Asked again at the instant to which it deferred, at most 50 times, the plugin defers no longer."""
    for hook in trial.hooks(DECISION_HOOKS):
        for config in trial.settings:
            with trial.session(config) as session:
                asked = rulings(session, hook, batch(trial, hook, MANY))
                for round in range(MOST_ROUNDS + 1):
                    again = [later for attempt, ruling in asked if (later := _deferred(attempt, ruling)) is not None]
                    if not again:
                        break
                    if round == MOST_ROUNDS:
                        raise Violation(f"{hook} still defers after {MOST_ROUNDS} rounds, at last {shown(again[0])}")
                    asked = rulings(session, hook, again)


def _deferred(attempt: Attempt, ruling: Ruling) -> Attempt | None:
    """The attempt at the instant to which it was deferred, if it was."""
    if ruling.verdict is not Verdict.DEFER or ruling.until is None:
        return None
    return replace(attempt, at=ruling.until)


@check(
    "decision.allow-holds",
    "A permission that ends later than the rule permits lets a call that starts in its last minutes come too late.",
    hooks=DECISION_HOOKS,
    needs=("decision.allow-end",),
)
def permissions_hold_until_their_end(trial: Trial) -> None:
    """What is allowed until an instant is still allowed a moment before that instant."""
    for hook in trial.hooks(DECISION_HOOKS):
        with trial.session() as session:
            asked = rulings(session, hook, batch(trial, hook, MANY))
            ended = [(attempt, ruling) for attempt, ruling in asked if _allows_until(ruling)]
            moments = [replace(attempt, at=_just_before(ruling)) for attempt, ruling in ended]
            for (attempt, first), (_, then) in zip(ended, rulings(session, hook, moments), strict=True):
                if then.verdict > Verdict.REQUIRE:
                    raise Violation(
                        f"{hook} says {spoken(first)} for {shown(attempt)}, yet a moment before that end {spoken(then)}"
                    )


def _allows_until(ruling: Ruling) -> bool:
    return ruling.verdict < Verdict.DEFER and ruling.until is not None


def _just_before(ruling: Ruling) -> datetime:
    assert ruling.until is not None
    return datetime.fromtimestamp(ruling.until.timestamp() - 1, UTC)


@check(
    "decision.plugins-commute",
    "If the order of plugins mattered, an agency could choose the order that lets it call.",
    hooks=DECISION_HOOKS,
    needs=("decision.instants",),
)
def order_of_plugins_does_not_matter(trial: Trial) -> None:
    """Combined with other plugins' rulings in any order, the result is the same."""
    others = [
        Ruling.warn("look at it", rule="other.warn"),
        Ruling.defer(datetime(2030, 1, 1, tzinfo=UTC), "not this year", rule="other.defer"),
    ]
    for hook, attempt, ruling in ruled(trial):
        if not isinstance(ruling.findings, frozenset):
            raise Violation(f"{hook} gave a Ruling of a {type(ruling.findings).__name__}; use Ruling.deny and its like")
        combined = [Ruling.combine(order) for order in permutations([ruling, *others])]
        folded = [one | two | three for one, two, three in permutations([ruling, *others])]
        outcomes = {(each.verdict, each.until, each.requirements, each.findings) for each in [*combined, *folded]}
        if len(outcomes) != 1:
            raise Violation(f"{hook}'s ruling on {shown(attempt)} combines differently in another order of plugins")


@check(
    "decision.unknown-facts",
    "A rule that lets go where facts are missing calls those at night of whom the agency knows least.",
    hooks=DECISION_HOOKS,
    needs=("batch.deterministic",),
)
def not_knowing_never_loosens(trial: Trial) -> None:
    """Without time zones, line type, consent, licences or attestations a ruling is at least as strict as with them."""
    for hook in trial.hooks(DECISION_HOOKS):
        with trial.session() as session:

            def law(items: list[Item], hook: str = hook) -> None:
                known = rulings(session, hook, items)
                for what in ("time zone", "line type", "consent", "licences", "attestations"):
                    less = [_without(what, attempt) for attempt, _ in known]
                    for (attempt, knowing), (_, unknowing) in zip(known, rulings(session, hook, less), strict=True):
                        if unknowing.verdict < knowing.verdict:
                            raise Violation(
                                f"{hook} says {spoken(knowing)} for {shown(attempt)},"
                                f" and milder without its {what}: {spoken(unknowing)}"
                            )

            holds_for_all(batches(trial.samples, hook), law)


def _without(what: str, attempt: Attempt) -> Attempt:
    """The same attempt with something about the debtor unknown."""
    debtor = attempt.debtor
    if what == "time zone":
        unknown = replace(attempt, debtor=replace(debtor, time_zones=()))
        if isinstance(unknown, ContactAttempt) and unknown.contact_point is not None:
            return replace(unknown, contact_point=replace(unknown.contact_point, area_zones=()))
        return unknown
    if what == "consent":
        revoked = tuple(consent for consent in debtor.consents if consent.state is ConsentState.REVOKED)
        return replace(attempt, debtor=replace(debtor, consents=revoked))
    if what == "licences":
        return replace(attempt, licences=())
    if what == "attestations":
        return replace(attempt, attestations=frozenset[Attestation]())
    if isinstance(attempt, ContactAttempt) and attempt.contact_point is not None:
        return replace(attempt, contact_point=replace(attempt.contact_point, line_type=None))
    return attempt


@check(
    "decision.bare-facts",
    "A rule that fails on a debtor of whom little is known stops the work on everybody in the batch.",
    hooks=DECISION_HOOKS,
    needs=_SOUND,
)
def answers_on_bare_facts(trial: Trial) -> None:
    """Attempts with every optional fact left out are answered."""
    for hook in trial.hooks(DECISION_HOOKS):
        with trial.session() as session:
            bare = [_bare(item) for item in batch(trial, hook) if not isinstance(item, Account)]
            given: list[Item] = list(bare)
            answers(session, hook, given)


def _bare(attempt: Attempt) -> Attempt:
    debtor = replace(
        attempt.debtor, places=(), time_zones=(), languages=(), consents=(), born_on=None, deceased_on=None
    )
    if isinstance(attempt, ContactAttempt):
        attempt = replace(attempt, debtor=debtor, contact_point=None, reply_to=None, content=frozenset(), accounts=())
    elif isinstance(attempt, PaymentAttempt):
        attempt = replace(attempt, debtor=debtor, scheduled_on=None, previous=None)
    else:
        attempt = replace(attempt, debtor=debtor, amount=None, planned_on=None, rate=None, content=frozenset())
    return replace(
        attempt, holds=(), history=(), facts=(), notices=(), licences=(), attestations=frozenset[Attestation]()
    )
