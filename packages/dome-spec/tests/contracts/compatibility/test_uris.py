"""References join as RFC 3986 says, and as paths do where there is no scheme."""

import pytest

from dome_spec.contracts.compatibility.uris import join, split_fragment


@pytest.mark.parametrize(
    ("base", "reference", "joined"),
    [
        ("http://a/b/c/d;p?q", "g", "http://a/b/c/g"),
        ("http://a/b/c/d;p?q", "./g", "http://a/b/c/g"),
        ("http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"),
        ("http://a/b/c/d;p?q", "/g", "http://a/g"),
        ("http://a/b/c/d;p?q", "//g", "http://g"),
        ("http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"),
        ("http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"),
        ("http://a/b/c/d;p?q", "..", "http://a/b/"),
        ("http://a/b/c/d;p?q", "../../g", "http://a/g"),
        ("http://a/b/c/d;p?q", "../../../g", "http://a/g"),
        ("http://a/b/c/d;p?q", "g:h", "g:h"),
        ("http://a", "g", "http://a/g"),
        ("dome://contracts/a/b.json", "../c.json", "dome://contracts/c.json"),
        ("urn:a:b", "urn:c:d", "urn:c:d"),
        ("", "a/../b.json", "b.json"),
        ("", "../../b.json", "../../b.json"),
        ("../v1/a.json", "b.json", "../v1/b.json"),
        ("../v1/a.json", "../../b.json", "../../b.json"),
        ("a.json", "b.json", "b.json"),
        ("/x/a.json", "b.json", "/x/b.json"),
    ],
)
def test_a_reference_is_joined_to_its_base(base: str, reference: str, joined: str) -> None:
    assert join(base, reference) == joined


def test_a_fragment_is_decoded() -> None:
    assert split_fragment("a.json#/%25/a%20b") == ("a.json", "/%/a b")
    assert split_fragment("a.json") == ("a.json", "")
