"""The parts of `web.read` that need no browser: what may be reached, the way there, and what is said without one."""

import asyncio
import ipaddress
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.tool import ToolFailure
from domed.tools.web_read import browser
from domed.tools.web_read.addresses import NotReadable, Place, Reach, is_public, place_of, reach
from domed.tools.web_read.callers import owner
from domed.tools.web_read.proxy import Proxy

Run = Callable[..., Any]
PRIVATE = (
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1"),
    *(
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
    ),
    *("192.0.0.9", "64:ff9b:1:7f00:1::101:101", "fec0::1", "3fff::1", "5f00::1", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("2001:db8::1", "2001:0:0:0:0:0:80ff:fffe"),
)
PUBLIC = ("1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::")
ASK = b"\x05\x01\x00"
NOBODY = 65534


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_on_the_public_internet(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_on_the_public_internet(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_every_dress(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_public(ipaddress.IPv6Address(prefix | number)) == is_public(address)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://example.org", Place("example.org", 80)),
        ("HTTPS://EXAMPLE.org/x?y#z", Place("example.org", 443)),
        ("http://[::1]:8000/", Place("::1", 8000)),
    ],
)
def test_where_a_page_is(url: str, place: Place) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:1",
            "ftp://example.org/",
            "chrome://version",
            "example.org",
        ),
        *(
            "http://",
            "http://user:word@example.org/",
            "http://user@example.org/",
            "http://example.org:99999/",
            "http://[::1",
        ),
    ],
)
def test_what_is_no_page_of_the_web(url: str) -> None:
    with pytest.raises(NotReadable):
        place_of(url)


def test_a_named_host_is_reached_at_its_port_and_without_one_at_any() -> None:
    loopback = ipaddress.ip_address("127.0.0.1")
    named = reach(["localhost:8000", "Wiki.Intern"])
    assert named.allows(Place("localhost", 8000), loopback)
    assert not named.allows(Place("localhost", 8001), loopback)
    assert not named.allows(Place("127.0.0.1", 8000), loopback)
    assert named.allows(Place("wiki.intern", 1), loopback)
    assert Reach().allows(Place("anything", 1), ipaddress.ip_address("1.1.1.1"))


async def asked(port: int, request: bytes) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    """The answer of the proxy to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x05\x01\x00")
    assert await reader.readexactly(2) == b"\x05\x00"
    writer.write(request)
    return await reader.readexactly(10), reader, writer


def named(host: str, port: int) -> bytes:
    return ASK + b"\x03" + bytes((len(host),)) + host.encode() + port.to_bytes(2, "big")


async def test_the_proxy_connects_counts_and_stops_at_the_limit() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readexactly(4)) * 500)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        target = server.sockets[0].getsockname()[1]
        proxy = Proxy(reach([f"127.0.0.1:{target}"]), bytes_max=3000)
        async with asyncio.timeout(10), proxy.serving() as port:
            answer, reader, writer = await asked(port, ASK + b"\x01\x7f\x00\x00\x01" + target.to_bytes(2, "big"))
            assert answer[1] == 0
            writer.write(b"ping")
            assert await reader.readexactly(2000) == b"ping" * 500
            writer.close()
            answer, reader, writer = await asked(port, named("127.0.0.1", target))
            writer.write(b"ping")
            assert await reader.read() == b""
            assert (proxy.is_cut, proxy.received_bytes) == (True, 4000)
            writer.close()
            answer, _, writer = await asked(port, named("127.0.0.1", target))
            assert answer[1] != 0
            writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        named("127.0.0.1", 9),
        named("LOCALHOST", 9),
        ASK + b"\x01\x0a\x00\x00\x01\x00\x50",
        ASK + b"\x04" + bytes(15) + b"\x01\x00\x50",
        named("2130706433", 9),
        named("0x7f.1", 9),
    ],
)
async def test_the_proxy_refuses_what_may_not_be_reached(request_bytes: bytes) -> None:
    proxy = Proxy(Reach(), bytes_max=1000)
    async with asyncio.timeout(10), proxy.serving() as port:
        answer, reader, writer = await asked(port, request_bytes)
        assert answer[1] == 2
        assert await reader.read() == b""
        writer.close()
    assert len(proxy.refused) == 1


@pytest.mark.parametrize(
    "request_bytes", [named("a..b", 80), b"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", ASK + b"\x09"]
)
async def test_the_proxy_answers_what_it_cannot_do(request_bytes: bytes) -> None:
    proxy = Proxy(Reach(), bytes_max=1000)
    async with asyncio.timeout(10), proxy.serving() as port:
        answer, _, writer = await asked(port, request_bytes)
        assert answer[1] in {4, 7}
        writer.close()


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


SOCKETS = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 30 10 -1
   2: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 13 1 0 20 4 30 10 -1
   3: 0100007F:C002 0100007F:1F90 04 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the table was written by a machine of the other byte order")
def test_the_owner_of_a_connection_is_the_user_of_the_socket_that_called() -> None:
    here = ("127.0.0.1", 8080)
    assert owner(SOCKETS, ("127.0.0.1", 0xC001), here) == 1000
    assert owner(SOCKETS, ("127.0.0.1", 0xC002), here) is None  # closed at once
    assert owner(SOCKETS, ("127.0.0.1", 0xC003), here) is None


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux can be another user for a moment"
)
async def test_the_proxy_serves_no_other_user() -> None:
    proxy = Proxy(Reach(), bytes_max=1000)
    async with asyncio.timeout(10), proxy.serving() as port:
        os.seteuid(NOBODY)
        try:
            other = socket.socket()
        finally:
            os.seteuid(0)
        other.setblocking(False)
        await asyncio.get_running_loop().sock_connect(other, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=other)
        writer.write(b"\x05\x01\x00" + named("127.0.0.1", 9))
        assert await ended(reader)
        writer.close()
        answer, _, writer = await asked(port, named("127.0.0.1", 9))
        assert answer[1] == 2
        writer.close()
    assert len(proxy.refused) == 1


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether nothing comes."""
    try:
        return await reader.read() == b""
    except ConnectionResetError:  # what was sent was not read
        return True


