"""Uses of the `dome` command as processes that need not load Python and its modules first.

One process of Python has loaded every module of the command and does nothing else. A use of the command is a fork of
it: a process of its own, with the arguments, environment, directory and streams that it was given, which runs the same
program from its beginning to its exit code. What is not tried this way is the loading: `Home.start` does that.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

TIMEOUT_S = 60.0
_BRIDGE = "dome_client.mcp"
_LEFT_OUT = ("dome_client.testing",)
_MESSAGE_BYTES_MAX = 1 << 20
_PIPE_BYTES_MAX = 1 << 16
_STREAMS = 3


@dataclass(frozen=True)
class Done:
    """How a use of the command ended; `code` is what `Popen.returncode` says."""

    code: int
    out: bytes
    err: str

    def lines(self) -> list[str]:
        return self.out.decode().splitlines()

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]


class WarmPython:
    """The process that has loaded the modules of some packages."""

    def __init__(self, *packages: str) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import serve; serve({theirs.fileno()}, {packages})"],
                cwd=Path(__file__).parents[2],
                env={"PATH": os.environ["PATH"]},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def start(self, *words: str, cwd: Path, environ: Mapping[str, str], streams: Sequence[int]) -> int:
        """Begin a use of the command with these standard streams, which are closed here.

        Gives a pipe, which the caller closes: the process id comes from it, and after the end the exit code.
        """
        told, telling = os.pipe()
        given = (*streams, telling)
        try:
            asked = json.dumps({"words": words, "cwd": str(cwd), "environ": dict(environ)}).encode()
            socket.send_fds(self._socket, [asked], given)
        except BrokenPipeError:
            os.close(told)
            raise AssertionError(f"the process that is forked has ended with {self._process.wait()}") from None
        finally:
            for fd in given:
                os.close(fd)
        return told

    def run(
        self, *words: str, cwd: Path, environ: Mapping[str, str], timeout_s: float = TIMEOUT_S, given: bytes = b""
    ) -> Done:
        """One use of the command, to its end; `given`, as much as a pipe holds, is its standard input."""
        assert len(given) <= _PIPE_BYTES_MAX
        (its_in, our_in), (our_out, its_out), (our_err, its_err) = os.pipe(), os.pipe(), os.pipe()
        with os.fdopen(our_in, "wb") as source:
            source.write(given)
        told = self.start(*words, cwd=cwd, environ=environ, streams=(its_in, its_out, its_err))
        return _read((our_out, our_err, told), timeout_s)


@cache
def warm_python() -> WarmPython:
    """The one of this process of pytest; it ends when that ends, because nobody is left at its socket."""
    return WarmPython("dome_client", "dome_spec")


@cache
def warm_bridge() -> WarmPython:
    """The same with what `dome mcp` needs besides."""
    return WarmPython("dome_client", _BRIDGE)


def _read(pipes: tuple[int, int, int], timeout_s: float) -> Done:
    """Read to the end of all three, which comes when no process has them open any more.

    A use that has not come to its end by then, or when the test is interrupted, is ended.
    """
    deadline_s = time.monotonic() + timeout_s
    found = {fd: bytearray() for fd in pipes}
    told = found[pipes[-1]]
    is_late = False
    try:
        with selectors.DefaultSelector() as selector:
            for fd in pipes:
                selector.register(fd, selectors.EVENT_READ)
            while selector.get_map() and not is_late:
                ready = selector.select(max(deadline_s - time.monotonic(), 0))
                is_late = not ready
                for key, _ in ready:
                    if piece := os.read(key.fd, _PIPE_BYTES_MAX):
                        found[key.fd] += piece
                    else:
                        selector.unregister(key.fd)
    finally:
        _end_unless_ended(pipes[-1], told)
        for fd in pipes:
            os.close(fd)
    out, err, _ = map(bytes, found.values())
    assert told, "the process that is forked has ended: it says why on standard error"
    assert not is_late, f"no end within {timeout_s} s; it wrote {out[-500:]!r} and {err[-500:]!r}"
    return Done(int(told.split()[1]), out, err.decode())


def _end_unless_ended(pipe: int, told: bytearray) -> None:
    """End the process whose id came from the pipe, or comes from it yet, and whose exit code did not."""
    if not told:
        told += os.read(pipe, _PIPE_BYTES_MAX)
    if len(told.split()) == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(told), signal.SIGKILL)


def serve(fd: int, packages: Sequence[str]) -> None:
    """Fork for whoever asks at the socket, until nobody can any more."""
    _load(packages)
    with socket.socket(fileno=fd) as asked, selectors.DefaultSelector() as selector:
        selector.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not asked:
                    selector.unregister(key.fileobj)
                    _tell_end(key.fd, *key.data)
                    continue
                request, given, _, _ = socket.recv_fds(asked, _MESSAGE_BYTES_MAX, _STREAMS + 1)
                if not request:
                    return
                *streams, told = given
                pid = os.fork()
                if pid == 0:
                    _become(json.loads(request), streams)
                for stream in streams:
                    os.close(stream)
                _tell(told, pid)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, told))


def _tell_end(handle: int, pid: int, told: int) -> None:
    os.close(handle)
    _, status = os.waitpid(pid, 0)
    _tell(told, os.waitstatus_to_exitcode(status))
    os.close(told)


def _tell(told: int, number: int) -> None:
    # Whoever asked may have gone.
    with contextlib.suppress(BrokenPipeError):
        os.write(told, b"%d\n" % number)


def _load(packages: Sequence[str]) -> None:
    """Import whatever a use of the command may import."""
    import pkgutil
    from importlib import import_module

    left_out = _LEFT_OUT if _BRIDGE in packages else (*_LEFT_OUT, _BRIDGE)
    for package in packages:
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            # One that cannot be imported is told of by the use that needs it.
            with contextlib.suppress(ImportError, SyntaxError):
                if not module.name.startswith(left_out) and not module.name.endswith(".__main__"):
                    import_module(module.name)
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads cannot be forked"
    gc.collect()
    gc.freeze()


def _become(request: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    """Run the command in this process, and end it as Python ends the program that it was called with."""
    from dome_client.cli.entry import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(_STREAMS, max(map(int, os.listdir("/proc/self/fd"))) + 1)
    # Python itself sets this one, where nothing says what language is spoken.
    coerced = {name: value for name, value in os.environ.items() if name == "LC_CTYPE"}
    os.environ.clear()
    os.environ.update(coerced | request["environ"])
    os.chdir(request["cwd"])
    sys.argv[1:] = request["words"]
    # What the command writes of how it was called has to hold for a process that is called so.
    program = "import sys; from dome_client.cli.entry import main; sys.exit(main())"
    sys.orig_argv[:] = [sys.executable, "-c", program, *request["words"]]
    code: object = 1
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code or 0
        if not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:  # noqa: BLE001 - what nobody catches is told as Python tells it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        assert isinstance(code, int)
        os._exit(code)
