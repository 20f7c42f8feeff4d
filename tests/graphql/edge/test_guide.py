"""The guide to the API over HTTP gives the limits as they are."""

from __future__ import annotations

import re
from pathlib import Path

from arrears.graphql.edge.settings import EdgeSettings
from arrears.graphql.limits import DocumentLimits

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "http.md"


def test_the_limits_of_the_guide_are_those_of_the_code() -> None:
    table = GUIDE.read_text(encoding="utf-8").split("## Limits", 1)[1]
    numbers = [int(number) for row in re.findall(r"^\| [^|]+ \| (\d.*) \|$", table, re.MULTILINE)
               for number in re.findall(r"\d+", row)]  # fmt: skip
    edge, document = EdgeSettings(), DocumentLimits()
    assert numbers == [
        edge.max_body_bytes,
        edge.max_query_string_bytes,
        edge.max_variable_values,
        edge.max_files,
        edge.max_file_bytes,
        edge.max_upload_bytes,
        edge.requests_per_second,
        edge.request_burst,
        edge.max_message_bytes,
        edge.max_operations_per_socket,
        document.max_tokens,
        document.max_depth,
        document.max_fields,
        document.max_aliases,
        document.max_root_fields,
        document.max_cost,
        edge.execution_seconds,
    ]
