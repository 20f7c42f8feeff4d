"""The demonstration from nothing: seeded once, served until somebody stops it, found again at the next start."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from arrears.access.model import Role
from arrears.app.deployed import serve_deployment
from arrears.data_folder import DataFolder
from arrears.demo.plugins import set_up_plugins
from arrears.demo.seed import History, Progress, book, history_start, seed_clients, seed_history
from arrears.demo.staff import actor, debtor_to_show, fresh_keys, hire, invite
from arrears.deployment import Deployment, open_deployment
from arrears.kernel.database import Database
from arrears.kernel.embedded import EmbeddedPostgres
from arrears.kernel.migrations import FOLDER
from arrears.kernel.principal import Principal
from arrears.kernel.sealer import Sealer
from arrears.settings import Settings
from arrears_sdk.errors import FaultError
from arrears_sdk.ids import decode_id, encode_id

ACCOUNTS = 2_000
Answer = TypeVar("Answer")
ROLES = (Role.ADMIN, Role.MANAGER, Role.COLLECTOR, Role.AUDITOR, Role.CLIENT, Role.DEBTOR, Role.SERVICE)


@dataclass(frozen=True)
class Telling:
    """Whom to tell how the demonstration gets on: that an earlier one is kept, while it is seeded, and at the end."""

    set_aside: Callable[[Path], None]
    seeding: Callable[[], Progress]
    ready: Callable[[str, dict[Role, str]], None]


async def run_demo(settings: Settings, stop: asyncio.Event, telling: Telling, *, accounts: int = ACCOUNTS) -> None:
    """Seed the demonstration unless its folder holds it, then serve it until `stop`.

    RefusedError when another process serves the folder; InputError when the port is taken.
    """
    folder = DataFolder(settings.data_folder)
    note = SeedNote(settings.data_folder / "demonstration.json")
    with folder.serving("The demonstration"):
        if note.cut_off:
            # A seeding that was cut off is begun anew; nothing in the folder is anybody's work yet.
            await asyncio.to_thread(_empty, settings.data_folder)
        elif note.finished and not note.readable:
            telling.set_aside(await asyncio.to_thread(_set_aside, settings.data_folder))
        if not note.set_up and not await _unless_stopped(_prepare(settings, note, telling, accounts), stop):
            return
        # Opened anew, for what plugins add to the schema is collected at the start.
        async with open_deployment(settings, strict=True) as deployment:
            keys = await fresh_keys(deployment.context(), note.principals())
            await serve_deployment(
                deployment, stop, with_worker=True, started=lambda address: telling.ready(address, keys)
            )


async def _prepare(settings: Settings, note: SeedNote, telling: Telling, accounts: int) -> bool:
    """Seed what is not seeded, and set up the plugins; true when all is there."""
    async with open_deployment(settings, strict=True) as deployment:
        if not note.finished:
            note.begin()
            note.finish(await seed(deployment, accounts, today=_today(), progress=telling.seeding()))
        administrator = actor(note.principals()[Role.ADMIN], Role.ADMIN)
        await set_up_plugins(deployment.context(administrator), settings.data_folder)
        note.finish_plugins()
    return True


async def seed(deployment: Deployment, accounts: int, *, today: datetime.date, progress: Progress) -> dict[Role, UUID]:
    """Write the whole demonstration into an empty deployment, and give the principal of each role."""
    context = deployment.context(Principal.system("demonstration"))
    stories = book(accounts)
    # Nothing of it is lost by a crash that is not begun anew anyway, so that no commit waits for the disk.
    joint = "&" if "?" in deployment.urls.api else "?"
    url = f"{deployment.urls.api}{joint}options=-c%20synchronous_commit%3Doff"
    async with Database(url, application_name="arrears-demo", pool_size=4) as database:
        context = replace(context, database=database)
        history = History(context, history_start(today), stories)
        beginning = history.context_at(0, context.principal)
        staff = await hire(beginning)
        desks = await seed_clients(history, staff.actors, staff.teams)
        await seed_history(history, desks, progress)
        await invite(beginning, staff, desks[0].client_id, debtor_to_show(stories))
    await Sealer(deployment.audit_heads).seal(deployment.worker_context("sealer"))
    return {role: staff.principals[role] for role in ROLES}


@dataclass(frozen=True)
class SeedNote:
    """The file that says whether the folder's demonstration is complete, and who plays which role in it."""

    path: Path

    @property
    def finished(self) -> bool:
        """Whether the seeding came to its end."""
        return "principals" in self._read()

    @property
    def set_up(self) -> bool:
        """Whether the plugins were set up too."""
        return self.finished and self._read().get("plugins") is True

    @property
    def readable(self) -> bool:
        """Whether the data has the tables that this version begins with; later versions migrate from there."""
        return self._read().get("foundations") == _foundations()

    @property
    def cut_off(self) -> bool:
        """Whether a seeding was begun and did not come to its end."""
        return self.path.exists() and not self.finished

    def begin(self) -> None:
        """Note that the seeding begins."""
        self._write({})

    def finish(self, principals: dict[Role, UUID]) -> None:
        """Note that the seeding is complete."""
        people = {role.value: encode_id("prin", id) for role, id in principals.items()}
        self._write({"principals": people, "foundations": _foundations()})

    def finish_plugins(self) -> None:
        """Note that the plugins are set up; what people make of the settings from now on is theirs."""
        self._write({**self._read(), "plugins": True})

    def principals(self) -> dict[Role, UUID]:
        """Who plays which role."""
        listed = self._read().get("principals")
        if not isinstance(listed, dict):
            raise FaultError(f"{self.path} does not name the demonstration's people.")
        return {Role(role): decode_id("prin", str(id)) for role, id in listed.items()}

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, content: dict[str, object]) -> None:
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        unfinished.rename(self.path)


async def _unless_stopped(work: Coroutine[object, object, Answer], stop: asyncio.Event) -> Answer | None:
    """What the work gives, or None when somebody asks to stop before it is done."""
    task = asyncio.ensure_future(work)
    asked = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        return None
    return task.result()


def _foundations() -> str:
    """The digest of the tables that a new database begins with."""
    scripts = sorted((FOLDER / "foundations").glob("*.sql"))
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()


def _set_aside(folder: Path) -> Path:
    """Move what is in the folder to a new one beside it, and give that."""
    names = (folder.with_name(f"{folder.name}-earlier-{number}") for number in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    aside.mkdir()
    for path in _contents(folder):
        path.rename(aside / path.name)
    return aside


def _contents(folder: Path) -> list[Path]:
    # A server that outlived its process is joined first, so that it stops before its files go.
    EmbeddedPostgres.start(folder).stop()
    return [path for path in folder.iterdir() if path.name != "serving.lock"]


def _empty(folder: Path) -> None:
    for path in _contents(folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
