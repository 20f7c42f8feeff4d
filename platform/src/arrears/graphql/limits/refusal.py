"""An operation that is refused before it runs, with errors that the caller may read in full."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import GraphQLError

from arrears_sdk.errors import ErrorCode


class DocumentRefused(Exception):  # noqa: N818 (a refusal is an answer, not a failure)
    """A request error of the GraphQL specification: there is no `data`.

    `status` overrides the HTTP status that the media type would give; `headers` go with it.
    """

    def __init__(
        self,
        code: ErrorCode,
        errors: Sequence[GraphQLError],
        *,
        status: int | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.code = code
        self.errors = tuple(errors)
        self.status = status
        self.headers = tuple(headers)
