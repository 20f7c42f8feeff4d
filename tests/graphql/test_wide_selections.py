"""Selections that PostgreSQL's own limits would cut: more than fifty fields, aliases longer than its identifiers."""

from __future__ import annotations

import json

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from arrears.schema import core_schema
from tests.api import Api
from tests.graphql.small_agency import SmallAgency


def leaves(type_name: str) -> list[str]:
    """The fields of a type that are plain values."""
    kind = core_schema().strawberry._schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    return [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args]


@pytest.mark.parametrize("count", [50, 51, 99])
async def test_many_fields_come_in_the_order_asked_for(api: Api, small_agency: SmallAgency, count: int) -> None:
    """Given more fields than one SQL call takes, when they are selected, then all come in that order."""
    names = [f"f{number}" for number in range(count)]
    selected = " ".join(f"{name}: reference" for name in names)

    answer = await api(f"{{ accounts(first: 1, orderBy: {{field: REFERENCE}}) {{ nodes {{ {selected} }} }} }}")

    (node,) = answer["data"]["accounts"]["nodes"]
    assert list(node) == names
    assert set(node.values()) == {"INV-0"}


async def test_every_plain_field_of_an_account_at_once(api: Api, small_agency: SmallAgency) -> None:
    """Given the account type, when all its plain fields are selected together, then each has its key in the answer."""
    names = leaves("Account")

    answer = await api(f"{{ accounts(first: 1) {{ nodes {{ {' '.join(names)} }} }} }}")

    (node,) = answer["data"]["accounts"]["nodes"]
    assert list(node) == names
    assert len(names) > 30


async def test_long_aliases_stay_apart(api: Api, small_agency: SmallAgency) -> None:
    """Given two aliases that agree in their first hundred letters, when both are selected, then neither is lost."""
    stem = "a" * 100
    selected = f"{stem}x: reference {stem}y: currency"
    query = f"{{ accounts(first: 1, orderBy: {{field: REFERENCE}}) {{ nodes {{ {selected} }} }} }}"

    answer = await api(query)

    assert answer["data"]["accounts"]["nodes"] == [{f"{stem}x": "INV-0", f"{stem}y": "USD"}]


async def test_text_comes_back_as_it_was_written(api: Api, small_agency: SmallAgency) -> None:
    """Given a note of quotes, line ends, percent signs and other scripts, when it is read, then nothing is changed."""
    text = 'it\'s 100% "quoted" \\ tab\t\nМюллер 🙂 \u200f'
    version = (await api("{ accounts(first: 1) { nodes { id version } } }"))["data"]["accounts"]["nodes"][0]
    change = {"accountId": version["id"], "version": version["version"], "interestClause": text}

    answer = await api(
        "mutation($input: AccountUpdateInput!) { accountUpdate(input: $input)"
        " { userErrors { code message } account { interestClause } } }",
        {"input": change},
    )

    assert answer["data"]["accountUpdate"] == {"userErrors": [], "account": {"interestClause": text}}, json.dumps(
        answer
    )
