"""Where the working trees of a repository lie, by what git keeps of them: also where git keeps its folder elsewhere."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_spec.kernel.vcs_errors import MainTreeUnknown

if TYPE_CHECKING:
    from dulwich.config import ConfigFile
    from dulwich.repo import Repo

_CORE: Final = (b"core",)
_POINTER: Final = b"gitdir: "


def own_root(repo: "Repo", found_at: Path) -> Path | None:
    """The top of the working tree that a repository was found at; None where there is none.

    A linked tree lies where it was found: what the settings say of a tree is said of the main one.
    """
    common = Path(repo.commondir())
    if Path(repo.controldir()).resolve() != common.resolve():
        return found_at.resolve()
    if repo.bare or any(map(_is_bare, _settings(common))):
        return None
    return Path(repo.path).resolve()


def main_root(common: Path) -> Path | None:
    """The top of the main working tree, by the folder that all trees share; None where there is none.

    Raises MainTreeUnknown where git does not keep it, or where what it keeps leads elsewhere.
    """
    named: bytes | None = None
    for settings in _settings(common):
        if _is_bare(settings):
            return None
        if settings.has_section(_CORE) and b"worktree" in settings[_CORE]:
            named = settings.get(_CORE, b"worktree")
    if named is None and common.name != ".git":
        raise MainTreeUnknown(str(common), "git keeps its folder apart from it, and no note of where it is")
    root = common.parent if named is None else (common / os.fsdecode(named)).resolve()
    if not root.is_dir() or _leads(root) not in (None, common):
        raise MainTreeUnknown(str(common), f"{root} is not it any more")
    return root


def linked_root(folder: Path) -> Path | None:
    """The root of a linked working tree, by git's folder for it; None where it was removed without telling git."""
    try:
        named = Path(os.fsdecode((folder / "gitdir").read_bytes().removesuffix(b"\n")))
    except OSError:
        return None
    dot_git = named if named.is_absolute() else folder / named
    return dot_git.parent.resolve() if dot_git.exists() else None


def _settings(common: Path) -> "list[ConfigFile]":
    """The settings of the repository, then those of its main tree alone: the latter go before."""
    from dulwich.config import ConfigFile

    return [ConfigFile.from_path(each) for name in ("config", "config.worktree") if (each := common / name).is_file()]


def _is_bare(settings: "ConfigFile") -> bool:
    return bool(settings.get_boolean(_CORE, b"bare", default=False))


def _leads(root: Path) -> Path | None:
    """Git's folder of what lies there; None where nothing says."""
    dot_git = root / ".git"
    if dot_git.is_dir():
        return dot_git.resolve()
    try:
        text = dot_git.read_bytes()
    except OSError:
        return None
    return (root / os.fsdecode(text.removeprefix(_POINTER).removesuffix(b"\n"))).resolve()
