"""`dome run web.read` through a real daemon and a real browser: a result, a picture as an artifact, and a clean end."""

from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from packages.domed.tests.tools.web_pages import Reply, Site, browsers_in, chromium, serving
from tests.e2e.dome_home import Home, a_home, finish

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    chromium()
    with a_home() as made:
        yield made


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        made.html("/", "<title>Hello</title><p>by <script>document.write('a script')</script><img src='/slow'>")
        yield made


def settings(site: Site) -> list[str]:
    """The input as options of the command."""
    asked = site.request(screenshot="viewport")
    hosts = str(asked["private_hosts"]).replace("'", '"')
    values = {"url": asked["url"], "sandbox": asked["sandbox"], "private_hosts": hosts}
    return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]


def job_of(err: str) -> str:
    return next(line for line in err.splitlines() if line.startswith("job-"))


def test_a_page_becomes_a_result_and_an_artifact(home: Home, site: Site) -> None:
    done = home.dome("run", "web.read", *settings(site))
    assert done.code == Exit.OK, done.err
    (job,) = home.dome("job", job_of(done.err), "--json").documents()
    result = job["outcome"]["result"]
    assert (result["title"], result["text"], result["status"]) == ("Hello", "by a script", 200)
    picture = home.dome("artifact", job["job_id"], result["screenshot"]["artifact"])
    assert picture.out.startswith(PNG)
    assert browsers_in(home.root) == []


def test_a_cancelled_reading_leaves_no_browser(home: Home, site: Site) -> None:
    site.pages["/slow"] = Reply("late", wait=site.event())
    following = home.start("run", "web.read", "--json", *settings(site))
    assert following.stdout is not None
    assert any(b"until the page is quiet" in line for line in following.stdout)
    (job,) = home.dome("jobs", "--json", "--state", "running").documents()
    assert browsers_in(home.root) != []
    assert home.dome("cancel", job["job_id"]).code == 0
    assert finish(following).code == Exit.CANCELED
    assert browsers_in(home.root) == []
    events = home.dome("events", job["job_id"], "--json").documents()
    assert [event for event in events if "survivor_found" in event] == []


def test_what_may_not_be_reached_is_refused_with_a_reason(home: Home, site: Site) -> None:
    done = home.dome("run", "web.read", "--set", f"url={site.url()}", "--set", "sandbox=off")
    assert done.code != Exit.OK
    assert "WEB.ADDRESS_REFUSED" in done.err
    assert site.seen == []
