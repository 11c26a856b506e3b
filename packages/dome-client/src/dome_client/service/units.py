"""The files that make the daemon a service of its user: which, where, and what stands in them. Writes nothing.

Their templates ship with the daemon. Its package is looked up and never imported.
"""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.endpoint import home_directory, state_directory

SYSTEMD_UNITS: Final = ("domed.socket", "domed.service")
LAUNCHD_LABEL: Final = "dev.dome.domed"
_MARK: Final = "Written by `dome service install`"
_KEPT_VARIABLES: Final = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
"""The service must find what a daemon that was started on demand found; its manager may not know them."""

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "%": "%%", "\n": "\\n", "\t": "\\t"})


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file of the service."""

    path: Path
    text: str


def template_root() -> Path | None:
    """Where the templates are. None where no daemon is installed beside this client."""
    spec = importlib.util.find_spec("domed")  # looks it up, imports nothing
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0], "units") if places else None


def read(path: Path) -> str | None:
    """What stands in a file. None where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def is_foreign(path: Path) -> bool:
    """Whether a file is there that no installation of the service wrote."""
    text = read(path)
    return text is not None and _MARK not in text


def can_be_program(path: str) -> bool:
    """Whether systemd takes a path as that of a program."""
    return path.isprintable() and not set(path) & set("\"'\\$")


def unit_paths(environ: Mapping[str, str], *, for_launchd: bool) -> tuple[Path, ...]:
    """Where the files of the service are, in the order in which they are written."""
    if for_launchd:
        return (home_directory(environ) / "Library" / "LaunchAgents" / f"{LAUNCHD_LABEL}.plist",)
    named = environ.get("XDG_CONFIG_HOME", "")
    config = Path(named) if named.startswith("/") else home_directory(environ) / ".config"
    return tuple(config / "systemd" / "user" / name for name in SYSTEMD_UNITS)


def unit_files(
    templates: Path, environ: Mapping[str, str], *, interpreter: str, for_launchd: bool
) -> tuple[UnitFile, ...]:
    """The files for a service that this interpreter runs."""
    kept = {name: environ[name] for name in _KEPT_VARIABLES if environ.get(name, "").startswith("/")}
    if for_launchd:
        entries = (f"<key>{name}</key><string>{_xml(path)}</string>" for name, path in kept.items())
        values = {
            "@PYTHON@": _xml(interpreter),
            "@STATE@": _xml(str(state_directory(environ))),
            "@ENVIRONMENT@": "".join(entries),
        }
    else:
        values = {
            "@PYTHON@": _quoted(interpreter),
            "@ENVIRONMENT@": " ".join(_quoted(f"{name}={path}") for name, path in kept.items()),
        }
    folder = templates / ("launchd" if for_launchd else "systemd")
    return tuple(
        UnitFile(path, _filled((folder / path.name).read_text(encoding="utf-8"), values))
        for path in unit_paths(environ, for_launchd=for_launchd)
    )


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its marks replaced; what a value holds is no mark."""
    return re.sub("|".join(values), lambda mark: values[mark[0]], template)


def _quoted(text: str) -> str:
    """One word of a unit file, taken literally."""
    return '"' + text.translate(_ESCAPES) + '"'


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
