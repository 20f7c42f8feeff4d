"""The ladder against its rules in plain Python, its laws over batches and over a year, and its objections to acts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError

from arrears_dunning_ladder import Conditions, DunningLadder, LadderConfig, PauseReason, Step
from arrears_dunning_ladder.acts import NOT_FORESEEN, PAUSED, TOO_SOON
from arrears_dunning_ladder.ladder import Ladder
from arrears_sdk import frames
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.testing import Builder, FakeHost
from arrears_sdk.views import ActionAttempt, Hold
from arrears_sdk.vocabulary import AccountStatus, ActionKind, CommunicationChannel, HoldBlock, HoldKind
from tests.plugins import ladder_oracle
from tests.plugins.ladder_samples import TODAY, accounts, frame, ladders

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LETTER = (CommunicationChannel.LETTER,)
COMPARED = ["account_id", "action", "channel", "template", "due_at", "step", "account_ids"]


def decided(config: LadderConfig, rows: list[dict[str, Any]], on: date = TODAY) -> list[dict[str, Any]]:
    actions = Ladder(config).decide(frame(rows), as_of=on)
    assert frames.check(actions, frames.ACTIONS).equals(actions)
    return actions.select(COMPARED).to_dicts()


def single(**facts: Any) -> dict[str, Any]:
    given = {
        "account_id": "acct_" + "1" * 32, "client_id": "clnt_" + "1" * 32, "portfolio_id": None,
        "debtor_id": "dbtr_" + "1" * 32, "status": "ACTIVE", "product": "CARD", "purpose": "CONSUMER",
        "currency": "USD", "balance_minor": 12_050, "placed_minor": 12_050, "due_on": date(2026, 2, 1),
        "placed_on": date(2026, 2, 1), "days_past_due": 29, "days_since_placed": 29, "last_payment_on": None,
        "paid_minor": 0, "last_contact_at": None, "last_contact_channel": None, "last_result": None,
        "days_since_contact": None, "contacts": 0, "contacts_7_days": 0, "right_party_contacts": 0,
        "last_template": None, "days_since_template": None, "templates": [], "promise_open": False,
        "dispute_open": False, "holds": [], "contact_blocked": False, "channels": ["LETTER"], "score": None,
    }  # fmt: skip
    return {**given, **facts}


@settings(max_examples=200, deadline=None)
@given(config=ladders(), rows=accounts())
def test_it_decides_as_its_rules_in_plain_python(config: LadderConfig, rows: list[dict[str, Any]]) -> None:
    assert decided(config, rows) == ladder_oracle.decide(config, rows, TODAY)


@settings(max_examples=60, deadline=None)
@given(config=ladders(), rows=accounts(), seed=st.randoms(use_true_random=False))
def test_a_debtor_gets_alone_what_it_gets_in_a_crowd_in_any_order(
    config: LadderConfig, rows: list[dict[str, Any]], seed: Any
) -> None:
    whole = decided(config, rows)
    apart = [
        action
        for debtor in sorted({row["debtor_id"] for row in rows})
        for action in decided(config, [row for row in rows if row["debtor_id"] == debtor])
    ]
    assert sorted(apart, key=lambda action: (action["account_id"], action["action"])) == whole
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert decided(config, shuffled) == whole


@settings(max_examples=15, deadline=None)
@given(config=ladders(), rows=accounts(most=5), gaps=st.integers(1, 3))
def test_over_a_year_each_step_is_taken_once_and_steps_keep_their_distance(
    config: LadderConfig, rows: list[dict[str, Any]], gaps: int
) -> None:
    ladder, current = Ladder(config), [{**row, "templates": [], "days_since_template": None} for row in rows]
    taken: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], int] = {}
    for day in range(0, 365, gaps):
        on = TODAY + timedelta(days=day)
        for row in current:
            row["days_past_due"] = (on - row["due_on"]).days if row["balance_minor"] > 0 else 0
            if row["days_since_template"] is not None:
                row["days_since_template"] += gaps
        acts = ladder.decide(frame(current), as_of=on).filter(pl.col("action") != "PAUSE")
        by_id = {row["account_id"]: row for row in current}
        for act in acts.iter_rows(named=True):
            debtor = (by_id[act["account_id"]]["client_id"], by_id[act["account_id"]]["debtor_id"])
            assert day - last.get(debtor, -1_000) >= config.minimum_gap_days
            last[debtor] = day
            for id in act["account_ids"]:
                taken[id, act["step"]] += 1
                by_id[id]["templates"] = [*by_id[id]["templates"], act["template"]]
                by_id[id]["last_template"], by_id[id]["days_since_template"] = act["template"], 0
    perpetual = {step.name for step in config.steps if step.repeat_every_days is not None}
    assert all(count == 1 for (_, step), count in taken.items() if step not in perpetual)


def test_the_reason_says_everything_a_collector_asks() -> None:
    # given
    steps = (
        Step(name="first-notice", from_days=3, channels=LETTER),
        Step(name="second-notice", from_days=20, channels=LETTER),
    )
    sent = {"templates": ["first-notice"], "last_template": "first-notice", "days_since_template": 14}
    rows = [single(**sent), single(account_id="acct_" + "2" * 32, currency="JPY", balance_minor=900, **sent)]
    rows.append(
        single(debtor_id="dbtr_" + "2" * 32, account_id="acct_" + "3" * 32, promise_open=True, holds=["COMPLAINT"])
    )
    # when
    actions = Ladder(LadderConfig(steps=steps)).decide(frame(rows), as_of=TODAY)
    # then
    assert actions["reason"].to_list() == [
        (
            "Step 2 of 2: 29 days past due, 120.50 USD owed; first-notice went 14 days ago;"
            " covers one more account of the debtor."
        ),
        "first-notice waits: a promise to pay stands. 29 days past due, 120.50 USD owed",
    ]
    assert actions["score"].to_list() == [60.25, 60.25]


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        ({"steps": [{"name": "A b", "from_days": 1}]}, {("steps", 0, "name")}),
        ({"steps": [{"name": "a", "from_days": 1}]}, {("steps", 0, "channels")}),
        ({"steps": [{"name": "a", "from_days": 1, "action": "PRAY"}]}, {("steps", 0, "action")}),
        ({"steps": [{"name": "a", "from_days": 1, "action": "TASK", "channels": ["SMS"]}]}, {("steps", 0, "channels")}),
        ({"steps": [{"name": "a", "from_days": 9, "until_days": 3, "action": "TASK"}]}, {("steps", 0, "until_days")}),
        (
            {"steps": [{"name": "a", "from_days": 9, "action": "TASK", "when": {"balance_from": 9, "balance_to": 3}}]},
            {("steps", 0, "when", "balance_to")},
        ),
        (
            {
                "steps": [
                    {"name": "a", "from_days": 9, "action": "TASK", "repeat_every_days": 7},
                    {"name": "a", "from_days": 3, "action": "TASK"},
                    {"name": "c", "template": "a", "from_days": 12, "action": "TASK"},
                ]
            },
            {
                ("steps", 0, "repeat_every_days"),
                ("steps", 1, "name"),
                ("steps", 1, "from_days"),
                ("steps", 2, "template"),
            },
        ),
        ({"time_zone": "Mars/Olympus"}, {("time_zone",)}),
        ({"at": "10:00+02:00"}, {("at",)}),
        ({"minimum_gap_days": 0, "wait": True}, {("minimum_gap_days",), ("wait",)}),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(wrong: dict[str, Any], places: set[tuple[str | int, ...]]) -> None:
    with pytest.raises(ValidationError) as refused:
        LadderConfig.model_validate(wrong)
    assert {fault["loc"] for fault in refused.value.errors()} == places


FEE = Step(
    name="late-fee",
    from_days=15,
    until_days=90,
    action=ActionKind.CHARGE_FEE,
    when=Conditions(balance_from="20", statuses=frozenset({AccountStatus.ACTIVE})),  # type: ignore[arg-type]
)


def ruled(kind: ActionKind = ActionKind.CHARGE_FEE, holds: tuple[Hold, ...] = (), **facts: Any) -> Ruling:
    config = LadderConfig(steps=(FEE,), ignored_holds=frozenset({HoldKind.VALIDATION}))
    known = {
        "balance": Money(5_000, "USD"), "status": AccountStatus.ACTIVE, "due_on": date(2026, 2, 5),
        "days_past_due": 25, "holds": (), **facts,
    }  # fmt: skip
    build = Builder(1)
    account = replace(build.account(), **known)
    attempt = ActionAttempt(at=NOON, kind=kind, debtor=build.debtor(), account=account, holds=holds)
    (ruling,) = DunningLadder(config, FakeHost()).rule_on_actions([attempt])
    return ruling


def hold(kind: HoldKind, until: datetime | None = None) -> Hold:
    return Hold(kind=kind, blocks=frozenset({HoldBlock.LEGAL}), starts_at=NOON - timedelta(days=1), ends_at=until)


def test_an_act_of_the_ladder_is_allowed_on_its_days_and_others_are_not_its_affair() -> None:
    assert ruled().verdict is Verdict.ALLOW
    assert ruled(ActionKind.SUE, days_past_due=0, holds=(hold(HoldKind.BANKRUPTCY),)).verdict is Verdict.ALLOW


def test_an_act_that_comes_too_soon_is_deferred_to_its_day() -> None:
    ruling = ruled(due_on=date(2026, 2, 20), days_past_due=10)
    assert (ruling.verdict, ruling.until) == (Verdict.DEFER, datetime(2026, 3, 7, 10, tzinfo=UTC))
    (finding,) = ruling.findings
    assert (finding.rule, finding.reason) == (
        TOO_SOON,
        "The ladder allows late-fee from 15 days past due on, and it is 10.",
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"balance": Money(1_999, "USD")},
        {"balance": Money(0, "USD")},
        {"status": AccountStatus.REOPENED},
        {"due_on": date(2025, 6, 1), "days_past_due": 274},
    ],
)
def test_an_act_whose_conditions_do_not_hold_is_denied(facts: dict[str, Any]) -> None:
    assert {finding.rule for finding in ruled(**facts).deciding} == {NOT_FORESEEN}
    assert ruled(**facts).verdict is Verdict.DENY


def test_during_a_hold_an_act_waits_for_its_end() -> None:
    end = NOON + timedelta(days=3)
    assert (ruled(holds=(hold(HoldKind.DISPUTE, end),)).until, ruled(holds=(hold(HoldKind.VALIDATION),)).verdict) == (
        end,
        Verdict.ALLOW,
    )
    denied = ruled(holds=(hold(HoldKind.BANKRUPTCY),))
    assert (denied.verdict, [finding.rule for finding in denied.deciding]) == (Verdict.DENY, [PAUSED])


def test_pauses_can_be_turned_off() -> None:
    rows = [single(promise_open=True, dispute_open=True, holds=["DISPUTE"])]
    step = Step(name="notice", from_days=3, channels=LETTER)
    every = {reason: decided(LadderConfig(steps=(step,), pause_on=frozenset({reason})), rows) for reason in PauseReason}
    assert {actions[0]["action"] for actions in every.values()} == {"PAUSE"}
    assert decided(LadderConfig(steps=(step,), pause_on=frozenset()), rows)[0]["action"] == "CONTACT"
