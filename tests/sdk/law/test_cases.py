"""Golden cases: how strictly they are read, what they mean, and what running them tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from arrears_sdk.command_line import FAILED, FINE, WRONG_USE, run
from arrears_sdk.errors import InputError
from arrears_sdk.host import Host
from arrears_sdk.law.cases import Case, load_cases, run_cases, sides
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.money import Money
from arrears_sdk.plugin import Plugin
from arrears_sdk.rules import RulePack
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import InteractionResult, PartyReached

LAW: RulePack[ContactAttempt] = RulePack("winter")
HEAD = """
cases:
  - id: winter.january/first
    rule: winter.january
    source: "Winter Act, s. 1"
    given:
      debtor: {country: GB, region: ENG, zones: [Europe/London]}
"""


@LAW.rule("winter.january", citation="Winter Act, s. 1", jurisdiction="GB", presumption=True)
def january(attempt: ContactAttempt) -> Ruling | None:
    """No contact in January."""
    if attempt.at.month != 1:
        return None
    return Ruling.defer(datetime(attempt.at.year, 2, 1, tzinfo=UTC), "It is January.", facts={"month": 1})


@LAW.rule("winter.gate", citation="Winter Act, s. 2", jurisdiction="GB")
def gate(attempt: ContactAttempt) -> Ruling | None:
    """Says who is meant. Never objects."""
    return None


class Winter(Plugin[LawConfig]):
    name = "winter"
    packs = (LAW,)

    def __init__(self, config: LawConfig, host: Host) -> None:
        super().__init__(config, host)
        self._law = LAW.under(config)

    async def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        return self._law.rule_on(attempts)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "winter.yaml"


def loaded(file: Path, rest: str, head: str = HEAD) -> list[Case]:
    file.write_text(head + rest, "utf-8")
    return load_cases(file)


def test_a_case_that_holds_and_one_that_does_not(file: Path) -> None:
    held, wrong = loaded(
        file,
        """
    when: {contact: LETTER, at: "2026-01-31 23:59"}
    then: {verdict: DEFER, until: "2026-02-01 00:00"}
  - id: winter.january/second
    rule: winter.january
    source: s
    given: {debtor: {country: GB, zones: [Europe/London]}}
    when: {contact: LETTER, at: 2026-02-01}
    then: {verdict: DEFER, until: 2026-03-01, requirement: "notice:VALIDATION", missing_fact: x, overall: DENY}
""",
    )
    results = run_cases([held, wrong], [Winter])
    assert (results[0].passed, results[0].verdict, results[0].overall) == (True, Verdict.DEFER, Verdict.DEFER)
    assert results[1].differences == (
        "verdict: expected DEFER, was ALLOW",
        "until: expected 2026-03-01T00:00:00+00:00, was none",
        "requirement: expected notice:VALIDATION, was none",
        "missing_fact: expected x, was none",
        "overall: expected DENY, was ALLOW",
    )


def test_settings_are_the_plugin_s_own(file: Path) -> None:
    rest = """
    settings: {presumptions: WARN}
    when: {contact: LETTER, at: 2026-01-05}
    then: {verdict: WARN}
