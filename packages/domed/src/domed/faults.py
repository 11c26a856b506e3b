"""What ends the daemon, or keeps it from starting. Never sent: callers are told one of `errors`.

StartError                      the daemon cannot start; printed by `__main__`
StoreError                      the store failed; fatal
├── SeqTaken                    another writer was first: a bug, since only the ledger writes
└── StoreClosed                 called after close
"""


class StartError(Exception):
    """The daemon cannot start. The message says what, why and what to do next."""


class StoreError(Exception):
    """The store failed. Fatal: the daemon must not go on without its record."""


class SeqTaken(StoreError):
    """Another writer appended first."""


class StoreClosed(StoreError):
    """The store was closed."""
