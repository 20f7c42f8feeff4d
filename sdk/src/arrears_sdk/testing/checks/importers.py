"""What holds for importers; most of it is tried on files that the sample of the format describes."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

from arrears_sdk.errors import Problem
from arrears_sdk.events import JsonValue
from arrears_sdk.ports.importer import ImportedRow, Importer, ImportSource, RefusedRow
from arrears_sdk.testing.check import NotApplicable, Violation, check
from arrears_sdk.testing.samples import ImportSample
from arrears_sdk.testing.trial import Trial

HOOK = ("register_importers",)
RECEIVED_ON = date(2026, 3, 2)
ROWS = 200
LARGE_BYTES = 4 * 1024 * 1024
NONSENSE: tuple[dict[str, JsonValue], ...] = (
    {},
    {"nonsense": True},
    {"columns": None},
    {"columns": []},
    {"columns": {"reference": {"a": [1, {"b": None}]}}},
    {"": {"": ""}, "delimiter": 7, "encoding": "no such encoding"},
)


@contextmanager
def importer(trial: Trial) -> Iterator[Importer]:
    """The first importer that the plugin hands over."""
    with trial.session() as session:
        (first, *_) = session.ports("register_importers")
        assert isinstance(first, Importer)
        yield first


@contextmanager
def file_of(sample: ImportSample, rows: Sequence[bytes]) -> Iterator[ImportSource]:
    """A file with these rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample"
        with path.open("wb") as file:
            file.write(sample.head)
            file.writelines(rows)
            file.write(sample.foot)
        yield ImportSource(path=path, mapping=sample.mapping, received_on=RECEIVED_ON)


def sample_of(trial: Trial) -> ImportSample:
    """The sample of the format that the author gave."""
    if trial.import_sample is None:
        raise NotApplicable("no sample of the format was given: conformance(..., import_sample=...)")
    return trial.import_sample


def read(importer: Importer, source: ImportSource) -> list[ImportedRow | RefusedRow]:
    """Every row of a file; what is raised meanwhile is a `Violation`."""
    try:
        rows = list(importer.rows(source))
    except Exception as error:
        raise Violation(f"reading raised {type(error).__name__}: {error}; give a RefusedRow instead") from error
    for row in rows:
        if not isinstance(row, ImportedRow | RefusedRow):
            raise Violation(f"reading gave {type(row).__name__}, where ImportedRow or RefusedRow is wanted")
    return rows


@check(
    "importer.mapping",
    "A mapping that is wrong and not refused puts one person's debt under another person's name.",
    hooks=HOOK,
    needs=("registration.ports",),
)
def mappings_are_checked(trial: Trial) -> None:
    """A nonsensical mapping gives problems, never an exception; the sample's mapping gives none."""
    with importer(trial) as found:
        for mapping in NONSENSE:
            try:
                problems: object = found.check(mapping)
            except Exception as error:
                raise Violation(f"check raised {type(error).__name__} for {mapping}: {error}") from error
            if not isinstance(problems, tuple) or not all(isinstance(each, Problem) for each in problems):
                raise Violation(f"check gave {problems!r}, where a tuple of problems is wanted")
        if not any(found.check(mapping) for mapping in NONSENSE):
            raise Violation("check finds nothing wrong with any nonsensical mapping")
        if trial.import_sample is not None and (faults := found.check(trial.import_sample.mapping)):
            raise Violation(f"check refuses the sample's own mapping: {faults[0].message}")


@check(
    "importer.rows",
    "A row that is left out is a debt that is not collected; one that is read twice is collected twice.",
    hooks=HOOK,
    needs=("importer.mapping",),
)
def every_row_is_read(trial: Trial) -> None:
    """As many rows as the file has, in their order, with rising line numbers and their raw text."""
    sample = sample_of(trial)
    with importer(trial) as found, file_of(sample, [sample.row(number) for number in range(ROWS)]) as source:
        rows = read(found, source)
        if len(rows) != ROWS:
            raise Violation(f"the file has {ROWS} rows, and {len(rows)} were read")
        if refused := [row for row in rows if isinstance(row, RefusedRow)]:
            raise Violation(f"a sound row in line {refused[0].line} is refused: {refused[0].problems}")
        lines = [row.line for row in rows]
        if lines != sorted(set(lines)):
            raise Violation("the line numbers do not rise from row to row")
        for number, row in enumerate(rows):
            if row.raw.strip() not in sample.row(number).decode("utf-8", "replace"):
                raise Violation(f"row {number + 1} has the raw text {row.raw!r}, which is not what its line says")
        if rows != read(found, source):
            raise Violation("the same file is read differently a second time")


@check(
    "importer.bad-rows",
    "One bad line that ends the import leaves a thousand debtors with balances of last month.",
    hooks=HOOK,
    needs=("importer.rows",),
)
def bad_rows_are_refused_alone(trial: Trial) -> None:
    """A row that cannot be read is a RefusedRow with its problems, and those around it are read."""
    sample = sample_of(trial)
    rows = [sample.row(0), sample.bad_row, sample.row(1)]
    with importer(trial) as found, file_of(sample, rows) as source:
        given = read(found, source)
        kinds = [type(row).__name__ for row in given]
        if kinds != ["ImportedRow", "RefusedRow", "ImportedRow"]:
            raise Violation(f"a bad row between two good ones is read as {', '.join(kinds) or 'nothing'}")
        if not all(row.problems for row in given if isinstance(row, RefusedRow)):
            raise Violation("a row is refused without saying what is wrong with it")


@check(
    "importer.lazy",
    "A large file that is read whole ends the process for want of memory, in the middle of a month's placements.",
    hooks=HOOK,
    needs=("importer.rows",),
)
def files_are_read_as_they_come(trial: Trial) -> None:
    """The first rows of a large file come without the file being read."""
    sample = sample_of(trial)
    count = LARGE_BYTES // max(1, len(sample.row(0)))
    with importer(trial) as found, file_of(sample, [sample.row(number) for number in range(count)]) as source:
        tracemalloc.start()
        try:
            rows = found.rows(source)
            if not isinstance(rows, Iterator):
                raise Violation(f"rows() gave {type(rows).__name__}, where an iterator is wanted")
            taken = len(list(islice(rows, 10)))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        if taken != 10 or peak > LARGE_BYTES / 4:
            raise Violation(f"ten rows of a file of {LARGE_BYTES >> 20} MiB took {peak / 2**20:.1f} MiB of memory")