def test_the_browser_that_is_named_goes_before_the_usual_ones(tmp_path: Path) -> None:
    first, second = program(tmp_path / "chromium", ""), program(tmp_path / "google-chrome", "")
    assert browser.find({"PATH": str(tmp_path)}) == str(first)
    assert browser.find({"PATH": str(tmp_path), "CHROME_PATH": str(second)}) == str(second)
    first.unlink()
    assert browser.find({"PATH": str(tmp_path)}) == str(second)


@pytest.mark.parametrize("environ", [{"PATH": "/nonexistent"}, {"PATH": os.environ["PATH"], "CHROME_PATH": "/no/such"}])
def test_without_a_browser_it_says_how_to_get_one(environ: dict[str, str]) -> None:
    with pytest.raises(ToolFailure) as raised:
        browser.find(environ, ())
    assert raised.value.reason == "WEB.BROWSER_MISSING"
    assert "CHROME_PATH" in raised.value.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo 'ERROR:zygote_host_impl_linux.cc] No usable sandbox! If this is a Debian system' >&2; exit 1",
         "WEB.SANDBOX_UNAVAILABLE"),
        ("echo 'cannot open display' >&2; kill -SEGV $$", "WEB.BROWSER_FAILED"),
        ("printf 'no message\\000' >&4; sleep 30 & wait", "WEB.BROWSER_FAILED"),
        ("exit 0", "WEB.BROWSER_FAILED"),
    ],
)  # fmt: skip
def test_a_browser_that_does_not_speak_is_a_failure_with_its_last_words(
    tmp_path: Path, run_tool: Run, text: str, reason: str
) -> None:
    fake = program(tmp_path / "browser", text)
    document = {"url": "http://127.0.0.1:9/", "private_hosts": ["127.0.0.1"], "sandbox": "off"}
    ran = run_tool("web.read", document, tmp_path, CHROME_PATH=str(fake), DOME_SCRATCH=str(tmp_path))
    assert ran.failure[0] == reason
    assert "display" not in text or "cannot open display" in ran.failure[1]
    assert [path.name for path in tmp_path.iterdir()] == ["browser"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has no sandbox: run it as root, such as in a container")
def test_root_is_told_that_there_is_no_sandbox(tmp_path: Path, run_tool: Run) -> None:
    fake = program(tmp_path / "browser", "exit 0")
    ran = run_tool("web.read", {"url": "http://127.0.0.1:9/"}, tmp_path, CHROME_PATH=str(fake))
    reason, message = ran.failure
    assert reason == "WEB.SANDBOX_UNAVAILABLE"
    assert "sandbox: off" in message


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost/", "http://user:word@127.0.0.1/"])
def test_an_address_is_refused_before_a_browser_is_started(tmp_path: Path, run_tool: Run, url: str) -> None:
    fake = program(tmp_path / "browser", f"touch {tmp_path}/started")
    ran = run_tool("web.read", {"url": url, "sandbox": "off"}, tmp_path, CHROME_PATH=str(fake))
    assert ran.failure[0] == "WEB.ADDRESS_REFUSED"
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    "document",
    [{}, {"url": "file:///etc/passwd"}, {"url": "data:text/html,x"}, {"url": "http://a b/"}, {"url": "about:x"}],
)
def test_the_input_names_a_page_of_the_web(built_in: Callable[[str], Any], document: dict[str, str]) -> None:
    assert built_in("web.read").input_violations(json.dumps(document).encode()) != ()
