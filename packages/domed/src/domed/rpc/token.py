"""What shows over TCP whose call it is: a word that only the user can have read."""

from hmac import compare_digest
from typing import Final

AUTHORIZATION: Final = "authorization"
"""The header that carries it, in the form of RFC 6750."""
SCHEME: Final = "Bearer "


class Token:
    """The word, which is compared and never shown."""

    __slots__ = ("_expected",)

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("a token that is empty would let everybody in")
        self._expected = f"{SCHEME}{text}".encode()

    def opens(self, header: str | bytes | None) -> bool:
        """Whether a header shows it. Takes as long for a wrong one of its length as for the right one."""
        if header is None:
            return False
        return compare_digest(header.encode() if isinstance(header, str) else header, self._expected)

    def __repr__(self) -> str:
        return "Token(...)"
