"""The reasons for which there is nothing to read, from what was seen. Pure."""

import re
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure
from domed.tools.web_read.addresses import NotReadable, Place, place_of
from domed.tools.web_read.page import Page
from domed.tools.web_read.proxy import Proxy

READABLE: Final = re.compile(
    r"text/.+|application/(.+\+)?(json|xml)|application/(x-)?(javascript|ndjson|yaml)|image/svg\+xml", re.IGNORECASE
)
"""Media types that the browser shows as text."""
WEB: Final = ("http:", "https:")
NO_CONTENT: Final = frozenset({204, 205})
REFUSED_FAULTS: Final = (
    "ERR_UNSAFE_REDIRECT",
    "ERR_DISALLOWED_URL_SCHEME",
    "ERR_UNKNOWN_URL_SCHEME",
    "ERR_INVALID_URL",
)
_ABORTED: Final = "ERR_ABORTED"
_TRUST: Final = ("ERR_CERT_", "ERR_SSL_")


def refused(url: str, why: str) -> ToolFailure:
    """The address is not one that is read."""
    return ToolFailure(FailureReason.WEB_ADDRESS_REFUSED, f"{url} is not read: {why}.")


def timed_out(url: str, timeout_s: float) -> ToolFailure:
    """Nothing came in time."""
    return ToolFailure(FailureReason.WEB_TIMEOUT, f"{url} did not answer within {timeout_s:g} s (`timeout_s`).")


def fault(page: Page, proxy: Proxy, *, url: str) -> ToolFailure | None:
    """Why there is no document to read; None where there is one."""
    if page.has_crashed:
        return ToolFailure(FailureReason.WEB_BROWSER_FAILED, f"{url} made the browser's page crash.")
    if page.is_empty:
        return None
    if _ABORTED in page.fault and page.last_url.startswith(WEB):
        return _no_page(page, url)
    if page.fault:
        return _unreached(page.fault, proxy, last_url=page.last_url or url)
    if page.answer is None:
        return ToolFailure(FailureReason.WEB_UNREACHABLE, f"{url} gave no document.")
    if READABLE.fullmatch(page.answer.media_type) is None:
        return _no_page(page, url)
    return None


def of_place(place: Place, proxy: Proxy, *, url: str) -> ToolFailure | None:
    """Why a place is not reached, as far as the proxy knows."""
    if (address := proxy.refused.get(place)) is not None:
        why = (
            f"{place.host} is at {address}, which is not on the public internet; "
            f"name `{place}` in `private_hosts` to read it"
        )
        return refused(url, why)
    if (why_not := proxy.unreached.get(place)) is not None:
        return ToolFailure(FailureReason.WEB_UNREACHABLE, f"{url} cannot be reached: {why_not}.")
    return None


def _no_page(page: Page, url: str) -> ToolFailure:
    if page.answer is not None and page.answer.status in NO_CONTENT:
        what = f"has no content (status {page.answer.status})"
    elif page.answer is not None and page.answer.media_type:
        what = f"is {page.answer.media_type}, to be stored rather than shown"
    else:
        what = "is to be stored rather than shown"
    return ToolFailure(FailureReason.WEB_NOT_A_PAGE, f"What {page.download or url} gives {what}.")


def _unreached(said: str, proxy: Proxy, *, last_url: str) -> ToolFailure:
    if any(words in said for words in REFUSED_FAULTS):
        return refused(last_url, f"it leads to what is no page of the web ({said})")
    try:
        place = place_of(last_url)
    except NotReadable as error:
        return refused(last_url, str(error))
    if (known := of_place(place, proxy, url=last_url)) is not None:
        return known
    reason = FailureReason.WEB_UNTRUSTED if any(each in said for each in _TRUST) else FailureReason.WEB_UNREACHABLE
    return ToolFailure(reason, f"{last_url} cannot be read: {said}.")
