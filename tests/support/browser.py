"""A real browser, headless, driven by its own protocol: what a page shows, and what it looks like."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

LONG = 60.0

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """One page that is open."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self._socket, self._session = socket, session
        self._numbers = count(100)

    async def ask(self, method: str, **params: Any) -> Any:
        """One command of the DevTools protocol, and what came of it."""
        return await ask(self._socket, next(self._numbers), method, params, self._session)

    async def value(self, script: str) -> Any:
        """What a piece of JavaScript gives."""
        answer = await self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> Any:
        """Until a piece of JavaScript gives something that is true."""
        deadline = time.monotonic() + LONG
        while not (value := await self.value(script)):
            assert time.monotonic() < deadline, f"never true: {script}\n{await self.text()}"
            # It is the browser that is waited for: nothing tells us when it has drawn.
            await self.value("new Promise(requestAnimationFrame)")
        return value

    async def text(self) -> str:
        return str(await self.value("document.body.innerText"))

    async def picture(self) -> bytes:
        """What it looks like, as a PNG."""
        answer = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])


async def ask(socket: ClientConnection, number: int, method: str, params: Any, session: str = "") -> Any:
    message = {"id": number, "method": method, "params": params}
    await socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
    async with asyncio.timeout(LONG):
        while True:
            answer = json.loads(await socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]


@asynccontextmanager
async def browsing(url: str, width: int = 1400, height: int = 1200) -> AsyncIterator[Page]:
    """A page of a browser of its own, without a profile, at `url`."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            f"--window-size={width},{height}",
            "about:blank",
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(LONG):
                address = await _address(process)
            async with connect(address, proxy=None, max_size=2**26, ping_interval=None) as socket:
                target = await ask(socket, 1, "Target.createTarget", {"url": "about:blank"})
                found = await ask(
                    socket, 2, "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
                )
                page = Page(socket, found["sessionId"])
                await page.ask("Page.navigate", url=url)
                await page.until("location.href !== 'about:blank' && document.readyState === 'complete'")
                yield page
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if b"DevTools listening on " in line:
            return line.decode().split("DevTools listening on ")[1].strip()
    raise AssertionError("the browser did not start")
