"""The parameters of a GraphQL request: from decoded JSON or a query string to a well-formed request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import parse_qsl

from arrears.graphql.edge.body import decode_json
from arrears.graphql.edge.engine import GraphQLRequest
from arrears.graphql.edge.errors import EdgeError
from arrears.graphql.edge.settings import EdgeSettings
from arrears_sdk.errors import LimitError


def request_from(parameters: object, settings: EdgeSettings, *, only_queries: bool = False) -> GraphQLRequest:
    """The request that a decoded body describes. EdgeError 400 when it is not well-formed."""
    if isinstance(parameters, list):
        raise EdgeError(400, "Batches are not supported: send one operation in each request.")
    if not isinstance(parameters, dict):
        raise EdgeError(400, "The body must be a JSON object.")
    query = parameters.get("query")
    if not isinstance(query, str):
        missing = "`query` is missing." if query is None else "`query` must be a string."
        raise EdgeError(400, missing)
    name = parameters.get("operationName")
    if name is not None and not isinstance(name, str):
        raise EdgeError(400, "`operationName` must be a string or null.")
    variables = _map(parameters, "variables")
    if variables:
        _bound(variables, settings)
    return GraphQLRequest(query, name or None, variables, _map(parameters, "extensions"), only_queries)


def request_from_query_string(query_string: bytes, settings: EdgeSettings) -> GraphQLRequest:
    """The query that the parameters of a GET describe. EdgeError 400 when it is not well-formed, 414 when too long."""
    if len(query_string) > settings.max_query_string_bytes:
        raise EdgeError(414, f"The query string is longer than {settings.max_query_string_bytes} bytes; use POST.")
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=16)
    except ValueError:
        raise EdgeError(400, "The query string is malformed.") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise EdgeError(400, "A parameter of the query string came more than once.")
    parameters: dict[str, object] = dict(pairs)
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        if isinstance(text, str):
            parameters[name] = decode_json(text, f"`{name}`") if text else None
    return request_from(parameters, settings, only_queries=True)


def _map(parameters: Mapping[str, object], name: str) -> dict[str, object] | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, dict):
        raise EdgeError(400, f"`{name}` must be an object or null.")
    return cast("dict[str, object] | None", value)


def _bound(variables: dict[str, object], settings: EdgeSettings) -> None:
    """LimitError when the variables hold too many values or are nested too deeply; both cost time to coerce."""
    level: list[dict[str, object] | list[object]] = [variables]
    count = depth = 0
    while level:
        depth += 1
        if depth > settings.max_variable_depth:
            raise LimitError(f"The variables are nested more than {settings.max_variable_depth} levels deep.")
        below: list[dict[str, object] | list[object]] = []
        for container in level:
            count += len(container)
            if count > settings.max_variable_values:
                raise LimitError(f"The variables hold more than {settings.max_variable_values} values.")
            values: Iterable[object] = container
            if isinstance(container, dict):
                _refuse_null_characters(container)
                values = container.values()
            _refuse_null_characters(values)
            below.extend(value for value in values if isinstance(value, dict | list))
        level = below


def _refuse_null_characters(texts: Iterable[object]) -> None:
    """EdgeError 400 for U+0000: PostgreSQL cannot store it, so no command could take it."""
    if any(isinstance(text, str) and "\0" in text for text in texts):
        raise EdgeError(400, "Variables may not contain the character U+0000.")
