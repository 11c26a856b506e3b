"""What the launcher is told: words of a command line, as the daemon writes them. Pure."""

from collections.abc import Sequence


class NotAnOrder(Exception):
    """The words make no order."""


class Order:
    """What to give up before the tool begins, and the tool."""

    __slots__ = (
        "argv", "hide", "landlock", "limit_writes", "limits", "new_network", "no_network", "only_program", "read",
        "read_only", "status", "wait", "write",
    )  # fmt: skip

    def __init__(self) -> None:
        self.status = -1
        """Descriptor on which the daemon hears how it went."""
        self.new_network = False
        """Enter a network of its own, with nothing in it."""
        self.read_only = False
        """See every mount read-only but those below `write`."""
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
        self.read: list[str] = []
        """Read below these and `write` only. Empty: everywhere."""
        self.hide: list[str] = []
        """Directories that are to be seen empty."""
        self.limits: list[tuple[str, int, int]] = []
        """Name of a resource as the module `resource` has it, what is held and what may be raised to."""
        self.argv: list[str] = []

    def gives_up(self) -> bool:
        """Whether anything is to be held but limits."""
        return bool(
            self.new_network or self.read_only or self.landlock or self.only_program or self.no_network
            or self.limit_writes or self.hide or self.wait
        )  # fmt: skip


def parse(words: Sequence[str]) -> Order:
    """The order. Raises NotAnOrder."""
    order = Order()
    left = list(words)
    while left:
        match left.pop(0):
            case "--status" if left:
                order.status = int(left.pop(0))
            case "--write" | "--read" | "--hide" as name if left:
                getattr(order, name[2:]).append(left.pop(0))
            case "--limit" if len(left) > 2:
                order.limits.append((left.pop(0), int(left.pop(0)), int(left.pop(0))))
            case (
                "--new-network"
                | "--read-only"
                | "--landlock"
                | "--only-program"
                | "--no-network"
                | "--limit-writes"
                | "--wait"
            ) as name:
                setattr(order, name[2:].replace("-", "_"), True)
            case "--":
                order.argv = left
                break
            case word:
                raise NotAnOrder(f"{word!r} is no word of an order")
    if not order.argv or order.status < 0:
        raise NotAnOrder("a descriptor for the status and a program are needed")
    return order
