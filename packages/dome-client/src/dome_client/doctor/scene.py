"""What an examination looks at: the environment, the place, the time and the machine. Reads, and changes nothing."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dome_client.endpoint import Endpoint, home_directory, state_directory


@dataclass(frozen=True, slots=True)
class Scene:
    """One examination."""

    environ: Mapping[str, str]
    directory: Path
    """Where the user is."""
    now_s: float
    """The time of day."""
    endpoint: Endpoint
    machine: Path = Path("/")
    """Where `/proc`, `/sys` and `/var` are."""

    @property
    def state(self) -> Path:
        """The state directory of the daemon."""
        return state_directory(self.environ)

    @property
    def configuration(self) -> Path:
        """The directory of the user's configuration of Dome."""
        named = self.environ.get("XDG_CONFIG_HOME", "")
        return (Path(named) if named.startswith("/") else home_directory(self.environ) / ".config") / "dome"

    def setting(self, path: str) -> str:
        """What the machine says in a file; empty where it says nothing."""
        try:
            return (self.machine / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""


def daemon_package() -> Path | None:
    """Where the daemon is installed beside this client. It is looked up and never imported."""
    spec = importlib.util.find_spec("domed")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0]) if places else None
