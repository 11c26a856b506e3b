"""The process of the browser: found, started with nothing of the user's, and ended with all that it started.

Its profile, its caches and its home are in one directory that is removed. Knows no pages.
"""

import asyncio
import fcntl
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, chdir, suppress
from tempfile import TemporaryDirectory
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure
from domed.tools.web_read.devtools import Devtools, connected

VARIABLE: Final = "CHROME_PATH"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome-headless-shell")
APPLICATIONS: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
REMEDY: Final = (
    "Install it (Debian and Ubuntu: `apt install chromium`, Fedora: `dnf install chromium`, macOS: "
    f"`brew install --cask chromium`), or let {VARIABLE} name the program."
)
SANDBOX_REMEDY: Final = (
    "Run the daemon as an ordinary user who may make user namespaces. If the machine is thrown away after, such as a "
    "container, and the pages are your own, say `sandbox: off` in the input."
)
NO_SANDBOX_SAID: Final = ("No usable sandbox", "Running as root without --no-sandbox")
OPTIONS: Final = (
    *("--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--no-service-autorun"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync"),
    *("--disable-domain-reliability", "--disable-client-side-phishing-detection", "--metrics-recording-only"),
    *("--disable-extensions", "--disable-breakpad", "--disable-crash-reporter", "--noerrdialogs", "--mute-audio"),
    *("--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--password-store=basic", "--use-mock-keychain"),
    *("--deny-permission-prompts", "--block-new-web-contents", "--disable-notifications", "--disable-quic"),
    # Without these a page could reach the network, or ask for names, past the proxy.
    *("--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    # The address that was asked for is the one that is read.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,Translate,MediaRouter,DialMediaRouteProvider",
)
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "DOME_JOB_ID", "LD_LIBRARY_PATH", "FONTCONFIG_FILE")
_COMMANDS_FD, _EVENTS_FD = 3, 4
_FREE_FD: Final = 10
SAID_BYTES_MAX: Final = 16 * 1024
END_S: Final = 3.0
"""What its end may take before it is ended by force."""
LAST_WORDS_S: Final = 0.5
"""What its last words may take, once it no longer speaks the protocol."""


def find(environ: Mapping[str, str], applications: Sequence[str] = APPLICATIONS) -> str:
    """The program: the one that CHROME_PATH names, else the first of the usual ones. Raises ToolFailure."""
    if named := environ.get(VARIABLE, ""):
        if (found := shutil.which(named, path=environ.get("PATH", ""))) is None:
            raise ToolFailure(FailureReason.WEB_BROWSER_MISSING, f"{VARIABLE} is {named!r}: there is no such program.")
        return found
    for name in (*NAMES, *applications):
        if (found := shutil.which(name, path=environ.get("PATH", ""))) is not None:
            return found
    raise ToolFailure(FailureReason.WEB_BROWSER_MISSING, f"There is no Chromium on this machine. {REMEDY}")


def check_sandbox(*, sandboxed: bool, uid: int) -> None:
    """Raises ToolFailure where the browser would refuse to start: it does not shut itself in as root."""
    if sandboxed and uid == 0:
        message = f"The browser has no sandbox as root. {SANDBOX_REMEDY}"
        raise ToolFailure(FailureReason.WEB_SANDBOX_UNAVAILABLE, message)


class Browser:
    """The browser as it runs."""

    def __init__(self, devtools: Devtools, pid: int, said: "asyncio.Task[bytes]") -> None:
        self.devtools = devtools
        self._pid = pid
        self._said = said

    async def why_gone(self) -> ToolFailure:
        """The reason for its end, by what it said."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await asyncio.shield(self._said)
        said = self._said.result().decode("utf-8", "replace") if self._said.done() else ""
        if any(words in said for words in NO_SANDBOX_SAID):
            message = f"The browser cannot make its sandbox here. {SANDBOX_REMEDY}"
            return ToolFailure(FailureReason.WEB_SANDBOX_UNAVAILABLE, message)
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "it said nothing")
        return ToolFailure(FailureReason.WEB_BROWSER_FAILED, f"The browser ended: {last}")

    async def end(self) -> None:
        """End it and every process that it started."""
        # Each of its processes holds the pipe for what it says until it is gone.
        self.devtools.send("Browser.close")
        await asyncio.wait([self._said], timeout=LAST_WORDS_S if self.devtools.gone.is_set() else END_S)
        with suppress(ProcessLookupError, PermissionError):
            # Not yet reaped, so the number of the group is its own.
            os.killpg(self._pid, signal.SIGKILL)
        await asyncio.to_thread(os.waitpid, self._pid, 0)
        await asyncio.wait([self._said], timeout=END_S)
        self._said.cancel()


@asynccontextmanager
async def started(
    program: str, *, proxy_port: int, sandboxed: bool, environ: Mapping[str, str]
) -> AsyncIterator[Browser]:
    """A browser. When the context ends, however it ends, so have all its processes. Raises ToolFailure."""
    with TemporaryDirectory(prefix="dome-web-", dir=environ.get("DOME_SCRATCH"), ignore_cleanup_errors=True) as home:
        command = [
            *(program, *OPTIONS, f"--proxy-server=socks5://127.0.0.1:{proxy_port}", f"--user-data-dir={home}/profile"),
            *(() if sandboxed else ("--no-sandbox",)),
            "about:blank",
        ]
        (commands_in, commands), (events, events_in), (said, said_in) = (_pipe() for _ in range(3))
        try:
            with chdir(home):
                pid = _spawn(command, _environment(environ, home), (commands_in, events_in, said_in))
        except OSError as error:
            for descriptor in (commands, events, said):
                os.close(descriptor)
            message = f"{program} cannot be started: {error.strerror}."
            raise ToolFailure(FailureReason.WEB_BROWSER_FAILED, message) from None
        finally:
            for descriptor in (commands_in, events_in, said_in):
                os.close(descriptor)
        listening = asyncio.create_task(_end_of(said))
        async with connected(commands, events) as devtools:
            browser = Browser(devtools, pid, listening)
            try:
                yield browser
            finally:
                await asyncio.shield(asyncio.create_task(browser.end()))


def _environment(environ: Mapping[str, str], home: str) -> dict[str, str]:
    """What a program needs to run, and the job's id, by which the daemon finds what it started; nothing else."""
    own = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
    # It makes a socket in this directory, whose path must be short: it is seen from the directory that it starts in.
    return {name: environ[name] for name in _KEPT if name in environ} | dict.fromkeys(own, home) | {"TMPDIR": "."}


def _spawn(command: list[str], environ: Mapping[str, str], given: tuple[int, int, int]) -> int:
    commands_in, events_in, said_in = given
    return os.posix_spawn(
        command[0],
        command,
        environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            *((os.POSIX_SPAWN_DUP2, said_in, target) for target in (1, 2)),
            (os.POSIX_SPAWN_DUP2, commands_in, _COMMANDS_FD),
            (os.POSIX_SPAWN_DUP2, events_in, _EVENTS_FD),
        ],
        setpgroup=0,
        setsigdef=[signal.SIGPIPE, signal.SIGTERM, signal.SIGINT],
        setsigmask=[],
    )


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the numbers that the browser is given, so that none is overwritten."""
    low = os.pipe()
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FREE_FD) for end in low]
    for end in low:
        os.close(end)
    return ends[0], ends[1]


async def _end_of(said_fd: int) -> bytes:
    """The end of what the browser says on its standard streams."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(said_fd, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    kept = b""
    try:
        while data := await reader.read(SAID_BYTES_MAX):
            kept = (kept + data)[-SAID_BYTES_MAX:]
    finally:
        transport.close()
    return kept
