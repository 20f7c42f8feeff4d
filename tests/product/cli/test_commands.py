"""The commands on a database: what they say, what they print for scripts, and their exit codes."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import psycopg
import pytest

from arrears.access.authentication import Authenticator
from arrears.deployment import open_deployment
from arrears.kernel.database import Database
from arrears.kernel.keys import new_key_text
from arrears.kernel.transaction import begin
from arrears.settings import read_settings
from arrears_sdk.errors import AccessError
from arrears_sdk.ids import new_id

MAPPING = """
[debtor]
reference = "customer"
name = "name"
kind = { constant = "PERSON" }
country = { constant = "GB" }

[account]
reference = "invoice"
product = { constant = "INVOICE" }
purpose = { constant = "CONSUMER" }
opened_on = "issued"
due_on = "due"

[opening]
principal = "amount"
"""


def make_client(arrears, reference: str = "ACME", name: str = "Acme Supplies") -> str:
    made = arrears(
        "clients", "create", "--name", name, "--reference", reference, "--country", "GB", "--currency", "GBP",
        "--time-zone", "Europe/London", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    return str(made.json["id"])


def test_a_client_is_made_and_listed(arrears) -> None:
    # when
    identifier = make_client(arrears)
    listed = arrears("clients", "list", "--json")

    # then
    assert listed.json == [
        {
            "id": identifier,
            "reference": "ACME",
            "name": "Acme Supplies",
            "country": "GB",
            "currency": "GBP",
            "time_zone": "Europe/London",
            "status": "ACTIVE",
        }
    ]
    assert identifier in arrears("clients", "list").out


def test_a_refusal_is_one_sentence_and_an_exit_code(arrears) -> None:
    make_client(arrears)
    options = ("--name", "Other", "--country", "GB", "--currency", "GBP", "--time-zone", "Europe/London")
    taken = arrears("clients", "create", "--reference", "ACME", *options)
    assert (taken.code, taken.out, taken.err) == (3, "", "Another client has this reference already.\n")
    wrong = arrears("clients", "create", "--reference", "B", *options[:4], "--currency", "XXX", *options[6:])
    assert (wrong.code, wrong.err) == (2, "'XXX' is not an active ISO 4217 currency.\n")


def test_debug_shows_where(arrears) -> None:
    with pytest.raises(Exception, match="is not an active ISO 4217 currency"):
        arrears(
            "--debug", "clients", "create", "--name", "N", "--reference", "R", "--country", "GB", "--currency", "XXX",
            "--time-zone", "Europe/London",
        )  # fmt: skip


def signs_in(deployment, key: str) -> set[str]:
    """The roles of whoever has the key."""

    async def ask() -> set[str]:
        async with Database(deployment.urls.api, application_name="test", pool_size=1) as database:
            found = await Authenticator(database, deployment.vault).authenticate({"authorization": f"Bearer {key}"})
            return set() if found is None else set(found.roles)

    return asyncio.run(ask())


def test_a_key_works_until_it_is_revoked(arrears, deployment) -> None:
    # given
    made = arrears("keys", "create", "front end", "--role", "MANAGER", "--person", "Mona Field", "--json").json

    # when
    roles = signs_in(deployment, made["key"])
    listed = arrears("keys", "list", "--json").json
    revoked = arrears("keys", "revoke", made["id"])

    # then
    assert roles == {"MANAGER"}
    assert [(row["id"], row["name"], row["principal"], row["state"]) for row in listed] == [
        (made["id"], "front end", "Mona Field", "active")
    ]
    assert revoked.out == f"{made['id']} is revoked.\n"
    with pytest.raises(AccessError, match="revoked"):
        signs_in(deployment, made["key"])
    again = arrears("keys", "revoke", made["id"])
    assert (again.code, again.err) == (3, "The key was revoked already.\n")


def test_a_rolled_key_and_a_second_key_of_one_principal(arrears, deployment) -> None:
    first = arrears("keys", "create", "laptop", "--role", "AUDITOR", "--json").json
    second = arrears("keys", "create", "phone", "--principal", first["principal"], "--json").json
    rolled = arrears("keys", "roll", first["id"], "--overlap-hours", "0", "--json").json

    assert second["principal"] == rolled["principal"] == first["principal"]
    assert signs_in(deployment, second["key"]) == {"AUDITOR"}
    assert signs_in(deployment, rolled["key"]) == {"AUDITOR"}
    with pytest.raises(AccessError):
        signs_in(deployment, first["key"])


def test_a_role_can_be_limited_to_a_client_and_a_service_names_its_scopes(arrears) -> None:
    client = make_client(arrears)
    assert arrears("keys", "create", "portal", "--role", "CLIENT", "--client", client).code == 0
    assert arrears("keys", "create", "report", "--role", "SERVICE", "--scope", "accounts.read").code == 0
    nothing = arrears("keys", "create", "report", "--role", "SERVICE")
    assert (nothing.code, nothing.err) == (
        2,
        "Name at least one permission: a key without scopes could do nothing.\n",
    )
    debtor = arrears("keys", "create", "x", "--role", "DEBTOR")
    assert debtor.code == 2
    assert debtor.err.startswith("There is no role DEBTOR to give; there are ADMIN, AUDITOR, CLIENT,")
    wrong_id = arrears("keys", "create", "x", "--role", "CLIENT", "--client", "acct_" + "0" * 32)
    assert (wrong_id.code, wrong_id.out) == (2, "")


def test_a_deployment_key_is_32_bytes_in_base64(arrears) -> None:
    import base64

    texts = {arrears("keys", "deployment").out for _ in range(2)}
    assert len(texts) == 2
    assert all(len(base64.b64decode(text)) == 32 for text in texts)


def test_persons_keys_are_put_under_a_new_deployment_key(
    arrears, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given: two persons with national ids under the only key
    old, new = f"2025:{new_key_text()}", f"2026:{new_key_text()}"
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", old)
    asyncio.run(seal_two_national_ids())
    # What opening a deployment by hand logs is not the commands' output.
    capsys.readouterr()

    # when: a new one is listed before it
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", f"{new},{old}")
    first, again = arrears("keys", "rotate-deployment", "--json"), arrears("keys", "rotate-deployment")

    # then
    assert first.json == {"current": "2026", "rewrapped": 2, "under_key": {"2026": 2}}
    assert (again.code, again.out) == (0, "0 persons' keys were put under the deployment key 2026.\n")
    assert again.err == (
        "Keep the older deployment keys listed while audit entries written under them are to be verified.\n"
    )


async def seal_two_national_ids() -> None:
    """As the commands of debtors do, under the keys of the environment."""
    async with open_deployment(read_settings()) as opened:
        for place in range(2):
            async with begin(opened.context()) as tx:
                person = new_id()
                await opened.vault.seal(tx, person, f"078-05-112{place}", table="debtor", row_id=person, column="id")


def test_a_sound_ledger_and_one_that_was_tampered_with(arrears, deployment, tmp_path: Path) -> None:
    # given
    make_client(arrears)
    take_in(arrears, tmp_path)
    sound = arrears("ledger", "verify")

    # when
    with psycopg.connect(deployment.urls.owner) as connection:
        connection.execute(
            "update account set principal_minor = principal_minor + 1, balance_minor = balance_minor + 1"
        )
    broken, as_json = arrears("ledger", "verify"), arrears("ledger", "verify", "--json")

    # then
    first, *table = sound.out.splitlines()
    assert (sound.code, first) == (0, "The ledger is sound: 2 accounts, 2 entries, 4 postings and 0 payments.")
    cells = [line.split()[1:] for line in table if "clnt_" in line]
    assert [(*row[:3], *row[-2:]) for row in cells] == [
        ("GBP", "DEBT", "RECEIVABLE", debits := cells[0][-2], "0.00"),
        ("GBP", "DEBT", "PLACED", "0.00", debits),
        ("GBP", "DEBT", "in", debits, debits),
    ]
    assert broken.code == as_json.code == 1
    assert broken.out.startswith("The ledger is not sound: ")
    assert as_json.json["sound"] is False
    assert [line["ledger_account"] for line in as_json.json["trial_balance"]] == ["RECEIVABLE", "PLACED"]


def test_balances_are_snapshotted_by_hand_as_by_night(arrears, tmp_path: Path) -> None:
    # given
    client = make_client(arrears)
    take_in(arrears, tmp_path)

    # when
    nightly, again = arrears("ledger", "snapshot", "--json"), arrears("ledger", "snapshot", "--json")
    wanted, afresh = (
        arrears("ledger", "snapshot", "--on", "2026-03-31", "--json"),
        arrears("ledger", "snapshot", "--afresh"),
    )
    refused = arrears("ledger", "snapshot", "--on", "2199-01-01")

    # then
    assert (nightly.code, wanted.code, afresh.code, refused.code) == (0, 0, 0, 2), (wanted.err, afresh.err)
    assert [(one["client"], one["accounts"]) for one in nightly.json] == [(client, 2)]
    assert again.json == nightly.json
    assert [one["day"] for one in wanted.json] == ["2026-03-31", nightly.json[0]["day"]]
    assert "2026-03-31" in afresh.out
    assert "has not begun yet" in refused.err


def test_a_whole_audit_trail_and_one_that_was_tampered_with(arrears, deployment) -> None:
    # given
    make_client(arrears)
    assert arrears("audit", "seal").out == "Sealed 1 audit rows.\n"
    whole = arrears("audit", "verify")
    assert (whole.code, whole.out) == (
        0,
        (
            "The audit trail is whole: 1 rows sealed, 0 not yet, 1 heads outside the database agree.\n"
            "0 decisions are as they were made.\n"
        ),
    )

    # when
    with psycopg.connect(deployment.urls.owner) as connection:
        connection.execute("alter table audit_entry disable trigger user")
        connection.execute("update audit_entry set command = 'nothing.happened'")
    broken = arrears("audit", "verify", "--json")

    # then
    assert broken.code == 1
    assert (broken.json["whole"], broken.json["first_bad"]["fault"]) == (False, "ALTERED")


def test_the_state_of_the_schema(arrears, deployment, server, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a database with the present schema, and an empty one beside it
    present = arrears("db", "status", "--json")
    assert (present.code, present.json["current"]) == (0, True)
    from psycopg import sql

    owner = psycopg.conninfo.conninfo_to_dict(deployment.urls.owner)
    name = str(owner["dbname"]) + "_empty"
    server.administer(
        sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(str(owner["user"])))
    )
    try:
        urls = deployment.urls.with_database(name)
        monkeypatch.setenv("ARREARS_DATABASE_URL", urls.owner)
        monkeypatch.setenv("ARREARS_API_DATABASE_URL", urls.api)
        monkeypatch.setenv("ARREARS_WORKER_DATABASE_URL", urls.worker)

        # when
        empty = arrears("db", "status")
        refused = arrears("clients", "list")
        migrated = arrears("db", "migrate")
        again = arrears("clients", "list", "--json")

        # then
        needed = present.json["needed"]
        assert (empty.code, empty.out) == (1, f"The database is empty; this version needs schema {needed}.\n")
        assert refused.code == 70
        assert "Run `arrears db migrate`." in refused.err
        assert migrated.out == f"The database is at schema {needed}.\n"
        assert again.json == []
    finally:
        server.drop(name)


def test_the_clock_of_a_sandbox_moves_forwards_only(arrears, deployment) -> None:
    before = datetime.datetime.fromisoformat(arrears("db", "clock", "--json").json["now"])
    after = datetime.datetime.fromisoformat(arrears("db", "clock", "--by", "30", "--json").json["now"])
    assert datetime.timedelta(days=30) <= after - before < datetime.timedelta(days=30, minutes=5)
    assert arrears("db", "clock", "--to", "2100-01-01").out == "The platform's clock shows 2100-01-01 00:00:00 UTC.\n"
    back = arrears("db", "clock", "--by", "-1")
    assert (back.code, back.err) == (2, "The clock is only moved forwards.\n")
    assert arrears("db", "clock", "--to", "tomorrow").code == 2
    with psycopg.connect(deployment.urls.owner) as connection:
        connection.execute("update deployment set clock_offset_microseconds = 0, sandbox = false")
    live = arrears("db", "clock", "--by", "1")
    assert (live.code, live.err) == (3, "The clock can be moved in a sandbox only.\n")


def test_the_addresses_of_the_database(arrears, deployment) -> None:
    assert arrears("db", "url").out == f"{deployment.urls.owner}\n"
    assert arrears("db", "url", "--role", "worker").out == f"{deployment.urls.worker}\n"
    assert arrears("db", "url", "--role", "nobody").code == 2


def take_in(arrears, folder: Path, rows: str = "", *options: str):
    """Import two good rows, and whatever rows come after them."""
    (folder / "mapping.toml").write_text(MAPPING)
    header = "customer,name,invoice,issued,due,amount\n"
    good = "C1,Ada Byron,I1,2025-01-02,2025-02-01,120.50\nC2,Alan Hart,I2,2025-01-03,2025-02-02,80.00\n"
    (folder / "debts.csv").write_text(header + good + rows)
    file, mapping = str(folder / "debts.csv"), str(folder / "mapping.toml")
    return arrears("import", file, "--mapping", mapping, "--client", "ACME", *options)


def test_a_file_is_tried_taken_in_and_not_taken_in_twice(arrears, tmp_path: Path) -> None:
    # given
    make_client(arrears)

    # when
    tried = take_in(arrears, tmp_path, "", "--dry-run", "--json")
    taken = take_in(arrears, tmp_path, "", "--json")
    again = take_in(arrears, tmp_path)

    # then
    assert (tried.code, tried.json["stored"], tried.json["rows_accepted"]) == (0, False, 2)
    assert (taken.code, taken.json["stored"], taken.json["debtors_created"]) == (0, True, 2)
    assert taken.json["totals"] == [{"currency": "GBP", "accepted": "200.50", "refused": "0.00", "paid": "0.00"}]
    assert again.code == 0
    assert "This file was taken in before under the same mapping; nothing was changed." in again.out


def test_refused_rows_are_told_and_give_exit_code_1(arrears, tmp_path: Path) -> None:
    make_client(arrears)
    taken = take_in(arrears, tmp_path, "C3,Eve Moor,I3,2025-01-04,31/01/2025,10.00\n")
    assert taken.code == 1
    assert "3 rows read: 2 accepted, 1 refused; 2 debtors made, 0 payments recorded." in taken.out
    assert "31/01/2025" in taken.out


def test_what_the_sender_announced_is_compared_before_anything_is_taken_in(arrears, tmp_path: Path) -> None:
    make_client(arrears)
    less = take_in(arrears, tmp_path, "", "--expect-rows", "3", "--expect-total", "200.51 GBP")
    same = take_in(arrears, tmp_path, "", "--expect-rows", "2", "--expect-total", "200.50 GBP", "--placement", "MAY")
    assert less.code == 2
    assert less.err.splitlines() == [
        "The file holds 2 rows; 3 were announced.",
        "The amounts of the file add up to 200.50 GBP; 200.51 GBP was announced.",
    ]
    assert same.code == 0


def test_a_mapping_that_is_wrong_gives_one_sentence_for_each_fault(arrears, tmp_path: Path) -> None:
    make_client(arrears)
    (tmp_path / "debts.csv").write_text("a\n1\n")
    (tmp_path / "mapping.toml").write_text("[debtor\n")
    refused = arrears(
        "import", str(tmp_path / "debts.csv"), "--mapping", str(tmp_path / "mapping.toml"), "--client", "ACME"
    )
    assert refused.code == 2
    assert refused.err.startswith("The mapping is not valid TOML")


def test_the_schema_file_is_written_and_compared(arrears, tmp_path: Path) -> None:
    file = tmp_path / "schema.graphql"
    missing = arrears("schema", str(file), "--check")
    written = arrears("schema", str(file))
    same = arrears("schema", str(file), "--check")
    file.write_text(file.read_text().replace("type Query", "type Question", 1))
    differs = arrears("schema", str(file), "--check")

    assert (missing.code, written.code, same.code, differs.code) == (1, 0, 0, 1)
    assert same.out == f"{file} holds the present schema.\n"
    assert "-type Question" in differs.err
    assert arrears("schema", "-").out.startswith('"')


def test_health_of_a_server_that_is_not_there(arrears) -> None:
    down = arrears("health", "--url", "http://127.0.0.1:1", "--json")
    assert (down.code, down.json["ready"], down.json["status"]) == (1, False, "unreachable")
