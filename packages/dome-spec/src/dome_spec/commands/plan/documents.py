"""Reads what people write for plans: packets, patterns, strategies and plans, as YAML or JSON."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from dome_contracts.exit_codes import Exit
from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.shared.definitions import Target, TargetKind
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import NotJson, Refusal, read_document, read_json
from dome_spec.kernel.yaml_text import BYTES_MAX, NotYaml, read_yaml
from dome_spec.planning import KnownFailure, default_strategies, target_fault

STANDARD_INPUT: Final = "-"
STRATEGIES: Final = ".dome/control_strategies.yaml"
"""Where a repository has strategies of its own."""
PATTERNS: Final = ".dome/patterns"
"""Where a repository has patterns of its own."""
FAILURE: Final = "TESTS.FAILED"
"""The failure of what is said to fail and nothing else."""
_TARGET_CHARACTERS_MAX: Final = 1024
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_.]*")
PLAN_BYTES_MAX: Final = 64 * 1024 * 1024


class NotADocument(Refusal):
    """The file holds no object in YAML or JSON."""

    code = "NOT_A_DOCUMENT"
    exit_code = Exit.INVALID


def read_value(source: str) -> dict[str, Any]:
    """The object in a file, or on standard input. Raises NotADocument, OSError."""
    limit = PLAN_BYTES_MAX + 1
    data = sys.stdin.buffer.read(limit) if source == STANDARD_INPUT else _bytes(Path(source), limit)
    value = _value(source, data)
    if not isinstance(value, dict):
        raise NotADocument(f"{source} holds no object", hint="`dome plan new --example` shows a packet")
    return value


def read_strategies(source: str | None, root: Path) -> ControlStrategies:
    """The control strategies of a file; else those of the repository, else the shipped ones."""
    own = root / STRATEGIES
    named = source or (str(own) if own.is_file() else None)
    return read_document(ControlStrategies, read_value(named)) if named else default_strategies()


def read_patterns(sources: Sequence[str], root: Path) -> list[Pattern]:
    """The patterns in these files, and those of the repository."""
    own = sorted(str(path) for end in ("yaml", "json") for path in (root / PATTERNS).glob(f"*.{end}"))
    return [read_document(Pattern, read_value(each)) for each in (*sources, *own)]


def failing(text: str) -> KnownFailure:
    """`TARGET[=CODE]`: a test or a path that is known to fail. Raises UsageWrong."""
    name, separator, code = text.rpartition("=")
    if not separator or _CODE.fullmatch(code) is None:
        name, code = text, FAILURE
    if not 0 < len(name) <= _TARGET_CHARACTERS_MAX:
        raise UsageWrong(f"--failing {text[:80]!r}: name a test or a path, such as tests/test_a.py::test_b")
    if code not in FAILURE_REASONS or code == FailureReason.NONE:
        raise UsageWrong(f"--failing {name[:80]}: {code} is no failure reason; `docs/reference/reasons.md` lists them")
    target = Target(kind=TargetKind.TEST if "::" in name else TargetKind.PATH, id=name)
    if fault := target_fault(target):
        raise UsageWrong(f"--failing {name[:80]!r}: {fault}")
    return KnownFailure(target, code)


def _bytes(path: Path, limit: int) -> bytes:
    with open(path, "rb") as file:
        return file.read(limit)


def _value(source: str, data: bytes) -> Any:
    """JSON where it begins as one, else YAML."""
    try:
        if data.lstrip()[:1] == b"{" or len(data) > BYTES_MAX:
            return read_json(data, bytes_max=PLAN_BYTES_MAX)
        return read_yaml(data)
    except NotJson as error:
        raise NotADocument(f"{source} is no JSON", why=error.what, hint=error.remedy) from error
    except NotYaml as error:
        raise NotADocument(f"{source} is no YAML", why=str(error), hint="Mend the file") from error
