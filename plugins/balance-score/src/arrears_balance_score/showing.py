"""What the scorer adds to the schema: an account's score, and the bands that scores fall into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from arrears_sdk.ports.graphql import Asked, ExtendedObject, Extension, GraphQLParts, RootQuery
from arrears_sdk.views import Account, Score

PERMISSION = "accounts.read"


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores that is worked alike."""

    name: Annotated[str, "The band's letter."]
    least: Annotated[float, "The lowest score in it; the next better band's is above it."]
    meaning: Annotated[str, "What to expect."]


BANDS = (
    Band("A", 0.75, "Likely to be paid after a reminder."),
    Band("B", 0.5, "Likely to be paid when somebody asks."),
    Band("C", 0.25, "Needs an arrangement."),
    Band("D", 0.0, "Hardly to be expected."),
)


@dataclass(frozen=True, slots=True)
class AccountScore:
    """How likely an account is to be paid."""

    value: Annotated[float, "From 0, hardly, to 1, almost surely."]
    band: Annotated[str, "The letter of the band that it falls into."]
    reasons: Annotated[str, "What moved it, the weightiest first."]


def band_of(value: float) -> Band:
    """The band that a score falls into."""
    return next(band for band in BANDS if value >= band.least)


def parts(score: Callable[[Sequence[Account]], Sequence[Score]]) -> GraphQLParts:
    """The schema's parts, with scores from a function of accounts."""

    def scores(_: Asked, objects: Sequence[ExtendedObject]) -> list[AccountScore | None]:
        known = {one.id: one.account for one in objects if one.account is not None}
        found = dict(zip(known, score(list(known.values())), strict=True))
        return [_shown(found[one.id]) if one.id in found else None for one in objects]

    def bands(_: Asked, __: Mapping[str, object]) -> tuple[Band, ...]:
        return BANDS

    return GraphQLParts(
        queries=(
            RootQuery(
                name="bands",
                description="The bands that scores fall into, the best first.",
                permission=PERMISSION,
                returns=tuple[Band, ...],
                resolve=bands,
            ),
        ),
        extensions=(
            Extension(
                on="Account",
                name="score",
                description="How likely the account is to be paid, as it stands now.",
                permission=PERMISSION,
                returns=AccountScore,
                resolve=scores,
            ),
        ),
    )


def _shown(score: Score) -> AccountScore:
    return AccountScore(score.value, band_of(score.value).name, ", ".join(score.reasons))
