"""What a benchmark reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One figure beside its target."""

    name: str
    shown: str
    target: str
    met: bool


def at_least(name: str, figure: float, target: float, digits: int = 2) -> Result:
    """A ratio that should be this much or more."""
    return Result(name, f"{figure:.{digits}f}", f"at least {target:g}", figure >= target)


def at_most(name: str, figure: float, target: float, digits: int = 2, unit: str = "") -> Result:
    """A ratio or a time that should be this much or less."""
    return Result(name, f"{figure:.{digits}f}{unit}", f"at most {target:g}{unit}", figure <= target)
