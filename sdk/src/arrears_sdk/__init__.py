"""Everything that a plugin for Arrears may import. The names that most plugins need are here."""

from __future__ import annotations

from arrears_sdk.events import JsonValue
from arrears_sdk.host import Host
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, NotSent, Outcome, Pending, Unknown
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ruling import Finding, Ruling, Verdict
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, DataSubject, PaymentAttempt, Score

__all__ = [
    "Account",
    "ActionAttempt",
    "Config",
    "ContactAttempt",
    "DataSubject",
    "Declined",
    "Done",
    "Finding",
    "Host",
    "JsonValue",
    "Money",
    "NotSent",
    "Outcome",
    "PaymentAttempt",
    "Pending",
    "Plugin",
    "Ruling",
    "Score",
    "Unknown",
    "Verdict",
]
