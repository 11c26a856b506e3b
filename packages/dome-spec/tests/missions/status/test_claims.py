"""Many processes want one package: one has it, the others are told who."""

import json
import os
import subprocess
import sys
from pathlib import Path

from dome_spec.missions.store import open_missions
from tests.missions_made import begun, loaded

_CLAIMANT = """
import json, sys
from pathlib import Path
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.missions.status import ClaimConflict
from dome_spec.missions.store import open_missions
from tests.missions_made import everything, ids, loaded
number = int(sys.argv[2])
store = open_missions(Path(sys.argv[1]))
status = loaded(store, maker=ids(1000 * (number + 1)))
who = Effector.from_value({"kind": "llm", "id": f"agent-{number}"})
status.claim("WP01", who, everything(status))
print("ready", flush=True)
sys.stdin.readline()
try:
    status.save()
except ClaimConflict as conflict:
    print(json.dumps({"holder": conflict.holder.id, "code": conflict.code}))
else:
    print(json.dumps({"claimed": who.id}))
"""


def test_property_07_of_many_claimants_one_succeeds_and_the_others_are_told_who_holds_it(tmp_path: Path) -> None:
    count = 16
    path = tmp_path / "missions.sqlite"
    begun(open_missions(path))
    claimants = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIMANT, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        for number in range(count)
    ]
    try:
        for each in claimants:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in claimants:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        answers = [json.loads(each.communicate()[0]) for each in claimants]
    finally:
        for each in claimants:
            each.kill()
            each.wait()
    (winner,) = [each["claimed"] for each in answers if "claimed" in each]
    told = [each for each in answers if "holder" in each]
    assert len(told) == count - 1
    assert {(each["holder"], each["code"]) for each in told} == {(winner, "CLAIM_CONFLICT")}
    state = loaded(open_missions(path)).package("WP01")
    assert (state.version, state.implementer is not None and state.implementer.id) == (2, winner)