"""
    (result,) = run_cases(loaded(file, rest), [Winter])
    assert result.passed
    with pytest.raises(InputError, match=r"winter.january/first.settings.presumption: Extra inputs"):
        run_cases(loaded(file, rest.replace("presumptions", "presumption")), [Winter])


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("when: {contact: LETTER, at: 2026-01-05, acounts: [a]}", r"when.acounts: unknown key, meant accounts\?"),
        ("when: {contact: LETER, at: 2026-01-05}", r"when.contact: unknown word 'LETER', meant LETTER"),
        ("when: {contact: LETTER, at: 2026-01-05, accounts: [b]}", "when.accounts: b is not given"),
        ("when: {contact: LETTER, at: 2026-01-05, at: 2026-01-06}", "'at' stands twice"),
        ("when: {contact: LETTER, act: SUE, at: 2026-01-05}", "proposes one of contact, act and take"),
        ("when: {contact: LETTER, at: '2026-03-29 01:30'}", "does not exist in Europe/London"),
        ("when: {contact: LETTER, at: soon}", "is no instant such as"),
        ("when: {contact: LETTER}", "when.at: is missing"),
        ("when: {contact: LETTER, at: 2026-01-05, point: q}", "is not the point that is given"),
    ],
)
def test_what_is_not_written_rightly_names_file_case_and_key(file: Path, rest: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        loaded(file, f"    {rest}\n    then: {{verdict: DEFER}}\n")
    assert str(file) in str(raised.value)


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        ("{kind: CEASE, word: WRITEN}", r"facts\[0\].word: unknown word 'WRITEN', meant WRITTEN"),
        ("{kind: CEASE}", r"facts\[0\].word: CEASE cannot do without it"),
        ("{kind: CEASE, word: ORAL, on: 2026-01-01}", r"facts\[0\].on: CEASE has no such part"),
        ("{kind: NOT_THE_DEBTORS}", r"facts\[0\].point: NOT_THE_DEBTORS is about an endpoint"),
        ("{kind: EMPLOYER, since: 2026-01-01}", r"facts\[0\].since: unknown key"),
        ("{kind: AGREED_TIME, hours: {weekdays: [8]}}", r"hours.weekdays: a day of the week is 1"),
        ("{kind: VARYING_RANGE, amount: 5}", r"amount: a text is wanted"),
        ("{kind: VARYING_RANGE, amount: 5 Euro}", r"amount: '5 Euro' is no amount"),
    ],
)
def test_facts_say_what_the_catalogue_knows(file: Path, fact: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        loaded(
            file,
            f"      facts: [{fact}]\n    when: {{contact: LETTER, at: 2026-06-05}}\n    then: {{verdict: ALLOW}}\n",
        )


def test_every_fault_of_a_file_is_told_at_once_and_ids_are_unique(file: Path) -> None:
    body = "    when: {contact: LETTER, at: 2026-01-05}\n    then: {verdict: DEFER}\n"
    again = HEAD.removeprefix("\ncases:\n") + body
    wrong = again.replace("winter.january/first", "winter.june/second")
    with pytest.raises(InputError) as raised:
        loaded(file, body + again + wrong)
    assert str(raised.value).splitlines() == [
        f"{file}: winter.january/first.id: stands already in {file}",
        f"{file}: winter.june/second.id: begins with the id of its rule: winter.january/...",
    ]


def test_a_rule_that_no_pack_has_is_an_error(file: Path) -> None:
    text = HEAD.replace("winter.january", "winter.july")
    cases = loaded(file, "    when: {contact: LETTER, at: 2026-07-05}\n    then: {verdict: DENY}\n", text)
    with pytest.raises(InputError, match=r"winter.july/first.rule: no pack has a rule called winter.july"):
        run_cases(cases, [Winter])


def test_defaults_lie_under_every_case_and_lists_are_replaced(file: Path) -> None:
    (case,) = loaded(
        file,
        """
  - id: winter.january/x
    rule: winter.january
    given:
      debtor: {region: SCT}
      accounts: [{id: b, balance: "7 JPY"}]
    when: {act: FURNISH, at: "2026-06-05 12:00+02:00", rate: 6.50}
    then: {verdict: ALLOW}
""",
        """
defaults:
  source: everywhere
  given:
    debtor: {country: GB, region: ENG, city: York, zones: [Europe/London]}
    accounts: [{id: a}, {id: c}]
  when: {contact: LETTER, at: 2026-01-01}
cases:
""",
    )
    attempt = case.attempt
    assert isinstance(attempt, ActionAttempt)
    assert (case.source, attempt.account.id, attempt.account.balance) == ("everywhere", "b", Money(7, "JPY"))
    assert attempt.at == datetime(2026, 6, 5, 10, tzinfo=UTC)
    assert attempt.jurisdictions == {"GB", "GB-SCT", "GB-SCT-YORK"}
    assert str(attempt.rate) == "6.50"


def test_a_payment_and_what_is_known_about_it(file: Path) -> None:
    (case,) = loaded(
        file,
        """
      accounts: [{id: a, due_on: 2026-05-01, holds: [{kind: DISPUTE, blocks: [LEGAL], to: 2026-06-09}]}]
      holds: [{kind: ATTORNEY, blocks: [CONTACT], to: 2026-06-05}]
      facts: [{kind: AGREED_TIME, hours: {from: "09:00", to: "17:00", weekdays: [1, 2]}, channel: SMS}]
      notices: [{kind: VALIDATION, sent: 2026-06-01, accounts: [a], ends_on: 2026-07-06}]
      licences: [{place: GB, from: 2020-01-01}]
      attestations: [UK_AUTHORISED]
    when: {take: BANK_DEBIT, at: "2026-06-05 12:00", amount: "50.00 USD", previous: "40.00 USD", recurring: true}
    then: {verdict: ALLOW}
