"""A site on this machine for tests of `web.read`, and what it takes to read it."""

import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from domed.tools.web_read.browser import APPLICATIONS, NAMES

SANDBOX = "off" if os.geteuid() == 0 else "required"


def chromium() -> str:
    """The browser of this machine. Without one the test is skipped, and says how to get one."""
    found = next((path for name in (*NAMES, *APPLICATIONS) if (path := shutil.which(name)) is not None), None)
    if found is None:
        pytest.skip("there is no Chromium on the PATH: install it, such as with `apt install chromium`")
    return found


@dataclass(frozen=True)
class Reply:
    """What the site answers."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    """The answer comes when it is set."""
    wait_midway: threading.Event | None = None
    """The answer's second half comes when it is set."""

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.body.encode()


class Site:
    """A server on a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[str] = []
        self.waits: list[threading.Event] = []
        self.pages: dict[str, Reply] = {}

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def event(self) -> threading.Event:
        """Something to wait for until the end of the test."""
        made = threading.Event()
        self.waits.append(made)
        return made

    def html(self, path: str, body: str, **headers: str) -> None:
        self.pages[path] = Reply(body, headers={"Content-Type": "text/html; charset=utf-8", **headers})

    def request(self, path: str = "/", **more: Any) -> dict[str, Any]:
        """An input that reads a page of the site."""
        asked = {"url": self.url(path), "private_hosts": [f"127.0.0.1:{self.port}"], "sandbox": SANDBOX}
        return {**asked, "screenshot": "none", **more}


@contextmanager
def serving() -> Iterator[Site]:
    """A site that is there as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.seen.append(self.path)
            reply = site.pages.get(self.path, Reply("<h1>Not here</h1>", 404, {"Content-Type": "text/html"}))
            if reply.wait is not None:
                reply.wait.wait(30)
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(reply.data)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            middle = len(reply.data) // 2 if reply.wait_midway is not None else len(reply.data)
            self.wfile.write(reply.data[:middle])
            if reply.wait_midway is not None:
                self.wfile.flush()
                reply.wait_midway.wait(30)
                self.wfile.write(reply.data[middle:])

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """The browser went away, as it should."""

    with Server(("127.0.0.1", 0), Handler) as server:
        site = Site(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            for event in site.waits:
                event.set()
            server.shutdown()
            thread.join(10)


def browsers_in(folder: Path) -> list[int]:
    """The processes of browsers whose home is in the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal():
                known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if f"{folder}/".encode() in known and b"/dome-web-" in known:
                    found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found
