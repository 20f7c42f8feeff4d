"""`arrears ledger replay`: books put right after other settings, in whole or for one client, or only looked at."""

from __future__ import annotations

from pathlib import Path

from tests.product.cli.test_commands import make_client, take_in
from tests.product.cli.test_interest import SETTINGS


def test_debts_that_begin_to_bear_interest_are_replayed_once(arrears, tmp_path: Path) -> None:
    # given: two debts of a client that begins to charge interest only after they came
    make_client(arrears)
    taken = take_in(arrears, tmp_path, "", "--json")
    assert taken.code == 0, taken.err
    right = arrears("ledger", "replay")
    file = tmp_path / "arrears.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    applied = arrears("config", "apply", str(file), "--yes")
    assert applied.code == 0, applied.err

    # when
    looked = arrears("ledger", "replay", "--check")
    stranger = arrears("ledger", "replay", "--client", "nobody")
    one = arrears("ledger", "replay", "--account", looked_at(arrears), "--json")
    rest = arrears("ledger", "replay")
    again = arrears("ledger", "replay", "--check", "--json")

    # then: there are no days of interest yet, but the count of it begins
    assert right.out == "Nothing is to be put right: the ledger of 2 accounts is as their courses have it.\n"
    assert (looked.code, looked.out) == (
        1,
        "Of 2 accounts 2 would be put right: 0 entries corrected, 0 added.\n",
    )
    assert stranger.code != 0
    assert "There is no client 'nobody'" in stranger.err
    assert (one.json["accounts"], len(one.json["changed"])) == (1, 1)
    assert rest.out == "Of 2 accounts 1 put right: 0 entries corrected, 0 added.\n"
    assert (again.code, again.json) == (0, {"accounts": 2, "changed": [], "corrected": 0, "added": 0})
    assert arrears("ledger", "verify").code == 0


def looked_at(arrears) -> str:
    """One of the accounts that a replay would change."""
    return str(arrears("ledger", "replay", "--check", "--json").json["changed"][0])
