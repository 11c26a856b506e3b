"""The charter of a repository: where it stands, and reading it. What follows from it is decided elsewhere."""

from pathlib import Path
from typing import Final

from dome_contracts.schema.governance.charter import Charter
from dome_spec.governance.doctrine import Doctrine, built_in_sources, lay, project_sources
from dome_spec.governance.refusals import CharterInvalid, CharterMissing
from dome_spec.kernel import DocumentInvalid, FileRefused, read_document, read_within
from dome_spec.kernel.yaml_text import NotYaml, read_yaml

CHARTER_PATH: Final = ".dome/charter.yaml"
"""Where a repository's charter stands, from its root."""


def read_charter(root: Path) -> Charter:
    """The charter of the repository with this root. Raises CharterMissing, CharterInvalid."""
    path = root / CHARTER_PATH
    try:
        value = read_yaml(read_within(root, CHARTER_PATH))
    except FileNotFoundError:
        raise CharterMissing(
            f"{root} has no charter",
            why=f"there is no {CHARTER_PATH}",
            hint="`dome charter init` writes one to begin with",
        ) from None
    except FileRefused as error:
        raise CharterInvalid(f"{path} cannot be read", why=f"{error.what}: {error.why}", hint=error.hint) from error
    except NotYaml as error:
        raise CharterInvalid(f"{path} is no YAML", why=str(error), hint="Mend the file") from error
    try:
        return read_document(Charter, value if isinstance(value, dict) else {})
    except DocumentInvalid as error:
        raise CharterInvalid(f"{path} is no charter", why=error.why, hint=error.hint) from error


def read_doctrine(root: Path, charter: Charter) -> Doctrine:
    """The doctrine of Dome with that of the repository laid upon it. Raises what `lay` and `project_sources` raise."""
    own = () if charter.doctrine_folder is None else project_sources(root, charter.doctrine_folder)
    return lay((*built_in_sources(), *own))
