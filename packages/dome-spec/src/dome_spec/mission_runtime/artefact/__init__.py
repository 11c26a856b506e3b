"""The communication artefact: one value with one digest, and its renderings."""

from dome_spec.mission_runtime.artefact.assemble import Told, assemble, possible
from dome_spec.mission_runtime.artefact.render import to_json, to_text, witness_in

__all__ = ["Told", "assemble", "possible", "to_json", "to_text", "witness_in"]
