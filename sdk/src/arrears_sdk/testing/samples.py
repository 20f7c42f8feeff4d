"""What a suite asks a plugin about: made by a builder, or by the plugin's author where that fits better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from arrears_sdk.events import Event, JsonValue
from arrears_sdk.testing.builders import Builder
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt

Item: TypeAlias = ContactAttempt | PaymentAttempt | ActionAttempt | Account
"""One thing that a batch hook is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One function for each kind of sample. Give your own where your rules look at something unusual:

    `Samples(contacts=lambda build: replace(build.contact_attempt(), jurisdictions=frozenset({"NZ"})))`.
    The same builder has to give the same sample, so draw from `build`, never from the clock or `random`.
    """

    contacts: Callable[[Builder], ContactAttempt] = Builder.contact_attempt
    payments: Callable[[Builder], PaymentAttempt] = Builder.payment_attempt
    actions: Callable[[Builder], ActionAttempt] = Builder.action_attempt
    accounts: Callable[[Builder], Account] = Builder.account
    events: Callable[[Builder, str], Event] = Builder.event


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSample:
    """A file of a format: its mapping, what stands before the rows, how a row looks, and a row that cannot be read."""

    mapping: dict[str, JsonValue]
    head: bytes
    row: Callable[[int], bytes]
    bad_row: bytes
    foot: bytes = b""