""",
    )
    attempt = case.attempt
    assert isinstance(attempt, PaymentAttempt)
    assert [hold.kind for hold in attempt.holds] == ["DISPUTE"]
    assert (attempt.account.days_past_due, attempt.account.as_of) == (35, date(2026, 6, 5))
    assert attempt.facts[0].hours is not None
    assert (attempt.facts[0].hours.latest, attempt.facts[0].hours.weekdays) == (time(17), {1, 2})
    assert (attempt.recurring, attempt.amount.minor, str(attempt.previous)) == (True, 5000, "40.00 USD")
    assert (attempt.notices[0].ends_on, attempt.licences[0].place) == (date(2026, 7, 6), "GB")


def test_history_of_one_event_a_day_and_of_an_hour_that_exists_twice(file: Path) -> None:
    (case,) = loaded(
        file,
        """
      point: {id: p, type: MOBILE}
      history:
        - {each_day: [2026-10-24, 2026-10-26], at: "01:30", channel: PHONE_CALL, result: NO_ANSWER, point: p}
        - {at: "2026-10-25 01:30 fold", channel: PHONE_CALL, result: TALKED, accounts: [a], discussed: true}
        - {at: "2026-10-20 09:00", channel: EMAIL, direction: INBOUND}
        - {at: "2026-10-21 09:00", channel: SMS, pending: true}
    when: {contact: PHONE_CALL, at: "2026-10-27 12:00"}
    then: {verdict: ALLOW}
""",
    )
    history = case.attempt.history
    assert [event.started_at.strftime("%d %H:%M") for event in history] == [
        *("26 01:30", "25 01:30", "25 00:30", "24 00:30", "21 08:00", "20 08:00")
    ]
    assert [event.endpoint_type for event in history[:3]] == ["MOBILE", "UNKNOWN", "MOBILE"]
    assert (history[1].party_reached, history[2].party_reached) == (PartyReached.DEBTOR, PartyReached.NONE)
    assert (history[4].result, history[4].pending) == (InteractionResult.SENT, True)
    assert (history[5].result, history[5].initiated_by) == (InteractionResult.RECEIVED, "DEBTOR")
    assert case.attempt.history[0].debtor_local_date == date(2026, 10, 26)


def test_sides_count_a_rule_as_silent_only_where_it_was_asked(file: Path) -> None:
    objecting = "    when: {contact: LETTER, at: 2026-01-05}\n    then: {verdict: DEFER}\n"
    elsewhere = (
        HEAD.removeprefix("\ncases:\n").replace("GB", "FR").replace("/first", "/elsewhere")
        + "    when: {contact: LETTER, at: 2026-01-05}\n    then: {verdict: ALLOW}\n"
    )
    found = sides(run_cases(loaded(file, objecting + elsewhere), [Winter]), [Winter])
    assert (found.objecting, found.silent) == ((), ("winter.january", "winter.gate"))


def test_the_command_names_failures_and_rules_without_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = tmp_path / "winter_pack_of_a_test.py"
    plugin.write_text(
        """
from arrears_sdk import Plugin, Ruling
from arrears_sdk.rules import RulePack

LAW = RulePack("winter-pack")

@LAW.rule("winter.postcards", citation="Winter Act, s. 3", jurisdiction="GB")
def postcards(attempt):
    '''No postcards.'''
    return Ruling.deny("It is a postcard.", facts={"channel": "postcard"}) if attempt.channel == "POSTCARD" else None

class WinterPack(Plugin):
    name = "winter-pack"
    packs = (LAW,)

    def rule_on_contacts(self, attempts):
        return LAW.rule_on(attempts)
""",
        "utf-8",
    )
    cases = tmp_path / "cases"
    cases.mkdir()
    text = HEAD.replace("winter.january", "winter.postcards")
    (cases / "winter.yaml").write_text(
        text + "    when: {contact: POSTCARD, at: 2026-01-05}\n    then: {verdict: ALLOW}\n", "utf-8"
    )
    assert run(["cases", str(plugin)]) == FAILED
    told = capsys.readouterr().out
    assert "FAILED winter.postcards/first" in told
    assert "verdict: expected ALLOW, was DENY" in told
    assert "said DENY: It is a postcard." in told
    assert "with channel: postcard" in told
    assert "no case in which it objects: winter.postcards" in told
    assert told.endswith("1 cases, 1 failed\n")
    assert run(["cases", str(plugin), "--rule", "winter.other"]) == FINE
    assert run(["cases", str(plugin), str(tmp_path / "missing.yaml")]) == WRONG_USE
    assert "missing.yaml cannot be read" in capsys.readouterr().err
