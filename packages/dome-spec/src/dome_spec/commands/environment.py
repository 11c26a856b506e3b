"""The class of the environment in which a repository's jobs run, as plans and runs of it name it alike.

That is the machine and the Python of the repository's own environment, which is where its tests run. The Python that
`dome` itself runs under says nothing of either: with it, an update of `dome` would part what was learnt from its tasks.
"""

import os
import platform
from pathlib import Path
from typing import Final

from dome_spec.planning import environment_class

ENVIRONMENTS: Final = (".venv", "venv")
"""Where a repository has an environment of its own; the first that is there counts."""
_SETTINGS: Final = "pyvenv.cfg"
_VERSIONS: Final = frozenset({"version", "version_info"})
_BYTES_MAX: Final = 64 * 1024


def environment_of(root: Path) -> str:
    """The class of a repository's environment; without a Python where the repository has none of its own."""
    homes = (root / name for name in ENVIRONMENTS)
    home = next((each for each in homes if os.path.lexists(each / "bin" / "python")), None)
    return environment_class(platform.system(), platform.machine(), None if home is None else _python_of(home))


def _python_of(home: Path) -> tuple[int, int] | None:
    """What an environment says of its Python; None where it does not."""
    try:
        with open(home / _SETTINGS, "rb") as file:
            text = file.read(_BYTES_MAX).decode("utf-8", errors="replace")
    except OSError:
        return None
    for line in text.splitlines():
        name, _, value = line.partition("=")
        parts = value.strip().split(".")
        if name.strip() in _VERSIONS and len(parts) > 1 and parts[0].isdecimal() and parts[1].isdecimal():
            return int(parts[0]), int(parts[1])
    return None
