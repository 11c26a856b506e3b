"""The hash chain of a job has the heads that `contracts/vectors/chain.json` fixes for every implementation."""

import json
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import chain

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "vectors" / "chain.json").read_text())


@pytest.mark.parametrize("case", VECTORS["chains"], ids=lambda case: str(case["name"]))
def test_a_chain_has_the_heads_of_the_vector(case: dict[str, Any]) -> None:
    events = [bytes.fromhex(event) for event in case["events_hex"]]
    heads = accumulate(events, chain.link, initial=chain.genesis(case["job_id"]))
    assert list(heads) == case["heads"]
