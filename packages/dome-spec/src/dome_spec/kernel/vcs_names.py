"""How names of commits are written: the grammar of revisions, and the places where git looks for a short name."""

import re
from typing import Final

REVISION: Final = re.compile(r"(?P<base>[^~^:\s?*\[\\]+?)(?P<steps>(?:~\d*|\^\{(?:commit)?\}|\^\d*)*)")
STEP: Final = re.compile(r"(?P<kind>[~^])(?:(?P<peel>\{(?:commit)?\})|(?P<count>\d*))")
HEX: Final = re.compile(r"[0-9a-fA-F]{4,64}")
PLACES: Final = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""Where a short name of a ref is looked for, in git's order."""
TOP_LEVEL: Final = re.compile(r"[A-Z_]*HEAD")
