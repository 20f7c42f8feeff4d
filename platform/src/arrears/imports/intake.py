"""Batches of rows into the database, each in one transaction together with how far the run has got."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from arrears.imports.converting import RowConverter
from arrears.imports.model import MOST_FAULTS_KEPT, MOST_FAULTS_REPORTED, ClientTerms, ControlTotal, RowDraft, RowFault
from arrears.imports.placing import Placing
from arrears.imports.queries import StoredRun, locked_run, stored_run
from arrears.imports.refused import RefusedFile
from arrears.imports.storing import RowsRefusedError, Stored, store_rows
from arrears.kernel.batches import insert_rows
from arrears.kernel.context import Context
from arrears.kernel.transaction import Transaction, begin, open_transaction
from arrears_sdk.errors import ArrearsError, ConflictError, InputError, NotFoundError, RefusedError, TemporaryError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money

COMMAND = "import.run"
MOST_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.2
# What the contents of the database may say against a row that passed every check before.
_SPEAKS_AGAINST_A_ROW = (InputError, ConflictError, NotFoundError, RefusedError)


class TakenOverError(ConflictError):
    """Another process goes on with the same file."""


@dataclass(frozen=True)
class Tally:
    """What has been counted up to some row of the file."""

    rows_read: int = 0
    rows_accepted: int = 0
    rows_refused: int = 0
    debtors_created: int = 0
    payments_recorded: int = 0
    faults_found: int = 0
    faults_kept: int = 0
    refused_file_bytes: int = 0
    totals: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, run: StoredRun, totals: Sequence[ControlTotal]) -> Tally:
        """The tally of a run that goes on."""
        return cls(
            rows_read=run.rows_read,
            rows_accepted=run.rows_accepted,
            rows_refused=run.rows_refused,
            debtors_created=run.debtors_created,
            payments_recorded=run.payments_recorded,
            faults_found=run.errors_found,
            faults_kept=run.errors_kept,
            refused_file_bytes=run.refused_file_bytes,
            totals={
                total.accepted.currency: (total.accepted.minor, total.refused.minor, total.paid.minor)
                for total in totals
            },
        )

    def with_batch(self, rows: Sequence[RowDraft], stored: Stored, new_debtors: int, refused_bytes: int) -> Tally:
        """The tally after a further batch."""
        refused = [row for row in rows if row.faults]
        totals = dict(self.totals)
        for row in rows:
            accepted_minor, refused_minor, paid_minor = totals.get(row.currency, (0, 0, 0))
            if row.faults:
                refused_minor += row.opening_minor
            else:
                accepted_minor += row.opening_minor
                paid_minor += row.paid_minor
            totals[row.currency] = (accepted_minor, refused_minor, paid_minor)
        found = sum(len(row.faults) for row in refused)
        return replace(
            self,
            rows_read=self.rows_read + len(rows),
            rows_accepted=self.rows_accepted + len(rows) - len(refused),
            rows_refused=self.rows_refused + len(refused),
            debtors_created=self.debtors_created + new_debtors,
            payments_recorded=self.payments_recorded + stored.payments,
            faults_found=self.faults_found + found,
            faults_kept=min(self.faults_kept + found, MOST_FAULTS_KEPT),
            refused_file_bytes=refused_bytes,
            totals=totals,
        )

    def control_totals(self) -> tuple[ControlTotal, ...]:
        """What the rows add up to, by currency."""
        return tuple(
            ControlTotal(Money(accepted, currency), Money(refused, currency), Money(paid, currency))
            for currency, (accepted, refused, paid) in sorted(self.totals.items())
            if accepted or refused or paid
        )


class Intake:
    """Takes rows in, in their order. Without a run nothing is kept: every batch is rolled back after it was tried.

    With `whole` all batches go into that one transaction, which the caller commits.
    """

    def __init__(
        self,
        context: Context,
        converter: RowConverter,
        placing: Placing,
        refused: RefusedFile | None,
        *,
        run_id: UUID | None,
        tally: Tally,
        whole: Transaction | None = None,
    ) -> None:
        self.tally = tally
        self.faults: list[RowFault] = []
        self._context = context
        self._converter = converter
        self._placing = placing
        self._terms: ClientTerms = placing.terms
        self._refused = refused
        self._run_id = run_id
        self._whole = whole
        self._tried_debtors: set[str] = set()

    async def take(self, rows: Sequence[RowDraft]) -> None:
        """Stores the good ones among the rows; whatever the database speaks against becomes a fault of its row."""
        while True:
            good = [row for row in rows if not row.faults]
            try:
                await self._take_once(rows, good)
            except RowsRefusedError as refusal:
                self._refuse_in_whole(refusal)
                for place, path, problem in refusal.refused:
                    self._converter.refuse(good[place], path, problem)
            except TakenOverError:
                raise
            except _SPEAKS_AGAINST_A_ROW as error:
                self._refuse_in_whole(error)
                if len(good) > 1:
                    # Which row it was is found by halving.
                    middle = len(rows) // 2
                    await self.take(rows[:middle])
                    await self.take(rows[middle:])
                    return
                if not good:
                    raise
                for problem in error.problems:
                    self._converter.refuse(good[0], "account.reference", problem)
            else:
                return

    def _refuse_in_whole(self, error: Exception) -> None:
        if self._whole is not None:
            raise ConflictError(
                "The client's records changed while the file was checked. Nothing was stored; import it again."
            ) from error

    async def _take_once(self, rows: Sequence[RowDraft], good: Sequence[RowDraft]) -> None:
        for attempt in range(MOST_ATTEMPTS):
            after: Tally | None = None
            try:
                async with self._unit() as tx:
                    after = await self._store(tx, rows, good)
            except TemporaryError:
                if attempt == MOST_ATTEMPTS - 1 or self._whole is not None:
                    raise
                await asyncio.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
                # The answer to a commit may be lost with the connection; the run itself tells whether it happened.
                if after is None or not await self._is_stored(after):
                    continue
            assert after is not None
            self._accept(rows, after)
            return

    async def _store(self, tx: Transaction, rows: Sequence[RowDraft], good: Sequence[RowDraft]) -> Tally:
        with tx.under_command(COMMAND):
            if self._run_id is not None and (await locked_run(tx, self._run_id)).rows_read != self.tally.rows_read:
                raise TakenOverError("Another process is importing this file at the moment.")
            placement_id = await self._placing.placement(tx)
            stored = await store_rows(tx, good, self._terms, placement_id)
            new_debtors = len(stored.new_debtors - self._tried_debtors)
            if self._run_id is None:
                # Rolled back with its batch, such a debtor is new once more in a later one.
                self._tried_debtors |= stored.new_debtors
            size = self._write_refused(rows)
            after = self.tally.with_batch(rows, stored, new_debtors, size)
            if self._run_id is not None:
                await self._note(tx, self._run_id, rows, after)
            return after

    def _write_refused(self, rows: Sequence[RowDraft]) -> int:
        if self._refused is None:
            return 0
        return self._refused.append([(row.cells, row.faults) for row in rows if row.faults])

    async def _note(self, tx: Transaction, run_id: UUID, rows: Sequence[RowDraft], after: Tally) -> None:
        """Writes how far the run has got, in the transaction of the rows themselves."""
        connection = await tx.connection()
        client_id = self._terms.client_id
        faults = [fault for row in rows for fault in row.faults][: after.faults_kept - self.tally.faults_kept]
        await insert_rows(connection, "import_row_error", [_fault_row(client_id, run_id, fault) for fault in faults])
        async with connection.pipeline():
            await connection.execute(
                "update import_run set rows_read = %s, rows_accepted = %s, rows_refused = %s, debtors_created = %s,"
                " payments_recorded = %s, errors_found = %s, errors_kept = %s, refused_file_bytes = %s where id = %s",
                [
                    after.rows_read,
                    after.rows_accepted,
                    after.rows_refused,
                    after.debtors_created,
                    after.payments_recorded,
                    after.faults_found,
                    after.faults_kept,
                    after.refused_file_bytes,
                    run_id,
                ],
            )
            for currency, sums in after.totals.items():
                await connection.execute(
                    "insert into import_total (client_id, run_id, currency, accepted_minor, refused_minor, paid_minor)"
                    " values (%s, %s, %s, %s, %s, %s) on conflict (run_id, currency) do update set"
                    " accepted_minor = excluded.accepted_minor, refused_minor = excluded.refused_minor,"
                    " paid_minor = excluded.paid_minor",
                    [client_id, run_id, currency, *sums],
                )
        tx.audit(
            subject="impt",
            subject_id=run_id,
            client_id=client_id,
            before={"rows_read": self.tally.rows_read},
            after={
                "rows_read": after.rows_read,
                "rows_accepted": after.rows_accepted,
                "rows_refused": after.rows_refused,
                "payments_recorded": after.payments_recorded,
                "totals_minor": {currency: list(sums) for currency, sums in after.totals.items()},
            },
        )

    async def _is_stored(self, after: Tally) -> bool:
        if self._run_id is None:
            return False
        run = await stored_run(self._context, self._run_id)
        if run.rows_read not in (self.tally.rows_read, after.rows_read):
            raise TakenOverError("Another process is importing this file at the moment.")
        return run.rows_read == after.rows_read

    def _accept(self, rows: Sequence[RowDraft], after: Tally) -> None:
        self.tally = after
        if self._refused is not None:
            self._refused.size = after.refused_file_bytes
        room = MOST_FAULTS_REPORTED - len(self.faults)
        if room > 0:
            self.faults += [fault for row in rows for fault in row.faults][:room]

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[Transaction]:
        if self._whole is not None:
            yield self._whole
            await self._whole.flush()
        elif self._run_id is not None:
            async with begin(self._context) as tx:
                yield tx
        else:
            async with rolled_back(self._context) as tx:
                yield tx


@asynccontextmanager
async def rolled_back(context: Context) -> AsyncIterator[Transaction]:
    """A unit of work that is tried whole, with what it would write at its commit, and never committed."""
    async with _translated(), open_transaction(context) as tx:
        yield tx
        await tx.flush()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    from arrears.kernel.database_errors import translate
    from arrears.kernel.transaction import DATABASE_ERRORS

    try:
        yield
    except DATABASE_ERRORS as error:
        refusal: ArrearsError | None = translate(error)
        raise refusal or error from error


def _fault_row(client_id: UUID, run_id: UUID, fault: RowFault) -> dict[str, object]:
    return {
        "id": new_id(),
        "client_id": client_id,
        "run_id": run_id,
        "line": fault.line,
        "column_name": fault.column,
        "code": fault.code.value,
        "reason": fault.reason,
        "original": fault.original,
    }
