"""`web.read` with a real browser, against a site on this machine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.web_pages import Reply, Site

Run = Callable[..., Any]

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_page_is_read_as_it_is_seen_with_what_scripts_made(site: Site, read: Run, tmp_path: Path) -> None:
    site.html(
        "/dir/page",
        """<!doctype html><html lang="en"><title> A   page </title><body>
        <h1>Head</h1><p id="made"></p><p style="display:none">hidden</p>
        <a href="../other?x=1#part">Other <b>page</b></a> <a href="mailto:a@b.c">mail</a> <a href="//cdn.test/x">CDN</a>
        <svg><a href="/drawn"><text y="20">Drawn</text></a></svg>
        <script>
          document.getElementById("made").textContent = "made at once";
          setTimeout(() => document.body.append("made later"), 200);
        </script></body></html>""",
    )
    ran = read(site.request("/dir/page#there", screenshot="viewport", viewport={"width": 640, "height": 480}))
    result = ran.result
    assert (result["status"], result["title"], result["language"]) == (200, "A page", "en")
    assert result["final_url"] == site.url("/dir/page#there")
    assert [words in result["text"] for words in ("Head", "made at once", "made later", "hidden")] == [True] * 3 + [
        False
    ]
    assert result["links"][:2] == [
        {"url": site.url("/other?x=1#part"), "text": "Other page"},
        {"url": "http://cdn.test/x", "text": "CDN"},
    ]
    assert result["links"][2]["url"] == site.url("/drawn")
    assert (result["loaded"], result["redirects"], result["refused_places"]) == (True, [], [])
    assert result["screenshot"] == {"artifact": "screenshot.png", "width": 640, "height": 480}
    (artifact,) = [message for message in ran.messages if message["type"] == "artifact"]
    assert (artifact["name"], artifact["media_type"]) == ("screenshot.png", "image/png")
    assert (tmp_path / "screenshot.png").read_bytes().startswith(PNG)


@pytest.mark.slow
def test_a_picture_of_the_whole_page_is_as_long_as_the_page(site: Site, read: Run) -> None:
    site.html("/", "<body style='margin:0'><div style='height:3000px'>long</div>")
    result = read(site.request(screenshot="page")).result
    assert (result["screenshot"]["width"], result["screenshot"]["height"]) == (1280, 3000)
    site.html("/", "<body style='margin:0'><div style='width:1000000px'>wide</div>")
    assert read(site.request(screenshot="page")).result["screenshot"]["width"] == 10_000


def test_redirects_of_servers_and_pages_are_followed_and_told(site: Site, read: Run) -> None:
    site.pages["/1"] = Reply(status=301, headers={"Location": "/2"})
    site.pages["/2"] = Reply(status=302, headers={"Location": "/3"})
    site.html("/3", "<script>location = '/4'</script>")
    site.html("/4", "<p>arrived</p>")
    result = read(site.request("/1")).result
    assert (result["text"], result["final_url"]) == ("arrived", site.url("/4"))
    assert [(each["url"], each["status"], each["by"]) for each in result["redirects"]] == [
        (site.url("/1"), 301, "server"),
        (site.url("/2"), 302, "server"),
        (site.url("/3"), 200, "page"),
    ]


@pytest.mark.slow
def test_endless_redirects_end(site: Site, read: Run) -> None:
    for number in range(30):
        site.html(f"/{number}", f"<script>location.replace('/{number + 1}')</script>")
    site.pages["/loop"] = Reply(status=302, headers={"Location": "/loop"})
    for path in ("/0", "/loop"):
        reason, message = read(site.request(path)).failure
        assert reason == "WEB.UNREACHABLE"
        assert "ERR_TOO_MANY_REDIRECTS" in message


@pytest.mark.slow
@pytest.mark.parametrize(("status", "text"), [(404, "Not here"), (500, "")])
def test_an_error_of_the_server_is_read_like_any_page(site: Site, read: Run, status: int, text: str) -> None:
    site.pages["/"] = Reply(f"<h1>{text}</h1>" if text else "", status, {"Content-Type": "text/html"})
    result = read(site.request()).result
    assert (result["status"], result["text"], result["final_url"]) == (status, text, site.url())


def test_a_page_that_does_not_answer_in_time_is_a_timeout(site: Site, read: Run) -> None:
    site.pages["/"] = Reply("late", wait=site.event())
    reason, message = read(site.request(timeout_s=1)).failure
    assert reason == "WEB.TIMEOUT"
    assert "1 s" in message


@pytest.mark.slow
def test_a_page_that_is_not_done_in_time_is_read_as_it_is(site: Site, read: Run) -> None:
    site.html("/", "<p>here</p><img src='/slow'>")
    site.pages["/slow"] = Reply("late", wait=site.event())
    result = read(site.request(timeout_s=2)).result
    assert (result["text"], result["loaded"]) == ("here", False)


@pytest.mark.slow
def test_scripts_that_leave_no_time_are_a_timeout(site: Site, read: Run) -> None:
    site.html("/", "<p>here</p><script>setTimeout(() => { while (true); }, 1)</script>")
    assert read(site.request(timeout_s=3)).failure[0] == "WEB.TIMEOUT"


@pytest.mark.slow
def test_a_long_page_is_cut_and_says_so(site: Site, read: Run) -> None:
    links = "".join(f"<a href='/{number}'>{number}</a> " for number in range(3000))
    site.html("/", f"<pre>{'x' * 3_000_000}</pre>{links}")
    result = read(site.request(text_characters_max=1000, links_max=10)).result
    assert (len(result["text"]), result["text_truncated"], result["text_characters"] > 3_000_000) == (1000, True, True)
    assert (len(result["links"]), result["links_truncated"], result["links_count"]) == (10, True, 3000)
    assert result["transfer_truncated"] is False


@pytest.mark.slow
def test_no_more_is_received_than_allowed(site: Site, read: Run) -> None:
    site.html("/", f"<p>begin</p>{'<p>more</p>' * 400_000}")
    result = read(site.request(transfer_bytes_max=200_000)).result
    assert result["transfer_truncated"] is True
    assert result["text"].startswith("begin")
    assert result["transferred_bytes"] < 300_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "text"), [("shift_jis", "日本語の頁"), ("windows-1252", "café naïve"), ("utf-16", "Ünïcode")]
)
def test_every_encoding_is_read(site: Site, read: Run, encoding: str, text: str) -> None:
    site.pages["/"] = Reply(text.encode(encoding), headers={"Content-Type": f"text/plain; charset={encoding}"})
    assert read(site.request()).result["text"] == text


@pytest.mark.slow
def test_halves_of_characters_do_not_break_the_result(site: Site, read: Run) -> None:
    site.html(
        "/", "<body><script>document.title = 'a\\ud800b'; document.body.textContent = 'x\\udc00y\\u0000z'</script>"
    )
    result = read(site.request()).result
    assert (result["title"], result["text"][0], result["text"][-1]) == ("a�b", "x", "z")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("media_type", "disposition"),
    [("application/pdf", ""), ("application/zip", ""), ("text/html", "attachment"), ("image/png", "")],
)
def test_a_file_is_no_page(site: Site, read: Run, media_type: str, disposition: str) -> None:
    headers = {"Content-Type": media_type, **({"Content-Disposition": disposition} if disposition else {})}
    site.pages["/"] = Reply(b"%PDF-1.7 not quite", headers=headers)
    reason, message = read(site.request()).failure
    assert reason == "WEB.NOT_A_PAGE"
    assert media_type in message


@pytest.mark.slow
def test_an_answer_without_content_is_no_page(site: Site, read: Run) -> None:
    site.pages["/"] = Reply(status=204)
    assert read(site.request()).failure[0] == "WEB.NOT_A_PAGE"


def test_dialogs_are_dismissed_and_windows_not_opened(site: Site, read: Run) -> None:
    site.html(
        "/",
        """<p>here</p><script>
        alert("one"); const said = confirm("two"); prompt("three"); window.open("/popup"); window.open("/popup");
        addEventListener("beforeunload", (event) => event.preventDefault());
        document.body.append(` said ${said}`);
        </script>""",
    )
    result = read(site.request()).result
    assert [(each["kind"], each["message"]) for each in result["dialogs"]] == [
        ("alert", "one"),
        ("confirm", "two"),
        ("prompt", "three"),
    ]
    assert "said false" in result["text"]
    assert result["popups_count"] >= 1
    assert "/popup" not in site.seen
