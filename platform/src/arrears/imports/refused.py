"""The refused rows in the sender's own form, each with what is wrong, to be corrected and sent again."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from arrears.imports.model import RowFault
from arrears_sdk.ports.importer import ImportLayout

ADDED_COLUMNS = ("arrears_line", "arrears_column", "arrears_reason")


class RefusedFile:
    """A file that grows batch by batch. It is on disk before the batch is committed, so that none of it is lost.

    `size` is how much of it belongs to committed batches; whatever follows was written for a batch that failed.
    """

    def __init__(self, path: Path, layout: ImportLayout, size: int = 0) -> None:
        self.path = path
        # A file that is gone begins anew; the rows refused before are kept in the run, as far as they are bounded.
        self.size = size if size and path.exists() and path.stat().st_size >= size else 0
        self._format = layout
        # A format without columns gives its rows back as they stand.
        self._header = layout.columns or ("row",)
        # UTF-16 with a mark at the beginning would put one before every batch.
        self._encoding = "utf-16-le" if layout.encoding == "utf-16" else layout.encoding

    def append(self, rows: Sequence[tuple[list[str], Sequence[RowFault]]]) -> int:
        """Writes the rows of one batch after the committed ones, and gives the size that the file then has."""
        if not rows:
            return self.size
        content = self._encoded([self._row(cells, faults) for cells, faults in rows])
        if self.size == 0:
            mark = codecs.BOM_UTF16_LE if self._format.encoding == "utf-16" else b""
            content = mark + self._encoded([[*self._header, *ADDED_COLUMNS]]) + content
        # The rows are people's data: only whoever runs the import may read them.
        self.path.touch(mode=0o600)
        with self.path.open("r+b") as file:
            file.truncate(self.size)
            file.seek(self.size)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def finish(self) -> Path | None:
        """Cuts off what belongs to no committed batch; the path, unless no row was refused."""
        if self.size == 0:
            return None
        with self.path.open("r+b") as file:
            file.truncate(self.size)
        return self.path

    def _row(self, cells: list[str], faults: Sequence[RowFault]) -> list[str]:
        width = len(self._header)
        placed = [*cells[:width], *[""] * (width - len(cells))]
        columns = dict.fromkeys(fault.column for fault in faults if fault.column)
        reasons = dict.fromkeys(fault.reason for fault in faults)
        return [*placed, str(faults[0].line), ", ".join(columns), " ".join(reasons)]

    def _encoded(self, rows: Sequence[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._format.delimiter, quotechar=self._format.quote).writerows(rows)
        whole = text.getvalue()
        try:
            # Bytes that did not belong to the encoding go back as they came.
            return whole.encode(self._encoding, "surrogateescape")
        except UnicodeEncodeError:
            return whole.encode(self._encoding, "replace")
