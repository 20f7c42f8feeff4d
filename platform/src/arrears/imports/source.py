"""The rows of a file that is taken in, read by the importer of its format and understood one by one."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from arrears.imports.converting import RowConverter
from arrears.imports.files import StoredFile
from arrears.imports.mapping import ImportMapping
from arrears.imports.model import ClientTerms, RowDraft
from arrears.kernel.context import Context
from arrears.plugins.bound import BoundPort
from arrears.plugins.failures import PluginFailedError
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.errors import ErrorCode, InputError, Problem, TemporaryError
from arrears_sdk.money import LARGEST_MINOR
from arrears_sdk.ports.importer import ImportedRow, Importer, ImportLayout, ImportSource, RefusedRow

# As many rows cross from the plugin's thread at a time: enough that crossing costs nothing, few enough that others on
# this loop are served in between.
ROWS_PER_PAGE = 250


@dataclass
class Source:
    """A file with the importer of its format, ready to be read from its beginning as often as it is wanted."""

    file: StoredFile
    layout: ImportLayout
    converter: RowConverter
    terms: ClientTerms
    fingerprint: str
    sums: dict[str, int] = field(default_factory=dict)
    bytes_read: int = 0
    _importer: BoundPort[Importer] = field(kw_only=True)
    _asked: ImportSource = field(kw_only=True)
    _seen: dict[str, int] = field(default_factory=dict)

    async def drafts(self) -> AsyncGenerator[Sequence[RowDraft], None]:
        """Every row, a page at a time, with all faults that can be found without the database."""
        self.sums, self._seen, self.bytes_read = {}, {}, 0
        try:
            async with aclosing(self._importer.pages("rows", self._asked, rows=ROWS_PER_PAGE)) as pages:
                async for page in pages:
                    self.file.check()
                    yield [self._draft(cast("ImportedRow | RefusedRow", row)) for row in page]
        except PluginFailedError as failure:
            raise unreadable(failure) from failure
        self.file.check()
        self.bytes_read = self.file.size

    def _draft(self, row: ImportedRow | RefusedRow) -> RowDraft:
        draft = self.converter.convert(row)
        # What a row takes in the file, to about a byte in each of its characters; for people who wait.
        self.bytes_read = min(self.bytes_read + len(row.raw) + 1, self.file.size)
        if draft.account_reference:
            first = self._seen.setdefault(draft.account_reference, draft.line)
            if first != draft.line:
                problem = Problem(ErrorCode.DUPLICATE_REFERENCE, f"Line {first} has the same reference.")
                self.converter.refuse(draft, "account.reference", problem)
        sum_minor = self.sums.get(draft.currency, 0) + draft.opening_minor
        if sum_minor > LARGEST_MINOR:
            self.converter.refuse_amount(draft, "The total of the file would not fit into 64 bits of minor units.")
        else:
            self.sums[draft.currency] = sum_minor
        return draft


async def open_source(
    context: Context,
    file: StoredFile,
    mapping: ImportMapping,
    format_key: str,
    terms: ClientTerms,
    *,
    today: date,
    received_on: date,
) -> Source:
    """The file under its mapping; InputError when no importer knows the format, or it does not fit the mapping."""
    importers = await context.service(PluginHost).importers(Place(terms.client_id))
    importer = importers.get(format_key)
    if importer is None:
        there = ", ".join(sorted(importers)) or "none"
        raise InputError(f"No enabled plugin reads the format {format_key!r}; there are: {there}.", field=("format",))
    asked = ImportSource(path=file.path, mapping=mapping, received_on=received_on)
    try:
        wrong = cast("Sequence[Problem]", await importer.call("check", mapping))
        if wrong:
            raise InputError.of(replace(problem, field=("mapping", *problem.field)) for problem in wrong)
        layout = cast(ImportLayout, await importer.call("layout", asked))
    except PluginFailedError as failure:
        raise unreadable(failure) from failure
    if layout.problems:
        raise InputError.of(layout.problems)
    _check_form(layout)
    return Source(
        file,
        layout,
        RowConverter(layout, terms, today, context.vault),
        terms,
        hashlib.sha256(f"{format_key}\n{layout.meaning}".encode()).hexdigest(),
        _importer=importer,
        _asked=asked,
    )


def unreadable(failure: PluginFailedError) -> TemporaryError:
    """The error for whoever imports when the importer fails: the file may be read once the plugin works again."""
    message = f"The plugin {failure.plugin}, which reads this format, failed: it {failure.reason}."
    return TemporaryError(message, code=ErrorCode.UNAVAILABLE, retry_after_seconds=30.0)


def _check_form(layout: ImportLayout) -> None:
    """InputError for a form in which refused rows cannot be given back."""
    try:
        codecs.lookup(layout.encoding)
    except LookupError as error:
        raise InputError(f"The importer names the encoding {layout.encoding!r}, which is unknown.") from error
    if len(layout.delimiter) != 1 or len(layout.quote) != 1 or layout.delimiter == layout.quote:
        raise InputError("The importer names a delimiter and a quote that are not two characters.")
