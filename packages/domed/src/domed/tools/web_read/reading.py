"""One run of the tool: starts the browser, opens the page, waits until it is quiet, and gives what it read."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import Session, ToolFailure
from domed.tools.web_read import browser, faults
from domed.tools.web_read.addresses import NotReadable, place_of, reach
from domed.tools.web_read.browser import Browser
from domed.tools.web_read.devtools import BrowserGone, CommandFailed
from domed.tools.web_read.page import Page, opened
from domed.tools.web_read.proxy import Proxy

DEFAULTS: Final[Mapping[str, Any]] = {
    "timeout_s": 30,
    "settle_s": 2,
    "viewport": {"width": 1280, "height": 800},
    "screenshot": "viewport",
    "text_characters_max": 200_000,
    "links_max": 500,
    "transfer_bytes_max": 50 * 1024 * 1024,
    "private_hosts": [],
    "sandbox": "required",
}
START_TIMEOUT_S: Final = 30.0
EXTRACT_TIMEOUT_S: Final = 10.0
PICTURE_TIMEOUT_S: Final = 15.0
PICTURE_SIDE_MAX: Final = 10_000
PICTURE_NAME: Final = "screenshot.png"
LINK_CHARACTERS_MAX: Final = 1024
LINK_TEXT_CHARACTERS_MAX: Final = 200
TITLE_CHARACTERS_MAX: Final = 1000
REFUSED_MAX: Final = 50
NOTHING: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("charset", "language", "title", "text"), ""),
    **{"textCharacters": 0, "links": [], "linksCount": 0},
}
_PNG_SIZE: Final = slice(16, 24)


async def read(dome: Session, environ: Mapping[str, str]) -> None:
    """Read the page that the session's input names and give the result. Raises ToolFailure."""
    wanted = {**DEFAULTS, **(dome.input or {})}
    url = wanted["url"]
    try:
        place, may_reach = place_of(url), reach(wanted["private_hosts"])
    except NotReadable as error:
        raise faults.refused(url, str(error)) from None
    sandboxed = wanted["sandbox"] != "off"
    program = browser.find(environ)
    browser.check_sandbox(sandboxed=sandboxed, uid=os.geteuid())
    proxy = Proxy(may_reach, bytes_max=wanted["transfer_bytes_max"])
    await proxy.check(place)
    if (failure := faults.of_place(place, proxy, url=url)) is not None:
        raise failure
    dome.progress("starting the browser")
    async with (
        proxy.serving() as port,
        browser.started(program, proxy_port=port, sandboxed=sandboxed, environ=environ) as running,
    ):
        try:
            reading = Reading(dome, running, proxy, wanted)
            await reading.open()
            dome.result(await reading.result(folder=Path(environ.get("DOME_SCRATCH") or ".")))
        except BrowserGone:
            raise await running.why_gone() from None
        except CommandFailed as error:
            raise ToolFailure(FailureReason.WEB_BROWSER_FAILED, f"The browser refused: {error}.") from None


