"""Turns `contracts/families.yaml` into `dome_contracts.families`: what each contract is for and how stable it is."""

from pathlib import Path
from typing import Any, Final

from ci.gen.literals import literal, registry
from ci.gen.tree import PACKAGE, GenerationError, Tree, header

SOURCE: Final = "contracts/families.yaml"
KEYS: Final = ("family", "form", "path", "intent", "owner", "tier", "usage", "decision", "rationale")
MODULE: Final = '''"""The registry of contracts: a row for each schema family and each named part of the wire."""

from typing import Final, NamedTuple


class Family(NamedTuple):
    """One family: where it is declared, what it is for, who owns it and how stable it is."""

{fields}

FAMILIES: Final[tuple[Family, ...]] = (
{rows})
"""All families, in the order of the registry."""
'''


def generate(root: Path) -> Tree:
    """The module. Raises GenerationError for a row with other keys, a family twice, or a path that does not exist."""
    content = registry(root, "families.yaml")
    rows: list[dict[str, Any]] = content["families"] if isinstance(content, dict) else []
    names: set[str] = set()
    for row in rows:
        if set(row) != set(KEYS):
            odd = ", ".join(sorted(set(row) ^ set(KEYS)))
            raise GenerationError(f"{SOURCE}: {row.get('family')}: these keys are missing or unknown: {odd}.")
        if row["family"] in names:
            raise GenerationError(f"{SOURCE} has {row['family']} twice. Remove one.")
        if not (root / "contracts" / row["path"]).is_file():
            raise GenerationError(f"{SOURCE}: {row['family']}: contracts/{row['path']} does not exist.")
        names.add(row["family"])
    fields = "".join(f"    {key}: str\n" for key in KEYS)
    lines = "".join(f"    Family({', '.join(literal(str(row[key])) for key in KEYS)}),\n" for row in rows)
    return {f"{PACKAGE}/families.py": (header(SOURCE) + MODULE.format(fields=fields, rows=lines)).encode()}
