from __future__ import annotations

import pytest

from arrears_sdk.errors import (
    AccessError,
    ArrearsError,
    ConflictError,
    CurrencyMismatchError,
    ErrorCode,
    FaultError,
    InputError,
    LimitError,
    NotFoundError,
    Problem,
    TemporaryError,
)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_says_what_happened_and_what_to_do(code: ErrorCode) -> None:
    assert code.name == code.value
    for sentence in (code.meaning, code.remedy):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
        assert len(sentence) > 20


def test_an_error_carries_its_problem_with_the_path_of_the_input() -> None:
    error = InputError("Too long.", field=("input", "reference"))
    assert error.problems == (Problem(ErrorCode.INVALID_INPUT, "Too long.", ("input", "reference")),)
    assert str(error) == "Too long."


def test_an_error_may_carry_several_problems_at_once() -> None:
    problems = [
        Problem(ErrorCode.REQUIRED, "A name is needed.", ("input", "name")),
        Problem(ErrorCode.INVALID_ID, "Not an id.", ("input", "accountId")),
    ]
    error = InputError.of(problems)
    assert type(error) is InputError
    assert error.problems == tuple(problems)
    assert error.code is ErrorCode.REQUIRED
    assert str(error) == "A name is needed.; Not an id."


def test_an_error_without_a_problem_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one problem"):
        InputError.of([])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InputError, ErrorCode.INVALID_INPUT),
        (CurrencyMismatchError, ErrorCode.CURRENCY_MISMATCH),
        (NotFoundError, ErrorCode.NOT_FOUND),
        (ConflictError, ErrorCode.CONFLICT),
        (AccessError, ErrorCode.FORBIDDEN),
        (LimitError, ErrorCode.LIMIT_EXCEEDED),
        (TemporaryError, ErrorCode.UNAVAILABLE),
        (FaultError, ErrorCode.INTERNAL),
    ],
)
def test_each_group_has_the_code_that_fits_it_best(kind: type[ArrearsError], code: ErrorCode) -> None:
    assert kind("Something.").code is code


def test_a_temporary_error_says_when_to_try_again() -> None:
    assert TemporaryError("Busy.", retry_after_seconds=1.5).retry_after_seconds == 1.5
    assert TemporaryError("Busy.").retry_after_seconds is None
