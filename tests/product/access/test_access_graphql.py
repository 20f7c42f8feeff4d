"""Access through the API: who is signed in, making principals and keys, and reading the audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arrears.clients.commands import ClientCreate, client_create
from arrears.clients.model import CollectorRole
from arrears.kernel.audit_heads import HeadLog
from arrears.kernel.sealer import Sealer
from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.conftest import Deployment

VIEWER = "{ viewer { principalId kind name roles permissions seesEverything } }"
CREATE = """
mutation ($input: PrincipalCreateInput!) {
  principalCreate(input: $input) { principal { id kind name status version } userErrors { code field message } }
}
"""
GRANT = """
mutation ($input: RoleGrantInput!) {
  roleGrant(input: $input) {
    principal { grants { nodes { id role team { name } clientId revokedAt } } }
    userErrors { code field message }
  }
}
"""
KEY = """
mutation ($input: ApiKeyCreateInput!) {
  apiKeyCreate(input: $input) { apiKey { id name scopes revokedAt } secret userErrors { code field } }
}
"""


async def ok(api: Api, query: str, input: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    """The data of an operation that must not fail."""
    answer = await api(query, {"input": input} if input is not None else None, **given)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def test_the_viewer_says_who_is_signed_in(api: Api) -> None:
    data = await ok(api, VIEWER, role="AUDITOR")
    assert data["viewer"]["principalId"].startswith("prin_")
    assert {name: data["viewer"][name] for name in ("kind", "name", "roles", "seesEverything")} == {
        "kind": "PERSON",
        "name": "AUDITOR of the test",
        "roles": ["AUDITOR"],
        "seesEverything": True,
    }
    assert "audit.read" in data["viewer"]["permissions"]
    assert "accounts.write" not in data["viewer"]["permissions"]


async def test_a_principal_gets_a_role_and_a_key_that_works_until_it_is_rolled_and_revoked(api: Api) -> None:
    made = (await ok(api, CREATE, {"kind": "PERSON", "name": "Ada"}))["principalCreate"]
    assert made["userErrors"] == []
    principal = made["principal"]
    assert (principal["kind"], principal["name"], principal["status"], principal["version"]) == (
        "PERSON",
        "Ada",
        "ACTIVE",
        1,
    )
    team = 'mutation { teamCreate(input: {name: "Early"}) { team { id name } userErrors { code } } }'
    team_id = (await ok(api, team))["teamCreate"]["team"]["id"]
    granted = await ok(api, GRANT, {"principalId": principal["id"], "role": "COLLECTOR", "teamIds": [team_id]})
    (grant,) = granted["roleGrant"]["principal"]["grants"]["nodes"]
    assert (grant["role"], grant["team"], grant["clientId"], grant["revokedAt"]) == (
        "COLLECTOR",
        {"name": "Early"},
        None,
        None,
    )
    issued = (await ok(api, KEY, {"principalId": principal["id"], "name": "laptop"}))["apiKeyCreate"]
    assert issued["apiKey"]["scopes"] == sorted(issued["apiKey"]["scopes"])
    viewer = (await ok(api, VIEWER, key=issued["secret"]))["viewer"]
    assert (viewer["principalId"], viewer["roles"], viewer["seesEverything"]) == (principal["id"], ["COLLECTOR"], False)

    roll = "mutation ($input: ApiKeyRollInput!) { apiKeyRoll(input: $input) { secret apiKey { replaces { id } } } }"
    rolled = (await ok(api, roll, {"apiKeyId": issued["apiKey"]["id"], "overlapSeconds": 60}))["apiKeyRoll"]
    assert rolled["apiKey"] == {"replaces": {"id": issued["apiKey"]["id"]}}
    assert (await ok(api, VIEWER, key=rolled["secret"]))["viewer"]["principalId"] == principal["id"]

    revoke = """mutation ($input: ApiKeyRevokeInput!) {
        apiKeyRevoke(input: $input) { apiKey { revokedAt } userErrors { code } } }"""
    revoked = (await ok(api, revoke, {"apiKeyId": issued["apiKey"]["id"]}))["apiKeyRevoke"]
    assert revoked["apiKey"]["revokedAt"] is not None
    again = (await ok(api, revoke, {"apiKeyId": issued["apiKey"]["id"]}))["apiKeyRevoke"]
    assert again == {"apiKey": None, "userErrors": [{"code": "ALREADY_ENDED"}]}


async def test_a_replay_shows_the_key_and_never_its_secret(api: Api) -> None:
    principal = (await ok(api, CREATE, {"kind": "PERSON", "name": "Ada"}))["principalCreate"]["principal"]
    await ok(api, GRANT, {"principalId": principal["id"], "role": "AUDITOR", "everywhere": True})
    wish = {"principalId": principal["id"], "name": "once", "idempotencyKey": "k1"}
    first = (await ok(api, KEY, wish))["apiKeyCreate"]
    again = await api(KEY, {"input": wish})
    assert first["secret"].startswith("arr_")
    assert again["data"]["apiKeyCreate"]["apiKey"]["id"] == first["apiKey"]["id"]
    assert again["data"]["apiKeyCreate"]["secret"] is None
    assert again["extensions"]["idempotency"] == {"replayed": True}


async def test_what_is_wrong_is_said_with_its_field(api: Api) -> None:
    unknown = encode_id("prin", new_id())
    grant = (await ok(api, GRANT, {"principalId": unknown, "role": "ADMIN", "everywhere": True}))["roleGrant"]
    assert grant["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "field": ["input", "principalId"],
            "message": "There is no such record (prin) that you may see.",
        }
    ]
    principal = (await ok(api, CREATE, {"kind": "SERVICE", "name": "ERP"}))["principalCreate"]["principal"]
    key = (await ok(api, KEY, {"principalId": principal["id"], "name": "x"}))["apiKeyCreate"]
    assert key == {"apiKey": None, "secret": None, "userErrors": [{"code": "REQUIRED", "field": ["input", "scopes"]}]}
    grant = (await ok(api, GRANT, {"principalId": principal["id"], "role": "ADMIN", "everywhere": True}))["roleGrant"]
    assert grant["userErrors"][0] == {
        "code": "INVALID_INPUT",
        "field": ["input", "role"],
        "message": "A service cannot hold the role ADMIN.",
    }
    wrong_kind = (await ok(api, GRANT, {"principalId": encode_id("acct", new_id()), "role": "ADMIN"}))["roleGrant"]
    assert [(error["code"], error["field"]) for error in wrong_kind["userErrors"]] == [
        ("INVALID_ID", ["input", "principalId"])
    ]


async def test_who_may_not_is_refused_and_a_limited_reader_sees_nobody(api: Api) -> None:
    lists = "{ principals { nodes { id } } apiKeys { nodes { id } } auditEntries { nodes { id } } }"
    for role in ("COLLECTOR", "CLIENT"):
        key = await api.sign_in(role, clients=[await client(api)])
        answer = await api(lists, key=key)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}, role
        refused = await api(CREATE, {"input": {"kind": "PERSON", "name": "x"}}, key=key)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    limited = await api.sign_in("AUDITOR", clients=[await client(api, "two")])
    data = await ok(api, lists, key=limited)
    assert (data["principals"]["nodes"], data["apiKeys"]["nodes"]) == ([], [])


async def client(api: Api, reference: str = "one") -> Any:
    change = ClientCreate(
        name="Bank",
        reference=f"{reference}-{new_id().hex[-6:]}",
        country="US",
        currency="USD",
        time_zone="America/New_York",
        collector_role=CollectorRole.THIRD_PARTY,
    )
    return (await client_create(api.context, change)).result.client_id


async def test_the_audit_trail_tells_what_happened_to_one_thing(
    api: Api, deployment: Deployment, tmp_path: Path
) -> None:
    principal = (await ok(api, CREATE, {"kind": "PERSON", "name": "Ada"}))["principalCreate"]["principal"]
    version = {"principalId": principal["id"], "version": 1}
    disable = "mutation ($input: PrincipalDisableInput!) { principalDisable(input: $input) { principal { status } } }"
    assert (await ok(api, disable, version))["principalDisable"] == {"principal": {"status": "DISABLED"}}
    await Sealer(HeadLog(tmp_path / "heads.log")).seal(deployment.worker_context())

    trail = """query ($id: String) { auditEntries(subjectId: $id) {
        totalCount nodes { command subjectId number principal { name } before after reason } } }"""
    answer = await api(trail, {"id": principal["id"]}, role="AUDITOR")
    data = answer["data"]["auditEntries"]

    assert data["totalCount"] == 2
    newest, oldest = data["nodes"]
    assert int(newest.pop("number")) == int(oldest.pop("number")) + 1
    assert newest == {
        "command": "principal.disable",
        "subjectId": principal["id"],
        "principal": {"name": "ADMIN of the test"},
        "before": {"status": "ACTIVE"},
        "after": {"status": "DISABLED"},
        "reason": None,
    }
    assert oldest["command"] == "principal.create"
    assert oldest["after"]["name"].keys() == {"sealed", "person"}
    for nothing in ("nonsense", "acct_1", encode_id("acct", new_id())):
        found = await api(trail, {"id": nothing}, role="AUDITOR")
        assert found["data"]["auditEntries"] == {"totalCount": 0, "nodes": []}
    everything = await api(trail, {"id": None}, role="AUDITOR")
    assert everything["data"]["auditEntries"]["totalCount"] > 2


async def test_lists_are_filtered_and_ordered(api: Api) -> None:
    for name in ("Grace", "Ada", "Edsger"):
        await ok(api, CREATE, {"kind": "PERSON", "name": name})
    query = """{ principals(where: {kind: {eq: PERSON}, name: {in: ["Ada", "Grace"]}},
        orderBy: {field: NAME, direction: DESC}) { nodes { name kind } } }"""
    data = await ok(api, query)
    assert [node["name"] for node in data["principals"]["nodes"]] == ["Grace", "Ada"]
