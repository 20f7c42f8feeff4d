"""Whether an answer is what the question asks for: as many as were asked about, and of the right kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import cast, get_args, get_origin, get_type_hints

from arrears_sdk.errors import Problem
from arrears_sdk.outcome import OUTCOMES
from arrears_sdk.ports.gateway import GatewayNotice
from arrears_sdk.ports.importer import ImportedRow, ImportLayout, RefusedRow
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Score


class WrongAnswerError(Exception):
    """An answer of the wrong length or kind; says what was expected and what came."""


def batch_of(kind: type, wanted: int) -> Callable[[object], list[object]]:
    """A check for one answer of a kind to each of so many questions."""

    def check(answer: object) -> list[object]:
        if isinstance(answer, (str, bytes)) or not isinstance(answer, Sequence):
            raise WrongAnswerError(f"answered with {_named(answer)} and not with a list of {kind.__name__}")
        if len(answer) != wanted:
            raise WrongAnswerError(f"gave {len(answer)} answers to {wanted} questions")
        answers = list(answer)
        if not all(type(one) is kind for one in answers):
            wrong = next(one for one in answers if type(one) is not kind)
            raise WrongAnswerError(f"answered with {_named(wrong)} where a {kind.__name__} belongs")
        return answers

    return check


def rulings(wanted: int) -> Callable[[object], list[object]]:
    """A check for one ruling each."""
    return batch_of(Ruling, wanted)


def scores(wanted: int) -> Callable[[object], list[object]]:
    """A check for one score each."""
    return batch_of(Score, wanted)


def exported(answer: object) -> object:
    """A check for what a data subject is handed out."""
    if not isinstance(answer, Mapping) or not all(isinstance(key, str) for key in answer):
        raise WrongAnswerError(f"answered with {_named(answer)} and not with a mapping by names")
    _plain(answer, "the export", 0)
    return answer


def nothing(answer: object) -> object:
    """A check for a call that gives nothing."""
    if answer is not None:
        raise WrongAnswerError(f"answered with {_named(answer)} where nothing is expected")
    return None


def outcome(answer: object) -> object:
    """A check for what a gateway answers to an order."""
    if type(answer) not in OUTCOMES:
        raise WrongAnswerError(f"answered with {_named(answer)}, which is no outcome")
    _fields_fit(answer)
    return answer


def notices(answer: object) -> object:
    """A check for what a webhook tells."""
    for one in cast("Sequence[GatewayNotice]", _all_of(GatewayNotice)(answer)):
        outcome(one.outcome)
        _fields_fit(one)
    return answer


def _fields_fit(answer: object) -> None:
    """A dataclass takes whatever it is given; what is stored of it has to be of the kind that it declares."""
    for name, kinds in _kinds_of(type(answer)).items():  # type: ignore[arg-type]
        value = getattr(answer, name)
        fits = isinstance(value, kinds)
        if isinstance(value, Mapping):
            fits = all(isinstance(one, str) for pair in value.items() for one in pair)
        if not fits:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise WrongAnswerError(f"gave a {type(answer).__name__} with {_named(value)} as {name}, not {wanted}")


@cache
def _kinds_of(kind: type) -> Mapping[str, tuple[type, ...]]:
    found = {}
    for name, hint in get_type_hints(kind).items():
        parts = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        found[name] = tuple(get_origin(part) or part for part in parts)
    return found


def frame(answer: object) -> object:
    """A check for a strategy's actions; gives them in the order of the columns."""
    from arrears_sdk import frames
    from arrears_sdk.errors import InputError

    try:
        return frames.check(answer, frames.ACTIONS)
    except InputError as error:
        raise WrongAnswerError(f"gave a frame that cannot be used: {error}") from None


def anything(answer: object) -> object:
    """No check here: whoever asked knows more of what is wanted."""
    return answer


def _all_of(*kinds: type) -> Callable[[object], object]:
    def check(answer: object) -> object:
        if isinstance(answer, (str, bytes)) or not isinstance(answer, Sequence):
            raise WrongAnswerError(f"answered with {_named(answer)} and not with a list")
        for one in answer:
            if not isinstance(one, kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise WrongAnswerError(f"answered with {_named(one)} where a {wanted} belongs")
        return answer

    return check


def layout(answer: object) -> object:
    """What a file looks like."""
    if not isinstance(answer, ImportLayout):
        raise WrongAnswerError(f"answered with {_named(answer)} and not with an ImportLayout")
    return answer


rows = _all_of(ImportedRow, RefusedRow)
OF_METHODS: Mapping[str, Callable[[object], object]] = {
    "charge": outcome,
    "refund": outcome,
    "fetch": outcome,
    "parse_webhook": notices,
    "decide": frame,
    "check": _all_of(Problem),
    "layout": layout,
    "handle": nothing,
}


def _plain(value: object, where: str, depth: int) -> None:
    if depth > 50:
        raise WrongAnswerError(f"{where} is nested too deeply")
    if isinstance(value, Mapping):
        for key, one in value.items():
            _plain(one, f"{where}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for place, one in enumerate(value):
            _plain(one, f"{where}.{place}", depth + 1)
    elif value is not None and not isinstance(value, (str, int, float, bool)):
        raise WrongAnswerError(f"{where} is {_named(value)}, which is no JSON")


def _named(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
