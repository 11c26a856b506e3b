"""A fingerprint has the digest that `contracts/vectors/fingerprint.json` fixes for every implementation."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_spec.binding import fingerprint_hash, normalised

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "vectors" / "fingerprint.json").read_text())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_a_fingerprint_has_the_digest_of_the_vector(case: dict[str, Any]) -> None:
    given = FingerprintInput.from_value(case["input"])
    assert canonical_bytes(normalised(given).to_value()).decode() == case["canonical"]
    assert fingerprint_hash(given) == case["digest"] == digest_bytes(case["canonical"].encode())


def test_equal_circumstances_and_no_others_have_one_digest() -> None:
    by_form: dict[str, set[str]] = {}
    for case in VECTORS["cases"]:
        by_form.setdefault(case["canonical"], set()).add(case["digest"])
    assert all(len(digests) == 1 for digests in by_form.values())
    assert len(set.union(*by_form.values())) == len(by_form)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: str(case["name"]))
def test_nothing_volatile_can_enter(case: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FingerprintInput.from_value(case["input"])
