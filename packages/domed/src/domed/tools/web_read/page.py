"""One page: opened, watched until it is quiet, read. Knows the protocol's names; says what happened, judges nothing."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domed.tools.web_read.devtools import CommandFailed, Devtools

QUIET_S: Final = 0.5
"""Without a request for so long, a page that has loaded is done."""
REDIRECTS_MAX: Final = 20
DIALOGS_MAX: Final = 20
DIALOG_CHARACTERS_MAX: Final = 300
UNKNOWN_FAULT: Final = "the browser does not say why"
EMPTY_FAULT: Final = "ERR_HTTP_RESPONSE_CODE_FAILURE"
"""The answer is an error without a word: the browser would show words of its own."""
WORLD: Final = "dome"
EXTRACT: Final = Path(__file__).with_name("extract.js")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered to the request for a document."""

    url: str
    status: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """A document that was left for another one."""

    url: str
    status: int
    by: str
    """`server`, or `page` where a script or the page's head did it."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that was dismissed."""

    kind: str
    message: str


class Page:
    """The state of one page, kept by the events that are heard of it."""

    def __init__(self, devtools: Devtools, session: str, frame_id: str) -> None:
        self._devtools = devtools
        self._session = session
        self._frame_id = frame_id
        self._changed = asyncio.Event()
        self._requests: set[str] = set()
        self._active_s = 0.0
        self._stopped_s: float | None = None
        self._document_id = ""
        self._document_fault = ""
        self._answered: Answer | None = None
        self._shown: Answer | None = None
        self._left: list[Redirect] = []
        self._is_whole = False
        self.last_url = ""
        """The address of the document that was asked for last."""
        self.redirects: list[Redirect] = []
        self.requests_count = 0
        self.dialogs: list[Dialog] = []
        self.popups_count = 0
        self.download: str | None = None
        """The address of what was to be stored rather than shown."""
        self.fault = ""
        """Why the document that was asked for last is not there, in the words of the browser."""
        self.has_crashed = False

    @property
    def has_loaded(self) -> bool:
        """Whether the whole page has come, and everything that it asked for at first."""
        return self._is_whole and not self._document_fault

    @property
    def has_begun(self) -> bool:
        """Whether a document is there, whole or not."""
        return self._shown is not None

    @property
    def answer(self) -> Answer | None:
        """The answer that brought the document; without one, the last answer that brought none."""
        return self._shown or self._answered

    @property
    def is_empty(self) -> bool:
        """Whether the server answered with an error and no text."""
        return EMPTY_FAULT in self.fault and self.answer is not None

    async def navigate(self, url: str) -> None:
        """Ask for a document. Done when its first bytes are there, or when it is known that none come."""
        answer = await self._call("Page.navigate", url=url)
        self.fault = self.fault or answer.get("errorText", "")

    async def settle(self, *, settle_s: float) -> None:
        """Wait until the page has loaded and is quiet, for `settle_s` after it has loaded at most."""
        while not (self.fault or self.has_crashed or self._devtools.gone.is_set()):
            now = asyncio.get_running_loop().time()
            wait_s = None
            if self._stopped_s is not None:
                quiet_s = max(self._active_s, self._stopped_s) + QUIET_S
                wait_s = min(self._stopped_s + settle_s, quiet_s if not self._requests else now + settle_s) - now
                if wait_s <= 0:
                    return
            self._changed.clear()
            # The waiting for the end of the browser is that of its answers.
            gone = asyncio.ensure_future(self._devtools.gone.wait())
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait([gone, changed], timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
                changed.cancel()

    async def extract(self, **limits: int) -> Mapping[str, Any]:
        """What is read of the page. Raises CommandFailed."""
        made = await self._call("Page.createIsolatedWorld", frameId=self._frame_id, worldName=WORLD)
        answer = await self._call(
            "Runtime.evaluate",
            expression=f"{EXTRACT.read_text(encoding='utf-8')}({json.dumps(limits)})",
            contextId=made["executionContextId"],
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise CommandFailed("Runtime.evaluate", str(answer["exceptionDetails"].get("text", "")))
        found: Mapping[str, Any] = answer["result"]["value"]
        return found

    async def picture(self, *, side_max: int | None) -> bytes:
        """A picture in PNG: of what is seen at first, or of the page, `side_max` either way. Raises CommandFailed."""
        if side_max is None:
            answer = await self._call("Page.captureScreenshot", format="png")
        else:
            size = (await self._call("Page.getLayoutMetrics"))["cssContentSize"]
            clip = {"x": 0, "y": 0, "scale": 1, **{side: min(size[side], side_max) for side in ("width", "height")}}
            answer = await self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(answer["data"])

    async def _call(self, method: str, **parameters: Any) -> Mapping[str, Any]:
        return await self._devtools.call(method, session=self._session, **parameters)

    def hear(self, session: str, method: str, said: Mapping[str, Any]) -> None:
        """Take in an event of the browser."""
        match method:
            case "Page.downloadWillBegin" | "Browser.downloadWillBegin":
                self.download = str(said.get("url", ""))
            case "Target.targetCreated" if said["targetInfo"]["type"] == "page" and "openerId" in said["targetInfo"]:
                self.popups_count += 1
                self._devtools.send("Target.closeTarget", targetId=said["targetInfo"]["targetId"])
            case _ if session == self._session:
                self._hear_of_page(method, said)
        self._changed.set()

    def _hear_of_page(self, method: str, said: Mapping[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self._requested(said)
            case "Network.responseReceived" if self._is_document(said):
                response = said["response"]
                self._answered = Answer(response["url"], response["status"], response.get("mimeType", ""))
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._ended(said)
            case "Page.frameNavigated" if "parentId" not in said["frame"]:
                self._navigated(said["frame"])
            case "Page.loadEventFired":
                self._is_whole = True
                self._stopped_s = asyncio.get_running_loop().time()
            case "Page.frameStoppedLoading" if said["frameId"] == self._frame_id and self.has_begun:
                self._stopped_s = self._stopped_s or asyncio.get_running_loop().time()
            case "Page.javascriptDialogOpening":
                self._dismiss(said)
            case "Page.windowOpen":
                self.popups_count += 1
            case "Inspector.targetCrashed":
                self.has_crashed = True

    def _requested(self, said: Mapping[str, Any]) -> None:
        self.requests_count += 1
        self._requests.add(said["requestId"])
        self._active_s = asyncio.get_running_loop().time()
        if not self._is_document(said):
            return
        self.last_url, self._document_id = said["request"]["url"], said["requestId"]
        if (left := said.get("redirectResponse")) is not None:
            self._left.append(Redirect(left["url"], left["status"], "server"))
        else:
            self._left = []
        if len(self.redirects) + len(self._left) > REDIRECTS_MAX:
            self.fault = f"net::ERR_TOO_MANY_REDIRECTS (more than {REDIRECTS_MAX})"

    def _navigated(self, frame: Mapping[str, Any]) -> None:
        """Another document is shown."""
        if "unreachableUrl" in frame:
            self.fault = self._document_fault or UNKNOWN_FAULT
        if self._shown is not None:
            self.redirects.append(Redirect(self._shown.url, self._shown.status, "page"))
        self.redirects += self._left
        self._left, self._shown = [], self._answered
        self._stopped_s, self._is_whole, self._document_fault = None, False, ""

    def _ended(self, said: Mapping[str, Any]) -> None:
        self._requests.discard(said["requestId"])
        self._active_s = asyncio.get_running_loop().time()
        if said["requestId"] == self._document_id and "errorText" in said and not said.get("canceled"):
            self._document_fault = said["errorText"]

    def _dismiss(self, dialog: Mapping[str, Any]) -> None:
        if len(self.dialogs) < DIALOGS_MAX:
            self.dialogs.append(Dialog(dialog.get("type", ""), dialog.get("message", "")[:DIALOG_CHARACTERS_MAX]))
        self._devtools.send("Page.handleJavaScriptDialog", session=self._session, accept=False)

    def _is_document(self, said: Mapping[str, Any]) -> bool:
        return said.get("type") == "Document" and said.get("frameId") == self._frame_id


async def opened(devtools: Devtools, *, width: int, height: int) -> Page:
    """An empty page of this size, which is watched from its first request on. Raises CommandFailed, BrowserGone."""
    target = await devtools.call("Target.createTarget", url="about:blank")
    attached = await devtools.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
    session = attached["sessionId"]
    tree = await devtools.call("Page.getFrameTree", session=session)
    page = Page(devtools, session, tree["frameTree"]["frame"]["id"])
    devtools.hear = page.hear
    await devtools.call("Target.setDiscoverTargets", discover=True)
    await devtools.call("Browser.setDownloadBehavior", behavior="deny", eventsEnabled=True)
    for domain in ("Page", "Network", "Inspector"):
        await devtools.call(f"{domain}.enable", session=session)
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    await devtools.call("Emulation.setDeviceMetricsOverride", session=session, **size)
    return page
