"""Writes docs/reference from the code, and the index of decisions. `--check` only compares and tells what is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from law_pages import policy_choices, rules
from plugin_pages import hooks

from arrears.access.model import ROLE_PERMISSIONS, Permission, Role
from arrears.settings import PREFIX, Settings
from arrears_sdk.errors import ErrorCode

DOCS = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py; change the code and run `make docs`. -->"


def errors() -> Iterator[str]:
    """Every error code with its cause and its remedy."""
    yield "# Error codes"
    yield (
        "A refused mutation answers with `userErrors { code detailCode field message }`; access, limits and faults "
        "come as top-level `errors` with `extensions.code` and `extensions.requestId`. Both draw on this closed list. "
        "Decide by the code; the message is written for people and may change."
    )
    for code in ErrorCode:
        yield f"## {code.value}"
        yield f"**Cause.** {code.meaning}"
        yield f"**Remedy.** {code.remedy}"


def permissions() -> Iterator[str]:
    """Which role brings which permission."""
    yield "# Permissions"
    yield (
        "Every field of the schema names the permission that it needs in its `@permission` directive. A role brings "
        "the permissions marked here; a service account has exactly the scopes of its key, which are permissions by "
        "name."
    )
    rows = [["Permission", *(role.value for role in Role)]]
    rows.append(["---", *(":-:" for _ in Role)])
    rows += [
        [f"`{permission.value}`", *("yes" if permission in ROLE_PERMISSIONS[role] else "" for role in Role)]
        for permission in Permission
    ]
    yield "\n".join("| " + " | ".join(row) + " |" for row in rows)


def settings() -> Iterator[str]:
    """Every environment variable that configures a deployment."""
    yield "# Settings"
    yield "Environment variables configure a deployment. All have a default; none is needed for the first minute."
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None or field.default_factory is not None else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    yield "\n".join(rows)


def decisions() -> Iterator[str]:
    """The title of every decision page, with a link to it."""
    yield "# Decisions"
    yield (
        "One page for each question that had more than one good answer: what was decided, why, what it costs, and "
        "what would reverse it. A page is changed together with the code that it explains; a decision that is "
        "reversed keeps its page, with a first line that says so."
    )
    pages = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md")
    yield "\n".join(f"- [{_title(path)}]({path.name})" for path in pages)


def _title(page: Path) -> str:
    return page.read_text("utf-8").partition("\n")[0].removeprefix("# ")


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "reference/errors.md": errors,
    "reference/permissions.md": permissions,
    "reference/settings.md": settings,
    "reference/hooks.md": hooks,
    "reference/rules.md": rules,
    "reference/policy-choices.md": policy_choices,
    "decisions/README.md": decisions,
}


def stale() -> dict[Path, str]:
    """The pages whose file differs from what the code gives, with the text they should have."""
    wanted = {DOCS / name: "\n\n".join([NOTE, *page()]) + "\n" for name, page in PAGES.items()}
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text}


def main() -> int:
    """Write the stale pages, or with `--check` only name them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 when a page is stale")
    check = parser.parse_args().check
    pages = stale()
    for path, text in pages.items():
        if check:
            sys.stderr.write(f"docs/{path.relative_to(DOCS)} is out of date; run: make docs\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return 1 if check and pages else 0


if __name__ == "__main__":
    sys.exit(main())
