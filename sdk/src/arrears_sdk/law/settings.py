"""What an agency chooses about rules of law, the same words for every pack."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field

from arrears_sdk.plugin import Config

Response = Literal["DENY", "WARN"]


class Softenable(Protocol):
    """What the settings look at in a rule."""

    @property
    def id(self) -> str:
        """The rule's id."""
        ...

    @property
    def confidence(self) -> str:
        """How well its law was read."""
        ...

    @property
    def presumption(self) -> bool:
        """Whether it may be rebutted."""
        ...


class LawConfig(Config):
    """The choices that every compliance pack offers; a pack adds its own fields. The defaults are the safe ones."""

    unverified_rules: Response = Field(
        default="DENY",
        description="What rules of confidence G (general knowledge) do where they object: DENY as they say, or WARN.",
    )
    presumptions: Response = Field(
        default="DENY",
        description="What rules do that presume a violation, such as more than seven calls in a week: object, or WARN.",
    )
    without_licence: Response = Field(
        default="DENY",
        description="What becomes of an act at a place whose licence the agency has not recorded: refused or warned.",
    )
    without_attestation: Response = Field(
        default="DENY",
        description="What becomes of an act that needs a statement of the agency that is not made: refused or warned.",
    )
    warn_only: frozenset[str] = Field(
        default=frozenset(), description="Ids of rules that only warn, each for a reason that the agency must know."
    )

    def softens(self, rule: Softenable) -> bool:
        """Whether a rule only warns."""
        return (
            rule.id in self.warn_only
            or (rule.confidence == "G" and self.unverified_rules == "WARN")
            or (rule.presumption and self.presumptions == "WARN")
        )
