"""How a run is held to the effects that its tool declares: what this machine can do, and the command that does it.

Pure, but for looking which paths are there. The work itself is done by the launcher, a program of its own, and by
bubblewrap where that is better. A run that nothing holds is started as ever and pays nothing.
"""

import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePath
from typing import Final

import dome_contracts
from dome_contracts.runtime.v1 import EffectsEnforcement, Enforcement
from domed.executors import bubblewrap
from domed.executors.launch import Kind
from domed.executors.launch_server import COMMAND
from domed.executors.port import Effects, Invocation
from domed.executors.writes import identity

TEMPORARY_VARIABLE: Final = "TMPDIR"
SYSTEM: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store"),
    *("/etc/alternatives", "/etc/group", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime"),
    *("/etc/nsswitch.conf", "/etc/passwd", "/etc/pki/tls/certs", "/etc/ssl/certs", "/etc/timezone"),
    *("/proc/cpuinfo", "/proc/filesystems", "/proc/meminfo", "/proc/self", "/proc/stat", "/sys/devices/system/cpu"),
)
"""What a program reads only because it runs here: readable even where nothing of the file system was declared."""
_PACKAGES: Final = Path(__file__).parents[2]
_CONTRACTS: Final = Path(dome_contracts.__path__[0]).parent


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the kernel lets this user do, as it was tried."""

    landlock_abi: int = 0
    namespaces: bool = False
    """The launcher can give a process mounts and a network of its own."""
    bubblewrap: str = ""
    """The program, where it can do so. Empty: there is none, or it cannot."""
    apart: bool = False
    """A process cannot look into others of the same user that it did not start, nor have them work for it."""


@dataclass(frozen=True, slots=True)
class Confined:
    """How the program of a run is started."""

    words: tuple[str, ...]
    """The order to the launcher without the descriptor of its status."""
    wrapper: tuple[str, ...]
    """What the launcher itself is started by. Empty: nothing."""
    environment: Mapping[str, str]
    """Variables that differ for a confined program."""
    kind: Kind = Kind.PLAIN
    """What the launcher is born in, where nothing else starts it."""

    def command(self, argv: Sequence[str], *, status: int, group: int | None = None) -> list[str]:
        """Program and arguments for `argv`, where the launcher is started anew for it."""
        entering = [] if group is None else ["--group", str(group)]
        return [*self.wrapper, *COMMAND, *self.words, *entering, "--status", str(status), "--", *argv]


UNHELD: Final = Confined(words=(), wrapper=(), environment={})
"""Of a run that is held to nothing and goes through the launcher all the same."""


def is_unbounded(effects: Effects) -> bool:
    """Whether the declaration leaves nothing that could be refused."""
    return not effects.limits_writes and effects.network != "none" and effects.starts_processes


def enforcement(effects: Effects, abilities: Abilities) -> EffectsEnforcement:
    """How far a run with these effects is held.

    `ENFORCED` is said where all of an effect is refused that was not declared. Landlock by itself refuses to read and
    to write, but not to change modes and owners; and a tool that must start no other program may still start the
    loader of its own, which loads any: both are applied, and called `DECLARED`.
    """
    view = abilities.apart and bool(abilities.namespaces or abilities.bubblewrap)
    files = view and effects.limits_writes and (effects.filesystem != "none" or bool(abilities.landlock_abi))
    return EffectsEnforcement(
        filesystem=Enforcement.ENFORCED if files else Enforcement.DECLARED,
        network=Enforcement.ENFORCED if view and effects.network == "none" else Enforcement.DECLARED,
        processes=Enforcement.DECLARED,
    )


def confined(
    invocation: Invocation, abilities: Abilities, *, hide: Sequence[Path], writes: Sequence[str] = ()
) -> Confined | None:
    """How to start a run so that it is held as `enforcement` says. None: nothing can be held, or nothing is to be.

    `writes`: where the run may write beside its scratch directory, as real paths that exist. Raises SpawnError where
    one of them has become a link.
    """
    effects = invocation.effects
    if is_unbounded(effects) or not (abilities.landlock_abi or abilities.namespaces or abilities.bubblewrap):
        return None
    scratch = str(invocation.scratch)
    directory = scratch if invocation.working_directory is None else str(invocation.working_directory)
    home = invocation.environment.get("HOME", scratch)
    limited, no_network = effects.limits_writes, effects.network == "none"
    read = readable(effects) if effects.filesystem == "none" else []
    hidden = _hidden(hide, needed=[scratch, directory, *read, home]) if limited or no_network else []
    # Whoever is to start no other program needs no view of its own for that.
    in_view = (limited or no_network) and bool(abilities.namespaces or abilities.bubblewrap)
    wrapper: list[str] = []
    if in_view and abilities.bubblewrap:
        wrapper = bubblewrap.command(
            abilities.bubblewrap, effects, write=[scratch, *writes], directory=directory, read=read, hidden=hidden
        )
    words = {
        "--view": in_view and not wrapper,
        "--read-only": in_view and not wrapper and limited,
        "--wait": bool(wrapper),
        "--landlock": bool(abilities.landlock_abi),
        "--only-program": not effects.starts_processes,
        "--no-network": no_network,
        "--limit-writes": limited,
    }
    write = [scratch, *writes, *(["/tmp"] if wrapper and read else [])] if limited else []
    return Confined(
        words=(
            *(word for word, wanted in words.items() if wanted),
            *_each("--write", write),
            *_each("--read", read),
            *(() if wrapper or not in_view else _each("--hide", hidden)),
            *(_laid(writes) if wrapper and limited else ()),
        ),
        wrapper=tuple(wrapper),
        environment={TEMPORARY_VARIABLE: scratch} if limited else {},
        kind=_kind(in_view=in_view and not wrapper, no_network=no_network),
    )


def readable(effects: Effects) -> list[str]:
    """What a tool may read that declares to read nothing: what a program needs in order to run, and its own folder."""
    own = [] if effects.folder is None or not effects.folder.exists() else [str(effects.folder)]
    return list(dict.fromkeys([*_needed_by_any(), *own]))


@cache
def _needed_by_any() -> tuple[str, ...]:
    python = {*map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")), sys.prefix, sys.base_prefix}
    wanted = [*SYSTEM, *sorted(python), str(_PACKAGES), str(_CONTRACTS)]
    return tuple(path for path in wanted if Path(path).exists())


def _hidden(hide: Sequence[Path], *, needed: Sequence[str]) -> list[str]:
    """The directories to hide that are there and hold nothing that the run needs."""
    inside = tuple(map(_inside, needed))
    return [path for path in map(str, hide) if os.path.isdir(path) and not _any_in(path, inside)]


@lru_cache(maxsize=1024)
def _inside(path: str) -> str:
    """What every path below this one begins with."""
    return f"{PurePath(path)}/"


def _any_in(path: str, inside: Sequence[str]) -> bool:
    beginning = _inside(path)
    return any(each.startswith(beginning) for each in inside)


def _kind(*, in_view: bool, no_network: bool) -> Kind:
    if not in_view:
        return Kind.PLAIN
    return Kind.VIEW_WITHOUT_NETWORK if no_network else Kind.VIEW


def _laid(writes: Sequence[str]) -> list[str]:
    """Bubblewrap follows links: whether it has laid what was looked at, the launcher looks."""
    return [part for path in writes for part in ("--laid", path, *map(str, identity(path)))]


def _each(word: str, paths: Sequence[str]) -> list[str]:
    return [part for path in paths for part in (word, path)]
