"""The demonstration of the loop: everything that it claims is so."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 500
CLAIMS = (
    "a capsule was minted of it",
    "the prior is shown, as advice",
    "the policy reason alone",
    "the prior is prescriptive",
    "its remedy is placed first",
    "it is advice",
    "a policy grants it",
    "the capsule counts the contradiction",
    "from here on it is advice again",
    "the gate of the tests says REJECT",
    "the gate says APPROVE",
    "the promotion is decided and recorded",
    "the library is tested with pytest, the shop with npm, the manual not at all",
    "no process is left",
)


@pytest.mark.slow
def test_the_demonstration_of_the_loop_holds_in_all_that_it_claims() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ci.demo_loop"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert [claim for claim in CLAIMS if claim not in done.stdout] == []
