"""Facts, notices and licences through the API, and a pack of a few rules that turn on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import in_force, need_attestation, need_licence, notice, stated
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.law.words import Attestation, NoticeKind
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from tests.api import Api

FACT = """fact {
  id kind source receivedAt startsAt endsAt state word on number amount { amount currency } place earliest latest
  weekdays channel evidence endReason withdrawnReason recordedBy version
  debtor { id } account { id } client { id } contactPoint { id }
}"""
NOTICE = """notice {
  id kind medium sentAt receivedOn receiptAssumed returnedAt endsOn version
  debtor { id } client { id } accounts { nodes { account { id } sentAt } }
}"""
LICENCE = "licence { id place kind number fromOn untilOn version }"


def _mutation(name: str, selection: str) -> str:
    kind = name[0].upper() + name[1:]
    told = f"{selection} userErrors {{ code field message }}"
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {told} }} }}"


MUTATIONS = {
    **{name: _mutation(name, FACT) for name in ("factRecord", "factEnd", "factWithdraw")},
    **{name: _mutation(name, NOTICE) for name in ("noticeRecord", "noticeReturn", "noticeReceive")},
    **{name: _mutation(name, LICENCE) for name in ("licenceRecord", "licenceEnd")},
}


async def tell(api: Api, name: str, *, role: str = "ADMIN", **given: Any) -> dict[str, Any]:
    """The payload of a mutation."""
    answer = await api(MUTATIONS[name], {"input": given}, role=role)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"][name]
    return found


async def told(api: Api, name: str, **given: Any) -> dict[str, Any]:
    """What a mutation recorded, which is refused nothing."""
    found = await tell(api, name, **given)
    assert found.pop("userErrors") == []
    (record,) = found.values()
    assert record is not None
    return dict(record)


def problems(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The codes and the last steps of the paths of what was refused."""
    return [(error["code"], error["field"][-1] if error["field"] else "") for error in found["userErrors"]]


class Heeding(Plugin[LawConfig]):
    """Objects where a fact, a missing notice, licence or attestation stands in the way, and says so by its rule."""

    name = "heeding"
    version = "1.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """One ruling for each contact."""
        return [Ruling.combine(self._said(attempt)) for attempt in attempts]

    def _said(self, attempt: ContactAttempt) -> list[Ruling]:
        said = [
            Ruling.deny(f"{kind.value} is known.", rule=f"heeding.{kind.value.lower()}")
            for kind in (FactKind.CEASE, FactKind.ATTORNEY, FactKind.NOT_THE_DEBTORS, FactKind.PUBLIC_EMERGENCY)
            if in_force(attempt, kind)
        ]
        if attempt.debtor.deceased_on is not None:
            said.append(Ruling.deny(f"Died on {attempt.debtor.deceased_on}.", rule="heeding.death"))
        instrument = stated(attempt, FactKind.INSTRUMENT)
        if instrument is not None:
            said.append(Ruling.warn(f"It rests on {instrument.word}.", rule="heeding.instrument"))
        return said


class Demanding(Plugin[LawConfig]):
    """Wants a validation notice, a licence and an attestation."""

    name = "wanting"
    version = "1.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """One ruling for each contact."""
        return [Ruling.combine(self._said(attempt)) for attempt in attempts]

    def _said(self, attempt: ContactAttempt) -> list[Ruling]:
        given = notice(attempt, NoticeKind.VALIDATION)
        wanted = [
            None if given else Ruling.require("notice:VALIDATION", "No validation notice.", rule="wanting.notice"),
            need_licence(attempt, "US-NY", self.config, "No licence."),
            need_attestation(attempt, Attestation.US_SAFEGUARDS, self.config, "No safeguards."),
        ]
        return [one for one in wanted if one is not None]
