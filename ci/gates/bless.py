"""`python -m ci.gates.bless`: make the contracts as they stand the baseline that gates compare with.

A decision, never a repair: readers that were built from the earlier baseline are left behind.
"""

import json
import sys
from pathlib import Path
from typing import Final

import yaml

from ci.gates import proto, reasons
from ci.gates.program import ask

ROOT: Final = Path(__file__).resolve().parents[2]


def bless(tree: Path) -> None:
    """Write both baselines. The same contracts give the same bytes."""
    (tree / proto.BASELINE).parent.mkdir(parents=True, exist_ok=True)
    built = ask(["buf", "build", "--exclude-source-info", "-o", proto.BASELINE], tree)
    if built.code:
        sys.exit(built.err)
    catalogue = yaml.safe_load((tree / reasons.CATALOGUE).read_text(encoding="utf-8"))
    text = json.dumps(reasons.frozen(catalogue), indent=2, sort_keys=True) + "\n"
    (tree / reasons.BASELINE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    bless(ROOT)
