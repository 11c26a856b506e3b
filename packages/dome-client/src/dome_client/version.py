"""The version of this package: said to the daemon, shown by the command. A test holds it to the distribution's."""

from typing import Final

VERSION: Final = "0.0.1"
