"""The calls of the Linux kernel that Python has no function for. Knows no order and no tool."""

import ctypes
import errno
import itertools
import os
import struct

CLONE_PARENT = 0x00008000
CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
CLONE_INTO_CGROUP = 0x200000000
MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_PRIVATE = 0x40000
MOUNT_ATTR_RDONLY = 0x1

# Numbers above 423 are the same on every architecture that runs Python but alpha.
_CLONE3 = 435
_CLONE = {"x86_64": 56, "aarch64": 220, "riscv64": 220, "loongarch64": 220}
"""For containers that hide the newer call. Others have other numbers or other arguments."""
_OPEN_TREE = 428
_MOVE_MOUNT = 429
_OPENAT2 = 437
_MOUNT_SETATTR = 442
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_RESOLVE_NO_SYMLINKS = 4
_OPEN_TREE_CLONE = 1
_MOVE_MOUNT_F_EMPTY_PATH = 4
_MOVE_MOUNT_T_EMPTY_PATH = 0x40
_LANDLOCK_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAPBSET_DROP = 24
_CAP_SYS_ADMIN = 21
_SIGCHLD = 17
_SIG_SETMASK = 2
_SIG_DFL = 0
_IGNORED_BY_PYTHON = (13, 25)
"""SIGPIPE and SIGXFSZ. (The module `signal` takes longer to load than all else here.)"""
_SIGNAL_SET_BYTES = 128

_libc = ctypes.CDLL(None, use_errno=True)
_environ = ctypes.POINTER(ctypes.c_void_p).in_dll(_libc, "environ")
_variables = list(itertools.takewhile(bool, (_environ[index] for index in itertools.count())))
_libc.syscall.restype = ctypes.c_long


def unshare(flags: int) -> None:
    """Leave namespaces for new ones. Raises OSError, as everything here."""
    _check(_libc.unshare(flags))


def sibling(flags: int, *, group: int | None = None) -> int:
    """A copy of this process, as `fork` makes it, that is a child of the parent of this one: its pid, and 0 in it.

    `flags`: what it leaves for namespaces of its own. `group`: descriptor of the control group that it is born in.
    Python is told nothing: the copy may do little, and must end by `exec` or `_exit`.
    """
    flags |= CLONE_PARENT | (0 if group is None else CLONE_INTO_CGROUP)
    arguments = struct.pack("=11Q", flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, group or 0)
    try:
        return _call(_CLONE3, ctypes.c_char_p(arguments), ctypes.c_size_t(len(arguments)))
    except OSError as error:
        number = _CLONE.get(os.uname().machine)
        if error.errno != errno.ENOSYS or number is None or group is not None:
            raise
        return _call(number, flags | _SIGCHLD, 0, 0, 0, 0)


def set_variable(name: bytes, value: bytes) -> bool:
    """Change what others see of this process's environment. False without such a variable with so long a value."""
    for entry in _variables:
        text = ctypes.string_at(entry)
        if text.startswith(name + b"=") and len(text) == len(name) + 1 + len(value):
            ctypes.memmove(entry + len(name) + 1, value, len(value))
            return True
    return False


def mount_tmpfs(path: str, *, flags: int, options: str) -> None:
    """Lay an empty directory in memory over `path`."""
    _check(_libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", ctypes.c_ulong(flags), options.encode()))


def open_real(path: str) -> int:
    """A descriptor that stands for what is at `path`. A symbolic link in any part of it is an error."""
    how = struct.pack("=QQQ", os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_NO_SYMLINKS)
    try:
        return _call(_OPENAT2, _AT_FDCWD, ctypes.c_char_p(os.fsencode(path)), ctypes.c_char_p(how), len(how))
    except OSError as error:
        error.filename = path
        raise


def clone_mount(place: int) -> int:
    """A descriptor of what is mounted at and below a place, to be laid elsewhere or there again."""
    flags = _OPEN_TREE_CLONE | _AT_EMPTY_PATH | _AT_RECURSIVE | os.O_CLOEXEC
    return _call(_OPEN_TREE, place, ctypes.c_char_p(b""), ctypes.c_uint(flags))


def move_mount(mount: int, place: int) -> None:
    """Lay what the first descriptor stands for over the place that the other stands for."""
    empty = ctypes.c_char_p(b"")
    _call(_MOVE_MOUNT, mount, empty, place, empty, _MOVE_MOUNT_F_EMPTY_PATH | _MOVE_MOUNT_T_EMPTY_PATH)


def change_mounts(*, attributes: int = 0, propagation: int = 0) -> None:
    """Change every mount of this mount namespace."""
    change = struct.pack("=QQQQ", attributes, 0, propagation, 0)
    root = ctypes.c_char_p(b"/")
    _call(_MOUNT_SETATTR, ctypes.c_int(_AT_FDCWD), root, _AT_RECURSIVE, ctypes.c_char_p(change), len(change))


def landlock_abi() -> int:
    """The version of Landlock; 0 where there is none."""
    try:
        return _call(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    except OSError:
        return 0


def landlock_ruleset(attributes: bytes) -> int:
    """A descriptor of a new set of rules."""
    return _call(_LANDLOCK_CREATE_RULESET, ctypes.c_char_p(attributes), ctypes.c_size_t(len(attributes)), 0)


def landlock_allow(ruleset: int, descriptor: int, access: int) -> None:
    """Allow what `access` names at and below the file that the descriptor stands for."""
    rule = struct.pack("=Qi", access, descriptor)
    _call(_LANDLOCK_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.c_char_p(rule), 0)


def landlock_restrict(ruleset: int) -> None:
    """From here on this process and what it starts keep to the rules."""
    _call(_LANDLOCK_RESTRICT_SELF, ruleset, 0)


def no_new_privileges() -> None:
    """From here on no program gives this process rights that it does not have."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))))


def no_administration() -> None:
    """From here on no program can change mounts and namespaces, not even root's in a namespace of its own."""
    _check(_libc.prctl(_PR_CAPBSET_DROP, *map(ctypes.c_ulong, (_CAP_SYS_ADMIN, 0, 0, 0))))


def usual_signals() -> None:
    """Ignore no signal and hold none back: both would reach the next program."""
    for number in _IGNORED_BY_PYTHON:
        _libc.signal(number, ctypes.c_void_p(_SIG_DFL))
    _check(_libc.sigprocmask(_SIG_SETMASK, ctypes.c_char_p(bytes(_SIGNAL_SET_BYTES)), None))


def _call(number: int, *arguments: object) -> int:
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *wide))


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
