"""Rules on files that a process can give itself and never take back (Landlock). Knows rights and paths, not why."""

import os
import stat
import struct
from collections.abc import Collection, Iterable

from domed.launcher import kernel

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REFER = 1 << 13
TRUNCATE = 1 << 14
_CHANGE_DIRECTORY = 0b1_1111_1111 << 4
"""Remove and make entries of whatever kind: bits 4 to 12."""
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
READ = READ_FILE | READ_DIR
_TCP = 0b11
_SCOPE_ABSTRACT_SOCKETS = 1
_SCOPE_SIGNALS = 2
# Versions that brought what is asked for.
_ABI_REFER = 2
_ABI_TRUNCATE = 3
_ABI_TCP = 4
_ABI_SCOPES = 6


def write_rights(abi: int) -> int:
    """Every right to change files that this version of Landlock can hold back."""
    return (
        WRITE_FILE | _CHANGE_DIRECTORY | (REFER if abi >= _ABI_REFER else 0) | (TRUNCATE if abi >= _ABI_TRUNCATE else 0)
    )


def rules(*, handled: int, allowed: Iterable[tuple[str, int]], real: Collection[str], no_network: bool) -> int:
    """A descriptor of rules that hold back the rights in `handled` but where they are allowed. They hold nobody yet.

    A path that does not exist is passed over. A link in one that is in `real` is an error. Raises OSError.
    """
    abi = kernel.landlock_abi()
    paths = list(allowed)
    tcp = _TCP if no_network and abi >= _ABI_TCP else 0
    if (handled or not tcp) and not handled & REFER and abi >= _ABI_REFER:
        # Held back by any rules on files, so it has to be allowed where writing is.
        handled |= REFER
        paths.append(("/", REFER))
    scopes = (_SCOPE_SIGNALS | (_SCOPE_ABSTRACT_SOCKETS if no_network else 0)) if abi >= _ABI_SCOPES else 0
    if not handled and not tcp:
        # Rules must be about something. Everything stays allowed.
        handled = WRITE_FILE
        paths.append(("/", WRITE_FILE))
    fields = [handled, tcp, scopes][: 3 if abi >= _ABI_SCOPES else 2 if abi >= _ABI_TCP else 1]
    ruleset = kernel.landlock_ruleset(struct.pack(f"={len(fields)}Q", *fields))
    for path, access in paths:
        _allow(ruleset, path, access & handled, is_real=path in real)
    return ruleset


def hold(ruleset: int) -> None:
    """Keep to the rules, and never less. Raises OSError.

    Whatever the rights, from here on the process can neither look into nor send signals to processes that it did not
    start itself, and those that it starts keep to the rules, too. It must have given up new privileges.
    """
    kernel.landlock_restrict(ruleset)
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int, *, is_real: bool) -> None:
    try:
        descriptor = kernel.open_real(path) if is_real else os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # What cannot be reached cannot be used either.
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _OF_A_FILE
        if access:
            kernel.landlock_allow(ruleset, descriptor, access)
    finally:
        os.close(descriptor)
