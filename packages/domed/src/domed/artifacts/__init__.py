"""Keeps the files that runs produce, by content, and reads them back."""

from domed.artifacts.artifacts import Artifacts, Kept
from domed.artifacts.unkept import KeepLimits, Unkept, UnkeptKind
from domed.artifacts.workplace import Workplace

__all__ = ["Artifacts", "KeepLimits", "Kept", "Unkept", "UnkeptKind", "Workplace"]
