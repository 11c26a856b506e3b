"""What `web.read` may reach with a real browser, and that nothing is left of it."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.web_pages import SANDBOX, Reply, Site, browsers_in

Run = Callable[..., Any]

END_S = 10.0


def test_what_is_not_on_the_public_internet_is_reached_where_it_was_named_only(
    site: Site, other: Site, read: Run
) -> None:
    elsewhere = other.url("/secret")
    site.html(
        "/",
        f"""<p id="said">nothing</p><img src="{elsewhere}"><iframe src="{elsewhere}"></iframe>
        <link rel="prefetch" href="{elsewhere}"><script src="http://localhost:{other.port}/secret"></script>
        <script>
          const socket = new WebSocket("{elsewhere.replace("http", "ws")}");
          const blob = new Blob(["fetch('{elsewhere}')"]); new Worker(URL.createObjectURL(blob));
          navigator.sendBeacon("{elsewhere}", "x");
          fetch("{elsewhere}", {{mode: "no-cors"}}).then(() => "got it", () => "refused")
            .then((text) => {{ document.getElementById("said").textContent = text; }});
        </script>""",
    )
    result = read(site.request()).result
    assert (result["text"], other.seen) == ("refused", [])
    assert {each["place"] for each in result["refused_places"]} == {
        f"127.0.0.1:{other.port}",
        f"localhost:{other.port}",
    }


@pytest.mark.slow
def test_no_redirect_leads_to_what_may_not_be_reached(site: Site, other: Site, read: Run) -> None:
    site.pages["/server"] = Reply(status=302, headers={"Location": other.url("/secret")})
    site.html("/page", f"<script>location = '{other.url('/secret')}'</script>")
    for path in ("/server", "/page"):
        reason, message = read(site.request(path)).failure
        assert reason == "WEB.ADDRESS_REFUSED"
        assert f"127.0.0.1:{other.port}" in message
    assert other.seen == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "data:text/html,hello", "ftp://127.0.0.1/x", "chrome://version"]
)
def test_no_redirect_leads_out_of_the_web(site: Site, read: Run, target: str) -> None:
    site.pages["/server"] = Reply(status=302, headers={"Location": target})
    assert read(site.request("/server")).failure[0] in {"WEB.ADDRESS_REFUSED", "WEB.UNREACHABLE"}
    site.html("/page", f"<p>stays</p><script>location = '{target}'</script>")
    ran = read(site.request("/page"))
    assert ran.exit_code != 0 or ran.result["text"] == "stays"


@pytest.mark.slow
def test_no_datagram_leaves_the_browser(site: Site, read: Run) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        site.html(
            "/",
            f"""<p id="said">gathering</p><script>
            const peer = new RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1:{port}"}}]}});
            peer.onicegatheringstatechange = () => {{
              document.getElementById("said").textContent = peer.iceGatheringState;
            }};
            peer.createDataChannel("x");
            peer.createOffer().then((offer) => peer.setLocalDescription(offer));
            const busy = setInterval(() => fetch("/?" + Math.random()), 200);
            </script>""",
        )
        result = read(site.request(settle_s=4)).result
        assert result["text"] == "complete"
        receiver.setblocking(False)
        with pytest.raises(BlockingIOError):
            receiver.recv(100)


@pytest.mark.slow
def test_nobody_answers(read: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        site = Site(taken.getsockname()[1])
        reason, message = read(site.request()).failure
    assert reason == "WEB.UNREACHABLE"
    assert "refused" in message


@pytest.mark.slow
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(read: Run, tmp_path_factory: Any) -> None:
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("there is no openssl to make a certificate: install it, such as with `apt install openssl`")
    folder = tmp_path_factory.mktemp("certificate")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"))
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", *files]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                        secure.recv(4096)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            place = f"127.0.0.1:{listening.getsockname()[1]}"
            asked = {"url": f"https://{place}/", "private_hosts": [place], "sandbox": SANDBOX}
            reason, message = read(asked).failure
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
    assert reason == "WEB.UNTRUSTED"
    assert "ERR_CERT_AUTHORITY_INVALID" in message


@pytest.mark.slow
def test_a_server_that_breaks_off_is_not_reached(read: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Site(listening.getsockname()[1])
        listening.close()
        assert read(site.request()).failure[0] == "WEB.UNREACHABLE"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_browser_outlives_the_tool(site: Site, start_tool: Run, tmp_path: Path, number: signal.Signals) -> None:
    site.html("/", "<p>here</p><img src='/slow'>")
    site.pages["/slow"] = Reply("late", wait=site.event())
    with start_tool("web.read", site.request(), tmp_path, DOME_SCRATCH=str(tmp_path)) as running:
        end_s = time.monotonic() + END_S
        while "/slow" not in site.seen and time.monotonic() < end_s:
            time.sleep(0.02)
        assert browsers_in(tmp_path) != []
        os.kill(running.process.pid, number)
        ran = running.end()
        assert ran.exit_code == -number
        if number == signal.SIGTERM:
            assert browsers_in(tmp_path) == []
            assert list(tmp_path.iterdir()) == []
        # Its end of the pipes is closed, which is its end.
        while browsers_in(tmp_path) and time.monotonic() < end_s:
            time.sleep(0.02)
        assert browsers_in(tmp_path) == []
