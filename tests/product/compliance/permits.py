"""Asking for permits, redeeming them and recording contacts through GraphQL, and plugins that let little through."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from arrears_sdk.ids import encode_id
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import Direction
from tests.api import Api
from tests.product.compliance.asking import PERMIT, REQUEST

REDEEM = f"""
mutation($input: PermitRedeemInput!) {{
  permitRedeem(input: $input) {{ permit {{ {PERMIT} }} userErrors {{ code message field }} }}
}}
"""
RETURN = f"""
mutation($input: PermitReturnInput!) {{
  permitReturn(input: $input) {{ permit {{ {PERMIT} }} userErrors {{ code message field }} }}
}}
"""
RECORD = """
mutation($input: InteractionRecordInput!) {
  interactionRecord(input: $input) {
    interaction {
      id outsideGate permit { id recordedAt }
      decision { id verdict retrospective decidedAt findings { rule verdict } permit { id } }
    }
    userErrors { code message field }
  }
}
"""


class OneCall(Plugin):
    """One attempt a week, whatever becomes of it."""

    name = "one-call"
    version = "1.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Deny the second."""
        return [self._rule(attempt) for attempt in attempts]

    def _rule(self, attempt: ContactAttempt) -> Ruling:
        week = datetime.timedelta(days=7)
        made = [
            one for one in attempt.history if one.direction is Direction.OUTBOUND and one.started_at > attempt.at - week
        ]
        if not made:
            return ALLOWED
        return Ruling.deny("One attempt a week.", rule="one-call.cap", facts={"attempts": len(made)})


class Closing(Plugin):
    """Nothing from 21:00 UTC on."""

    name = "closing"
    version = "1.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Allow until nine in the evening."""
        return [self._rule(attempt) for attempt in attempts]

    def _rule(self, attempt: ContactAttempt) -> Ruling:
        closes = attempt.at.replace(hour=21, minute=0, second=0, microsecond=0)
        if attempt.at < closes:
            return Ruling.allow(closes, rule="closing.nine")
        return Ruling.deny("Closed.", rule="closing.nine")


class NoSuits(Plugin):
    """Lets nobody sue above a hundred."""

    name = "no-suits"
    version = "1.0"

    def rule_on_actions(self, attempts: Sequence[ActionAttempt]) -> list[Ruling]:
        """Deny the large ones."""
        return [
            Ruling.deny("Too much.", rule="no-suits.most", facts={"wanted": attempt.amount})
            if attempt.amount is not None and attempt.amount.minor > 10_000
            else ALLOWED
            for attempt in attempts
        ]


@dataclass
class Desk:
    """A collector at work, with one debtor and a telephone number."""

    api: Api
    account: UUID
    point: UUID
    key: str | None = None
    asked: int = 0

    async def ask(self, **given: Any) -> dict[str, Any]:
        """The answer to a request for a call, with decision and permit."""
        self.asked += 1
        wanted = {"channel": "PHONE_CALL", "contactPointId": encode_id("cont", self.point), **given}
        wanted = {"accountIds": [encode_id("acct", self.account)], "idempotencyKey": f"ask {self.asked}", **wanted}
        answer = await self.api(REQUEST, {"input": wanted}, key=self.key)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["contactRequest"]
        return payload

    async def permit(self, **given: Any) -> dict[str, Any]:
        """The permit of a request that is allowed."""
        payload = await self.ask(**given)
        assert payload["permit"] is not None, payload
        permit: dict[str, Any] = payload["permit"]
        return permit

    async def redeem(self, permit_id: str, **given: Any) -> dict[str, Any]:
        """What redeeming a permit for the call gives."""
        point = encode_id("cont", self.point)
        wanted = {"permitId": permit_id, "channel": "PHONE_CALL", "contactPointId": point, **given}
        answer = await self.api(REDEEM, {"input": wanted}, key=self.key)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["permitRedeem"]
        return payload

    async def refusal(self, permit_id: str, **given: Any) -> str:
        """The code with which redeeming is refused."""
        payload = await self.redeem(permit_id, **given)
        assert payload["permit"] is None
        (error,) = payload["userErrors"]
        code: str = error["code"]
        return code

    async def give_back(self, permit_id: str) -> dict[str, Any]:
        """What giving a permit back gives."""
        answer = await self.api(RETURN, {"input": {"permitId": permit_id}}, key=self.key)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["permitReturn"]
        return payload

    async def record(self, at: datetime.datetime, **given: Any) -> dict[str, Any]:
        """What recording the call gives."""
        self.asked += 1
        made = {
            "idempotencyKey": f"record {self.asked}",
            "accountId": encode_id("acct", self.account),
            "startedAt": at.isoformat(),
            "channel": "PHONE_CALL",
            "direction": "OUTBOUND",
            "result": "NO_ANSWER",
            "contactPointId": encode_id("cont", self.point),
            **given,
        }
        answer = await self.api(RECORD, {"input": made}, key=self.key)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["interactionRecord"]
        return payload
