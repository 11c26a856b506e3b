"""The contracts as a subject: their registry. Stands on the kernel only, and knows no daemon.

What else is promised stands in `compatibility` (the engine), `sources`, `report` and `baseline`, each with its own
`__init__`: so that asking for the registry loads no engine.
"""

from dome_contracts.families import Family
from dome_spec.contracts.registry import list_families

__all__ = ["Family", "list_families"]
