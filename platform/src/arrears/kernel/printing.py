"""Pages as PDF: A4, tagged so that they can be read aloud, numbered, with fonts of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import orjson
import typst

from arrears_sdk.errors import FaultError

# One compiler serves all: it keeps what it has read, and is used by one thread at a time.
_LOCK: Final = threading.Lock()


async def printed_page(template: bytes, page: Mapping[str, object]) -> bytes:
    """The PDF of a page: `page` is the template's data (`page-data`) and has a `title`, which the foot repeats."""
    return await asyncio.to_thread(_compiled, template, page)


def template_in(package: str, name: str) -> bytes:
    """A package's template from its folder `pages`; what all pages have in common stands before it."""
    return files(package).joinpath(f"pages/{name}").read_bytes()


def _compiled(template: bytes, page: Mapping[str, object]) -> bytes:
    with _LOCK:
        made = _compiler().compile(
            _common() + template,
            format="pdf",
            sys_inputs={"page": orjson.dumps(page).decode()},
            pdf_standards=["ua-1"],
        )
    if not isinstance(made, bytes):
        raise FaultError("The page was not made.")
    return made


@cache
def _common() -> bytes:
    return template_in("arrears.kernel", "page.typ")


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(ignore_system_fonts=True)
