"""The tutorial, followed to the letter: every block of it is carried out in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.docs.pages import Reader, blocks_of
from tests.servers import open_folder

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/tutorial/first-plugin.md"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with an installed environment, which the page may install into without touching the one of the tests."""
    folder = tmp_path / "clone"
    environment = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=120)
    (folder / "sdk").symlink_to(ROOT / "sdk")
    packages = next((environment / "lib").glob("python*/site-packages"))
    (packages / "tests_environment.pth").write_text(
        f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n", encoding="utf-8"
    )
    program = environment / "bin/arrears"
    program.write_text(f"#!{environment}/bin/python\nfrom arrears.cli import main\nmain()\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


@pytest.mark.embedded
@pytest.mark.timeout(600)
def test_the_tutorial_holds_what_it_promises(clone: Path, tmp_path: Path) -> None:
    """Given an empty folder, when somebody does what the page says, block by block, then all of it comes true."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARREARS_", "PYTEST_", "COV_"))}
    path = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
    with open_folder() as empty:
        reader = Reader(empty, {**kept, "ARREARS": str(clone), "HOME": str(home), "PATH": path})
        try:
            reader.follow(blocks_of(PAGE))
        finally:
            reader.close()
