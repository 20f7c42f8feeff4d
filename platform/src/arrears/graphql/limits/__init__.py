"""Limits on documents: depth, tokens, aliases, and a cost from list sizes, refused before anything runs."""

from __future__ import annotations

from arrears.graphql.limits.cost import Cost, CostError, check_document
from arrears.graphql.limits.documents import Document, Documents
from arrears.graphql.limits.parsing import parse
from arrears.graphql.limits.refusal import DocumentRefused
from arrears.graphql.limits.settings import DocumentLimits, FieldCost

__all__ = [
    "Cost",
    "CostError",
    "Document",
    "DocumentLimits",
    "DocumentRefused",
    "Documents",
    "FieldCost",
    "check_document",
    "parse",
]
