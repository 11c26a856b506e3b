"""K2, the binder: what is processed again derives no duplicate, and fingerprints are the same everywhere."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import fingerprint_hash, open_memory
from tests.histories import a_policy, a_run, a_success, fingerprint

VIEWS = ("recent_failures", "gate_rollup", "guard_denials")


def learning() -> list[Fact]:
    return [a_run(), *(fact for number in range(8) for fact in a_success(number, second=number))]


def test_k2_processing_the_same_snapshot_again_derives_no_duplicate(tmp_path: Path) -> None:
    with closing(open_memory(tmp_path / "memory.sqlite", a_policy())) as memory:
        memory.append(learning())
        derived, digest = memory.derived(), memory.snapshot_digest()
        memory.append(reversed(learning()))
        memory.rebuild()
        assert (memory.derived(), memory.snapshot_digest()) == (derived, digest)
        keys = [(each.run_id, each.task_id, each.group_id, each.binder_version) for each in derived.contributions]
        assert len(set(keys)) == len(keys) == 8
        assert len({each.capsule_id for each in derived.tallies}) == len(derived.tallies) == 1
        assert memory.verify().holds
        assert all(callable(getattr(memory, view)) for view in VIEWS)


def test_k2_a_fingerprint_is_the_same_in_every_process() -> None:
    given = FingerprintInput.from_value(fingerprint())
    program = (
        "import json, sys\n"
        "from dome_contracts.schema.knowledge.capsule import FingerprintInput\n"
        "from dome_spec.binding import fingerprint_hash\n"
        "print(fingerprint_hash(FingerprintInput.from_value(json.load(sys.stdin))))\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(given.to_value()),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {fingerprint_hash(given)}
