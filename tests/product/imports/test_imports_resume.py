"""An import that was interrupted goes on with the same file, and every line counts once."""

from __future__ import annotations

import asyncio
import csv
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from arrears.imports.mapping import ImportMapping
from arrears.imports.model import ImportProgress
from arrears.kernel.database import DatabaseUrls
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from arrears.ledger.verification import verify
from arrears_sdk.errors import ConflictError
from tests.conftest import Deployment
from tests.product.imports.files import Desk, row, take_elsewhere


class InterruptionError(Exception):
    """Whatever may end a process."""


def interrupt_after(rows: int) -> object:
    def tell(progress: ImportProgress) -> None:
        if progress.rows_read >= rows:
            raise InterruptionError

    return tell


def rows_with_faults(count: int) -> list[str]:
    """Rows of ten debtors; every seventh has no readable amount, and every row is paid in part."""
    return [
        row(
            f"A-{number}",
            f"C{number % 10}",
            amount="x" if number % 7 == 0 else "10",
            paid="15.02.2026",
            paid_amount="4",
        )
        for number in range(count)
    ]


async def assert_whole(desk: Desk, refused: Path, count: int) -> None:
    bad = len(range(0, count, 7))
    assert await desk.count("account", "payment", "debtor") == (count - bad, count - bad, 10)
    assert await desk.query("select state, rows_read, rows_accepted, rows_refused from import_run") == [
        ("COMPLETED", count, count - bad, bad)
    ]
    assert await desk.query("select accepted_minor, refused_minor, paid_minor from import_total") == [
        (1000 * (count - bad), 0, 400 * (count - bad))
    ]
    with refused.open(newline="") as file:
        lines = [int(line["arrears_line"]) for line in csv.DictReader(file)]
    assert lines == [number + 2 for number in range(0, count, 7)]
    assert await desk.query("select count(distinct line), count(*) from import_row_error") == [(bad, bad)]
    assert (await verify(desk.deployment.context())).is_sound


async def test_an_interrupted_import_goes_on_where_it_stopped(desk: Desk) -> None:
    file, refused = desk.write(rows_with_faults(50)), desk.folder / "refused.csv"
    with pytest.raises(InterruptionError):
        await desk.take(file, rows_per_batch=8, refused_file=refused, progress=interrupt_after(20))  # type: ignore[arg-type]
    assert await desk.query("select state, rows_read from import_run") == [("RUNNING", 24)]

    report = await desk.take(file, rows_per_batch=8, refused_file=refused)

    assert (report.rows_read, report.debtors_created) == (50, 10)
    await assert_whole(desk, refused, 50)


async def test_what_was_written_for_a_batch_that_failed_is_cut_off_the_refused_file(desk: Desk) -> None:
    file, refused = desk.write(rows_with_faults(50)), desk.folder / "refused.csv"
    with pytest.raises(InterruptionError):
        await desk.take(file, rows_per_batch=8, refused_file=refused, progress=interrupt_after(20))  # type: ignore[arg-type]
    with refused.open("a") as late:
        late.write("a batch that was never committed")

    await desk.take(file, rows_per_batch=8, refused_file=refused)

    await assert_whole(desk, refused, 50)


async def test_of_two_processes_with_the_same_file_one_goes_on(desk: Desk) -> None:
    file, refused = desk.write(rows_with_faults(60)), desk.folder / "refused.csv"

    results = await asyncio.gather(
        desk.take(file, rows_per_batch=5, refused_file=refused),
        desk.take(file, rows_per_batch=5),
        return_exceptions=True,
    )

    for result in results:
        assert not isinstance(result, BaseException) or isinstance(result, ConflictError), result
    await desk.take(file, refused_file=refused)
    assert await desk.count("account", "debtor", "import_run") == (51, 10, 1)
    assert (await verify(desk.deployment.context())).is_sound


def take_in_a_process(urls: DatabaseUrls, key: str, mapping: ImportMapping, file: Path, refused: Path) -> None:
    asyncio.run(take_elsewhere(urls, key, mapping, file, refused))


async def test_killed_in_the_middle_it_completes_exactly(deployment: Deployment, tmp_path: Path) -> None:
    key = new_key_text()
    deployment.vault = Vault(DeploymentKeys.parse(key))
    desk = await Desk.open(deployment, tmp_path)
    file, refused = desk.write(rows_with_faults(1500)), desk.folder / "refused.csv"
    spawn = multiprocessing.get_context("spawn")
    kills = 0
    for _ in range(3):
        given = (deployment.urls, key, desk.mapping, file, refused)
        process = spawn.Process(target=take_in_a_process, args=given)
        process.start()
        started, deadline = kills, time.monotonic() + 60
        before = await _rows_read(desk)
        while time.monotonic() < deadline and process.is_alive():
            if await _rows_read(desk) > before:
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
                break
            await asyncio.sleep(0.02)
        process.join(30)
        assert kills > started, "the process ended before it could be killed"

    await desk.take(file, refused_file=refused)

    assert kills == 3
    await assert_whole(desk, refused, 1500)


async def _rows_read(desk: Desk) -> int:
    return sum(rows for (rows,) in await desk.query("select rows_read from import_run"))
