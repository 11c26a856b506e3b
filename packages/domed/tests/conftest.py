"""How tests of the daemon run: an example may take as long as a busy machine needs; the suite has its own limit."""

from hypothesis import settings

settings.register_profile("dome", deadline=None)
settings.load_profile("dome")
