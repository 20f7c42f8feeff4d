"""What the first letter about a claim has to say, where a law lists it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from arrears_sdk.law.known import Attempt, notice
from arrears_sdk.law.requirements import content as content_requirement, notice as notice_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel as Channel

_LETTERS = frozenset({Channel.LETTER, Channel.EMAIL, Channel.FAX, Channel.PUSH_OR_PORTAL})


def rule_on_first_letter(attempt: Attempt, wanted: tuple[Content, ...], reason: str) -> Ruling | None:
    """Nothing once the first letter was given, or when this is it and says everything; else what is missing."""
    if notice(attempt, NoticeKind.FIRST_CLAIM) is not None:
        return None
    if isinstance(attempt, ContactAttempt) and attempt.channel not in _LETTERS:
        return _needed((), reason)
    content = attempt.content if isinstance(attempt, ContactAttempt | ActionAttempt) else frozenset[Content]()
    missing = tuple(word for word in wanted if word not in content)
    return _needed(missing, reason) if missing else None


@lru_cache(maxsize=64)
def _needed(missing: Sequence[Content], reason: str) -> Ruling:
    if not missing:
        return Ruling.require(notice_requirement(NoticeKind.FIRST_CLAIM), reason)
    return Ruling.combine(
        Ruling.require(content_requirement(word), reason, facts={"missing": word}) for word in missing
    )
