"""Turns `contracts/families.yaml` into `dome_contracts.families`: what each contract is for and how stable it is."""

from pathlib import Path
from typing import Any, Final

from ci.gen.literals import literal, registry
from ci.gen.tree import PACKAGE, GenerationError, Tree, header

SOURCE: Final = "contracts/families.yaml"
TEXTS: Final = (
    "family", "form", "path", "intent", "owner", "tier", "current_usage", "candidate_usage", "decision", "extends",
    "wire_mapping", "version_policy", "rationale",
)  # fmt: skip
LISTS: Final = ("writers", "readers", "deltas")
KEYS: Final = (*TEXTS, *LISTS)
MODULE: Final = '''"""The registry: a row for each schema family and for each message, enum and service of the wire."""

from typing import Final, NamedTuple


class Family(NamedTuple):
    """One contract: where it is declared, what it is for, who owns it, how stable it is, and why it exists."""

{fields}

FAMILIES: Final[tuple[Family, ...]] = (
{rows})
"""All contracts, in the order of the registry."""
'''


def generate(root: Path) -> Tree:
    """The module. Raises GenerationError for a row with other keys, a family twice, or a path that does not exist."""
    content = registry(root, "families.yaml")
    rows: list[dict[str, Any]] = content["families"] if isinstance(content, dict) else []
    names: set[str] = set()
    for row in rows:
        _check(root, row)
        if row["family"] in names:
            raise GenerationError(f"{SOURCE} has {row['family']} twice. Remove one.")
        names.add(row["family"])
    fields = "".join(f"    {key}: {'str' if key in TEXTS else 'tuple[str, ...]'}\n" for key in KEYS)
    lines = "".join(f"    Family({', '.join(_cell(row, key) for key in KEYS)}),\n" for row in rows)
    return {f"{PACKAGE}/families.py": (header(SOURCE) + MODULE.format(fields=fields, rows=lines)).encode()}


def _check(root: Path, row: dict[str, Any]) -> None:
    if set(row) != set(KEYS):
        odd = ", ".join(sorted(set(row) ^ set(KEYS)))
        raise GenerationError(f"{SOURCE}: {row.get('family')}: these keys are missing or unknown: {odd}.")
    if wrong := [key for key in LISTS if not isinstance(row[key], list)]:
        raise GenerationError(f"{SOURCE}: {row['family']}: {', '.join(wrong)}: write a list.")
    if not (root / "contracts" / row["path"]).is_file():
        raise GenerationError(f"{SOURCE}: {row['family']}: contracts/{row['path']} does not exist.")


def _cell(row: dict[str, Any], key: str) -> str:
    return literal(str(row[key]) if key in TEXTS else row[key])
