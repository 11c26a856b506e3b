"""Where things are by default: the rules for paths. Asks the machine what is there, and makes nothing."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dome_contracts.schema.runtime.runtime_config import CatalogConfig
from domed.config.fault import ConfigError

USER_RUNTIME_ROOT: Final = Path("/run/user")
USER_ROOTS: Final = ("~/.agents/skills", "~/.codex/skills")
PROJECT_ROOTS: Final = (".dome/tools", ".agents/skills")


def home(environ: Mapping[str, str]) -> Path:
    """The user's home directory. Raises ConfigError where nobody knows it."""
    named = environ.get("HOME", "")
    if named.startswith("/"):
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise ConfigError(f"HOME is unset and the user {os.getuid()} is unknown: set HOME") from None


def base(environ: Mapping[str, str], variable: str, otherwise: Path) -> Path:
    """The base directory that a variable names; a relative one counts as unset."""
    named = environ.get(variable, "")
    return Path(named) if named.startswith("/") else otherwise


def runtime_directory(
    environ: Mapping[str, str], user_state: Path, user_runtime_root: Path
) -> tuple[Path, tuple[str, ...]]:
    """The directory for the socket, and what the user should know of it."""
    named = environ.get("XDG_RUNTIME_DIR", "")
    if named.startswith("/"):
        return Path(named) / "dome", ()
    by_uid = user_runtime_root / str(os.getuid())
    if by_uid.is_dir():
        return by_uid / "dome", ()
    fallback = user_state / "run"
    return fallback, (f"XDG_RUNTIME_DIR is unset and there is no {by_uid}: the socket is in {fallback}",)


def user_path(text: str | None, home: Path) -> Path | None:
    """A path as a user writes it; None for none."""
    if not text:
        return None
    return home / text[2:] if text.startswith("~/") else Path(text)


def absolute(path: Path) -> Path:
    """The path from the root, links as they are."""
    return Path(os.path.abspath(path))


def user_roots(catalog: CatalogConfig | None, environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Tool roots of the user: those of the file, else the usual ones."""
    named = catalog.user_roots if catalog is not None else None
    if named is not None:
        return tuple(path for text in named if (path := user_path(text, home)) is not None)
    own = base(environ, "XDG_CONFIG_HOME", home / ".config") / "dome" / "tools"
    return (own, *(home / root.removeprefix("~/") for root in USER_ROOTS))


def project_roots(catalog: CatalogConfig | None) -> tuple[str, ...]:
    """Tool roots below a working directory: those of the file, else the usual ones."""
    named = catalog.project_roots if catalog is not None else None
    return PROJECT_ROOTS if named is None else tuple(named)
