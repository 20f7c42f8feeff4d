"""What a REQUIRE asks for, in one small grammar that says what kind of thing it is and which mutation gives it.

notice:VALIDATION   content:OPT_OUT_NOTICE   fact:DEBIT_AUTHORISATION   consent:SMS   licence:US-NY   attestation:...
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import Attestation, Content, NoticeKind
from arrears_sdk.vocabulary import CommunicationChannel


class RequirementKind(StrEnum):
    """What sort of thing has to be done or recorded first."""

    CONTENT = "CONTENT"
    NOTICE = "NOTICE"
    FACT = "FACT"
    CONSENT = "CONSENT"
    LICENCE = "LICENCE"
    ATTESTATION = "ATTESTATION"
    OTHER = "OTHER"

    @property
    def mutation(self) -> str | None:
        """By which mutation it is satisfied; None for words of a plugin's own."""
        return _MUTATIONS.get(self)


_MUTATIONS = {
    RequirementKind.CONTENT: "contactRequest",
    RequirementKind.NOTICE: "noticeRecord",
    RequirementKind.FACT: "factRecord",
    RequirementKind.CONSENT: "consentRecord",
    RequirementKind.LICENCE: "licenceRecord",
    RequirementKind.ATTESTATION: "settingsChange",
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement, read from its text."""

    kind: RequirementKind
    word: str

    @classmethod
    def read(cls, text: str) -> Requirement:
        """The requirement that a finding names; what follows no grammar is of the kind OTHER, whole."""
        kind, colon, word = text.partition(":")
        if colon and word and kind.upper() in RequirementKind.__members__ and kind == kind.lower():
            return cls(RequirementKind[kind.upper()], word)
        return cls(RequirementKind.OTHER, text)

    @property
    def meaning(self) -> str:
        """What has to be done, in a plain sentence."""
        words = self.word if self.kind is RequirementKind.LICENCE else self.word.lower().replace("_", " ")
        return _MEANINGS[self.kind].format(word=words)


_MEANINGS = {
    RequirementKind.CONTENT: "It has to carry this: {word}. Ask again and say that it does.",
    RequirementKind.NOTICE: "This notice has to be given first: {word}.",
    RequirementKind.FACT: "This has to be known and recorded first: {word}.",
    RequirementKind.CONSENT: "The debtor has to consent first to: {word}.",
    RequirementKind.LICENCE: "The agency needs a licence or registration at {word}.",
    RequirementKind.ATTESTATION: "The agency has to state this about itself in its settings: {word}.",
    RequirementKind.OTHER: "This has to be met first: {word}.",
}


def content(word: Content) -> str:
    """That the contact or document carries this."""
    return f"content:{word}"


def notice(kind: NoticeKind) -> str:
    """That this notice was given."""
    return f"notice:{kind}"


def fact(kind: FactKind) -> str:
    """That this fact is recorded."""
    return f"fact:{kind}"


def consent(channel: CommunicationChannel) -> str:
    """That the debtor consented to this channel."""
    return f"consent:{channel}"


def licence(place: str) -> str:
    """That the agency holds a licence at this place, spelt as `chain` does."""
    return f"licence:{place}"


def attestation(word: Attestation) -> str:
    """That the agency states this about itself."""
    return f"attestation:{word}"
