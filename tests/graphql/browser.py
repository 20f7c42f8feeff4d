"""A headless Chromium driven through its DevTools protocol, which tells every request that a page makes."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
    "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1280,800",
    # Whatever the browser itself would like to look up finds nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


def find_browser() -> str | None:
    """The path of a Chromium, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Page:
    """One page, with what it asked for and what it complained of."""

    socket: ClientConnection
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _answers: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    session: str | None = None

    async def command(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """The result of one command of the protocol."""
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session or self.session:
            message["sessionId"] = session or self.session
        await self.socket.send(json.dumps(message))
        return await asyncio.wait_for(answer, 30)

    async def listen(self) -> None:
        """Sorts what the browser sends until it is gone."""
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                answer = self._answers.pop(message["id"])
                if "error" in message:
                    answer.set_exception(RuntimeError(str(message["error"])))
                else:
                    answer.set_result(message["result"])
            else:
                await self._event(message["method"], message["params"])

    async def _event(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(parameters["url"])
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(parameters["entry"]["text"][:300])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"].get("exception", {}).get("description")))
        elif method == "Target.attachedToTarget":
            # A worker: its requests count like the page's own.
            session = parameters["sessionId"]
            for enabling in ("Network.enable", "Runtime.runIfWaitingForDebugger"):
                await self.socket.send(
                    json.dumps({"id": self._forgotten(), "method": enabling, "params": {}, "sessionId": session})
                )

    def _forgotten(self) -> int:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        return number

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        result = await self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return result["result"].get("value")

    async def until(self, expression: str, seconds: float = 30) -> Any:
        """The value of an expression as soon as it is true; fails with the page's complaints when it never is."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (value := await self.evaluate(expression)):
            if asyncio.get_running_loop().time() > deadline:
                text = await self.evaluate("document.body.innerText.slice(0, 500)")
                raise AssertionError(f"{expression} never became true: {self.complaints} {text}")
            await asyncio.sleep(0.1)
        return value

    async def click(self, selector: str) -> None:
        """A click of the mouse on the middle of an element."""
        place = await self.evaluate(
            f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.command(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    async def press(self, key: str, code: int, *, control: bool = False) -> None:
        """A key of the keyboard."""
        types = key == "Enter" and not control
        for kind in ("keyDown" if types else "rawKeyDown", "keyUp"):
            await self.command(
                "Input.dispatchKeyEvent",
                type=kind, key=key, code=key, windowsVirtualKeyCode=code, modifiers=2 if control else 0,
                **({"text": "\r"} if types else {}),
            )  # fmt: skip

    async def write(self, text: str) -> None:
        """Text, as if typed where the cursor is."""
        await self.command("Input.insertText", text=text)

    async def picture(self, path: Path) -> None:
        """A screenshot."""
        result = await self.command("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(result["data"]))


@asynccontextmanager
async def browsing(browser: str, *, dark: bool = False) -> AsyncIterator[Page]:
    """A page of a browser with an empty profile."""
    profile = Path(tempfile.mkdtemp(prefix="arrears-browser-"))
    process = await asyncio.create_subprocess_exec(
        browser, *OPTIONS, f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(profile)},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        async with asyncio.timeout(30):
            line = b""
            while b"DevTools listening on " not in line:
                line = await process.stderr.readline()
        draining = asyncio.create_task(process.stderr.read())
        address = line.decode().split("DevTools listening on ", 1)[1].strip()
        async with connect(address, max_size=None, ping_interval=None) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            target = (await page.command("Target.createTarget", url="about:blank"))["targetId"]
            attached = await page.command("Target.attachToTarget", targetId=target, flatten=True)
            page.session = attached["sessionId"]
            for domain in ("Page", "Network", "Runtime", "Log"):
                await page.command(f"{domain}.enable")
            await page.command("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
            if dark:
                scheme = [{"name": "prefers-color-scheme", "value": "dark"}]
                await page.command("Emulation.setEmulatedMedia", features=scheme)
            yield page
            listening.cancel()
        draining.cancel()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        shutil.rmtree(profile, ignore_errors=True)
