"""What programs inherit of the daemon's environment: a fixed few variables, and none that nobody asked for."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

SAFE_PATH: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_PASSED_ON: Final = ("LANG", "LC_ALL", "TMPDIR")


def child_environment(environ: Mapping[str, str], home: Path) -> Mapping[str, str]:
    """The fixed base of every program's environment."""
    user = environ.get("USER") or environ.get("LOGNAME") or _user_name()
    named = [entry for entry in environ.get("PATH", "").split(":") if entry.startswith("/")]
    made = {
        "HOME": str(home),
        "USER": user,
        "LOGNAME": environ.get("LOGNAME") or user,
        "PATH": ":".join(dict.fromkeys((*named, *SAFE_PATH))),
        "LANG": "C.UTF-8",
    }
    made.update({name: environ[name] for name in _PASSED_ON if environ.get(name)})
    return MappingProxyType(made)


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
