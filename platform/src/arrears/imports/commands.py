"""Taking in a file: checked, counted, stored batch by batch, and taken up again where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import date
from uuid import UUID

from arrears.access.model import Permission
from arrears.imports.files import ImportFile, stored
from arrears.imports.intake import COMMAND, Intake, Tally
from arrears.imports.mapping import ImportMapping
from arrears.imports.model import ImportOptions, ImportProgress, ImportReport, ImportState, RowDraft, RowFault
from arrears.imports.placing import Placing
from arrears.imports.queries import StoredRun, client_terms, run_faults, run_of_content, run_totals
from arrears.imports.refused import RefusedFile
from arrears.imports.source import Source, open_source
from arrears.imports.tables import ImportRunRow
from arrears.kernel.context import Context
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction, begin
from arrears_sdk.clock import business_date
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, Problem
from arrears_sdk.money import Money

ProgressCallback = Callable[[ImportProgress], None]


async def run_import(
    context: Context,
    file: ImportFile,
    mapping: ImportMapping,
    options: ImportOptions,
    progress: ProgressCallback | None = None,
) -> ImportReport:
    """Takes a file in for a client and says what came of it.

    The same file under the same mapping is the same run: it goes on after an interruption, and changes nothing once
    completed. Raises InputError when the file cannot be read, does not fit the mapping or is not what was announced,
    NotFoundError for an unknown client, AccessError without the permission, ConflictError while another process takes
    in the same file.
    """
    if not context.principal.may(Permission.IMPORTS_WRITE):
        raise AccessError(f"This needs the permission {Permission.IMPORTS_WRITE}.")
    terms = await client_terms(context, options.client)
    today = business_date(context.clock.now(), terms.time_zone)
    async with stored(file) as on_disk:
        source = await open_source(
            context,
            on_disk,
            mapping,
            options.format,
            terms,
            today=today,
            received_on=options.received_on or today,
        )
        if options.expected_rows is not None or options.expected_totals:
            await _compare_announced(source, options)
        run = await _known_run(context, source)
        if run is not None and run.state is ImportState.COMPLETED:
            return await _repeated(context, run)
        session = _Session(context, source, file.name, options, today, progress)
        if options.all_or_nothing:
            return await session.take_whole(run)
        if options.dry_run:
            return await session.try_out(run)
        return await session.take_in_batches(run or await session.start())


async def _compare_announced(source: Source, options: ImportOptions) -> None:
    """InputError unless the file holds the rows and amounts that the sender announced."""
    rows = 0
    async for page in source.drafts():
        rows += len(page)
    problems = []
    if options.expected_rows not in (None, rows):
        message = f"The file holds {rows} rows; {options.expected_rows} were announced."
        problems.append(Problem(ErrorCode.CONTROL_TOTAL_MISMATCH, message, ("expected_rows",)))
    for expected in options.expected_totals:
        found = Money(source.sums.get(expected.currency, 0), expected.currency)
        if found != expected:
            message = f"The amounts of the file add up to {found}; {expected} was announced."
            problems.append(Problem(ErrorCode.CONTROL_TOTAL_MISMATCH, message, ("expected_totals",)))
    if problems:
        raise InputError.of(problems)


async def _known_run(context: Context, source: Source) -> StoredRun | None:
    async with begin(context) as tx:
        return await run_of_content(tx, source.terms.client_id, source.file.content_hash, source.fingerprint)


async def _repeated(context: Context, run: StoredRun) -> ImportReport:
    return ImportReport(
        stored=True,
        repeated=True,
        run_id=run.run_id,
        rows_read=run.rows_read,
        rows_accepted=run.rows_accepted,
        rows_refused=run.rows_refused,
        debtors_created=run.debtors_created,
        payments_recorded=run.payments_recorded,
        totals=await run_totals(context, run.run_id),
        faults=await run_faults(context, run.run_id),
        faults_found=run.errors_found,
        refused_file=None,
    )


class _Session:
    """One call of `run_import`, once the file is open and the client known."""

    def __init__(
        self,
        context: Context,
        source: Source,
        name: str,
        options: ImportOptions,
        today: date,
        progress: ProgressCallback | None,
    ) -> None:
        self._context = context
        self._source = source
        self._name = name
        self._options = options
        self._today = today
        self._progress = progress
        reference = options.placement or f"{name[:80]} {source.file.content_hash[:8]}"
        self._placing = Placing(source.terms, reference, options.received_on or today)

    async def start(self) -> StoredRun:
        """A new run, with its placement."""
        source = self._source
        try:
            async with begin(self._context) as tx:
                return await self._add_run(tx)
        except ConflictError:
            # Another process has begun with the same file; which of the two goes on shows at the first batch.
            run = await _known_run(self._context, source)
            if run is None:
                raise
            return run

    async def _add_run(self, tx: Transaction) -> StoredRun:
        source = self._source
        with tx.under_command(COMMAND):
            row = ImportRunRow(
                client_id=source.terms.client_id,
                placement_id=await self._placing.placement(tx),
                file_name=self._name,
                content_hash=source.file.content_hash,
                mapping_hash=source.fingerprint,
                state=ImportState.RUNNING.value,
                principal_id=tx.context.principal.id,
                started_at=tx.now,
            )
            tx.session.add(row)
            await tx.session.flush()
            after = {"file_name": row.file_name, "content_hash": row.content_hash, "placement": row.placement_id}
            tx.audit(subject="impt", subject_id=row.id, client_id=row.client_id, after=after)
            payload = {"placement_id": str(row.placement_id)}
            tx.emit(Event("ImportStarted", "impt", row.id, row.client_id, payload))
        return StoredRun(row.id, row.placement_id, ImportState.RUNNING, 0, 0, 0, 0, 0, 0, 0, 0)

    async def take_in_batches(self, run: StoredRun) -> ImportReport:
        """Each batch is committed with how far the run has got."""
        self._placing.placement_id = run.placement_id
        refused = self._refused_file(run.refused_file_bytes)
        intake = self._intake(run.run_id, Tally.of(run, await run_totals(self._context, run.run_id)), refused)
        await self._take_all(intake)
        async with begin(self._context) as tx:
            await self._complete(tx, run.run_id)
        faults = await run_faults(self._context, run.run_id)
        return self._report(intake, refused, run_id=run.run_id, faults=faults)

    async def try_out(self, run: StoredRun | None) -> ImportReport:
        """Every batch is tried and rolled back."""
        tally = Tally() if run is None else Tally.of(run, await run_totals(self._context, run.run_id))
        refused = self._refused_file(0)
        intake = self._intake(None, tally, refused)
        await self._take_all(intake)
        return self._report(intake, refused, run_id=None, faults=tuple(intake.faults))

    async def take_whole(self, run: StoredRun | None) -> ImportReport:
        """All rows in one transaction, after all of them were tried; nothing when one of them is refused."""
        if run is not None:
            raise ConflictError(
                "This file is half taken in already. Go on without all-or-nothing: it continues where it stopped."
            )
        tried = await self.try_out(None)
        if tried.rows_refused or self._options.dry_run:
            return tried
        async with begin(self._context) as tx:
            started = await self._add_run(tx)
            self._placing.placement_id = started.placement_id
            intake = self._intake(started.run_id, Tally(), None, whole=tx)
            await self._take_all(intake)
            await self._complete(tx, started.run_id)
        return self._report(intake, None, run_id=started.run_id, faults=())

    async def _take_all(self, intake: Intake) -> None:
        size = self._options.rows_per_batch
        # Read again up to where the run stands, for the references that later rows are compared with.
        to_skip = intake.tally.rows_read
        waiting: list[RowDraft] = []
        async with aclosing(self._source.drafts()) as pages:
            async for page in pages:
                skipped = min(to_skip, len(page))
                to_skip -= skipped
                waiting += page[skipped:]
                while len(waiting) >= size:
                    batch, waiting = waiting[:size], waiting[size:]
                    await intake.take(batch)
                    self._tell(intake)
        if to_skip:
            raise InputError("The file is shorter than when it was begun.", field=("file",))
        if waiting:
            await intake.take(waiting)
            self._tell(intake)
        self._tell(intake)

    async def _complete(self, tx: Transaction, run_id: UUID) -> None:
        client_id = self._source.terms.client_id
        with tx.under_command(COMMAND):
            await (await tx.connection()).execute(
                "update import_run set state = 'COMPLETED', finished_at = %s where id = %s", [tx.now, run_id]
            )
            state = {"state": ImportState.COMPLETED.value}
            tx.audit(subject="impt", subject_id=run_id, client_id=client_id, after=state)
            tx.emit(Event("ImportCompleted", "impt", run_id, client_id))

    def _intake(
        self, run_id: UUID | None, tally: Tally, refused: RefusedFile | None, whole: Transaction | None = None
    ) -> Intake:
        return Intake(
            self._context,
            self._source.converter,
            self._placing,
            refused,
            run_id=run_id,
            tally=tally,
            whole=whole,
        )

    def _refused_file(self, size: int) -> RefusedFile | None:
        path = self._options.refused_file
        return None if path is None else RefusedFile(path, self._source.layout, size)

    def _tell(self, intake: Intake) -> None:
        if self._progress is not None:
            tally = intake.tally
            self._progress(
                ImportProgress(
                    tally.rows_read,
                    tally.rows_accepted,
                    tally.rows_refused,
                    self._source.bytes_read,
                    self._source.file.size,
                )
            )

    def _report(
        self, intake: Intake, refused: RefusedFile | None, *, run_id: UUID | None, faults: tuple[RowFault, ...]
    ) -> ImportReport:
        tally = intake.tally
        return ImportReport(
            stored=run_id is not None,
            repeated=False,
            run_id=run_id,
            rows_read=tally.rows_read,
            rows_accepted=tally.rows_accepted,
            rows_refused=tally.rows_refused,
            debtors_created=tally.debtors_created,
            payments_recorded=tally.payments_recorded,
            totals=tally.control_totals(),
            faults=faults,
            faults_found=tally.faults_found,
            refused_file=None if refused is None else refused.finish(),
        )