class Reading:
    """One page, as it is read."""

    def __init__(self, dome: Session, running: Browser, proxy: Proxy, wanted: Mapping[str, Any]) -> None:
        self._dome = dome
        self._running = running
        self._proxy = proxy
        self._wanted = wanted
        self._url: str = wanted["url"]
        self._start_s = time.monotonic()
        self._version: Mapping[str, Any] = {}
        self._page: Page

    async def open(self) -> None:
        """Open the page and wait for it. Raises ToolFailure, BrowserGone, CommandFailed."""
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                self._version = await self._running.devtools.call("Browser.getVersion")
                self._page = await opened(self._running.devtools, **self._wanted["viewport"])
        except TimeoutError:
            message = f"The browser did not answer within {START_TIMEOUT_S:g} s of its start."
            raise ToolFailure(FailureReason.WEB_BROWSER_FAILED, message) from None
        self._dome.progress(f"opening {self._url}")
        self._start_s = time.monotonic()
        try:
            async with asyncio.timeout(self._wanted["timeout_s"]):
                await self._page.navigate(self._url)
                self._dome.progress("waiting until the page is quiet")
                await self._page.settle(settle_s=self._wanted["settle_s"])
        except TimeoutError:
            if not self._page.has_begun:
                raise faults.timed_out(self._url, self._wanted["timeout_s"]) from None
        if self._running.devtools.gone.is_set():
            raise BrowserGone
        if (failure := faults.fault(self._page, self._proxy, url=self._url)) is not None:
            raise failure

    async def result(self, *, folder: Path) -> Mapping[str, Any]:
        """What was read. A picture is left in the folder. Raises ToolFailure, BrowserGone, CommandFailed."""
        duration_s = time.monotonic() - self._start_s
        self._dome.progress("reading the page")
        found = await self._extracted()
        picture, why_none = await self._picture(folder)
        page, answer = self._page, self._page.answer
        assert answer is not None
        return {
            "url": self._url,
            "final_url": found["url"],
            "status": answer.status,
            "media_type": answer.media_type,
            "charset": found["charset"],
            "language": found["language"],
            "title": _well_formed(found["title"]),
            "text": _well_formed(found["text"]),
            "text_characters": found["textCharacters"],
            "text_truncated": found["textCharacters"] > self._wanted["text_characters_max"],
            "links": [{"url": link["url"], "text": _well_formed(link["text"])} for link in found["links"]],
            "links_count": found["linksCount"],
            "links_truncated": found["linksCount"] > len(found["links"]),
            "redirects": [asdict(redirect) for redirect in page.redirects],
            "loaded": page.has_loaded,
            "duration_s": round(duration_s, 3),
            "requests_count": page.requests_count,
            "transferred_bytes": self._proxy.received_bytes,
            "transfer_truncated": self._proxy.is_cut,
            "refused_places": self._refused(),
            "dialogs": [{"kind": each.kind, "message": _well_formed(each.message)} for each in page.dialogs],
            "popups_count": page.popups_count,
            "screenshot": picture,
            "screenshot_missing": why_none,
            "browser": {"product": self._version.get("product", ""), "sandboxed": self._wanted["sandbox"] != "off"},
        }

    async def _extracted(self) -> Mapping[str, Any]:
        if self._page.is_empty:
            return {**NOTHING, "url": self._page.last_url}
        limits = {
            "textCharactersMax": self._wanted["text_characters_max"],
            "linksMax": self._wanted["links_max"],
            "linkCharactersMax": LINK_CHARACTERS_MAX,
            "linkTextCharactersMax": LINK_TEXT_CHARACTERS_MAX,
            "titleCharactersMax": TITLE_CHARACTERS_MAX,
        }
        try:
            async with asyncio.timeout(EXTRACT_TIMEOUT_S):
                try:
                    return await self._page.extract(**limits)
                except CommandFailed:
                    # The page left for another one at this moment.
                    await self._page.settle(settle_s=self._wanted["settle_s"])
                    return await self._page.extract(**limits)
        except TimeoutError:
            message = f"The scripts of {self._url} left no time to read it within {EXTRACT_TIMEOUT_S:g} s."
            raise ToolFailure(FailureReason.WEB_TIMEOUT, message) from None

    async def _picture(self, folder: Path) -> tuple[Mapping[str, Any] | None, str]:
        """The picture, or why there is none: the text is worth having without it."""
        if (wanted := self._wanted["screenshot"]) == "none":
            return None, "none was asked for"
        try:
            async with asyncio.timeout(PICTURE_TIMEOUT_S):
                data = await self._page.picture(side_max=PICTURE_SIDE_MAX if wanted == "page" else None)
        except TimeoutError:
            return None, f"it took longer than {PICTURE_TIMEOUT_S:g} s"
        except CommandFailed as error:
            return None, str(error)
        path = folder / PICTURE_NAME
        path.write_bytes(data)
        self._dome.artifact(PICTURE_NAME, path, media_type="image/png")
        width, height = (int.from_bytes(data[_PNG_SIZE][at : at + 4], "big") for at in (0, 4))
        return {"artifact": PICTURE_NAME, "width": width, "height": height}, ""

    def _refused(self) -> Sequence[Mapping[str, str]]:
        """Places that the page asked for and that are not on the public internet."""
        found = list(self._proxy.refused.items())[:REFUSED_MAX]
        return [{"place": str(place), "address": address} for place, address in found]


def _well_formed(text: str) -> str:
    """The text with everything that is no character replaced: scripts can make halves of them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
