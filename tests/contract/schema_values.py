"""Values that a schema of ours accepts, for the shapes that mapped properties have."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urljoin

from hypothesis import strategies as st

from dome_contracts import documents

DIGESTS: Final = st.binary(min_size=32, max_size=32).map(lambda digest: f"sha256:{digest.hex()}")
PRINTABLE: Final = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ITEMS_MAX: Final = 3
DIGEST: Final = "^sha256:[0-9a-f]{64}$"
DIGEST_OR_NOTHING: Final = "^(sha256:[0-9a-f]{64})?$"


@cache
def resolve(base: str, reference: str) -> tuple[str, Any]:
    """Where a reference leads, and what stands there."""
    place = urljoin(base, reference)
    uri, _, pointer = place.partition("#")
    found: Any = dict(documents.registry())[uri]
    for part in pointer.split("/")[1:]:
        found = found[part]
    return place, found


def values(base: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values for a schema that stands in the document `base`."""
    if "$ref" in schema:
        return values(*resolve(base, schema["$ref"]))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"]
    if isinstance(kinds, list):
        return st.one_of(*(values(base, {**schema, "type": kind}) for kind in kinds))
    return _of_kind(base, schema, kinds)


def _of_kind(base: str, schema: Mapping[str, Any], kind: str) -> st.SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "number":
            # Thousandths, which every reader of the wire keeps.
            return st.integers(int(schema["minimum"] * 1000), int(schema["maximum"] * 1000)).map(lambda n: n / 1000)
        case "string" if "pattern" in schema:
            return texts_like(schema["pattern"]).filter(lambda text: len(text) <= schema.get("maxLength", len(text)))
        case "string":
            return st.text(PRINTABLE, min_size=schema.get("minLength", 0), max_size=min(schema["maxLength"], 24))
        case "object" if "properties" not in schema:
            further = schema["additionalProperties"]
            return (
                json_objects() if further is True else st.dictionaries(TEXTS, values(base, further), max_size=ITEMS_MAX)
            )
        case "object":
            parts = {name: values(base, value) for name, value in schema["properties"].items()}
            required = {name: parts.pop(name) for name in schema.get("required", ())}
            return st.fixed_dictionaries(required, optional=parts)
    raise AssertionError(f"no values for {kind}")


def json_objects() -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects whose values are the same in canonical form."""
    leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
    nested = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=ITEMS_MAX) | st.dictionaries(TEXTS, inner, max_size=ITEMS_MAX)
    )
    return st.dictionaries(TEXTS, nested, max_size=ITEMS_MAX)


@cache
def texts_like(pattern: str) -> st.SearchStrategy[str]:
    """Printable texts with a pattern; digests by a shorter way, because they are in everything."""
    if pattern == DIGEST:
        return DIGESTS
    if pattern == DIGEST_OR_NOTHING:
        return st.just("") | DIGESTS
    return st.from_regex(pattern, fullmatch=True, alphabet=PRINTABLE)
