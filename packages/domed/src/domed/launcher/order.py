"""What the launcher is told: words as the daemon writes them, and what the tool is started with. Pure."""

from collections.abc import Sequence


class NotAnOrder(Exception):
    """The words make no order."""


_FLAGS = ("--view", "--read-only", "--landlock", "--only-program", "--no-network", "--limit-writes", "--wait")


class Order:
    """What to give up before the tool begins, and the tool."""

    __slots__ = (
        "argv", "directory", "environment", "group", "hide", "job", "laid", "landlock", "limit_writes", "limits",
        "no_network", "only_program", "read", "read_only", "status", "view", "wait", "write",
    )  # fmt: skip

    def __init__(self) -> None:
        self.status = -1
        """Descriptor on which the daemon hears how it went."""
        self.group = -1
        """Descriptor of the control group to enter before anything else. Below zero: stay where it was born."""
        self.view = False
        """See the mounts in a way of its own: this process is in a user namespace of its own."""
        self.read_only = False
        """In the view, every mount but those below `write` is read-only."""
        self.landlock = False
        """Keep to what follows by rules on files, too."""
        self.only_program = False
        """Start no program beside the tool's own."""
        self.no_network = False
        """Nothing of the network was declared."""
        self.limit_writes = False
        """Write below `write` only."""
        self.wait = False
        """Stay, and tell how the tool ended: whoever waits for this process is not the daemon."""
        self.write: list[str] = []
        """Real paths: a link in one is an error."""
        self.laid: list[tuple[str, int, int]] = []
        """Path, device and inode of what another program was to lay in the view, to be written to."""
        self.read: list[str] = []
        """Read below these and `write` only. Empty: everywhere."""
        self.hide: list[str] = []
        """Directories that are empty in the view."""
        self.limits: list[tuple[str, int, int]] = []
        """Name of a resource as the module `resource` has it, what is held and what may be raised to."""
        self.job = ""
        """The mark of the run in the environment, `NAME=VALUE`, that the process shows until it is the tool."""
        self.directory = ""
        """Where the tool starts. Empty: where this process is."""
        self.argv: list[str] = []
        self.environment: dict[bytes, bytes] = {}

    def gives_up(self) -> bool:
        """Whether anything is to be held but limits."""
        return self.view or self.landlock or self.only_program or self.no_network or self.limit_writes or self.wait


def parse(words: Sequence[str]) -> Order:
    """The order, up to the program where it names one. Raises NotAnOrder."""
    order = Order()
    left = iter(words)
    for word in left:
        try:
            match word:
                case "--status" | "--group" as name:
                    setattr(order, name[2:], int(next(left)))
                case "--write" | "--read" | "--hide" as name:
                    getattr(order, name[2:]).append(next(left))
                case "--laid":
                    order.laid.append((next(left), int(next(left)), int(next(left))))
                case "--limit":
                    order.limits.append((next(left), int(next(left)), int(next(left))))
                case "--job" | "--directory" as name:
                    setattr(order, name[2:], next(left))
                case "--":
                    order.argv = list(left)
                case name if name in _FLAGS:
                    setattr(order, name[2:].replace("-", "_"), True)
                case _:
                    raise NotAnOrder(f"{word!r} is no word of an order")
        except (StopIteration, ValueError):
            raise NotAnOrder(f"{word!r} lacks its value") from None
    return order


def program(text: bytes) -> tuple[list[bytes], dict[bytes, bytes]]:
    """Arguments and environment: the number of the arguments, the arguments, `NAME=VALUE` pairs, with NUL between.

    Raises NotAnOrder.
    """
    count, _, rest = text.partition(b"\0")
    fields = rest.split(b"\0")
    if not count.isdigit() or not 0 < int(count) <= len(fields):
        raise NotAnOrder("a program is needed")
    environment = (entry.partition(b"=") for entry in fields[int(count) :])
    return fields[: int(count)], {name: value for name, found, value in environment if found and name}
