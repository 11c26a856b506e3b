"""What a daemon that was started on demand knows of the shell that happened to start it."""

from collections.abc import Mapping
from typing import Final

DAEMON_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of a daemon that was started on demand, and about that of one that a service manager started."""
ALLOCATOR: Final = {"MALLOC_MMAP_THRESHOLD_": "1048576"}
"""Has the C library give large messages back when they are freed; left to itself, it keeps room for many (glibc)."""
_KEPT_VARIABLES: Final = (
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "TMPDIR", "TZ", "USER",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
)  # fmt: skip


def daemon_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of such a daemon: its own, and a few variables of the shell."""
    kept = {name: environ[name] for name in _KEPT_VARIABLES if name in environ}
    return {"PATH": DAEMON_PATH, **ALLOCATOR, **kept}
